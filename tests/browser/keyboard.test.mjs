// The page without a mouse: everything can be reached, seen and used.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { pytorch } from './native.mjs';
import {
  assertClose,
  atEpoch,
  button,
  experiment,
  gallery,
  grid,
  savedLosses,
  tableNumbers,
} from './user.mjs';

/** @import { Page } from 'playwright-core' */

/**
 * @typedef {object} Stop
 * @property {string} name
 * @property {string} area the landmark or panel that it is in
 * @property {boolean} marked whether it looks different with the focus
 * @property {boolean} inView
 */

/** What has the focus; undefined at the end of the page. @param {Page} page @returns {Promise<Stop | undefined>} */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return undefined;
    const look = () => {
      const style = getComputedStyle(element);
      const outline = style.outlineStyle === 'none' ? '' : `${style.outlineWidth} ${style.outlineColor}`;
      return `${outline} ${style.boxShadow} ${style.borderColor} ${style.backgroundColor}`;
    };
    const withFocus = look();
    // The same element as it looks without: a clone in its place.
    const clone = /** @type {HTMLElement} */ (/** @type {unknown} */ (element.cloneNode(true)));
    clone.style.setProperty('transition', 'none');
    element.after(clone);
    const style = getComputedStyle(clone);
    const outline = style.outlineStyle === 'none' ? '' : `${style.outlineWidth} ${style.outlineColor}`;
    const without = `${outline} ${style.boxShadow} ${style.borderColor} ${style.backgroundColor}`;
    clone.remove();
    const box = element.getBoundingClientRect();
    const label =
      element.getAttribute('aria-label') ??
      ('labels' in element && /** @type {HTMLInputElement} */ (element).labels?.[0]?.textContent) ??
      element.textContent;
    return {
      name: (label || element.textContent || '').trim(),
      area: element.closest('section, header, footer')?.id ?? '',
      marked: withFocus !== without,
      inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
  });

/** Presses Tab from the top of the page until it ends. @param {Page} page */
async function tour(page) {
  /** @type {Stop[]} */
  const stops = [];
  while (stops.length < 200) {
    await page.keyboard.press('Tab');
    const stop = await focused(page);
    if (!stop) return stops;
    stops.push(stop);
  }
  throw new Error(`no end: ${stops.map(({ name }) => name).join(', ')}`);
}

