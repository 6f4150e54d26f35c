// Training while it goes on: what changes without starting anew, what ends it, and how fast it goes.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { browserTest, eventually, root } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch, train } from './native.mjs';
import {
  assertClose,
  atEpoch,
  button,
  choose,
  field,
  fill,
  openExample,
  reset,
  run,
  savedLosses,
  shownWeights,
  transport,
} from './user.mjs';
import { hears, watchWorker, watched } from './worker.mjs';

/** @import { Page } from 'playwright-core' */

/** See tests/fixtures/live.py. */
const LIVE = JSON.parse(await readFile(join(root, 'tests/data/live.json'), 'utf8'));
const SUM = pytorch(1).experiment;

/** @param {Page} page @param {object} document */
async function follow(page, document) {
  const link = await withModule(page, ({ encodeLink }, experiment) => encodeLink(experiment), document);
  await page.evaluate((to) => void (location.hash = to), link);
}

/** @param {Page} page @param {string} name */
const slider = (page, name) => page.getByRole('slider', { name, exact: true });

browserTest('another batch size, rate and momentum go on as PyTorch does', {}, async ({ page }) => {
  const { experiment, phases, losses } = LIVE.loaders;
  await follow(page, experiment);
  const epochs = experiment.epochs;
  await atEpoch(page, 0, epochs);
  let done = 0;
  for (const phase of phases) {
    await fill(page, 'Learning rate', phase.lr);
    await fill(page, 'momentum', phase.momentum);
    await fill(page, 'Batch size', phase.batch_size ?? '');
    const shuffle = page.getByRole('checkbox', { name: /^Shuffle/ });
    await shuffle.setChecked(phase.shuffle);
    for (let epoch = 0; epoch < phase.epochs; epoch += 1) {
      await button(page, 'Epoch').click();
      done += 1;
      await atEpoch(page, done, epochs);
    }
  }
  const saved = await savedLosses(page);
  assertClose(saved.losses, losses);
  // 8 rows: 3 batches of 3 in each of the first two epochs, 4 of 2 in the next two, and so on.
  const steps = phases.flatMap((/** @type {any} */ { epochs: count, batch_size }) =>
    Array.from({ length: count }, () => Math.ceil(8 / (batch_size ?? 8))),
  );
  const expected = steps.flatMap((/** @type {number} */ count, /** @type {number} */ epoch) =>
    Array.from({ length: count }, () => epoch + 1),
  );
  assert.deepEqual(saved.epochs, expected);
});

browserTest(
  'a batch size changed in the middle of an epoch begins with the next one',
  {},
  async ({ page }) => {
    await openExample(page, 'Sum of two numbers, mini-batches');
    await atEpoch(page, 0, 50);
    await button(page, 'Batch').click();
    await fill(page, 'Batch size', 1);
    await button(page, 'Epoch').click();
    await atEpoch(page, 1, 50);
    await button(page, 'Epoch').click();
    await atEpoch(page, 2, 50);
    const { epochs, losses } = await savedLosses(page);
    assert.deepEqual(epochs, [1, 1, 2, 2, 2, 2]);
    // The first epoch is as if nothing had been changed.
    assertClose(losses.slice(0, 2), pytorch(2).loss_history.slice(0, 2));
  },
);

browserTest('Reset goes back to the same initial weights, another seed to others', {}, async ({ page }) => {
  const start = await shownWeights(page, '0.weight');
  await run(page, 50);
  await eventually(async () => assert.notDeepEqual(await shownWeights(page, '0.weight'), start));
  await reset(page, 50);
  await eventually(async () => assert.deepEqual(await shownWeights(page, '0.weight'), start));
  await button(page, 'Another seed: other initial weights').click();
  await eventually(async () => assert.notDeepEqual(await shownWeights(page, '0.weight'), start));
  assert.notEqual(await field(page, 'Seed').inputValue(), '0');
  await page.getByRole('button', { name: /^Undo/ }).click();
  await eventually(async () => assert.deepEqual(await shownWeights(page, '0.weight'), start));
});

