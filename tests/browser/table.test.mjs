// The table of data: typing, pasting, rows, columns, and taking edits back.

import assert from 'node:assert/strict';
import { browserTest, eventually, nextDownload } from './harness.mjs';
import { train } from './native.mjs';
import { openDocument } from './results.mjs';
import {
  button,
  cell,
  choose,
  field,
  fill,
  grid,
  openExample,
  paste,
  run,
  savedLosses,
  tableNumbers,
  tableTexts,
  typeCell,
} from './user.mjs';

/** @import { Page } from 'playwright-core' */

const ROWS = [
  [1, 2, 3],
  [3, 4, 7],
  [5, 6, 11],
  [7, 8, 15],
];

/** @param {Page} page @param {number[][]} expected */
const holds = (page, expected) =>
  eventually(async () => assert.deepEqual(await tableNumbers(page, expected[0]?.length ?? 0), expected));

/** @param {Page} page */
async function columnNames(page) {
  const heads = await grid(page).getByRole('columnheader').getByRole('button').all();
  return Promise.all(heads.map(async (head) => (await head.getAttribute('title')) ?? ''));
}

browserTest('an edited cell is what the network trains on', {}, async ({ page }) => {
  await typeCell(page, 2, 3, '-2.5');
  await holds(page, ROWS.with(1, [3, 4, -2.5]));
  await run(page, 50);
  const { losses } = await savedLosses(page);
  const document = {
    data: { kind: 'table', inputs: ['x1', 'x2'], targets: ['y'], rows: ROWS.with(1, [3, 4, -2.5]) },
    model: [{ type: 'linear', out: 8 }, { type: 'relu' }, { type: 'linear', out: 1 }],
    optimizer: { type: 'sgd', lr: 0.001 },
    epochs: 50,
  };
  assert.deepEqual(losses, train(document).loss_history);
});

browserTest('typing, Enter, Tab and Escape work as in a spreadsheet', {}, async ({ page }) => {
  await cell(page, 1, 1).click();
  await page.keyboard.type('10');
  await page.keyboard.press('Tab');
  await page.keyboard.type('20');
  await page.keyboard.press('Enter');
  await page.keyboard.type('40');
  await page.keyboard.press('Escape');
  await holds(page, [[10, 20, 3], ...ROWS.slice(1)]);
  // F2 edits what is there; a double click does, too.
  await page.keyboard.press('F2');
  await page.keyboard.press('End');
  await page.keyboard.type('5');
  await page.keyboard.press('Enter');
  await cell(page, 1, 3).dblclick();
  await page.keyboard.type('30');
  await page.keyboard.press('Enter');
  await holds(page, [[10, 20, 30], [35, 4, 7], ...ROWS.slice(2)]);
});

