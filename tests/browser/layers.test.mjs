// The list of layers: every type with its options, moved by pointer and by key, and stacks that cannot be.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch, train } from './native.mjs';
import { addLayer, atEpoch, button, choose, field, fill, openExample, run, savedLosses } from './user.mjs';

/** @import { Page } from 'playwright-core' */

const SUM = pytorch(1).experiment;

/** @param {Page} page @param {object} document */
async function follow(page, document) {
  const link = await withModule(page, ({ encodeLink }, experiment) => encodeLink(experiment), document);
  await page.evaluate((to) => void (location.hash = to), link);
}

/** Adds a layer of the menu of other types. @param {Page} page @param {string} name */
async function addOther(page, name) {
  await button(page, 'Other').click();
  await page.getByRole('menuitem', { name, exact: true }).click();
}

/** @param {Page} page */
const names = (page) =>
  page
    .getByRole('list', { name: 'Layers' })
    .evaluate((list) => [...list.children].map((row) => row.querySelector('.layer-name')?.textContent));

/** @param {Page} page @param {string[]} expected */
const has = (page, expected) => eventually(async () => assert.deepEqual(await names(page), expected));

/** 20 pictures of 4 by 4: a bright column, or a bright line. */
const PICTURES = {
  version: 1,
  title: 'Lines and columns',
  data: {
    kind: 'table',
    inputs: Array.from({ length: 16 }, (_, at) => `p${at}`),
    targets: ['kind'],
    input_shape: [1, 4, 4],
    rows: Array.from({ length: 20 }, (_, row) => [
      ...Array.from({ length: 16 }, (_, at) => Number((row % 2 ? at % 4 : Math.floor(at / 4)) === row % 4)),
      row % 2,
    ]),
  },
  model: [{ type: 'flatten' }, { type: 'linear', out: 2 }],
  loss: { type: 'cross_entropy' },
  optimizer: { type: 'adam', lr: 0.01 },
  epochs: 15,
};

browserTest('a network for pictures is built from every kind of layer, and trains', {}, async ({ page }) => {
  await follow(page, PICTURES);
  await has(page, ['Flatten', 'Linear']);
  await addOther(page, 'Conv 2D');
  await has(page, ['Conv 2D', 'Flatten', 'Linear']);
  await fill(page, 'Layer 1, units', 3);
  await fill(page, 'Layer 1, kernel', 2);
  await fill(page, 'Layer 1, padding', 1);
  await page.getByText('1×4×4 → 3×5×5', { exact: true }).waitFor();
  await addOther(page, 'Max pool 2D');
  await fill(page, 'Layer 2, stride', 1);
  await addOther(page, 'Batch norm');
  await has(page, ['Conv 2D', 'Max pool 2D', 'Flatten', 'Batch norm', 'Linear']);
  await addOther(page, 'Dropout');
  await fill(page, 'Layer 5, p', 0.25);
  await addOther(page, 'Layer norm');
  await addOther(page, 'Softplus');
  await has(page, [
    'Conv 2D',
    'Max pool 2D',
    'Flatten',
    'Batch norm',
    'Dropout',
    'Layer norm',
    'Softplus',
    'Linear',
  ]);
  await choose(page, 'Layer 1, activation', 'ELU');
  await fill(page, 'Layer 1, alpha', 0.5);
  await choose(page, 'Layer 1, init', 'Kaiming uniform');
  const document = {
    ...PICTURES,
    model: [
      { type: 'conv2d', out: 3, kernel: 2, padding: 1, init: 'kaiming_uniform' },
      { type: 'elu', alpha: 0.5 },
      { type: 'max_pool2d', kernel: 2, stride: 1 },
      { type: 'flatten' },
      { type: 'batch_norm' },
      { type: 'dropout', p: 0.25 },
      { type: 'layer_norm' },
      { type: 'softplus' },
      { type: 'linear', out: 2 },
    ],
  };
  await atEpoch(page, 0, 15);
  await run(page, 15);
  assert.deepEqual((await savedLosses(page)).losses, train(document).loss_history);
});

