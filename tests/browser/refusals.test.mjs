// What is wrong is said where it is wrong, and the last good state stays.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { pytorch } from './native.mjs';
import {
  assertClose,
  atEpoch,
  button,
  cell,
  addLayer,
  field,
  fill,
  openExample,
  paste,
  run,
  savedLosses,
  sharedLink,
  tableNumbers,
  tableTexts,
  transport,
  typeCell,
} from './user.mjs';

/** @import { Page } from 'playwright-core' */

const ROWS = pytorch(1).experiment.data.rows;

/** The experiment still is the one that PyTorch ran. @param {Page} page */
async function stillTrains(page) {
  await run(page, 50);
  assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
}

browserTest(
  'a word in a cell is named at its cell, where Run leads until it is put right',
  {},
  async ({ page }) => {
    const before = await sharedLink(page);
    await typeCell(page, 2, 2, 'four');
    const message = page.getByRole('alert').filter({ hasText: 'Row 2, x2: “four” is not a number.' });
    await message.waitFor();
    assert.match((await message.textContent()) ?? '', /the network keeps the data from before/);
    assert.equal(await cell(page, 2, 2).getAttribute('aria-invalid'), 'true');
    assert.equal(await cell(page, 2, 2).textContent(), 'four');
    assert.equal(await sharedLink(page), before);
    // What the network says is about other rows; beside this one it would be about what stood there before.
    const said = async () => (await tableTexts(page)).map((texts) => texts[3] === '–');
    await eventually(async () => assert.deepEqual(await said(), [false, true, false, false]));
    await transport(page).getByText('Cannot run: Row 2, x2: “four” is not a number.').waitFor();
    await button(page, 'Compare').click();
    for (const start of [
      () => button(page, 'Run').click(),
      () => button(page, 'Run them').click(),
      () => page.keyboard.press('ControlOrMeta+Enter'),
    ]) {
      await field(page, 'Learning rate').focus();
      await start();
      await eventually(async () =>
        assert.equal(await cell(page, 2, 2).evaluate((element) => element === document.activeElement), true),
      );
    }
    assert.equal(await button(page, 'Epoch').isDisabled(), true);
    await atEpoch(page, 0, 50);
    assert.equal(await page.getByRole('progressbar', { name: 'Progress of the comparison' }).count(), 0);

    // Edits of other cells wait for it; put right, all of them count.
    await typeCell(page, 1, 1, '9');
    await typeCell(page, 2, 2, '5');
    await message.waitFor({ state: 'hidden' });
    const expected = [[9, 2, 3], [3, 5, 7]]; // prettier-ignore
    await eventually(async () => assert.deepEqual((await tableNumbers(page, 3)).slice(0, 2), expected));
    assert.notEqual(await sharedLink(page), before);
    await eventually(async () => assert.deepEqual(await said(), [false, false, false, false]));
    await run(page, 50);
  },
);

browserTest('a pasted table with words shows each of them, and can be discarded', {}, async ({ page }) => {
  await cell(page, 1, 1).click();
  await paste(page, '1\tn/a\t3\n2\t\t4\n1e99\t2\t3\n');
  const message = page.getByRole('alert').filter({ hasText: 'Row 1, x2: “n/a” is not a number.' });
  await message.waitFor();
  assert.match((await message.textContent()) ?? '', /And 2 more rows/);
  for (const [row, column] of /** @type {const} */ ([
    [1, 2],
    [2, 2],
    [3, 1],
  ]))
    // prettier-ignore
    assert.equal(await cell(page, row, column).getAttribute('aria-invalid'), 'true');
  await button(page, 'Discard').click();
  await message.waitFor({ state: 'hidden' });
  await eventually(async () => assert.deepEqual(await tableNumbers(page, 3), ROWS));
  await stillTrains(page);
});

browserTest(
  'a new table that waits has no predictions of the one before, and Run leads to what is wrong',
  { viewport: { width: 360, height: 740 } },
  async ({ page }) => {
    const said = async () => (await tableTexts(page)).map((texts) => texts.at(-1));
    await eventually(async () => assert.ok((await said()).every((text) => text !== '–')));
    await button(page, 'Import…').click();
    await field(page, 'Cells or CSV text').fill('a,b,y\n1,2,3\n3,many,7\n5,6,11\n');
    await button(page, 'Use this text').click();
    await page.getByRole('alert').filter({ hasText: 'Row 2, b: “many” is not a number.' }).waitFor();
    await eventually(async () => assert.deepEqual(await said(), ['–', '–', '–']));
    // From another panel of a phone.
    await button(page, 'Network').click();
    await button(page, 'Run').click();
    await eventually(async () =>
      assert.equal(await cell(page, 2, 2).evaluate((element) => element === document.activeElement), true),
    );
    await page.keyboard.type('4');
    await page.keyboard.press('Enter');
    await eventually(async () => assert.ok((await said()).every((text) => text !== '–')));
    await run(page, 50);
  },
);

