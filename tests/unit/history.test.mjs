import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Curve, Epochs, History, curvesCsv } from '../../www/history.js';

const floats = (/** @type {number[]} */ ...values) => Float32Array.from(values);
const NO_STEPS = new Float64Array();

/** Losses one by one, from the first on. @param {number[]} losses */
const alone = (...losses) => ({
  length: losses.length,
  bucket: 1,
  from: 0,
  x: NO_STEPS,
  y: floats(),
  last: floats(...losses),
});

test('losses that are kept one by one are known by their step', () => {
  const curve = new Curve(1);
  curve.take(alone(3, 2));
  curve.take({ length: 3, bucket: 1, from: 2, x: NO_STEPS, y: floats(), last: floats(1) });
  assert.equal(curve.length, 3);
  assert.equal(curve.last, 1);
  assert.deepEqual(curve.at(1), { from: 1, to: 1, low: 3, high: 3, last: 3 });
  assert.equal(curve.at(0), undefined);
  assert.equal(curve.at(4), undefined);
  assert.deepEqual(curve.drawn(), { x: null, y: floats(3, 2, 1) });
});

test('in buckets the range of a step is known, and the very last loss is drawn', () => {
  const curve = new Curve(1);
  curve.take(alone(9, 8, 7));
  // Losses 9 8 7 6 | 5 2 4 3 | 1 0.5: what was there before is overwritten.
  curve.take({
    length: 10,
    bucket: 4,
    from: 0,
    x: Float64Array.of(1, 4, 5, 6, 9, 10),
    y: floats(9, 6, 5, 2, 1, 0.5),
    last: floats(6, 3, 0.5),
  });
  assert.deepEqual(curve.at(6), { from: 5, to: 8, low: 2, high: 5, last: 3 });
  assert.deepEqual(curve.at(9), { from: 9, to: 10, low: 0.5, high: 1, last: 0.5 });
  assert.equal(curve.at(11), undefined);
  assert.deepEqual(curve.drawn(), {
    x: Float64Array.of(1, 4, 5, 6, 9, 10, 10),
    y: floats(9, 6, 5, 2, 1, 0.5, 0.5),
  });
  // Two more losses: only the last bucket comes again.
  curve.take({
    length: 12,
    bucket: 4,
    from: 2,
    x: Float64Array.of(10, 11),
    y: floats(0.5, 7),
    last: floats(0.75),
  });
  assert.equal(curve.last, 0.75);
  assert.deepEqual([...(curve.drawn().x ?? [])], [1, 4, 5, 6, 10, 11, 12]);
  assert.deepEqual([...curve.drawn().y], [9, 6, 5, 2, 0.5, 7, 0.75]);
});

test('losses of epochs stand at the last step of each', () => {
  const curve = new Curve(3);
  curve.take(alone(5, 4));
  assert.deepEqual([...(curve.drawn().x ?? [])].slice(0, 2), [3, 6]);
  assert.deepEqual(curve.at(4), { from: 4, to: 6, low: 4, high: 4, last: 4 });
  curve.take({
    length: 4,
    bucket: 2,
    from: 0,
    x: Float64Array.of(1, 2, 3, 4),
    y: floats(5, 4, 3, 2),
    last: floats(4, 2),
  });
  assert.deepEqual([...(curve.drawn().x ?? [])], [3, 6, 9, 12, 12]);
  assert.deepEqual(curve.at(7), { from: 7, to: 12, low: 2, high: 3, last: 2 });
});

test('the table has every loss, or says that it has ranges of many', () => {
  const history = new History(2);
  history.train.take(alone(4, 3, 2));
  history.validation.take(alone(9));
  assert.deepEqual(curvesCsv(history, String), [
    'step,epoch,train_loss,validation_loss',
    '1,1,4,',
    '2,1,3,9',
    '3,2,2,',
  ]);
  history.train.take({
    length: 3,
    bucket: 2,
    from: 0,
    x: Float64Array.of(1, 2, 3, 3),
    y: floats(4, 3, 2, 2),
    last: floats(3, 2),
  });
  assert.deepEqual(curvesCsv(history, String), [
    'curve,first_step,last_step,lowest_loss,highest_loss,last_loss',
    'train,1,2,3,4,3',
    'train,3,3,2,2,2',
    'validation,1,2,9,9,9',
  ]);
});

test('epochs with another number of steps are known from where the run is', () => {
  const ends = new Epochs(3);
  const at = (/** @type {number} */ step, /** @type {number} */ epoch, /** @type {number} */ batch, /** @type {number} */ batchesPerEpoch) =>
    ends.observe({ step, epoch, batch, batchesPerEpoch }); // prettier-ignore
  at(7, 2, 1, 3);
  // Two epochs of 3 steps and the third, then 5 of 2: in the middle of the ninth.
  at(3 * 3 + 5 * 2 + 1, 8, 1, 2);
  assert.deepEqual(
    [1, 2, 3, 4, 8].map((epoch) => ends.stepAt(epoch)),
    [3, 6, 9, 11, 19],
  );
  assert.deepEqual(
    [1, 3, 4, 9, 10, 11, 12, 19].map((step) => Math.ceil(ends.at(step))),
    [1, 1, 2, 3, 4, 4, 5, 8],
  );
  // Chosen and chosen again before the next epoch begins.
  at(21, 9, 0, 4);
  at(21, 9, 0, 8);
  assert.equal(ends.stepAt(10), 29);
  assert.equal(ends.batches, 8);
  assert.equal(ends.stepAt(9), 21);
});

test('a batch size chosen before the first step is the first one', () => {
  const ends = new Epochs(3);
  ends.observe({ step: 0, epoch: 0, batch: 0, batchesPerEpoch: 5 });
  assert.deepEqual(
    [0, 1, 2].map((epoch) => ends.stepAt(epoch)),
    [0, 5, 10],
  );
  assert.equal(ends.pieces.length, 1);
});

test('losses of epochs stand at their last steps, also where the steps of an epoch change', () => {
  const history = new History(2);
  history.train.take(alone(8, 7, 6, 5, 4, 3, 2));
  history.ends.observe({ step: 7, epoch: 3, batch: 0, batchesPerEpoch: 3 });
  history.validation.take(alone(1, 0.5, 0.25));
  assert.deepEqual([...(history.validation.drawn().x ?? [])].slice(0, 3), [2, 4, 7]);
  assert.deepEqual(history.validation.at(5), { from: 5, to: 7, low: 0.25, high: 0.25, last: 0.25 });
  assert.equal(history.epochAt(5), 3);
  assert.deepEqual(curvesCsv(history, String).slice(1), ['1,1,8,', '2,1,7,1', '3,2,6,', '4,2,5,0.5', '5,3,4,', '6,3,3,', '7,3,2,0.25']); // prettier-ignore
});
