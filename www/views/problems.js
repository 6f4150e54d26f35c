// What is wrong with a document, in the reader's language: where, and what.

import { blocks, neededOutputs, resizeLayer, tableOf } from '../experiment.js';
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
  if (problem.code === 'layer_input') return stackText(problem);
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
 * Why a layer cannot stand where it does.
 * @param {Problem} problem
 */
function stackText({ params }) {
  const { layer, got } = /** @type {{ layer: string, got: number[] }} */ (params);
  const pictures = layer === 'conv2d' || layer === 'max_pool2d';
  const why = !pictures ? '' : got.length === 3 ? '.small' : '.pictures';
  return t(`problem.layer_input${why}`, { layer: layerName(layer), got: got.join('×') });
}

/** @param {string} type */
export const layerName = (type) => t(has(`layer.${type}`) ? `layer.${type}` : `activation.${type}`);

/**
 * What can be done about a problem of the layers.
 * @param {Experiment} document
 * @param {Problem} wrong
 * @returns {{ key: string, count: number, apply: (document: Experiment) => Experiment, done: string }[]}
 */
export function fixesOf(document, wrong) {
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
