// tensorflow/playground's nn.ts: objects for nodes and links, one row at a time, one output and a square error.

import * as nn from 'playground-nn';
import { withParameters } from '../workloads.mjs';

export const init = () => {};

export const skips = ({ loss }) => loss === 'cross_entropy';

export function trainer(workload) {
  const { batches, batch, inputShape, inputs, targets, loss, optimizer } = workload;
  const layers = withParameters(workload);
  const activations = {
    relu: nn.Activations.RELU,
    tanh: nn.Activations.TANH,
    none: nn.Activations.LINEAR,
  };
  const half = nn.Errors.SQUARE;
  const whole = {
    error: (output, target) => (output - target) ** 2,
    der: (output, target) => 2 * (output - target),
  };
  const error = loss === 'half_mse' ? half : whole;
  const [width] = inputShape;
  const rows = Array.from({ length: batches * batch }, (_, row) => [
    Array.from(inputs.subarray(row * width, (row + 1) * width)),
    targets[row],
  ]);
  const names = Array.from({ length: width }, (_, at) => `x${at + 1}`);
  const sizes = [width, ...layers.map(({ out }) => out)];
  let network;
  let step;
  function reset() {
    const [hidden, output] = [layers[0].activation, layers.at(-1).activation];
    network = nn.buildNetwork(sizes, activations[hidden], activations[output], null, names);
    layers.forEach(({ weight, bias, in: width }, at) =>
      network[at + 1].forEach((node, unit) => {
        node.bias = bias[unit];
        node.inputLinks.forEach((link, from) => (link.weight = weight[unit * width + from]));
      }),
    );
    step = 0;
  }
  reset();
  return {
    run(steps) {
      let sum = 0;
      for (let done = 0; done < steps; done += 1) {
        const first = (step++ % batches) * batch;
        sum = 0;
        for (let row = first; row < first + batch; row += 1) {
          const [values, target] = rows[row];
          sum += error.error(nn.forwardProp(network, values), target);
          nn.backProp(network, target, error);
        }
        nn.updateWeights(network, optimizer.lr, 0);
      }
      return sum / batch;
    },
    reset,
  };
}
