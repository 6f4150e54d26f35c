import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_SCORES, ScoreRecord, Scores, classOf, score } from '../../www/scores.js';

const floats = (/** @type {number[]} */ ...values) => Float32Array.from(values);

test('accuracy is the share of rows whose highest output is the class', () => {
  // Highest outputs: 1, 0, 2; classes 1, 0, 0.
  const outputs = floats(0, 2, 1, /**/ 5, -1, 3, /**/ 0, 0, 0.5);
  const targets = floats(1, 0, 0);
  assert.equal(score('cross_entropy', outputs, targets, 3, [0, 1, 2]), 2 / 3);
  assert.equal(score('cross_entropy', outputs, targets, 3, [2]), 0);
  assert.equal(classOf('cross_entropy', outputs, 3, 2), 2);
});

test('a logit of zero or more is the class 1, and so is a probability of a half', () => {
  assert.equal(score('bce_with_logits', floats(-0.1, 0, 3), floats(0, 1, 0), 3, [0, 1, 2]), 2 / 3);
  assert.equal(score('bce', floats(0.4, 0.5, 0.9), floats(0, 1, 1), 3, [0, 1, 2]), 1);
});

test('outputs that are not numbers are no class, so they are wrong', () => {
  assert.equal(score('cross_entropy', floats(NaN, 1), floats(0), 1, [0]), 0);
  assert.equal(score('bce', floats(NaN), floats(0), 1, [0]), 0);
});

test('R² is 1 for exact predictions, 0 for the mean, and averaged over the targets', () => {
  const targets = floats(1, 2, 3);
  assert.equal(score('mse', targets, targets, 3, [0, 1, 2]), 1);
  assert.equal(score('mse', floats(2, 2, 2), targets, 3, [0, 1, 2]), 0);
  // Residuals 1, 0, -1 around a variance sum of 2: 1 - 2 / 2 = 0; the other target exactly: (0 + 1) / 2.
  const two = floats(0, 1, /**/ 2, 2, /**/ 4, 4);
  assert.equal(score('l1', two, floats(1, 1, /**/ 2, 2, /**/ 3, 4), 3, [0, 1, 2]), 0.5);
});

test('where all targets are the same, there is no R²', () => {
  assert.ok(Number.isNaN(score('mse', floats(1, 2), floats(3, 3), 2, [0, 1])));
  assert.ok(Number.isNaN(score('mse', floats(1), floats(3), 1, [])));
});

test('which epochs are scored follows from their number alone', () => {
  const record = new ScoreRecord();
  /** @type {number[]} */
  const epochs = [];
  let epoch = 0;
  while (epoch < 3000) {
    epoch = record.next(epoch);
    assert.ok(record.wants(epoch), `${epoch}`);
    epochs.push(epoch);
    record.add(epoch / 4096, 0);
  }
  // Every epoch to the 512th, every second to the 1,024th, every fourth to the 2,048th, then every eighth.
  assert.deepEqual(epochs.slice(510, 514), [511, 512, 514, 516]);
  assert.deepEqual(epochs.slice(-2), [2992, 3000]);
  assert.equal(record.every, 8);
  assert.ok(record.train.length < MOST_SCORES);
  assert.deepEqual(record.train.slice(0, 2), [8 / 4096, 16 / 4096]);
});

test('the page has the scores that the worker has, whenever it asks', () => {
  const record = new ScoreRecord();
  const scores = new Scores();
  let epoch = 0;
  for (let at = 0; at < 1000; at += 1) {
    epoch = record.next(epoch);
    record.add(Math.fround(epoch / 4096), Math.fround(1 - epoch / 4096));
    if (at % 7 === 0) scores.take(record.changes());
  }
  scores.take(record.changes());
  assert.deepEqual(scores.train, record.train);
  assert.deepEqual(scores.validation, record.validation);
  assert.equal(scores.epochs().at(-1), scores.train.length * record.every);
  const { every } = record;
  assert.equal(scores.at(every - 1), undefined);
  assert.deepEqual(scores.at(3 * every + 1)?.epoch, 3 * every);
});

test('a run that goes on elsewhere is scored at the same epochs as one that stayed', () => {
  for (const begun of [0, 7, 511, 512, 513, 1500, 100_000]) {
    const stayed = new ScoreRecord();
    let epoch = 0;
    while (stayed.next(epoch) <= begun) {
      epoch = stayed.next(epoch);
      stayed.add(0, 0);
    }
    const moved = new ScoreRecord(begun, true);
    assert.equal(moved.every, stayed.every, `${begun}`);
    assert.equal(moved.train.length, stayed.train.length, `${begun}`);
    assert.equal(moved.validation.length, stayed.train.length, `${begun}`);
    const next = moved.next(begun);
    assert.equal(next, stayed.next(begun), `${begun}`);
    assert.ok(moved.wants(next), `${begun}`);
  }
});

test('scores that were kept are those of a run that goes on, unless they are of another', () => {
  for (const epochs of [3, 511, 512, 1500]) {
    const stayed = new ScoreRecord(0, true);
    for (let epoch = 1; epoch <= epochs; epoch += 1) if (stayed.wants(epoch)) stayed.add(epoch, -epoch);
    stayed.changes();
    const moved = new ScoreRecord(epochs, true, stayed.since(0));
    assert.deepEqual(moved.train, stayed.train, `${epochs}`);
    assert.deepEqual(moved.validation, stayed.validation, `${epochs}`);
    const shown = new Scores();
    shown.take(moved.changes());
    assert.equal(shown.at(Infinity)?.train, stayed.train.at(-1));
  }
  const other = new ScoreRecord();
  other.add(0.5, undefined);
  for (const [epochs, validates] of /** @type {const} */ ([
    [0, false],
    [2, false],
    [1, true],
  ]))
    // prettier-ignore
    assert.ok(!new ScoreRecord(epochs, validates, other.since(0)).train.includes(0.5));
});