browserTest('after a typed cell Tab and Enter go on from cell to cell', {}, async ({ page }) => {
  const press = async (/** @type {string[]} */ ...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const isAt = (/** @type {number} */ row, /** @type {number} */ column) =>
    eventually(async () =>
      assert.equal(await cell(page, row, column).evaluate((it) => it === document.activeElement), true),
    );
  // A cell is skipped, and the next row begins where this one did.
  await cell(page, 1, 1).click();
  await page.keyboard.type('10');
  await press('Tab', 'Tab');
  await isAt(1, 3);
  await page.keyboard.type('30');
  await press('Enter');
  await isAt(2, 1);
  await press('Tab', 'Tab', 'Enter');
  await isAt(3, 1);
  // Without a row of Tabs behind it Enter writes in the cell.
  await press('Enter');
  await page.keyboard.type('50');
  await press('Tab', 'Shift+Tab', 'Shift+Tab');
  await isAt(2, 3);
  // All of a column alike: its cells are drawn anew, and the row goes on.
  await cell(page, 1, 2).click();
  for (const value of ['5', '5', '5', '5']) {
    await page.keyboard.type(value);
    await press('Tab', 'Enter');
  }
  await holds(page, [[10, 5, 30], [3, 5, 7], [50, 5, 11], [7, 5, 15]]); // prettier-ignore
});

/** What ends it, and what it leaves chosen. @type {[string, (page: Page) => Promise<void>][]} */
const ENDINGS = [
  ['an arrow', (page) => page.keyboard.press('ArrowUp')],
  ['Escape', (page) => page.keyboard.press('Escape')],
  ['a press', (page) => cell(page, 2, 2).click()],
  ['a press elsewhere', (page) => page.getByRole('heading', { name: 'Network' }).click()],
  ['another focus', (page) => field(page, 'Validation').focus()],
];
browserTest('Tab leaves the table where no row is being typed', {}, async ({ page }) => {
  const inGrid = () => grid(page).evaluate((it) => it.contains(document.activeElement));
  await cell(page, 2, 1).click();
  await page.keyboard.press('Tab');
  assert.equal(await inGrid(), false);
  for (const [name, end] of ENDINGS) {
    await cell(page, 2, 1).click();
    await page.keyboard.type('10');
    await page.keyboard.press('Tab');
    await end(page);
    if (!(await inGrid())) await grid(page).locator('[tabindex="0"]').focus();
    await page.keyboard.press('Tab');
    assert.equal(await inGrid(), false, `not after ${name}`);
  }
  // Past the last cell there is nowhere to go.
  await cell(page, 4, 3).click();
  await page.keyboard.type('10');
  await page.keyboard.press('Tab');
  assert.equal(await inGrid(), false);
});

browserTest('numbers are read as people write them', {}, async ({ page }) => {
  const written = /** @type {const} */ ([
    ['1e-3', '0.001'],
    ['-.5', '-0.5'],
    ['+7', '7'],
    ['−3', '-3'],
    ['１２', '12'],
    ['1,5', '1.5'],
    ['-0,125', '-0.125'],
  ]);
  for (const [typed, shown] of written) {
    await cell(page, 1, 1).click();
    await page.keyboard.press('Enter');
    await page.keyboard.type(typed);
    await page.keyboard.press('Enter');
    await eventually(async () => assert.equal(await cell(page, 1, 1).textContent(), shown));
  }
});

browserTest('a pasted block goes where the cursor is and adds rows', {}, async ({ page }) => {
  await cell(page, 4, 2).click();
  await paste(page, '80\t150\n90\t170\r\n100\t190\n');
  await holds(page, [...ROWS.slice(0, 3), [7, 80, 150], [0, 90, 170], [0, 100, 190]]);
  await page.getByText('6 rows', { exact: false }).first().waitFor();
});

browserTest('what is pasted fills the chosen cells as often as it fits', {}, async ({ page }) => {
  const undo = page.getByRole('button', { name: /^Undo/ });
  const select = async (/** @type {number[]} */ [top = 1, left = 1, bottom = 1, right = 1]) => {
    await cell(page, top, left).click();
    await cell(page, bottom, right).click({ modifiers: ['Shift'] });
  };
  await select([1, 1, 3, 2]);
  await paste(page, '9');
  await holds(page, [[9, 9, 3], [9, 9, 7], [9, 9, 11], [7, 8, 15]]); // prettier-ignore
  await undo.click();
  await holds(page, ROWS);
  // A value in every cell that there is makes no other table.
  await cell(page, 1, 1).click();
  await page.keyboard.press('ControlOrMeta+A');
  await paste(page, '9\n');
  await holds(page, ROWS.map(() => [9, 9, 9])); // prettier-ignore
  await page.getByText('4 rows · 2 → 1').waitFor();
  await undo.click();
  await holds(page, ROWS);
  // A block of two rows goes twice into four.
  await select([1, 1, 4, 2]);
  await paste(page, '1\t2\n3\t4\n');
  await holds(page, [[1, 2, 3], [3, 4, 7], [1, 2, 11], [3, 4, 15]]); // prettier-ignore
  await undo.click();
  // Into three it goes once.
  await select([1, 1, 3, 2]);
  await paste(page, '10\t20\n30\t40\n');
  await holds(page, [[10, 20, 3], [30, 40, 7], ...ROWS.slice(2)]); // prettier-ignore
});

browserTest('chosen cells are filled down and to the right by key', {}, async ({ page }) => {
  await cell(page, 2, 1).click();
  await cell(page, 4, 2).click({ modifiers: ['Shift'] });
  await page.keyboard.press('ControlOrMeta+D');
  await holds(page, [ROWS[0] ?? [], [3, 4, 7], [3, 4, 11], [3, 4, 15]]);
  await page.keyboard.press('ControlOrMeta+R');
  await holds(page, [ROWS[0] ?? [], [3, 3, 7], [3, 3, 11], [3, 3, 15]]);
  await page.keyboard.press('ControlOrMeta+Z');
  await page.keyboard.press('ControlOrMeta+Z');
  await holds(page, ROWS);
  // Rows that are not the table's own stay as they are.
  await choose(page, 'Data set', 'XOR');
  await page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name: 'Table' }).click();
  await cell(page, 1, 1).click();
  await cell(page, 2, 1).click({ modifiers: ['Shift'] });
  await page.keyboard.press('ControlOrMeta+D');
  await page.getByRole('alert').filter({ hasText: 'turn them into a table' }).waitFor();
});

