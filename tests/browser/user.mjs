// What a person does on the page, and what they see of it: by roles and names, as they find things.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { eventually, nextDownload } from './harness.mjs';

/** @import { Locator, Page } from 'playwright-core' */

/** @param {Page} page */
export const grid = (page) => page.getByRole('grid', { name: 'Table of data' });

/**
 * A cell of the table; rows and columns count from 1, as the page numbers them.
 * @param {Page} page
 * @param {number} row
 * @param {number} column
 */
export const cell = (page, row, column) =>
  grid(page)
    .getByRole('row')
    .nth(row)
    .getByRole('gridcell')
    .nth(column - 1);

/**
 * Every text of the table's rows, predictions included; all at once, because the page may be drawing.
 * @param {Page} page
 */
export const tableTexts = (page) =>
  grid(page).evaluate((element) =>
    [...element.querySelectorAll('[role="row"]')]
      .slice(1)
      .map((row) =>
        [...row.querySelectorAll('[role="gridcell"]')].map(({ textContent }) => textContent ?? ''),
      ),
  );

/**
 * The table as numbers, without the predictions.
 * @param {Page} page
 * @param {number} columns
 */
export const tableNumbers = async (page, columns) =>
  (await tableTexts(page)).map((texts) => texts.slice(0, columns).map(Number));

/**
 * @param {Page} page
 * @param {number} row
 * @param {number} column
 * @param {string} text
 */
