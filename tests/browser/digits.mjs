// What tests of digits share: the experiment, its pictures, and the pad to draw one on.

import assert from 'node:assert/strict';
import { encode } from './native.mjs';

/** @import { Page } from 'playwright-core' */

/** Digits, and a network that reads them. */
export const DIGITS = {
  title: 'Digits',
  data: { kind: 'bundled', name: 'digits' },
  validation: 0.2,
  model: [{ type: 'flatten' }, { type: 'linear', out: 32 }, { type: 'relu' }, { type: 'linear', out: 10 }],
  loss: { type: 'cross_entropy' },
  optimizer: { type: 'adam', lr: 0.005 },
  batch_size: 32,
  epochs: 10,
};

/** @param {Page} page @param {object} [change] */
export async function openDigits(page, change = {}) {
  const hash = encode({ ...DIGITS, ...change });
  await page.evaluate((to) => void (location.hash = to), hash.slice(hash.indexOf('#')));
  await pictures(page).waitFor();
}

/** @param {Page} page */
export const pictures = (page) => page.getByRole('listbox', { name: 'Pictures' });

/** @param {Page} page */
export const verdict = (page) => page.locator('.verdict').textContent();

/** @param {Page} page @param {[number, number][][]} strokes in parts of the pad */
export async function draw(page, ...strokes) {
  const box = await page.locator('.pad').boundingBox();
  assert.ok(box);
  for (const stroke of strokes) {
    for (const [index, [x, y]] of stroke.entries()) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: index === 0 ? 1 : 6 });
      if (index === 0) await page.mouse.down();
    }
    await page.mouse.up();
  }
}

/** @type {[number, number][]} */
export const RING = Array.from({ length: 25 }, (_, at) => [
  0.5 + 0.22 * Math.sin((2 * Math.PI * at) / 24),
  0.5 - 0.36 * Math.cos((2 * Math.PI * at) / 24),
]);
