// The plane: points painted, dragged and erased, with the pointer, a finger and the keyboard.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { browserTest, eventually, root } from './harness.mjs';
import { markAt } from './results.mjs';
import { busyPerFrame, button, choose, field, fill, openExample, run, tableNumbers } from './user.mjs';

/** @import { Page } from 'playwright-core' */

/** @param {Page} page */
const plane = (page) => page.getByRole('application', { name: 'Rows as points' });

/** @param {Page} page @param {string} name */
const show = (page, name) =>
  page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name }).click();

/** @param {Page} page @param {string} text */
const says = (page, text) => page.getByText(text, { exact: true }).first().waitFor();

/** @param {Page} page @param {string} text */
const announces = (page, text) =>
  eventually(async () => assert.equal(await page.locator('#live').textContent(), text));

/** @param {Page} page */
async function rows(page) {
  await show(page, 'Table');
  const found = await tableNumbers(page, 3);
  await show(page, 'Plane');
  await plane(page).waitFor();
  return found;
}

/**
 * A pixel of the page: parts of the plane's width and height, from its frame's upper left.
 * @param {Page} page
 * @param {number} across
 * @param {number} down
 */
async function at(page, across, down) {
  const box = await plane(page).boundingBox();
  assert.ok(box);
  // The frame: 40 px of figures at the left, 34 below.
  return { x: box.x + 40 + across * (box.width - 50), y: box.y + 8 + down * (box.height - 42) };
}

/** @param {Page} page @param {[number, number][]} places */
async function drag(page, ...places) {
  for (const [index, [across, down]] of places.entries()) {
    const { x, y } = await at(page, across, down);
    await page.mouse.move(x, y, { steps: index === 0 ? 1 : 12 });
    if (index === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

/** An empty plane, with the bounds of the set that was there. @param {Page} page @param {string} [set] */
async function emptied(page, set = 'XOR') {
  await choose(page, 'Data set', set);
  await fill(page, 'Noise', 0);
  await button(page, 'Turn into a table').click();
  await show(page, 'Plane');
  await plane(page).waitFor();
  await button(page, 'Clear').click();
  await announces(page, 'All points removed');
}

browserTest(
  'a click paints a point of the class under the brush, a stroke many, each undone at once',
  {},
  async ({ page }) => {
    await emptied(page);
    await button(page, 'class 1').click();
    await drag(page, [0.5, 0.5]);
    await announces(page, '1 point painted');
    const [point] = await rows(page);
    assert.ok(point);
    assert.ok(Math.abs(point[0] ?? 1) < 0.02 && Math.abs(point[1] ?? 1) < 0.02, String(point));
    assert.equal(point[2], 1);

    await button(page, 'class 0').click();
    await drag(page, [0.1, 0.2], [0.9, 0.2]);
    const painted = await rows(page);
    const stroke = painted.slice(1);
    assert.ok(stroke.length >= 8, `${stroke.length} points`);
    assert.ok(stroke.every(([, y, value]) => value === 0 && (y ?? 0) > 0.3));
    // From left to right.
    const across = stroke.map(([x]) => x ?? 0);
    assert.deepEqual(
      across,
      across.toSorted((a, b) => a - b),
    );

    await page.keyboard.press('ControlOrMeta+Z');
    await eventually(async () => assert.deepEqual(await rows(page), [point]));
    await page.keyboard.press('ControlOrMeta+Shift+Z');
    await eventually(async () => assert.deepEqual(await rows(page), painted));
    await run(page, 50);
  },
);

browserTest('points are dragged and erased', {}, async ({ page }) => {
  await emptied(page);
  await drag(page, [0.5, 0.5]);
  await drag(page, [0.2, 0.8]);
  await announces(page, '1 point painted');
  const [first = [], second = []] = await rows(page);
  await button(page, 'Drag').click();
  await drag(page, [0.5, 0.5], [0.75, 0.25]);
  await eventually(async () => assert.notDeepEqual((await rows(page))[0], first));
  const [moved = [], kept] = await rows(page);
  assert.ok((moved[0] ?? 0) > (first[0] ?? 0) && (moved[1] ?? 0) > (first[1] ?? 0), String(moved));
  assert.deepEqual(kept, second);

  await button(page, 'Erase').click();
  await drag(page, [0.6, 0.25], [0.9, 0.25]);
  await announces(page, '1 point erased');
  assert.deepEqual(await rows(page), [second]);
});

browserTest('another experiment is opened with the brush that paints', {}, async ({ page }) => {
  await openExample(page, 'XOR');
  await page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name: 'Plane' }).click();
  await button(page, 'Erase').click();
  const chosen = () =>
    page.getByRole('button', { pressed: true, name: /^(Paint|Move|Erase)$/ }).textContent();
  assert.equal(await chosen(), 'Erase');
  await openExample(page, 'Three groups of points');
  await page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name: 'Plane' }).click();
  await eventually(async () => assert.equal(await chosen(), 'Paint'));
});

