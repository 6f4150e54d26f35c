// What the curves say where the pointer or the cursor is, in figures and in words.

import { h } from '../../dom.js';
import { format, t } from '../../i18n.js';
import { fixed, shortest32 } from '../../numbers.js';
import { scoreKind } from '../../scores.js';
import { axisOf } from '../../series.js';
import { fieldName, valueShown } from '../field-names.js';
import { placeOf } from './geometry.js';
import { swatch } from './swatch.js';

/** @import { CurvesGeometry } from '../../gradus.js' */
/** @import { Reading } from '../../history.js' */
/** @import { Run } from '../../runs.js' */
/** @import { Training } from '../../session.js' */
/** @import { CurvesView } from '../../store.js' */

/**
 * What is looked at, and how.
 * @typedef {object} Scene
 * @property {Training} training
 * @property {Run[]} others that are shown beside it
 * @property {CurvesView} view
 * @property {CurvesGeometry | undefined} drawn
 */

/** A change this near to the pointer is told, in pixels. */
const NEAR = 8;
/** So many other runs have room beside the pointer. */
const MOST_TIPS = 6;

/** @param {Training} training */
export const scoreName = ({ document }) => scoreKind(document?.loss.type ?? 'mse');

/**
 * What was changed near a step, in words.
 * @param {Scene} scene
 * @param {number} step
 */
function changesAt({ training, view, drawn }, step) {
  const axis = axisOf(training.history, view);
  const placed = (/** @type {number} */ at) => (drawn ? placeOf(drawn, view.logX, axis.at(at)) : 0);
  const place = placed(step);
  return training.marks
    .filter((mark) => Math.abs(placed(mark.step) - place) < NEAR)
    .map(({ fields }) =>
      Object.entries(fields)
        .map(([path, value]) => `${fieldName(path)} = ${valueShown(path, value)}`)
        .join(', '),
    );
}

/**
 * What is known of a run where the pointer is.
 * @param {Scene} scene
 * @param {Pick<Run, 'history' | 'scores'>} run
 * @param {number} step of the present run
 */
function readingOf({ training, view }, { history, scores }, step) {
  const kind = scoreName(training);
  // An epoch of another run can have another number of steps.
  const own = Math.round(axisOf(history, view).step(axisOf(training.history, view).at(step)));
  if (view.metric === 'score') {
    const known = scores.at(Math.floor(history.ends.at(own)));
    return {
      from: own,
      to: own,
      train: known && scoreText(known.train, kind),
      validation: known?.validation === undefined ? undefined : scoreText(known.validation, kind),
    };
  }
  const curve = view.per === 'epoch' && history.epochs.length > 0 ? history.epochs : history.train;
  const [train, validation] = [curve.at(own), history.validation.at(own)];
  return {
    from: train?.from ?? own,
    to: train?.to ?? own,
    train: train && lossesOf(train),
    validation: validation && lossesOf(validation),
  };
}

/** @param {number} value @param {'accuracy' | 'r2'} kind */
const scoreText = (value, kind) =>
  Number.isNaN(value) ? '–' : kind === 'accuracy' ? format.share(value) : fixed(value);

/**
 * What stands beside the pointer.
 * @param {Scene} scene
 * @param {number} step
 */
export function tipOf(scene, step) {
  const { training, others, view } = scene;
  const read = readingOf(scene, training, step);
  const { history } = training;
  const { from, to } = read;
  const [steps, epochs] = [
    between(from, to, format.whole),
    between(history.epochAt(from), history.epochAt(to), format.whole),
  ];
  const place = t('curves.at', { step: steps, epoch: epochs });
  const title = from === to ? [place] : place.split(' · ').map((text) => h('div', {}, text));
  const row = (
    /** @type {string} */ id,
    /** @type {string} */ name,
    /** @type {string | undefined} */ value,
  ) => (value === undefined ? null : h('div', {}, swatch(id), `${name} `, h('b', {}, value)));
  const told = others.slice(0, MOST_TIPS);
  return [
    h('div', { class: 'tip-title' }, ...title),
    ...[
      row('train', t('curves.train'), read.train ?? (told.length > 0 ? undefined : shortest32(NaN))),
      row('validation', t('curves.validation'), read.validation),
      ...told.map((run) => {
        const { train, validation } = readingOf(scene, run, step);
        return row(
          `run ${run.number}`,
          run.name,
          (view.metric === 'score' ? validation : undefined) ?? train,
        );
      }),
      ...changesAt(scene, step).map((text) => h('div', { class: 'tip-change' }, text)),
    ].filter((item) => item !== null),
  ];
}

/**
 * The same for the slider that the canvas is.
 * @param {Scene} scene
 * @param {number | undefined} cursor the end, where there is none
 */
export function valueText(scene, cursor) {
  const { training, view } = scene;
  const { train } = training.history;
  if (train.last === undefined) return t('curves.none');
  const step = cursor ?? train.length;
  // At the end it is the very last loss, not the range of those before it.
  const read = cursor === undefined && view.metric === 'loss' ? undefined : readingOf(scene, training, step);
  const loss = read ? (read.train ?? '–') : shortest32(train.last);
  const held = read?.validation === undefined ? '' : `, ${t('curves.validation')} ${read.validation}`;
  const changes = cursor === undefined ? [] : changesAt(scene, cursor);
  const steps = read ? between(read.from, read.to, format.whole) : format.whole(step);
  const key = view.metric === 'score' ? 'curves.valueScore' : 'curves.value';
  const text = t(key, { step: steps, loss, score: t(`score.${scoreName(training)}`) }) + held;
  return [text, ...changes].join('; ');
}

/**
 * One number, or where several are: from, to.
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => string} show
 */
const between = (low, high, show) =>
  Object.is(low, high) ? show(low) : t('curves.range', { from: show(low), to: show(high) });

/** @param {Reading} reading */
const lossesOf = (reading) => between(reading.low, reading.high, shortest32);
