// Draws the icons that are pictures anew from icon.svg: `node www/install/icons.mjs`, with Chromium's path in
// CHROMIUM.

import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const at = (/** @type {string} */ name) => new URL(name, import.meta.url);
const svg = await readFile(at('icon.svg'), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const { name, size, share } of [
  { name: 'icon-192.png', size: 192, share: 1 },
  { name: 'icon-512.png', size: 512, share: 1 },
  // Launchers cut this one to their shape: what matters stays within 80 %.
  { name: 'icon-maskable.png', size: 512, share: 0.72 },
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const inner = Math.round(size * share);
  const margin = (size - inner) / 2;
  const background = share < 1 ? '#fbfbf9' : 'transparent';
  await page.setContent(
    `<body style="margin:0;background:${background}"><div style="width:${inner}px;height:${inner}px;margin:${margin}px">${svg}</div>`,
  );
  await writeFile(at(name), await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
