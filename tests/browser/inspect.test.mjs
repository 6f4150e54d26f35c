// Weights and gradients, dead units, the layers of a row, probabilities of typed inputs.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { pytorch } from './native.mjs';
import { HALVES, THIRDS, openDocument, panel, savedTable, tab } from './results.mjs';
import { assertClose, button, fill, run } from './user.mjs';

const SUM = pytorch(1).experiment;

/** The root of the mean square. @param {(number | string)[] | undefined} values */
function rms(values) {
  const numbers = (values ?? []).map(Number);
  return Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0) / numbers.length);
}

/** Two hidden units of which the second is below zero for every row. */
const DEAD = {
  ...HALVES,
  model: [
    { type: 'linear', out: 2, init: { weight: [[1, 0], [0, 0]], bias: [0, -1] } }, // prettier-ignore
    { type: 'relu' },
    { type: 'linear', out: 1, init: { weight: [[1, 1]], bias: [0] } },
  ],
};

browserTest('units that are zero for every row are called out, others are not', {}, async ({ page }) => {
  await openDocument(page, DEAD);
  await tab(page, 'Weights');
  // By its name in the diagram.
  await page.getByText('learns nothing any more. 1 of 2: h2.').waitFor();
  const alive = { ...DEAD, model: [{ ...DEAD.model[0], init: { weight: [[1, 0], [0, 1]], bias: [0, 0] } }, ...DEAD.model.slice(1)] }; // prettier-ignore
  await openDocument(page, alive);
  await page.getByText(/^Dead units/).waitFor({ state: 'hidden' });
});

browserTest(
  'where nothing can be trained yet, every result says why, and leads to it',
  {},
  async ({ page }) => {
    await openDocument(page, { ...DEAD, predict: [[1, 1]] });
    await fill(page, 'Layer 2, units', 2);
    await page
      .locator('#why-not')
      .getByText(/^Cannot run: /)
      .waitFor();
    await page.reload();
    // No network of before is there to show any more.
    for (const name of ['Curves', 'Fit', 'Confusion', 'Weights', 'Layers', 'Predict']) {
      await tab(page, name);
      const shown = page.getByRole('tabpanel', { name, exact: true });
      await shown.getByText(/^Cannot run: Layer 2: .+/).waitFor();
      assert.equal(
        await shown
          .getByText(/^There are no/)
          .filter({ visible: true })
          .count(),
        0,
        name,
      );
    }
    await button(page, 'Show what is wrong').click();
    await eventually(async () =>
      assert.equal(await page.evaluate(() => document.activeElement?.id), 'panel-network'),
    );
    await fill(page, 'Layer 2, units', 1);
    await tab(page, 'Weights');
    await page.getByRole('table', { name: /^2\.weight/ }).waitFor();
    await button(page, 'Show what is wrong').waitFor({ state: 'hidden' });
  },
);