browserTest('a million pasted rows are refused at once, and the table stays', {}, async ({ page }) => {
  await cell(page, 1, 1).click();
  await page.evaluate(() => navigator.clipboard.writeText('1\t2\t3\n'.repeat(1e6)));
  const start = Date.now();
  await page.keyboard.press('ControlOrMeta+V');
  const message = page.getByRole('alert').filter({ hasText: 'at most 100,000 rows. Nothing was changed.' });
  await message.waitFor();
  assert.ok(Date.now() - start < 10_000);
  await message.getByRole('button', { name: 'Dismiss' }).click();
  await eventually(async () => assert.deepEqual(await tableNumbers(page, 3), ROWS));
  await stillTrains(page);
});

browserTest('ten thousand pasted rows train', {}, async ({ page }) => {
  await cell(page, 1, 1).click();
  const lines = Array.from({ length: 10_000 }, (_, at) => `${at % 10}\t${at % 7}\t${(at % 10) + (at % 7)}`);
  await paste(page, lines.join('\n'));
  await page.getByText('10,000 rows').first().waitFor();
  await run(page, 50);
  assert.ok((await savedLosses(page)).losses.every(Number.isFinite));
});

browserTest('cells that reach beyond the last column are refused', {}, async ({ page }) => {
  await cell(page, 1, 3).click();
  await paste(page, '1\t2\n3\t4');
  await page.getByRole('alert').filter({ hasText: 'Nothing was changed.' }).waitFor();
  await eventually(async () => assert.deepEqual(await tableNumbers(page, 3), ROWS));
});

browserTest('a refusal does not hide how to discard what waits', {}, async ({ page }) => {
  await typeCell(page, 2, 2, 'four');
  const waits = page.getByRole('alert').filter({ hasText: '“four” is not a number.' });
  await waits.waitFor();
  await cell(page, 1, 3).click();
  await paste(page, '1\t2\n3\t4');
  const refused = page.getByRole('alert').filter({ hasText: 'Nothing was changed.' });
  await refused.waitFor();
  await waits.getByRole('button', { name: 'Discard' }).click();
  await waits.waitFor({ state: 'detached' });
  // It was about a table that is there no more.
  await refused.waitFor({ state: 'detached' });
  await eventually(async () => assert.deepEqual(await tableNumbers(page, 3), ROWS));
});

/** @type {[string, string, RegExp][]} */
const FIELDS = [
  ['Learning rate', '0', /greater than 0/],
  ['Learning rate', '-0.1', /greater than 0/],
  ['Learning rate', 'abc', /“abc” is not a number/],
  ['Learning rate', '', /A number is needed/],
  ['Layer 1, units', '1000000000', /between 1 and 4,096/],
  ['Layer 1, units', '0', /between 1 and 4,096/],
  ['Layer 1, units', '2.5', /whole number/],
  ['Batch size', '0', /[Aa]t least 1/],
  ['Batch size', 'all', /“all” is not a number/],
  ['Epochs', '-3', /[Aa]t least 1/],
  ['Epochs', '1e13', /1,000,000,000,000/],
  ['Seed', '-1', /between|negative/],
  ['Seed', '1.5', /whole number/],
  ['momentum', '-1', /negative|between|at least/],
  ['Validation', '95', /90/],
];

browserTest(
  'a number that cannot be is refused at its field, and the one before stays',
  {},
  async (opened) => {
    const { page } = opened;
    const before = await sharedLink(page);
    for (const [name, typed, reason] of FIELDS) {
      const box = field(page, name);
      const good = await box.inputValue();
      await box.fill(typed);
      await box.press('Enter');
      const what = `${name}: ${typed}`;
      await eventually(async () => assert.equal(await box.getAttribute('aria-invalid'), 'true', what));
      const id = await box.getAttribute('aria-describedby');
      assert.match((await page.locator(`[id="${id}"]`).textContent()) ?? '', reason, what);
      assert.equal(await sharedLink(page), before, what);
      // Escape takes it back.
      await box.press('Escape');
      assert.equal(await box.inputValue(), good, what);
      assert.equal(await box.getAttribute('aria-invalid'), null, what);
    }
    await stillTrains(page);
  },
);

