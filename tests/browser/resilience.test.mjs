// A training worker that dies, and browsers that lack something.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { pytorch } from './native.mjs';
import { assertClose, button, experiment, field, fill, reset, run, savedLosses } from './user.mjs';

/** @import { Page } from 'playwright-core' */

/** Uncaught in the worker, as any error of the program would be. @param {Page} page */
async function crash(page) {
  const [worker] = page.workers();
  assert.ok(worker, 'there is a worker');
  await worker.evaluate(() => void setTimeout(() => {
    throw new Error('crash for a test');
  })); // prettier-ignore
}

/** @param {string[]} errors */
const forgetCrashes = (errors) =>
  errors.splice(0, errors.length, ...errors.filter((error) => !error.includes('crash for a test')));

const restarted = (/** @type {Page} */ page) =>
  page.getByRole('status').filter({ hasText: 'Training crashed and was started anew.' });

browserTest('a worker that dies is started anew, the document is as it was', {}, async ({ page, errors }) => {
  await fill(page, 'Epochs', 60);
  await button(page, 'Batch').click();
  await crash(page);
  await restarted(page).waitFor();
  await eventually(async () => assert.equal(await field(page, 'Epochs').inputValue(), '60'));
  await fill(page, 'Epochs', 50);
  await run(page, 50);
  assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  forgetCrashes(errors);
});

browserTest('a worker that dies in the middle of a run is started anew', {}, async ({ page, errors }) => {
  await fill(page, 'Epochs', 1000000);
  await button(page, 'Run').click();
  await button(page, 'Pause').waitFor();
  await crash(page);
  await restarted(page).waitFor();
  await button(page, 'Run').waitFor();
  await eventually(async () => assert.equal(await field(page, 'Epochs').inputValue(), '1000000'));
  await fill(page, 'Epochs', 50);
  await run(page, 50);
  assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  forgetCrashes(errors);
});

browserTest(
  'a worker that gets what it does not understand is started anew',
  { open: false },
  async (opened) => {
    const { page, server } = opened;
    await page.addInitScript(() => {
      const kept = /** @type {Worker[]} */ ([]);
      Object.assign(globalThis, { kept });
      globalThis.Worker = class extends Worker {
        /** @param {string | URL} url @param {WorkerOptions} [options] */
        constructor(url, options) {
          super(url, options);
          kept.push(this);
        }
      };
    });
    await page.goto(server.url);
    await button(page, 'Batch').click();
    await page.evaluate(() => /** @type {any} */ (globalThis).kept.at(-1).postMessage({ type: 'nonsense' }));
    await restarted(page).waitFor();
    await run(page, 50);
    assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  },
);

browserTest('a worker that keeps dying is given up, until Reset', {}, async (opened) => {
  const { page, errors } = opened;
  await eventually(async () => assert.equal(await button(page, 'Run').isEnabled(), true));
  for (let deaths = 1; deaths <= 4; deaths += 1) {
    await eventually(() => crash(page));
    const gone = page.getByRole('alert').filter({ hasText: 'Training keeps crashing' });
    await (deaths < 4 ? restarted(page) : gone).waitFor();
    if (deaths < 4) await restarted(page).getByRole('button', { name: 'Dismiss' }).click();
  }
  await reset(page, 50);
  await eventually(async () => assert.equal(await button(page, 'Run').isEnabled(), true));
  await run(page, 50);
  assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  forgetCrashes(errors);
});

const fatal = (/** @type {Page} */ page) => page.getByRole('alert');

browserTest('a browser without WebAssembly SIMD is told so', { open: false }, async ({ page, server }) => {
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await page.goto(server.url);
  await fatal(page).waitFor();
  const text = (await fatal(page).textContent()) ?? '';
  assert.match(text, /lacks WebAssembly SIMD/);
  assert.match(text, /Chrome.*Firefox.*Safari/);
});

browserTest('it is told so in Chinese, too', { open: false, locale: 'zh-CN' }, async ({ page, server }) => {
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await page.goto(server.url);
  await fatal(page).waitFor();
  assert.match((await fatal(page).textContent()) ?? '', /SIMD/);
  await eventually(async () => assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN'));
});

browserTest('a browser without WebAssembly is told so', { open: false }, async ({ page, server }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'WebAssembly');
  });
  await page.goto(server.url);
  await fatal(page).waitFor();
  assert.match((await fatal(page).textContent()) ?? '', /lacks WebAssembly/);
});

browserTest('a browser without JavaScript is told so', { javaScriptEnabled: false }, async ({ page }) => {
  const told = page.locator('noscript');
  await told.waitFor();
  await eventually(async () =>
    assert.match(await told.innerText(), /Gradus runs in your browser and needs JavaScript\./),
  );
});

browserTest('a module that does not arrive is told, with the reason', { open: false }, async (opened) => {
  const { page, server, errors } = opened;
  await page.route('**/gradus_bg.wasm', (route) => route.fulfill({ status: 503, body: '' }));
  await page.goto(server.url);
  await fatal(page).waitFor();
  assert.match((await fatal(page).textContent()) ?? '', /could not start.*503/);
  errors.splice(0);
});

browserTest(
  'a host that calls the module a plain file serves it as well',
  { open: false },
  async (opened) => {
    const { page, server } = opened;
    await page.route('**/gradus_bg.wasm', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { 'content-type': 'application/octet-stream' } });
    });
    await page.goto(server.url);
    await run(page, 50);
    assert.equal(await experiment(page).getAttribute('aria-label'), 'Experiment: Sum of two numbers');
  },
);
