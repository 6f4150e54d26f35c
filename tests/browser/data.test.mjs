// Where the rows come from: generated and bundled sets, text of any kind, and back to a table of one's own.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { browserTest, eventually, nextDownload } from './harness.mjs';
import { decode, train } from './native.mjs';
import {
  busyPerFrame,
  button,
  cell,
  choose,
  experiment,
  field,
  fill,
  grid,
  openExample,
  paste,
  run,
  savedLosses,
  sharedLink,
  tableNumbers,
  tableTexts,
  typeCell,
} from './user.mjs';

/** @import { Page } from 'playwright-core' */

/** @param {Page} page @param {string} name */
const show = (page, name) =>
  page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name }).click();

/** @param {Page} page @param {string} text */
const says = (page, text) => page.getByText(text, { exact: true }).first().waitFor();

/** What the page's link holds. @param {Page} page */
const documentOf = async (page) => decode(new URL(await sharedLink(page)).hash);

const names = /** @param {Page} page */ async (page) =>
  (await grid(page).getByRole('columnheader').getByRole('button').allTextContents()).map((text) =>
    text.replace('target', ''),
  );

browserTest('generated points are shown as they are trained with', {}, async ({ page }) => {
  await choose(page, 'Data set', 'Moons');
  await says(page, '200 rows');
  await fill(page, 'Points', 7);
  await fill(page, 'Noise', 0.2);
  await fill(page, 'Draw', 5);
  await show(page, 'Table');
  await eventually(async () => assert.equal((await tableTexts(page)).length, 7));
  // Class by class in turn, from the ends of two half circles that are 2/3 wide.
  const classes = (await tableNumbers(page, 3)).map(([, , y]) => y);
  assert.deepEqual(classes, [0, 1, 0, 1, 0, 1, 0]);
  const document = await documentOf(page);
  assert.deepEqual(document.data, { kind: 'generated', name: 'moons', points: 7, noise: 0.2, seed: 5 });
  // The loss follows, so that it can be trained at once.
  assert.deepEqual(document.loss, { type: 'bce_with_logits' });
  await run(page, 50);
  assert.deepEqual((await savedLosses(page)).losses, train(document).loss_history);
});

browserTest('rows of a set are not edited until they are turned into a table', {}, async ({ page }) => {
  await choose(page, 'Data set', 'Bumps');
  await fill(page, 'Points', 20);
  await show(page, 'Table');
  await cell(page, 1, 1).dblclick();
  const locked = page.getByRole('alert').filter({ hasText: 'turn them into a table' });
  await locked.waitFor();
  await run(page, 50);
  const made = (await savedLosses(page)).losses;
  const before = await tableTexts(page);
  await button(page, 'Turn into a table').click();
  await says(page, '20 rows · 2 → 1');
  await locked.waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('combobox', { name: 'Data set' }).inputValue(), 'table');
  // The same float32s: the same curve.
  await run(page, 50);
  assert.deepEqual((await savedLosses(page)).losses, made);
  const inputs = (/** @type {string[][]} */ rows) => rows.map((row) => row.slice(0, 3));
  assert.deepEqual(inputs(await tableTexts(page)), inputs(before));
  await cell(page, 1, 1).click();
  await page.keyboard.type('5');
  await page.keyboard.press('Enter');
  await eventually(async () => assert.equal((await tableNumbers(page, 3))[0]?.[0], 5));
  await page.getByRole('button', { name: /^Undo/ }).click();
  await page.getByRole('button', { name: /^Undo/ }).click();
  await says(page, '20 rows');
  assert.equal(await page.getByRole('combobox', { name: 'Data set' }).inputValue(), 'gaussian_bumps');
});

browserTest('points, noise and draw change with sliders and a button too', {}, async ({ page }) => {
  await choose(page, 'Data set', 'Circle');
  await page.getByRole('slider', { name: 'Points' }).fill('350');
  await says(page, '350 rows');
  await page.getByRole('slider', { name: 'Noise' }).fill('0.3');
  await eventually(async () => assert.equal(await field(page, 'Noise').inputValue(), '0.3'));
  await button(page, 'Draw anew').click();
  await eventually(async () => assert.equal(await field(page, 'Draw').inputValue(), '1'));
  await fill(page, 'Points', 1);
  await says(page, 'Between 2 and 100,000.');
  await fill(page, 'Validation', 10);
  await says(page, '315 rows to train, 35 to validate');
});

