// What the views show of a training that runs on WebGPU: the numbers that they show of the same one on the CPU.

import assert from 'node:assert/strict';
import { RING, draw, openDigits, verdict } from './digits.mjs';
import { browserTest, eventually } from './harness.mjs';
import { THIRDS, openDocument, savedTable, tab } from './results.mjs';
import { assertClose, atEpoch, button, fill } from './user.mjs';

/** @import { Page } from 'playwright-core' */

const POINTS = {
  ...THIRDS,
  model: [{ type: 'linear', out: 4 }, { type: 'relu' }, { type: 'linear', out: 3 }],
  optimizer: { type: 'sgd', lr: 0.1 },
  batch_size: 4,
  validation: 0.2,
  epochs: 1000,
  predict: [[0.3, 0.4]],
};

/** @param {Page} page @param {'CPU' | 'WebGPU'} device */
async function assertRunsOn(page, device) {
  const chip = page.getByRole('button', { name: 'Training runs on' });
  await eventually(async () => assert.match(await chip.innerText(), new RegExp(device)));
}

/** @param {Page} page @param {number} times */
async function steps(page, times) {
  const step = page.locator('[data-figure="loss"]');
  for (let time = 0; time < times; time += 1) {
    const before = await step.textContent();
    await button(page, 'Batch').click();
    await eventually(async () => assert.notEqual(await step.textContent(), before));
  }
}

/** Sets a weight of the first hidden unit. @param {Page} page @param {number} value */
async function setWeight(page, value) {
  await page.getByRole('button', { name: 'Weights…' }).click();
  const popup = page.getByRole('dialog', { name: 'Weights of a unit' });
  const weight = popup.getByRole('textbox', { name: 'x1', exact: true });
  await weight.fill(String(value));
  await weight.press('Enter');
  await page.keyboard.press('Escape');
  await popup.waitFor({ state: 'detached' });
}

/** @param {Page} page @param {string} name */
async function mode(page, name) {
  await button(page, name).click();
  await page.getByRole('button', { name, exact: true, pressed: true }).waitFor();
}

/** @type {[string, (page: Page) => Promise<unknown>][]} */
const VIEWS = [
  ['Curves', async () => {}],
  ['Fit', async (page) => page.locator('.fit-readout', { hasText: '%' }).waitFor()],
  ['Confusion', async (page) => page.getByText(/rows are right/).waitFor()],
  ['Weights', async (page) => mode(page, 'Numbers')],
  ['Weights', async (page) => mode(page, 'Histograms')],
  ['Weights', async (page) => mode(page, 'Over time')],
  ['Layers', async (page) => page.getByRole('list', { name: /^Layer 0/ }).waitFor()],
  ['Predict', async (page) => page.locator('.share').first().waitFor()],
];

/** The maps that a view has drawn, made small. @param {Page} page @param {string} canvas */
const sight = (page, canvas) =>
  page.locator(canvas).evaluate((element) => {
    const side = 80;
    const context = new OffscreenCanvas(side, side).getContext('2d');
    context?.drawImage(/** @type {HTMLCanvasElement} */ (element), 0, 0, side, side);
    return [...(context?.getImageData(0, 0, side, side).data ?? [])];
  });

/**
 * Trains on a device with changes on the way, and gives what the views save and draw.
 * @param {Page} page
 * @param {'cpu' | 'webgpu'} device
 */
async function visit(page, device) {
  await openDocument(page, { ...POINTS, device });
  await tab(page, 'Weights');
  await mode(page, 'Over time');
  await steps(page, 3);
  await fill(page, 'Learning rate', 0.05);
  await setWeight(page, 0.75);
  await steps(page, 3);
  await assertRunsOn(page, device === 'cpu' ? 'CPU' : 'WebGPU');
  const views = [];
  for (const [name, prepare] of VIEWS) {
    await tab(page, name);
    await prepare(page);
    views.push({ name, ...(await savedTable(page)) });
  }
  await tab(page, 'Fit');
  await page.locator('.fit-readout', { hasText: '%' }).waitFor();
  return { views, maps: [await sight(page, '.diagram-maps'), await sight(page, '.fit-tab canvas')] };
}

/**
 * The same words, and the same numbers as float32 has them on another device.
 * @param {string[]} found
 * @param {string[]} wanted
 * @param {string} name
 */
function assertSame(found, wanted, name) {
  const isNumber = (/** @type {string} */ text) => text !== '' && Number.isFinite(Number(text));
  const words = (/** @type {string[]} */ texts) => texts.map((text) => (isNumber(text) ? 'number' : text));
  assert.deepEqual(words(found), words(wanted), name);
  assertClose(found.filter(isNumber).map(Number), wanted.filter(isNumber));
}

browserTest(
  'every view shows of a training on WebGPU what it shows of it on the CPU',
  { webgpu: true },
  async ({ page }) => {
    const onProcessor = await visit(page, 'cpu');
    const onDevice = await visit(page, 'webgpu');
    for (const [at, { name, head, rows }] of onDevice.views.entries()) {
      assert.ok(rows.length > 0, `${name} has numbers`);
      const expected = onProcessor.views[at];
      assertSame(
        [...head, ...rows.flat()],
        [...(expected?.head ?? []), ...(expected?.rows.flat() ?? [])],
        name,
      );
    }
    for (const [at, map] of onDevice.maps.entries()) {
      const expected = onProcessor.maps[at] ?? [];
      assert.ok(new Set(map).size > 20, `map ${at} shows something`);
      assert.equal(map.length, expected.length);
      const apart = map.filter((value, place) => Math.abs(value - Number(expected[place])) > 8).length;
      assert.ok(apart < map.length / 1000, `${apart} of ${map.length} values of map ${at} differ`);
    }
  },
);

browserTest(
  'what is drawn is read while WebGPU trains, and a rate is changed, as the CPU does',
  { webgpu: true },
  async ({ page }) => {
    const small = { model: [{ type: 'flatten' }, { type: 'linear', out: 10 }], batch_size: 256, epochs: 4 };
    const bars = page.getByRole('list', { name: 'Probability of each label' });
    const percents = async () =>
      (await bars.locator('.label-bars-share').allTextContents()).map((text) => Number.parseFloat(text));
    const trained = async (/** @type {string} */ device) => {
      await openDigits(page, { ...small, device });
      await button(page, 'Clear').click();
      await draw(page, RING);
      await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for \d/));
      const before = await bars.textContent();
      await button(page, 'Epoch').click();
      await atEpoch(page, 1, 4);
      await button(page, 'Run').waitFor();
      await fill(page, 'Learning rate', 0.02);
      await button(page, 'Run').click();
      await eventually(async () => assert.notEqual(await bars.textContent(), before));
      await atEpoch(page, 4, 4);
      await button(page, 'Run').waitFor();
      return { verdict: (await verdict(page))?.slice(0, 'Taken for 0'.length), percents: await percents() };
    };
    const expected = await trained('cpu');
    const found = await trained('webgpu');
    await assertRunsOn(page, 'WebGPU');
    assert.equal(found.verdict, expected.verdict);
    assert.equal(found.percents.length, 10);
    // Either may have been rounded the other way.
    assertClose(found.percents, expected.percents, { rtol: 0, atol: 1 });
  },
);
