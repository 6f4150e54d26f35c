// Runs that are pinned, named and compared.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { browserTest, eventually, nextDownload } from './harness.mjs';
import { pytorch } from './native.mjs';
import { HALVES, openDocument, savedTable } from './results.mjs';
import {
  atEpoch,
  button,
  choose,
  experiment,
  field,
  fill,
  gallery,
  openExample,
  reset,
  run,
} from './user.mjs';

/** @import { Page } from 'playwright-core' */

const SUM = pytorch(1).experiment;

/** The comparison's table as texts: its heads, then each run with its name and figures. @param {Page} page */
const table = (page) =>
  page.getByRole('table', { name: /^Runs/ }).evaluate((element) => {
    const { tHead, tBodies } = /** @type {HTMLTableElement} */ (element);
    const heads = [...(tHead?.rows[0]?.cells ?? [])].map(({ textContent }) => textContent ?? '');
    const lines = [...tBodies].map((body) => {
      const name = /** @type {HTMLInputElement | null} */ (body.querySelector('input.text'))?.value;
      return [name ?? '', ...[...body.querySelectorAll('td')].map(({ textContent }) => textContent ?? '')];
    });
    return [heads, ...lines];
  });

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
      assert.deepEqual(head?.slice(0, 2), ['Learning rate', 'train loss']);
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
  const box = page.getByRole('checkbox', { name: 'Show slow' });
  await box.uncheck();
  await eventually(async () => assert.equal(await legend.getByText('slow', { exact: true }).count(), 0));
  await box.check();
  await legend.getByText('slow', { exact: true }).waitFor();
  // The pointer reads both.
  await page.locator('canvas.curves').hover();
  await page.locator('.tip').getByText('slow').waitFor();
  await button(page, 'Remove slow').click();
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
    assert.deepEqual([present?.at(-1), pinned?.at(-1)], ['50 / 50', '1 / 50']);
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

/** @param {Page} page */
const pinButton = (page) => button(page, 'Pin these curves, to compare others with them');

const LONG = 'The run with the rate of the chapter';

for (const [screen, viewport] of Object.entries({
  laptop: { width: 1366, height: 768 },
  phone: { width: 360, height: 740 },
}))
  browserTest(
    `${screen}: a long name has room, and what removes a run is in sight`,
    { viewport },
    async ({ page }) => {
      await openDocument(page, { ...SUM, validation: 0.25 });
      const panels = page.getByRole('navigation').getByRole('button');
      /** @param {number} at */
      const panel = (at) => (screen === 'phone' ? panels.nth(at).click() : undefined);
      await run(page, 50);
      await panel(2);
      await pinButton(page).click();
      await page.getByRole('textbox', { name: 'Name of Run 1' }).fill(LONG);
      await page.keyboard.press('Enter');
      // Four more columns than one that only differs in its name.
      await panel(1);
      for (const [name, value] of [
        ['Learning rate', 0.002],
        ['Batch size', 2],
        ['Seed', 7],
        ['momentum', 0.9],
      ])
        // prettier-ignore
        await fill(page, String(name), Number(value));
      await panel(2);
      const field = page.locator('.runs').getByRole('textbox');
      await eventually(async () => assert.equal(await field.getAttribute('title'), LONG));
      const hidden = await field.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
      assert.ok(hidden <= (screen === 'phone' ? 80 : 0), `${hidden} px of the name are cut off`);
      const place = await page.locator('.runs-frame').boundingBox();
      const inside = async () => {
        const remove = await button(page, `Remove ${LONG}`).boundingBox();
        assert.ok(place && remove && remove.x + remove.width <= place.x + place.width + 1);
      };
      await inside();
      // Also when the figures scroll.
      await page.locator('.runs-frame .scroll-x').evaluate((element) => element.scrollTo({ left: 1000 }));
      await inside();
    },
  );

