// A glance at the data of an experiment: points of two inputs by class or value, or one input and its target.

import { svg } from '../dom.js';
import { generate } from '../engine.js';
import { columnsOf, isClassification } from '../experiment.js';
import { CLASS_LOOKS, markData } from '../marks.js';

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
  const rows = rowsFor(document);
  const inputs = columnsOf(document.data).inputs.length;
  if (rows.length === 0 || inputs > 2) {
    picture.append(svg('path', { class: 'thumbnail-rows', d: 'M6 9h24M6 16h24M6 23h24M6 30h14' }));
    return picture;
  }
  const across = scale(rows.map(([x]) => x ?? 0));
  const up = scale(rows.map((row) => row[1] ?? 0));
  const values = scale(rows.map((row) => row[inputs] ?? 0));
  rows.forEach((row, at) => {
    const [x, y] = [Number(across[at]), SIZE - Number(up[at])];
    if (isClassification(document)) {
      const kind = Math.round(row[inputs] ?? 0);
      picture.append(svg('path', { class: `dot-class-${kind % CLASS_LOOKS}`, d: markData(kind, x, y, 1.8) }));
      return;
    }
    // Higher values are larger and darker.
    const share = inputs === 1 ? 0.5 : (Number(values[at]) - MARGIN) / (SIZE - 2 * MARGIN);
    const look = inputs === 1 ? {} : { opacity: 0.25 + 0.75 * share };
    picture.append(svg('circle', { class: 'dot-value', cx: x, cy: y, r: 1.2 + share, ...look }));
  });
  return picture;
}

/**
 * Some of the rows; none where they are not at hand.
 * @param {Experiment} document
 * @returns {number[][]}
 */
function rowsFor({ data }) {
  if (data.kind === 'table') {
    const { rows } = data;
    // Spread by the golden ratio: every so many rows could all be of one class.
    const spread = (/** @type {number} */ at) => Math.floor(((at * 0.6180339887) % 1) * rows.length);
    return rows.length <= MOST ? rows : Array.from({ length: MOST }, (_, at) => rows[spread(at)] ?? []);
  }
  if (data.kind !== 'generated') return [];
  try {
    const { columns, inputs, targets } = generate(
      data.name,
      Math.min(MOST, data.points),
      data.noise,
      data.seed,
    );
    return Array.from(targets, (target, row) => [
      ...inputs.subarray(row * columns, (row + 1) * columns),
      target,
    ]);
  } catch {
    // The part of the module that makes them may be out of reach.
    return [];
  }
}

/** @param {number[]} values */
function scale(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return values.map(() => SIZE / 2);
  return values.map((value) => MARGIN + ((value - low) / (high - low)) * (SIZE - 2 * MARGIN));
}
