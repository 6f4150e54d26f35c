// The Experiment document on the page: its types, the questions that views ask about it, and edits of its model.
// Reading, checking and writing documents is the module's business, not the page's.

import { shortest32 } from './numbers.js';

/** @typedef {{ type: string, out?: number, bias?: boolean, init?: unknown, [option: string]: unknown }} Layer */
/** @typedef {{ type: string, lr: number, [option: string]: unknown }} Optimizer */
/**
 * @typedef {object} TableData
 * @property {'table'} kind
 * @property {string[]} inputs
 * @property {string[]} targets
 * @property {number[][]} rows
 * @property {number[] | null} [input_shape]
 * @property {string[]} [classes] what the target's classes are called, from 0 on
 */
/** @typedef {{ kind: 'generated', name: string, points: number, noise: number, seed: number }} GeneratedData */
/** @typedef {{ kind: 'bundled', name: string }} BundledData */
/** @typedef {TableData | GeneratedData | BundledData} Data */
/**
 * A document with every default filled in.
 * @typedef {object} Experiment
 * @property {number} version
 * @property {string} title
 * @property {({ type: string } & Record<string, string | number>) | null} schedule
 * @property {number} seed
 * @property {Data} data
 * @property {number} validation
 * @property {boolean} standardize
 * @property {Layer[]} model
 * @property {{ type: string }} loss
 * @property {Optimizer} optimizer
 * @property {number} epochs
 * @property {{ loss?: number, patience?: number } | null} stop
 * @property {number | null} batch_size
 * @property {boolean} shuffle
 * @property {string} device
 * @property {number[][]} predict
 * @property {Comparison[]} [compare]
 */
/** @typedef {{ label: string, set: Record<string, unknown> }} Comparison one more run, with some fields set differently */
/**
 * What is wrong with a document, and where.
 * @typedef {{ path: string, code: string, params: Record<string, unknown>, message: string }} Problem
 */

export const LOSSES = ['mse', 'l1', 'smooth_l1', 'huber', 'bce_with_logits', 'bce', 'cross_entropy'];
/** Layers that follow another one without parameters or a change of shape. */
export const ACTIVATIONS = [
  'relu',
  'sigmoid',
  'tanh',
  'leaky_relu',
  'elu',
  'gelu',
  'silu',
  'softplus',
  'softmax',
];
export const MAX_WIDTH = 4096;
export const MAX_LAYERS = 64;

/** The fields of an optimizer in this page's order, with PyTorch's defaults. */
export const OPTIMIZERS = /** @type {Record<string, Record<string, unknown>>} */ ({
  sgd: { momentum: 0, dampening: 0, nesterov: false, weight_decay: 0 },
  adam: { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, amsgrad: false },
  adamw: { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.01, amsgrad: false },
  rmsprop: { alpha: 0.99, momentum: 0, eps: 1e-8, weight_decay: 0, centered: false },
  adagrad: { lr_decay: 0, weight_decay: 0, initial_accumulator_value: 0, eps: 1e-10 },
});

/** PyTorch's learning rates, where none is given. */
const USUAL_RATES = /** @type {Record<string, number>} */ ({
  sgd: 0.001,
  adam: 0.001,
  adamw: 0.001,
  rmsprop: 0.01,
  adagrad: 0.01,
});
/** Above this rate hardly anything trains. */
const LARGEST_RATE = 0.1;

/**
 * A rate to try where training diverged at `lr`, and whether `lr` was large: where it was no more than usual, other
 * numbers are to blame. No rate where there is none below.
 * @param {string} type of the optimizer
 * @param {number} lr
 */
export function calmerRate(type, lr) {
  const rate = Math.min(Number((lr / 10).toPrecision(6)), LARGEST_RATE);
  return { rate: rate > 0 ? rate : undefined, large: lr > (USUAL_RATES[type] ?? 0) };
}

/** The schedules with what they start with here; `gamma` of a step is PyTorch's default. */
export const SCHEDULES = /** @type {Record<string, Record<string, number>>} */ ({
  step: { step_size: 10, gamma: 0.1 },
  exponential: { gamma: 0.99 },
  cosine: { T_max: 50 },
});

export const INITS = [
  'default',
  'xavier_uniform',
  'xavier_normal',
  'kaiming_uniform',
  'kaiming_normal',
  'zeros',
];

/** What a new layer starts with. Activations have no entry unless they have an option. */
const LAYERS = /** @type {Record<string, Record<string, unknown>>} */ ({
  linear: { out: 8, bias: true, init: 'default' },
  conv2d: { out: 8, kernel: 3, stride: 1, padding: 0, init: 'default' },
  max_pool2d: { kernel: 2, stride: 2 },
  dropout: { p: 0.5 },
  leaky_relu: { negative_slope: 0.01 },
  elu: { alpha: 1 },
});

