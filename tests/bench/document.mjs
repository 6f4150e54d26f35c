// A workload as an Experiment document of this project.

import { withParameters } from './workloads.mjs';

/** @import { Training } from './workloads.mjs' */
/** @typedef {ReturnType<typeof withParameters>[number]} Layer */

/** As many epochs, and steps, as a document may have. */
const MOST_EPOCHS = 1_000_000;
const MOST_STEPS = 10_000_000;

/**
 * Its rows are given apart, see `arraysOf`.
 * @param {Training} workload
 * @param {{ initialised?: boolean }} [options] without its initial parameters, the document's seed draws others
 */
export function documentOf(workload, { initialised = true } = {}) {
  const { inputShape, classes, batch, batches, rows, loss, optimizer } = workload;
  const width = inputShape.reduce((product, length) => product * length, 1);
  // The document has no half of a mean square. Halving the rate of SGD instead gives the same updates bit for bit,
  // since halving is exact; who compares losses halves them, too: `lossScale`.
  const lr = loss === 'half_mse' ? optimizer.lr / 2 : optimizer.lr;
  return {
    version: 1,
    data: {
      kind: 'table',
      inputs: Array.from({ length: width }, (_, at) => `x${at + 1}`),
      targets: ['y'],
      rows: /** @type {number[][]} */ ([]),
      ...(inputShape.length > 1 && { input_shape: inputShape }),
    },
    model: withParameters(workload).flatMap((layer) => layersOf(layer, initialised)),
    loss: { type: classes > 0 ? 'cross_entropy' : 'mse' },
    optimizer: { ...optimizer, lr },
    epochs: Math.min(MOST_EPOCHS, Math.floor(MOST_STEPS / batches)),
    batch_size: batch === rows ? null : batch,
    shuffle: false,
  };
}

/**
 * The loss of the workload over that of its document.
 * @param {Training} workload
 */
export const lossScale = ({ loss }) => (loss === 'half_mse' ? 0.5 : 1);

/**
 * The rows that fill batches.
 * @param {Training} workload
 */
export function arraysOf({ inputs, targets, rows, batch, batches }) {
  const whole = (/** @type {Float32Array} */ values) =>
    values.subarray(0, (values.length / rows) * batch * batches);
  return { inputs: whole(inputs), targets: whole(targets) };
}

/**
 * The document with its rows in it.
 * @param {Training} workload
 */
export function wholeDocumentOf(workload) {
  const { inputs, targets } = arraysOf(workload);
  const document = documentOf(workload);
  const columns = inputs.length / targets.length;
  document.data.rows = Array.from(targets, (target, row) => [
    ...inputs.subarray(row * columns, (row + 1) * columns),
    target,
  ]);
  return document;
}

/**
 * @param {Layer} layer
 * @param {boolean} initialised
 * @returns {object[]}
 */
function layersOf(layer, initialised) {
  if (layer.type === 'max_pool2d') return [{ type: layer.type, kernel: layer.kernel }];
  if (layer.type === 'flatten') return [{ type: layer.type }];
  const { type, out, activation, weight, bias } = layer;
  const init = initialised
    ? { init: { weight: nested(weight, shapeOf(layer)), bias: Array.from(bias) } }
    : {};
  const kernel = layer.type === 'conv2d' ? { kernel: layer.kernel } : {};
  return [{ type, out, ...kernel, ...init }, ...(activation === 'none' ? [] : [{ type: activation }])];
}

/** @param {import('./workloads.mjs').Linear | import('./workloads.mjs').Conv2d} layer */
const shapeOf = (layer) =>
  layer.type === 'conv2d' ? [layer.out, layer.in, layer.kernel, layer.kernel] : [layer.out, layer.in];

/**
 * Row-major values as arrays within arrays.
 * @param {Float32Array} values
 * @param {number[]} shape
 * @returns {unknown[]}
 */
function nested(values, [count = 1, ...rest]) {
  if (rest.length === 0) return Array.from(values);
  const length = values.length / count;
  return Array.from({ length: count }, (_, at) =>
    nested(values.subarray(at * length, (at + 1) * length), rest),
  );
}