browserTest('predictions are reached by arrows and copied, and cannot be typed', {}, async ({ page }) => {
  await run(page, 50);
  await cell(page, 1, 3).click();
  await page.keyboard.press('ArrowRight');
  await eventually(async () =>
    assert.equal(await cell(page, 1, 4).evaluate((it) => it === document.activeElement), true),
  );
  const refusal = page.getByRole('alert').filter({ hasText: 'This is what the network says' });
  await page.keyboard.press('5');
  await refusal.waitFor();
  await refusal.getByRole('button', { name: 'Dismiss' }).click();
  // Neither is anything pasted there.
  await cell(page, 1, 4).click();
  await paste(page, '5');
  await refusal.waitFor();
  // With the targets beside them.
  await cell(page, 1, 3).click();
  await cell(page, 4, 4).click({ modifiers: ['Shift'] });
  await page.keyboard.press('ControlOrMeta+C');
  const lines = (await tableTexts(page)).map((texts) => texts.slice(2).join('\t'));
  assert.match(lines[0] ?? '', /^3\t\d+\.\d+$/);
  await eventually(async () =>
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), lines.join('\n')),
  );
  // A chosen row is the table's own cells, so that it can be pasted into another one.
  await grid(page).getByRole('rowheader').first().click();
  await page.keyboard.press('ControlOrMeta+C');
  await eventually(async () =>
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '1\t2\t3'),
  );
  // Above them there is no name to open.
  await cell(page, 1, 4).click();
  await page.keyboard.press('ArrowUp');
  await eventually(async () =>
    assert.equal(await cell(page, 1, 4).evaluate((it) => it === document.activeElement), true),
  );
  await holds(page, ROWS);
});

browserTest('pasted cells with a first line of names replace the table', {}, async ({ page }) => {
  await cell(page, 1, 1).click();
  await paste(page, 'a\tb\tc\tsum\n1\t2\t3\t6\n4\t5\t6\t15\n');
  await holds(page, [
    [1, 2, 3, 6],
    [4, 5, 6, 15],
  ]);
  const names = await columnNames(page);
  assert.deepEqual(
    names.map((name) => name.split(',')[0]),
    ['a', 'b', 'c', 'sum'],
  );
  await run(page, 50);
});

browserTest('CSV text can be imported, and the table copied and exported', {}, async ({ page }) => {
  await button(page, 'Import…').click();
  await field(page, 'Cells or CSV text').fill('size;"floor; level";price\n50;1;100\n70;2;150\n');
  await button(page, 'Use this text').click();
  const rows = [
    [50, 1, 100],
    [70, 2, 150],
  ];
  await holds(page, rows);

  const download = nextDownload(page);
  await button(page, 'Export').click();
  await page.getByRole('menuitem', { name: 'Commas between cells' }).click();
  const { readFile } = await import('node:fs/promises');
  const csv = await readFile(await (await download).path(), 'utf8');
  assert.equal(csv, 'size,floor; level,price\n50,1,100\n70,2,150\n');

  await cell(page, 1, 2).click();
  await cell(page, 2, 3).click({ modifiers: ['Shift'] });
  await page.keyboard.press('ControlOrMeta+C');
  await eventually(async () => {
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '1\t100\n2\t150');
  });
});

browserTest('what was pasted to import outlives a click elsewhere', {}, async ({ page }) => {
  await button(page, 'Import…').click();
  await field(page, 'Cells or CSV text').fill('a,b\n1,2\n');
  await page.getByRole('heading', { name: 'Network' }).click();
  await field(page, 'Cells or CSV text').waitFor({ state: 'detached' });
  await button(page, 'Import…').click();
  assert.equal(await field(page, 'Cells or CSV text').inputValue(), 'a,b\n1,2\n');
  await button(page, 'Use this text').click();
  await holds(page, [[1, 2]]);
  await button(page, 'Import…').click();
  assert.equal(await field(page, 'Cells or CSV text').inputValue(), '');
});

browserTest('a share of the rows that is no row is said to be none', {}, async ({ page }) => {
  await fill(page, 'Validation', 20);
  await page.getByText('20% of 4 rows is less than one row: all rows train.', { exact: true }).waitFor();
  await fill(page, 'Validation', 25);
  await page.getByText('3 rows to train, 1 to validate', { exact: true }).waitFor();
});

