import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference } from '../../www/difference.js';
import * as edits from '../../www/edits.js';
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
  stop: null,
  batch_size: null,
  shuffle: true,
  device: 'auto',
  predict: [[10, 11]],
});
const types = (/** @type {import('../../www/experiment.js').Experiment} */ { model: layers }) =>
  layers.map(({ type, out }) => (out === undefined ? type : `${type} ${out}`));

test('a layer and its activation move and go together', () => {
  assert.equal(model.blocks(experiment().model).length, 2);
  const added = edits.addLayer(experiment(), 4);
  assert.deepEqual(types(added), ['linear 8', 'relu', 'linear 4', 'relu', 'linear 1']);
  assert.deepEqual(types(edits.moveLayer(added, 1, -1)), [
    'linear 4',
    'relu',
    'linear 8',
    'relu',
    'linear 1',
  ]);
  assert.deepEqual(types(edits.removeLayer(added, 0)), ['linear 4', 'relu', 'linear 1']);
  assert.equal(edits.moveLayer(added, 0, -1), added);
});

test('an activation is set, replaced and taken away', () => {
  const tanh = edits.setActivation(experiment(), 0, 'tanh');
  assert.deepEqual(types(tanh), ['linear 8', 'tanh', 'linear 1']);
  assert.deepEqual(types(edits.setActivation(tanh, 1, 'sigmoid')), [
    'linear 8',
    'tanh',
    'linear 1',
    'sigmoid',
  ]);
  assert.deepEqual(types(edits.setActivation(tanh, 0, undefined)), ['linear 8', 'linear 1']);
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
  assert.deepEqual(edits.dropStaleInits(document).model[0]?.init, { weight });
  assert.equal(edits.resizeLayer(document, 0, 3).model[0]?.init, 'default');
  const wider = { inputs: ['x1', 'x2', 'x3'], targets: ['y'], rows: [[1, 2, 0, 3]] };
  assert.equal(edits.withTable(document, wider).model[0]?.init, 'default');
});

test('rows to predict for follow the number of inputs', () => {
  const wider = { inputs: ['x1', 'x2', 'x3'], targets: ['y'], rows: [[1, 2, 0, 3]] };
  assert.deepEqual(edits.withTable(experiment(), wider).predict, [[10, 11, 0]]);
  // Each value stays with its input.
  const narrower = { inputs: ['x2'], targets: ['y'], rows: [[2, 3]] };
  assert.deepEqual(edits.withTable(experiment(), narrower).predict, [[11]]);
  const renamed = { inputs: ['x1', 'size'], targets: ['y'], rows: [[1, 2, 3]] };
  assert.deepEqual(edits.withTable(experiment(), renamed).predict, [[10, 11]]);
  const both = { inputs: ['x1', 'size', 'x3'], targets: ['y'], rows: [[1, 2, 0, 3]] };
  assert.deepEqual(edits.withTable(experiment(), both).predict, [[10, 11, 0]]);
  const between = { inputs: ['x1', 'new', 'x2'], targets: ['y'], rows: [[1, 0, 2, 3]] };
  assert.deepEqual(edits.withTable(experiment(), between).predict, [[10, 0, 11]]);
  const swapped = { inputs: ['x2', 'x1'], targets: ['y'], rows: [[2, 1, 3]] };
  assert.deepEqual(edits.withTable(experiment(), swapped).predict, [[11, 10]]);
});

test('given weights go with their inputs', () => {
  const swapped = { inputs: ['x2', 'x1'], targets: ['y'], rows: [[2, 1, 3]] };
  const init = { weight: [[4, 0]], bias: [1] };
  const document = { ...experiment(), model: [{ type: 'linear', out: 1, init }] };
  assert.deepEqual(edits.withTable(document, swapped).model[0]?.init, { weight: [[0, 4]], bias: [1] });
  const renamed = { inputs: ['x1', 'size'], targets: ['y'], rows: [[1, 2, 3]] };
  assert.deepEqual(edits.withTable(document, renamed).model[0]?.init, init);
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
  assert.deepEqual(difference(before, { ...before, optimizer, title: 'other' }), {
    reset: false,
    set: { 'optimizer.lr': 0.01, 'optimizer.momentum': 0.9 },
    predict: false,
  });
  const batches = difference(before, {
    ...before,
    batch_size: 2,
    schedule: { type: 'cosine', T_max: 9 },
  });
  assert.deepEqual(batches.set, { batch_size: 2, schedule: { type: 'cosine', T_max: 9 } });
  assert.equal(batches.reset, false);
  const stops = { ...before, stop: { loss: 0.5 } };
  assert.deepEqual(difference(stops, { ...before, stop: null }).set, { stop: null });
  assert.equal(difference(before, { ...before, seed: 1 }).reset, true);
  assert.equal(difference(before, edits.withOptimizer(before, 'adam')).reset, true);
  const prop = (/** @type {Record<string, unknown>} */ options) => ({
    ...before,
    optimizer: { ...edits.withOptimizer(before, 'rmsprop').optimizer, ...options },
  });
  // PyTorch's RMSprop has no buffer for a momentum that it did not begin with.
  assert.equal(difference(prop({}), prop({ momentum: 0.5 })).reset, true);
  assert.equal(difference(prop({ momentum: 0.9 }), prop({ momentum: 0.5 })).reset, false);
  assert.equal(difference(prop({}), prop({ centered: true })).reset, true);
  assert.equal(difference(before, edits.resizeLayer(before, 0, 9)).reset, true);
  assert.equal(difference(before, { ...before, model: [...before.model] }).reset, false);
  assert.equal(difference(before, { ...before, predict: [[1, 2]] }).predict, true);
});