browserTest('iris comes along, in centimetres and three classes', {}, async ({ page }) => {
  await choose(page, 'Data set', 'Iris');
  await says(page, '150 rows');
  await page.getByRole('button', { name: 'Experiment: Iris' }).waitFor();
  await eventually(async () =>
    assert.deepEqual((await tableTexts(page))[0]?.slice(0, 5), ['5.1', '3.5', '1.4', '0.2', 'setosa']),
  );
  assert.deepEqual(await names(page), [
    'sepal length',
    'sepal width',
    'petal length',
    'petal width',
    'species',
  ]);
  const document = await documentOf(page);
  assert.deepEqual(document.data, { kind: 'bundled', name: 'iris' });
  assert.equal(document.model.at(-1).out, 3);
  await run(page, 50);
  assert.deepEqual((await savedLosses(page)).losses, train(document).loss_history);
});

browserTest(
  'a bundled set that cannot be fetched can be asked for again',
  { open: false },
  async (opened) => {
    const { page, server, errors } = opened;
    let fails = true;
    await page.route('**/iris-*.bin', (route) => (fails ? route.abort() : route.continue()));
    await page.goto(server.url);
    await choose(page, 'Data set', 'Iris');
    // The page and the worker fetch it, each for itself.
    await page.getByRole('alert').filter({ hasText: 'The data set could not be loaded' }).waitFor();
    await button(page, 'Try again').waitFor();
    fails = false;
    await button(page, 'Try again').click();
    await eventually(async () => assert.equal((await tableTexts(page)).length > 5, true));
    await run(page, 50);
    assert.ok(
      errors.every((error) => error.includes('ERR_FAILED')),
      errors.join(),
    );
    errors.length = 0;
  },
);

browserTest(
  'standardised inputs train as the native program does, and predict in their units',
  {},
  async ({ page }) => {
    await cell(page, 1, 1).click();
    await paste(
      page,
      'size\trooms\tprice\n50\t1\t100\n80\t3\t190\n120\t2\t260\n65\t5\t150\n95\t1\t180\n150\t4\t320\n',
    );
    await says(page, '6 rows · 2 → 1');
    await fill(page, 'Learning rate', 0.01);
    await page.getByRole('checkbox', { name: 'Standardise the inputs' }).check();
    const document = await documentOf(page);
    assert.equal(document.standardize, true);
    await run(page, 50);
    const native = train({ ...document, predict: [[100, 2]] });
    assert.deepEqual((await savedLosses(page)).losses, native.loss_history);
    await page.getByRole('tab', { name: 'Predict' }).click();
    await button(page, 'Add a row to predict').click();
    // It begins with the data's first row.
    await eventually(async () => assert.equal(await field(page, 'Row 1, size').inputValue(), '50'));
    await field(page, 'Row 1, size').fill('100');
    await field(page, 'Row 1, rooms').fill('2');
    await page.keyboard.press('Enter');
    const [[wanted]] = /** @type {number[][]} */ (native.predictions);
    await says(page, String(Number(Number(wanted).toFixed(4))));
    // Two cells, their row, and the check mark.
    for (let edit = 0; edit < 4; edit += 1) await page.getByRole('button', { name: /^Undo/ }).click();
    await eventually(async () =>
      assert.equal(await page.getByRole('checkbox', { name: 'Standardise the inputs' }).isChecked(), false),
    );
  },
);

const KINDS = 'size;colour;kind\n1,5;red;dog\n2,25;blue;cat\n3;red;dog\n4;green;emu\n';

