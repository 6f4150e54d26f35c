// The curves as a table: those of the present run, or of all that are shown.

import { curvesCsv } from '../../history.js';
import { t } from '../../i18n.js';
import { shortest32 } from '../../numbers.js';
import { csvField } from '../save.js';
import { scoreName } from './reading.js';

/** @import { Run } from '../../runs.js' */
/** @import { Scene } from './reading.js' */

/** @param {Scene} scene */
export function csvOf({ training, view, others }) {
  /** @type {(curves: Pick<Run, 'history' | 'scores'>) => string[]} */
  const lines = ({ history, scores }) =>
    view.metric === 'score' ? scoresCsv(scores, scoreName(training)) : curvesCsv(history, shortest32);
  const own = lines(training);
  if (others.length === 0) return own;
  const named = (/** @type {string} */ name, /** @type {string[]} */ [, ...rest]) =>
    rest.map((line) => `${csvField(name)},${line}`);
  return [
    `run,${own[0]}`,
    ...named(t('runs.present'), own),
    ...others.flatMap((run) => named(run.name, lines(run))),
  ];
}

/**
 * The scores as a table.
 * @param {Run['scores']} scores
 * @param {string} name
 */
function scoresCsv(scores, name) {
  const lines = [`epoch,train_${name},validation_${name}`];
  scores.epochs().forEach((epoch, at) => {
    const held = scores.validation[at];
    lines.push(
      `${epoch},${shortest32(Number(scores.train[at]))},${held === undefined ? '' : shortest32(held)}`,
    );
  });
  return lines;
}