browserTest('rows are added and removed', {}, async ({ page }) => {
  await button(page, 'Add a row').click();
  await holds(page, [...ROWS, [0, 0, 0]]);
  await cell(page, 5, 1).click();
  await page.keyboard.type('9');
  await page.keyboard.press('Enter');
  await cell(page, 2, 1).click();
  await cell(page, 3, 1).click({ modifiers: ['Shift'] });
  await button(page, 'Remove the row').click();
  await holds(
    page,
    [ROWS[0], ROWS[3], [9, 0, 0]].map((row) => row ?? []),
  );
});

browserTest(
  'rows are inserted in the middle by key, as many as are chosen, and undone',
  {},
  async ({ page }) => {
    await cell(page, 2, 1).click();
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Alt+ArrowUp');
    const zeros = [0, 0, 0];
    const [first = zeros, second = zeros, third = zeros, fourth = zeros] = ROWS;
    await holds(page, [first, zeros, zeros, second, third, fourth]);
    await page.getByText('2 rows inserted', { exact: true }).waitFor();
    // What is typed goes into the first of them, and both are chosen.
    await page.keyboard.type('9');
    await page.keyboard.press('Enter');
    await holds(page, [first, [9, 0, 0], zeros, second, third, fourth]);
    await page.keyboard.press('Alt+ArrowDown');
    await page.keyboard.type('8');
    await page.keyboard.press('Enter');
    await holds(page, [first, [9, 0, 0], zeros, [8, 0, 0], second, third, fourth]);
    // Below the last one, too.
    await cell(page, 7, 3).click();
    await page.keyboard.press('Alt+ArrowDown');
    await holds(page, [first, [9, 0, 0], zeros, [8, 0, 0], second, third, fourth, zeros]);
    await page.keyboard.press('Alt+Delete');
    await holds(page, [first, [9, 0, 0], zeros, [8, 0, 0], second, third, fourth]);
    // A block goes at once.
    await cell(page, 2, 1).click();
    await cell(page, 4, 2).click({ modifiers: ['Shift'] });
    await page.keyboard.press('Alt+Delete');
    await holds(page, ROWS);
    await page.getByText('3 rows removed', { exact: true }).waitFor();
    await page.keyboard.press('ControlOrMeta+Z');
    await holds(page, [first, [9, 0, 0], zeros, [8, 0, 0], second, third, fourth]);
  },
);

const MENU_KEY = { chromiumOnly: 'a key from outside opens no menu there' };
browserTest(
  'the menu of rows inserts, pastes and removes where the cursor is',
  MENU_KEY,
  async ({ page }) => {
    const menu = page.getByRole('menu', { name: 'Rows: insert and remove' });
    const choose = (/** @type {string} */ name) => menu.getByRole('menuitem', { name }).click();
    await page.evaluate(() => navigator.clipboard.writeText('10\t20\t30\n40\t50\n'));
    // On the right button, on the chosen block as a whole.
    await cell(page, 2, 1).click();
    await page.keyboard.press('Shift+ArrowDown');
    await cell(page, 3, 1).click({ button: 'right' });
    await menu.getByRole('menuitem', { name: 'Insert 2 rows above' }).waitFor();
    await choose('Insert copied rows above');
    const [first = [], ...rest] = ROWS;
    await holds(page, [first, [10, 20, 30], [40, 50, 0], ...rest]);
    await page.keyboard.press('ControlOrMeta+Z');
    await holds(page, ROWS);
    // And by the key of the menu, which takes its focus back.
    await cell(page, 4, 2).click();
    await page.keyboard.press('Shift+F10');
    await menu.waitFor();
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    await page.keyboard.type('80');
    await page.keyboard.press('Enter');
    await cell(page, 4, 2).click({ button: 'right' });
    await choose('Insert a row below');
    await holds(page, [...ROWS.slice(0, 3), [7, 80, 15], [0, 0, 0]]);
    await page.keyboard.press('Shift+F10');
    await choose('Remove the row');
    await holds(page, [...ROWS.slice(0, 3), [7, 80, 15]]);
    // Words among them wait in the table until they are put right.
    await page.evaluate(() => navigator.clipboard.writeText('1\tmany\t3\n'));
    await cell(page, 1, 1).click({ button: 'right' });
    await choose('Insert copied rows above');
    await page.getByRole('alert').filter({ hasText: '“many” is not a number.' }).waitFor();
    assert.equal((await tableTexts(page))[0]?.[1], 'many');
    await typeCell(page, 1, 2, '2');
    await holds(page, [[1, 2, 3], ...ROWS.slice(0, 3), [7, 80, 15]]);
  },
);

