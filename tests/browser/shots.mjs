// `cargo xtask shots`: the page in both themes, both languages, on a desktop and on a phone.

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
      const name = `page-${viewport.width}-${colorScheme}-${locale}.png`;
      await page.screenshot({ path: join(folder, name) });
      console.log(`screenshots/${name}`);
      await context.close();
    }
  }
}
server.close();
await closeBrowsers();
