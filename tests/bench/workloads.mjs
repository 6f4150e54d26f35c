// What is measured, defined once: the page of every library and the runner import this file, and programs that are
// no JavaScript get the arrays that it makes. So everybody trains on the same bits, from the same parameters, in the
// same order: batch k is rows [(k mod batches) · batch, + batch), nothing is shuffled, and rows that fill no batch
// are left out.
//
// Parameters are PyTorch's: a linear weight is [out][in], a convolution's [out][in][height][width], images are
// [row][channel][height][width]. "The loss after k steps" is what step k computed before its update.

/**
 * @typedef {object} Linear
 * @property {'linear'} type
 * @property {number} in
 * @property {number} out
 * @property {'relu' | 'tanh' | 'none'} activation what follows
 */
/**
 * @typedef {object} Conv2d without padding, with a stride of 1
 * @property {'conv2d'} type
 * @property {number} in
 * @property {number} out
 * @property {number} kernel
 * @property {number} height of its input
 * @property {number} width
 * @property {'relu' | 'tanh' | 'none'} activation
 */
/** @typedef {{ type: 'max_pool2d', kernel: number }} MaxPool2d */
/** @typedef {{ type: 'flatten', channels: number, height: number, width: number }} Flatten */
/** @typedef {Linear | Conv2d | MaxPool2d | Flatten} Layer */

/** @typedef {{ type: 'sgd', lr: number } | { type: 'adam', lr: number, betas: [number, number], eps: number }} Optimizer */

/**
 * @typedef {object} Training
 * @property {'training'} kind
 * @property {string} id
 * @property {string} title
 * @property {string} unit what one second is counted in
 * @property {number} stepsPerUnit
 * @property {number} rows
 * @property {number} batch
 * @property {number} batches in an epoch
 * @property {number[]} inputShape of a row
 * @property {Float32Array} inputs
 * @property {Float32Array} targets numbers, or class indices for cross-entropy
 * @property {number} classes 0 without cross-entropy
 * @property {Layer[]} layers
 * @property {Float32Array[]} parameters weight, bias, weight, bias, …
 * @property {'mse' | 'half_mse' | 'cross_entropy'} loss means over the batch; `half_mse` is half of `mse`
 * @property {Optimizer} optimizer
 * @property {number} chunk a loss must come out as a number at least this often, in steps
 * @property {number[]} checks after which steps the loss is compared with PyTorch's
 * @property {number} resetEvery steps after which training starts over, so that it stays a normal one
 * @property {number} flop a step's floating-point operations in its products; a multiplication and an addition are two
 */
/**
 * @typedef {object} Product
 * @property {'product'} kind
 * @property {string} id
 * @property {string} title
 * @property {string} unit
 * @property {number} m
 * @property {number} k
 * @property {number} n
 * @property {Float32Array} a m · k
 * @property {Float32Array} b k · n
 * @property {number} flop
 */
/** @typedef {Training | Product} Workload */

/**
 * Uniform in [0, 1), with 24 random bits, so that each is exact in float32. (mulberry32)
 * @param {number} seed
 */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 8) / 2 ** 24;
  };
}

/**
 * @param {number} length
 * @param {() => number} value
 */
const filled = (length, value) => Float32Array.from({ length }, value);

/**
 * @param {number[]} sizes
 * @param {'relu' | 'tanh'} hidden
 * @param {'tanh' | 'none'} last
 * @returns {Layer[]}
 */
const perceptron = (sizes, hidden, last = 'none') =>
  sizes.slice(1).map((out, at) => ({
    type: 'linear',
    in: /** @type {number} */ (sizes[at]),
    out,
    activation: at === sizes.length - 2 ? last : hidden,
  }));

/** @type {Layer[]} 28 × 28 → 26 × 26 → 13 × 13 → 11 × 11 → 5 × 5 */
const SMALL_CNN = [
  { type: 'conv2d', in: 1, out: 8, kernel: 3, height: 28, width: 28, activation: 'relu' },
  { type: 'max_pool2d', kernel: 2 },
  { type: 'conv2d', in: 8, out: 16, kernel: 3, height: 13, width: 13, activation: 'relu' },
  { type: 'max_pool2d', kernel: 2 },
  { type: 'flatten', channels: 16, height: 5, width: 5 },
  { type: 'linear', in: 400, out: 10, activation: 'none' },
];

/** @param {Linear | Conv2d} layer */
const fanIn = (layer) => layer.in * (layer.type === 'conv2d' ? layer.kernel ** 2 : 1);

/**
 * Weights, then biases, of one layer after the other.
 * @param {Layer[]} layers
 * @param {(layer: Linear | Conv2d) => { weight: () => number, bias: () => number }} rule
 */
