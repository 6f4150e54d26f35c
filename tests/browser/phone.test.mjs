// A phone: 360 by 740, with a finger.

import assert from 'node:assert/strict';
import { RING, draw, openDigits, verdict } from './digits.mjs';
import { browserTest, eventually } from './harness.mjs';
import { pytorch } from './native.mjs';
import { THIRDS, openDocument } from './results.mjs';
import { PHONE, showPanel } from './finger.mjs';
import { assertClose, atEpoch, button, field, openExample, run, savedLosses, tableNumbers } from './user.mjs';

/** @import { Page } from 'playwright-core' */

/** @param {Page} page */
const overflow = (page) =>
  page.evaluate(() => ({
    page: document.documentElement.scrollWidth - innerWidth,
    main:
      (document.querySelector('main')?.scrollWidth ?? 0) - (document.querySelector('main')?.clientWidth ?? 0),
  }));

const CONTROLS = [
  'button, a[href], input, select, textarea, summary',
  ...['button', 'tab', 'option', 'menuitem', 'slider', 'switch'].map((role) => `[role="${role}"]`),
  '[role="gridcell"]:not([aria-readonly])',
].join();

/** What a larger control does as well: the button below the diagram, and strokes on the pad. */
const EQUIVALENT = '.diagram [role="button"], .pixels [role="gridcell"]';

/** Controls in view that are smaller than a finger, with their sizes. @param {Page} page */
const small = (page) =>
  page.evaluate(([every, equivalent]) => {
    const controls = [...document.querySelectorAll(every)].filter((control) => !control.matches(equivalent));
    return controls.flatMap((control) => {
      // A checkbox is tapped by its label; the line below a cell belongs to its row.
      const around = { '[type="checkbox"], [type="radio"]': 'label', '[role="gridcell"]': '[role="row"]' };
      const by = Object.entries(around).find(([kind]) => control.matches(kind))?.[1];
      const target = by ? control.closest(by) : control;
      const box = (target ?? control).getBoundingClientRect();
      const shown = control.checkVisibility({ visibilityProperty: true }) && box.right > 0 && box.bottom > 0;
      if (!shown || (box.width >= 44 && box.height >= 44)) return [];
      const name = control.getAttribute('aria-label') ?? control.textContent;
      return [`${name?.trim()}: ${box.width.toFixed(1)} × ${box.height.toFixed(1)}`];
    });
  }, /** @type {const} */ ([CONTROLS, EQUIVALENT]));

browserTest('each panel is a tab, the bar that trains is always there', PHONE, async ({ page }) => {
  for (const name of ['Results', 'Network', 'Data']) {
    await showPanel(page, name);
    assert.deepEqual(await page.getByRole('main').getByRole('heading', { level: 2 }).allTextContents(), [
      name,
    ]);
    const box = await button(page, 'Run').boundingBox();
    assert.ok(box && box.y > 0 && box.y + box.height <= 740, `${name}: ${JSON.stringify(box)}`);
    assert.deepEqual(await overflow(page), { page: 0, main: 0 }, name);
  }
});

const NARROW = PHONE;

browserTest('what is tapped is as large as a finger', NARROW, async ({ page }) => {
  for (const name of ['Data', 'Network', 'Results']) {
    await showPanel(page, name);
    assert.deepEqual(await small(page), [], name);
  }
  for (const tab of ['Fit', 'Confusion', 'Weights', 'Layers', 'Predict']) {
    await page.getByRole('tab', { name: tab }).tap();
    await page.getByRole('tabpanel', { name: tab }).and(page.locator(':not([aria-busy])')).waitFor();
    assert.deepEqual(await small(page), [], tab);
    assert.deepEqual(await overflow(page), { page: 0, main: 0 }, tab);
  }
});

browserTest('what compares runs, and the rows behind a cell, suit a finger', NARROW, async ({ page }) => {
  await openDocument(page, { ...THIRDS, epochs: 20 });
  await showPanel(page, 'Results');
  await run(page, 20);
  await button(page, 'Pin these curves, to compare others with them').tap();
  await page.getByRole('table', { name: /^Runs/ }).waitFor();
  await page.getByRole('checkbox', { name: 'a chart for each' }).check();
  assert.deepEqual(await small(page), [], 'runs');
  assert.deepEqual(await overflow(page), { page: 0, main: 0 }, 'runs');
  await page.getByRole('tab', { name: 'Confusion' }).tap();
  await page.getByRole('button', { name: /^class 0, predicted 0/ }).tap();
  await page.locator('.examples').waitFor();
  assert.deepEqual(await small(page), [], 'confusion');
  assert.deepEqual(await overflow(page), { page: 0, main: 0 }, 'confusion');
  await page.getByRole('tab', { name: 'Weights' }).tap();
  for (const mode of ['Histograms', 'Over time']) {
    await button(page, mode).tap();
    await page.getByRole('button', { name: mode, pressed: true }).waitFor();
    assert.deepEqual(await small(page), [], mode);
    assert.deepEqual(await overflow(page), { page: 0, main: 0 }, mode);
  }
});

