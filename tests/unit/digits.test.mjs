import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INK, SIDE, pixelsOf, softmax } from '../../www/digits.js';

/** @param {Float32Array} pixels */
const rows = (pixels) =>
  Array.from({ length: SIDE }, (_, row) => [...pixels.slice(row * SIDE, (row + 1) * SIDE)]);
const sum = (/** @type {ArrayLike<number>} */ values) =>
  Array.from(values).reduce((total, value) => total + value, 0);

/** @param {number} cx @param {number} cy @param {number} rx @param {number} ry */
const ellipse = (cx, cy, rx, ry) =>
  Array.from({ length: 61 }, (_, at) => ({
    x: cx + rx * Math.cos((2 * Math.PI * at) / 60),
    y: cy + ry * Math.sin((2 * Math.PI * at) / 60),
  }));

test('an empty pad is an empty picture', () => {
  assert.deepEqual([...pixelsOf([])], Array(64).fill(0));
  assert.deepEqual([...pixelsOf([[]])], Array(64).fill(0));
});

test('a drawing fills the picture from top to bottom, wherever and however small it was drawn', () => {
  const large = pixelsOf([ellipse(0.5, 0.5, 0.25, 0.4)]);
  const small = pixelsOf([ellipse(0.1, 0.8, 0.025, 0.04)]);
  assert.deepEqual(large, small);
  const filled = rows(large).map((row) => row.some((value) => value > 0));
  assert.deepEqual(filled, Array(8).fill(true));
  assert.ok(large.every((value) => value >= 0 && value <= INK && Number.isInteger(value)));
});

test('a ring is empty in the middle and symmetric', () => {
  const pixels = rows(pixelsOf([ellipse(0.5, 0.5, 0.25, 0.4)]));
  assert.equal(pixels[3]?.[3], 0);
  assert.equal(pixels[4]?.[4], 0);
  for (const row of pixels) assert.deepEqual(row, row.toReversed());
  assert.deepEqual(pixels[0], pixels[7]);
});

test('a stroke has about as much ink as a digit of the set, and is thick therefore', () => {
  // 1,797 digits have 561,718 in all: 312.6 each.
  const one = pixelsOf([
    [
      { x: 0.5, y: 0.1 },
      { x: 0.5, y: 0.9 },
    ],
  ]);
  assert.ok(Math.abs(sum(one) - 312.6) < 20, `ink ${sum(one)}`);
  const zero = pixelsOf([ellipse(0.5, 0.5, 0.25, 0.4)]);
  assert.ok(Math.abs(sum(zero) - 312.6) < 40, `ink ${sum(zero)}`);
  // In the middle columns, nothing at the edges.
  for (const row of rows(one)) assert.deepEqual([row[0], row[1], row[6], row[7]], [0, 0, 0, 0]);
});

test('a dot stays one, and a flat line flat', () => {
  const dot = rows(pixelsOf([[{ x: 0.3, y: 0.3 }]]));
  assert.ok((dot[3]?.[3] ?? 0) > 0);
  assert.equal(dot[0]?.[0], 0);
  const line = rows(
    pixelsOf([
      [
        { x: 0.1, y: 0.5 },
        { x: 0.9, y: 0.5 },
      ],
    ]),
  );
  assert.ok(line[0]?.every((value) => value === 0));
});

test('softmax gives probabilities', () => {
  // exp(0) : exp(ln 3) = 1 : 3
  const [a, b] = softmax(Float32Array.of(0, Math.log(3)));
  assert.ok(Math.abs((a ?? 0) - 0.25) < 1e-6 && Math.abs((b ?? 0) - 0.75) < 1e-6);
});