browserTest('words become classes and flags, as the popup says beforehand', {}, async ({ page }) => {
  await button(page, 'Import…').click();
  await field(page, 'Cells or CSV text').fill(KINDS);
  const dialog = page.getByRole('dialog', { name: 'Import…' });
  await dialog.getByText('kind becomes classes: 0 = cat, 1 = dog, 2 = emu.').waitFor();
  await dialog.getByText(/^colour becomes 0 or 1: colour=blue, colour=green, colour=red/).waitFor();
  await dialog.getByText(/^4 rows · size, colour=blue/).waitFor();
  const heads = dialog.getByRole('columnheader');
  assert.deepEqual(await heads.allTextContents(), [
    'size',
    'colour=blue',
    'colour=green',
    'colour=red',
    'kind',
  ]);
  // Of many columns it is said how many are not shown.
  await field(page, 'Cells or CSV text').fill('a,b,c,d,e,f,y\n1,2,3,4,5,6,7\n');
  await eventually(async () =>
    assert.deepEqual(await heads.allTextContents(), ['a', 'b', 'c', '3 more', 'y']),
  );
  await field(page, 'Cells or CSV text').fill(KINDS);
  await button(page, 'Use this text').click();
  await eventually(async () =>
    assert.deepEqual(await firstCells(page, 5), [
      ['1.5', '0', '0', '1', 'dog'],
      ['2.25', '1', '0', '0', 'cat'],
      ['3', '0', '0', '1', 'dog'],
      ['4', '0', '1', '0', 'emu'],
    ]),
  );
  // Three classes: cross-entropy and three outputs.
  const { data, loss, model } = await documentOf(page);
  assert.deepEqual([loss.type, model.at(-1).out], ['cross_entropy', 3]);
  assert.deepEqual(
    data.rows.map((/** @type {number[]} */ row) => row[4]),
    [1, 0, 1, 2],
  );
  assert.deepEqual(data.classes, ['cat', 'dog', 'emu']);
  await run(page, 50);
});

/** @param {Page} page @param {number} columns */
const firstCells = async (page, columns) => (await tableTexts(page)).map((texts) => texts.slice(0, columns));

const ANIMALS = 'length,weight,kind\n1,5,dog\n2,25,cat\n3,4,dog\n4,8,emu\n';

/** @param {Page} page @param {string} text */
async function importText(page, text) {
  await button(page, 'Import…').click();
  await field(page, 'Cells or CSV text').fill(text);
  await button(page, 'Use this text').click();
  await button(page, 'Use this text').waitFor({ state: 'detached' });
}

/** @param {Page} page */
async function exported(page) {
  await button(page, 'Export').click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: /^Comma/ }).click();
  return readFile(await (await download).path(), 'utf8');
}

browserTest(
  'classes go by their words wherever they are shown, typed, saved and shared',
  {},
  async ({ page }) => {
    await importText(page, ANIMALS);
    await eventually(async () => assert.deepEqual((await firstCells(page, 3))[0], ['1', '5', 'dog']));
    // Typed as a word, and as a number; a word that is no class is a mistake.
    await cell(page, 1, 3).click();
    await page.keyboard.type('emu');
    await page.keyboard.press('Enter');
    await page.keyboard.type('1');
    await page.keyboard.press('Enter');
    await eventually(async () =>
      assert.deepEqual(
        (await firstCells(page, 3)).map((cells) => cells[2]),
        ['emu', 'dog', 'dog', 'emu'],
      ),
    );
    await cell(page, 4, 3).click();
    await page.keyboard.type('elk');
    await page.keyboard.press('Enter');
    const alert = page.getByRole('alert').filter({ hasText: '“elk” is none of the classes cat, dog, emu.' });
    await alert.waitFor();
    assert.equal(await cell(page, 4, 3).getAttribute('aria-invalid'), 'true');
    await cell(page, 4, 3).click();
    await page.keyboard.press('Escape');
    await alert.waitFor({ state: 'detached' });
    // Copied and pasted as words.
    await cell(page, 1, 3).click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('ControlOrMeta+C');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'emu\ndog');
    await cell(page, 3, 3).click();
    await paste(page, 'cat\nemu');
    await eventually(async () => assert.equal((await firstCells(page, 3))[2]?.[2], 'cat'));
    assert.equal(await exported(page), 'length,weight,kind\n1,5,emu\n2,25,dog\n3,4,cat\n4,8,emu\n');

    // What the network says about them.
    await run(page, 50);
    await eventually(async () =>
      assert.match((await tableTexts(page))[0]?.[3] ?? '', /^(cat|dog|emu) \(0\.\d\d\)$/),
    );
    await page.getByRole('tab', { name: 'Confusion' }).click();
    await page.getByRole('rowheader', { name: 'emu', exact: true }).waitFor();
    await page.getByRole('columnheader', { name: 'cat', exact: true }).waitFor();
    await page
      .getByRole('button', { name: /^class emu, predicted (cat|dog|emu): / })
      .first()
      .waitFor();
    await page.getByRole('tab', { name: 'Fit' }).click();
    await page.locator('.legend').getByText('dog', { exact: true }).first().waitFor();
    await show(page, 'Plane');
    const brush = page.getByRole('group', { name: 'Class under the brush' });
    await eventually(async () =>
      assert.deepEqual(await brush.getByRole('button').allTextContents(), ['cat', 'dog', 'emu', '3']),
    );
    await show(page, 'Table');

    // A link has them, and undo brings the numbers back.
    const link = await sharedLink(page);
    assert.deepEqual(decode(new URL(link).hash).data.classes, ['cat', 'dog', 'emu']);
    await grid(page).getByRole('columnheader').getByRole('button', { name: /kind/ }).click();
    const names = field(page, 'Class names');
    assert.equal(await names.inputValue(), 'cat\ndog\nemu');
    await names.fill('cat\nhound\nhound');
    await names.blur();
    await page.getByText('Two classes are called “hound”.').first().waitFor();
    await names.fill('cat\nhound\nemu');
    await names.blur();
    await eventually(async () => assert.equal((await firstCells(page, 3))[1]?.[2], 'hound'));
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Undo/ }).click();
    await eventually(async () => assert.equal((await firstCells(page, 3))[1]?.[2], 'dog'));
  },
);

