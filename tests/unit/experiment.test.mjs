import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as model from '../../www/experiment.js';

/** @returns {import('../../www/experiment.js').Experiment} */
const experiment = () => ({
  version: 1,
  title: 'sum',
  seed: 0,
  schedule: null,
  data: { kind: 'table', inputs: ['x1', 'x2'], targets: ['y'], rows: [[1, 2, 3]], input_shape: null },
  validation: 0,
  standardize: false,
  model: [{ type: 'linear', out: 8 }, { type: 'relu' }, { type: 'linear', out: 1 }],
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', lr: 0.001, momentum: 0, dampening: 0, nesterov: false, weight_decay: 0 },
  epochs: 50,
  batch_size: null,
  shuffle: true,
  device: 'auto',
  predict: [[10, 11]],
});
const types = (/** @type {import('../../www/experiment.js').Experiment} */ { model: layers }) =>
  layers.map(({ type, out }) => (out === undefined ? type : `${type} ${out}`));

test('a layer and its activation move and go together', () => {
  assert.equal(model.blocks(experiment().model).length, 2);
  const added = model.addLayer(experiment(), 4);
  assert.deepEqual(types(added), ['linear 8', 'relu', 'linear 4', 'relu', 'linear 1']);
  assert.deepEqual(types(model.moveLayer(added, 1, -1)), [
    'linear 4',
    'relu',
    'linear 8',
    'relu',
    'linear 1',
  ]);
  assert.deepEqual(types(model.removeLayer(added, 0)), ['linear 4', 'relu', 'linear 1']);
  assert.equal(model.moveLayer(added, 0, -1), added);
});

test('an activation is set, replaced and taken away', () => {
  const tanh = model.setActivation(experiment(), 0, 'tanh');
  assert.deepEqual(types(tanh), ['linear 8', 'tanh', 'linear 1']);
  assert.deepEqual(types(model.setActivation(tanh, 1, 'sigmoid')), [
    'linear 8',
    'tanh',
    'linear 1',
    'sigmoid',
  ]);
  assert.deepEqual(types(model.setActivation(tanh, 0, undefined)), ['linear 8', 'linear 1']);
});

test('given weights last as long as their layer has their shape', () => {
  const weight = [
    [1, 2],
    [3, 4],
  ];
  const document = {
    ...experiment(),
    model: [
      { type: 'linear', out: 2, init: { weight } },
      { type: 'linear', out: 1 },
    ],
  };
  assert.deepEqual(model.dropStaleInits(document).model[0]?.init, { weight });
  assert.equal(model.resizeLayer(document, 0, 3).model[0]?.init, 'default');
  const wider = { inputs: ['x1', 'x2', 'x3'], targets: ['y'], rows: [[1, 2, 0, 3]] };
  assert.equal(model.withTable(document, wider).model[0]?.init, 'default');
});

test('rows to predict for follow the number of inputs', () => {
  const wider = { inputs: ['x1', 'x2', 'x3'], targets: ['y'], rows: [[1, 2, 0, 3]] };
  assert.deepEqual(model.withTable(experiment(), wider).predict, [[10, 11, 0]]);
});

test('the loss and the targets say how many outputs are needed', () => {
  assert.equal(model.neededOutputs(experiment()), 1);
  const data = {
    ...experiment().data,
    rows: [
      [0, 0, 0],
      [0, 1, 2],
    ],
  };
  const classes = { ...experiment(), data, loss: { type: 'cross_entropy' } };
  assert.equal(model.neededOutputs(/** @type {import('../../www/experiment.js').Experiment} */ (classes)), 3);
});

test('only what has to start anew does', () => {
  const before = experiment();
  const optimizer = { ...before.optimizer, lr: 0.01, momentum: 0.9 };
  assert.deepEqual(model.difference(before, { ...before, optimizer, title: 'other' }), {
    reset: false,
    set: [
      { path: 'optimizer.lr', value: 0.01 },
      { path: 'optimizer.momentum', value: 0.9 },
    ],
    predict: false,
  });
  assert.equal(model.difference(before, { ...before, seed: 1 }).reset, true);
  assert.equal(model.difference(before, model.withOptimizer(before, 'adam')).reset, true);
  assert.equal(model.difference(before, model.resizeLayer(before, 0, 9)).reset, true);
  assert.equal(model.difference(before, { ...before, model: [...before.model] }).reset, false);
  assert.equal(model.difference(before, { ...before, predict: [[1, 2]] }).predict, true);
});
