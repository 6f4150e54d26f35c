// Training on WebGPU in the page: chosen by the document, and lost in the middle of a run.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch } from './native.mjs';
import { assertClose, atEpoch, button, experiment, fill, run, savedLosses, transport } from './user.mjs';

/** @import { Page } from 'playwright-core' */

/** @param {Page} page */
const chip = (page) => page.getByRole('button', { name: 'Training runs on' });

/** @param {Page} page @param {string} device */
async function choose(page, device) {
  await chip(page).click();
  await page.getByRole('radio', { name: device }).check();
  await page.keyboard.press('Escape');
}

/** Opens the digits, with more epochs than a test waits for. @param {Page} page */
async function openLongDigits(page) {
  await experiment(page).click();
  await page.getByRole('dialog').getByText('Digits', { exact: true }).dispatchEvent('click');
  await page.getByText('1,797 rows', { exact: true }).waitFor();
  await fill(page, 'Epochs', 100000);
}

browserTest(
  'a document can ask for WebGPU, and trains there to the same losses',
  { webgpu: true },
  async (opened) => {
    const { page, server } = opened;
    await choose(page, 'WebGPU');
    await run(page, 50);
    await eventually(async () => assert.match(await chip(page).innerText(), /WebGPU/));
    assert.ok(server.requested.has('gpu/gradus_bg.wasm'));
    assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  },
);

browserTest('a run moves to WebGPU and back while it goes on', { webgpu: true }, async ({ page }) => {
  await fill(page, 'Epochs', 1000000000);
  await button(page, 'Run').click();
  await choose(page, 'WebGPU');
  await eventually(async () => assert.match(await chip(page).innerText(), /WebGPU/));
  await choose(page, 'CPU');
  await eventually(async () => assert.match(await chip(page).innerText(), /CPU/));
  await button(page, 'Pause').click();
});

browserTest(
  'where there is no adapter, who asks for WebGPU trains on the CPU',
  {},
  async ({ page, server }) => {
    await choose(page, 'WebGPU');
    await run(page, 50);
    assert.match(await chip(page).innerText(), /CPU/);
    assert.ok(!server.requested.has('gpu/gradus_bg.wasm'));
    assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  },
);

browserTest(
  'a device that is lost is told, and the run goes on to the same losses',
  { webgpu: true },
  async ({ page }) => {
    // Whatever device the worker gets is given up after some submissions.
    const worker = await eventually(() => {
      const [found] = page.workers();
      assert.ok(found, 'there is a worker');
      return found;
    });
    await worker.evaluate(() => {
      const { GPUQueue, GPUAdapter } = /** @type {any} */ (globalThis);
      const devices = /** @type {any[]} */ ([]);
      const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (/** @type {any} */ options) {
        const device = await requestDevice.call(this, options);
        devices.push(device);
        return device;
      };
      let submissions = 0;
      const { submit } = GPUQueue.prototype;
      GPUQueue.prototype.submit = function (/** @type {any} */ buffers) {
        submit.call(this, buffers);
        submissions += 1;
        if (submissions === 4) devices.forEach((device) => device.destroy());
      };
    });
    await choose(page, 'WebGPU');
    await run(page, 50);
    await page.getByText('The graphics processor is gone.').first().waitFor();
    assert.match(await chip(page).innerText(), /CPU/);
    assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  },
);

browserTest(
  'when the process of the graphics processor dies, the run goes on to the same losses',
  { webgpu: true },
  async ({ page, context }) => {
    await choose(page, 'WebGPU');
    const pace = page.getByRole('slider', { name: 'Pace' });
    await pace.fill('4');
    await button(page, 'Run').click();
    const epoch = async () => Number(/epoch (\d+)/.exec((await transport(page).textContent()) ?? '')?.[1]);
    await eventually(async () => assert.ok((await epoch()) >= 5));
    assert.match(await chip(page).innerText(), /WebGPU/);
    // What chrome://gpucrash does.
    const browser = await context.browser()?.newBrowserCDPSession();
    await browser?.send('Browser.crashGpuProcess');
    await page.getByText('The graphics processor is gone.').first().waitFor();
    assert.ok((await epoch()) < 50, 'it happened in the middle');
    await eventually(async () => assert.match(await chip(page).innerText(), /CPU/));
    await pace.fill('10');
    await atEpoch(page, 50, 50);
    await button(page, 'Run').waitFor();
    assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  },
);

browserTest(
  'a training that goes on is timed on both, and stays where it is faster',
  { webgpu: true },
  async ({ page }) => {
    await openLongDigits(page);
    await button(page, 'Run').click();
    await chip(page).click();
    const rates = page.getByRole('dialog').locator('dd');
    await eventually(async () => assert.match(await rates.nth(2).innerText(), /steps\/s/));
    // Software is not faster than the processor that it runs on.
    await eventually(async () => assert.match(await page.getByRole('dialog').innerText(), /Both were timed/));
    assert.match(await chip(page).innerText(), /CPU/);
    await page.keyboard.press('Escape');
    await button(page, 'Pause').click();
  },
);

