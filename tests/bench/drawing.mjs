// How much drawing the curves costs the training: the built page trains flat out, once as it is and once with its
// frames held back.

import { serve } from '../browser/harness.mjs';
import { launch } from './browser.mjs';
import { wholeDocumentOf } from './document.mjs';
import { build } from './workloads.mjs';

/** @typedef {{ start: { step: number, time: number } | undefined, end: { step: number, time: number }, over: boolean, frames: number, held: boolean }} Watch */

/** What does not count at the start of a run, in milliseconds, unless all of it is over sooner. */
const WARM_UP = 300;

/**
 * @param {'W1' | 'W3'} id
 * @param {object} settings
 * @param {number} settings.seconds how long each sample takes at most
 * @param {number} settings.times how often
 * @returns {Promise<{ drawn: number[], held: number[], framesPerSecond: number[] }>} steps a second
 */
export async function drawingCost(id, { seconds, times }) {
  const server = await serve();
  const browser = await launch();
  const workload = build(id);
  if (workload.kind !== 'training') throw new Error(`${id} is no training`);
  try {
    const link = await linkOf(browser, server.url, wholeDocumentOf(workload));
    /** @type {Awaited<ReturnType<typeof drawingCost>>} */
    const rates = { drawn: [], held: [], framesPerSecond: [] };
    for (let time = 0; time < times; time += 1) {
      // In turns, and the first in turns.
      for (const hold of time % 2 === 0 ? [false, true] : [true, false]) {
        const sample = await train(browser, server.url + link, hold, seconds);
        rates[hold ? 'held' : 'drawn'].push(sample.stepsPerSecond);
        if (!hold) rates.framesPerSecond.push(sample.framesPerSecond);
      }
    }
    return rates;
  } finally {
    await browser.close();
    server.close();
  }
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @param {object} document
 */
async function linkOf(browser, url, document) {
  const page = await browser.newPage();
  await page.goto(url);
  const link = await page.evaluate(`import('./gradus.js').then(async (gradus) => {
    await gradus.default();
    return gradus.encodeLink(${JSON.stringify(document)});
  })`);
  await page.close();
  return String(link);
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} address
 * @param {boolean} hold
 * @param {number} seconds
 */
async function train(browser, address, hold, seconds) {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript((warmUp) => {
    /** @type {Watch} */
    const watch = { start: undefined, end: { step: 0, time: 0 }, over: false, frames: 0, held: false };
    let begun = 0;
    globalThis.Worker = class extends Worker {
      /** @param {string | URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        this.addEventListener('message', ({ data }) => {
          if (data.type === 'finished') watch.over = true;
          if (data.type !== 'metrics' || data.position.step === 0) return;
          const now = { step: data.position.step, time: performance.now() };
          begun ||= now.time;
          const warm = now.time - begun > warmUp || now.step > data.position.totalSteps / 10;
          if (!watch.start && warm) {
            watch.start = now;
            watch.frames = 0;
          }
          watch.end = now;
        });
      }
    };
    const request = requestAnimationFrame.bind(globalThis);
    let latest = 0;
    globalThis.requestAnimationFrame = (callback) => {
      if (watch.held) return 0;
      return request((time) => {
        // Callbacks of the same frame get the same time.
        if (time !== latest) watch.frames += 1;
        latest = time;
        callback(time);
      });
    };
    Object.assign(globalThis, { watch });
  }, WARM_UP);
  await page.goto(address);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.evaluate(`watch.held = ${hold}`);
  const deadline = Date.now() + seconds * 1000 + WARM_UP;
  while (Date.now() < deadline && !(await page.evaluate('watch.over'))) await page.waitForTimeout(50);
  const { start, end, frames } = /** @type {Watch} */ (await page.evaluate('watch'));
  await context.close();
  if (!start || end.time <= start.time) throw new Error('the page did not train');
  const milliseconds = end.time - start.time;
  return {
    stepsPerSecond: (1000 * (end.step - start.step)) / milliseconds,
    framesPerSecond: (1000 * frames) / milliseconds,
  };
}
