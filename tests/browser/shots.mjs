// `cargo xtask shots`: the page and its panels, and every tab of the results after a run, in both themes, both
// languages, on a desktop and on a phone.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { closeBrowsers, launch, root, serve } from './harness.mjs';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 740 },
];
const THEMES = /** @type {const} */ (['light', 'dark']);
const LANGUAGES = ['en', 'zh-CN'];

const folder = join(root, 'screenshots');
await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
for (const viewport of SIZES) {
  for (const colorScheme of THEMES) {
    for (const locale of LANGUAGES) {
      const context = await browser.newContext({ viewport, colorScheme, locale, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(server.url, { waitUntil: 'networkidle' });
      await page.evaluate(() => document.fonts.ready);
      const shoot = async (/** @type {string} */ what) => {
        const name = `${what}-${viewport.width}-${colorScheme}-${locale}.png`;
        await page.screenshot({ path: join(folder, name) });
        console.log(`screenshots/${name}`);
      };
      await shoot('page');
      // Three classes in a plane: something to see in every tab.
      await page.evaluate(async () => {
        const gradus = await import(/** @type {string} */ ('./gradus.js'));
        const { document } = gradus
          .presets()
          .find((/** @type {{ name: string }} */ { name }) => name === 'blobs');
        location.hash = gradus.encodeLink({ ...document, validation: 0.2, predict: [[0.2, 0.1]] });
      });
      await page.getByText('0 / 20', { exact: true }).waitFor();
      for (const panel of await page.locator('.panel-tab').all()) {
        if (!(await panel.isVisible())) continue;
        await panel.click();
        // It is shown, and named, in the next frame.
        await panel.and(page.locator('[aria-current="true"]')).waitFor();
        await shoot(`panel-${(await page.locator('#main').getAttribute('data-panel')) ?? ''}`);
      }
      await page.locator('#run').click();
      await page.getByText('20 / 20', { exact: true }).waitFor();
      for (const tab of await page.getByRole('tab').all()) {
        await tab.click();
        await page.locator('[role="tabpanel"]:not([hidden]):not([aria-busy])').waitFor();
        // The network is asked about what the view shows.
        await page.waitForTimeout(400);
        await shoot(`results-${(await tab.getAttribute('id'))?.replace('tab-', '') ?? ''}`);
      }
      await context.close();
    }
  }
}
server.close();
await closeBrowsers();
