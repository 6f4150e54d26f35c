// The Experiment document on the page: its types, the questions that views ask about it, and edits of its model.
// Reading, checking and writing documents is the module's business, not the page's.

/** @typedef {{ type: string, out?: number, bias?: boolean, init?: unknown, [option: string]: unknown }} Layer */
/** @typedef {{ type: string, lr: number, [option: string]: unknown }} Optimizer */
/**
 * @typedef {object} TableData
 * @property {'table'} kind
 * @property {string[]} inputs
 * @property {string[]} targets
 * @property {number[][]} rows
 * @property {number[] | null} [input_shape]
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

export const LOSSES = ['mse', 'bce_with_logits', 'cross_entropy'];
export const ACTIVATIONS = ['relu', 'sigmoid', 'tanh'];
export const MAX_WIDTH = 4096;
export const MAX_LAYERS = 64;

/** The fields of an optimizer in this page's order, with PyTorch's defaults. */
export const OPTIMIZERS = /** @type {Record<string, Record<string, unknown>>} */ ({
  sgd: { momentum: 0, dampening: 0, nesterov: false, weight_decay: 0 },
  adam: { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, amsgrad: false },
});

/** Layers that follow another one without parameters or a change of shape. */
const ELEMENTWISE = [...ACTIVATIONS, 'leaky_relu', 'elu', 'gelu', 'silu', 'softplus', 'softmax'];

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
    shape: [4],
  },
  digits: {
    inputs: Array.from({ length: 64 }, (_, at) => `pixel ${at + 1}`),
    targets: ['digit'],
    count: 1797,
    classes: 10,
    shape: [1, 8, 8],
  },
});

/**
 * The columns of any data, how many rows there are, the shape of an input, and how many classes the target has: 0
 * where it is a value, undefined where only the loss says what it is.
 * @param {Data} data
 * @returns {{ inputs: readonly string[], targets: readonly string[], count: number, classes: number | undefined, shape: readonly number[] }}
 */
export function columnsOf(data) {
  if (data.kind === 'bundled') return BUNDLED[/** @type {keyof typeof BUNDLED} */ (data.name)];
  if (data.kind === 'table') {
    const { inputs, targets, rows, input_shape: shape } = data;
    return { inputs, targets, count: rows.length, classes: undefined, shape: shape ?? [inputs.length] };
  }
  const inputs = data.name === 'sine' ? ['x'] : ['x1', 'x2'];
  const classes = GENERATED_CLASSES.includes(data.name) ? 2 : 0;
  return { inputs, targets: ['y'], count: data.points, classes, shape: [inputs.length] };
}

/**
 * How many outputs the loss and the data call for; undefined where the page cannot know.
 * @param {Experiment} document
 */
export function neededOutputs(document) {
  const table = tableOf(document);
  if (!table) {
    const { classes } = columnsOf(document.data);
    return document.loss.type === 'cross_entropy' ? classes || undefined : 1;
  }
  if (document.loss.type !== 'cross_entropy') return table.targets.length;
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
    const joined = layer.type === 'linear' && next !== undefined && ELEMENTWISE.includes(next.type);
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
const linear = (out) => ({ type: 'linear', out, bias: true, init: 'default' });

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
 * @param {-1 | 1} by
 */
export function moveLayer(document, block, by) {
  const list = blocks(document.model);
  const to = block + by;
  if (to < 0 || to >= list.length) return document;
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
export function resizeLayer(document, index, out) {
  return withModel(
    document,
    document.model.map((layer, at) => (at === index ? { ...layer, out } : layer)),
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
    document.model.toSpliced(index + 1, remove, ...(activation ? [{ type: activation }] : [])),
  );
}

/**
 * Weights that a document gives as numbers fit one shape only. Where an edit changed the shape, the layer starts
 * from PyTorch's own init instead.
 * @param {Experiment} document
 * @returns {Experiment}
 */
export function dropStaleInits(document) {
  const { shape } = columnsOf(document.data);
  let size = shape.length === 1 ? shape[0] : undefined;
  const model = document.model.map((layer) => {
    if (layer.type !== 'linear')
      return ELEMENTWISE.includes(layer.type) || layer.type === 'dropout' ? layer : unknown(layer);
    const inputs = size;
    size = layer.out;
    const weight = given(layer)?.weight;
    if (!weight || inputs === undefined) return layer;
    const fits =
      weight.length === layer.out && weight.every((row) => Array.isArray(row) && row.length === inputs);
    return fits ? layer : { ...layer, init: 'default' };
  });
  return { ...document, model };

  /** @param {Layer} layer */
  function unknown(layer) {
    if (!['batch_norm', 'layer_norm'].includes(layer.type)) size = undefined;
    return layer;
  }
}

/**
 * @param {Layer} layer
 * @returns {{ weight?: number[][], bias?: number[] } | undefined}
 */
export function given(layer) {
  return layer.init !== null && typeof layer.init === 'object' ? layer.init : undefined;
}

/**
 * The document with another table. The rows to predict for keep as many values as there are inputs.
 * @param {Experiment} document
 * @param {{ inputs: string[], targets: string[], rows: number[][] }} table
 * @returns {Experiment}
 */
export function withTable(document, table) {
  const old = tableOf(document);
  const { inputs, targets, rows } = table;
  const same = old && old.inputs.length === inputs.length;
  /** @type {TableData} */
  const data = { kind: 'table', inputs, targets, rows, input_shape: same ? (old.input_shape ?? null) : null };
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

/** Fields that training takes over while it runs, without starting anew. */
const LIVE = ['optimizer.lr', 'optimizer.momentum', 'optimizer.weight_decay', 'epochs'];
/** Fields that training does not depend on. */
const APART = ['title', 'predict', 'compare', 'device'];

/**
 * What has to be done for a training of `before` to be one of `after`.
 * @param {Experiment} before
 * @param {Experiment} after
 * @returns {{ reset: boolean, set: { path: string, value: number }[], predict: boolean }}
 */
export function difference(before, after) {
  const paths = [...changes(before, after, '')];
  const set = LIVE.filter((path) => paths.includes(path)).map((path) => ({
    path,
    value: Number(at(after, path)),
  }));
  const reset = paths.some((path) => !LIVE.includes(path) && !APART.includes(path));
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
