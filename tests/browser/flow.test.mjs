// The main flow from an empty browser to a shared link, in Chromium and in Firefox; tests/webkit/ has it for WebKit.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { decode, number32, train } from './native.mjs';
import { cell, field, fill, run, savedLosses, sharedLink, tableNumbers, typeCell } from './user.mjs';

/** @import { Page } from 'playwright-core' */

/** How many of the chart's points are of a curve's colour: axes and labels are grey. @param {Page} page */
const coloured = (page) =>
  page.locator('canvas.curves').evaluate((/** @type {HTMLCanvasElement} */ canvas) => {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((blue, at) => at % 4 === 2 && blue - Number(data[at - 2]) > 60).length;
  });

browserTest('from an edited cell to a curve that a link repeats, bit for bit', {}, async (opened) => {
  const { page, context } = opened;
  await typeCell(page, 1, 1, '1.25');
  await fill(page, 'Learning rate', 0.002);
  assert.ok((await coloured(page)) < 100);
  await run(page, 50);
  await eventually(async () => assert.ok((await coloured(page)) > 300, 'no curve is drawn'));
  const here = await savedLosses(page);
  assert.equal(here.losses.length, 50);
  assert.ok(Number(here.losses.at(-1)) < 0.1 * Number(here.losses[0]), 'the loss does not fall');

  const link = await sharedLink(page);
  const other = await context.newPage();
  await other.goto(link);
  await eventually(async () => assert.equal(await field(other, 'Learning rate').inputValue(), '0.002'));
  assert.deepEqual(await tableNumbers(other, 3), [[1.25, 2, 3], [3, 4, 7], [5, 6, 11], [7, 8, 15]]); // prettier-ignore
  await run(other, 50);
  assert.deepEqual(await savedLosses(other), here);
  assert.deepEqual(here.losses, train(decode(new URL(link).hash)).loss_history.map(number32));
});

browserTest('language and theme change, and a reload keeps them and the experiment', {}, async ({ page }) => {
  const [html, body] = [page.locator('html'), page.locator('body')];
  const paper = () => body.evaluate((element) => getComputedStyle(element).backgroundColor);
  const light = await paper();
  await typeCell(page, 1, 1, '1.25');
  await run(page, 50);
  await page.getByRole('button', { name: 'Light or dark' }).click();
  assert.equal(await html.getAttribute('data-theme'), 'dark');
  const dark = await paper();
  assert.notEqual(dark, light);
  await page.getByRole('button', { name: '中 / EN' }).click();
  await page.getByRole('heading', { name: '数据', exact: true }).waitFor();

  await page.reload();
  await page.getByRole('heading', { name: '数据', exact: true }).waitFor();
  assert.equal(await paper(), dark);
  await page.getByRole('button', { name: '中 / EN' }).click();
  await page.getByRole('heading', { name: 'Data', exact: true }).waitFor();
  await eventually(async () => assert.equal(await cell(page, 1, 1).textContent(), '1.25'));
  // It goes on from the weights that the browser has kept.
  await page.getByRole('group', { name: 'Training' }).getByText('50 / 50').waitFor();
});