const initial = (layers, rule) =>
  layers.flatMap((layer) => {
    if (layer.type !== 'linear' && layer.type !== 'conv2d') return [];
    const { weight, bias } = rule(layer);
    return [filled(layer.out * fanIn(layer), weight), filled(layer.out, bias)];
  });

/**
 * PyTorch's default: both from U(-1/√fan_in, 1/√fan_in).
 * @param {Layer[]} layers
 * @param {number} seed
 */
function pytorchInitial(layers, seed) {
  const random = uniform(seed);
  return initial(layers, (layer) => {
    const bound = 1 / Math.sqrt(fanIn(layer));
    const value = () => (2 * random() - 1) * bound;
    return { weight: value, bias: value };
  });
}

/**
 * tensorflow/playground's: weights from U(-0.5, 0.5), biases 0.1.
 * @param {Layer[]} layers
 * @param {number} seed
 */
function playgroundInitial(layers, seed) {
  const random = uniform(seed);
  return initial(layers, () => ({ weight: () => random() - 0.5, bias: () => 0.1 }));
}

/** x1 + x2, four rows. */
const sum = () => ({
  rows: 4,
  inputShape: [2],
  inputs: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  targets: Float32Array.of(3, 7, 11, 15),
  classes: 0,
});

/**
 * tensorflow/playground's two arms without noise, labels 1 and -1, in one random order.
 * @param {number} rows
 * @param {number} seed
 */
function spiral(rows, seed) {
  /** @type {[number, number, number][]} */
  const points = [];
  for (const { turn, label } of [
    { turn: 0, label: 1 },
    { turn: Math.PI, label: -1 },
  ]) {
    for (let at = 0; at < rows / 2; at += 1) {
      const radius = (at / (rows / 2)) * 5;
      const angle = 1.75 * (at / (rows / 2)) * 2 * Math.PI + turn;
      points.push([radius * Math.sin(angle), radius * Math.cos(angle), label]);
    }
  }
  const random = uniform(seed);
  for (let at = points.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const [here, there] = [points[at], points[other]];
    if (here && there) [points[at], points[other]] = [there, here];
  }
  return {
    rows,
    inputShape: [2],
    inputs: Float32Array.from(points.flatMap(([x, y]) => [x, y])),
    targets: Float32Array.from(points.map(([, , label]) => label)),
    classes: 0,
  };
}

/**
 * Noise with random labels: as much work as real pictures.
 * @param {number} rows
 * @param {number[]} inputShape
 * @param {number} seed
 */
function noise(rows, inputShape, seed) {
  const random = uniform(seed);
  const classes = 10;
  const inputs = filled(rows * inputShape.reduce((product, size) => product * size, 1), random);
  return { rows, inputShape, inputs, targets: filled(rows, () => Math.floor(random() * classes)), classes };
}

/**
 * Forward, and both products backward; none for the gradient of the data.
 * @param {Layer[]} layers
 */
function flopPerRow(layers) {
  let flop = 0;
  for (const layer of layers) {
    if (layer.type !== 'linear' && layer.type !== 'conv2d') continue;
    const { kernel, height, width } = layer.type === 'conv2d' ? layer : { kernel: 1, height: 1, width: 1 };
    const places = (height - kernel + 1) * (width - kernel + 1);
    flop += 2 * layer.out * fanIn(layer) * places * (flop === 0 ? 2 : 3);
  }
  return flop;
}

/**
 * @param {Omit<Training, 'kind' | 'stepsPerUnit' | 'batches' | 'flop'>} definition
 * @returns {Training}
 */
function training(definition) {
  const { rows, batch, unit, layers } = definition;
  const batches = Math.floor(rows / batch);
  const stepsPerUnit = unit === 'steps/s' ? 1 : unit === 'epochs/s' ? batches : 1 / batch;
  return { ...definition, kind: 'training', batches, stepsPerUnit, flop: flopPerRow(layers) * batch };
}

/**
 * @param {string} id
 * @param {number} m
 * @param {number} k
 * @param {number} n
 * @returns {Product}
 */
function product(id, m, k, n) {
  const random = uniform(700 + m);
  const value = () => 2 * random() - 1;
  const [a, b] = [filled(m * k, value), filled(k * n, value)];
  const title = `product (${m}, ${k}) @ (${k}, ${n})`;
  return { kind: 'product', id, title, unit: 'GFLOP/s', m, k, n, a, b, flop: 2 * m * k * n };
}

/** @type {Optimizer} */
const ADAM = { type: 'adam', lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 };

/**
 * @param {string} id
 * @param {number} batch
 */
