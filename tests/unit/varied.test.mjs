// What a comparison can vary.

import assert from 'node:assert/strict';
import test from 'node:test';
import { proposed, proposedChoices, variable } from '../../www/varied.js';

/** @import { Experiment } from '../../www/experiment.js' */

const DOCUMENT = /** @type {Experiment} */ (
  /** @type {unknown} */ ({
    data: { kind: 'generated', name: 'xor', points: 20, noise: 0, seed: 0 },
    model: [
      { type: 'linear', out: 4 },
      { type: 'elu', alpha: 0.5 },
      { type: 'linear', out: 4 },
      { type: 'relu' },
      { type: 'linear', out: 1 },
      { type: 'sigmoid' },
    ],
    loss: { type: 'bce' },
    optimizer: { type: 'adam', lr: 0.01, betas: [0.8, 0.99], eps: 1e-6, weight_decay: 0.1, amsgrad: true },
    schedule: null,
    epochs: 30,
    batch_size: null,
    shuffle: true,
  })
);

/** @param {string} path @param {string} value */
function setBy(path, value) {
  const field = variable(DOCUMENT).find((one) => one.path === path);
  assert.ok(field && 'choices' in field, path);
  return field.choices.find((choice) => choice.value === value)?.set;
}

test('numbers are found wherever they are, the rate first', () => {
  const paths = variable(DOCUMENT).map(({ path }) => path);
  assert.equal(paths[0], 'optimizer.lr');
  for (const path of ['optimizer.betas[1]', 'optimizer.eps', 'epochs', 'model[1].alpha'])
    assert.ok(paths.includes(path), path);
  const beta = variable(DOCUMENT).find(({ path }) => path === 'optimizer.betas[0]');
  assert.ok(beta && 'value' in beta);
  assert.deepEqual(beta.set(0.5), { 'optimizer.betas': [0.5, 0.99] });
  // Sizes would change the weights; all rows at once have neither a batch nor an order.
  for (const path of ['model[0].out', 'batch_size', 'shuffle']) assert.ok(!paths.includes(path), path);
});

test("an optimizer comes with PyTorch's options, the document's own with its own", () => {
  assert.deepEqual(setBy('optimizer.type', 'adam'), { optimizer: DOCUMENT.optimizer });
  assert.deepEqual(setBy('optimizer.type', 'sgd'), {
    optimizer: { type: 'sgd', lr: 0.01, momentum: 0, dampening: 0, nesterov: false, weight_decay: 0.1 },
  });
});

test('activations are those between the layers with weights', () => {
  assert.deepEqual(setBy('activation', 'tanh'), {
    'model[1]': { type: 'tanh' },
    'model[3]': { type: 'tanh' },
  });
  assert.deepEqual(setBy('activation', 'elu'), {
    'model[1]': { type: 'elu', alpha: 0.5 },
    'model[3]': { type: 'elu', alpha: 1 },
  });
  const field = variable(DOCUMENT).find(({ path }) => path === 'activation');
  assert.ok(field && 'choices' in field);
  assert.deepEqual(proposedChoices(field), ['relu', 'sigmoid', 'tanh', 'elu']);
});

test('a cosine ends where the training does', () => {
  assert.deepEqual(setBy('schedule.type', 'cosine'), { schedule: { type: 'cosine', T_max: 30 } });
  assert.deepEqual(setBy('schedule.type', 'constant'), { schedule: null });
});

test('a loss is compared only with those of the same outputs and targets', () => {
  assert.equal(
    variable(DOCUMENT).some(({ path }) => path === 'loss.type'),
    false,
  );
  const values = { ...DOCUMENT, loss: { type: 'mse' } };
  const field = variable(values).find(({ path }) => path === 'loss.type');
  assert.ok(field && 'choices' in field);
  assert.deepEqual(
    field.choices.map(({ value }) => value),
    ['mse', 'l1', 'smooth_l1', 'huber'],
  );
});

test('values to try are around the present one', () => {
  assert.deepEqual(proposed({ path: 'optimizer.lr', value: 0.02 }), [0.002, 0.006, 0.02, 0.06, 0.2]);
  assert.deepEqual(proposed({ path: 'epochs', value: 5 }), [3, 5, 10]);
  assert.deepEqual(proposed({ path: 'optimizer.betas[0]', value: 0.9 }), [0, 0.5, 0.9]);
});
