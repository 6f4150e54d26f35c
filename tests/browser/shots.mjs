// `cargo xtask shots`: the page, its panels, and every view of the tour, in both themes, every language, on a desktop and
// on a phone.

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { closeBrowsers, launch, root, serve } from './harness.mjs';
import { TOUR } from './tour.mjs';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 740 },
];
const THEMES = /** @type {const} */ (['light', 'dark']);
const LANGUAGES = (await readdir(join(root, 'www/locales'))).map((name) => name.replace('.json', ''));

const folder = join(root, 'screenshots');
await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
let missed = 0;

/**
 * One part of the tour, in a browser that has never seen the page.
 * @param {string} part
 * @param {import('playwright-core').BrowserContextOptions} options
 * @param {string} look how the page looks there
 */
async function shoot(part, options, look) {
  const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  /** @type {Map<string, number>} */
  const seen = new Map();
  try {
    await page.goto(server.url, { waitUntil: 'networkidle' });
    await page.evaluate(() => document.fonts.ready);
    await TOUR[part]?.(page, async (view) => {
      const times = (seen.get(view) ?? 0) + 1;
      seen.set(view, times);
      // The network is asked about what the view shows.
      await page.waitForTimeout(400);
      const words = `${part} ${view}${times > 1 ? ` ${times}` : ''}`.match(/[\w-]+/g) ?? [];
      const name = `${words.join('-')}-${look}.png`;
      await page.screenshot({ path: join(folder, name) });
      console.log(`screenshots/${name}`);
    });
  } catch (error) {
    missed += 1;
    console.error(`${part}, ${look}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await context.close();
  }
}

for (const viewport of SIZES)
  for (const colorScheme of THEMES)
    for (const locale of LANGUAGES)
      for (const part of Object.keys(TOUR))
        await shoot(part, { viewport, colorScheme, locale }, `${viewport.width}-${colorScheme}-${locale}`);
server.close();
await closeBrowsers();
if (missed > 0) throw new Error(`${missed} parts of the tour did not come to their end`);