browserTest(
  'two classes with names: the probability is that of the one that is named',
  {},
  async ({ page }) => {
    await importText(page, 'x,answer\n-1,no\n1,yes\n-2,no\n2,yes\n');
    await run(page, 50);
    // Whatever has been learned: the more probable class, so never below a half.
    await eventually(async () =>
      assert.ok(
        (await tableTexts(page)).every((cells) => /^(no|yes) \((0\.[5-9]\d|1\.00)\)$/.test(cells[2] ?? '')),
      ),
    );
    const document = await documentOf(page);
    assert.deepEqual(document.loss, { type: 'bce_with_logits' });
  },
);

browserTest('numbers in the place of classes take the loss and the outputs along', {}, async ({ page }) => {
  await importText(page, ANIMALS);
  await run(page, 50);
  await importText(page, '1,2,3.5\n3,4,7.25\n5,6,11\n7,8,15\n');
  await eventually(async () => assert.deepEqual((await firstCells(page, 3))[1], ['3', '4', '7.25']));
  // Names of the animals' columns would be wrong.
  assert.deepEqual(await names(page), ['x1', 'x2', 'y']);
  await page.getByText('4 rows pasted · The loss becomes: Mean squared error (MSE).').first().waitFor();
  const document = await documentOf(page);
  // The default, which a link leaves out.
  assert.deepEqual([document.loss, document.model.at(-1).out], [undefined, 1]);
  assert.equal(document.data.classes?.length ?? 0, 0);
  await run(page, 50);
  assert.deepEqual((await savedLosses(page)).losses, train(document).loss_history);
});

browserTest(
  'a set with a cell that is no number fits the network once it is put right',
  {},
  async ({ page }) => {
    await importText(page, ANIMALS);
    // Over every cell there is: a new set, pasted.
    await cell(page, 1, 1).click();
    await paste(page, '1\t2\t3.5\n3\tmany\t7.25\n5\t6\t11\n7\t8\t15\n');
    await page.getByRole('alert').filter({ hasText: 'Row 2, x2: “many” is not a number.' }).waitFor();
    await typeCell(page, 2, 2, '4');
    await eventually(async () => {
      const { loss, model } = await documentOf(page);
      assert.deepEqual([loss, model.at(-1).out], [undefined, 1]);
    });
    await run(page, 50);
  },
);