browserTest('everything goes with the keyboard, and is said', {}, async ({ page }) => {
  await emptied(page);
  await plane(page).focus();
  await page.keyboard.press('1');
  await announces(page, 'class 1');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  // An eighth each of the plane from −1.5 to 1.5.
  await announces(page, 'x1 0.75, x2 0');
  await page.keyboard.press('Space');
  await announces(page, '1 point painted');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('0');
  await page.keyboard.press('Space');
  await announces(page, '1 point painted');
  assert.deepEqual(await rows(page), [
    [0.75, 0, 1],
    [0.6, 0, 0],
  ]);
  await plane(page).focus();
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Delete');
  await announces(page, 'No point here');
  await page.keyboard.press('Shift+ArrowDown');
  await announces(page, 'Row 2 · x1 0.6, x2 0 · class 0');
  await page.keyboard.press('Enter');
  await announces(page, 'Taken up: Row 2 · x1 0.6, x2 0 · class 0');
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Enter');
  await announces(page, 'Moved to x1 0.6, x2 0.375');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Escape');
  await announces(page, 'Put back');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Delete');
  await announces(page, '1 point erased');
  assert.deepEqual(await rows(page), [[0.75, 0, 1]]);
});

browserTest('a class that the network does not know yet gets an output', {}, async ({ page }) => {
  await openExample(page, 'Three groups of points');
  await show(page, 'Plane');
  await button(page, 'class 3').click();
  await drag(page, [0.5, 0.5]);
  await announces(page, '1 point painted');
  await eventually(async () => assert.equal(await field(page, 'Layer 2, units').inputValue(), '4'));
  await button(page, 'class 4').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await page.keyboard.press('ControlOrMeta+Z');
  await eventually(async () => assert.equal(await field(page, 'Layer 2, units').inputValue(), '3'));
});

browserTest(
  'values are painted where the target is one, and a curve where there is one input',
  {},
  async ({ page }) => {
    await emptied(page, 'Tilted plane');
    const brush = field(page, 'y under the brush');
    await brush.fill('much');
    await page.keyboard.press('Enter');
    await page.getByText('“much” is not a number.', { exact: true }).waitFor();
    assert.equal(await brush.getAttribute('aria-invalid'), 'true');
    await brush.fill('-2.5');
    await page.keyboard.press('Enter');
    await drag(page, [0.5, 0.5]);
    assert.equal((await rows(page))[0]?.[2], -2.5);

    await emptied(page, 'Sine');
    await drag(page, [0.75, 0.25]);
    await announces(page, '1 point painted');
    await show(page, 'Table');
    const [[x = 0, y = 0] = []] = await tableNumbers(page, 2);
    // Three quarters of the way from −1.2 to 1.2.
    assert.ok(Math.abs(x - 0.6) < 0.02 && Math.abs(y - 0.6) < 0.02, `${x}, ${y}`);
  },
);

