// The built page on a plain host, before anything is done with it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUDGET, brotliSize, sizeTable, totalSize } from '../../www/sizes.mjs';
import { browserTest, dist, eventually } from './harness.mjs';

browserTest('the page opens below any path of a host that sends no special headers', {}, async ({ page }) => {
  await page.waitForLoadState('networkidle');
  await eventually(async () => assert.match(await page.title(), /Gradus/));
});

browserTest('the page opens where WebGPU gives an adapter', { webgpu: true }, async ({ page }) => {
  await page.waitForLoadState('networkidle');
  await eventually(async () =>
    assert.equal(await page.evaluate(async () => Boolean(await navigator.gpu?.requestAdapter())), true),
  );
});

browserTest('a first visit stays within the budget', {}, async ({ page, server }) => {
  await page.waitForLoadState('networkidle');
  const sizes = [...server.requested].map(async (name) => {
    const bytes = await readFile(join(dist, name));
    return { name, raw: bytes.length, brotli: brotliSize(bytes) };
  });
  const files = await Promise.all(sizes);
  assert.ok(totalSize(files).brotli <= BUDGET, `over the budget:\n${sizeTable(files, BUDGET)}`);
});

browserTest('another page imports the module under its documented name', { open: false }, async (opened) => {
  const { page, server } = opened;
  const elsewhere = `${server.url}another-page`;
  await page.route(elsewhere, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
  );
  await page.goto(elsewhere);
  const kind = await page.evaluate(async (url) => {
    const { default: init } = await import(url);
    return typeof (await init());
  }, `${server.url}gradus.js`);
  assert.equal(kind, 'object');
});