browserTest('an own table comes back as it was left for another set', {}, async ({ page }) => {
  const titled = (/** @type {string} */ title) => button(page, `Experiment: ${title}`).waitFor();
  await importText(page, ANIMALS);
  await typeCell(page, 1, 1, '10');
  await typeCell(page, 2, 1, 'long');
  const before = await documentOf(page);
  await choose(page, 'Data set', 'Circle');
  await says(page, '200 rows');
  await titled('Circle');
  await choose(page, 'Data set', 'Own table');
  await says(page, '4 rows · 2 → 1');
  await titled('Untitled experiment');
  // What waited to be put right waits again; the loss and the last layer are the table's.
  await page.getByRole('alert').filter({ hasText: 'Row 2, length: “long” is not a number.' }).waitFor();
  assert.deepEqual(await documentOf(page), before);
  // It is one edit, with the cells that wait.
  await page.getByRole('button', { name: /^Undo/ }).click();
  await says(page, '200 rows');
  await page.getByRole('button', { name: /^Redo/ }).click();
  await page.getByRole('alert').filter({ hasText: 'Row 2, length: “long” is not a number.' }).waitFor();
  await typeCell(page, 2, 1, '20');
  await eventually(async () =>
    assert.deepEqual(await firstCells(page, 3), [
      ['10', '5', 'dog'],
      ['20', '25', 'cat'],
      ['3', '4', 'dog'],
      ['4', '8', 'emu'],
    ]),
  );
  await run(page, 50);

  // Another experiment has none of it: where there was no table, the rows that are there become one.
  await openExample(page, 'Spiral');
  const [, rows] = (await page.locator('#panel-data').textContent())?.match(/(\d+) rows/) ?? [];
  await choose(page, 'Data set', 'Own table');
  await says(page, `${rows} rows · 2 → 1`);
});

browserTest('rows with empty cells are shown one after the other, or left out', {}, async ({ page }) => {
  // An empty colour is missing in the column of each.
  await importText(page, 'size,colour,price\n1,red,5\n2,,6\n3,blue,\n4,green,8\n5,red,9\n,blue,1\n');
  const message = page.getByRole('alert').filter({ hasText: 'Row 2, colour=blue: there is no number.' });
  await message.filter({ hasText: 'And 2 more rows.' }).waitFor();
  const next = async (/** @type {number} */ row, /** @type {number} */ column) => {
    await button(page, 'Next error').click();
    await eventually(async () =>
      assert.equal(await cell(page, row, column).evaluate((it) => it.matches(':focus')), true),
    );
  };
  for (const [row, column] of [
    [2, 2],
    [2, 3],
    [2, 4],
    [3, 5],
    [6, 1],
    [2, 2],
  ])
    // prettier-ignore
    await next(row ?? 0, column ?? 0);
  await button(page, 'Leave out 3 rows').click();
  await message.waitFor({ state: 'detached' });
  const rest = [[1, 0, 0, 1, 5], [4, 0, 1, 0, 8], [5, 0, 0, 1, 9]]; // prettier-ignore
  await eventually(async () => assert.deepEqual(await tableNumbers(page, 5), rest));
  await says(page, '3 rows · 4 → 1');
  await run(page, 50);
  await page.getByRole('button', { name: /^Undo/ }).click();
  await message.waitFor();
  assert.equal((await tableTexts(page)).length, 6);
  // Where no row would be left, none is left out.
  await importText(page, 'a,b\n1,\n,2\n');
  await button(page, 'Next error').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Leave out/ }).count(), 0);
});

browserTest('of notices about the same thing there is one, the last', {}, async ({ page }) => {
  const notices = page.locator('#notices .notice');
  await importText(page, ANIMALS);
  await notices.filter({ hasText: 'The loss becomes: Cross-entropy.' }).waitFor();
  await importText(page, '1,2,3.5\n3,4,7.25\n');
  await notices.filter({ hasText: 'The loss becomes: Mean squared error (MSE).' }).waitFor();
  await importText(page, ANIMALS);
  await notices.filter({ hasText: 'Cross-entropy' }).waitFor();
  const texts = await notices.allTextContents();
  assert.equal(texts.filter((text) => text.includes('rows pasted')).length, 1, texts.join('\n'));
  // Neither is it spoken once more.
  await page.waitForTimeout(600);
  assert.doesNotMatch((await page.locator('#live').textContent()) ?? '', /pasted/);
  // After an import with nothing to say none is left of the one before, and none where there are other data.
  await importText(page, ANIMALS);
  await notices.filter({ hasText: 'kind becomes classes' }).waitFor();
  await importText(page, '1,2,0\n3,4,1\n5,6,2\n7,8,1\n');
  await notices.filter({ hasText: 'kind becomes classes' }).waitFor({ state: 'detached' });
  await importText(page, ANIMALS);
  await notices.filter({ hasText: 'kind becomes classes' }).waitFor();
  await openExample(page, 'XOR');
  await notices.filter({ hasText: 'kind becomes classes' }).waitFor({ state: 'detached' });
});

