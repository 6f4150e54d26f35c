import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rangeUnder } from '../../www/views/curves/geometry.js';

/** @import { CurvesGeometry } from '../../www/gradus.js' */

/** 100 pixels for the steps from 200 to 300. */
const geometry = /** @type {CurvesGeometry} */ ({
  plot: { left: 50, right: 150, top: 0, bottom: 100 },
  xMin: 200,
  xMax: 300,
});

test('a finger takes the curve along', () => {
  assert.deepEqual(rangeUnder(geometry, false, [{ from: 100, to: 120 }]), [180, 280]);
  // Each pixel to the left is a factor of 10 ** (1 / 50).
  const [low, high] = rangeUnder({ ...geometry, xMin: 1, xMax: 100 }, true, [{ from: 100, to: 50 }]);
  assert.ok(Math.abs(low - 10) < 1e-9 && Math.abs(high - 1000) < 1e-9, `${low} ${high}`);
});

test('what is under two fingers stays there when they part', () => {
  const fingers = [
    { from: 90, to: 80 },
    { from: 110, to: 120 },
  ];
  // Steps 240 and 260 at 80 and 120: half a step a pixel.
  assert.deepEqual(rangeUnder(geometry, false, fingers), [225, 275]);
  // However near they come, there is an end.
  const near = fingers.map(({ from }) => ({ from, to: 100 }));
  assert.deepEqual(rangeUnder(geometry, false, near), [187.5, 312.5]);
});
