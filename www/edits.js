// Edits of an Experiment document: of its layers, its table, its optimizer. Each gives a new document.

import {
  OPTIMIZERS,
  SCHEDULES,
  blocks,
  columnsOf,
  given,
  hasUnits,
  inputShapeOf,
  neededOutputs,
  newLayer,
  outputShape,
  tableOf,
} from './experiment.js';
import { same } from './difference.js';
import { shortest32 } from './numbers.js';

/** @import { Block, Experiment, Layer, TableData } from './experiment.js' */

/**
 * @param {Experiment} document
 * @param {Layer[]} model
 * @returns {Experiment}
 */
const withModel = (document, model) => dropStaleInits({ ...document, model });

/**
 * Adds a layer before the last one: what is last gives the output.
 * @param {Experiment} document
 * @param {number} [out]
 */
export function addLayer(document, out = 8) {
  const last = blocks(document.model).at(-1);
  const at = last ? last.index : 0;
  const fresh = [linear(out), { type: 'relu' }];
  const layers = document.model.length === 0 ? [linear(neededOutputs(document) ?? 1)] : fresh;
  return withModel(document, [...document.model.slice(0, at), ...layers, ...document.model.slice(at)]);
}

/** @param {number} out */
const linear = (out) => ({ ...newLayer('linear'), out });

/**
 * Adds a layer of a type where it has most use: what takes images before the layers that do not, everything else
 * before the last layer.
 * @param {Experiment} document
 * @param {string} type
 * @returns {{ document: Experiment, block: number }} and which block it is
 */
export function insertLayer(document, type) {
  const list = blocks(document.model);
  /** @param {string[]} types */
  const first = (types) => list.findIndex(({ layer }) => types.includes(layer.type));
  const found =
    type === 'conv2d' || type === 'max_pool2d'
      ? first(['flatten', 'linear'])
      : type === 'flatten'
        ? first(['linear'])
        : list.length - 1;
  const block = found < 0 ? list.length : found;
  const at = list[block]?.index ?? document.model.length;
  const layers = [newLayer(type), ...(type === 'conv2d' ? [newLayer('relu')] : [])];
  return { document: withModel(document, document.model.toSpliced(at, 0, ...layers)), block };
}

/**
 * @param {Experiment} document
 * @param {number} block
 */
export function removeLayer(document, block) {
  const { index, length } = /** @type {Block} */ (blocks(document.model)[block]);
  return withModel(document, document.model.toSpliced(index, length));
}

/**
 * @param {Experiment} document
 * @param {number} block
 * @param {number} by how many places, negative for up
 */
export function moveLayer(document, block, by) {
  const list = blocks(document.model);
  const to = block + by;
  if (by === 0 || to < 0 || to >= list.length) return document;
  const groups = list.map(({ index, length }) => document.model.slice(index, index + length));
  const [moved] = groups.splice(block, 1);
  groups.splice(to, 0, /** @type {Layer[]} */ (moved));
  return withModel(document, groups.flat());
}

/**
 * @param {Experiment} document
 * @param {number} index of the layer in `model`
 * @param {number} out
 */
export const resizeLayer = (document, index, out) => withLayer(document, index, { out });

/**
 * @param {Experiment} document
 * @param {number} index of the layer in `model`
 * @param {Record<string, unknown>} options what becomes of it
 */
export function withLayer(document, index, options) {
  return withModel(
    document,
    document.model.map((layer, at) => (at === index ? { ...layer, ...options } : layer)),
  );
}

/**
 * @param {Experiment} document
 * @param {number} block
 * @param {string | undefined} activation
 */
export function setActivation(document, block, activation) {
  const { index, activationIndex } = /** @type {Block} */ (blocks(document.model)[block]);
  const remove = activationIndex === undefined ? 0 : 1;
  return withModel(
    document,
    document.model.toSpliced(index + 1, remove, ...(activation ? [newLayer(activation)] : [])),
  );
}

/**
 * Weights that a document gives as numbers fit one shape only. Where an edit changed the shape, the layer starts
 * from PyTorch's own init instead.
 * @param {Experiment} document
 * @returns {Experiment}
 */
export function dropStaleInits(document) {
  const shape = inputShapeOf(document);
  if (!shape || !document.model.some((layer) => given(layer))) return document;
  /** What goes into the layer; undefined where nothing can. @type {number[] | undefined} */
  let size = shape;
  const model = document.model.map((layer) => {
    const inputs = size;
    size = inputs && outputShape(layer, inputs);
    const values = given(layer);
    if (!values || !inputs) return layer;
    const { kernel } = layer;
    const expected =
      layer.type === 'conv2d' ? [layer.out, inputs[0], kernel, kernel] : [layer.out, inputs.at(-1)];
    const biased = layer.bias !== false;
    const bias =
      values.bias === undefined || values.bias === null || (biased && values.bias.length === layer.out);
    if (!same(shapeOf(values.weight), expected)) return { ...layer, init: 'default' };
    if (bias) return layer;
    return biased ? { ...layer, init: 'default' } : { ...layer, init: { weight: values.weight } };
  });
  return { ...document, model };
}