/**
 * Presses where an element is: the button goes down, and up a while later in the same place, whatever has moved.
 * @param {Page} page
 * @param {import('playwright-core').Locator} element
 */
async function press(page, element) {
  await element.scrollIntoViewIfNeeded();
  const { x = NaN, y = NaN, width = NaN, height = NaN } = (await element.boundingBox()) ?? {};
  // Near its lower edge: when it moves up, it is there no more.
  await page.mouse.move(x + width / 2, y + height - 3);
  await page.mouse.down();
  await page.waitForTimeout(100);
  await page.mouse.up();
}

browserTest('a click right after a field is put right, or is wrong, is not lost', {}, async ({ page }) => {
  const units = field(page, 'Layer 1, units');
  const complaint = page.getByText(/between 1 and 4,096/).first();
  await fill(page, 'Layer 1, units', 0);
  await complaint.waitFor();
  await units.fill('6');
  await press(page, button(page, 'Add a layer'));
  await page.getByText('2 → 6', { exact: true }).first().waitFor();
  await page.getByText('6 → 8', { exact: true }).first().waitFor();
  await complaint.waitFor({ state: 'hidden' });

  // A message that comes moves what is below it, too.
  await units.fill('0');
  await press(page, button(page, 'Add a layer'));
  await complaint.waitFor();
  await field(page, 'Layer 4, units').waitFor();
  await units.press('Escape');

  await button(page, 'Compare').click();
  const values = page.getByRole('textbox', { name: 'Values' });
  await values.fill('0.1, many');
  await values.press('Enter');
  await page.getByText('“many” is not a number.').waitFor();
  await values.fill('0.0001, 0.001');
  await press(page, button(page, 'Run them'));
  await page.getByText('lr 0.0001').first().waitFor();

  // And a cell of the table.
  await typeCell(page, 2, 2, 'four');
  await page.getByRole('alert').filter({ hasText: '“four” is not a number.' }).waitFor();
  await cell(page, 2, 2).click();
  await page.keyboard.type('4');
  const standardize = page.getByRole('checkbox', { name: 'Standardise the inputs' });
  await press(page, standardize);
  await eventually(async () => assert.equal(await standardize.isChecked(), true));
  assert.equal((await tableNumbers(page, 3))[1]?.[1], 4);
});

browserTest(
  'layers that are too many parameters together are refused with the bound',
  {},
  async ({ page }) => {
    await addLayer(page);
    await fill(page, 'Layer 1, units', 4096);
    await fill(page, 'Layer 2, units', 4096);
    // 4096 · 4097 weights and biases alone are more than the ten million that are possible.
    await page
      .getByText(/at most 10,000,000 are possible/)
      .first()
      .waitFor();
    await field(page, 'Layer 2, units').press('Escape');
    await fill(page, 'Layer 1, units', 8);
    await run(page, 50);
  },
);

browserTest('a column with one value says so and trains', {}, async ({ page }) => {
  for (const row of [1, 2, 3, 4]) await typeCell(page, row, 1, '5');
  const header = page.getByRole('columnheader').getByRole('button', { name: 'x1' });
  assert.match((await header.getAttribute('title')) ?? '', /x1 has the same value in every row/);
  await header.click();
  await page
    .getByRole('dialog')
    .getByText(/x1 has the same value in every row/)
    .waitFor();
  await page.keyboard.press('Escape');
  await run(page, 50);
  assert.ok((await savedLosses(page)).losses.every(Number.isFinite));

  // Targets that are all the same are learned, too.
  for (const row of [1, 2, 3, 4]) await typeCell(page, row, 3, '5');
  await atEpoch(page, 0, 50);
  await run(page, 50);
  assert.ok((await savedLosses(page)).losses.every(Number.isFinite));
});

browserTest('an empty table says so, cannot run, and is undone', {}, async ({ page }) => {
  await cell(page, 1, 1).click();
  await page.keyboard.press('ControlOrMeta+A');
  await button(page, 'Remove the row').click();
  await page.getByText('The table has no rows. Add one, or paste some.').waitFor();
  await eventually(async () => assert.equal(await button(page, 'Run').isDisabled(), true));
  await transport(page)
    .getByText(/^Cannot run: Table: There are no rows/)
    .waitFor();
  await page.getByRole('button', { name: /^Undo/ }).click();
  await eventually(async () => assert.deepEqual(await tableNumbers(page, 3), ROWS));
  await stillTrains(page);
});

