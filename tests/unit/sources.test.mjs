import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withData, withSet } from '../../www/sources.js';

/** @import { Experiment } from '../../www/experiment.js' */

/**
 * @param {string} loss
 * @param {number} out
 * @returns {Experiment}
 */
const experiment = (loss, out) =>
  /** @type {Experiment} */ (
    /** @type {unknown} */ ({
      data: {
        kind: 'table',
        inputs: ['a', 'b'],
        targets: ['kind'],
        rows: [[1, 2, 0]],
        classes: ['cat', 'dog'],
      },
      model: [{ type: 'linear', out: 8 }, { type: 'relu' }, { type: 'linear', out }],
      loss: { type: loss },
      predict: [[1, 2]],
    })
  );

/**
 * What a document of that loss becomes with these targets.
 * @param {string} loss
 * @param {number[][]} targets
 * @param {string[]} [classes]
 */
function fitted(loss, targets, classes) {
  const rows = targets.map((values, at) => [at, 2 * at, ...values]);
  const names = targets[0]?.map((_, at) => `y${at}`) ?? [];
  const table = { inputs: ['x1', 'x2'], targets: names, rows, ...(classes ? { classes } : {}) };
  const document = withSet(experiment(loss, 3), table);
  return [document.loss.type, document.model.at(-1)?.out, /** @type {any} */ (document.data).classes];
}

test('values in the place of classes are learned by their error, with an output each', () => {
  assert.deepEqual(fitted('cross_entropy', [[1.5], [-2], [3]]), ['mse', 1, []]);
  assert.deepEqual(fitted('bce_with_logits', [[3], [7], [11], [15]]), ['mse', 1, []]);
  assert.deepEqual(fitted('cross_entropy', [[1, 0], [0, 1], [1, 1]]), ['mse', 2, []]); // prettier-ignore
  // Of one row each, no number is a class.
  assert.deepEqual(fitted('cross_entropy', [[0], [1], [2]]), ['mse', 1, []]);
});

test('numbers of classes stay classes where classes were learned, as many as there are', () => {
  const four = [[0], [1], [2], [3], [1]];
  assert.deepEqual(fitted('cross_entropy', four), ['cross_entropy', 4, []]);
  assert.deepEqual(fitted('bce_with_logits', four), ['cross_entropy', 4, []]);
  assert.deepEqual(fitted('bce_with_logits', [[0], [1], [1], [0]]), ['bce_with_logits', 1, []]);
  assert.deepEqual(fitted('bce', [[0, 1], [1, 1], [1, 0]]), ['bce', 2, []]); // prettier-ignore
  // Where values were learned, they are values.
  assert.deepEqual(fitted('l1', four), ['l1', 1, []]);
});

test('named classes have a loss of classes', () => {
  assert.deepEqual(fitted('mse', [[0], [1]], ['no', 'yes']), ['bce_with_logits', 1, ['no', 'yes']]);
  assert.deepEqual(fitted('mse', [[0], [2]], ['a', 'b', 'c']), ['cross_entropy', 3, ['a', 'b', 'c']]);
});

test('rows to predict for go with the inputs that they were typed for', () => {
  const old = experiment('mse', 1);
  const set = (/** @type {string[]} */ inputs) => ({ inputs, targets: ['y'], rows: [[3, 4, 5.5]] });
  assert.deepEqual(withSet(old, set(['a', 'b'])).predict, [[1, 2]]);
  assert.deepEqual(withSet(old, set(['area', 'rooms'])).predict, []);
  assert.deepEqual(withData(old, { kind: 'bundled', name: 'iris' }).predict, []);
});
