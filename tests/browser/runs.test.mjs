// Runs that are pinned, named and compared.

import assert from 'node:assert/strict';
import { browserTest, eventually, nextDownload } from './harness.mjs';
import { pytorch } from './native.mjs';
import { HALVES, openDocument, savedTable } from './results.mjs';
import { atEpoch, button, fill, reset, run } from './user.mjs';

/** @import { Page } from 'playwright-core' */

const SUM = pytorch(1).experiment;

/** The comparison's table as texts. @param {Page} page */
const table = (page) =>
  page
    .getByRole('table', { name: /^Runs/ })
    .evaluate((element) =>
      [.../** @type {HTMLTableElement} */ (element).rows].map(({ cells }) =>
        [...cells].map(
          (cell) =>
            /** @type {HTMLInputElement | null} */ (cell.querySelector('input.text'))?.value ??
            cell.textContent ??
            '',
        ),
      ),
    );

browserTest(
  'a pinned run stays beside the next one, with what differs and how far they got',
  {},
  async ({ page }) => {
    await openDocument(page, SUM);
    await run(page, 50);
    await button(page, 'Pin these curves, to compare others with them').click();
    await page.getByRole('table', { name: /^Runs/ }).waitFor();
    const first = Number(pytorch(1).loss_history.at(-1)).toFixed(4);
    await eventually(async () => {
      const [, present, pinned] = await table(page);
      assert.deepEqual(present?.slice(1), pinned?.slice(1));
      assert.deepEqual([pinned?.[0], pinned?.[1]], ['Run 1', first]);
    });
    const before = (await table(page))[2];
    await fill(page, 'Learning rate', 0.002);
    await reset(page, 50);
    await run(page, 50);
    await eventually(async () => {
      const [head, present, pinned] = await table(page);
      assert.deepEqual(head?.slice(0, 3), ['run', 'Learning rate', 'train loss']);
      assert.deepEqual([present?.[1], pinned?.[1]], ['0.002', '0.001']);
      assert.equal(pinned?.[2], first);
      assert.deepEqual(pinned?.slice(2), before?.slice(1));
      assert.notEqual(present?.[2], first);
    });
  },
);

browserTest('a pinned run is named, hidden, shown and removed', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await run(page, 50);
  await button(page, 'Pin these curves, to compare others with them').click();
  const name = page.getByRole('textbox', { name: 'Name of Run 1' });
  await name.fill('slow');
  await name.press('Enter');
  const legend = page.locator('.curve-legend');
  await legend.getByText('slow', { exact: true }).waitFor();
  const box = page.getByRole('table', { name: /^Runs/ }).getByRole('checkbox');
  await box.uncheck();
  await eventually(async () => assert.equal(await legend.getByText('slow', { exact: true }).count(), 0));
  await box.check();
  await legend.getByText('slow', { exact: true }).waitFor();
  // The pointer reads both.
  await page.locator('canvas.curves').hover();
  await page.locator('.tip').getByText('slow').waitFor();
  await page.getByRole('table', { name: /^Runs/ }).getByRole('button').click();
  await eventually(async () => assert.equal(await page.getByRole('table', { name: /^Runs/ }).count(), 0));
});

browserTest('a pinned run does not grow with the training that goes on', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await button(page, 'Epoch').click();
  await atEpoch(page, 1, 50);
  await button(page, 'Pin these curves, to compare others with them').click();
  await run(page, 50);
  await eventually(async () => {
    const [, present, pinned] = await table(page);
    assert.deepEqual([present?.at(-2), pinned?.at(-2)], ['50 / 50', '1 / 50']);
    assert.equal(pinned?.[1], Number(pytorch(1).loss_history[0]).toFixed(4));
  });
});

browserTest('the comparison is saved as a table, and curves come with all runs', {}, async ({ page }) => {
  await openDocument(page, { ...HALVES, validation: 0.3 });
  await run(page, 5);
  await button(page, 'Pin these curves, to compare others with them').click();
  await page.getByRole('table', { name: /^Runs/ }).waitFor();
  const { head, rows } = await savedTable(page);
  assert.deepEqual(head, ['run', 'step', 'epoch', 'train_loss', 'validation_loss']);
  assert.deepEqual([...new Set(rows.map(([run]) => run))], ['this run', 'Run 1']);
  assert.equal(rows.length, 10);
  const download = nextDownload(page);
  await page.locator('.comparison').getByRole('button', { name: 'Save this view' }).click();
  await page.getByRole('menuitem', { name: /^CSV/ }).click();
  assert.equal((await download).suggestedFilename(), 'gradus-runs.csv');
});

browserTest('runs are still there in the other language', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await run(page, 50);
  await button(page, 'Pin these curves, to compare others with them').click();
  await page.locator('#language').click();
  await page.getByRole('table', { name: /^各次训练/ }).waitFor();
  await page.getByRole('textbox', { name: 'Run 1的名称' }).waitFor();
});
