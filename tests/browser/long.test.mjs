// Runs that are as long as a reader likes, flat out: bounded memory, smooth frames, exact losses.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { wholeDocumentOf } from '../bench/document.mjs';
import { build } from '../bench/workloads.mjs';
import { browserTest, eventually } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch } from './native.mjs';
import { button, fill, saveAs, transport } from './user.mjs';
import { watchWorker, watched } from './worker.mjs';

/** @import { BrowserContext, Page } from 'playwright-core' */

const SUM = pytorch(1).experiment;

/** The spiral of the benchmarks as a document. */
function spiral() {
  const workload = build('W3');
  assert.ok(workload.kind === 'training');
  return wholeDocumentOf(workload);
}

/**
 * Bytes that the page's scripts hold, and the memory of the worker's module.
 * @param {Page} page
 * @param {BrowserContext} context
 */
async function memory(page, context) {
  const session = await context.newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const [worker] = page.workers();
  // The worker has the module already: this gives its exports.
  const wasm = await worker?.evaluate(
    `import(new URL('./gradus.js', location.href)).then(async ({ default: init }) => (await init()).memory.buffer.byteLength)`,
  );
  return { page: usedSize, worker: Number(wasm) };
}

browserTest(
  'a run of tens of millions of steps needs no more memory than one of a million',
  { open: false },
  async (opened) => {
    const { page, context, server } = opened;
    await watchWorker(page);
    await page.goto(server.url);
    await fill(page, 'Epochs', 500_000_000_000);
    await button(page, 'Run').click();
    const reached = (/** @type {number} */ step, /** @type {number} */ seconds) =>
      page.waitForFunction((least) => /** @type {any} */ (globalThis).watch.step > least, step, {
        timeout: 1000 * seconds,
      });
    await reached(1_000_000, 30);
    const before = await memory(page, context);
    // As many steps as an hour of eager ones at ten thousand a second.
    await reached(36_000_000, 80);
    const after = await memory(page, context);
    const { losses, messages } = await watched(page);
    assert.ok(messages > 10, `${messages}`);
    assert.ok(losses <= 16_384, `${losses} losses in one message`);
    assert.ok(
      after.worker - before.worker <= 1 << 20,
      `${before.worker} to ${after.worker} bytes in the worker`,
    );
    assert.ok(after.page - before.page <= 2 << 20, `${before.page} to ${after.page} bytes in the page`);
    await button(page, 'Pause').click();
    await button(page, 'Run').waitFor();
    const { step } = await watched(page);
    console.log(
      `${step.toLocaleString('en')} steps: page ${(after.page / 2 ** 20).toFixed(1)} MiB, module ${(after.worker / 2 ** 20).toFixed(1)} MiB`,
    );
    assert.match((await transport(page).textContent()) ?? '', /epoch [\d.]+M \/ 500B/);
    await button(page, 'Reset').click();
    await transport(page).getByText('epoch 0 / 500B', { exact: true }).waitFor();
  },
);

/**
 * Trains flat out for a while; prints how long frames took, the pace, and how soon a pause came.
 * @param {Page} page
 * @param {string} what
 */
async function frames(page, what) {
  await button(page, 'Run').click();
  await page.waitForTimeout(500);
  const times = await page.evaluate(
    () =>
      new Promise((/** @type {(times: number[]) => void} */ resolve) => {
        /** @type {number[]} */
        const all = [];
        let last = performance.now();
        const end = last + 3000;
        const frame = (/** @type {number} */ now) => {
          all.push(now - last);
          last = now;
          if (now < end) requestAnimationFrame(frame);
          else resolve(all);
        };
        requestAnimationFrame(frame);
      }),
  );
  const text = (await transport(page).textContent()) ?? '';
  const pause = await button(page, 'Pause').evaluate(
    (element) =>
      new Promise((/** @type {(milliseconds: number) => void} */ resolve) => {
        const begun = performance.now();
        const observer = new MutationObserver(() => {
          if (document.body.dataset.status === 'running') return;
          observer.disconnect();
          resolve(performance.now() - begun);
        });
        observer.observe(document.body, { attributes: true, attributeFilter: ['data-status'] });
        /** @type {HTMLElement} */ (element).click();
      }),
  );
  times.sort((one, other) => one - other);
  const at = (/** @type {number} */ share) => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
  console.log(
    `${what}: frames of ${at(0.5)} ms, 95th percentile ${at(0.95)} ms, longest ${at(1)} ms; paused in ${pause.toFixed(0)} ms; ${text}`,
  );
  return text;
}

browserTest('the page is drawn while the sum trains flat out, with its pace', {}, async ({ page }) => {
  await fill(page, 'Epochs', 500_000_000_000);
  const text = await frames(page, 'sum of two numbers');
  assert.match(text, /steps\/s (\d{1,3}(,\d{3})?|[\d.]+M)$/);
});