/** The digits' network, trained until both devices have been timed, or were before. @param {Page} page */
async function verdictOnDigits(page) {
  await button(page, 'Run').click();
  await chip(page).click();
  const dialog = page.getByRole('dialog');
  await eventually(async () => assert.match(await dialog.innerText(), /Both were timed/));
  const told = await dialog.innerText();
  const rates = await dialog.locator('dd').allInnerTexts();
  await page.keyboard.press('Escape');
  await button(page, 'Pause').click();
  return { told, rates: rates.slice(1, 3) };
}

browserTest(
  'after a reload both speeds are still known, unless what was kept is nonsense',
  { webgpu: true },
  async ({ page, server }) => {
    await openLongDigits(page);
    const first = await verdictOnDigits(page);
    assert.doesNotMatch(first.told, /earlier/);
    first.rates.forEach((rate) => assert.match(rate, /steps\/s/));

    server.requested.clear();
    await page.reload();
    const second = await verdictOnDigits(page);
    assert.match(second.told, /earlier/);
    assert.deepEqual(second.rates, first.rates);
    assert.ok(!server.requested.has('gpu/gradus_bg.wasm'), 'nothing was compiled to measure it');

    await page.evaluate(async () => {
      const database = await new Promise((resolve) => {
        const request = indexedDB.open('gradus-devices', 1);
        request.onsuccess = () => resolve(request.result);
      });
      const store = database.transaction('verdicts', 'readwrite').objectStore('verdicts');
      const keys = await new Promise((resolve) => {
        const request = store.getAllKeys();
        request.onsuccess = () => resolve(request.result);
      });
      for (const key of keys) store.put({ chosen: 'webgpu', cpu: 'fast', webgpu: -1, when: null }, key);
      await new Promise((resolve) => (store.transaction.oncomplete = resolve));
    });
    await page.reload();
    const third = await verdictOnDigits(page);
    assert.doesNotMatch(third.told, /earlier/);
    assert.match(await chip(page).innerText(), /CPU/);
  },
);

browserTest(
  'a script computes with tensors on a device, and is told what it may not do',
  { webgpu: true },
  async ({ page }) => {
    const results = await withModule(
      page,
      async ({ Device, Tensor }) => {
        const [device, other] = [await Device.request(), await Device.request()];
        const here = new Tensor([1, 2, 3, 4, 5, 6], [2, 3]);
        const [a, b] = [here.to(device), new Tensor([1, 0, 0, 1, 1, -1], [3, 2]).to(device)];
        const product = a.matmul(b);
        await device.synchronize();
        const numbers = (/** @type {any} */ tensor) => Array.from(tensor.toArray());
        const values = {
          devices: [here.device, a.device, product.device],
          shape: product.shape,
          product: numbers(await product.cpu()),
          sum: numbers(await product.mul(product).sum().cpu()),
          // A scalar may be anywhere.
          scaled: numbers(
            await product
              .mul(new Tensor([10], []))
              .relu()
              .cpu(),
          ),
          unchanged: numbers(await here.cpu()),
        };
        /** @type {string[]} */
        const messages = [];
        const wrong = [
          () => product.toArray(),
          () => a.add(here),
          () => a.add(here.to(other)),
          () => a.matmul(a),
          async () => {
            device.destroy();
            await device.synchronize();
          },
        ];
        for (const attempt of wrong) {
          try {
            await attempt();
            messages.push('');
          } catch (error) {
            messages.push(error instanceof Error ? error.message : String(error));
          }
        }
        return { values, messages };
      },
      null,
      './gpu/gradus.js',
    );
    assert.deepEqual(results.values, {
      devices: ['cpu', 'webgpu', 'webgpu'],
      shape: [2, 2],
      // [1·1 + 2·0 + 3·1, 1·0 + 2·1 + 3·-1], [4 + 6, 5 - 6]
      product: [4, -1, 10, -1],
      sum: [16 + 1 + 100 + 1],
      scaled: [40, 0, 100, 0],
      unchanged: [1, 2, 3, 4, 5, 6],
    });
    const [array, two, devices, sizes, lost] = results.messages;
    assert.match(String(array), /Use Tensor\.cpu\(\) to copy the tensor to host memory first/);
    assert.match(String(two), /found at least two devices, webgpu and cpu!/);
    assert.match(String(devices), /found at least two WebGPU devices!/);
    assert.match(String(sizes), /mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x3\)/);
    assert.match(String(lost), /lost/);
  },
);

browserTest(
  'where a large network finds no adapter, the panel says that only the processor can train it',
  {},
  async ({ page }) => {
    await openLongDigits(page);
    await button(page, 'Run').click();
    await chip(page).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It is the only one that can train this network here.').waitFor();
    await page.keyboard.press('Escape');
    // Another network, of which nothing is known yet.
    await fill(page, 'Layer 2, units', 8);
    await chip(page).click();
    await dialog.getByText('A step of a small network', { exact: false }).waitFor();
  },
);
