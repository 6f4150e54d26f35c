// Work that is put off.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLater } from '../../www/later.js';

/**
 * Work that takes a while, on a clock of its own; it is asked for at some times, and done at others.
 * @param {import('node:test').TestContext} context
 * @param {number} takes milliseconds
 */
function work({ mock }, takes) {
  mock.timers.enable({ apis: ['setTimeout'] });
  let time = 0;
  /** @type {number[]} */
  const done = [];
  const begin = () => {
    done.push(time);
    time += takes;
  };
  const later = createLater(begin, 100, () => time);
  const pass = (/** @type {number} */ until) => {
    for (; time < until; time += 1) mock.timers.tick(1);
  };
  return { later, done, pass };
}

test('work is done once, when nobody has asked for a while', (t) => {
  const { later, done, pass } = work(t, 0);
  for (const at of [0, 50, 100]) {
    pass(at);
    later.ask();
  }
  pass(1000);
  assert.equal(done.length, 1);
  assert.ok(Math.abs(Number(done[0]) - 200) <= 1);
});

test('what takes long waits longer the next time', (t) => {
  const { later, done, pass } = work(t, 20);
  later.atOnce();
  later.ask();
  pass(20 + 990);
  assert.equal(done.length, 1);
  pass(20 + 1010);
  assert.equal(done.length, 2);
});

test('who goes on asking does not put it off for ever', (t) => {
  const { later, done, pass } = work(t, 0);
  for (let at = 0; at < 20_000; at += 90) {
    pass(at);
    later.ask();
  }
  assert.equal(done.length, 3);
});

test('what was asked for is done at once where there is no time left, and not once more', (t) => {
  const { later, done, pass } = work(t, 0);
  assert.equal(later.settle(), false);
  later.ask();
  assert.equal(later.settle(), true);
  pass(1000);
  assert.equal(done.length, 1);
});
