// What a finger does that a mouse does not: it scrolls by what it touches, taps beside a popup, and has no keys.

import assert from 'node:assert/strict';
import { PHONE, middleOf, showPanel, swipe } from './finger.mjs';
import { browserTest, eventually } from './harness.mjs';
import { button } from './user.mjs';

browserTest('a finger that scrolls by a slider leaves it as it is', PHONE, async ({ page }) => {
  const undo = page.getByRole('button', { name: /^Undo/ });
  const scrolled = () => page.getByRole('main').evaluate(({ scrollTop }) => scrollTop);
  for (const [panel, name] of /** @type {const} */ ([
    ['Data', 'Validation'],
    ['Network', 'Learning rate, logarithmic'],
  ])) {
    await showPanel(page, panel);
    const slider = page.getByRole('slider', { name });
    const value = await slider.inputValue();
    const from = await middleOf(slider);
    const before = await scrolled();
    await swipe(page, from, { x: 4, y: before > 0 ? 150 : -150 });
    await eventually(async () => assert.notEqual(await scrolled(), before));
    assert.equal(await slider.inputValue(), value);
    assert.ok(await undo.isDisabled(), name);

    // Across it slides, also while the page is drawn; a tap sets it.
    await swipe(page, await middleOf(slider), { x: 60, y: 4 });
    await eventually(async () => assert.ok(await undo.isEnabled()));
    const slid = await slider.inputValue();
    assert.notEqual(slid, value);
    const { x, y } = await middleOf(slider);
    await page.touchscreen.tap(x - 40, y);
    await eventually(async () => assert.notEqual(await slider.inputValue(), slid));
    await eventually(async () => {
      if (await undo.isEnabled()) await undo.tap({ timeout: 1000 });
      assert.ok(await undo.isDisabled());
    });
  }
});

browserTest('a tap beside a popup closes it, and does nothing else', PHONE, async ({ page }) => {
  const chip = page.getByRole('button', { name: /^Training runs on/ });
  const popup = page.getByRole('dialog', { name: 'Where it computes' });
  const pace = page.getByRole('slider', { name: 'Pace' });
  for (const beside of [button(page, 'Epoch'), pace]) {
    await chip.tap();
    await popup.waitFor();
    const box = await beside.boundingBox();
    assert.ok(box);
    await page.touchscreen.tap(box.x + 10, box.y + box.height / 2);
    await popup.waitFor({ state: 'detached' });
  }
  assert.equal(await pace.getAttribute('aria-valuetext'), 'flat out');
  const epoch = page.locator('[data-figure="epoch"]');
  assert.match((await epoch.textContent()) ?? '', /^0 /);
  // The next tap is meant.
  await button(page, 'Epoch').tap();
  await eventually(async () => assert.match((await epoch.textContent()) ?? '', /^1 /));
});

browserTest('the figures beside the plane are for scrolling, not for painting', PHONE, async ({ page }) => {
  await page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name: 'Plane' }).tap();
  const plane = page.getByRole('application', { name: 'Rows as points' });
  const undo = page.getByRole('button', { name: /^Undo/ });
  const scrolled = () => page.getByRole('main').evaluate(({ scrollTop }) => scrollTop);
  const middle = await middleOf(plane);
  const box = await plane.boundingBox();
  assert.ok(box);
  const before = await scrolled();
  await page.touchscreen.tap(box.x + 11, middle.y);
  await swipe(page, { x: box.x + 11, y: middle.y }, { x: 0, y: before > 0 ? 120 : -120 });
  await eventually(async () => assert.notEqual(await scrolled(), before));
  assert.ok(await undo.isDisabled());
  // Inside a finger paints, and nothing scrolls.
  const from = await middleOf(plane);
  const there = await scrolled();
  await swipe(page, from, { x: 10, y: 80 });
  await eventually(async () => assert.ok(await undo.isEnabled()));
  assert.equal(await scrolled(), there);
});

browserTest('a layer that a finger adds has the focus without a keyboard', PHONE, async ({ page }) => {
  await showPanel(page, 'Network');
  const layers = page.getByRole('list', { name: 'Layers' }).getByRole('listitem');
  const before = await layers.count();
  await button(page, 'Add a layer').tap();
  await eventually(async () => assert.equal(await layers.count(), before + 1));
  await eventually(async () =>
    assert.equal(await page.evaluate(() => document.activeElement?.className), 'layer'),
  );
});

browserTest('no text on a phone speaks of keys or of a mouse', PHONE, async ({ page }) => {
  await button(page, 'Explain the controls').tap();
  const bubble = page.locator('.help-bubble');
  await bubble.waitFor();
  const keys = /Tab|Escape|Ctrl|Alt|Shift|[Aa]rrow keys|Point at/;
  assert.doesNotMatch((await bubble.textContent()) ?? '', keys);
  await page.getByRole('grid', { name: 'Table of data' }).tap();
  assert.doesNotMatch((await bubble.textContent()) ?? '', keys);
  await button(page, 'Explain the controls').tap();
  await bubble.waitFor({ state: 'detached' });
  await button(page, 'Rows: insert and remove').tap();
  assert.doesNotMatch((await page.getByRole('menu').textContent()) ?? '', keys);
  await page.getByRole('heading', { name: 'Data', exact: true }).tap();
  await page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name: 'Plane' }).tap();
  const plane = page.getByRole('application', { name: 'Rows as points' });
  await plane.waitFor();
  const told = await page.locator('#plane-keys').textContent();
  assert.match(told ?? '', /^A finger/);
});

browserTest(
  'in the header every button is as wide as a finger, and a name has two lines',
  PHONE,
  async ({ page }) => {
    const title = page.locator('.title-text');
    assert.ok(await title.evaluate(({ scrollHeight, clientHeight }) => scrollHeight <= clientHeight + 1));
    await page.locator('#language').tap();
    const short = page.locator('#language').getByText('EN', { exact: true });
    await short.waitFor();
    const box = await page.locator('#language').boundingBox();
    assert.ok(box && box.width >= 44, JSON.stringify(box));
  },
);
