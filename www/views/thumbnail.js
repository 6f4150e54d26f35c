// A glance at the data of an experiment: points of two inputs by class or value, one input and its target, or a
// picture.

import { svg } from '../dom.js';
import { generate } from '../engine.js';
import { columnsOf, isClassification } from '../experiment.js';
import { CLASS_LOOKS, markData } from '../marks.js';
import { rowOf } from '../rows.js';

/** @import { Experiment } from '../experiment.js' */
/** @import { Sample } from '../rows.js' */

const SIZE = 36;
const MARGIN = 4;
const MOST = 60;
/** The pixels of a picture are drawn one by one. */
const MOST_PIXELS = 1024;

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
  picture.replaceChildren(...drawn(document, rows));
  if (rows.length === 0)
    fetchedRows(document).then(
      (found) => picture.replaceChildren(...drawn(document, found)),
      // Without the data there are lines, as of any table.
      () => {},
    );
  return picture;
}

/**
 * @param {Experiment} document
 * @param {number[][]} rows
 */
function drawn(document, rows) {
  const { inputs, shape } = columnsOf(document.data);
  const [height = 0, width = 0] = shape.slice(-2);
  const isPicture = shape.length === 3 && height * width <= MOST_PIXELS;
  if (rows[0] && isPicture) return [pixels(rows[0], height, width)];
  if (rows.length === 0 || shape.length > 1)
    return [svg('path', { class: 'thumbnail-rows', d: 'M6 9h24M6 16h24M6 23h24M6 30h14' })];
  // Of more than two inputs, the last two.
  const across = Math.max(0, inputs.length - 2);
  return points(rows, across, inputs.length, isClassification(document));
}

/**
 * @param {number[][]} rows
 * @param {number} across the column to the right; the one behind it goes up
 * @param {number} target
 * @param {boolean} classified
 */
function points(rows, across, target, classified) {
  const x = scale(rows.map((row) => row[across] ?? 0));
  const y = scale(rows.map((row) => row[across + 1] ?? 0)).map((up) => SIZE - up);
  const values = scale(rows.map((row) => row[target] ?? 0));
  return rows.map((row, at) => {
    const [cx, cy] = [Number(x[at]), Number(y[at])];
    if (classified) {
      const kind = Math.round(row[target] ?? 0);
      return svg('path', { class: `dot-class-${kind % CLASS_LOOKS}`, d: markData(kind, cx, cy, 1.8) });
    }
    // Higher values are larger and darker.
    const share = target === 1 ? 0.5 : (Number(values[at]) - MARGIN) / (SIZE - 2 * MARGIN);
    const look = target === 1 ? {} : { opacity: 0.25 + 0.75 * share };
    return svg('circle', { class: 'dot-value', cx, cy, r: 1.2 + share, ...look });
  });
}

/**
 * @param {number[]} values
 * @param {number} height
 * @param {number} width
 */
function pixels(values, height, width) {
  const side = (SIZE - MARGIN) / Math.max(height, width);
  const [left, top] = [(SIZE - side * width) / 2, (SIZE - side * height) / 2];
  const most = Math.max(...values.slice(0, height * width));
  const squares = Array.from({ length: height * width }, (_, at) => {
    const [x, y] = [left + side * (at % width), top + side * Math.floor(at / width)];
    return svg('rect', {
      x,
      y,
      width: side,
      height: side,
      opacity: Math.max(0, Number(values[at]) / most || 0),
    });
  });
  return svg(
    'g',
    { class: 'thumbnail-pixels' },
    ...squares.filter((square) => square.getAttribute('opacity') !== '0'),
  );
}

/**
 * Some of the rows; none where they are not at hand.
 * @param {Experiment} document
 * @returns {number[][]}
 */
function rowsFor({ data }) {
  if (data.kind === 'table') return some(data.rows.length, (row) => data.rows[row] ?? []);
  if (data.kind !== 'generated') return [];
  try {
    return rowsOf(generate(data.name, Math.min(MOST, data.points), data.noise, data.seed));
  } catch {
    // The part of the module that makes them may be out of reach.
    return [];
  }
}

/** @param {Experiment} document */
async function fetchedRows({ data }) {
  if (data.kind !== 'bundled') return [];
  const { bundledRows } = await import('../bundled.js');
  return rowsOf(await bundledRows(data.name));
}

/** @param {Sample} sample */
const rowsOf = (sample) => some(sample.targets.length, (row) => rowOf(sample, row));

/**
 * Not too many of them, spread by the golden ratio: every so many rows could all be of one class.
 * @param {number} count
 * @param {(row: number) => number[]} row
 */
function some(count, row) {
  const spread = (/** @type {number} */ at) => Math.floor(((at * 0.6180339887) % 1) * count);
  return Array.from({ length: Math.min(count, MOST) }, (_, at) => row(count <= MOST ? at : spread(at)));
}

/** @param {number[]} values */
function scale(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return values.map(() => SIZE / 2);
  return values.map((value) => MARGIN + ((value - low) / (high - low)) * (SIZE - 2 * MARGIN));
}