/**
 * The lengths of nested arrays, by the first of each level.
 * @param {unknown} value
 * @returns {number[]}
 */
const shapeOf = (value) => (Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []);

/**
 * The document with one initial weight or bias set: the layer starts from these very numbers then.
 * @param {Experiment} document
 * @param {{ name: string, index: number, value: number }} element a parameter's name, such as `0.weight`, and the
 *   place in it, row-major
 * @param {Record<string, ArrayLike<number>>} initial the parameters as they are now
 * @param {Record<string, number[]>} shapes
 */
export function withInitial(document, { name, index, value }, initial, shapes) {
  const [layer = '', kind] = name.split('.');
  const own = document.model[Number(layer)];
  /** @param {string} part */
  const numbers = (part) =>
    Array.from(initial[`${layer}.${part}`] ?? [], (number, at) =>
      part === kind && at === index ? value : Number(shortest32(number)),
    );
  if (!own || !hasUnits(own)) return document;
  const weight = nested(numbers('weight'), shapes[`${layer}.weight`] ?? []);
  const init = initial[`${layer}.bias`] ? { weight, bias: numbers('bias') } : { weight };
  return withLayer(document, Number(layer), { init });
}

/**
 * Row-major numbers as nested arrays.
 * @param {number[]} values
 * @param {number[]} shape
 * @returns {unknown[]}
 */
function nested(values, [length = 0, ...inner]) {
  if (inner.length === 0) return values;
  const size = values.length / length;
  return Array.from({ length }, (_, at) => nested(values.slice(at * size, (at + 1) * size), inner));
}

/**
 * The weights that the first layer is given, in another order of its inputs.
 * @param {Layer[]} model
 * @param {number[]} order which input comes to each place; -1: a new one
 */
function withInputOrder(model, order) {
  const [first] = model;
  const values = first && given(first);
  if (first?.type !== 'linear' || !values || order.includes(-1)) return model;
  const rows = /** @type {number[][]} */ (values.weight);
  const weight = rows.map((row) => order.map((column) => row[column]));
  return model.with(0, { ...first, init: { ...values, weight } });
}

/**
 * The document with another table. The rows to predict for have a value for each of its inputs: the one that they had
 * for it, or 0 where it is new. Where inputs have changed places, given weights go with them.
 * @param {Experiment} document
 * @param {{ inputs: string[], targets: string[], rows: number[][], classes?: string[] }} table
 * @returns {Experiment}
 */
export function withTable(document, table) {
  const old = tableOf(document);
  const { inputs, targets, rows } = table;
  const same = old && old.inputs.length === inputs.length;
  /** @type {TableData} */
  const data = {
    kind: 'table',
    inputs,
    targets,
    rows,
    input_shape: same ? (old.input_shape ?? null) : null,
    // Names are those of one column's classes.
    classes: targets.length === 1 ? (table.classes ?? []) : [],
  };
  const named = columnsOf(document.data).inputs;
  const from = (/** @type {string} */ name, /** @type {number} */ at) => {
    if (named.includes(name)) return named.indexOf(name);
    // A name that has gone from the same place was renamed.
    return inputs.includes(named[at] ?? '') ? -1 : at;
  };
  const order = inputs.map(from);
  const stays = same && order.every((column, at) => column === at);
  const predict = (document.predict ?? []).map((row) => order.map((column) => row[column] ?? 0));
  const model = same && !stays ? withInputOrder(document.model, order) : document.model;
  return dropStaleInits({ ...document, model, data, predict: stays ? document.predict : predict });
}

/**
 * The optimizer of another type. What both have in common is kept.
 * @param {Experiment} document
 * @param {string} type
 * @returns {Experiment}
 */
export function withOptimizer(document, type) {
  const { lr, weight_decay } = document.optimizer;
  const defaults = OPTIMIZERS[type] ?? {};
  return {
    ...document,
    optimizer: { ...defaults, ...(weight_decay === undefined ? {} : { weight_decay }), type, lr },
  };
}

/**
 * Another schedule, or none: with what it starts with here.
 * @param {Experiment} document
 * @param {string} type `constant` is none
 * @returns {Experiment}
 */
export function withSchedule(document, type) {
  const options = SCHEDULES[type];
  /** @type {Record<string, number>} */
  const usual = options && 'T_max' in options ? { T_max: document.epochs } : {};
  return { ...document, schedule: options ? { type, ...options, ...usual } : null };
}

/**
 * @param {Experiment} document
 * @param {string} key
 * @param {unknown} value
 * @returns {Experiment}
 */
export function withOption(document, key, value) {
  return { ...document, optimizer: { ...document.optimizer, [key]: value } };
}