/** Every type of layer, as the menu lists them. */
export const LAYER_TYPES = [
  'linear',
  'conv2d',
  'max_pool2d',
  'flatten',
  'dropout',
  'batch_norm',
  'layer_norm',
  ...ACTIVATIONS,
];

/**
 * A layer with its defaults.
 * @param {string} type
 * @returns {Layer}
 */
export const newLayer = (type) => ({ type, ...LAYERS[type] });

/** @param {Experiment} document */
export const isClassification = (document) =>
  ['bce', 'bce_with_logits', 'cross_entropy'].includes(document.loss.type);

/**
 * @param {Experiment} document
 * @returns {TableData | undefined}
 */
export const tableOf = (document) => (document.data.kind === 'table' ? document.data : undefined);

/** Generated sets with two classes, then those with a value. */
export const GENERATED = ['circle', 'xor', 'gauss', 'spiral', 'moons', 'plane', 'gaussian_bumps', 'sine'];
const GENERATED_CLASSES = GENERATED.slice(0, 5);

/** Sets that come with the page: see crate/src/data/bundled. */
export const BUNDLED = /** @type {const} */ ({
  iris: {
    inputs: ['sepal length', 'sepal width', 'petal length', 'petal width'],
    targets: ['species'],
    count: 150,
    classes: 3,
    names: ['setosa', 'versicolor', 'virginica'],
    shape: [4],
  },
  digits: {
    inputs: Array.from({ length: 64 }, (_, at) => `pixel ${at + 1}`),
    targets: ['digit'],
    count: 1797,
    classes: 10,
    names: [],
    shape: [1, 8, 8],
  },
});

/**
 * The columns of any data, how many rows there are, the shape of an input, how many classes the target has: 0
 * where it is a value, undefined where only the loss says what it is; and what those that have a name are called.
 * @param {Data} data
 * @returns {{ inputs: readonly string[], targets: readonly string[], count: number, classes: number | undefined, names: readonly string[], shape: readonly number[] }}
 */
export function columnsOf(data) {
  if (data.kind === 'bundled') return BUNDLED[/** @type {keyof typeof BUNDLED} */ (data.name)];
  if (data.kind === 'table') {
    const { inputs, targets, rows, input_shape, classes: names = [] } = data;
    const shape = input_shape ?? [inputs.length];
    return { inputs, targets, count: rows.length, classes: undefined, names, shape };
  }
  const inputs = data.name === 'sine' ? ['x'] : ['x1', 'x2'];
  const classes = GENERATED_CLASSES.includes(data.name) ? 2 : 0;
  return { inputs, targets: ['y'], count: data.points, classes, names: [], shape: [inputs.length] };
}

/**
 * How many outputs the loss and the data call for; undefined where the page cannot know.
 * @param {Experiment} document
 */
export function neededOutputs(document) {
  const table = tableOf(document);
  const classified = document.loss.type === 'cross_entropy';
  if (!table) return classified ? columnsOf(document.data).classes || undefined : 1;
  if (!classified) return table.targets.length;
  if (table.targets.length !== 1) return undefined;
  const column = table.inputs.length;
  let classes = 2;
  for (const row of table.rows) {
    const value = row[column] ?? 0;
    if (!Number.isInteger(value) || value < 0) return undefined;
    classes = Math.max(classes, value + 1);
  }
  return classes <= MAX_WIDTH ? classes : undefined;
}

/**
 * A layer and the activation behind it, as the page shows them.
 * @typedef {object} Block
 * @property {number} index the layer's index in `model`
 * @property {Layer} layer
 * @property {number | undefined} activationIndex
 * @property {string | undefined} activation
 * @property {number} length how many layers of `model` the block is
 */

/** Layers with a size of their own. @param {Layer} layer */
export const hasUnits = ({ type }) => type === 'linear' || type === 'conv2d';

/**
 * @param {Layer[]} model
 * @returns {Block[]}
 */
export function blocks(model) {
  /** @type {Block[]} */
  const found = [];
  for (let index = 0; index < model.length; index += 1) {
    const layer = /** @type {Layer} */ (model[index]);
    const next = model[index + 1];
    const joined = hasUnits(layer) && next !== undefined && ACTIVATIONS.includes(next.type);
    found.push({
      index,
      layer,
      activationIndex: joined ? index + 1 : undefined,
      activation: joined ? next.type : undefined,
      length: joined ? 2 : 1,
    });
    if (joined) index += 1;
  }
  return found;
}

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
 * The shape of one row of inputs.
 * @param {Experiment} document
 */