function sumOfTwo(id, batch) {
  const layers = perceptron([2, 8, 1], 'relu');
  return training({
    id,
    title: `x1 + x2, 2-8-1 ReLU, SGD, ${batch === 4 ? 'all four rows' : `batch ${batch}`}`,
    unit: 'steps/s',
    ...sum(),
    batch,
    layers,
    parameters: pytorchInitial(layers, 11),
    loss: 'mse',
    optimizer: { type: 'sgd', lr: 0.001 },
    chunk: 100,
    checks: [1, 100, 1000],
    resetEvery: 100_000,
  });
}

/** @type {Record<string, () => Workload>} */
const WORKLOADS = {
  W1: () => sumOfTwo('W1', 4),
  W2: () => sumOfTwo('W2', 2),
  W3: () => {
    const layers = perceptron([2, 8, 8, 1], 'tanh', 'tanh');
    return training({
      id: 'W3',
      title: 'spiral of 500 points, 2-8-8-1 tanh, SGD, batch 10',
      unit: 'epochs/s',
      ...spiral(500, 3),
      batch: 10,
      layers,
      parameters: playgroundInitial(layers, 13),
      loss: 'half_mse',
      optimizer: { type: 'sgd', lr: 0.03 },
      chunk: 50,
      checks: [1, 50, 500],
      resetEvery: 100_000,
    });
  },
  W4: () => {
    const layers = perceptron([64, 128, 64, 10], 'relu');
    return training({
      id: 'W4',
      title: '64-128-64-10 ReLU, Adam, batch 64',
      unit: 'samples/s',
      ...noise(1797, [64], 4),
      batch: 64,
      layers,
      parameters: pytorchInitial(layers, 14),
      loss: 'cross_entropy',
      optimizer: ADAM,
      chunk: 28,
      checks: [1, 28, 56],
      resetEvery: 560,
    });
  },
  W5: () => {
    const layers = perceptron([784, 512, 256, 10], 'relu');
    return training({
      id: 'W5',
      title: '784-512-256-10 ReLU, Adam, batch 128',
      unit: 'samples/s',
      ...noise(12_800, [784], 5),
      batch: 128,
      layers,
      parameters: pytorchInitial(layers, 15),
      loss: 'cross_entropy',
      optimizer: ADAM,
      chunk: 20,
      checks: [1, 10],
      resetEvery: 200,
    });
  },
  W6: () =>
    training({
      id: 'W6',
      title: '1×28×28, conv 3×3 (8), pool, conv 3×3 (16), pool, linear 10, SGD, batch 64',
      unit: 'samples/s',
      ...noise(640, [1, 28, 28], 6),
      batch: 64,
      layers: SMALL_CNN,
      parameters: pytorchInitial(SMALL_CNN, 16),
      loss: 'cross_entropy',
      optimizer: { type: 'sgd', lr: 0.01 },
      chunk: 10,
      checks: [1, 10],
      resetEvery: 400,
    }),
  W7a: () => product('W7a', 1, 6400, 5000),
  W7b: () => product('W7b', 512, 512, 512),
  W7c: () => product('W7c', 1024, 1024, 1024),
};

export const IDS = Object.keys(WORKLOADS);

/**
 * @param {string} id
 * @returns {Workload}
 */
export function build(id) {
  const make = WORKLOADS[id];
  if (!make) throw new Error(`there is no workload ${id}: there are ${IDS.join(', ')} and W8`);
  return make();
}

/**
 * Eight places of a product, and what stands there in float64.
 * @param {Product} product
 */
export function productChecks({ m, k, n, a, b }) {
  const random = uniform(99);
  return Array.from({ length: 8 }, (_, at) => {
    const row = Math.floor(random() * m);
    const column = at === 0 ? 0 : at === 1 ? n - 1 : Math.floor(random() * n);
    let value = 0;
    for (let i = 0; i < k; i += 1) value += (a[row * k + i] ?? NaN) * (b[i * n + column] ?? NaN);
    return { index: row * n + column, value };
  });
}

/**
 * Each layer with its parameters, where it has any.
 * @param {Training} workload
 */
export function withParameters({ layers, parameters }) {
  let at = 0;
  return layers.map((layer) => {
    if (layer.type !== 'linear' && layer.type !== 'conv2d') return { ...layer };
    const [weight, bias] = parameters.slice(at, (at += 2));
    if (!weight || !bias) throw new Error('a layer has no parameters');
    return { ...layer, weight, bias };
  });
}

/**
 * Targets as most libraries take them: one column per class for cross-entropy.
 * @param {Training} workload
 */
export function targetColumns({ targets, classes }) {
  if (classes === 0) return { columns: 1, values: targets };
  const values = new Float32Array(targets.length * classes);
  targets.forEach((label, row) => (values[row * classes + label] = 1));
  return { columns: classes, values };
}
