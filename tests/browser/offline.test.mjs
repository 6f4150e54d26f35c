// Visits without a network, new versions, and what makes the page one that can be installed.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserTest, dist, eventually, serve } from './harness.mjs';
import { pytorch } from './native.mjs';
import { assertClose, button, experiment, gallery, run, savedLosses } from './user.mjs';

/** @import { Page } from 'playwright-core' */

const ALLOW = { serviceWorkers: /** @type {const} */ ('allow') };

/** Until everything is kept. @param {Page} page */
const kept = (page) => page.evaluate(async () => void (await navigator.serviceWorker.ready));

browserTest('after a first visit the page opens and trains without a network', ALLOW, async (opened) => {
  const { page, context, server, errors } = opened;
  await kept(page);
  await page.waitForTimeout(300);
  server.close();
  await context.setOffline(true);
  await page.goto('about:blank');
  await page.goto(server.url);
  await run(page, 50);
  assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  // Parts that have never been opened are there, too.
  await experiment(page).click();
  await gallery(page).getByText('XOR', { exact: true }).click();
  await button(page, '中 / EN').click();
  await page.getByRole('button', { name: '实验：异或' }).waitFor();
  errors.splice(0, errors.length, ...errors.filter((error) => !/ERR_|service worker/i.test(error)));
});

browserTest(
  'a new version is offered, and taken over when the reader agrees',
  { ...ALLOW, open: false },
  async ({ page, errors }) => {
    const folder = await mkdtemp(join(tmpdir(), 'gradus-'));
    await cp(dist, folder, { recursive: true });
    const server = await serve(folder);
    try {
      await page.goto(server.url);
      await kept(page);
      // Another version: another title in the page, and the worker that knows of it.
      const html = await readFile(join(folder, 'index.html'), 'utf8');
      await writeFile(
        join(folder, 'index.html'),
        html.replace('content="light dark"', 'content="light dark" data-version="2"'),
      );
      const worker = await readFile(join(folder, 'service-worker.js'), 'utf8');
      await writeFile(join(folder, 'service-worker.js'), worker.replace(/[0-9a-f]{16}/, '0123456789abcdef'));
      await page.reload();
      const version = () => page.locator('meta[data-version="2"]').count();
      assert.equal(await version(), 0);
      const notice = page.getByRole('status').filter({ hasText: 'There is a new version of this page.' });
      await notice.waitFor();
      await notice.getByRole('button', { name: 'Reload' }).click();
      await eventually(async () => assert.equal(await version(), 1));
      const caches = await page.evaluate(async () => (await globalThis.caches.keys()).length);
      await eventually(async () => assert.equal(caches, 1));
    } finally {
      server.close();
      await rm(folder, { recursive: true });
      // It was another server than the one that is watched.
      errors.splice(0);
    }
  },
);

browserTest(
  'the page can be installed: its manifest and icons are right',
  {},
  async ({ page, server, context }) => {
    const session = await context.newCDPSession(page);
    const { errors, data } = await session.send('Page.getAppManifest');
    assert.deepEqual(errors, []);
    const manifest = JSON.parse(data ?? '{}');
    assert.equal(manifest.display, 'standalone');
    assert.equal(new URL(manifest.start_url, server.url).href, server.url);
    for (const { src, sizes, type } of manifest.icons) {
      const bytes = await readFile(join(dist, src));
      if (type !== 'image/png') continue;
      // A PNG's width and height are in its first chunk.
      assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src);
    }
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    const ids = installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito');
    assert.deepEqual(ids, []);
  },
);

browserTest('every file of the page is kept for visits without a network', {}, async () => {
  const worker = await readFile(join(dist, 'service-worker.js'), 'utf8');
  for (const name of [
    'index.html',
    'main.js',
    'worker.js',
    'gradus.js',
    'gradus_bg.wasm',
    'style.css',
    'manifest.webmanifest',
  ])
    assert.ok(worker.includes(`"${name}"`), name);
  assert.ok(!worker.includes('.d.ts'));
});