browserTest('targets that are no classes are named where they are', {}, async ({ page }) => {
  await openExample(page, 'Three groups of points');
  await typeCell(page, 2, 3, '1.5');
  await page
    .getByText(/Row 2, \w+: 1\.5 is not a class/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: /^Undo/ }).click();
  await eventually(async () => assert.equal(await button(page, 'Run').isEnabled(), true));
});

browserTest('a loss that stops being finite stops the run and explains itself', {}, async ({ page }) => {
  await openExample(page, 'y = 3x, learning rate 1');
  await fill(page, 'Learning rate', 10);
  await fill(page, 'Epochs', 1000);
  await button(page, 'Run').click();
  // Plain gradient descent on the mean of (wx + b - 3x)²; float32 ends where the sum of squares passes 3.4e38.
  let [weight, bias, step] = [0, 0, 0];
  for (;;) {
    step += 1;
    const errors = [1, 2, 3, 4].map((x) => ({ x, error: weight * x + bias - 3 * x }));
    const sum = errors.reduce((total, { error }) => total + error * error, 0);
    if (sum > 3.4028235e38) break;
    weight -= (10 * 2 * errors.reduce((total, { x, error }) => total + error * x, 0)) / 4;
    bias -= (10 * 2 * errors.reduce((total, { error }) => total + error, 0)) / 4;
  }
  await page.getByRole('heading', { name: `The loss stopped being finite at step ${step}` }).waitFor();
  await page.getByText(/Usually the learning rate is too large/).waitFor();
  await button(page, 'Run').waitFor();
  const { losses } = await savedLosses(page);
  assert.equal(losses.length, step);
  assert.equal(losses[0], 67.5);
  assert.deepEqual(losses.map(Number.isFinite), [...Array(step - 1).fill(true), false]);

  // The way out is one click, and then it trains.
  await button(page, 'Try lr 0.1').click();
  await eventually(async () => assert.equal(await field(page, 'Learning rate').inputValue(), '0.1'));
  const { epochs } = pytorch(5).experiment;
  await fill(page, 'Epochs', epochs);
  await atEpoch(page, 0, epochs);
  await run(page, epochs);
  assertClose((await savedLosses(page)).losses, pytorch(5).loss_history);
});

browserTest('after any rate one is advised that trains', {}, async ({ page }) => {
  await openExample(page, 'y = 3x, learning rate 1');
  for (const [rate, advised] of [
    ['1e30', '0.1'],
    ['1', '0.1'],
  ]) {
    await fill(page, 'Learning rate', String(rate));
    await fill(page, 'Epochs', 1000);
    await button(page, 'Run').click();
    await page.getByText(`It is ${rate} now`).waitFor();
    await button(page, `Try lr ${advised}`).click();
    await run(page, 1000);
  }
  // The rate is not to blame where it is the usual one.
  await fill(page, 'Learning rate', 0.001);
  await typeCell(page, 1, 1, '1e6');
  await button(page, 'Run').click();
  await page.getByText(/The learning rate of 0\.001 is not large.*Standardise the inputs/).waitFor();
  await button(page, 'Try lr 0.0001').waitFor();
});

browserTest('a file that is no experiment is refused, and the page stays', {}, async ({ page }) => {
  const before = await sharedLink(page);
  for (const [text, reason] of /** @type {const} */ ([
    ['not json', /This is not JSON/],
    ['{"version":1}', /missing/],
    [
      '{"version":1,"data":{"kind":"table","inputs":["x"],"targets":["y"],"rows":[[1,"a"]]},"model":[]}',
      /must be a number/,
    ],
  ])) {
    await page.getByRole('button', { name: /^Experiment: / }).click();
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open a file…' }).click();
    const file = { name: 'lesson.json', mimeType: 'application/json', buffer: Buffer.from(text) };
    await (await chooser).setFiles(file);
    const notice = page.getByRole('alert').filter({ hasText: 'lesson.json cannot be opened.' });
    await notice.waitFor();
    assert.match((await notice.textContent()) ?? '', reason);
    await notice.getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(await sharedLink(page), before);
  }
});