browserTest('dialogs and menus fit, with room for fingers', PHONE, async ({ page }) => {
  /** @type {[string, () => Promise<void>, import('playwright-core').Locator][]} */
  const opened = [
    [
      'examples',
      () => page.getByRole('button', { name: /^Experiment: / }).tap(),
      page.getByRole('dialog', { name: 'Experiments' }),
    ],
    [
      'device',
      () => page.getByRole('button', { name: /^Training runs on/ }).tap(),
      page.getByRole('dialog', { name: 'Where it computes' }),
    ],
    ['share', () => button(page, 'Share').tap(), page.getByRole('dialog', { name: 'Share' })],
    ['import', () => button(page, 'Import…').tap(), page.getByRole('dialog', { name: 'Import…' })],
    [
      'column',
      () => page.getByRole('columnheader').getByRole('button', { name: 'x1' }).tap(),
      page.getByRole('dialog', { name: 'Column x1' }),
    ],
  ];
  for (const [name, open, popup] of opened) {
    await open();
    await popup.waitFor();
    const box = await popup.boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= 360, `${name}: ${JSON.stringify(box)}`);
    assert.ok(box.y >= 0 && box.y + box.height <= 740, `${name}: ${JSON.stringify(box)}`);
    assert.deepEqual(await overflow(page), { page: 0, main: 0 }, name);
    assert.deepEqual(await small(page), [], name);
    await page.keyboard.press('Escape');
    await popup.waitFor({ state: 'detached' });
  }
});

/** What is there now has room for fingers, and for itself. @param {Page} page @param {string} what */
async function assertSuits(page, what) {
  assert.deepEqual(await small(page), [], what);
  assert.deepEqual(await overflow(page), { page: 0, main: 0 }, what);
}

browserTest('a unit too small for a finger is chosen from lists', PHONE, async ({ page }) => {
  await openExample(page, 'Spiral');
  await showPanel(page, 'Network');
  const units = page.locator('.diagram [role="button"]');
  await units.first().waitFor();
  await button(page, 'Weights…').tap();
  const popup = page.getByRole('dialog', { name: 'Weights of a unit' });
  await popup.waitFor();
  await assertSuits(page, 'weights of a unit');
  const layers = popup.getByRole('combobox', { name: 'Layer' });
  let listed = 0;
  for (const layer of await layers.getByRole('option').allTextContents()) {
    await layers.selectOption({ label: layer });
    listed += await popup.getByRole('combobox', { name: 'Unit' }).getByRole('option').count();
  }
  assert.equal(listed, await units.count());
});

browserTest('pictures and the pad suit a finger', PHONE, async ({ page }) => {
  await openDigits(page, { epochs: 1 });
  const box = await page.locator('.pad').boundingBox();
  assert.ok(box && box.width >= 180 && box.height >= 180, JSON.stringify(box));
  await draw(page, RING);
  await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for/));
  await assertSuits(page, 'pictures');
  for (const name of ['Network', 'Results']) {
    await showPanel(page, name);
    await assertSuits(page, `${name} of digits`);
  }
  for (const tab of ['Confusion', 'Weights', 'Layers', 'Predict']) {
    await page.getByRole('tab', { name: tab }).tap();
    await page.getByRole('tabpanel', { name: tab }).and(page.locator(':not([aria-busy])')).waitFor();
    await assertSuits(page, `${tab} of digits`);
  }
});

browserTest('summary, menus and comparisons suit a finger', PHONE, async ({ page }) => {
  await openDocument(page, { ...THIRDS, epochs: 5 });
  await showPanel(page, 'Network');
  await button(page, 'Summary').tap();
  await page.getByRole('dialog').waitFor();
  await assertSuits(page, 'summary');
  await page.keyboard.press('Escape');
  await button(page, 'Options of layer 1').tap();
  await assertSuits(page, 'options of a layer');
  await button(page, 'Explain the controls').tap();
  await page.locator('.help-bubble').waitFor();
  await assertSuits(page, 'explanations');
  await page.keyboard.press('Escape');
  await showPanel(page, 'Results');
  await button(page, 'Run').tap();
  await atEpoch(page, 5, 5);
  await button(page, 'Save this view').first().tap();
  await page.getByRole('menu').waitFor();
  await assertSuits(page, 'save menu');
  await page.keyboard.press('Escape');
  await button(page, 'Pin these curves, to compare others with them').tap();
  await button(page, 'Run them').tap();
  await page.getByText(/The comparison is finished/).waitFor();
  await assertSuits(page, 'a comparison');
});

