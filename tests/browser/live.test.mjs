// What a screen reader is told while training runs: little. What changes by itself is there to be read; what the
// reader asks for is said once.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { HALVES, openDocument, tab } from './results.mjs';
import { button } from './user.mjs';

/** @import { Page } from 'playwright-core' */

/** Every snapshot of it is another: one row at a time of what cannot be learned, at a rate that is far too large. */
const RESTLESS = {
  ...HALVES,
  data: {
    ...HALVES.data,
    rows: Array.from({ length: 16 }, (_, at) => [
      (at % 4) - 1.5,
      Math.floor(at / 4) - 1.5,
      (at * at + at) % 3 > 0 ? 1 : 0,
    ]),
  },
  model: [{ type: 'linear', out: 1 }],
  optimizer: { type: 'sgd', lr: 0.5 },
  batch_size: 1,
  epochs: 1e7,
  predict: [[0.5, 0.5]],
};

/** So many times the page is seen to change. */
const UPDATES = 12;
/** So often may be said something meanwhile; a text that is put anew counts twice. */
const MOST_SAID = 4;

/**
 * What is said while the page follows the training, and how often.
 * @param {Page} page
 */
async function saidMeanwhile(page) {
  const count = await page.evaluateHandle(() => {
    const found = { updates: 0, said: /** @type {string[]} */ ([]) };
    const live = '[aria-live]:not([aria-live="off"]), output, [role="status"], [role="alert"], [role="log"]';
    const observer = new MutationObserver((changes) => {
      const within = (/** @type {string} */ selector) =>
        changes
          .map(({ target }) => (target instanceof Element ? target : target.parentElement)?.closest(selector))
          .filter((element) => element !== null && element !== undefined);
      if (within('.figures').length > 0) found.updates += 1;
      found.said.push(...within(live).map(({ className, textContent }) => `${className}: ${textContent}`));
      // What has the focus is said anew when its name or its value is another.
      const focused = changes.filter(
        ({ type, target }) => type === 'attributes' && target === document.activeElement,
      );
      found.said.push(...focused.map(({ attributeName }) => `${attributeName}`));
    });
    const attributeFilter = ['aria-label', 'aria-valuetext'];
    observer.observe(document.body, { childList: true, characterData: true, subtree: true, attributeFilter });
    return found;
  });
  // On a machine that is busy, a map takes its time.
  await page.waitForFunction(
    ({ count: { updates }, least }) => updates >= least,
    { count, least: UPDATES },
    {
      timeout: 60_000,
    },
  );
  return count.evaluate((found) => found.said);
}

/** @param {Page} page */
async function staysQuiet(page) {
  const said = await saidMeanwhile(page);
  assert.ok(said.length <= MOST_SAID, `${said.length} changes: ${said.join(' | ')}`);
}

/** @param {Page} page */
const fit = (page) => page.getByRole('tabpanel', { name: 'Fit' }).locator('canvas');

/** Each view of the results, and what a reader does there. @type {[string, string, (page: Page) => Promise<void>][]} */
const VIEWS = [
  ['Curves', 'Curves', async () => {}],
  ['Fit', 'Fit', async () => {}],
  [
    'Fit with a cursor at rest',
    'Fit',
    async (page) => {
      await fit(page).focus();
      await page.keyboard.press('ArrowRight');
      await page.locator('.fit-readout', { hasText: 'x1 =' }).waitFor();
    },
  ],
  [
    'Confusion with an open cell',
    'Confusion',
    async (page) => {
      await page.locator('.confusion-cell').first().click();
      await page.locator('.examples h3').waitFor();
    },
  ],
  [
    'Weights with a cell that is read',
    'Weights',
    async (page) => {
      await page
        .getByRole('table', { name: /^0\.weight/ })
        .locator('td[tabindex="0"]')
        .focus();
      await page.locator('.weights-tab .readout', { hasText: '0.weight[0, 0] =' }).waitFor();
    },
  ],
  [
    'Histograms, one of which is read',
    'Weights',
    async (page) => {
      await button(page, 'Histograms').click();
      await page.getByRole('slider', { name: /^0\.weight, weights/ }).focus();
      await page.keyboard.press('ArrowLeft');
      await page.locator('.histogram .readout', { hasText: 'value' }).waitFor();
    },
  ],
  [
    'Over time, with the sizes at the end',
    'Weights',
    async (page) => {
      await button(page, 'Over time').click();
      await page.getByRole('slider', { name: /^Size of the weights/ }).focus();
      await page.locator('.over-time .key').first().waitFor();
    },
  ],
  [
    'Layers with a unit that is read',
    'Layers',
    async (page) => {
      await page.getByRole('list', { name: 'Layer 0 Linear' }).getByRole('listitem').first().focus();
      await page.locator('.unit-readout', { hasText: '0 Linear' }).waitFor();
    },
  ],
  ['Predict', 'Predict', async () => {}],
];

for (const [name, of, begin] of VIEWS) {
  browserTest(`while training runs, it is not said what changes by itself: ${name}`, {}, async ({ page }) => {
    await openDocument(page, RESTLESS);
    await tab(page, of);
    await button(page, 'Run').click();
    await begin(page);
    // What the reader has just asked for is said a moment later.
    await eventually(async () => assert.notEqual(await page.locator('#live').textContent(), ''));
    await staysQuiet(page);
  });
}

browserTest('what the keys ask for on the map is said, once they rest', {}, async ({ page }) => {
  await openDocument(page, RESTLESS);
  await tab(page, 'Fit');
  await fit(page).focus();
  const said = page.locator('#live');
  await page.keyboard.press('Home');
  await eventually(async () => assert.match((await said.textContent()) ?? '', /^x1 = -1\.\d+, x2 = .*%\)$/));
  await page.keyboard.press('End');
  await eventually(async () => assert.match((await said.textContent()) ?? '', /^x1 = 1\.\d+, x2 = .*%\)$/));
});

browserTest('a cell of the matrix that is opened says what is behind it', {}, async ({ page }) => {
  await openDocument(page, HALVES);
  await tab(page, 'Confusion');
  await button(page, 'class 0, predicted 1: 1 row').click();
  await eventually(async () =>
    assert.equal(await page.locator('#live').textContent(), 'Class 0, predicted 1: 1 row'),
  );
});
