// A phone, 360 by 740, and the finger that uses it.

import assert from 'node:assert/strict';

/** @import { Locator, Page } from 'playwright-core' */

export const PHONE = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 3,
};

/** @param {Page} page @param {string} name */
export async function showPanel(page, name) {
  await page.getByRole('navigation', { name: 'Panels' }).getByRole('button', { name }).tap();
  await page.getByRole('heading', { name, exact: true }).waitFor();
}

/**
 * A finger from one place to another, as the browser gets it.
 * @param {Page} page
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} by
 */
export async function swipe(page, from, by) {
  const touch = await page.context().newCDPSession(page);
  const send = (
    /** @type {'touchStart' | 'touchMove' | 'touchEnd'} */ type,
    /** @type {number[]} */ ...parts
  ) =>
    touch.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: parts.map((part) => ({ x: from.x + part * by.x, y: from.y + part * by.y })),
    });
  await send('touchStart', 0);
  for (let step = 1; step <= 10; step += 1) await send('touchMove', step / 10);
  await send('touchEnd');
  await touch.detach();
}

/** The middle of something, in view and at rest. @param {Locator} of */
export async function middleOf(of) {
  await of.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await atRest(of);
  const box = await of.boundingBox();
  assert.ok(box);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/**
 * What a finger has thrown rolls on; the next touch would only stop it.
 * @param {Locator} of
 */
const atRest = (of) =>
  of.evaluate(async (element) => {
    let last = NaN;
    for (let still = 0; still < 12;) {
      await new Promise(requestAnimationFrame);
      const { top } = element.getBoundingClientRect();
      still = top === last ? still + 1 : 0;
      last = top;
    }
  });
