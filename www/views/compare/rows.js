// What is compared: the present run and the ones beside it, with their figures.

import { format, t } from '../../i18n.js';
import { fixed } from '../../numbers.js';
import { runs } from '../../runs.js';
import { scoreKind } from '../../scores.js';
import { csvField } from '../save.js';
import { valueText } from '../field-names.js';
import { differences } from './differing.js';

/** @import { Run } from '../../runs.js' */
/** @import { Training } from '../../session.js' */

/** @typedef {Pick<Run, 'name' | 'document' | 'history' | 'scores' | 'position'> & { id: number, run?: Run, status: string }} Row */

/** The score of all runs: that of the first one's loss. @param {Row[]} rows */
export const scoreOf = (rows) => scoreKind(rows[0]?.document.loss.type ?? 'mse');

/** @param {Training} training @returns {Row[]} */
export function rowsOf({ document, history, scores, position, status }) {
  const present = document
    ? [{ id: 0, name: t('runs.present'), document, history, scores, position, status }]
    : [];
  return [...present, ...runs.list.map((run) => ({ ...run, run }))];
}

/** Losses, score and epochs of a run. @param {Row} row */
export function figuresOf({ document, history, scores, position, status }) {
  const loss = (/** @type {number | undefined} */ value) => (value === undefined ? '–' : fixed(value));
  const last = scores.at(Infinity);
  const value = last?.validation ?? last?.train ?? NaN;
  const score = Number.isNaN(value)
    ? '–'
    : scoreKind(document.loss.type) === 'accuracy'
      ? format.share(value)
      : fixed(value);
  const epoch = `${format.count(position?.epoch ?? 0)} / ${format.count(document.epochs)}`;
  const ended = ['waiting', 'diverged', 'cancelled', 'failed'].includes(status)
    ? ` · ${t(`runs.${status}`)}`
    : '';
  return [loss(history.train.last), loss(history.validation.last), score, epoch + ended];
}

/** What the table shows, for a spreadsheet. @param {Row[]} rows */
export function csvOf(rows) {
  const differing = differences(rows);
  const kind = scoreOf(rows);
  const heads = ['run', ...differing.map(({ path }) => path), 'train_loss', 'validation_loss', `train_${kind}`, `validation_${kind}`, 'epoch', 'step']; // prettier-ignore
  const lines = rows.map(({ id, name, history, scores, position }) => {
    const score = scores.at(Infinity);
    return [
      name,
      ...differing.map(({ values }) => valueText(values.get(id) ?? '')),
      history.train.last ?? '',
      history.validation.last ?? '',
      score?.train ?? '',
      score?.validation ?? '',
      position?.epoch ?? 0,
      position?.step ?? 0,
    ];
  });
  return [heads, ...lines].map((cells) => cells.map(csvField).join());
}
