// What the training worker says to the page, noted beside what the page makes of it.

import assert from 'node:assert/strict';
import { eventually } from './harness.mjs';

/** @import { Page } from 'playwright-core' */

/**
 * @typedef {object} Watch
 * @property {number} messages how often it told of its steps
 * @property {number} losses the most in one of them
 * @property {number} step the last it told of
 * @property {number} snapshots how often it told what the network has become, with what views show of it
 */

/**
 * To be called before the page is opened.
 * @param {Page} page
 */
export const watchWorker = (page) =>
  page.addInitScript(() => {
    const watch = { messages: 0, losses: 0, step: 0, snapshots: 0 };
    Object.assign(globalThis, { watch });
    globalThis.Worker = class extends Worker {
      /** @param {string | URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        this.addEventListener('message', ({ data }) => {
          if (data.type === 'parameters') watch.snapshots += 1;
          if (data.type !== 'metrics') return;
          watch.messages += 1;
          watch.losses = Math.max(watch.losses, data.train.last.length, data.validation.last.length);
          watch.step = data.position.step;
        });
      }
    };
  });

/** @param {Page} page @returns {Promise<Watch>} */
export const watched = (page) => page.evaluate('watch');

/**
 * Waits until it has said so much more.
 * @param {Page} page
 * @param {keyof Watch} what
 * @param {number} more
 */
export async function hears(page, what, more) {
  const before = await watched(page);
  return eventually(async () => {
    const now = await watched(page);
    assert.ok(now[what] >= before[what] + more, `${what}: ${before[what]}, then ${now[what]}`);
    return now;
  });
}