export function inputShapeOf({ data }) {
  return [...columnsOf(data).shape];
}

/**
 * What a layer makes of a shape; undefined where it cannot take it.
 * @param {Layer} layer
 * @param {number[]} input
 * @returns {number[] | undefined}
 */
function outputShape(layer, input) {
  const out = Number(layer.out);
  if (layer.type === 'linear') return [...input.slice(0, -1), out];
  if (layer.type === 'flatten') return [input.reduce((product, size) => product * size, 1)];
  if (layer.type !== 'conv2d' && layer.type !== 'max_pool2d') return input;
  const [channels, height, width] = input;
  if (input.length !== 3 || !channels || !height || !width) return undefined;
  const usual = layer.type === 'conv2d' ? 1 : layer.kernel;
  const [kernel, stride, padding] = [layer.kernel, layer.stride ?? usual, layer.padding ?? 0].map(Number);
  const window = (/** @type {number} */ size) =>
    Math.floor((size + 2 * Number(padding) - Number(kernel)) / Number(stride)) + 1;
  const [high, wide] = [window(height), window(width)];
  return high > 0 && wide > 0 ? [layer.type === 'conv2d' ? out : channels, high, wide] : undefined;
}

/**
 * The lengths of nested arrays, by the first of each level.
 * @param {unknown} value
 * @returns {number[]}
 */
const shapeOf = (value) => (Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : []);

/**
 * @param {Layer} layer
 * @returns {{ weight: unknown[], bias?: number[] | null } | undefined}
 */
export function given(layer) {
  const { init } = layer;
  return init !== null && typeof init === 'object' ? /** @type {any} */ (init) : undefined;
}

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
 * The document with another table. The rows to predict for keep as many values as there are inputs.
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
  const predict = (document.predict ?? []).map((row) => inputs.map((_, at) => row[at] ?? 0));
  return dropStaleInits({ ...document, data, predict: same ? document.predict : predict });
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

/** Options that say what an optimizer keeps from step to step: they need a new training. */
const KEPT = ['type', 'amsgrad', 'centered', 'initial_accumulator_value'].map((name) => `optimizer.${name}`);
/** Fields that training takes over while it runs, with all of the optimizer's other options. */
const LIVE = ['schedule', 'epochs', 'stop', 'batch_size', 'shuffle', 'device'];
/** Fields that training does not depend on. */
const APART = ['title', 'predict', 'compare'];

/**
 * @param {Experiment} document
 * @param {string} key
 * @param {unknown} value
 * @returns {Experiment}
 */
export function withOption(document, key, value) {
  return { ...document, optimizer: { ...document.optimizer, [key]: value } };
}

/**
 * What has to be done for a training of `before` to be one of `after`.
 * @param {Experiment} before
 * @param {Experiment} after
 * @returns {{ reset: boolean, set: Record<string, unknown>, predict: boolean }} `set` are values by paths
 */
export function difference(before, after) {
  const paths = [...changes(before, after, '')];
  // PyTorch's RMSprop cannot begin to have momentum, either.
  const { type } = before.optimizer;
  const momentum = [before, after].map(({ optimizer }) => Number(optimizer.momentum ?? 0) > 0);
  const kept = type === 'rmsprop' && momentum[0] !== momentum[1] ? [...KEPT, 'optimizer.momentum'] : KEPT;
  const isLive = (/** @type {string} */ path) =>
    LIVE.includes(path) || (path.startsWith('optimizer.') && !kept.includes(path));
  const set = Object.fromEntries(paths.filter(isLive).map((path) => [path, at(after, path) ?? null]));
  const reset = paths.some((path) => !isLive(path) && !APART.includes(path));
  return { reset, set, predict: before.predict !== after.predict };
}

/**
 * @param {unknown} before
 * @param {unknown} after
 * @param {string} path
 * @returns {Generator<string>}
 */
function* changes(before, after, path) {
  if (before === after) return;
  const deep = path === '' || path === 'optimizer';
  if (!deep || !isObject(before) || !isObject(after)) {
    if (!same(before, after)) yield path;
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    yield* changes(before[key], after[key], path === '' ? key : `${path}.${key}`);
  }
}

/**
 * Whether two values of JSON are equal; a field that is missing is null.
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean}
 */
export function same(a, b) {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, index) => same(value, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
      same(a[key] ?? null, b[key] ?? null),
    );
  }
  return false;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * @param {unknown} value
 * @param {string} path
 */
function at(value, path) {
  return path.split('.').reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}