export async function typeCell(page, row, column, text) {
  await cell(page, row, column).click();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

/**
 * @param {Page} page
 * @param {string} text
 */
export async function paste(page, text) {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press('ControlOrMeta+V');
}

/**
 * @param {Page} page
 * @param {string} name
 */
export const field = (page, name) => page.getByRole('textbox', { name, exact: true });

/** Adds a layer and waits until it is there: the fields below it are another one's then. @param {Page} page */
export async function addLayer(page) {
  const layers = page.getByRole('list', { name: 'Layers' }).getByRole('listitem');
  await layers.first().waitFor();
  const before = await layers.count();
  await button(page, 'Add a layer').click();
  await eventually(async () => assert.equal(await layers.count(), before + 1));
}

/**
 * Types into a field and leaves it with Enter.
 * @param {Page} page
 * @param {string} name
 * @param {string | number} value
 */
export async function fill(page, name, value) {
  await field(page, name).fill(String(value));
  await field(page, name).press('Enter');
}

/**
 * @param {Page} page
 * @param {string} name
 * @param {string} label
 */
export const choose = (page, name, label) =>
  page.getByRole('combobox', { name, exact: true }).selectOption({ label });

/**
 * @param {Page} page
 * @param {string} name
 */
export const button = (page, name) => page.getByRole('button', { name, exact: true });

/** @param {Page} page */
export const experiment = (page) => page.getByRole('button', { name: /^Experiment: / });

/**
 * Opens an experiment of the page's gallery.
 * @param {Page} page
 * @param {string} name
 */
export async function openExample(page, name) {
  await experiment(page).click();
  await gallery(page).getByRole('button', { name }).getByText(name, { exact: true }).click();
  await page.getByRole('button', { name: `Experiment: ${name}`, exact: true }).waitFor();
}

/** The dialog with lessons, examples and what the browser has kept. @param {Page} page */
export const gallery = (page) => page.getByRole('dialog', { name: 'Experiments' });

/** @param {Page} page */
export const transport = (page) => page.getByRole('group', { name: 'Training' });

/**
 * Waits until the bar at the bottom says so many epochs: `3 / 50`.
 * @param {Page} page
 * @param {number} done
 * @param {number} of
 */
export async function atEpoch(page, done, of) {
  const figure = `epoch ${done.toLocaleString('en')} / ${of.toLocaleString('en')}`;
  await transport(page).getByText(figure, { exact: true }).waitFor();
}

/**
 * Runs to the end, from a page that has not trained yet.
 * @param {Page} page
 * @param {number} epochs
 */
export async function run(page, epochs) {
  await button(page, 'Run').click();
  await atEpoch(page, epochs, epochs);
  await button(page, 'Run').waitFor();
}

/**
 * Presses Reset and waits for the beginning.
 * @param {Page} page
 * @param {number} epochs
 */
export async function reset(page, epochs) {
  await button(page, 'Reset').click();
  await atEpoch(page, 0, epochs);
  await eventually(async () => assert.match((await transport(page).textContent()) ?? '', /loss –/));
}

/**
 * What a view's "Save" menu gives: `SVG`, `PNG` or `CSV`.
 * @param {Page} page
 * @param {string} kind
 */
export async function saveAs(page, kind) {
  await page
    .getByRole('tabpanel')
    .getByRole('button', { name: 'Save this view', exact: true })
    .first()
    .click();
  const download = nextDownload(page);
  await page.getByRole('menuitem', { name: new RegExp(`^${kind}`) }).click();
  return download;
}

/**
 * The curve as the page saves it: every loss, each the very float32.
 * @param {Page} page
 */
export async function savedLosses(page) {
  await page.getByRole('tab', { name: 'Curves' }).click();
  // What is pressed next shall not be the other tab's, which is there for a frame more.
  await page.getByRole('tabpanel', { name: 'Curves' }).waitFor();
  const download = saveAs(page, 'CSV');
  const [head, ...lines] = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
  assert.equal(head, 'step,epoch,train_loss,validation_loss');
  const number = (/** @type {string} */ text) => Math.fround(Number(text.replace('∞', 'Infinity')));
  const rows = lines.map((line) => line.split(','));
  return {
    epochs: rows.map(([, epoch]) => Number(epoch)),
    losses: rows.map(([, , loss]) => number(/** @type {string} */ (loss))),
    validation: rows.flatMap(([, , , held]) => (held ? [number(held)] : [])),
  };
}

/**
 * One tensor as the weights tab shows it.
 * @param {Page} page
 * @param {string} name `0.weight`
 */
export async function shownWeights(page, name) {
  await page.getByRole('tab', { name: 'Weights' }).click();
  const table = page.getByRole('table', { name: new RegExp(`^${name.replace('.', '\\.')} `) });
  await table.waitFor();
  const texts = await table.evaluate((element) =>
    [.../** @type {HTMLTableElement} */ (element).tBodies]
      .flatMap(({ rows }) =>
        [...rows].map(({ cells }) => [...cells].filter(({ tagName }) => tagName === 'TD')),
      )
      .map((cells) => cells.map(({ textContent }) => textContent ?? '')),
  );
  return texts.map((cells) => cells.filter((text) => text !== ''));
}

/**
 * The link that Share gives.
 * @param {Page} page
 */
export async function sharedLink(page) {
  await button(page, 'Share').click();
  const dialog = page.getByRole('dialog', { name: 'Share' });
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  return link;
}

/**
 * Equal within `rtol * |expected| + atol`, as numpy's allclose.
 * @param {number[]} actual
 * @param {(number | string)[]} expected
 */
export function assertClose(actual, expected, { rtol = 1e-4, atol = 1e-6 } = {}) {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, at) => {
    const wanted = Number(expected[at]);
    const room = rtol * Math.abs(wanted) + atol;
    assert.ok(Math.abs(value - wanted) <= room, `number ${at + 1} is ${value}, not ${wanted}`);
  });
}

/**
 * What the page's thread computes for each frame, in milliseconds, while something is done: time of the processor, so
 * that it does not matter what else the machine does.
 * @param {Page} page
 * @param {() => Promise<void>} work
 */
export async function busyPerFrame(page, work) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN;
  };
  const frames = await page.evaluateHandle(() => {
    const count = { frames: 0, running: true };
    const tick = () => {
      count.frames += 1;
      if (count.running) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    return count;
  });
  const before = await busy();
  await work();
  const spent = (await busy()) - before;
  const count = await frames.evaluate((found) => {
    found.running = false;
    return found.frames;
  });
  await session.detach();
  return (1000 * spent) / count;
}