browserTest(
  'pinned runs are still there after a reload, with their names and figures',
  {},
  async ({ page }) => {
    await openDocument(page, { ...SUM, validation: 0.25 });
    await run(page, 50);
    await pinButton(page).click();
    await page.getByRole('textbox', { name: 'Name of Run 1' }).fill('slow');
    await page.keyboard.press('Enter');
    await fill(page, 'Learning rate', 0.002);
    await reset(page, 50);
    await run(page, 50);
    await pinButton(page).click();
    await page.getByRole('textbox', { name: 'Name of Run 2' }).waitFor();
    await page.getByRole('checkbox', { name: 'Show Run 2' }).uncheck();
    // Gone again: it is not to come back.
    await pinButton(page).click();
    await page.getByRole('button', { name: 'Remove Run 3' }).click();
    await eventually(async () => assert.equal((await table(page)).length, 4));
    const before = (await table(page)).slice(2);
    assert.deepEqual(
      before.map(([name]) => name),
      ['slow', 'Run 2'],
    );
    await page.reload();
    await page.locator('.curve-legend').getByText('slow', { exact: true }).waitFor();
    await button(page, 'Compare').click();
    await page.getByRole('table', { name: /^Runs/ }).waitFor();
    await eventually(async () => assert.deepEqual((await table(page)).slice(2), before));
    assert.equal(await page.getByRole('checkbox', { name: 'Show Run 2' }).isChecked(), false);
  },
);

/** How many runs the browser has kept. @param {Page} page */
const countKept = (page) =>
  page.evaluate(async () => {
    const opened = indexedDB.open('gradus');
    await new Promise((resolve) => (opened.onsuccess = resolve));
    const count = opened.result.transaction('runs').objectStore('runs').count();
    await new Promise((resolve) => (count.onsuccess = resolve));
    opened.result.close();
    return count.result;
  });

browserTest('runs that were removed are brought back, and outlast a reload again', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await run(page, 50);
  for (const name of ['Run 1', 'Run 2', 'Run 3']) {
    await pinButton(page).click();
    await page.getByRole('textbox', { name: `Name of ${name}` }).waitFor();
  }
  const runNames = async () => (await table(page)).slice(2).map(([name]) => name);
  const all = await table(page);
  const legend = await shown(page);
  // One of them comes back to its place, and has the focus.
  await button(page, 'Remove Run 2').click();
  await page.getByText('Run 2 was removed', { exact: true }).waitFor();
  assert.deepEqual(await runNames(), ['Run 1', 'Run 3']);
  await page.keyboard.press('Enter');
  await eventually(async () => assert.deepEqual(await table(page), all));
  assert.equal(
    await page.getByRole('textbox', { name: 'Name of Run 2' }).evaluate((it) => it.matches(':focus')),
    true,
  );
  assert.equal(await page.getByText('Run 2 was removed', { exact: true }).count(), 0);
  assert.deepEqual(await shown(page), legend);
  // All of them, also in the other language.
  await button(page, 'Remove all').click();
  await page.getByText('3 runs were removed', { exact: true }).waitFor();
  await page.locator('#language').click();
  await page.getByText('已删除 3 条训练记录', { exact: true }).waitFor();
  await page.locator('#language').click();
  await page.locator('.comparison').getByRole('button', { name: 'Undo', exact: true }).click();
  await eventually(async () => assert.deepEqual(await table(page), all));
  // And kept again; what was removed for good is not.
  await button(page, 'Remove Run 3').click();
  await page.getByText('Run 3 was removed', { exact: true }).waitFor();
  await eventually(async () => assert.equal(await countKept(page), 2));
  await page.reload();
  await page.locator('.curve-legend').getByText('Run 1', { exact: true }).waitFor();
  await button(page, 'Compare').click();
  await eventually(async () => assert.deepEqual(await runNames(), ['Run 1', 'Run 2']));
});

/** What the chart says it shows. @param {Page} page */
const shown = (page) => page.locator('.curve-legend .key').allTextContents();

