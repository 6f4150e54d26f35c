// convnetjs: JavaScript in float64, one row at a time.

import convnetjs from 'convnetjs';
import { withParameters } from '../workloads.mjs';
import { channelsLast, size } from './layouts.mjs';

export const init = () => {};

export const differs = ({ optimizer }) =>
  optimizer.type === 'adam' ? 'it has no Adam: SGD with momentum 0.9 and a rate of 0.01' : undefined;

export function trainer(workload) {
  const { batches, batch, inputShape, loss, optimizer } = workload;
  const [channels, height, width] = inputShape.length > 1 ? inputShape : [size(inputShape), 1, 1];
  const net = new convnetjs.Net();
  net.layers = [new convnetjs.InputLayer({ out_sx: width, out_sy: height, out_depth: channels })];
  // Not by `makeLayers`, which puts a linear layer of its own before a loss.
  function add(Layer, options = {}) {
    const { out_sx, out_sy, out_depth } = net.layers.at(-1);
    const layer = new Layer({ in_sx: out_sx, in_sy: out_sy, in_depth: out_depth, ...options });
    net.layers.push(layer);
    return layer;
  }

  // Pairs of an array of the network and what it starts from.
  const starts = [];
  let flat;
  for (const layer of withParameters(workload)) {
    const { type, out, kernel } = layer;
    if (type === 'flatten') flat = layer;
    if (type === 'max_pool2d') add(convnetjs.PoolLayer, { sx: kernel, stride: kernel });
    if (type !== 'linear' && type !== 'conv2d') continue;
    const [made, rows] =
      type === 'linear'
        ? [
            add(convnetjs.FullyConnLayer, { num_neurons: out }),
            flat ? channelsLast(layer.weight, out, flat.channels, flat.height, flat.width) : layer.weight,
          ]
        : [
            add(convnetjs.ConvLayer, { filters: out, sx: kernel, sy: kernel, stride: 1, pad: 0 }),
            channelsLast(layer.weight, out, layer.in, kernel, kernel),
          ];
    flat = undefined;
    const length = rows.length / out;
    made.filters.forEach(({ w }, at) => starts.push([w, rows.slice(at * length, (at + 1) * length)]));
    starts.push([made.biases.w, layer.bias]);
    if (layer.activation === 'relu') add(convnetjs.ReluLayer);
    if (layer.activation === 'tanh') add(convnetjs.TanhLayer);
  }
  if (loss === 'cross_entropy') add(convnetjs.SoftmaxLayer, { num_classes: workload.classes });
  else add(convnetjs.RegressionLayer, { num_neurons: 1 });

  const length = size(inputShape);
  const inputs = channelsLast(workload.inputs, workload.rows, channels, height, width);
  const rows = Array.from({ length: batches * batch }, (_, row) => {
    const volume = new convnetjs.Vol(width, height, channels, 0);
    volume.w.set(inputs.subarray(row * length, (row + 1) * length));
    const target = workload.targets[row];
    return [volume, loss === 'cross_entropy' ? target : [target]];
  });

  // The gradient of its regression is that of half the square, so `mse` needs twice the rate; the cost that 0.3.0
  // reports is four times what the gradient belongs to.
  const isAdam = optimizer.type === 'adam';
  const rate = isAdam ? 0.01 : optimizer.lr * (loss === 'mse' ? 2 : 1);
  const scale = { mse: 1 / 2, half_mse: 1 / 4, cross_entropy: 1 }[loss];
  let updates;
  let step;
  function reset() {
    for (const [values, start] of starts) values.set(start);
    updates = new convnetjs.Trainer(net, {
      method: 'sgd',
      learning_rate: rate,
      momentum: isAdam ? 0.9 : 0,
      batch_size: batch,
      l1_decay: 0,
      l2_decay: 0,
    });
    step = 0;
  }
  reset();
  return {
    run(steps) {
      let cost = 0;
      for (let done = 0; done < steps; done += 1) {
        const first = (step++ % batches) * batch;
        cost = 0;
        for (let row = first; row < first + batch; row += 1) cost += updates.train(...rows[row]).cost_loss;
      }
      return (cost * scale) / batch;
    },
    reset,
  };
}