browserTest('every activation and every init is there, and is shown', {}, async ({ page }) => {
  const texts = await page
    .getByRole('combobox', { name: 'Layer 1, activation' })
    .locator('option')
    .allTextContents();
  const expected = ['no activation', 'ReLU', 'Sigmoid', 'Tanh', 'Leaky ReLU', 'ELU', 'GELU', 'SiLU', 'Softplus', 'Softmax']; // prettier-ignore
  assert.deepEqual(texts, expected);
  await choose(page, 'Layer 1, activation', 'Leaky ReLU');
  await button(page, 'Options of layer 1').click();
  await fill(page, 'Layer 1, negative slope', 0.2);
  await choose(page, 'Layer 1, init', 'Xavier normal');
  await page.getByRole('checkbox', { name: 'Layer 1, bias' }).uncheck();
  await page.getByText('24 parameters').or(page.getByText('25 parameters')).waitFor();
  await button(page, 'Options of layer 1').click();
  // What is not as usual is there to be read with the options closed.
  await page.getByText('Xavier normal · no bias', { exact: true }).waitFor();
  const document = {
    ...SUM,
    model: [
      { type: 'linear', out: 8, bias: false, init: 'xavier_normal' },
      { type: 'leaky_relu', negative_slope: 0.2 },
      { type: 'linear', out: 1 },
    ],
  };
  await atEpoch(page, 0, 50);
  await run(page, 50);
  assert.deepEqual((await savedLosses(page)).losses, train(document).loss_history);
  await openExample(page, 'One point, given weights');
  await page.locator('.layer-note', { hasText: 'given numbers' }).first().waitFor();
});

browserTest('what a row of the list says has room, however wide the panel is', {}, async ({ page }) => {
  const model = [{ type: 'conv2d', out: 16, kernel: 2 }, { type: 'flatten' }, { type: 'linear', out: 10 }, { type: 'linear', out: 2 }]; // prettier-ignore
  await follow(page, { ...PICTURES, model });
  await has(page, ['Conv 2D', 'Flatten', 'Linear', 'Linear']);
  await button(page, 'Remove layer 2').click();
  await has(page, ['Conv 2D', 'Linear', 'Linear']);
  for (const width of [1440, 1366, 1120, 768]) {
    await page.setViewportSize({ width, height: 900 });
    const panel = await page.locator('#panel-network').evaluate((element) => {
      const textsOf = (/** @type {string} */ part) =>
        [...element.querySelectorAll(part)].map((each) => {
          const range = document.createRange();
          range.selectNodeContents(each);
          const { left, right } = range.getBoundingClientRect();
          return { left, right };
        });
      return {
        sideways: element.scrollWidth - element.clientWidth,
        shapes: textsOf('.layers .shape'),
        counts: textsOf('.layers .count'),
      };
    });
    assert.equal(panel.sideways, 0, String(width));
    panel.shapes.forEach(({ right }, at) => {
      const left = panel.counts[at]?.left ?? 0;
      assert.ok(left === 0 || right <= left, `${width}: row ${at + 1}, ${right} > ${left}`);
    });
  }
});