browserTest('a weight is read in full under the pointer and by arrow keys', {}, async ({ page }) => {
  await openDocument(page, DEAD);
  await tab(page, 'Weights');
  const table = page.getByRole('table', { name: /^0\.weight/ });
  await table.getByRole('cell', { name: '1.0000' }).hover();
  await page.getByText('0.weight[0, 0] = 1, at the start 1').waitFor();
  await table.getByRole('cell', { name: '1.0000' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.getByText('0.weight[1, 0] = 0, at the start 0').waitFor();
});

browserTest('gradients are those of the loss over all training rows', {}, async ({ page }) => {
  // ŷ = w·x: rows (1, 3) and (2, 4) with w = 2 give errors -1 and 0; dL/dw = 2/2 · (-1·1 + 0·2) = -1.
  const data = { kind: 'table', inputs: ['x'], targets: ['y'], rows: [[1, 3], [2, 4]] }; // prettier-ignore
  const model = [{ type: 'linear', out: 1, bias: false, init: { weight: [[2]] } }];
  await openDocument(page, { ...HALVES, data, model, loss: { type: 'mse' } });
  await tab(page, 'Weights');
  await button(page, 'Histograms').click();
  const weights = page.getByRole('slider', { name: /^0\.weight, weights/ });
  const words = () => weights.getAttribute('aria-valuetext');
  await eventually(async () => assert.equal(await words(), '1 values from 1.5 to 2.5'));
  // The one weight is the first of its bin: 15 of 30 from 1.5 to 2.5, a thirtieth each.
  await weights.focus();
  await page.keyboard.press('Home');
  await eventually(async () => assert.equal(await words(), '1.5 to 1.5333: 0 values'));
  for (let bin = 0; bin < 15; bin += 1) await page.keyboard.press('ArrowRight');
  await eventually(async () => assert.equal(await words(), '2 to 2.0333: 1 value'));
  await page.getByText('2 to 2.0333: 1 value', { exact: true }).waitFor();
  await eventually(async () => {
    const { head, rows } = await savedTable(page);
    assert.deepEqual(head, ['parameter', 'index', 'weight', 'gradient']);
    assert.deepEqual(rows, [['0.weight', '0', '2', '-1']]);
  });
});

browserTest(
  'sizes of weights and gradients are noted after every epoch, from the start',
  {},
  async ({ page }) => {
    await openDocument(page, SUM);
    await tab(page, 'Weights');
    await button(page, 'Over time').click();
    await run(page, 50);
    const of = async () => {
      const { head, rows } = await savedTable(page);
      assert.deepEqual(head, ['parameter', 'kind', 'step', 'rms']);
      return rows.filter(([name, kind]) => name === '2.weight' && kind === 'weights');
    };
    await eventually(async () => assert.equal((await of()).length, 51));
    const rows = await of();
    const { initial_parameters: initial, final_parameters: final } = pytorch(1);
    assert.deepEqual([rows[0]?.[2], rows[50]?.[2]], ['0', '50']);
    assertClose(
      [Number(rows[0]?.[3]), Number(rows[50]?.[3])],
      [rms(initial['2.weight']), rms(final['2.weight'])],
    );
  },
);

browserTest(
  'sizes of the weights are there from the first step, also where the tab was first opened after a run',
  {},
  async ({ page }) => {
    await openDocument(page, SUM);
    await run(page, 50);
    await tab(page, 'Weights');
    await button(page, 'Over time').click();
    const { initial_parameters: initial, final_parameters: final } = pytorch(1);
    await eventually(async () => {
      const { rows } = await savedTable(page);
      const of = (/** @type {string} */ what) =>
        rows.filter(([name, kind]) => name === '2.weight' && kind === what);
      const [weights, gradients] = [of('weights'), of('gradients')];
      const steps = weights.map(([, , step]) => Number(step));
      assert.deepEqual(steps.slice(0, 4), [0, 1, 2, 3]);
      assert.ok(steps.length > 15, `${steps}`);
      assertClose(
        [Number(weights[0]?.[3]), Number(weights.at(-1)?.[3])],
        [rms(initial['2.weight']), rms(final['2.weight'])],
      );
      // Gradients are looked for from now on.
      assert.deepEqual([steps.at(-1), ...gradients.map(([, , step]) => Number(step))], [50, 50]);
    });
  },
);

browserTest('sizes over the run are read by arrow keys and by a pointer', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await run(page, 50);
  await tab(page, 'Weights');
  await button(page, 'Over time').click();
  const chart = page.getByRole('slider', { name: /^Size of the weights/ });
  const words = async () => (await chart.getAttribute('aria-valuetext')) ?? '';
  await eventually(async () => assert.match(await words(), /^step 50: 0\.weight \d/));
  await chart.focus();
  await page.keyboard.press('Home');
  await eventually(async () => assert.match(await words(), /^step 0: 0\.weight \d/));
  await page.keyboard.press('ArrowRight');
  await eventually(async () => assert.match(await words(), /^step 1: 0\.weight \d/));
  await page.getByText('step 1', { exact: true }).waitFor();
  const box = await chart.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width - 40, box.y + box.height / 2);
  await eventually(async () => assert.match(await words(), /^step [34]\d: 0\.weight \d/));
});

browserTest('units are read in full by arrow keys', {}, async ({ page }) => {
  await openDocument(page, DEAD);
  await tab(page, 'Layers');
  const unit = page.getByRole('list', { name: 'Layer 0 Linear', exact: true }).getByRole('listitem');
  // Row 1 is (-1, -1): hidden -1 and -1.
  await eventually(async () => assert.match((await unit.first().textContent()) ?? '', /-1$/));
  await unit.first().focus();
  await page.getByText('0 Linear, h1: -1', { exact: true }).first().waitFor();
  await page.keyboard.press('ArrowRight');
  await eventually(async () => assert.equal(await page.locator('#live').textContent(), '0 Linear, h2: -1'));
  assert.deepEqual(await unit.evaluateAll((units) => units.map((one) => one.getAttribute('tabindex'))), [
    '-1',
    '0',
  ]);
  await page.getByRole('list', { name: 'Input', exact: true }).getByRole('listitem').last().focus();
  await page.getByText('Input, x2: -1', { exact: true }).first().waitFor();
});

browserTest('every layer’s output for a chosen row, by its numbers', {}, async ({ page }) => {
  await openDocument(page, DEAD);
  await tab(page, 'Layers');
  const number = page.getByRole('textbox', { name: 'Row', exact: true });
  await number.fill('5');
  await number.press('Enter');
  // Row 5 is (1, -1): hidden 1 and -1, after ReLU 1 and 0, output 1.
  const values = (/** @type {string} */ layer) =>
    page
      .getByRole('list', { name: `Layer ${layer}`, exact: true })
      .locator('.unit-value')
      .allTextContents();
  await eventually(async () => {
    assert.deepEqual(await values('0 Linear'), ['1', '-1']);
    assert.deepEqual(await values('1 ReLU'), ['1', '0']);
    assert.deepEqual(await values('2 Linear'), ['1']);
  });
  await button(page, 'The row before').click();
  // Row 4 is (0.5, 0).
  await eventually(async () => assert.deepEqual(await values('0 Linear'), ['0.5', '-1']));
  const { head, rows } = await savedTable(page);
  assert.deepEqual(head, ['layer', 'kind', 'unit', 'value']);
  assert.deepEqual(rows.at(-1), ['2', 'Linear', '0', '0.5']);
});

