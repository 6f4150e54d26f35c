// Digits as pictures, and a pad to draw one on that the network reads while it trains.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DIGITS, RING, draw, openDigits, pictures, verdict } from './digits.mjs';
import { browserTest, eventually, root } from './harness.mjs';
import { train } from './native.mjs';
import { button, choose, fill, savedLosses } from './user.mjs';

/** @import { Page } from 'playwright-core' */

/** @type {[number, number][]} */
const ONE = [
  [0.42, 0.25],
  [0.52, 0.12],
  [0.52, 0.88],
];
/** @type {[number, number][]} */
const SEVEN = [
  [0.25, 0.15],
  [0.72, 0.15],
  [0.45, 0.88],
];

browserTest('a link with digits trains as the native program does', {}, async ({ page }) => {
  await openDigits(page, { epochs: 2 });
  await page.getByText('1,797 rows', { exact: true }).waitFor();
  await page
    .getByText('1438 rows to train, 359 to validate', { exact: true })
    .or(page.getByText('1,438 rows to train, 359 to validate'))
    .waitFor();
  await button(page, 'Run').click();
  await eventually(async () =>
    assert.equal(await page.locator('[data-figure="epoch"]').textContent(), '2 / 2'),
  );
  const { losses, validation } = await savedLosses(page);
  const native = train({ ...DIGITS, epochs: 2 });
  assert.deepEqual(losses, native.loss_history);
  assert.deepEqual(validation, native.validation_loss);
});

browserTest('what is drawn is recognised while the network trains', {}, async ({ page }) => {
  await openDigits(page, { epochs: 1000 });
  await draw(page, RING);
  await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for \d \(\d+%\)$/));
  const before = await page.getByRole('list', { name: 'Probability of each label' }).textContent();
  await button(page, 'Run').click();
  await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for 0 \((9\d|100)%\)$/));
  await button(page, 'Pause').waitFor();
  const bars = page.getByRole('list', { name: 'Probability of each label' });
  assert.notEqual(await bars.textContent(), before);
  assert.equal(await bars.getByRole('listitem').count(), 10);
  // While it runs another one is drawn.
  await button(page, 'Clear').click();
  await eventually(async () => assert.equal(await verdict(page), ''));
  await draw(page, SEVEN);
  await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for 7 /));
  await button(page, 'Clear').click();
  await draw(page, ONE);
  await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for 1 /));
  await eventually(async () =>
    assert.match((await page.locator('#live').textContent()) ?? '', /^Taken for 1 /),
  );
  await button(page, 'Pause').click();
  // A change of the network starts anew, and asks about the same drawing.
  await fill(page, 'Learning rate', 0.001);
  await fill(page, 'Seed', 5);
  await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for \d /));
});

browserTest(
  'a pad that is cleared is taken for nothing, also when training is over',
  {},
  async ({ page }) => {
    await openDigits(page, { epochs: 1 });
    await draw(page, SEVEN);
    await button(page, 'Run').click();
    await eventually(async () =>
      assert.equal(await page.locator('[data-figure="epoch"]').textContent(), '1 / 1'),
    );
    await button(page, 'Run').waitFor();
    await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for \d/));
    await button(page, 'Clear').click();
    await eventually(async () => assert.equal(await verdict(page), ''));
    assert.equal(await page.locator('.label-bars').isVisible(), false);
  },
);

browserTest('a stroke over the pixels inks them, or clears them', {}, async ({ page }) => {
  await openDigits(page);
  const pixels = page.getByRole('grid', { name: /^Pixels/ });
  const inked = pixels.getByRole('gridcell', { name: /: 16$/ });
  for (const expected of [8, 0]) {
    const first = await pixels.getByRole('gridcell').nth(16).boundingBox();
    const last = await pixels.getByRole('gridcell').nth(23).boundingBox();
    assert.ok(first && last);
    await page.mouse.move(first.x + 4, first.y + 4);
    await page.mouse.down();
    await page.mouse.move(last.x + 4, last.y + 4, { steps: 20 });
    await page.mouse.up();
    await eventually(async () => assert.equal(await inked.count(), expected));
  }
});