browserTest('every optimizer trains with its options as the native program does', {}, async ({ page }) => {
  const common = { ...SUM, epochs: 8 };
  await fill(page, 'Epochs', 8);
  /** @type {[string, Record<string, number | boolean>, object][]} */
  const cases = [
    ['AdamW', { 'beta 1': 0.8, 'weight decay': 0.1, AMSGrad: true }, { type: 'adamw', betas: [0.8, 0.999], weight_decay: 0.1, amsgrad: true }],
    ['RMSprop', { alpha: 0.9, momentum: 0.5, centered: true }, { type: 'rmsprop', alpha: 0.9, momentum: 0.5, centered: true }],
    ['Adagrad', { 'rate decay': 0.1, 'initial sum': 0.5 }, { type: 'adagrad', lr_decay: 0.1, initial_accumulator_value: 0.5 }],
    ['SGD', { momentum: 0.9, dampening: 0.5 }, { type: 'sgd', momentum: 0.9, dampening: 0.5 }],
  ]; // prettier-ignore
  for (const [name, options, optimizer] of cases) {
    await choose(page, 'Optimizer', name);
    await fill(page, 'weight decay', 0);
    for (const [label, value] of Object.entries(options)) {
      if (typeof value === 'boolean')
        await page.getByRole('checkbox', { name: label, exact: true }).setChecked(value);
      else await fill(page, label, value);
    }
    await fill(page, 'Learning rate', 0.01);
    await reset(page, 8);
    await run(page, 8);
    const { losses } = await savedLosses(page);
    const document = { ...common, optimizer: { weight_decay: 0, ...optimizer, lr: 0.01 } };
    assert.deepEqual(losses, train(document).loss_history, name);
  }
});

browserTest('every loss and every schedule trains as the native program does', {}, async ({ page }) => {
  await fill(page, 'Epochs', 12);
  const rate = { ...SUM, epochs: 12 };
  for (const [label, type] of /** @type {const} */ ([
    ['Mean absolute error (L1)', 'l1'],
    ['Smooth L1', 'smooth_l1'],
    ['Huber', 'huber'],
  ])) {
    await choose(page, 'Loss', label);
    await reset(page, 12);
    await run(page, 12);
    const { losses } = await savedLosses(page);
    assert.deepEqual(losses, train({ ...rate, loss: { type } }).loss_history, label);
  }
  await choose(page, 'Loss', 'Mean squared error (MSE)');
  /** @type {[string, Record<string, number>, object][]} */
  const schedules = [
    ['in steps', { 'every … epochs': 3, 'times (gamma)': 0.5 }, { type: 'step', step_size: 3, gamma: 0.5 }],
    ['exponential', { 'times (gamma)': 0.8 }, { type: 'exponential', gamma: 0.8 }],
    ['cosine', { 'to zero after … epochs': 12 }, { type: 'cosine', T_max: 12 }],
  ];
  for (const [label, options, schedule] of schedules) {
    await choose(page, 'Schedule', label);
    for (const [name, value] of Object.entries(options)) await fill(page, name, value);
    await reset(page, 12);
    await run(page, 12);
    const { losses } = await savedLosses(page);
    assert.deepEqual(losses, train({ ...rate, schedule }).loss_history, label);
  }
  await choose(page, 'Schedule', 'constant rate');
  await reset(page, 12);
  await run(page, 12);
  assert.deepEqual((await savedLosses(page)).losses, train(rate).loss_history);
});

browserTest('the rate that a schedule has come to is told', {}, async ({ page }) => {
  const schedule = { type: 'step', step_size: 2, gamma: 0.1 };
  await follow(page, { ...SUM, epochs: 6, optimizer: { type: 'sgd', lr: 0.004 }, schedule });
  // 0.004 times 0.1 for every two epochs that are over.
  for (const [epoch, rate] of [
    [0, '0.004'],
    [1, '0.004'],
    [2, '0.0004'],
    [3, '0.0004'],
    [4, '0.00004'],
  ]) {
    await atEpoch(page, Number(epoch), 6);
    await page.getByText(`The rate is now ${rate}.`, { exact: true }).waitFor();
    await button(page, 'Epoch').click();
  }
});

browserTest('the end of a run says what Run does then, and nothing moves', {}, async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 768 });
  await fill(page, 'Epochs', 2);
  const before = await button(page, 'Run').boundingBox();
  await button(page, 'Epoch').click();
  await button(page, 'Epoch').click();
  await atEpoch(page, 2, 2);
  await page.getByText(/Run starts again from the initial weights; more epochs go on/).waitFor();
  assert.deepEqual(await button(page, 'Run').boundingBox(), before);
  await fill(page, 'Epochs', 3);
  await page.getByText(/Run starts again/).waitFor({ state: 'hidden' });
  await button(page, 'Epoch').click();
  await atEpoch(page, 3, 3);
});

browserTest('what is wrong is told beside the buttons, which stay where they are', {}, async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 768 });
  const before = await button(page, 'Run').boundingBox();
  await button(page, 'Other').click();
  await page.getByRole('menuitem', { name: 'Conv 2D' }).click();
  await page
    .locator('#why-not')
    .getByText(/^Cannot run/)
    .waitFor();
  assert.deepEqual(await button(page, 'Run').boundingBox(), before);
});