const shaped = (/** @type {unknown[]} */ layers) =>
  /** @type {import('../../www/experiment.js').Experiment} */ ({
    ...experiment(),
    data: { ...experiment().data, input_shape: [1, 8, 8] },
    model: layers,
  });

test('layers for images go before those that are not, everything else before the last', () => {
  const images = shaped([{ type: 'flatten' }, { type: 'linear', out: 10 }]);
  const conv = edits.insertLayer(images, 'conv2d');
  assert.deepEqual([types(conv.document), conv.block], [['conv2d 8', 'relu', 'flatten', 'linear 10'], 0]);
  const pool = edits.insertLayer(conv.document, 'max_pool2d');
  assert.deepEqual(types(pool.document), ['conv2d 8', 'relu', 'max_pool2d', 'flatten', 'linear 10']);
  assert.deepEqual(types(edits.insertLayer(experiment(), 'dropout').document), [
    'linear 8',
    'relu',
    'dropout',
    'linear 1',
  ]);
  assert.deepEqual(types(edits.insertLayer(shaped([]), 'linear').document), ['linear 8']);
  assert.equal(model.blocks(conv.document.model).length, 3);
});

test('given kernels last as long as channels and kernel are theirs', () => {
  const weight = Array.from({ length: 2 }, () => [[[1, 2], [3, 4]]]); // prettier-ignore
  const images = shaped([
    { type: 'conv2d', out: 2, kernel: 2, init: { weight, bias: [0, 1] } },
    { type: 'max_pool2d', kernel: 2 },
    { type: 'flatten' },
    // Pictures of 8, 7 after the kernel, 3 after the window: 2 · 3 · 3 values.
    { type: 'linear', out: 1, init: { weight: [Array.from({ length: 18 }, () => 0)] } },
  ]);
  assert.deepEqual(edits.dropStaleInits(images), images);
  const larger = edits.withLayer(images, 0, { kernel: 3 });
  assert.equal(larger.model[0]?.init, 'default');
  // 8, 6, 3: the last layer's inputs are as many as before.
  assert.deepEqual(larger.model[3]?.init, images.model[3]?.init);
  assert.equal(edits.resizeLayer(images, 0, 3).model[3]?.init, 'default');
});

test('one weight that is set gives its layer these very numbers', () => {
  const initial = {
    '0.weight': Float32Array.of(0.1, 0.2, 0.3, 0.4),
    '0.bias': Float32Array.of(0.5, -0.6),
  };
  const shapes = { '0.weight': [2, 2], '0.bias': [2] };
  const document = shaped([{ type: 'linear', out: 2, bias: true, init: 'default' }]);
  document.data = experiment().data;
  const set = edits.withInitial(document, { name: '0.weight', index: 2, value: 7 }, initial, shapes);
  assert.deepEqual(set.model[0]?.init, { weight: [[0.1, 0.2], [7, 0.4]], bias: [0.5, -0.6] }); // prettier-ignore
  const bias = edits.withInitial(document, { name: '0.bias', index: 1, value: 0 }, initial, shapes);
  assert.deepEqual(bias.model[0]?.init, { weight: [[0.1, 0.2], [0.3, 0.4]], bias: [0.5, 0] }); // prettier-ignore
  const { '0.bias': _, ...unbiased } = initial;
  const none = edits.withInitial(document, { name: '0.weight', index: 0, value: 1 }, unbiased, shapes);
  assert.deepEqual(none.model[0]?.init, { weight: [[1, 0.2], [0.3, 0.4]] }); // prettier-ignore
});

test('the rate to try after a divergence is a tenth, and never a large one', () => {
  assert.deepEqual(model.calmerRate('sgd', 1), { rate: 0.1, large: true });
  assert.deepEqual(model.calmerRate('sgd', 0.3), { rate: 0.03, large: true });
  for (const lr of [10, 1e30, Number.MAX_VALUE]) assert.equal(model.calmerRate('adam', lr).rate, 0.1);
  // PyTorch's own rates are not what is wrong.
  assert.deepEqual(model.calmerRate('sgd', 0.001), { rate: 0.0001, large: false });
  assert.deepEqual(model.calmerRate('rmsprop', 0.01), { rate: 0.001, large: false });
  assert.equal(model.calmerRate('rmsprop', 0.011).large, true);
  assert.equal(model.calmerRate('sgd', Number.MIN_VALUE).rate, undefined);
});