browserTest('how a text is read can be said', {}, async ({ page }) => {
  await button(page, 'Import…').click();
  await field(page, 'Cells or CSV text').fill('1,500\t2\n2,750\t4\n');
  const dialog = page.getByRole('dialog', { name: 'Import…' });
  // A comma that could stand before thousands is not guessed at.
  await dialog
    .getByText('2 rows have cells without a number; they can be put right or left out in the table.')
    .waitFor();
  await choose(page, 'Decimals', '1,5');
  await dialog.getByText('2 rows · x1 → y', { exact: true }).waitFor();
  await choose(page, 'Target', 'x1');
  await dialog.getByText('2 rows · y → x1', { exact: true }).waitFor();
  await choose(page, 'First line', 'names');
  await dialog.getByText('1 row · 1.500 → 2', { exact: true }).waitFor();
  await choose(page, 'First line', 'values');
  await choose(page, 'Cells end with', 'semicolon');
  await dialog.getByText('One column is not enough: there must be an input and a target.').waitFor();
  await choose(page, 'Cells end with', 'tab');
  await button(page, 'Use this text').click();
  await eventually(async () =>
    assert.deepEqual(await tableNumbers(page, 2), [
      [1.5, 2],
      [2.75, 4],
    ]),
  );
});

browserTest(
  'a messy text says where it is wrong, and nothing is taken until it is right',
  {},
  async ({ page }) => {
    await button(page, 'Import…').click();
    const dialog = page.getByRole('dialog', { name: 'Import…' });
    const says = async (/** @type {string} */ text, /** @type {string} */ answer) => {
      await field(page, 'Cells or CSV text').fill(text);
      await dialog.getByText(answer).first().waitFor();
    };
    const refused = async (/** @type {string} */ text, /** @type {string} */ answer) => {
      await says(text, answer);
      await button(page, 'Use this text').click();
      await eventually(async () =>
        assert.equal(await field(page, 'Cells or CSV text').getAttribute('aria-invalid'), 'true'),
      );
      // Once, and not in the panel behind it.
      assert.equal(await page.getByText(answer).count(), 1);
      assert.deepEqual((await tableNumbers(page, 3))[0], [1, 2, 3]);
    };
    await refused('a,b,y\n1,2,3\n\n4,5,6,7\n', 'Line 4 has 4 cells, but the first line has 3.');
    await refused('a,b\n1,2\n"3,4\n5,6\n', 'A quotation mark that opens in line 3 is never closed.');
    await refused('PK\u0003\u0004rest', 'This is a workbook of a spreadsheet program.');
    await refused('size,price\n', 'There are only names of columns here, and no rows below them.');
    // Unless it is said that they are values.
    await choose(page, 'First line', 'values');
    await dialog.getByText('1 row · x1=size → y').waitFor();
    await choose(page, 'First line', 'as it seems: values');
    await says('a,a,,y\n1,2,3,4\n', 'there twice are replaced: a → a_2, (none) → x3.');
    await says(
      'a,b,y\n1,2,3\n4,inf,NaN\n',
      '1 row has a cell without a number; it can be put right or left out in the table. Row 2, b: “inf” is not finite',
    );
    await says('a;b;y\n1;2;3\n4,5,6\n', 'Row 2, a: “4,5,6” is not a number.');
    await says('\uFEFFa,b\r\n1,2\r\n3\r\n', 'Row 2, b: there is no number.');
    await button(page, 'Use this text').click();
    const alert = page.getByRole('alert').filter({ hasText: 'Row 2, b: there is no number.' });
    await alert.waitFor();
    await typeCell(page, 2, 2, '4');
    await alert.waitFor({ state: 'detached' });
    assert.deepEqual(await tableNumbers(page, 2), [[1, 2], [3, 4]]); // prettier-ignore
    await run(page, 50);
  },
);

