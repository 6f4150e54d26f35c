import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  boundsOf,
  evenedBounds,
  near,
  rounded,
  scaleOf,
  steadyBounds,
  ticks,
  tickStep,
} from '../../www/plane.js';

const points = [
  { index: 0, x: 0, y: 0 },
  { index: 1, x: 1, y: 0.5 },
];

test('the bounds show every point, and end at round numbers', () => {
  // 4 % of room around 0 to 1 in steps of a tenth; around 0 to 0.5 in steps of a twentieth.
  const { left, right, bottom, top } = boundsOf(points);
  assert.deepEqual(
    [left, right, bottom, top].map((value) => Number(value.toFixed(9))),
    [-0.1, 1.1, -0.05, 0.55],
  );
  assert.deepEqual(boundsOf([]), { left: -1, right: 1, bottom: -1, top: 1 });
  const one = boundsOf([{ x: 3, y: 0 }]);
  assert.ok(one.left < 3 && one.right > 3 && one.bottom < 0 && one.top > 0);
});

test('bounds stay while they show everything and are not twice too large, or somebody paints', () => {
  const wide = { left: -2, right: 2, bottom: -1, top: 1 };
  assert.equal(steadyBounds(wide, { left: -1, right: 1.5, bottom: -1, top: 1 }, true), wide);
  const outside = { left: -1, right: 3, bottom: -1, top: 1 };
  assert.equal(steadyBounds(wide, outside, false), outside);
  const small = { left: -0.5, right: 0.5, bottom: -0.2, top: 0.2 };
  assert.equal(steadyBounds(wide, small, true), small);
  assert.equal(steadyBounds(wide, small, false), wide);
});

test('axes whose ranges are alike have the same scale, others keep their own', () => {
  // 3 across 300 pixels are 100 to a unit; 2 up 400 pixels would be 200, so that up there is room for 4.
  const bounds = { left: -1.5, right: 1.5, bottom: -1, top: 1 };
  const seen = { left: -1.5, right: 1.5, bottom: -2, top: 2 };
  assert.deepEqual(evenedBounds(bounds, { width: 300, height: 400 }), seen);
  const unlike = { left: 0, right: 100, bottom: 0, top: 1 };
  assert.equal(evenedBounds(unlike, { width: 300, height: 400 }), unlike);
});

test('ticks are 1, 2 or 5 times a power of ten', () => {
  assert.deepEqual(ticks(-1, 1, 4), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
  assert.equal(tickStep(3, 10), 0.5);
});

test('a place goes to a pixel and back, with the digits that a hand can place', () => {
  const scale = scaleOf(
    { left: -1, right: 1, bottom: -1, top: 1 },
    { left: 40, top: 8, width: 200, height: 100 },
  );
  assert.deepEqual([scale.x(0), scale.y(0)], [140, 58]);
  assert.deepEqual(scale.place(140, 58), { x: 0, y: 0 });
  assert.deepEqual(scale.place(240, 8), { x: 1, y: 1 });
  assert.deepEqual(scale.place(999, 999), { x: 1, y: -1 }, 'it stays inside');
  assert.equal(rounded(0.123456, 2), 0.123);
  assert.equal(rounded(1234.56, 5000), 1235);
  assert.equal(Object.is(rounded(-0.0001, 2), 0), true);
});

test('the nearest points come first', () => {
  const scale = scaleOf(
    { left: 0, right: 10, bottom: 0, top: 10 },
    { left: 0, top: 0, width: 100, height: 100 },
  );
  const found = near(points, scale, { px: 8, py: 95 }, 12);
  assert.deepEqual(
    found.map(({ index }) => index),
    [1, 0],
  );
  assert.deepEqual(near(points, scale, { px: 60, py: 40 }, 12), []);
});
