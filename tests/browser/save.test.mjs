// Every view can be saved as a drawing, a picture and numbers.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { browserTest, eventually } from './harness.mjs';
import { THIRDS, openDocument, tab } from './results.mjs';
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

browserTest('each view is saved as SVG, PNG and CSV', {}, async ({ page }) => {
  await openDocument(page, DOCUMENT);
  await tab(page, 'Weights');
  await run(page, 20);
  for (const [name, kinds, prepare] of VIEWS) {
    await tab(page, name);
    await prepare(page);
    for (const kind of kinds) {
      const download = await saveAs(page, kind);
      assert.equal(download.suggestedFilename().split('.').at(-1), kind.toLowerCase());
      const bytes = await readFile(await download.path());
      if (kind === 'CSV') assert.ok(bytes.toString('utf8').split('\n').length > 2, `${name}: ${bytes}`);
      else if (kind === 'PNG') {
        assert.equal(bytes.subarray(1, 4).toString('latin1'), 'PNG', name);
        assert.ok(bytes.length > 1000, `${name}: ${bytes.length} bytes`);
      } else await isDrawing(page, bytes.toString('utf8'), name);
    }
  }
});

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
