// The line below the diagram: the numbers of what is pointed at; otherwise what its fills mean, and which lines it
// leaves out.

import { columnsOf } from '../../experiment.js';
import { t } from '../../i18n.js';
import { brief, fixed } from '../../numbers.js';
import { hasMaps } from './activity.js';
import { weightsBetween } from './columns.js';

/** @import { Experiment } from '../../experiment.js' */
/** @import { Training } from '../../session.js' */
/** @import { Activity } from './activity.js' */
/** @import { Column } from './columns.js' */
/** @import { createEdges } from './edges.js' */

/** @typedef {ReturnType<typeof createEdges>} Gap the lines between two columns */
/** @typedef {{ column: number, unit: number, from?: number }} Pointed a unit, or the line that leads to it */

/**
 * @param {Pointed} at
 * @param {object} shown
 * @param {Column[]} shown.columns
 * @param {Gap[]} shown.gaps
 * @param {Training} shown.training
 * @param {Activity} shown.activity
 */
export function readingOf({ column, unit, from }, { columns, gaps, training, activity }) {
  const to = columns[column];
  const before = columns[column - 1];
  const name = to?.unit(unit) ?? '';
  if (from === undefined) {
    const value = activity.values(column)?.[unit];
    if (column === 0) return value === undefined ? name : `${name}: ${brief(value)}`;
    const bias = training.parameters[`${to?.layer}.bias`]?.[unit];
    if (bias === undefined)
      return value === undefined ? name : t('diagram.activation', { name, value: fixed(value) });
    return value === undefined
      ? t('diagram.bias', { name, bias: fixed(bias) })
      : t('diagram.unitValues', { name, bias: fixed(bias), value: fixed(value) });
  }
  const pair = `${before?.unit(from)} → ${name}`;
  const value = gaps[column - 1]?.value(from, unit);
  if (!to || !before || value === undefined) return pair;
  const length = training.parameters[`${to.layer}.weight`]?.length ?? 0;
  const each = weightsBetween(before, to, length)?.each ?? 1;
  return each > 1
    ? t('diagram.mean', { pair, count: each, value: fixed(value) })
    : `${pair}: ${fixed(value)}`;
}

/**
 * @param {Experiment} document
 * @param {Gap[]} gaps
 * @param {boolean} filled whether there are rows, whose values fill the units
 */
export function noteOf(document, gaps, filled) {
  const [across, up] = columnsOf(document.data).inputs;
  const fill = hasMaps(document) ? t('diagram.maps', { across, up }) : filled ? t('diagram.fills') : '';
  const count = gaps.reduce((sum, gap) => sum + gap.count, 0);
  const shown = gaps.reduce((sum, gap) => sum + gap.edges.length, 0);
  return [fill, ...(shown < count ? [t('diagram.strongest', { shown, count })] : [])].join(' ').trim();
}
