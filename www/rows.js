// The rows of a document's data, wherever they come from: a table's own, points that the module generates, or a set
// that comes with the page and is fetched when it is first asked for.

import { generate } from './engine.js';
import { columnsOf } from './experiment.js';
import { shortest32 } from './numbers.js';

/** @import { Data, GeneratedData } from './experiment.js' */
/** @typedef {{ inputs: string[], targets: string[], rows: number[][], classes?: string[] }} NumberTable */
/** @typedef {{ columns: number, inputs: Float32Array, targets: Float32Array }} Sample row-major, one target for each row */
/** @typedef {NumberTable | 'loading' | Error} Rows an error is why they could not be fetched */

/** Made and fetched rows by the text of what they are of; only the last few generated ones. @type {Map<string, Rows>} */
const known = new Map();
const MOST_KEPT = 4;

/**
 * The rows of `data`. Where they have to be fetched first, `changed` is called once they are there, or cannot be.
 * @param {Data} data
 * @param {() => void} changed
 * @returns {Rows}
 */
export function rowsOf(data, changed) {
  if (data.kind === 'table') return data;
  const key = JSON.stringify(data);
  const before = known.get(key);
  if (before) return before;
  if (data.kind === 'generated') {
    const made = generated(data);
    known.set(key, made);
    for (const old of [...known.keys()].slice(0, -MOST_KEPT)) known.delete(old);
    return made;
  }
  known.set(key, 'loading');
  import('./bundled.js')
    .then(({ bundledRows }) => bundledRows(data.name))
    .then((sample) => tableOfSample(data, sample))
    .catch((error) => (error instanceof Error ? error : new Error(String(error))))
    .then((rows) => {
      known.set(key, rows);
      changed();
    });
  return 'loading';
}

/**
 * Fetches again what could not be fetched.
 * @param {Data} data
 */
export function forgetRows(data) {
  known.delete(JSON.stringify(data));
}

/**
 * A row of it, its target last.
 * @param {Sample} sample
 * @param {number} row
 */
export const rowOf = ({ columns, inputs, targets }, row) => [
  ...inputs.subarray(row * columns, (row + 1) * columns),
  Number(targets[row]),
];

/** @param {GeneratedData} data */
const generated = (data) => tableOfSample(data, generate(data.name, data.points, data.noise, data.seed));

/**
 * @param {Data} data
 * @param {Sample} sample
 * @returns {NumberTable}
 */
function tableOfSample(data, sample) {
  const names = columnsOf(data);
  const rows = Array.from(sample.targets.keys(), (row) => rowOf(sample, row));
  return { inputs: [...names.inputs], targets: [...names.targets], rows, classes: [...names.names] };
}

/**
 * The same rows with numbers as one would type them: the shortest decimals that are the very float32 of each, so that
 * a training with them has the same bits.
 * @param {NumberTable} table
 * @returns {NumberTable}
 */
export function asTyped(table) {
  return { ...table, rows: table.rows.map((cells) => cells.map((cell) => Number(shortest32(cell)))) };
}