browserTest(
  'rows are inserted with a finger',
  {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
    chromiumOnly: 'there are no fingers from outside there',
  },
  async ({ page }) => {
    await grid(page).getByRole('rowheader').nth(1).tap();
    const more = button(page, 'Rows: insert and remove');
    const box = await more.boundingBox();
    assert.ok(box && box.width >= 44 && box.height >= 44, JSON.stringify(box));
    await more.tap();
    const item = page.getByRole('menuitem', { name: 'Insert a row above' });
    assert.ok(Number((await item.boundingBox())?.height) >= 44);
    await item.tap();
    await holds(page, [ROWS[0] ?? [], [0, 0, 0], ...ROWS.slice(1)]);
  },
);

browserTest('a new row has the focus: what is typed goes into it', {}, async ({ page }) => {
  await button(page, 'Add a row').click();
  await page.keyboard.type('9');
  await page.keyboard.press('Enter');
  await holds(page, [...ROWS, [9, 0, 0]]);
});

browserTest('columns are added, renamed, given another role and removed', {}, async ({ page }) => {
  await button(page, 'Add a column').click();
  await holds(page, [
    [1, 2, 0, 3],
    [3, 4, 0, 7],
    [5, 6, 0, 11],
    [7, 8, 0, 15],
  ]);
  await page.getByText('3 → 8', { exact: true }).first().waitFor();

  const header = (/** @type {string} */ name) =>
    grid(page).getByRole('columnheader').getByRole('button', { name });
  await header('x3').click();
  await page.getByRole('dialog', { name: 'Column x3' }).getByRole('textbox', { name: 'Name' }).fill('noise');
  await page.keyboard.press('Enter');
  await header('noise').click();
  await page.getByRole('radio', { name: /target/ }).click();
  // Two targets need two outputs; the page says so and offers it.
  await button(page, 'Make it 2 units').click();
  await run(page, 50);
  assert.equal((await tableTexts(page))[0]?.length, 4 + 2);

  await header('noise').click();
  await button(page, 'Remove the column').click();
  await button(page, 'Make it 1 unit').click();
  await holds(page, ROWS);
});

browserTest('columns are moved and inserted, and rows sorted by one', {}, async ({ page }) => {
  const header = (/** @type {string} */ name) =>
    grid(page).getByRole('columnheader').getByRole('button', { name });
  const undo = page.getByRole('button', { name: /^Undo/ });
  const swapped = [[2, 1, 3], [4, 3, 7], [6, 5, 11], [8, 7, 15]]; // prettier-ignore
  const hasFocus = (/** @type {string} */ name) =>
    eventually(async () =>
      assert.equal(await header(name).evaluate((it) => it === document.activeElement), true),
    );
  // By the popup and by key; the last input goes no further.
  await header('x2').click();
  await button(page, 'Move left').click();
  await holds(page, swapped);
  await hasFocus('x2');
  await page.keyboard.press('Alt+ArrowRight');
  await holds(page, ROWS);
  await hasFocus('x2');
  await page.keyboard.press('Alt+ArrowRight');
  await header('x2').click();
  assert.equal(await button(page, 'Move right').isDisabled(), true);
  await page.keyboard.press('Escape');
  await holds(page, ROWS);
  await undo.click();
  await holds(page, swapped);
  await undo.click();
  await holds(page, ROWS);
  // A new one in the middle.
  await header('x1').click();
  await button(page, 'Insert one right').click();
  await holds(page, ROWS.map(([a = 0, b = 0, sum = 0]) => [a, 0, b, sum])); // prettier-ignore
  await hasFocus('x3');
  await undo.click();
  await holds(page, ROWS);
  await header('y').click();
  await button(page, 'Descending').click();
  await holds(page, ROWS.toReversed());
  await page.getByText('Rows sorted by y, descending', { exact: true }).waitFor();
  await undo.click();
  await holds(page, ROWS);
  // Of rows that are not the table's own, none moves.
  await choose(page, 'Data set', 'XOR');
  await page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name: 'Table' }).click();
  await header('x1').focus();
  await page.keyboard.press('Alt+ArrowRight');
  await page.getByRole('alert').filter({ hasText: 'turn them into a table' }).waitFor();
});

