// When the page is drawn.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFrames } from '../../www/frames.js';

const FRAME_MS = 1000 / 60;

/**
 * A page on a screen and a clock of its own: in which frames it was drawn.
 * @param {number} takes milliseconds to draw
 */
function page(takes) {
  let [time, number] = [0, 0];
  /** @type {(() => void)[]} */
  let waiting = [];
  /** @type {number[]} */
  const drawn = [];
  const draw = () => {
    drawn.push(number);
    time += takes;
  };
  const frames = createFrames(draw, { request: (callback) => void waiting.push(callback), now: () => time });
  /** Lets some frames pass; whether anybody asked for the last. */
  function pass(count = 1, before = () => {}) {
    let asked = false;
    for (let frame = 0; frame < count; frame += 1) {
      before();
      number += 1;
      time = Math.max(time, number * FRAME_MS);
      const now = waiting;
      waiting = [];
      asked = now.length > 0;
      assert.ok(now.length <= 1, 'a frame is asked for once');
      for (const callback of now) callback();
    }
    return asked;
  }
  return { frames, drawn, pass };
}

test('what a reader does is drawn in the next frame, however long it takes', () => {
  const { frames, drawn, pass } = page(10);
  for (let frame = 1; frame <= 3; frame += 1) {
    frames.next();
    frames.next();
    pass();
  }
  assert.deepEqual(drawn, [1, 2, 3]);
  assert.equal(pass(), false);
});

test('a quick page is drawn in every frame', () => {
  const { frames, drawn, pass } = page(1);
  pass(4, frames.soon);
  assert.deepEqual(drawn, [1, 2, 3, 4]);
});

test('a slow page rests before what the training tells is drawn', () => {
  const { frames, drawn, pass } = page(8);
  pass(9, frames.soon);
  // Six times 8 ms, without half a frame, are 40: three frames.
  assert.deepEqual(drawn, [1, 4, 7]);
});

test('what was told while the page rests is not lost, and a reader need not wait for it', () => {
  const { frames, drawn, pass } = page(8);
  frames.soon();
  pass();
  frames.soon();
  pass();
  assert.deepEqual(drawn, [1]);
  frames.next();
  pass();
  assert.deepEqual(drawn, [1, 3]);
  frames.soon();
  pass(5);
  assert.deepEqual(drawn, [1, 3, 6]);
  assert.equal(pass(), false);
});
