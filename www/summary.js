// The table of the layers, as the torchsummary package prints it: see crate/src/nn/summary.rs.

/** @import { LayerSummary } from './gradus.js' */
/** @import { Layer } from './experiment.js' */

/** PyTorch's classes. */
const CLASSES = /** @type {Record<string, string>} */ ({
  linear: 'Linear',
  relu: 'ReLU',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  leaky_relu: 'LeakyReLU',
  elu: 'ELU',
  gelu: 'GELU',
  silu: 'SiLU',
  softplus: 'Softplus',
  softmax: 'Softmax',
  dropout: 'Dropout',
  layer_norm: 'LayerNorm',
  flatten: 'Flatten',
  conv2d: 'Conv2d',
  max_pool2d: 'MaxPool2d',
});

/** A float32, and bytes of a mebibyte. */
const BYTES = 4;
const MEGA = 1024 ** 2;

const product = (/** @type {number[]} */ sizes) => sizes.reduce((all, size) => all * size, 1);

/**
 * @param {LayerSummary[]} layers
 */
export function summarise(layers) {
  const rows = layers.map(({ type, inputShape, outputShape, parameters }, at) => {
    const dimensions = inputShape.length > 2 ? 2 : 1;
    const name = CLASSES[type] ?? `BatchNorm${dimensions}d`;
    return { name: `${name}-${at + 1}`, shape: `[${[-1, ...outputShape].join(', ')}]`, parameters };
  });
  const total = layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const input = (product(layers[0]?.inputShape ?? []) * BYTES) / MEGA;
  // Forwards and backwards.
  const passes = (2 * layers.reduce((sum, { outputShape }) => sum + product(outputShape), 0) * BYTES) / MEGA;
  const params = (total * BYTES) / MEGA;
  return { rows, total, sizes: { input, passes, params, all: input + passes + params } };
}

/** torchsummary's text. @param {ReturnType<typeof summarise>} summary */
export function summaryText({ rows, total, sizes }) {
  const [thin, thick] = ['-'.repeat(64), '='.repeat(64)];
  const whole = (/** @type {number} */ value) => value.toLocaleString('en-US');
  const line = (/** @type {string} */ name, /** @type {string} */ shape, /** @type {string} */ count) =>
    `${name.padStart(20)}  ${shape.padStart(25)} ${count.padStart(15)}`;
  return [
    thin,
    line('Layer (type)', 'Output Shape', 'Param #'),
    thick,
    ...rows.map(({ name, shape, parameters }) => line(name, shape, whole(parameters))),
    thick,
    `Total params: ${whole(total)}`,
    `Trainable params: ${whole(total)}`,
    'Non-trainable params: 0',
    thin,
    `Input size (MB): ${sizes.input.toFixed(2)}`,
    `Forward/backward pass size (MB): ${sizes.passes.toFixed(2)}`,
    `Params size (MB): ${sizes.params.toFixed(2)}`,
    `Estimated Total Size (MB): ${sizes.all.toFixed(2)}`,
    thin,
  ].join('\n');
}
