// axe-core on every view: both themes, both languages, desktop and phone, with dialogs open and in error states.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { browserTest, eventually, root } from './harness.mjs';
import { cell, fill, grid, openExample, typeCell } from './user.mjs';

/** @import { Page } from 'playwright-core' */

const axe = readFile(join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** @param {Page} page @param {string} state */
async function check(page, state) {
  // By evaluate and not as a script: the page's own policy lets no foreign script in.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(await axe);
  const violations = await page.evaluate(async () => {
    const { violations: found } = await /** @type {any} */ (globalThis).axe.run();
    return found.map((/** @type {any} */ { id, help, nodes }) => {
      const places = nodes.slice(0, 3).map((/** @type {any} */ node) => `${node.target} (${node.any[0]?.message ?? ''})`); // prettier-ignore
      return `${id}: ${help}: ${places.join('; ')}`;
    });
  });
  assert.deepEqual(violations, [], state);
}

const TEXTS = {
  en: { run: 'Run', panels: ['Data', 'Network', 'Results'], finished: '50 / 50' },
  'zh-CN': { run: '运行', panels: ['数据', '网络', '结果'], finished: '50 / 50' },
};
const SCREENS = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
};

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const locale of /** @type {const} */ (['en', 'zh-CN'])) {
    for (const [screen, sizes] of Object.entries(SCREENS)) {
      const { run, finished } = TEXTS[locale];
      const options = { locale, colorScheme, reducedMotion: /** @type {const} */ ('reduce'), ...sizes };
      browserTest(`axe finds nothing: ${screen}, ${colorScheme}, ${locale}`, options, async ({ page }) => {
        await page.getByRole('button', { name: run, exact: true }).click();
        await page.getByText(finished, { exact: true }).waitFor();
        const panels = page.getByRole('navigation').getByRole('button');
        const count = screen === 'phone' ? await panels.count() : 1;
        for (let at = 0; at < count; at += 1) {
          if (screen === 'phone') await panels.nth(at).tap();
          await check(page, `panel ${at + 1}`);
        }
        for (const tab of (await page.getByRole('tab').all()).slice(1)) {
          await tab.click();
          await check(page, `tab ${await tab.textContent()}`);
        }
      });
    }
  }
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  browserTest(
    `axe finds nothing in what the results show, ${colorScheme}`,
    { colorScheme },
    async ({ page }) => {
      await openExample(page, 'Three groups of points');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('epoch 20 / 20', { exact: true }).waitFor();
      await page.getByRole('button', { name: /^Pin these curves/ }).click();
      await page.getByRole('table', { name: /^Runs/ }).waitFor();
      await page.getByRole('checkbox', { name: 'a chart for each' }).check();
      await page.locator('canvas.curves').focus();
      await page.keyboard.press('Home');
      await check(page, 'runs');
      await page.getByRole('button', { name: 'Run them' }).click();
      await page.getByText(/The comparison is finished/).waitFor();
      await check(page, 'a comparison');
      await page.getByRole('tabpanel').getByRole('button', { name: 'Save this view' }).first().click();
      await check(page, 'save menu');
      await page.keyboard.press('Escape');
      await page.getByRole('tab', { name: 'Fit' }).click();
      await page.locator('.fit-tab canvas').focus();
      await page.keyboard.press('ArrowRight');
      await check(page, 'fit');
      await page.getByRole('tab', { name: 'Confusion' }).click();
      await page.getByRole('button', { name: /^class 0, predicted 0/ }).click();
      await check(page, 'examples');
      await page.getByRole('tab', { name: 'Weights' }).click();
      for (const mode of ['Histograms', 'Over time']) {
        await page.getByRole('button', { name: mode, exact: true }).click();
        await page.getByRole('button', { name: mode, pressed: true }).waitFor();
        await check(page, mode);
      }
      await page.getByRole('tab', { name: 'Layers' }).click();
      await page.getByRole('list', { name: /^Layer 0/ }).waitFor();
      await check(page, 'layers');
      await page.getByRole('tab', { name: 'Predict' }).click();
      await page.getByRole('button', { name: 'Add a row to predict' }).click();
      await page.locator('.share').first().waitFor();
      await check(page, 'probabilities');
    },
  );

  browserTest(`axe finds nothing in dialogs and menus, ${colorScheme}`, { colorScheme }, async ({ page }) => {
    await check(page, 'before a run');
    const close = async () => {
      await page.keyboard.press('Escape');
      await eventually(async () => assert.equal(await page.getByRole('dialog').or(page.getByRole('menu')).count(), 0)); // prettier-ignore
    };
    await page.getByRole('button', { name: /^Experiment: / }).click();
    await page.locator('.experiments .card').first().waitFor();
    await check(page, 'gallery');
    await close();
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('dialog').waitFor();
    await check(page, 'share dialog');
    await close();
    await page.getByRole('button', { name: /^Training runs on/ }).click();
    await page.getByRole('dialog').waitFor();
    await check(page, 'device panel');
    await close();
    await page.getByRole('button', { name: 'Summary' }).click();
    await page.getByRole('dialog').waitFor();
    await check(page, 'summary');
    await close();
    await page.getByRole('button', { name: 'Weights…' }).click();
    await page.getByRole('dialog').waitFor();
    await check(page, 'weights of a unit');
    await close();
    await page.getByRole('button', { name: 'Options of layer 1' }).click();
    await check(page, 'options of a layer');
    await page.getByRole('button', { name: 'Explain the controls' }).click();
    await page.locator('.help-bubble').waitFor();
    await check(page, 'explanations');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Import…' }).click();
    await page.getByRole('dialog').waitFor();
    await check(page, 'import dialog');
    await close();
    await grid(page).getByRole('columnheader').getByRole('button', { name: 'x1' }).click();
    await page.getByRole('dialog').waitFor();
    await check(page, 'column dialog');
    await close();
    await cell(page, 1, 1).dblclick();
    await check(page, 'a cell being edited');
    await page.keyboard.press('Escape');
    await cell(page, 3, 3).click({ modifiers: ['Shift'] });
    await check(page, 'several cells selected');
    await openExample(page, 'Three groups of points');
    await check(page, 'classes');
  });

  const copied = { colorScheme };
  browserTest(`axe finds nothing when the link is copied, ${colorScheme}`, copied, async ({ page }) => {
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Copy the link' }).click();
    await page.getByText('Copied', { exact: true }).waitFor();
    await check(page, 'link copied');
  });

  browserTest(`axe finds nothing in error states, ${colorScheme}`, { colorScheme }, async ({ page }) => {
    await typeCell(page, 1, 1, 'one');
    await page.getByRole('alert').first().waitFor();
    await check(page, 'a word in a cell');
    await fill(page, 'Learning rate', 'abc');
    await check(page, 'a word in a field');
    await fill(page, 'Layer 2, units', 3);
    await page
      .getByText(/This last layer gives 3/)
      .first()
      .waitFor();
    await check(page, 'outputs that do not fit');
    await page.evaluate(() => void (location.hash = '#v=1&z=broken'));
    await page.getByRole('alert').filter({ hasText: 'cannot be opened' }).waitFor();
    await check(page, 'a broken link');

    await openExample(page, 'y = 3x, learning rate 1');
    await fill(page, 'Learning rate', 10);
    await fill(page, 'Epochs', 100);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('heading', { name: /stopped being finite/ }).waitFor();
    await check(page, 'divergence');
  });
}

