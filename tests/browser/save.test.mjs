// Every view can be saved as a drawing, a picture and numbers.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { browserTest, eventually } from './harness.mjs';
import { THIRDS, openDocument, panel, tab } from './results.mjs';
import { button, run, saveAs } from './user.mjs';

/** @import { Page } from 'playwright-core' */

const DOCUMENT = { ...THIRDS, epochs: 20, validation: 0.2, predict: [[1, 0.5]], model: [{ type: 'linear', out: 4 }, { type: 'relu' }, { type: 'linear', out: 3 }] }; // prettier-ignore

/** @param {Page} page @param {string} name */
async function mode(page, name) {
  await button(page, name).click();
  await page.getByRole('button', { name, exact: true, pressed: true }).waitFor();
}

/** @type {[string, string[], (page: Page) => Promise<void>][]} */
const VIEWS = [
  ['Curves', ['SVG', 'PNG', 'CSV'], async () => {}],
  ['Fit', ['SVG', 'PNG', 'CSV'], async (page) => eventually(async () => assert.match((await page.locator('.fit-readout').textContent()) ?? '', /%/))], // prettier-ignore
  ['Confusion', ['SVG', 'PNG', 'CSV'], async (page) => page.getByText(/rows are right/).waitFor()],
  ['Weights', ['CSV'], async () => {}],
  ['Weights', ['SVG', 'PNG', 'CSV'], (page) => mode(page, 'Histograms')],
  ['Weights', ['SVG', 'PNG', 'CSV'], (page) => mode(page, 'Over time')],
  ['Layers', ['SVG', 'PNG', 'CSV'], async (page) => page.getByRole('list', { name: /^Layer 0/ }).waitFor()],
  ['Predict', ['SVG', 'PNG', 'CSV'], async (page) => page.locator('.share').first().waitFor()],
]; // prettier-ignore

browserTest('each view is saved as SVG, PNG and CSV', {}, async ({ page, context }) => {
  await openDocument(page, DOCUMENT);
  await tab(page, 'Weights');
  await run(page, 20);
  /** @type {[string, Buffer, Buffer][]} */
  const pictures = [];
  for (const [name, kinds, prepare] of VIEWS) {
    await tab(page, name);
    await prepare(page);
    /** @type {Record<string, Buffer>} */
    const saved = {};
    for (const kind of kinds) {
      const download = await saveAs(page, kind);
      assert.equal(download.suggestedFilename().split('.').at(-1), kind.toLowerCase());
      const bytes = (saved[kind] = await readFile(await download.path()));
      if (kind === 'CSV') assert.ok(bytes.toString('utf8').split('\n').length > 2, `${name}: ${bytes}`);
      if (kind === 'SVG') await isDrawing(page, bytes.toString('utf8'), name);
    }
    if (saved.SVG && saved.PNG) pictures.push([name, saved.SVG, saved.PNG]);
  }
  // No server's policy forbids this page to show them.
  const viewer = await context.newPage();
  for (const [name, drawing, picture] of pictures) {
    const sights = [await seen(viewer, drawing, 'image/svg+xml'), await seen(viewer, picture, 'image/png')];
    assertSameSight(sights, name);
  }
});

/** A picture is looked at in so many parts, across and down, of so many pixels each way. */
const PARTS = /** @type {const} */ ([48, 32, 20]);

/**
 * The parts of a picture as a browser shows it: how far the mean pixel is from the colour of the corner, of 255.
 * @param {Page} viewer
 * @param {Buffer} bytes
 * @param {string} type
 */
const seen = (viewer, bytes, type) =>
  viewer.evaluate(
    async ([source, [columns, rows, side]]) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const [width, height] = [columns * side, rows * side];
      const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
      context?.drawImage(image, 0, 0, width, height);
      const { data } = context?.getImageData(0, 0, width, height) ?? { data: [] };
      const parts = Array.from({ length: columns * rows }, () => 0);
      for (let at = 0; at < data.length; at += 4) {
        const away = [0, 1, 2].map((channel) => Math.abs(Number(data[at + channel]) - Number(data[channel])));
        const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
        const part = Math.floor(y / side) * columns + Math.floor(x / side);
        parts[part] = Number(parts[part]) + Math.max(...away) / side ** 2;
      }
      return parts;
    },
    /** @type {const} */ ([`data:${type};base64,${bytes.toString('base64')}`, PARTS]),
  );

/**
 * There is something to see, and the drawing shows what the picture shows.
 * @param {number[][]} sights
 * @param {string} name
 */
function assertSameSight(sights, name) {
  const sum = (/** @type {number[]} */ numbers) => numbers.reduce((total, each) => total + each, 0);
  const [drawing = [], picture = []] = sights;
  const marked = picture.filter((away) => away > 5).length / picture.length;
  const apart = drawing.map((away, at) => Math.abs(away - Number(picture[at])));
  const different = sum(apart) / sum(picture);
  assert.ok(marked > 0.03, `${name}: ${marked} of it is not empty`);
  assert.ok(different < 0.3, `${name}: the drawing and the picture differ by ${different}`);
}

/** An SVG that a browser reads, with marks in it and text. @param {Page} page @param {string} svg @param {string} name */
async function isDrawing(page, svg, name) {
  const found = await page.evaluate((text) => {
    const document = new DOMParser().parseFromString(text, 'image/svg+xml');
    return {
      error: document.querySelector('parsererror')?.textContent ?? '',
      root: document.documentElement.tagName,
      shapes: document.querySelectorAll('path, image').length,
      texts: document.querySelectorAll('text').length,
      wrong: (text.replace(/href="[^"]*"/g, '').match(/NaN|undefined|Infinity/) ?? [''])[0],
    };
  }, svg);
  assert.equal(found.error, '', name);
  assert.deepEqual([found.root, found.wrong], ['svg', ''], `${name}: ${svg.slice(0, 400)}`);
  assert.ok(found.shapes > 3 && found.texts > 2, `${name}: ${JSON.stringify(found)}`);
}

browserTest('before the first step there are no curves to save', {}, async ({ page }) => {
  const save = panel(page).getByRole('tabpanel').getByRole('button', { name: 'Save this view', exact: true });
  await save.and(page.locator(':disabled')).waitFor();
  await button(page, 'Batch').click();
  await save.and(page.locator(':enabled')).waitFor();
  await button(page, 'Reset').click();
  await save.and(page.locator(':disabled')).waitFor();
});

browserTest(
  'the drawing of the curves has the colours of the theme',
  { colorScheme: 'dark' },
  async ({ page }) => {
    await openDocument(page, DOCUMENT);
    await run(page, 20);
    const svg = await readFile(await (await saveAs(page, 'SVG')).path(), 'utf8');
    assert.match(svg, /<rect [^>]*fill="#14171a"/);
    assert.match(svg, /stroke="#5aa7ff"/);
    assert.match(svg, />step</);
  },
);