browserTest('runs belong to their experiment: another one begins with none', {}, async ({ page }) => {
  await openExample(page, 'Sum of two numbers, mini-batches');
  await run(page, 50);
  await pinButton(page).click();
  await eventually(async () => assert.deepEqual(await shown(page), ['train', 'Run 1']));
  await openExample(page, 'Spiral');
  await eventually(async () => assert.deepEqual(await shown(page), ['train', 'validation']));
  assert.equal(await page.getByRole('table', { name: /^Runs/ }).count(), 0);
  // An undo goes back to the experiment before, which has its run again.
  await button(page, 'Undo (Ctrl+Z)').click();
  await eventually(async () => assert.deepEqual(await shown(page), ['train', 'Run 1']));
  await button(page, 'Redo (Ctrl+Shift+Z)').click();
  await eventually(async () => assert.deepEqual(await shown(page), ['train', 'validation']));
  // It was pinned, so it is listed, though nothing of it was edited.
  await experiment(page).click();
  await gallery(page).locator('.kept').getByText('Sum of two numbers, mini-batches').click();
  await eventually(async () => assert.deepEqual(await shown(page), ['train', 'Run 1']));
  // As it was kept, and also after a reload of the other one.
  await openExample(page, 'XOR');
  await page.waitForTimeout(600);
  await page.reload();
  await eventually(async () => assert.deepEqual(await shown(page), ['train', 'validation']));
  await experiment(page).click();
  await gallery(page).locator('.kept').getByText('Sum of two numbers, mini-batches').click();
  await eventually(async () => assert.deepEqual(await shown(page), ['train', 'Run 1']));
});

browserTest('Back to an experiment has its runs again', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await run(page, 50);
  await pinButton(page).click();
  await eventually(async () => assert.deepEqual(await shown(page), ['train', 'Run 1']));
  await openDocument(page, { ...SUM, epochs: 60 });
  await eventually(async () => assert.deepEqual(await shown(page), ['train']));
  await page.goBack();
  await eventually(async () => assert.deepEqual(await shown(page), ['train', 'Run 1']));
});

browserTest(
  'a browser that has no room for a run says so, and keeps the rest',
  { open: false },
  async (opened) => {
    const { page, server } = opened;
    await page.addInitScript(() => {
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (...values) {
        if (this.name === 'runs') throw new DOMException('full', 'QuotaExceededError');
        return put.apply(this, values);
      };
    });
    await page.goto(server.url);
    await run(page, 50);
    await pinButton(page).click();
    const notice = page.getByRole('alert').filter({ hasText: 'no room for the run “Run 1”' });
    await notice.waitFor();
    // It is there as long as the page, and the experiment outlives it.
    await page.getByRole('textbox', { name: 'Name of Run 1' }).waitFor();
    await fill(page, 'Seed', 7);
    await page.waitForTimeout(600);
    await page.reload();
    await eventually(async () => assert.equal(await field(page, 'Seed').inputValue(), '7'));
    assert.equal(await page.getByRole('table', { name: /^Runs/ }).count(), 0);
  },
);

