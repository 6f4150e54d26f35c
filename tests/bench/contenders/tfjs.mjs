// TensorFlow.js by its core: variables, fused products and convolutions, `optimizer.minimize`.

import * as tf from '@tensorflow/tfjs-core';
// The core's index leaves the gradients out.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { targetColumns, withParameters } from '../workloads.mjs';
import { batchOf, channelsLast, filtersLast, size, transposed } from './layouts.mjs';

export async function start(backend) {
  if (!(await tf.setBackend(backend))) throw new Error(`there is no backend ${backend}`);
  await tf.ready();
}

export async function trainer(workload) {
  const { batches, batch, inputShape, loss, optimizer } = workload;
  const layers = withParameters(workload);
  // What every variable starts from: its values and its shape.
  const starts = [];
  let flat;
  for (const layer of layers) {
    if (layer.type === 'flatten') flat = layer;
    if (layer.type === 'linear') {
      const { in: width, out } = layer;
      const weight = flat
        ? channelsLast(layer.weight, out, flat.channels, flat.height, flat.width)
        : layer.weight;
      flat = undefined;
      starts.push([transposed(weight, out, width), [width, out]], [layer.bias, [out]]);
    }
    if (layer.type === 'conv2d') {
      const { kernel, in: channels, out } = layer;
      starts.push([filtersLast(layer), [kernel, kernel, channels, out]], [layer.bias, [out]]);
    }
  }
  const variables = starts.map(([values, shape]) => tf.variable(tf.tensor(values, shape)));

  const pictures = inputShape.length > 1;
  const [channels, height, width] = inputShape;
  const shape = pictures ? [batch, height, width, channels] : [batch, inputShape[0]];
  const goal = targetColumns(workload);
  const data = Array.from({ length: batches }, (_, at) => {
    const rows = batchOf(workload, workload.inputs, size(inputShape), at);
    const inputs = pictures ? channelsLast(rows, batch, channels, height, width) : rows;
    const targets = batchOf(workload, goal.values, goal.columns, at);
    return [tf.tensor(inputs, shape), tf.tensor(targets, [batch, goal.columns])];
  });

  function forward(inputs) {
    let values = inputs;
    let next = 0;
    for (const { type, activation, kernel } of layers) {
      if (type === 'max_pool2d') values = tf.maxPool(values, kernel, kernel, 'valid');
      if (type === 'flatten') values = tf.reshape(values, [batch, -1]);
      if (type !== 'linear' && type !== 'conv2d') continue;
      const [weight, bias] = [variables[next++], variables[next++]];
      const fused = { bias, activation: activation === 'relu' ? 'relu' : 'linear' };
      values =
        type === 'linear'
          ? tf.fused.matMul({ a: values, b: weight, ...fused })
          : tf.fused.conv2d({ x: values, filter: weight, strides: 1, pad: 'valid', ...fused });
      if (activation === 'tanh') values = tf.tanh(values);
    }
    return values;
  }
  function lossOf([inputs, targets]) {
    const outputs = forward(inputs);
    if (loss === 'cross_entropy') return tf.losses.softmaxCrossEntropy(targets, outputs);
    const mean = tf.mean(tf.squaredDifference(outputs, targets));
    return loss === 'half_mse' ? tf.mul(mean, 0.5) : mean;
  }
  const fresh = () =>
    optimizer.type === 'adam'
      ? tf.train.adam(optimizer.lr, ...optimizer.betas, optimizer.eps)
      : tf.train.sgd(optimizer.lr);

  let updates = fresh();
  let step = 0;
  return {
    async run(steps) {
      let last;
      for (let done = 1; done <= steps; done += 1) {
        const rows = data[step++ % batches];
        last = updates.minimize(() => lossOf(rows), done === steps, variables) ?? last;
      }
      const [value] = await last.data();
      last.dispose();
      return value;
    },
    async reset() {
      variables.forEach((variable, at) => tf.tidy(() => variable.assign(tf.tensor(...starts[at]))));
      updates.dispose();
      updates = fresh();
      step = 0;
      await variables[0].data();
    },
  };
}

export function product({ a, b, m, k, n }) {
  const [left, right] = [tf.tensor(a, [m, k]), tf.tensor(b, [k, n])];
  return {
    async run(times) {
      for (let time = 0; time < times; time += 1) {
        const result = tf.matMul(left, right);
        // Nothing waits until a tensor is computed: reading one element does, and costs the least.
        const corner = tf.slice(result, [0, 0], [1, 1]);
        await corner.data();
        tf.dispose([result, corner]);
      }
    },
    async sample(indices) {
      const values = await tf.matMul(left, right).data();
      return indices.map((index) => values[index]);
    },
  };
}