browserTest('a file is dropped on the panel, and read before it replaces the table', {}, async ({ page }) => {
  const transfer = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'animals.csv', { type: 'text/csv' }));
    return data;
  }, KINDS);
  await page.dispatchEvent('#panel-data', 'dragover', { dataTransfer: transfer });
  await page.dispatchEvent('#panel-data', 'drop', { dataTransfer: transfer });
  const dialog = page.getByRole('dialog', { name: 'Import…' });
  await dialog.getByText('animals.csv', { exact: true }).waitFor();
  await button(page, 'Use this text').click();
  await says(page, '4 rows · 4 → 1');
  // What was an example's title is the file's now, until that is undone.
  const titled = (/** @type {string} */ title) => button(page, `Experiment: ${title}`).waitFor();
  await titled('animals');
  await page.getByRole('button', { name: /^Undo/ }).click();
  await titled('Sum of two numbers');
  await page.getByRole('button', { name: /^Redo/ }).click();
  await titled('animals');
  await page
    .locator('#notices')
    .getByText(/^4 rows from animals\.csv · colour becomes/)
    .waitFor();

  // And a chosen one.
  await button(page, 'Import…').click();
  const chooser = page.waitForEvent('filechooser');
  await button(page, 'Choose a file…').click();
  const file = { name: 'sum.tsv', mimeType: 'text/plain', buffer: Buffer.from('a\tb\ty\n1\t2\t3\n') };
  await (await chooser).setFiles(file);
  await dialog.getByText('sum.tsv', { exact: true }).waitFor();
  await button(page, 'Use this text').click();
  await says(page, '1 row · 2 → 1');
  await titled('sum');

  // Text has no name; with a cell that is wrong the title waits, too.
  await importText(page, 'a,b,y\n1,2,3\n4,many,9\n');
  await page.getByRole('alert').filter({ hasText: '“many” is not a number.' }).waitFor();
  await titled('sum');
  await typeCell(page, 2, 2, '5');
  await titled('Untitled experiment');

  // What somebody wrote stays.
  await button(page, 'Share').click();
  await fill(page, 'Title', 'Mine');
  await page.keyboard.press('Escape');
  await importText(page, 'a,b,y\n1,2,3\n');
  await says(page, '1 row · 2 → 1');
  await titled('Mine');
});

browserTest('pasted cells with decimal commas are numbers', {}, async ({ page }) => {
  await cell(page, 1, 1).click();
  await paste(page, '1,5\t-2,25\r\n0,125\t4\r\n');
  await eventually(async () =>
    assert.deepEqual((await tableNumbers(page, 3)).slice(0, 2), [
      [1.5, -2.25, 3],
      [0.125, 4, 7],
    ]),
  );
});

browserTest('a column of decimal commas from a spreadsheet is one column', {}, async ({ page }) => {
  await cell(page, 1, 1).click();
  await page.evaluate(async () => {
    const html = '<table><tr><td>1,5</td></tr><tr><td>2,25</td></tr></table>';
    const blob = (/** @type {string} */ type, /** @type {string} */ text) => new Blob([text], { type });
    const copied = {
      'text/html': blob('text/html', html),
      'text/plain': blob('text/plain', '1,5\r\n2,25\r\n'),
    };
    await navigator.clipboard.write([new ClipboardItem(copied)]);
  });
  await page.keyboard.press('ControlOrMeta+V');
  const column = async (/** @type {number} */ at) => (await tableNumbers(page, 3)).map((row) => row[at]);
  await eventually(async () => assert.deepEqual(await column(0), [1.5, 2.25, 5, 7]));
  // In the last column there is no room for two.
  await cell(page, 3, 3).click();
  await paste(page, '0,5\n');
  await eventually(async () => assert.deepEqual(await column(2), [3, 7, 0.5, 15]));
  // Either may be meant: the cell says so.
  await typeCell(page, 1, 2, '1,500');
  await page.getByRole('alert').filter({ hasText: '“1,500” can be read in two ways' }).waitFor();
});

