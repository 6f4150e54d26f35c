import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../www/history.js';

test('every loss is kept, by its step', () => {
  const history = new History();
  history.push(Float32Array.of(3, 2));
  history.push(Float32Array.of(1));
  assert.equal(history.length, 3);
  assert.deepEqual([history.at(1), history.at(3), history.last], [3, 1, 1]);
  assert.equal(history.at(0), undefined);
  assert.equal(history.at(4), undefined);
  assert.deepEqual(history.drawn(), { x: null, y: Float32Array.of(3, 2, 1) });
});

test('a long curve is drawn from few points, and no peak is lost', () => {
  const history = new History();
  const steps = 300_000;
  const losses = Float32Array.from({ length: steps }, (_, at) => 1 / (at + 1));
  losses[123_456] = 50;
  // In pieces, and drawn in between: the buckets grow with the curve.
  for (let at = 0; at < steps; at += 10_000) {
    history.push(losses.slice(at, at + 10_000));
    history.drawn();
  }
  const { x, y } = history.drawn();
  assert.ok(x && x.length === y.length && x.length <= 4100, `${x?.length}`);
  assert.equal(x.at(-1), steps);
  assert.equal(x[y.indexOf(50)], 123_457);
  assert.ok(x.every((step, at) => at === 0 || step > /** @type {number} */ (x[at - 1])));
});