browserTest('training stops at a loss, and says so', {}, async ({ page }) => {
  const { loss_history: losses } = train(SUM);
  // Half way down; the run ends with the first epoch that is as low.
  const enough = losses[20] ?? 0;
  await fill(page, 'at a loss of', enough);
  await button(page, 'Run').click();
  await page.getByRole('status').filter({ hasText: /^Stopped after epoch \d+: the loss is low enough/ }).first().waitFor(); // prettier-ignore
  const saved = await savedLosses(page);
  const expected = losses.slice(0, losses.findIndex((loss) => loss <= enough) + 1);
  assert.deepEqual(saved.losses, expected);
  // Without the stop it goes on.
  await fill(page, 'at a loss of', '');
  await button(page, 'Run').click();
  await atEpoch(page, 50, 50);
});

browserTest('training stops when validation no longer improves', {}, async ({ page }) => {
  await openExample(page, 'XOR');
  await fill(page, 'Epochs', 4000);
  await fill(page, 'after epochs without a better validation', 5);
  await button(page, 'Run').click();
  await page.getByRole('status').filter({ hasText: /validation has not improved/ }).first().waitFor(); // prettier-ignore
  const { validation } = await savedLosses(page);
  const best = Math.min(...validation);
  assert.equal(validation.length - 1 - validation.indexOf(best), 5);
  await fill(page, 'Validation', 0);
  await page.getByText('There are no validation rows: hold some out under Data.').waitFor();
});

browserTest('the pace goes from one step a second to flat out, by key', {}, async ({ page }) => {
  const pace = slider(page, 'Pace');
  assert.equal(await pace.getAttribute('aria-valuetext'), 'flat out');
  await pace.press('Home');
  await eventually(async () => assert.equal(await pace.getAttribute('aria-valuetext'), '1 step/s'));
  await fill(page, 'Epochs', 100_000);
  await button(page, 'Run').click();
  await atEpoch(page, 1, 100_000);
  const begun = Date.now();
  await atEpoch(page, 3, 100_000);
  const waited = Date.now() - begun;
  assert.ok(waited > 1200, `two steps took ${waited} ms`);
  // Faster while it runs.
  await pace.press('End');
  await eventually(async () => {
    const text = (await transport(page).textContent()) ?? '';
    assert.ok(Number(/epoch ([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '')) > 500, text);
  });
  await button(page, 'Pause').click();
  await button(page, 'Run').waitFor();
});

browserTest('a pace of ten steps a second makes about ten, and pauses at once', {}, async ({ page }) => {
  await slider(page, 'Pace').fill('3');
  await fill(page, 'Epochs', 1000);
  await button(page, 'Run').click();
  await page.waitForTimeout(2000);
  await button(page, 'Pause').click();
  await button(page, 'Run').waitFor();
  const { losses } = await savedLosses(page);
  assert.ok(losses.length >= 8 && losses.length <= 32, `${losses.length} steps in two seconds`);
  assert.deepEqual(losses, train({ ...SUM, epochs: losses.length }).loss_history);
});

browserTest('Ctrl+Enter runs and pauses from anywhere', {}, async ({ page }) => {
  await fill(page, 'Epochs', 10_000_000);
  await field(page, 'Seed').focus();
  await page.keyboard.press('Control+Enter');
  await button(page, 'Pause').waitFor();
  await page.keyboard.press('Control+Enter');
  await button(page, 'Run').waitFor();
});

browserTest(
  'training goes on while no frame is drawn, as behind another tab',
  { open: false },
  async (opened) => {
    const { page, server } = opened;
    await page.addInitScript(() => {
      const frame = globalThis.requestAnimationFrame.bind(globalThis);
      /** @type {FrameRequestCallback[]} */
      let held = [];
      let hidden = false;
      globalThis.requestAnimationFrame = (callback) => (hidden ? held.push(callback) : frame(callback));
      Object.defineProperty(document, 'hidden', { get: () => hidden });
      Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
      Object.assign(globalThis, {
        hide(/** @type {boolean} */ now) {
          hidden = now;
          document.dispatchEvent(new Event('visibilitychange'));
          if (!now) for (const callback of held.splice(0)) frame(callback);
          held = [];
        },
      });
    });
    await watchWorker(page);
    await page.goto(server.url);
    await fill(page, 'Epochs', 500_000_000_000);
    await button(page, 'Run').click();
    await hears(page, 'messages', 3);
    await page.evaluate(() => /** @type {any} */ (globalThis).hide(true));
    // Whatever was on its way has come.
    const before = await hears(page, 'messages', 3);
    const shown = await transport(page).textContent();
    const after = await hears(page, 'messages', 30);
    assert.ok(after.step > before.step, `${before.step} to ${after.step}`);
    assert.equal(await transport(page).textContent(), shown, 'nothing was drawn meanwhile');
    await page.evaluate(() => /** @type {any} */ (globalThis).hide(false));
    await eventually(async () => assert.notEqual(await transport(page).textContent(), shown));
    await button(page, 'Pause').click();
    await button(page, 'Run').waitFor();
    const { step } = await watched(page);
    assert.ok(step > after.step, `${after.step} to ${step}`);
  },
);
