// What is wrong with a document, in the reader's language: where, and what.

import { blocks, neededOutputs, tableOf } from '../experiment.js';
import { has, t } from '../i18n.js';

/** @import { Experiment, Problem } from '../experiment.js' */

/**
 * What is wrong, without the place.
 * @param {Problem} problem
 * @param {Experiment} [document] which the problem is of
 */
export function problemText(problem, document) {
  const mismatch = problem.code === 'output_count' && document ? mismatchText(document) : undefined;
  if (mismatch) return mismatch;
  const key = `problem.${problem.code}`;
  if (!has(key)) return problem.message;
  const { expected, what, options, suggestion } = problem.params;
  const params = {
    ...problem.params,
    expected: named('type', expected),
    what: named('what', what),
    options: Array.isArray(options) ? options.join(', ') : options,
  };
  return t(key, params) + (suggestion ? t('problem.suggestion', { suggestion }) : '');
}

/**
 * How the last layer and the targets differ.
 * @param {Experiment} document
 */
export function mismatchText(document) {
  const got = blocks(document.model).at(-1)?.layer.out;
  const needed = neededOutputs(document);
  if (got === undefined || needed === undefined) return undefined;
  const key = document.loss.type === 'cross_entropy' ? 'network.mismatchClasses' : 'network.mismatch';
  return t(key, { got, needed, count: needed });
}

/**
 * @param {string} group
 * @param {unknown} value
 */
function named(group, value) {
  const key = `${group}.${String(value)}`;
  return has(key) ? t(key) : value;
}

/**
 * The place, as the page calls it.
 * @param {string} path
 * @param {Experiment} [document]
 */
export function placeText(path, document) {
  const cell = cellAt(path);
  const table = document && tableOf(document);
  if (cell && table) {
    const column = [...table.inputs, ...table.targets][cell.column];
    return t('place.cell', { row: cell.row + 1, column: column ?? cell.column + 1 });
  }
  const layer = layerAt(path);
  if (layer !== undefined) {
    const block = document
      ? blocks(document.model).findIndex(({ index, length }) => layer < index + length)
      : layer;
    return t('place.layer', { layer: block + 1 });
  }
  const key = `place.${path}`;
  return has(key) ? t(key) : path;
}

/**
 * @param {Problem} problem
 * @param {Experiment} [document]
 */
export const placedText = (problem, document) =>
  t('problem.placed', { place: placeText(problem.path, document), problem: problemText(problem, document) });

/** @param {string} path */
export function cellAt(path) {
  const match = /^data\.rows\[(\d+)\](?:\[(\d+)\])?/.exec(path);
  return match ? { row: Number(match[1]), column: Number(match[2] ?? 0) } : undefined;
}

/** @param {string} path */
export function layerAt(path) {
  const match = /^model\[(\d+)\]/.exec(path);
  return match ? Number(match[1]) : undefined;
}