browserTest('with the keyboard pixels are set one by one', {}, async ({ page }) => {
  await openDigits(page);
  const pixels = page.getByRole('grid', { name: /^Pixels/ });
  await pixels.getByRole('gridcell').first().focus();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
  for (let row = 0; row < 8; row += 1) {
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
  }
  const filled = await pixels.getByRole('gridcell', { name: /: 16$/ }).count();
  // The last arrow stays in the last row.
  assert.equal(filled, 8);
  await eventually(async () =>
    assert.match((await page.locator('#live').textContent()) ?? '', /^Taken for \d /),
  );
  await page.keyboard.press('-');
  assert.equal(await pixels.getByRole('gridcell', { name: 'Row 8, column 4: 12' }).count(), 1);
  await page.keyboard.press('Delete');
  assert.equal(await pixels.getByRole('gridcell', { name: /: 16$/ }).count(), 7);
  await button(page, 'Clear').click();
  assert.equal(await pixels.getByRole('gridcell', { name: /: 0$/ }).count(), 64);
});

browserTest(
  'pictures come in pages, by label, and those that are taken for another',
  {},
  async ({ page }) => {
    await openDigits(page, { epochs: 8 });
    await page.getByText('1–60 of 1,797', { exact: true }).waitFor();
    assert.equal(await pictures(page).getByRole('option').count(), 60);
    // The set begins with 0, 1, 2, …
    await pictures(page)
      .getByRole('option', { name: /^3.*Row 4\b/ })
      .waitFor();
    await button(page, 'Next page').click();
    await page.getByText('61–120 of 1,797', { exact: true }).waitFor();
    // 178 zeros, as UCI counts them.
    await choose(page, 'Which labels', '0');
    await page.getByText('1–60 of 178', { exact: true }).waitFor();
    await choose(page, 'Which labels', 'All labels');
    await button(page, 'Run').click();
    await eventually(async () =>
      assert.equal(await page.locator('[data-figure="epoch"]').textContent(), '8 / 8'),
    );
    await page.getByRole('checkbox', { name: 'taken for another' }).check();
    await eventually(async () => {
      const found = await pictures(page)
        .getByRole('option')
        .evaluateAll((items) => items.map((item) => item.textContent ?? ''));
      assert.ok(found.length > 0 && found.every((name) => /taken for \d/.test(name)), found.join(' | '));
    });
    // Fewer than a tenth after eight epochs.
    const place = await page.getByText(/^1–\d+ of \d+$/).textContent();
    assert.ok(Number(place?.split(' of ')[1]) < 180, String(place));
  },
);

browserTest(
  'the gallery goes with arrows, and a picture can be looked at on the pad',
  {},
  async ({ page }) => {
    await openDigits(page);
    await pictures(page).getByRole('option').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for \d/));
    const chosen = pictures(page).getByRole('option', { selected: true });
    assert.match((await chosen.textContent()) ?? '', /^1.*Row 2/);
    // Its pixels sum to 313: see crate/src/data/bundled.
    const sum = await page
      .getByRole('grid', { name: /^Pixels/ })
      .evaluate((grid) =>
        [...grid.querySelectorAll('[role="gridcell"]')].reduce(
          (total, cell) => total + Number(/: (\d+)$/.exec(cell.getAttribute('aria-label') ?? '')?.[1]),
          0,
        ),
      );
    assert.equal(sum, 313);
    await page.keyboard.press('PageDown');
    await page.getByText('61–120 of 1,797', { exact: true }).waitFor();
  },
);

const axe = readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const SCREENS = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true },
};

for (const [screen, sizes] of Object.entries(SCREENS)) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    browserTest(
      `axe finds nothing in pictures, ${screen}, ${colorScheme}`,
      { colorScheme, reducedMotion: /** @type {const} */ ('reduce'), ...sizes },
      async ({ page }) => {
        await openDigits(page);
        await draw(page, RING);
        await eventually(async () => assert.match((await verdict(page)) ?? '', /^Taken for/));
        await page.evaluate(await axe);
        const violations = await page.evaluate(async () => {
          const { violations: found } = await /** @type {any} */ (globalThis).axe.run();
          return found.map((/** @type {any} */ { id, help, nodes }) => `${id}: ${help}: ${nodes[0].target}`);
        });
        assert.deepEqual(violations, []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
      },
    );
  }
}
