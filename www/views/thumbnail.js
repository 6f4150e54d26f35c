// A glance at the data of an experiment: points of two inputs by class or value, or one input and its target.

import { svg } from '../dom.js';
import { isClassification, tableOf } from '../experiment.js';

/** @import { Experiment } from '../experiment.js' */

const SIZE = 36;
const MARGIN = 4;
const MOST = 60;

/** @param {Experiment} document */
export function thumbnail(document) {
  const picture = svg('svg', {
    class: 'thumbnail',
    viewBox: `0 0 ${SIZE} ${SIZE}`,
    width: SIZE,
    height: SIZE,
    'aria-hidden': 'true',
  });
  const table = tableOf(document);
  if (!table || table.inputs.length > 2) {
    picture.append(svg('path', { class: 'thumbnail-rows', d: 'M6 9h24M6 16h24M6 23h24M6 30h14' }));
    return picture;
  }
  const step = Math.max(1, Math.floor(table.rows.length / MOST));
  const rows = table.rows.filter((_, at) => at % step === 0);
  const one = table.inputs.length === 1;
  const across = scale(rows.map(([x]) => x ?? 0));
  const up = scale(rows.map((row) => row[1] ?? 0));
  const values = scale(rows.map((row) => row[table.inputs.length] ?? 0));
  rows.forEach((row, at) => {
    const kind = isClassification(document) ? `class-${(row[table.inputs.length] ?? 0) % 4}` : 'value';
    const dot = svg('circle', { class: `dot-${kind}`, cx: across[at], cy: SIZE - Number(up[at]), r: 1.7 });
    if (kind === 'value' && !one)
      dot.setAttribute(
        'opacity',
        String(0.25 + (0.75 * (Number(values[at]) - MARGIN)) / (SIZE - 2 * MARGIN)),
      );
    picture.append(dot);
  });
  return picture;
}

/** @param {number[]} values */
function scale(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => MARGIN + ((value - low) / (high - low || 1)) * (SIZE - 2 * MARGIN));
}
