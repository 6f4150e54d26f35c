// jax-js: one function, compiled, makes a whole step.

import {
  blockUntilReady,
  defaultDevice,
  init as start,
  jit,
  lax,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import { targetColumns, withParameters } from '../workloads.mjs';
import { batchOf, size, transposed } from './layouts.mjs';

/** @param {{ device: string }} options */
export async function init({ device }) {
  const devices = await start(device);
  if (!devices.includes(device)) throw new Error(`there is no device ${device}, only ${devices}`);
  defaultDevice(device);
}

const array = (values, shape) => np.array(values).reshape(shape);

export async function trainer(workload) {
  const { batches, batch, inputShape, loss, optimizer } = workload;
  const layers = withParameters(workload);
  const initial = () =>
    layers
      .filter(({ weight }) => weight)
      .map(({ type, weight, bias, in: width, out, kernel }) =>
        type === 'linear'
          ? { weight: array(transposed(weight, out, width), [width, out]), bias: array(bias.slice(), [out]) }
          : {
              weight: array(weight.slice(), [out, width, kernel, kernel]),
              bias: array(bias.slice(), [out, 1, 1]),
            },
      );

  const activate = { relu: nn.relu, tanh: np.tanh, none: (values) => values };
  function forward(parameters, inputs) {
    let values = inputs;
    let next = 0;
    for (const { type, activation, kernel } of layers) {
      if (type === 'max_pool2d') {
        values = lax.reduceWindow(values, np.max, [kernel, kernel], [kernel, kernel]);
      }
      if (type === 'flatten') values = values.reshape([batch, -1]);
      if (type !== 'linear' && type !== 'conv2d') continue;
      const { weight, bias } = parameters[next++];
      const product =
        type === 'linear' ? np.dot(values, weight) : lax.convGeneralDilated(values, weight, [1, 1], 'VALID');
      values = activate[activation](product.add(bias));
    }
    return values;
  }
  function lossOf(parameters, inputs, targets) {
    const outputs = forward(parameters, inputs);
    if (loss === 'cross_entropy')
      return nn
        .logSoftmax(outputs)
        .mul(targets)
        .sum()
        .mul(-1 / batch);
    return np
      .square(outputs.sub(targets))
      .mean()
      .mul(loss === 'half_mse' ? 0.5 : 1);
  }

  const { lr } = optimizer;
  const gradients = valueAndGrad(lossOf);
  function sgd({ parameters }, inputs, targets) {
    const [value, slopes] = gradients(tree.ref(parameters), inputs, targets);
    return [{ parameters: tree.map((p, g) => p.sub(g.mul(lr)), parameters, slopes) }, value];
  }
  /** `power1` and `power2` are beta1 and beta2 to the power of the steps done. */
  function adam({ parameters, first, second, power1, power2 }, inputs, targets) {
    const { betas, eps } = optimizer;
    const [value, slopes] = gradients(tree.ref(parameters), inputs, targets);
    const p1 = power1.mul(betas[0]);
    const p2 = power2.mul(betas[1]);
    const m = tree.map((a, g) => a.mul(betas[0]).add(g.mul(1 - betas[0])), first, tree.ref(slopes));
    const v = tree.map((a, g) => a.mul(betas[1]).add(np.square(g).mul(1 - betas[1])), second, slopes);
    const c1 = np.subtract(1, p1.ref);
    const c2 = np.subtract(1, p2.ref);
    const updated = tree.map(
      (p, a, b) =>
        p.sub(
          a
            .div(c1.ref)
            .mul(lr)
            .div(np.sqrt(b.div(c2.ref)).add(eps)),
        ),
      parameters,
      tree.ref(m),
      tree.ref(v),
    );
    c1.dispose();
    c2.dispose();
    return [{ parameters: updated, first: m, second: v, power1: p1, power2: p2 }, value];
  }
  const isAdam = optimizer.type === 'adam';
  const update = jit(isAdam ? adam : sgd);

  let state;
  let step;
  function restart() {
    if (state) tree.dispose(state);
    const parameters = initial();
    const zeros = () => tree.map(({ shape }) => np.zeros(shape), parameters);
    const moments = () => ({ first: zeros(), second: zeros(), power1: np.array(1), power2: np.array(1) });
    state = { parameters, ...(isAdam && moments()) };
    step = 0;
  }
  restart();

  const shape = inputShape.length > 1 ? inputShape : [size(inputShape)];
  const goal = targetColumns(workload);
  const data = Array.from({ length: batches }, (_, at) => [
    array(batchOf(workload, workload.inputs, size(inputShape), at), [batch, ...shape]),
    array(batchOf(workload, goal.values, goal.columns, at), [batch, goal.columns]),
  ]);
  await blockUntilReady([state, data]);
  return {
    async run(steps) {
      let value;
      for (let done = 0; done < steps; done += 1) {
        const [inputs, targets] = data[step++ % batches];
        value?.dispose();
        [state, value] = update(state, inputs.ref, targets.ref);
      }
      const last = await value.jsAsync();
      await blockUntilReady(state);
      return last;
    },
    async reset() {
      restart();
      await blockUntilReady(state);
    },
  };
}

export async function product({ a, b, m, k, n }) {
  const [left, right] = [array(a, [m, k]), array(b, [k, n])];
  await blockUntilReady([left, right]);
  return {
    async run(times) {
      for (let time = 0; time < times; time += 1) {
        const result = np.matmul(left.ref, right.ref);
        await blockUntilReady(result);
        result.dispose();
      }
    },
    async sample(indices) {
      const values = await np.matmul(left.ref, right.ref).data();
      return indices.map((index) => values[index]);
    },
  };
}
