// The network and how it is trained: layers, loss, optimizer, and the bar that runs it.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch, train } from './native.mjs';
import {
  addLayer,
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

/** @import { Page } from 'playwright-core' */
/** @import { Document } from './native.mjs' */

const SUM = pytorch(1).experiment;

/** Units and activation of each layer; all at once, because the page may be drawing. @param {Page} page */
const layers = (page) =>
  page.getByRole('list', { name: 'Layers' }).evaluate((list) =>
    [...list.children].map((row) => {
      const chosen = row.querySelector('select')?.selectedOptions[0]?.textContent;
      return `${row.querySelector('input')?.value} ${chosen}`;
    }),
  );

/** @param {Page} page @param {string[]} expected */
const has = (page, expected) => eventually(async () => assert.deepEqual(await layers(page), expected));

/** Runs, and compares every loss with the native program's. @param {Page} page @param {Document} document */
async function gives(page, document) {
  await run(page, document.epochs);
  const { losses } = await savedLosses(page);
  assert.deepEqual(losses, train(document).loss_history);
}

browserTest('layers are added, resized, moved and removed', {}, async ({ page }) => {
  await has(page, ['8 ReLU', '1 no activation']);
  await page.getByText('33 parameters').waitFor();
  await addLayer(page);
  await has(page, ['8 ReLU', '8 ReLU', '1 no activation']);
  // (2 + 1) · 8 + (8 + 1) · 8 + (8 + 1) · 1
  await page.getByText('105 parameters').waitFor();
  await fill(page, 'Layer 2, units', 4);
  await choose(page, 'Layer 2, activation', 'Sigmoid');
  await has(page, ['8 ReLU', '4 Sigmoid', '1 no activation']);
  await button(page, 'Move layer 2 up').click();
  await has(page, ['4 Sigmoid', '8 ReLU', '1 no activation']);
  await gives(page, {
    ...SUM,
    model: [
      { type: 'linear', out: 4 },
      { type: 'sigmoid' },
      { type: 'linear', out: 8 },
      { type: 'relu' },
      { type: 'linear', out: 1 },
    ],
  });
  await button(page, 'Remove layer 1').click();
  await has(page, ['8 ReLU', '1 no activation']);
  await button(page, 'Move layer 1 down').click();
  await page
    .getByRole('alert')
    .or(page.getByText(/This last layer gives 8/))
    .first()
    .waitFor();
  await button(page, 'Move layer 2 up').click();
  await atEpoch(page, 0, 50);
  await gives(page, SUM);
});

browserTest(
  'loss, optimizer, its options, batches, epochs and seed do what PyTorch’s do',
  {},
  async (opened) => {
    const { page } = opened;
    await openExample(page, 'XOR');
    const { document } = await page.evaluate(async () => {
      const gradus = await import(/** @type {string} */ ('./gradus.js'));
      return gradus.presets().find((/** @type {{ name: string }} */ { name }) => name === 'xor');
    });
    await choose(page, 'Loss', 'Mean squared error (MSE)');
    await choose(page, 'Optimizer', 'SGD');
    await fill(page, 'momentum', 0.9);
    await fill(page, 'weight decay', 0.001);
    await page.getByRole('checkbox', { name: 'Nesterov' }).check();
    await fill(page, 'Learning rate', 0.05);
    await fill(page, 'Batch size', 7);
    await fill(page, 'Epochs', 12);
    await fill(page, 'Seed', 42);
    await gives(page, {
      ...document,
      loss: { type: 'mse' },
      optimizer: { type: 'sgd', lr: 0.05, momentum: 0.9, weight_decay: 0.001, nesterov: true },
      batch_size: 7,
      epochs: 12,
      seed: 42,
    });
    await page.getByRole('checkbox', { name: /^Shuffle/ }).uncheck();
    await choose(page, 'Loss', 'Binary cross-entropy, with logits');
    await choose(page, 'Optimizer', 'Adam');
    await fill(page, 'weight decay', 0);
    await fill(page, 'beta 1', 0.8);
    await fill(page, 'Batch size', '');
    await atEpoch(page, 0, 12);
    await gives(page, {
      ...document,
      optimizer: { type: 'adam', lr: 0.05, betas: [0.8, 0.999] },
      batch_size: null,
      shuffle: false,
      epochs: 12,
      seed: 42,
    });
  },
);

browserTest('the rate’s slider is logarithmic and agrees with the number', {}, async ({ page }) => {
  const slider = page.getByRole('slider', { name: 'Learning rate, logarithmic' });
  await eventually(async () => assert.equal(await slider.inputValue(), '-3'));
  await slider.fill('-2');
  await eventually(async () => assert.equal(await field(page, 'Learning rate').inputValue(), '0.01'));
  await slider.press('ArrowRight');
  // One notch is a twentieth of a decade: 10^-1.95 = 0.011 with two digits.
  await eventually(async () => assert.equal(await field(page, 'Learning rate').inputValue(), '0.011'));
  await fill(page, 'Learning rate', 0.5);
  await eventually(async () => assert.equal(await slider.inputValue(), '-0.3'));
});

browserTest('one batch, one epoch, pause and reset do what they say', {}, async ({ page }) => {
  await openExample(page, 'Sum of two numbers, mini-batches');
  const start = await shownWeights(page, '0.weight');
  assert.equal(start.length, 8);
  await button(page, 'Batch').click();
  await eventually(async () => assert.equal((await savedLosses(page)).losses.length, 1));
  await atEpoch(page, 0, 50);
  // The epoch's second batch, then both of the next.
  await button(page, 'Epoch').click();
  await atEpoch(page, 1, 50);
  await button(page, 'Epoch').click();
  await atEpoch(page, 2, 50);
  const { losses, epochs } = await savedLosses(page);
  assertClose(losses, pytorch(2).loss_history.slice(0, 4));
  assert.deepEqual(epochs, [1, 1, 2, 2]);

  await eventually(async () => assert.notDeepEqual(await shownWeights(page, '0.weight'), start));
  await reset(page, 50);
  await eventually(async () => assert.deepEqual(await shownWeights(page, '0.weight'), start));
  await run(page, 50);
  assertClose((await savedLosses(page)).losses, pytorch(2).loss_history);
});

/** A network so large that a run of it can be paused by hand: some thousand steps a second. */
const SLOW = {
  ...SUM,
  model: [
    { type: 'linear', out: 256 },
    { type: 'relu' },
    { type: 'linear', out: 256 },
    { type: 'relu' },
    { type: 'linear', out: 1 },
  ],
  optimizer: { type: 'sgd', lr: 0.0001 },
};

/** @param {Page} page @param {Document} document */
async function follow(page, document) {
  const link = await withModule(page, ({ encodeLink }, experiment) => encodeLink(experiment), document);
  await page.evaluate((to) => void (location.hash = to), link);
  await atEpoch(page, 0, document.epochs);
}

browserTest('a paused run goes on where it was', {}, async ({ page }) => {
  const document = { ...SLOW, epochs: 6000 };
  await follow(page, document);
  await button(page, 'Run').click();
  await button(page, 'Pause').click();
  await button(page, 'Run').waitFor();
  const { losses: before } = await savedLosses(page);
  assert.ok(before.length > 0 && before.length < 6000, `paused after ${before.length} steps`);
  await run(page, 6000);
  const { losses } = await savedLosses(page);
  assert.deepEqual(losses.slice(0, before.length), before);
  assert.deepEqual(losses, train(document).loss_history);
});

browserTest('a rate changed while training runs goes on from there', {}, async ({ page }) => {
  const document = { ...SLOW, epochs: 16_000 };
  await follow(page, document);
  await button(page, 'Run').click();
  await button(page, 'Pause').waitFor();
  await fill(page, 'Learning rate', 0.00002);
  await eventually(async () => assert.equal(await field(page, 'Learning rate').inputValue(), '0.00002'));
  await button(page, 'Pause').click();
  await button(page, 'Run').waitFor();
  const { losses } = await savedLosses(page);
  const old = train({ ...document, epochs: losses.length }).loss_history;
  // From the first step that differs on it is the run with the new rate: its first update comes before that.
  const same = losses.findIndex((loss, at) => loss !== old[at]);
  assert.ok(same > 0, `the run began anew, or the rate was not taken over: ${same}`);
});

browserTest('what was finished runs again from the start', {}, async ({ page }) => {
  await run(page, 50);
  const first = await savedLosses(page);
  await button(page, 'Run').click();
  await eventually(async () => assert.deepEqual(await savedLosses(page), first));
  await atEpoch(page, 50, 50);
  const last = Number(pytorch(1).loss_history.at(-1)).toFixed(4);
  await transport(page).getByText(`loss ${last}`).waitFor();
});

browserTest(
  'more epochs after the end go on, and the log scale only changes the view',
  {},
  async ({ page }) => {
    await run(page, 50);
    await page.getByRole('checkbox', { name: 'log scale' }).check();
    await fill(page, 'Epochs', 80);
    await atEpoch(page, 50, 80);
    await button(page, 'Run').click();
    await atEpoch(page, 80, 80);
    const { losses } = await savedLosses(page);
    assert.deepEqual(losses, train({ ...SUM, epochs: 80 }).loss_history);
  },
);