browserTest('the pace has Chinese words in Chinese', { locale: 'zh-CN' }, async ({ page }) => {
  await page.getByRole('textbox', { name: '轮次', exact: true }).fill('500000000000');
  await page.getByRole('textbox', { name: '轮次', exact: true }).press('Enter');
  const bar = page.getByRole('group', { name: '训练' });
  await bar.getByRole('button', { name: '运行', exact: true }).click();
  await eventually(async () => assert.match((await bar.textContent()) ?? '', /步\/秒 \d+万$/));
  assert.match((await bar.textContent()) ?? '', /\/ 5000亿/);
  await bar.getByRole('button', { name: '暂停', exact: true }).click();
});

browserTest('the page is drawn while the spiral trains flat out', { open: false }, async (opened) => {
  const { page, server } = opened;
  await page.goto(server.url);
  const link = await withModule(page, ({ encodeLink }, document) => encodeLink(document), spiral());
  await page.goto('about:blank');
  await page.goto(server.url + link);
  await frames(page, 'spiral');
});

browserTest('a long curve says what its buckets hold, and the last loss exactly', {}, async ({ page }) => {
  await fill(page, 'Epochs', 20_000);
  await button(page, 'Run').click();
  await transport(page).getByText('epoch 20,000 / 20,000', { exact: true }).waitFor();
  const losses = await withModule(
    page,
    async ({ Trainer }, document) => Array.from(await (await Trainer.create(document)).run(20_000)),
    { ...SUM, epochs: 20_000 },
  );
  const exact = (/** @type {number} */ value) => Math.fround(value);
  const download = saveAs(page, 'CSV');
  const [head, ...lines] = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
  assert.equal(head, 'curve,first_step,last_step,lowest_loss,highest_loss,last_loss');
  // More than 16,384 losses: buckets of eight, 20,000 / 8 of them.
  assert.equal(lines.length, 2500);
  lines.forEach((line, at) => {
    const part = losses.slice(8 * at, 8 * at + 8);
    const [curve, ...numbers] = line.split(',');
    assert.equal(curve, 'train');
    assert.deepEqual(
      numbers.map((text) => exact(Number(text))),
      [8 * at + 1, 8 * at + 8, Math.min(...part), Math.max(...part), Number(part.at(-1))],
    );
  });

  const chart = page.getByRole('slider', { name: /^Loss by step/ });
  const text = () => chart.getAttribute('aria-valuetext');
  await eventually(async () => assert.match((await text()) ?? '', /^step 20,000: loss [\d.e-]+$/));
  await chart.press('Home');
  await eventually(async () => assert.match((await text()) ?? '', /^step 1 – 8: loss [\d.e-]+ – [\d.e-]+$/));
  await chart.press('ArrowRight');
  await eventually(async () => assert.match((await text()) ?? '', /^step 9 – 16: /));
  const shown = Number(((await text()) ?? '').split(' – ').at(-1));
  assert.equal(exact(shown), Math.max(...losses.slice(8, 16)));
});

/**
 * One weight: the loss is w², so a step multiplies w by 1 - 2 · 1.001, and the loss by 1.004. Float32 ends at 3.4e38,
 * e to the 88.7th: after some 88.7 / 0.004 = 22,000 steps.
 */
const SLOWLY_DIVERGING = {
  version: 1,
  data: { kind: 'table', inputs: ['x'], targets: ['y'], rows: [[1, 0]] },
  model: [{ type: 'linear', out: 1, bias: false, init: { weight: [[1]] } }],
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', lr: 1.001 },
  epochs: 1_000_000,
};

browserTest('training stops at the very first loss that is not finite', {}, async ({ page }) => {
  const found = await withModule(
    page,
    async ({ Trainer }, document) => {
      const trainer = await Trainer.create(document);
      const whole = await (await Trainer.create(document)).run(100_000);
      let end;
      do end = trainer.trainFor(5, Infinity);
      while (!end.diverged);
      const { train, validation } = trainer.changes();
      const { length, last } = train;
      return {
        first: whole.findIndex((/** @type {number} */ loss) => !Number.isFinite(loss)) + 1,
        at: trainer.position().step,
        length,
        held: validation.length,
        finite: [Number.isFinite(end.loss), Number.isFinite(last.at(-1)), Number.isFinite(last.at(-2))],
      };
    },
    SLOWLY_DIVERGING,
  );
  assert.ok(found.first > 16_384, `${found.first}`);
  assert.deepEqual(found, {
    first: found.first,
    at: found.first,
    length: found.first,
    held: 0,
    finite: [false, false, true],
  });
});