browserTest('what is kept among the runs and is none is left alone', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await run(page, 50);
  await pinButton(page).click();
  await page.getByRole('textbox', { name: 'Name of Run 1' }).waitFor();
  await eventually(async () => {
    const count = await page.evaluate(async () => {
      const opened = indexedDB.open('gradus');
      await new Promise((resolve) => (opened.onsuccess = resolve));
      const store = opened.result.transaction('runs', 'readwrite').objectStore('runs');
      const keys = store.getAllKeys();
      const values = store.getAll();
      await new Promise((resolve) => (values.onsuccess = resolve));
      const [first] = values.result;
      const [id] = /** @type {string[][]} */ (keys.result)[0] ?? [];
      if (!first || id === undefined) return 0;
      const bad = [
        7,
        null,
        {},
        { ...first, key: 'b1', name: '' },
        { ...first, key: 'b2', document: { version: 1, data: 7 } },
        { ...first, key: 'b3', curves: { ...first.curves, train: { ...first.curves.train, length: 1e9 } } },
        { ...first, key: 'b4', pieces: [] },
        { ...first, key: 'b5', scores: { every: 0, train: [], validation: [] } },
        { ...first, key: 'b6', position: { step: -1 } },
      ];
      bad.forEach((value, at) => store.put(value, [id, `bad${at}`]));
      await new Promise((resolve) => (store.transaction.oncomplete = resolve));
      opened.result.close();
      return bad.length;
    });
    assert.equal(count, 9);
  });
  await page.reload();
  await page.locator('.curve-legend').getByText('Run 1', { exact: true }).waitFor();
  await button(page, 'Compare').click();
  await page.getByRole('textbox', { name: 'Name of Run 1' }).waitFor();
  assert.equal((await table(page)).length, 3);
});

browserTest('pinned runs are drawn in small multiples, too', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await run(page, 50);
  await pinButton(page).click();
  await fill(page, 'Learning rate', 0.002);
  await reset(page, 50);
  await run(page, 50);
  await page.getByRole('checkbox', { name: 'a chart for each' }).check();
  const charts = page.locator('figure.multiple');
  await eventually(async () =>
    assert.deepEqual(await charts.locator('figcaption').allTextContents(), ['this run', 'Run 1']),
  );
  // Each with something drawn in it, on axes of the same range.
  const last = Number(pytorch(1).loss_history.at(-1)).toFixed(4);
  await charts
    .nth(1)
    .getByRole('img', { name: new RegExp(`^Run 1: ${last}`) })
    .waitFor();
});

browserTest('runs are still there in the other language', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await run(page, 50);
  await button(page, 'Pin these curves, to compare others with them').click();
  await page.locator('#language').click();
  await page.getByRole('table', { name: /^各次训练/ }).waitFor();
  await page.getByRole('textbox', { name: 'Run 1的名称' }).waitFor();
});

browserTest('what differs has short heads, and is written as in the forms', {}, async ({ page }) => {
  await openDocument(page, { ...SUM, validation: 0.25 });
  await run(page, 50);
  await pinButton(page).click();
  await fill(page, 'Epochs', 3000);
  await fill(page, 'after epochs without a better validation', 1200);
  await fill(page, 'Validation', 50);
  await choose(page, 'Optimizer', 'Adam');
  await choose(page, 'Schedule', 'in steps');
  await eventually(async () => {
    const [head = [], present = [], pinned = []] = await table(page);
    const of = (/** @type {string[]} */ line, /** @type {string} */ name) => line[head.indexOf(name) + 1];
    assert.deepEqual(
      ['Optimizer', 'Schedule', 'Epochs', 'Patience', 'Validation'].map((name) => [
        of(present, name),
        of(pinned, name),
      ]),
      [
        ['Adam', 'SGD'],
        ['in steps', 'constant rate'],
        ['3,000', '50'],
        ['1,200', '–'],
        ['50%', '25%'],
      ],
    );
  });
  // No head is taller than two lines.
  const heights = await page
    .getByRole('table', { name: /^Runs/ })
    .locator('thead th')
    .evaluateAll((cells) =>
      cells.map((cell) => cell.clientHeight / Number.parseFloat(getComputedStyle(cell).lineHeight)),
    );
  assert.ok(Math.max(...heights) < 3, `${heights}`);
  const download = nextDownload(page);
  await page.locator('.comparison').getByRole('button', { name: 'Save this view' }).click();
  await page.getByRole('menuitem', { name: /^CSV/ }).click();
  // A spreadsheet wants the numbers themselves.
  const [, present] = (await readFile(await (await download).path(), 'utf8')).split('\n');
  assert.match(present ?? '', /,3000,/);
});