browserTest(
  'a column gets its role by a press on the words; a press beside them leaves the popup open',
  {},
  async ({ page }) => {
    await grid(page).getByRole('columnheader').getByRole('button', { name: 'x2' }).click();
    const dialog = page.getByRole('dialog', { name: 'Column x2' });
    await dialog.click({ position: { x: 4, y: 4 } });
    await dialog.getByText('is given it (input)').click();
    await dialog.getByRole('radio', { name: /input/ }).waitFor();
    // By keys it is left as from any of its controls.
    await dialog.click({ position: { x: 4, y: 4 } });
    await page.keyboard.press('Tab');
    await eventually(async () =>
      assert.equal(
        await dialog.getByRole('textbox', { name: 'Name' }).evaluate((it) => it.matches(':focus')),
        true,
      ),
    );
    await dialog.getByText('is to find it (target)').click();
    await dialog.waitFor({ state: 'detached' });
    assert.match((await columnNames(page))[1] ?? '', /^x2, target/);
  },
);

browserTest(
  'a column name that cannot be is told beside its field, and Escape drops it',
  {},
  async ({ page }) => {
    await grid(page).getByRole('columnheader').getByRole('button', { name: 'x1' }).click();
    const dialog = page.getByRole('dialog', { name: 'Column x1' });
    const name = dialog.getByRole('textbox', { name: 'Name' });
    const told = page.getByText('There is a column “y” already.');
    await name.fill('y');
    await page.keyboard.press('Enter');
    await dialog.getByText('There is a column “y” already.').waitFor();
    // Neither is it lost by a press elsewhere; it is told once.
    await page.getByRole('heading', { name: 'Network' }).click();
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    assert.equal(await told.count(), 1);
    await name.focus();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    assert.equal(await told.count(), 0);
    assert.match((await columnNames(page))[0] ?? '', /^x1, input/);
  },
);

browserTest('edits are undone and redone, by button and by key', {}, async ({ page }) => {
  await eventually(async () =>
    assert.equal(await page.getByRole('button', { name: /^Undo/ }).isDisabled(), true),
  );
  await typeCell(page, 1, 1, '100');
  await button(page, 'Add a row').click();
  await holds(page, [[100, 2, 3], ...ROWS.slice(1), [0, 0, 0]]);
  await page.getByRole('button', { name: /^Undo/ }).click();
  await holds(page, [[100, 2, 3], ...ROWS.slice(1)]);
  await page.keyboard.press('ControlOrMeta+Z');
  await holds(page, ROWS);
  await page.keyboard.press('ControlOrMeta+Shift+Z');
  await page.getByRole('button', { name: /^Redo/ }).click();
  await holds(page, [[100, 2, 3], ...ROWS.slice(1), [0, 0, 0]]);
});

browserTest('a cell that was refused is taken back by undo and by Escape', {}, async ({ page }) => {
  const message = page.getByRole('alert').filter({ hasText: 'is not a number' });
  await typeCell(page, 2, 2, 'four');
  await message.waitFor();
  await page.keyboard.press('ControlOrMeta+Z');
  await message.waitFor({ state: 'detached' });
  await holds(page, ROWS);
  await page.keyboard.press('ControlOrMeta+Shift+Z');
  await message.waitFor();
  assert.equal(await cell(page, 2, 2).textContent(), 'four');
  // Chosen.
  await cell(page, 2, 2).click();
  await page.keyboard.press('Escape');
  await message.waitFor({ state: 'detached' });
  await holds(page, ROWS);
  // And while it is written in.
  await typeCell(page, 2, 2, 'five');
  await message.waitFor();
  await cell(page, 2, 2).dblclick();
  await page.keyboard.type('six');
  await page.keyboard.press('Escape');
  await message.waitFor({ state: 'detached' });
  await holds(page, ROWS);
  // What was discarded comes back.
  await typeCell(page, 1, 1, '9');
  await typeCell(page, 1, 2, 'two');
  await button(page, 'Discard').click();
  await holds(page, [[9, 2, 3], ...ROWS.slice(1)]);
  await page.getByRole('button', { name: /^Undo/ }).click();
  await message.waitFor();
});

browserTest(
  'a cell that was refused waits through a reload and in a new tab',
  {},
  async ({ page, server }) => {
    const waits = async (/** @type {Page} */ where) => {
      await where.getByRole('alert').filter({ hasText: 'Row 2, x2: “four” is not a number.' }).waitFor();
      assert.equal(await cell(where, 2, 2).textContent(), 'four');
    };
    await typeCell(page, 1, 1, '9');
    await typeCell(page, 2, 2, 'four');
    await waits(page);
    await page.reload();
    await waits(page);
    // Its number is known still, by its place.
    await cell(page, 2, 2).click();
    await page.keyboard.press('Escape');
    await holds(page, [[9, 2, 3], ...ROWS.slice(1)]);
    await page.reload();
    await holds(page, [[9, 2, 3], ...ROWS.slice(1)]);
    await typeCell(page, 2, 2, 'four');
    await waits(page);
    await page.waitForFunction(() => localStorage.getItem('gradus:waiting') !== null);
    await page.close({ runBeforeUnload: true });
    const next = await page.context().newPage();
    await next.goto(server.url);
    await waits(next);
    await next.close();
  },
);