/** Presses Tab until something of that name has the focus. @param {Page} page @param {string | RegExp} name */
async function tabTo(page, name) {
  for (let pressed = 0; pressed < 200; pressed += 1) {
    const stop = await focused(page);
    if (stop && (typeof name === 'string' ? stop.name === name : name.test(stop.name))) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${name}`);
}

browserTest('Tab goes through the page in order, each stop in view and marked', {}, async ({ page }) => {
  await eventually(async () =>
    assert.equal(await page.getByRole('button', { name: 'Run', exact: true }).isEnabled(), true),
  );
  const stops = await tour(page);
  assert.deepEqual(stops.filter(({ marked }) => !marked).map(({ name }) => name), []); // prettier-ignore
  assert.deepEqual(stops.filter(({ inView }) => !inView).map(({ name }) => name), []); // prettier-ignore
  const areas = stops.map(({ area }) => area).filter((area, at, all) => area !== all[at - 1]);
  // Between the header and the panels stands what a first visit is told.
  assert.deepEqual(areas, ['', 'header', '', 'panel-data', 'panel-network', 'panel-results', 'transport']);
  assert.equal(stops[0]?.name, 'Skip to the experiment');

  // Everything that can be clicked is a stop, but what arrow keys reach: cells, headers, units and other tabs.
  const names = stops.map(({ name }) => name);
  for (const role of /** @type {const} */ (['button', 'textbox', 'combobox', 'checkbox', 'slider'])) {
    for (const control of await page.getByRole(role, { disabled: false }).all()) {
      const inGrid = await control.evaluate((element) => Boolean(element.closest('[role="grid"], .diagram')));
      const label = await control.evaluate(
        (element) =>
          element.getAttribute('aria-label') ??
          ('labels' in element && /** @type {HTMLInputElement} */ (element).labels?.[0]?.textContent) ??
          element.textContent,
      );
      if (!inGrid && (await control.isVisible())) {
        assert.ok(names.includes((label || '').trim()), `Tab does not reach ${role} “${label}”`);
      }
    }
  }
});

browserTest('the first link skips to the experiment', {}, async ({ page }) => {
  await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal((await focused(page))?.area, 'panel-data');
  assert.equal(new URL(page.url()).hash, '');
});

browserTest('someone chooses, edits, trains and reads the curve by keyboard alone', {}, async ({ page }) => {
  const press = (/** @type {string[]} */ ...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve()); // prettier-ignore
  await tabTo(page, /^Experiment: /);
  await press('Enter');
  await gallery(page).waitFor();
  await tabTo(page, /^Sum of two numbers, mini-batches/);
  await press('Enter');
  await eventually(async () =>
    assert.equal(await experiment(page).getAttribute('aria-label'), 'Experiment: Sum of two numbers, mini-batches'),
  ); // prettier-ignore
  await tabTo(page, /^Experiment: /);
  await press('Enter');
  await gallery(page).waitFor();
  await tabTo(page, /^Sum of two numbers2/);
  await press('Enter');
  await eventually(async () =>
    assert.equal(await experiment(page).getAttribute('aria-label'), 'Experiment: Sum of two numbers'),
  ); // prettier-ignore

  // A cell, by arrows, and back to what it was.
  await tabTo(page, '1');
  await press('ArrowDown', 'ArrowRight');
  await page.keyboard.type('44');
  await press('Enter');
  await eventually(async () => assert.deepEqual((await tableNumbers(page, 3))[1], [3, 44, 7]));
  await press('Control+z');
  await eventually(async () => assert.deepEqual((await tableNumbers(page, 3))[1], [3, 4, 7]));
  await eventually(async () =>
    assert.equal(await grid(page).evaluate((element) => element.contains(document.activeElement)), true),
  );

  // The column's menu opens from its header, and Escape gives the focus back.
  await press('Control+ArrowUp', 'ArrowUp', 'Enter');
  await page.getByRole('dialog', { name: 'Column x2' }).waitFor();
  await press('Escape');
  await eventually(async () => assert.match((await focused(page))?.name ?? '', /^x2/));

  // A layer more and one less.
  await tabTo(page, 'Add a layer');
  await press('Enter');
  await eventually(async () => assert.equal((await focused(page))?.name, 'Layer 2, units'));
  await page.keyboard.type('5');
  await press('Enter', 'Alt+ArrowUp');
  await eventually(async () => assert.equal((await focused(page))?.name, 'Layer 1, units'));
  await tabTo(page, 'Remove layer 1');
  await press('Enter');
  await tabTo(page, 'Learning rate');
  await page.keyboard.type('0.001');
  await press('Enter');

  await tabTo(page, 'Run');
  await press('Enter');
  await atEpoch(page, 50, 50);
  // The focus is still there: Space would run again.
  assert.equal((await focused(page))?.name, 'Run');
  assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);

  await page.getByRole('tab', { name: 'Curves' }).focus();
  await press('ArrowRight', 'ArrowRight', 'ArrowRight');
  await page.getByRole('tabpanel', { name: 'Weights' }).and(page.locator(':not([aria-busy])')).waitFor();
  // How they are shown, which ones, saving, and then the numbers.
  await press('Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'ArrowRight');
  await page.getByText(/^0\.weight\[0, 1\] = .*, at the start/).waitFor();
});

browserTest('Escape closes the share dialog and gives the focus back', {}, async ({ page }) => {
  await tabTo(page, 'Share');
  await page.keyboard.press('Enter');
  await eventually(async () => assert.equal((await focused(page))?.name, 'Copy the link'));
  await page.keyboard.press('Escape');
  await eventually(async () => assert.equal((await focused(page))?.name, 'Share'));
});

browserTest('what has happened is said to a screen reader', {}, async ({ page }) => {
  const live = page.locator('[aria-live="polite"]');
  const said = (/** @type {RegExp} */ text) => eventually(async () => assert.match((await live.textContent()) ?? '', text)); // prettier-ignore
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await said(/^Training finished after 50 epochs; loss 0\.\d+$/);
  const loss = Number(((await live.textContent()) ?? '').split(' ').at(-1));
  assertClose([loss], pytorch(1).loss_history.slice(-1));
  await page.getByRole('button', { name: 'Reset', exact: true }).click();
  await said(/^Back at the initial weights$/);
});

browserTest('Tab leaves a menu for what comes behind its button', {}, async ({ page }) => {
  await button(page, 'Other').focus();
  await page.keyboard.press('Enter');
  const menu = page.getByRole('menu', { name: 'Other' });
  await menu.waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await menu.waitFor({ state: 'detached' });
  assert.match(
    (await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) ?? '',
    /^h1, /,
  );
});
