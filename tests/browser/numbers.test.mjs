// The numbers of the chapter, by clicking. What is expected is what PyTorch gave (tests/data/experiments.json).

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { pytorch } from './native.mjs';
import {
  assertClose,
  button,
  choose,
  fill,
  openExample,
  run,
  savedLosses,
  shownWeights,
  tableNumbers,
  tableTexts,
  typeCell,
} from './user.mjs';

const EXAMPLES = /** @type {const} */ ([
  [1, 'Sum of two numbers', 50],
  [2, 'Sum of two numbers, mini-batches', 50],
  [4, 'y = 3x, learning rate 0.01', 10],
  [5, 'y = 3x, learning rate 0.1', 10],
  [6, 'y = 3x, learning rate 1', 10],
]);

for (const [number, name, epochs] of EXAMPLES) {
  browserTest(`“${name}” from the menu gives PyTorch's loss at every step`, {}, async ({ page }) => {
    await openExample(page, name);
    await run(page, epochs);
    const { losses } = await savedLosses(page);
    assertClose(losses, pytorch(number).loss_history);
  });
}

browserTest('the sum of two numbers, typed in by hand, gives the same curve', {}, async ({ page }) => {
  await openExample(page, 'One point, given weights');
  const rows = [
    [1, 2, 3],
    [3, 4, 7],
    [5, 6, 11],
    [7, 8, 15],
  ];
  for (let row = 1; row < rows.length; row += 1) await button(page, 'Add a row').click();
  for (const [row, values] of rows.entries()) {
    for (const [column, value] of values.entries()) await typeCell(page, row + 1, column + 1, String(value));
  }
  await eventually(async () => assert.deepEqual(await tableNumbers(page, 3), rows));
  await fill(page, 'Layer 1, units', 8);
  await choose(page, 'Layer 1, activation', 'ReLU');
  await fill(page, 'Learning rate', 0.001);
  await fill(page, 'Epochs', 50);
  await run(page, 50);
  const { losses } = await savedLosses(page);
  assertClose(losses, pytorch(1).loss_history);
});

browserTest('the predictions beside the rows and for typed inputs are PyTorch’s', {}, async ({ page }) => {
  await run(page, 50);
  await page.getByRole('tab', { name: 'Predict' }).click();
  const typed = page.getByRole('table', { name: 'Predictions for typed inputs' });
  const expected = /** @type {number[][]} */ (pytorch(1).predictions).flat();
  const shown = async () => (await typed.locator('.output').allTextContents()).slice(1).map(Number);
  // They stand there with at most four decimals.
  await eventually(async () => assertClose(await shown(), expected, { atol: 5e-5 + 1e-6 }));

  // The third row, 5 and 6, typed as inputs gives what stands beside it.
  await typed.getByRole('textbox', { name: 'Row 1, x1' }).fill('5');
  await typed.getByRole('textbox', { name: 'Row 1, x2' }).fill('6');
  await page.keyboard.press('Enter');
  const beside = (await tableTexts(page))[2]?.[3];
  await eventually(async () => assert.equal(await typed.locator('td.output').first().textContent(), beside));
});

browserTest('with seed 0 a 2-3 Linear starts with the chapter’s weights', {}, async ({ page }) => {
  await fill(page, 'Layer 1, units', 3);
  const expected = [
    ['-0.0053', '0.3793'],
    ['-0.5820', '-0.5204'],
    ['-0.2723', '0.1896'],
  ];
  await eventually(async () => assert.deepEqual(await shownWeights(page, '0.weight'), expected));
  await eventually(async () =>
    assert.deepEqual(await shownWeights(page, '0.bias'), [['-0.0140', '0.5607', '-0.0628']]),
  );
});

browserTest('the curve reads out PyTorch’s losses step by step', {}, async ({ page }) => {
  await run(page, 50);
  const curve = page.getByRole('slider', { name: /^Loss by step/ });
  await curve.focus();
  const expected = pytorch(1).loss_history;
  const reading = async () => {
    const text = (await curve.getAttribute('aria-valuetext')) ?? '';
    const [, step, loss] = /^step (\d+): loss (.+)$/.exec(text) ?? [];
    return { step: Number(step), loss: Number(loss) };
  };
  for (const [key, step] of /** @type {const} */ ([
    ['Home', 1],
    ['ArrowRight', 2],
    ['ArrowRight', 3],
    ['PageUp', 6],
    ['End', 50],
    ['ArrowLeft', 49],
  ])) {
    await page.keyboard.press(key);
    await eventually(async () => assert.equal((await reading()).step, step));
    assertClose([(await reading()).loss], [/** @type {number} */ (expected[step - 1])]);
  }
});