browserTest(
  'what is typed right before a reload is there after it',
  {},
  async ({ page, context, server }) => {
    const beside = await context.newPage();
    await beside.goto(server.url);
    // The page keeps it while the browser, which has read the history's entry already, waits for an answer.
    await page.route(server.url, async (route) => {
      await beside.waitForFunction(() => localStorage.getItem('gradus:waiting')?.includes('four'));
      await route.continue();
    });
    await typeCell(page, 1, 1, '9');
    await typeCell(page, 2, 2, 'four');
    await page.reload();
    await page.getByRole('alert').filter({ hasText: 'is not a number' }).waitFor();
    assert.equal(await cell(page, 1, 1).textContent(), '9');
  },
);

browserTest('cells that were too many to keep are said to be gone', {}, async ({ page, server }) => {
  const lines = Array.from({ length: 60_000 }, (_, at) => `${at}\t${at % 7}\t${at % 5}`);
  await cell(page, 1, 1).click();
  await paste(page, `${lines.join('\n')}\nmany\t1\t1\n`);
  await page.getByRole('alert').filter({ hasText: '“many” is not a number.' }).waitFor();
  await page.waitForFunction(() => localStorage.getItem('gradus:waiting') !== null);
  await page.goto('about:blank');
  const next = await page.context().newPage();
  await next.goto(server.url);
  await next.getByText('1 cell of the table held no number when the page was closed.').waitFor();
  await holds(next, ROWS);
  await next.close();
});

browserTest('Escape gives a cell its own number back where rows have moved', {}, async ({ page }) => {
  await typeCell(page, 3, 1, 'five');
  await cell(page, 1, 1).click();
  await page.keyboard.press('Alt+ArrowUp');
  await eventually(async () => assert.equal(await cell(page, 4, 1).textContent(), 'five'));
  await cell(page, 4, 1).click();
  await page.keyboard.press('Escape');
  await holds(page, [[0, 0, 0], ...ROWS]);
});

browserTest('undo right after the first letter leaves the cell as it was', {}, async ({ page }) => {
  await cell(page, 1, 1).click();
  await page.keyboard.type('q');
  await page.keyboard.press('ControlOrMeta+Z');
  await holds(page, ROWS);
  assert.equal(await page.getByRole('button', { name: /^Undo/ }).isDisabled(), true);
});

/** Where an element begins and ends from left to right. @param {import('playwright-core').Locator} element */
async function sides(element) {
  const { x = NaN, width = NaN } = (await element.boundingBox()) ?? {};
  return { left: x, right: x + width };
}

browserTest('the target and what the network says are seen beside every column', {}, async ({ page }) => {
  for (let added = 0; added < 6; added += 1) await button(page, 'Add a column').click();
  await holds(page, ROWS.map(([a = 0, b = 0, sum = 0]) => [a, b, 0, 0, 0, 0, 0, 0, sum])); // prettier-ignore
  const inSight = async () => {
    const table = await sides(grid(page));
    const [target, said] = [await sides(cell(page, 1, 9)), await sides(cell(page, 1, 10))];
    const places = JSON.stringify({ table, target, said });
    assert.ok(target.left > table.left && target.right <= said.left + 1, places);
    assert.ok(said.right <= table.right + 1, places);
    return target;
  };
  await eventually(inSight);
  // They hide none of the cells that one writes in.
  for (const column of [1, 5, 8]) {
    await cell(page, 1, 1).click();
    for (let at = 1; at < column; at += 1) await page.keyboard.press('ArrowRight');
    const { left } = await inSight();
    const { right } = await sides(cell(page, 1, column));
    assert.ok(right <= left + 1, `column ${column} ends at ${right}, the target begins at ${left}`);
  }
});