browserTest('axe finds nothing where the page cannot start', { open: false }, async ({ page, server }) => {
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await page.goto(server.url);
  await page.getByRole('alert').waitFor();
  await check(page, 'no SIMD');
});

const CHINESE_PHONE = { ...SCREENS.phone, locale: 'zh-CN', colorScheme: /** @type {const} */ ('dark') };

browserTest(
  'axe finds nothing in dialogs and menus on a dark phone in Chinese',
  CHINESE_PHONE,
  async ({ page }) => {
    const named = (/** @type {string | RegExp} */ name) =>
      page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
    /** @param {string} what @param {string | RegExp} opener */
    const look = async (what, opener) => {
      await named(opener).first().tap();
      const popup = page.getByRole('dialog').or(page.getByRole('menu'));
      await popup.first().waitFor();
      await check(page, what);
      await page.keyboard.press('Escape');
      await eventually(async () => assert.equal(await popup.count(), 0));
    };
    await look('gallery', /^实验：/);
    await look('share dialog', '分享');
    await look('device panel', /^训练设备：/);
    await look('import dialog', '导入…');
    await named('网络').tap();
    await look('summary', '摘要');
    await look('weights of a unit', '权重…');
    await page.getByRole('textbox', { name: '学习率', exact: true }).fill('abc');
    await page.keyboard.press('Enter');
    await check(page, 'a word in a field');
    await page.keyboard.press('Escape');
    await named('结果').tap();
    await named('一批').tap();
    await look('save menu', '保存此视图');
    await page.evaluate(() => void (location.hash = '#v=1&z=broken'));
    await page.getByRole('alert').first().waitFor();
    await check(page, 'a broken link');
  },
);

/** Whatever moves by itself, or would when it changes. @param {Page} page */
const moving = (page) =>
  page.evaluate(() => [
    ...document
      .getAnimations()
      .map((animation) => `animation of ${JSON.stringify(animation.effect?.getTiming())}`),
    ...[...document.querySelectorAll('*')].flatMap((element) => {
      const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
      const still =
        /^0s(, 0s)*$/.test(transitionDuration) && animationName === 'none' && scrollBehavior === 'auto';
      return still
        ? []
        : [
            `${element.tagName}.${element.className}: ${transitionDuration}, ${animationName}, ${scrollBehavior}`,
          ];
    }),
  ]);

browserTest('nothing moves for who wants less motion', { reducedMotion: 'reduce' }, async ({ page }) => {
  const still = async (/** @type {string} */ what) => assert.deepEqual(await moving(page), [], what);
  await still('the page');
  await fill(page, 'Epochs', 500_000_000_000);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Pause', exact: true }).hover();
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    await page.locator('[role="tabpanel"]:not([hidden]):not([aria-busy])').waitFor();
    await still(`tab ${await tab.textContent()}`);
  }
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('dialog').waitFor();
  await still('share dialog');
  await page.keyboard.press('Escape');
  await page.evaluate(() => void (location.hash = '#v=1&z=broken'));
  await page.getByRole('alert').first().waitFor();
  await still('an error');
});

browserTest(
  'who has nothing against motion sees buttons change smoothly',
  { reducedMotion: 'no-preference' },
  async ({ page }) => {
    await eventually(async () => assert.notDeepEqual(await moving(page), []));
  },
);
