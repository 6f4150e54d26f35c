// The rows that the present network is trained on, wherever they come from, and what it makes of each.

import { columnsOf, isClassification } from './experiment.js';
import { classOf } from './scores.js';

/** @import { Experiment } from './experiment.js' */
/** @import { DataRows } from './protocol.js' */
/** @import { Training } from './session.js' */

/**
 * @typedef {object} Samples
 * @property {readonly string[]} names of the inputs
 * @property {readonly string[]} targetNames
 * @property {number} count
 * @property {Float32Array} inputs row-major
 * @property {Float32Array} targets row-major
 * @property {number} width inputs of a row
 * @property {number} columns targets of a row
 */

/** @type {WeakMap<object, Samples>} */
const known = new WeakMap();

/**
 * The rows of a training; undefined before it is loaded.
 * @param {Training} training
 * @returns {Samples | undefined}
 */
export function samplesOf({ document, rows }) {
  if (!document) return undefined;
  const key = document.data.kind === 'table' ? document.data : rows;
  if (!key) return undefined;
  const before = known.get(key);
  if (before) return before;
  const samples = document.data.kind === 'table' ? fromTable(document) : fromRows(document, rows);
  if (samples) known.set(key, samples);
  return samples;
}

/**
 * @param {Experiment} document
 * @returns {Samples | undefined}
 */
function fromTable({ data }) {
  if (data.kind !== 'table') return undefined;
  const table = /** @type {import('./experiment.js').TableData} */ (data);
  const [width, columns] = [table.inputs.length, table.targets.length];
  const count = table.rows.length;
  const [inputs, targets] = [new Float32Array(count * width), new Float32Array(count * columns)];
  table.rows.forEach((cells, row) => {
    for (let at = 0; at < width; at += 1) inputs[row * width + at] = cells[at] ?? 0;
    for (let at = 0; at < columns; at += 1) targets[row * columns + at] = cells[width + at] ?? 0;
  });
  return { names: table.inputs, targetNames: table.targets, count, inputs, targets, width, columns };
}

/**
 * @param {Experiment} document
 * @param {DataRows | null} rows
 * @returns {Samples | undefined}
 */
function fromRows(document, rows) {
  if (!rows) return undefined;
  const { inputs, targets } = rows;
  // Generated and bundled sets have one target.
  const count = targets.length;
  const width = count > 0 ? inputs.length / count : 0;
  const columns = columnsOf(document.data);
  const [names, targetNames] = [[...columns.inputs], [...columns.targets]];
  return { names, targetNames, count, inputs, targets, width, columns: 1 };
}

/**
 * How many classes there are to tell apart: of cross-entropy as many as outputs, otherwise two. 0 for values.
 * @param {Experiment} document
 * @param {number} outputs
 */
export function classCount(document, outputs) {
  if (!isClassification(document)) return 0;
  return document.loss.type === 'cross_entropy' ? outputs : 2;
}

/**
 * The probabilities of the classes for one row of a model's outputs.
 * @param {string} loss
 * @param {ArrayLike<number>} values
 * @param {number} start where the row begins
 * @param {number} outputs of a row
 * @param {number} [column] of several targets
 * @returns {number[]}
 */
export function probabilities(loss, values, start, outputs, column = 0) {
  if (loss !== 'cross_entropy') {
    const value = Number(values[start + column]);
    const share = loss === 'bce' ? value : 1 / (1 + Math.exp(-value));
    return [1 - share, share];
  }
  let highest = -Infinity;
  for (let at = 0; at < outputs; at += 1) highest = Math.max(highest, Number(values[start + at]));
  const weights = Array.from({ length: outputs }, (_, at) => Math.exp(Number(values[start + at]) - highest));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * The class that a row of the data has.
 * @param {Experiment} document
 * @param {Samples} samples
 * @param {number} row
 * @param {number} [column]
 */
export function targetClass(document, samples, row, column = 0) {
  const value = Number(samples.targets[row * samples.columns + column]);
  return document.loss.type === 'cross_entropy' ? value : Number(value >= 0.5);
}

/**
 * Where the classes of the rows are wanted and where the model puts them; undefined while it has said nothing.
 * @param {Training} training
 * @param {Samples} samples
 * @param {number} [column]
 */
export function classesOf({ document, tablePredictions }, samples, column = 0) {
  if (!document || samples.count === 0) return undefined;
  const outputs = tablePredictions.length / samples.count;
  if (!Number.isInteger(outputs) || outputs === 0) return undefined;
  const { type } = document.loss;
  return {
    outputs,
    classes: classCount(document, outputs),
    /** @param {number} row */
    wanted: (row) => targetClass(document, samples, row, column),
    /** @param {number} row */
    given: (row) => classOf(type, tablePredictions, outputs, row, column),
    /** @param {number} row */
    shares: (row) => probabilities(type, tablePredictions, row * outputs, outputs, column),
  };
}

/**
 * The inputs of a row.
 * @param {Samples} samples
 * @param {number} row
 */
export const inputsOf = ({ inputs, width }, row) => inputs.subarray(row * width, (row + 1) * width);

/**
 * The lowest and the highest of every `step`th value from `start` on, with a margin; never of no width.
 * @param {ArrayLike<number>} values
 * @param {number} start
 * @param {number} step
 * @param {number} [margin] as a share of the distance
 * @returns {[number, number]}
 */
export function rangeOf(values, start, step, margin = 0) {
  let [low, high] = [Infinity, -Infinity];
  for (let at = start; at < values.length; at += step) {
    const value = Number(values[at]);
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const room = high === low ? Math.max(0.5, Math.abs(low) * 0.1) : (high - low) * margin;
  return [low - room, high + room];
}

/**
 * The mean of each input.
 * @param {Samples} samples
 */
export function meansOf({ inputs, width, count }) {
  const means = Array.from({ length: width }, () => 0);
  for (let row = 0; row < count; row += 1)
    for (let at = 0; at < width; at += 1)
      means[at] = Number(means[at]) + Number(inputs[row * width + at]) / count;
  return means;
}