for (const width of [1366, 360]) {
  browserTest(
    `every value and name of a column can be read where the page is ${width} pixels wide`,
    { viewport: { width, height: 740 } },
    async ({ page }) => {
      /**
       * @param {string} parts
       * @param {'scrollWidth' | 'scrollHeight'} size
       * @param {'clientWidth' | 'clientHeight'} room
       * @param {number} most pixels that may be missing
       */
      const cut = (parts, size, room, most) =>
        grid(page).evaluate(
          (element, [what, needs, has, most]) =>
            [...element.querySelectorAll(what)]
              .filter((part) => part[needs] > part[has] + most)
              .map(({ textContent }) => textContent),
          /** @type {const} */ ([parts, size, room, most]),
        );
      const readable = () =>
        eventually(async () => {
          const values = '.cell:not(.prediction), .prediction-label';
          assert.deepEqual(await cut(values, 'scrollWidth', 'clientWidth', 0), []);
          // Firefox counts what letters might have below the last line; a line that is cut is more than that.
          assert.deepEqual(await cut('.header-name', 'scrollHeight', 'clientHeight', 6), []);
        });
      await choose(page, 'Data set', 'Iris');
      await eventually(async () => assert.match((await tableTexts(page))[0]?.[5] ?? '', /^\w+ \(0\.\d\d\)$/));
      const table = await sides(grid(page));
      const [input, target, said] = [
        await sides(cell(page, 1, 1)),
        await sides(cell(page, 1, 5)),
        await sides(cell(page, 1, 6)),
      ];
      const places = JSON.stringify({ table, input, target, said });
      assert.ok(input.left > table.left && input.right <= target.left + 1, places);
      assert.ok(target.right <= said.left + 1 && said.right <= table.right + 1, places);
      await readable();

      await choose(page, 'Data set', 'Moons');
      await page.getByRole('group', { name: 'Shown as' }).getByRole('button', { name: 'Table' }).click();
      await eventually(async () => assert.match((await tableTexts(page))[0]?.[3] ?? '', /^\d \(0\.\d\d\)$/));
      // Figures such as -0.1234 in both columns of inputs, and beside the class its probability.
      await readable();
      const [wide, line] = await grid(page).evaluate((element) => {
        const [label, rest] = [...element.querySelectorAll('.prediction-label, .prediction-rest')];
        const tops = [label, rest].map((part) => part?.getBoundingClientRect().top);
        return [element.scrollWidth > element.clientWidth, tops];
      });
      assert.equal(wide, false);
      assert.equal(line[0], line[1]);

      await button(page, 'Turn into a table').click();
      await cell(page, 1, 1).click();
      await paste(
        page,
        'rooms\tcolour=blue\tlongitude\tprice\n1\t1\t0.5\t4680\n2\t0\t1\t5710\n1.5\t0\t2\t6440\n',
      );
      await page.getByText('3 rows · 3 → 1').waitFor();
      await run(page, 50);
      const predicted = async () => (await tableTexts(page)).map((texts) => texts[4] ?? '');
      await eventually(async () => assert.ok((await predicted()).some((text) => text.length >= 8)));
      await readable();
      // No word has its end in another line.
      const broken = await grid(page).evaluate((element) =>
        [...element.querySelectorAll('.header-name')]
          .flatMap(({ childNodes }) => [...childNodes])
          .filter((part) => {
            const range = document.createRange();
            range.selectNodeContents(part);
            return range.getClientRects().length > 1;
          })
          .map(({ textContent }) => textContent),
      );
      assert.deepEqual(broken, []);
    },
  );
}

browserTest('the rows that are marked are those that the validation loss is of', {}, async ({ page }) => {
  // The network gives 0: of each row's square every sum says which rows are in it.
  const rows = Array.from({ length: 8 }, (_, row) => [row, 2 ** row]);
  await openDocument(page, {
    version: 1,
    data: { kind: 'table', inputs: ['x'], targets: ['y'], rows },
    model: [{ type: 'linear', out: 1, init: { weight: [[0]], bias: [0] } }],
    loss: { type: 'mse' },
    optimizer: { type: 'sgd', lr: 1e-12 },
    validation: 0.4,
    epochs: 1,
  });
  await run(page, 1);
  const [loss = NaN] = (await savedLosses(page)).validation;
  const sum = Math.round(3 * loss);
  const held = rows.flatMap(([row = 0]) => ((sum >> (2 * row)) & 1 ? [String(row + 1)] : []));
  assert.equal(held.length, 3);
  assert.deepEqual(await grid(page).locator('.row-header.held-out').allTextContents(), held);
  const named = grid(page).getByRole('rowheader', { name: 'Held out for validation' });
  assert.deepEqual(await named.allTextContents(), held);
});

browserTest('held-out rows give a validation loss', {}, async ({ page }) => {
  await openExample(page, 'XOR');
  await page.getByText('60 rows to train, 20 to validate').waitFor();
  await fill(page, 'Epochs', 40);
  await run(page, 40);
  const { validation, losses } = await savedLosses(page);
  // 60 rows in batches of 10, 40 epochs.
  assert.equal(losses.length, 240);
  assert.equal(validation.length, 40);
});