browserTest(
  'units are called as in the diagram, those of the output by their classes',
  {},
  async ({ page }) => {
    await openDocument(page, { ...THIRDS, data: { ...THIRDS.data, classes: ['left', 'right', 'below'] } });
    await tab(page, 'Layers');
    const names = (/** @type {string} */ layer) =>
      page
        .getByRole('list', { name: `Layer ${layer}`, exact: true })
        .locator('.unit-index')
        .allTextContents();
    await eventually(async () => assert.deepEqual(await names('0 Linear'), ['left', 'right', 'below']));
    await openDocument(page, DEAD);
    await eventually(async () => {
      assert.deepEqual(await names('1 ReLU'), ['h1', 'h2']);
      assert.deepEqual(await names('2 Linear'), ['side']);
    });
    await page.getByRole('list', { name: 'Layer 1 ReLU', exact: true }).getByText('h2').hover();
    await page.getByText('1 ReLU, h2: 0').waitFor();
  },
);

browserTest('a convolution’s channels are pictures', {}, async ({ page }) => {
  const inputs = Array.from({ length: 16 }, (_, at) => `p${at}`);
  const rows = [0, 1].map((kind) => [...inputs.map((_, at) => at * (kind + 1)), kind]);
  const data = { kind: 'table', inputs, targets: ['kind'], rows, input_shape: [1, 4, 4] };
  const model = [{ type: 'conv2d', out: 3, kernel: 3 }, { type: 'relu' }, { type: 'flatten' }, { type: 'linear', out: 2 }]; // prettier-ignore
  await openDocument(page, { ...HALVES, data, model, loss: { type: 'cross_entropy' } });
  await tab(page, 'Layers');
  const maps = page.getByRole('img', { name: /^Layer 0, channel c\d$/ });
  await eventually(async () => assert.equal(await maps.count(), 3));
  // 4 × 4 with a kernel of 3: 2 × 2.
  assert.equal(await maps.first().evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).width), 2);
});

browserTest('probabilities of typed inputs are bars', {}, async ({ page }) => {
  await openDocument(page, { ...THIRDS, predict: [[1, 0.5]] });
  await tab(page, 'Predict');
  // Outputs -3, 5, -2: softmax e^-8, 1, e^-7 over their sum 1.001247.
  const shares = page.locator('.share-text');
  await eventually(async () => assert.deepEqual(await shares.allTextContents(), ['0%', '99.9%', '0.1%']));
  await panel(page).getByText('class 1', { exact: true }).waitFor();
  await openDocument(page, { ...HALVES, predict: [[0.5, 0]] });
  // The logit 2: 1 / (1 + e^-2) = 88.1 %.
  await eventually(async () => assert.deepEqual(await shares.allTextContents(), ['11.9%', '88.1%']));
  // As long as they say, and in the view.
  const widths = await page.locator('.share-track').evaluateAll((tracks) =>
    tracks.map((track) => {
      const [whole, fill] = [track, track.firstElementChild ?? track].map(
        (part) => part.getBoundingClientRect().width,
      );
      return Number(fill) / Number(whole);
    }),
  );
  assertClose(widths, [0.119, 0.881], { rtol: 0.02 });
  const { head, rows } = await savedTable(page);
  assert.deepEqual(head, ['x1', 'x2', 'output 0', 'side = 0', 'side = 1']);
  assertClose((rows[0] ?? []).map(Number), [0.5, 0, 2, 1 - 1 / (1 + Math.exp(-2)), 1 / (1 + Math.exp(-2))]);
});

browserTest('a prediction is in sight beside more inputs than there is room for', {}, async ({ page }) => {
  const inputs = ['rooms', 'area', 'age', 'floor', 'distance', 'garden'];
  const data = { kind: 'table', inputs, targets: ['price'], rows: [[3, 80, 10, 2, 5, 1, 3], [2, 50, 40, 1, 2, 0, 2]] }; // prettier-ignore
  const model = [{ type: 'linear', out: 1, init: { weight: [[1, 0, 0, 0, 0, 1]], bias: [0] } }];
  await openDocument(page, {
    ...HALVES,
    data,
    model,
    loss: { type: 'mse' },
    predict: [[3, 70, 20, 1, 3, 1]],
  });
  await tab(page, 'Predict');
  const cells = page.getByRole('table', { name: 'Predictions for typed inputs' }).locator('.output');
  await eventually(async () => assert.deepEqual(await cells.allTextContents(), ['price (output)', '4']));
  for (const cell of await cells.all())
    assert.ok(
      await cell.evaluate((element) => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        const middle = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const frame = /** @type {Element} */ (element.closest('.scroll-x')).getBoundingClientRect();
        return middle === element && left >= frame.left && right <= frame.right + 1;
      }),
    );
});
