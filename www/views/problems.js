// What is wrong with a document, in the reader's language: where, and what.

import { moveLayer, removeLayer, resizeLayer } from '../edits.js';
import { blocks, inputShapeOf, neededOutputs, tableOf } from '../experiment.js';
import { has, t } from '../i18n.js';

/** @import { Experiment, Problem } from '../experiment.js' */

/** Of fewer inputs no picture is made. */
export const LEAST_PIXELS = 4;

/**
 * What is wrong, without the place.
 * @param {Problem} problem
 * @param {Experiment} [document] which the problem is of
 */
export function problemText(problem, document) {
  const mismatch = problem.code === 'output_count' && document ? mismatchText(document) : undefined;
  if (mismatch) return mismatch;
  if (problem.code === 'layer_input') return stackText(problem, document);
  const key = `problem.${problem.code}`;
  if (!has(key)) return problem.message;
  const { expected, got, what, options, reason, suggestion } = problem.params;
  const params = {
    ...problem.params,
    expected: named('type', expected),
    got: problem.code === 'wrong_type' ? named('got', got, problem.params) : got,
    reason: named(key, reason, problem.params),
    what: named('what', what),
    options: Array.isArray(options) ? options.join(', ') : options,
  };
  return t(key, params) + (suggestion ? t('problem.suggestion', { suggestion }) : '');
}

/**
 * Why a layer cannot stand where it does, and what can be done about it.
 * @param {Problem} problem
 * @param {Experiment} [document]
 */
function stackText(problem, document) {
  const { layer, got } = /** @type {{ layer: string, got: number[] }} */ (problem.params);
  return t(`problem.layer_input${causeOf(problem, document)}`, {
    layer: layerName(layer),
    got: got.join('×'),
    flatten: layerName('flatten'),
    shape: pictureOf(document),
  });
}

/**
 * Where a layer needs a picture: whether it is too small, a Flatten before has taken it away, or there has never been
 * one; then the data may have values for one, or not.
 * @param {Problem} problem
 * @param {Experiment} [document]
 */
function causeOf(problem, document) {
  const { layer, got } = /** @type {{ layer: string, got: number[] }} */ (problem.params);
  if (layer !== 'conv2d' && layer !== 'max_pool2d') return '';
  if (got.length === 3) return '.small';
  if (document && flattenBefore(document, problem) !== undefined) return '.flattened';
  return pictureOf(document) ? '.shapeless' : '.flat';
}

/**
 * The shape of a picture that the inputs of a table can be, as square as possible.
 * @param {Experiment} [document]
 */
function pictureOf(document) {
  const pixels = (document && tableOf(document)?.inputs.length) ?? 0;
  if (pixels < LEAST_PIXELS) return undefined;
  let high = Math.floor(Math.sqrt(pixels));
  while (pixels % high > 0) high -= 1;
  return `1×${high}×${pixels / high}`;
}

/**
 * The block that makes values of pictures before a layer that needs the pictures.
 * @param {Experiment} document
 * @param {Problem} problem
 */
function flattenBefore(document, problem) {
  if (inputShapeOf(document).length !== 3) return undefined;
  const at = layerAt(problem.path) ?? 0;
  const found = blocks(document.model).findIndex(
    ({ index, layer }) => layer.type === 'flatten' && index < at,
  );
  return found < 0 ? undefined : found;
}

/** @param {string} type */
export const layerName = (type) => t(has(`layer.${type}`) ? `layer.${type}` : `activation.${type}`);

/** @typedef {{ key: string, count: number, apply: (document: Experiment) => Experiment, done: string }} Fix */

/**
 * What can be done about a layer that cannot stand where it does.
 * @param {Experiment} document
 * @param {Problem} wrong
 * @returns {Fix[]}
 */
function stackFixes(document, wrong) {
  const cause = causeOf(wrong, document);
  const block = blockOf(document, layerAt(wrong.path) ?? 0);
  const flatten = flattenBefore(document, wrong) ?? 0;
  if (cause === '.flattened') {
    const apply = (/** @type {Experiment} */ now) => moveLayer(now, block, flatten - block);
    return [{ key: 'network.fixMove', count: flatten + 1, apply, done: 'network.fixedMove' }];
  }
  if ((cause !== '.flat' && cause !== '.shapeless') || blocks(document.model).length === 1) return [];
  const apply = (/** @type {Experiment} */ now) => removeLayer(now, block);
  return [{ key: 'network.fixRemove', count: block + 1, apply, done: 'network.fixedRemove' }];
}

/**
 * What can be done about a problem of the layers.
 * @param {Experiment} document
 * @param {Problem} wrong
 * @returns {Fix[]}
 */
export function fixesOf(document, wrong) {
  if (wrong.code === 'layer_input') return stackFixes(document, wrong);
  const last = blocks(document.model).at(-1);
  const needed = neededOutputs(document);
  if (!last || !['output_count', 'not_class'].includes(wrong.code)) return [];
  const got = /** @type {number[] | undefined} */ (wrong.params.got);
  if (Array.isArray(got) && got.length > 1) {
    const { index } = last;
    const apply = (/** @type {Experiment} */ now) => ({
      ...now,
      model: now.model.toSpliced(index, 0, { type: 'flatten' }),
    });
    return last.layer.type === 'linear'
      ? [{ key: 'network.fixFlatten', count: index, apply, done: 'network.flattened' }]
      : [];
  }
  if (needed === undefined || last.layer.type !== 'linear') return [];
  const apply = (/** @type {Experiment} */ now) => resizeLayer(now, last.index, needed);
  return [{ key: 'network.fixOutput', count: needed, apply, done: 'network.fixed' }];
}

/**
 * How the last layer and the targets differ.
 * @param {Experiment} document
 */
export function mismatchText(document) {
  const got = blocks(document.model).at(-1)?.layer.out;
  const needed = neededOutputs(document);
  if (got === undefined || needed === undefined || got === needed) return undefined;
  const key = document.loss.type === 'cross_entropy' ? 'network.mismatchClasses' : 'network.mismatch';
  return t(key, { got, needed, count: needed });
}

/**
 * @param {string} group
 * @param {unknown} value
 * @param {Problem['params']} [params] that its text names
 */
function named(group, value, params) {
  const key = `${group}.${String(value)}`;
  return has(key) ? t(key, params) : value;
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
  if (layer !== undefined)
    return t('place.layer', { layer: (document ? blockOf(document, layer) : layer) + 1 });
  const key = `place.${path}`;
  return has(key) ? t(key) : path;
}

/**
 * @param {Problem} problem
 * @param {Experiment} [document]
 */
export const placedText = (problem, document) =>
  t('problem.placed', { place: placeText(problem.path, document), problem: problemText(problem, document) });

/** @param {Experiment} document @param {number} layer in its model */
const blockOf = ({ model }, layer) => blocks(model).findIndex(({ index, length }) => layer < index + length);

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

/**
 * @param {Problem[]} problems
 * @param {Experiment} [document]
 */
export const placedAll = (problems, document) =>
  problems.map((problem) => placedText(problem, document)).join(' ');