browserTest('a student on a phone edits, trains and looks at the curve', PHONE, async ({ page }) => {
  await page.getByRole('gridcell', { name: '15' }).tap();
  await page.getByRole('textbox', { name: 'Row 4, y' }).fill('16');
  await page.keyboard.press('Enter');
  await eventually(async () => assert.deepEqual((await tableNumbers(page, 3))[3], [7, 8, 16]));
  await page.getByRole('button', { name: /^Undo/ }).tap();
  await showPanel(page, 'Network');
  await field(page, 'Epochs').fill('50');
  await button(page, 'Run').tap();
  await atEpoch(page, 50, 50);
  await showPanel(page, 'Results');
  assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  const curve = page.getByRole('slider', { name: /^Loss by step/ });
  await curve.evaluate((canvas) => canvas.scrollIntoView({ block: 'center' }));
  const box = await curve.boundingBox();
  assert.ok(box);
  // The value stands there while the finger does.
  const touch = await page.context().newCDPSession(page);
  const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await page.getByText(/^step \d+ · epoch \d+$/).waitFor();
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  // The canvas is as crisp as the screen.
  const pixels = await curve.evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).width);
  assert.equal(pixels, Math.round(box.width * 3));
});

const ON_ITS_SIDE = { ...PHONE, viewport: { width: 740, height: 360 } };

browserTest('on its side most of a phone is for what is worked on', ON_ITS_SIDE, async ({ page }) => {
  for (const [name, most] of /** @type {const} */ ([
    ['header', 50],
    ['transport', 60],
  ])) {
    const box = await page.locator(`#${name}`).boundingBox();
    assert.ok(box && box.height <= most, `${name}: ${JSON.stringify(box)}`);
  }
  for (const width of [640, 740, 932]) {
    await page.setViewportSize({ width, height: 360 });
    for (const name of ['Results', 'Network', 'Data']) {
      await showPanel(page, name);
      assert.deepEqual(await overflow(page), { page: 0, main: 0 }, `${name}, ${width}`);
      assert.deepEqual(await small(page), [], `${name}, ${width}`);
      // The header scrolls away, the bar that trains stays.
      await page.evaluate(() => scrollTo(0, 100));
      const header = await page.locator('#header').boundingBox();
      assert.ok(header && header.y + header.height <= 0, `${name}: ${JSON.stringify(header)}`);
      const bar = await page.locator('#transport').boundingBox();
      assert.equal(bar && Math.round(bar.y + bar.height), 360);
      await page.evaluate(() => scrollTo(0, 0));
    }
  }
});

browserTest(
  'on its side a finger paints on the plane, and scrolls beside it',
  ON_ITS_SIDE,
  async ({ page }) => {
    await page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name: 'Plane' }).tap();
    const plane = page.getByRole('application', { name: 'Rows as points' });
    await plane.evaluate((canvas) => canvas.scrollIntoView({ block: 'end' }));
    const box = await plane.boundingBox();
    const bar = await page.locator('#transport').boundingBox();
    assert.ok(box && bar && box.y >= 0 && box.y + box.height <= bar.y, JSON.stringify([box, bar]));
    const before = await page.evaluate(() => scrollY);
    const touch = await page.context().newCDPSession(page);
    const swipe = async (/** @type {number} */ x) => {
      const send = (
        /** @type {'touchStart' | 'touchMove' | 'touchEnd'} */ type,
        /** @type {number[]} */ ...ys
      ) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: ys.map((y) => ({ x, y })) });
      await send('touchStart', 100);
      for (let y = 110; y <= 200; y += 10) await send('touchMove', y);
      await send('touchEnd');
    };
    await swipe(box.x + box.width / 2);
    await page.getByRole('button', { name: /^Undo/ }).and(page.locator(':enabled')).waitFor();
    assert.equal(await page.evaluate(() => scrollY), before);
    await swipe(box.x + box.width + 100);
    await eventually(async () => assert.ok((await page.evaluate(() => scrollY)) < before));
  },
);

browserTest('nothing scrolls sideways on its side, on a tablet, or very wide', {}, async ({ page }) => {
  for (const [width, height] of /** @type {const} */ ([
    [740, 360],
    [320, 640],
    [768, 1024],
    [1024, 768],
    [3840, 2160],
  ])) {
    // prettier-ignore
    await page.setViewportSize({ width, height });
    await eventually(async () =>
      assert.deepEqual(await overflow(page), { page: 0, main: 0 }, `${width} × ${height}`),
    );
    await button(page, 'Run').click({ trial: true });
  }
});
