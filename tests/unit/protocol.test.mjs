import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtocolError, readCommand, readEvent, transferable } from '../../www/protocol.js';

const position = {
  step: 3,
  epoch: 1,
  batch: 1,
  batchesPerEpoch: 2,
  totalSteps: 100,
  finished: false,
  over: null,
};
const floats = () => Float32Array.of(1, 2);
const curve = () => ({
  length: 2,
  bucket: 1,
  from: 0,
  x: new Float64Array(2),
  y: floats(),
  last: floats(),
});
const scores = () => ({ every: 1, from: 0, train: floats(), validation: floats() });
const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));

test('every command of the protocol is read', () => {
  for (const command of [
    { type: 'module', module },
    { type: 'rest', module },
    { type: 'load', run: 1, document: {}, from: null },
    { type: 'load', run: 1, document: {}, from: { checkpoint: { step: 3 }, scores: scores() } },
    { type: 'load', run: 1, document: {}, from: { checkpoint: { step: 3 }, scores: null } },
    { type: 'checkpoint', run: 1 },
    { type: 'start', run: 1 },
    { type: 'pause', run: 1 },
    { type: 'step', run: 1, unit: 'epoch' },
    { type: 'reset', run: 2 },
    { type: 'set', run: 2, fields: { 'optimizer.lr': 0.1, schedule: null } },
    { type: 'parameter', run: 2, name: '0.weight', index: 3, value: -0.5 },
    { type: 'pace', stepsPerSecond: 10 },
    { type: 'pace', stepsPerSecond: null },
    { type: 'predict', run: 2, rows: [[1, 2]] },
    { type: 'watch', name: 'fit', id: 1, topics: { gradients: true } },
    { type: 'watch', name: 'fit', id: 2, topics: null },
  ]) {
    assert.equal(readCommand(command), command);
  }
});

test('every event of the protocol is read', () => {
  for (const event of [
    { type: 'ready' },
    {
      type: 'loaded',
      run: 1,
      position,
      learningRate: 0.1,
      shapes: { '0.weight': [1, 2] },
      initial: { '0.weight': floats() },
      validationRows: Uint32Array.of(1),
      rows: null,
    },
    { type: 'state', run: 1, running: true, position },
    {
      type: 'metrics',
      run: 1,
      train: curve(),
      validation: curve(),
      epochs: curve(),
      scores: scores(),
      position,
      learningRate: 0.1,
      stepsPerSecond: null,
    },
    { type: 'changed', run: 1, fields: { batch_size: 4 }, position, learningRate: 0.1 },
    { type: 'device', run: 1, chosen: 'cpu', rates: { cpu: 1000, webgpu: null }, reason: 'only' },
    { type: 'parameters', run: 1, values: { '0.weight': floats() } },
    { type: 'predictions', run: 1, table: floats(), typed: floats() },
    { type: 'inspection', run: 1, name: 'fit', id: 1, step: 3, found: {} },
    { type: 'checkpoint', run: 1, checkpoint: null, scores: scores() },
    { type: 'finished', run: 1 },
    { type: 'diverged', run: 1, step: 7, loss: NaN },
    { type: 'error', run: 1, fatal: true, message: 'unreachable', problems: [] },
  ]) {
    assert.equal(readEvent(event), event);
  }
});

test('what is not in the protocol is refused by name', () => {
  const refused = (/** @type {unknown} */ value, /** @type {RegExp} */ message) =>
    assert.throws(
      () => readCommand(value),
      (error) => error instanceof ProtocolError && message.test(error.message),
    );
  refused(null, /no such message/);
  refused({ type: 'format-disk' }, /format-disk/);
  refused({ type: 'toString' }, /no such message/);
  refused({ type: 'start' }, /start\.run/);
  refused({ type: 'start', run: -1 }, /start\.run/);
  refused({ type: 'step', run: 1, unit: 'year' }, /step\.unit/);
  refused({ type: 'predict', run: 1, rows: [['1']] }, /predict\.rows/);
  refused({ type: 'pause', run: 1, now: true }, /pause\.now/);
  assert.throws(
    () => readEvent({ type: 'metrics', run: 1, train: { ...curve(), last: [1] } }),
    /metrics\.train/,
  );
  assert.throws(
    () => readEvent({ type: 'state', run: 1, running: true, position: { ...position, step: '3' } }),
    /state\.position/,
  );
});

test('arrays that own their buffer are given away, others copied', () => {
  const own = floats();
  const shared = new Float32Array(8).subarray(2, 4);
  const event = /** @type {import('../../www/protocol.js').Event} */ ({
    type: 'predictions',
    run: 1,
    table: own,
    typed: shared,
  });
  assert.deepEqual(transferable(event), [own.buffer]);
  const values = { a: floats(), b: floats() };
  assert.equal(transferable({ type: 'parameters', run: 1, values }).length, 2);
  const metrics = /** @type {const} */ ({
    type: 'metrics',
    run: 1,
    position,
    learningRate: 0.1,
    stepsPerSecond: null,
  });
  const curves = { train: curve(), validation: curve(), epochs: curve() };
  assert.equal(transferable({ ...metrics, ...curves, scores: scores() }).length, 11);
  // Also from deeper inside, and each once.
  const layer = { name: '0', kind: 'Linear', shape: [1, 2], values: floats() };
  const grid = { size: 1, outputs: 2, values: layer.values, neurons: [layer] };
  const inspection = /** @type {const} */ ({ type: 'inspection', run: 1, name: 'fit', id: 1, step: 0 });
  assert.deepEqual(transferable({ ...inspection, found: { grid } }), [layer.values.buffer]);
});