browserTest('a layer is dragged by its dots, and Escape leaves it where it was', {}, async ({ page }) => {
  await addLayer(page);
  await fill(page, 'Layer 2, units', 4);
  const units = () =>
    Promise.all([1, 2, 3].map((layer) => field(page, `Layer ${layer}, units`).inputValue()));
  assert.deepEqual(await units(), ['8', '4', '1']);
  const grip = async (/** @type {number} */ row) => {
    const box = await page.locator('.layers > li').nth(row).locator('.grip').boundingBox();
    assert.ok(box);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  const [first, second] = [await grip(0), await grip(1)];
  await page.mouse.move(second.x, second.y);
  await page.mouse.down();
  await page.mouse.move(first.x, first.y - 6, { steps: 5 });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  assert.deepEqual(await units(), ['8', '4', '1']);
  await page.mouse.move(second.x, second.y);
  await page.mouse.down();
  await page.mouse.move(first.x, first.y - 6, { steps: 5 });
  await page.mouse.up();
  await eventually(async () => assert.deepEqual(await units(), ['4', '8', '1']));
  // And by key, with the focus where it was.
  await field(page, 'Layer 1, units').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await eventually(async () => assert.deepEqual(await units(), ['8', '4', '1']));
  await eventually(async () =>
    assert.equal(
      await page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
      'Layer 2, units',
    ),
  );
});

browserTest('a stack that cannot be is explained where it is, with a way out', {}, async ({ page }) => {
  await addOther(page, 'Conv 2D');
  // It is said at the layer, and to a screen reader.
  const alert = page.getByRole('alert').filter({ hasText: /./ });
  const said = /^Conv 2D takes pictures .* but these data have none: it is given 2 values\./;
  await eventually(async () => assert.match((await alert.allTextContents()).join('|'), said));
  await page
    .locator('#why-not')
    .getByText(/^Cannot run: Layer 1: Conv 2D takes pictures/)
    .waitFor();
  // There is no network, so none is drawn.
  const diagram = page.getByRole('group', { name: /^Diagram of the network/ });
  const refusal = page.getByText(/^There is no network to draw: Layer 1 cannot take what comes into it/);
  await refusal.waitFor();
  assert.equal(await diagram.isVisible(), false);
  await button(page, 'Remove it').click();
  await has(page, ['Linear', 'Linear']);
  await eventually(async () => assert.equal(await button(page, 'Run').isEnabled(), true));
  await diagram.waitFor();
  assert.equal(await refusal.isVisible(), false);
  assert.equal(await alert.count(), 0);

  await follow(page, PICTURES);
  await has(page, ['Flatten', 'Linear']);
  await button(page, 'Remove layer 1').click();
  // A linear layer takes pictures line by line, so that its output is one.
  await page.getByText(/outputs/).first().waitFor(); // prettier-ignore
  await button(page, 'Put a Flatten before it').click();
  await has(page, ['Flatten', 'Linear']);
  await eventually(async () => assert.equal(await button(page, 'Run').isEnabled(), true));

  await addOther(page, 'Conv 2D');
  await fill(page, 'Layer 1, kernel', 5);
  await page.getByText(/Conv 2D is given 1×4×4, which is smaller than its kernel/).first().waitFor(); // prettier-ignore
  await fill(page, 'Layer 1, kernel', 3);
  await eventually(async () => assert.equal(await button(page, 'Run').isEnabled(), true));

  // The rows stop being pictures, and are again.
  await page.getByRole('textbox', { name: 'Shape of a row of inputs' }).fill('16');
  await page.keyboard.press('Enter');
  await page.getByText(/^Conv 2D takes pictures .* with a shape such as 1×4×4; or remove/).waitFor();
  await page.getByRole('textbox', { name: 'Shape of a row of inputs' }).fill('1 x 4 x 3');
  await page.keyboard.press('Enter');
  await page.getByText('The sizes must multiply to 16, the number of inputs.').waitFor();
  await page.getByRole('textbox', { name: 'Shape of a row of inputs' }).fill('1 x 4 x 4');
  await page.keyboard.press('Enter');
  await eventually(async () => assert.equal(await button(page, 'Run').isEnabled(), true));

  // A Flatten takes the pictures away.
  await has(page, ['Conv 2D', 'Flatten', 'Linear']);
  await button(page, 'Move layer 1 down').click();
  await page.getByText(/^Conv 2D takes pictures .* but behind the Flatten there are none: it is given 16 values/).waitFor(); // prettier-ignore
  await button(page, 'Move it before the Flatten').click();
  await has(page, ['Conv 2D', 'Flatten', 'Linear']);
  await eventually(async () => assert.equal(await button(page, 'Run').isEnabled(), true));
});

browserTest('the summary is torchsummary’s table, and is copied as its text', {}, async ({ page }) => {
  await button(page, 'Summary').click();
  const dialog = page.getByRole('dialog', { name: 'Summary of the network' });
  await dialog.waitFor();
  const rows = await dialog.getByRole('row').allTextContents();
  assert.deepEqual(rows.slice(1), ['Linear-1[-1, 8]24', 'ReLU-2[-1, 8]0', 'Linear-3[-1, 1]9']);
  await dialog.getByRole('button', { name: 'Copy as text' }).click();
  await dialog.getByText('Copied', { exact: true }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(text.includes('            Linear-1                    [-1, 8]              24\n'), text);
  assert.ok(text.includes('Total params: 33\n'), text);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});