browserTest('whole rows are deleted by key, cells are emptied and cut', {}, async ({ page }) => {
  await grid(page).getByRole('rowheader', { name: '2' }).click();
  await page.keyboard.press('Delete');
  await eventually(async () =>
    assert.deepEqual(await tableNumbers(page, 3), [
      [1, 2, 3],
      [5, 6, 11],
      [7, 8, 15],
    ]),
  );
  await cell(page, 1, 1).click();
  await cell(page, 2, 2).click({ modifiers: ['Shift'] });
  await page.keyboard.press('ControlOrMeta+X');
  await page.getByRole('alert').filter({ hasText: 'there is no number' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '1\t2\n5\t6');
  await paste(page, '10\t20\n50\t60');
  await eventually(async () =>
    assert.deepEqual(await tableNumbers(page, 3), [
      [10, 20, 3],
      [50, 60, 11],
      [7, 8, 15],
    ]),
  );
});

browserTest('the table is saved with tabs too, a generated one as well', {}, async ({ page }) => {
  await choose(page, 'Data set', 'Sine');
  await fill(page, 'Points', 2);
  const download = nextDownload(page);
  await button(page, 'Export').click();
  await page.getByRole('menuitem', { name: 'Tabs between cells' }).click();
  const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
  assert.equal(lines[0], 'x\ty');
  assert.equal(lines.length, 3);
  const [x = NaN, y = NaN] = (lines[1] ?? '').split('\t').map(Number);
  assert.ok(Math.abs(Math.sin(Math.PI * x) - y) < 0.2, `${x}: ${y}`);
  await experiment(page).waitFor();
});

browserTest('typing in a table of 10,000 rows is as smooth as in one of four', {}, async ({ page }) => {
  const usual = await typing(page);
  const lines = Array.from({ length: 10_000 }, (_, at) => `${at}\t${at % 7}\t${at + (at % 7)}`);
  await cell(page, 1, 1).click();
  await paste(page, `a\tb\tsum\n${lines.join('\n')}\n`);
  await says(page, '10,000 rows · 2 → 1');
  // Only what can be seen has elements, and an edit does not write all rows as text.
  assert.ok((await grid(page).getByRole('row').count()) < 60);
  await page.evaluate(() => {
    const { stringify } = JSON;
    JSON.stringify = (/** @type {[any]} */ ...values) => {
      const text = stringify(...values);
      const { longest } = document.body.dataset;
      if (window.event?.type === 'keydown')
        document.body.dataset.longest = String(Math.max(Number(longest ?? 0), text.length));
      return text;
    };
  });
  await typeCell(page, 2, 1, '0.5');
  await eventually(async () => assert.equal(await cell(page, 2, 1).textContent(), '0.5'));
  const longest = Number(await page.evaluate(() => document.body.dataset.longest));
  assert.ok(longest > 0 && longest < 10_000, `${longest} characters`);
  const busy = await typing(page);
  await cell(page, 2, 1).click();
  await page.keyboard.press('ControlOrMeta+ArrowDown');
  await eventually(async () => assert.match((await grid(page).textContent()) ?? '', /10000/));
  assert.ok(
    busy < 2 * usual,
    `a frame took ${busy.toFixed(1)} ms, and ${usual.toFixed(1)} ms with four rows`,
  );
});

/** What a frame costs while somebody types and the network trains. @param {Page} page */
async function typing(page) {
  await fill(page, 'Epochs', 100_000_000);
  await button(page, 'Run').click();
  await atEpochAbove(page, 1);
  const busy = await busyPerFrame(page, async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      await cell(page, 2 + (turn % 3), 1).click();
      await page.keyboard.type('12345', { delay: 40 });
      await page.keyboard.press('Escape');
    }
  });
  await button(page, 'Pause').click();
  return busy;
}

/** @param {Page} page @param {number} epoch */
const atEpochAbove = (page, epoch) =>
  eventually(async () => {
    const text = await page.locator('[data-figure="epoch"]').textContent();
    assert.ok(Number((text ?? '').split('/')[0]?.replaceAll(',', '')) > epoch, String(text));
  });
