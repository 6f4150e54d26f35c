// The confusion matrix, and the rows behind its cells.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch } from './native.mjs';
import { HALVES, THIRDS, openDocument, savedTable, tab } from './results.mjs';
import { button, fill, openExample, run } from './user.mjs';

/** @import { Page } from 'playwright-core' */

/** @param {Page} page */
const matrix = (page) =>
  page
    .getByRole('table', { name: /^Confusion matrix/ })
    .evaluate((element) =>
      [...element.querySelectorAll('tbody tr')]
        .map((row) => [...row.querySelectorAll('button')].map(({ textContent }) => Number(textContent)))
        .filter((counts) => counts.length > 0),
    );

browserTest(
  'rows are counted by the class that they have and the one that they are given',
  {},
  async ({ page }) => {
    await openDocument(page, HALVES);
    await tab(page, 'Confusion');
    // Four rows of class 0, one of them on the wrong side; three of class 1.
    await eventually(async () => assert.deepEqual(await matrix(page), [[3, 1], [0, 3]])); // prettier-ignore
    await page.getByText('6 of 7 rows are right: 85.7%').waitFor();
    await button(page, 'class 0, predicted 1: 1 row').click();
    const behind = page.locator('.examples');
    await behind.getByText('Class 0, predicted 1: 1 row', { exact: true }).waitFor();
    // The seventh row: x1 = 0.8, so a logit of 3.2, and a probability of 1 / (1 + e^-3.2) = 96.1 %.
    await behind.getByText('x1 0.8, x2 0.1', { exact: true }).waitFor();
    await behind.getByText('row 7 · 96.1%', { exact: true }).waitFor();
    // Once more, and it is closed.
    await button(page, 'class 0, predicted 1: 1 row').click();
    await behind.waitFor({ state: 'hidden' });
  },
);

browserTest('train and validation rows are counted apart', {}, async ({ page }) => {
  const document = { ...HALVES, validation: 0.3 };
  await openDocument(page, document);
  const held = await withModule(
    page,
    async ({ Trainer }, experiment) => [...(await Trainer.create(experiment)).validationRows()],
    document,
  );
  await tab(page, 'Confusion');
  const count = async () => (await matrix(page)).flat().reduce((sum, one) => sum + one, 0);
  await eventually(async () => assert.equal(await count(), 7));
  await button(page, 'validation').click();
  await eventually(async () => assert.equal(await count(), held.length));
  await button(page, 'train').click();
  await eventually(async () => assert.equal(await count(), 7 - held.length));
});

browserTest('three classes; arrow keys go from cell to cell', {}, async ({ page }) => {
  await openDocument(page, THIRDS);
  await tab(page, 'Confusion');
  await eventually(async () => assert.deepEqual(await matrix(page), [[2, 0, 0], [0, 2, 0], [0, 0, 2]])); // prettier-ignore
  await button(page, 'class 0, predicted 0: 2 rows').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.examples').getByText('Class 1, predicted 1: 2 rows', { exact: true }).waitFor();
  const { head, rows } = await savedTable(page);
  assert.deepEqual(head, ['class', 'predicted 0', 'predicted 1', 'predicted 2']);
  assert.deepEqual(rows.map((cells) => cells.map(Number)), [[0, 2, 0, 0], [1, 0, 2, 0], [2, 0, 0, 2]]); // prettier-ignore
});

browserTest('where values are learned there is no matrix, and it is said why', {}, async ({ page }) => {
  await openDocument(page, pytorch(1).experiment);
  await tab(page, 'Confusion');
  await page.getByText(/^A confusion matrix is for classes/).waitFor();
});

browserTest('rows that are pictures are shown as such', {}, async ({ page }) => {
  const rows = Array.from({ length: 6 }, (_, row) => [
    ...Array.from({ length: 16 }, (_none, at) => (at + row) % 3),
    row % 2,
  ]);
  const inputs = Array.from({ length: 16 }, (_, at) => `p${at}`);
  const data = { kind: 'table', inputs, targets: ['kind'], rows, input_shape: [1, 4, 4] };
  const model = [{ type: 'flatten' }, { type: 'linear', out: 2, init: 'zeros' }];
  await openDocument(page, { ...HALVES, data, model, loss: { type: 'cross_entropy' } });
  await tab(page, 'Confusion');
  // All outputs are 0: the first class wins.
  await button(page, 'class 1, predicted 0: 3 rows').click();
  const pictures = page.locator('.examples canvas');
  await eventually(async () => assert.equal(await pictures.count(), 3));
  assert.deepEqual(await pictures.first().evaluate((canvas) => { const { width, height } = /** @type {HTMLCanvasElement} */ (canvas); return [width, height]; }), [4, 4]); // prettier-ignore
  await page.locator('.examples').getByText('row 2 · 50%', { exact: true }).waitFor();
});

/** Where the matrix scrolls, and what it holds. @param {Page} page */
const scrolled = (page) => page.locator('.confusion-frame .scroll-x');

browserTest(
  'ten classes are seen at once beside the other panels',
  { viewport: { width: 1366, height: 768 } },
  async ({ page }) => {
    await openExample(page, 'Digits');
    await fill(page, 'Epochs', 1);
    await run(page, 1);
    await tab(page, 'Confusion');
    const table = page.getByRole('table', { name: /^Confusion matrix/ });
    await table.getByRole('columnheader', { name: 'recall %' }).waitFor();
    const hidden = await scrolled(page).evaluate((element) => element.scrollWidth - element.clientWidth);
    assert.ok(hidden <= 0, `${hidden} px are out of sight`);
    // Shares without a sign: whole numbers up to 100.
    const shares = await table.locator('td.rate').allTextContents();
    assert.equal(shares.length, 20);
    for (const share of shares) assert.match(share, /^(\d|[1-9]\d|100|–)$/);
  },
);

browserTest(
  'on a phone the matrix shows that there is more, and the classes of its rows stay in sight',
  { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  async ({ page }) => {
    await openExample(page, 'Digits');
    await page.getByRole('navigation').getByRole('button', { name: 'Results' }).tap();
    await tab(page, 'Confusion');
    const frame = page.locator('.confusion-frame .scroll-frame');
    await eventually(async () => assert.match((await frame.getAttribute('class')) ?? '', /more-after/));
    const label = page
      .getByRole('table', { name: /^Confusion matrix/ })
      .getByRole('rowheader')
      .nth(4);
    const before = await label.boundingBox();
    await scrolled(page).evaluate((element) => element.scrollTo({ left: element.scrollWidth }));
    await eventually(async () => assert.equal(await frame.getAttribute('class'), 'scroll-frame more-before'));
    assert.equal((await label.boundingBox())?.x, before?.x);
  },
);