browserTest('what is under the pointer is read out, and held-out rows are told', {}, async ({ page }) => {
  await emptied(page);
  await drag(page, [0.25, 0.5]);
  await button(page, 'class 1').click();
  await drag(page, [0.75, 0.5]);
  const looks = () =>
    Promise.all(
      [0.25, 0.75].map(async (across, kind) => {
        const [box, { x, y }] = [await plane(page).boundingBox(), await at(page, across, 0.5)];
        return markAt(plane(page), { x: x - Number(box?.x), y: y - Number(box?.y) }, kind);
      }),
    );
  // Both train: each is full of its class's colour.
  await eventually(
    async () =>
    assert.deepEqual(await looks(), [0, 1].map((kind) => ({ middle: `class-${kind}`, drawn: true }))), // prettier-ignore
  );
  await field(page, 'Validation').fill('50');
  await field(page, 'Validation').press('Enter');
  await says(page, 'Hollow: held out for validation, drawn anew when rows come or go.');
  const texts = /** @type {(string | null)[]} */ ([]);
  for (const across of [0.25, 0.75]) {
    const { x, y } = await at(page, across, 0.5);
    await page.mouse.move(x + 3, y, { steps: 3 });
    await eventually(async () => {
      const text = await page.locator('.plane-readout').textContent();
      assert.match(text ?? '', new RegExp(`^Row ${across < 0.5 ? 1 : 2} · x1`));
      texts.push(text);
    });
  }
  const held = texts.map((text) => Boolean(text?.endsWith('Held out for validation')));
  assert.equal(held.filter(Boolean).length, 1, texts.join());
  await page.mouse.move(0, 0);
  await eventually(async () =>
    assert.deepEqual(
      await looks(),
      held.map((hollow, kind) => ({ middle: hollow ? 'surface' : `class-${kind}`, drawn: true })),
    ),
  );
});

browserTest('a set that is made by a rule is looked at, not painted on', {}, async ({ page }) => {
  await choose(page, 'Data set', 'Spiral');
  await plane(page).waitFor();
  assert.equal(await page.getByRole('group', { name: 'What the pointer does' }).count(), 0);
  await drag(page, [0.5, 0.5]);
  await page.getByRole('alert').filter({ hasText: 'turn them into a table' }).waitFor();
});

const PHONE = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true };

browserTest('a finger paints on a phone, with controls as large as it', PHONE, async ({ page }) => {
  await emptied(page);
  await plane(page).scrollIntoViewIfNeeded();
  const touch = await page.context().newCDPSession(page);
  const points = async (/** @type {number} */ across) => [await at(page, across, 0.5)];
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: await points(0.2) });
  for (let across = 0.25; across <= 0.8; across += 0.05)
    await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: await points(across) });
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await eventually(async () =>
    assert.match((await page.locator('#live').textContent()) ?? '', /points painted$/),
  );
  const painted = await rows(page);
  assert.ok(painted.length >= 6, `${painted.length}`);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('#panel-data button, #panel-data select')].flatMap((control) => {
      const { width, height } = control.getBoundingClientRect();
      return !control.checkVisibility() || (width >= 44 && height >= 44)
        ? []
        : [`${control.textContent} ${width} × ${height}`];
    }),
  );
  assert.deepEqual(small, []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
});

browserTest('a stroke over ten thousand points stays smooth', {}, async ({ page }) => {
  await choose(page, 'Data set', 'Two clouds');
  await field(page, 'Points').fill('10000');
  await field(page, 'Points').press('Enter');
  await says(page, '10,000 rows');
  await button(page, 'Turn into a table').click();
  await show(page, 'Plane');
  await says(page, '10,000 rows · 2 → 1');
  const from = await at(page, 0.1, 0.1);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  const busy = await busyPerFrame(page, async () => {
    for (let step = 1; step <= 60; step += 1) {
      const { x, y } = await at(page, 0.1 + 0.8 * (step / 60), 0.5 + 0.3 * Math.sin(step / 5));
      await page.mouse.move(x, y);
    }
  });
  await page.mouse.up();
  assert.ok(busy < 16, `a frame took ${busy.toFixed(1)} ms`);
});

const axe = readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  browserTest(
    `axe finds nothing on the plane, ${colorScheme}`,
    { colorScheme, reducedMotion: 'reduce' },
    async ({ page }) => {
      await page.evaluate(await axe);
      for (const set of ['XOR', 'Bumps']) {
        await choose(page, 'Data set', set);
        await plane(page).waitFor();
        await check(page, set);
        await emptied(page, set);
        await check(page, `${set}, painted`);
      }
    },
  );
}

/** @param {Page} page @param {string} state */
async function check(page, state) {
  const violations = await page.evaluate(async () => {
    const { violations: found } = await /** @type {any} */ (globalThis).axe.run();
    return found.map((/** @type {any} */ { id, help, nodes }) => `${id}: ${help}: ${nodes[0].target}`);
  });
  assert.deepEqual(violations, [], state);
}
