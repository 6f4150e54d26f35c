// The benchmarks' workloads: what they are made of gives the losses that PyTorch computed from the same.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { documentOf, lossScale, wholeDocumentOf } from '../bench/document.mjs';
import { IDS, build, withParameters } from '../bench/workloads.mjs';

/** @import { Training } from '../bench/workloads.mjs' */

const reference = JSON.parse(
  await readFile(new URL('../bench/reference.json', import.meta.url), 'utf8'),
).losses;

/** @param {string} id */
function training(id) {
  const workload = build(id);
  assert.ok(workload.kind === 'training');
  return workload;
}

/**
 * The loss of the first batch through linear layers, in float64.
 * @param {Training} workload
 */
function firstLoss(workload) {
  const { batch, inputs, targets, inputShape, loss } = workload;
  const [width = 0] = inputShape;
  let sum = 0;
  for (let row = 0; row < batch; row += 1) {
    let values = Array.from(inputs.subarray(row * width, (row + 1) * width));
    for (const layer of withParameters(workload)) {
      assert.ok(layer.type === 'linear');
      const activate = { relu: (/** @type {number} */ x) => Math.max(x, 0), tanh: Math.tanh, none: Number };
      values = Array.from(layer.bias, (bias, unit) => {
        const weights = layer.weight.subarray(unit * layer.in, (unit + 1) * layer.in);
        const output = values.reduce((total, value, at) => total + value * Number(weights[at]), bias);
        return activate[layer.activation](output);
      });
    }
    const target = Number(targets[row]);
    if (loss === 'cross_entropy') {
      const normaliser = Math.log(values.reduce((total, value) => total + Math.exp(value), 0));
      sum += normaliser - Number(values[target]);
    } else {
      sum += (Number(values[0]) - target) ** 2 * (loss === 'half_mse' ? 0.5 : 1);
    }
  }
  return sum / batch;
}

for (const id of ['W1', 'W2', 'W3', 'W4', 'W5']) {
  test(`${id} starts from the loss that PyTorch computes`, () => {
    const [[step, expected]] = reference[id].trained;
    assert.equal(step, 1);
    const error = Math.abs(firstLoss(training(id)) / expected - 1);
    assert.ok(error < 1e-9, `off by ${error}`);
  });
}

test('every workload that trains has reference losses at its checks', () => {
  for (const id of IDS) {
    const workload = build(id);
    if (workload.kind === 'product') continue;
    for (const losses of [reference[id].trained, reference[id].frozen]) {
      assert.deepEqual(
        losses.map((/** @type {number[]} */ [step]) => step),
        workload.checks,
      );
    }
  }
});

test('half a mean square is a mean square at half the rate', () => {
  assert.equal(documentOf(training('W3')).optimizer.lr, 0.015);
  assert.equal(lossScale(training('W3')), 0.5);
  assert.equal(documentOf(training('W1')).optimizer.lr, 0.001);
});

test('documents have the rows that fill batches, with the target last', () => {
  const { data, batch_size } = wholeDocumentOf(training('W1'));
  assert.deepEqual(data.rows, [
    [1, 2, 3],
    [3, 4, 7],
    [5, 6, 11],
    [7, 8, 15],
  ]);
  assert.equal(batch_size, null);
  // 1,797 rows in batches of 64: 28 whole ones.
  assert.equal(wholeDocumentOf(training('W4')).data.rows.length, 28 * 64);
});
