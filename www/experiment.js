// The Experiment document on the page: its types, its vocabulary, and the questions that views ask about it. Edits are in
// edits.js. Reading, checking and writing documents is the module's business, not the page's.

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
export function outputShape(layer, input) {
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
 * @param {Layer} layer
 * @returns {{ weight: unknown[], bias?: number[] | null } | undefined}
 */
export function given(layer) {
  const { init } = layer;
  return init !== null && typeof init === 'object' ? /** @type {any} */ (init) : undefined;
}
