import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as arranging from '../../www/arranging.js';
import * as edits from '../../www/table.js';

const table = () => ({
  inputs: ['x1', 'x2'],
  targets: ['y'],
  rows: [
    [1, 2, 3],
    [3, 4, 7],
  ],
});

/** @param {string} code */
const refusedWith = (code) => (/** @type {unknown} */ error) =>
  error instanceof edits.TableError && error.code === code;

test('an edit leaves the table before it as it was', () => {
  const before = table();
  const after = edits.setCell(before, 0, 1, 20);
  assert.deepEqual(after.rows[0], [1, 20, 3]);
  assert.deepEqual(before, table());
  assert.equal(after.rows[1], before.rows[1], 'untouched rows are shared');
});

test('a word in a cell is a problem at that cell', () => {
  const wrong = edits.setCell(table(), 1, 0, edits.cellOf('three'));
  assert.deepEqual(edits.cellProblems(wrong), [
    { row: 1, column: 0, code: 'word', params: { text: 'three' } },
  ]);
  assert.deepEqual(edits.cellProblems(edits.setCell(wrong, 1, 0, edits.cellOf('3'))), []);
});

test('the number before a word is found again, also when its row has moved', () => {
  let wrong = edits.setCell(table(), 1, 0, 'three');
  wrong = edits.setCell(wrong, 1, 0, 'thirty');
  wrong = edits.clear(wrong, { top: 1, bottom: 1, left: 1, right: 1 });
  wrong = edits.addRows(wrong, 0, 2);
  assert.equal(edits.numberBefore(wrong, 3, 0), 3);
  assert.equal(edits.numberBefore(wrong, 3, 1), 4);
  assert.equal(edits.numberBefore(wrong, 3, 2), 7);
  wrong = edits.paste(wrong, 2, 0, [['one']]);
  assert.equal(edits.numberBefore(wrong, 2, 0), 1);
  // Of a table that came with the word there was none.
  assert.equal(edits.numberBefore({ ...table(), rows: [['three', 2, 3]] }, 0, 0), undefined);
});

test('a copied block is repeated where it fits into the chosen cells', () => {
  const block = [
    ['1', '2'],
    ['3', '4'],
  ];
  const range = (/** @type {number} */ height, /** @type {number} */ width) => ({
    top: 5,
    bottom: 4 + height,
    left: 1,
    right: width,
  });
  assert.deepEqual(edits.repeated([['7']], range(2, 3)), [['7', '7', '7'], ['7', '7', '7']]); // prettier-ignore
  assert.deepEqual(edits.repeated(block, range(4, 2)), [...block, ...block]);
  assert.deepEqual(edits.repeated(block, range(1, 4)), [['1', '2', '1', '2'], ['3', '4', '3', '4']]); // prettier-ignore
  for (const [height, width] of /** @type {const} */ ([
    [1, 1],
    [3, 2],
    [4, 3],
  ]))
    // prettier-ignore
    assert.deepEqual(edits.repeated(block, range(height, width)), block);
  const ragged = [['1'], ['2', '3']];
  assert.deepEqual(edits.repeated(ragged, range(4, 4)), ragged);
});

test('cells are filled from the first row or column of the range', () => {
  const range = { top: 0, bottom: 1, left: 1, right: 2 };
  assert.deepEqual(edits.fill(table(), range, 'down').rows, [[1, 2, 3], [3, 2, 3]]); // prettier-ignore
  assert.deepEqual(edits.fill(table(), range, 'right').rows, [[1, 2, 2], [3, 4, 4]]); // prettier-ignore
});

test('a column moves among those of its role only, and takes its cells with it', () => {
  assert.deepEqual(arranging.moveColumn(table(), 0, 1), {
    inputs: ['x2', 'x1'],
    targets: ['y'],
    rows: [
      [2, 1, 3],
      [4, 3, 7],
    ],
  });
  const can = (/** @type {number} */ column, /** @type {-1 | 1} */ by) =>
    arranging.canMove(table(), column, by);
  assert.deepEqual([can(0, -1), can(0, 1), can(1, -1), can(1, 1), can(2, -1), can(2, 1)], [false, true, true, false, false, false]); // prettier-ignore
  assert.deepEqual(arranging.moveColumn(animals(), 0, 1).classes, animals().classes);
});

test('a column is inserted where it is wanted', () => {
  assert.deepEqual(edits.addColumn(table(), 'input', 1), {
    inputs: ['x1', 'x3', 'x2'],
    targets: ['y'],
    rows: [
      [1, 0, 2, 3],
      [3, 0, 4, 7],
    ],
  });
  assert.deepEqual(edits.addColumn(table(), 'target', 2).targets, ['y2', 'y']);
});

test('rows are sorted by a column; text comes last, and equal rows keep their order', () => {
  const rows = [[2, 'b', 0], [1, 'a', 0], [2, 3, 1], [-5, 1, 1]]; // prettier-ignore
  const sorted = (/** @type {number} */ column, /** @type {'ascending' | 'descending'} */ order) =>
    arranging.sortRows({ ...table(), rows }, column, order).rows.map((cells) => rows.indexOf(cells));
  assert.deepEqual(sorted(0, 'ascending'), [3, 1, 0, 2]);
  assert.deepEqual(sorted(0, 'descending'), [0, 2, 1, 3]);
  assert.deepEqual(sorted(1, 'ascending'), [3, 2, 0, 1]);
  assert.deepEqual(sorted(1, 'descending'), [2, 3, 0, 1]);
});

const animals = () => ({ ...table(), classes: ['cat', '7', 'dog', 'emu'] });

test('a class is typed, copied and pasted by its name, and by its number', () => {
  const words = edits.wordsOf(animals(), 2);
  assert.deepEqual(edits.wordsOf(animals(), 1), []);
  // A name that looks like a number is a name: it is shown as one.
  const typed = ['dog', ' emu ', '7', '0', '5'].map((text) => edits.cellOf(text, words));
  assert.deepEqual(typed, [2, 3, 1, 0, 5]);
  assert.deepEqual(
    [3, 1, 5, 'elk'].map((cell) => edits.textOf(cell, words)),
    ['emu', '7', '5', 'elk'],
  );
  const wrong = edits.setCell(animals(), 0, 2, edits.cellOf('elk', words));
  assert.deepEqual(edits.cellProblems(wrong), [
    { row: 0, column: 2, code: 'class', params: { text: 'elk', list: animals().classes } },
  ]);
  const pasted = edits.paste(animals(), 0, 1, [
    ['4', 'cat'],
    ['5', 'emu'],
  ]);
  assert.deepEqual(pasted.rows, [
    [1, 4, 0],
    [3, 5, 3],
  ]);
  assert.deepEqual(edits.cut(pasted, { top: 0, bottom: 1, left: 1, right: 2 }), [
    [4, 'cat'],
    [5, 'emu'],
  ]);
});

test('classes get names, one each; a word that waits in a cell finds its class', () => {
  const waiting = edits.setCell(table(), 1, 2, 'emu');
  const named = edits.nameClasses(waiting, [' cat', 'emu ', '', '']);
  assert.deepEqual(named.classes, ['cat', 'emu']);
  assert.equal(named.rows[1]?.[2], 1);
  assert.throws(() => edits.nameClasses(table(), ['a', '', 'b']), refusedWith('classEmpty'));
  assert.throws(() => edits.nameClasses(table(), ['a', 'a']), refusedWith('classTaken'));
  assert.throws(() => edits.nameClasses(table(), ['x'.repeat(65)]), refusedWith('nameLong'));
  // A column of inputs more or less leaves them.
  assert.deepEqual(edits.removeColumn(edits.addColumn(animals(), 'input'), 0).classes, animals().classes);
});

test('a new column gets the next free name and zeros', () => {
  const wider = edits.addColumn(table(), 'input');
  assert.deepEqual(wider.inputs, ['x1', 'x2', 'x3']);
  assert.deepEqual(wider.rows[0], [1, 2, 0, 3]);
  assert.deepEqual(edits.addColumn(table(), 'target').targets, ['y', 'y2']);
});

test('one input and one target stay', () => {
  const smaller = edits.removeColumn(table(), 0);
  assert.deepEqual(smaller, {
    inputs: ['x2'],
    targets: ['y'],
    rows: [
      [2, 3],
      [4, 7],
    ],
  });
  assert.throws(() => edits.removeColumn(smaller, 0), refusedWith('last.input'));
  assert.throws(() => edits.setRole(table(), 2, 'input'), refusedWith('last.target'));
});

test('a column that changes its role takes its values along', () => {
  const after = edits.setRole(table(), 0, 'target');
  assert.deepEqual(after, {
    inputs: ['x2'],
    targets: ['x1', 'y'],
    rows: [
      [2, 1, 3],
      [4, 3, 7],
    ],
  });
  assert.deepEqual(edits.setRole(after, 1, 'input'), {
    inputs: ['x2', 'x1'],
    targets: ['y'],
    rows: [
      [2, 1, 3],
      [4, 3, 7],
    ],
  });
});

test('names are unique and not empty', () => {
  assert.deepEqual(edits.renameColumn(table(), 2, ' sum ').targets, ['sum']);
  assert.throws(() => edits.renameColumn(table(), 0, 'y'), refusedWith('nameTaken'));
  assert.throws(() => edits.renameColumn(table(), 0, ' '), refusedWith('nameEmpty'));
});

test('a paste fills from its cell and adds the rows it needs', () => {
  const after = edits.paste(table(), 1, 1, [
    ['40', '70'],
    ['6', '11'],
  ]);
  assert.deepEqual(after.rows, [
    [1, 2, 3],
    [3, 40, 70],
    [0, 6, 11],
  ]);
});

test('a paste that is too wide or too long changes nothing', () => {
  assert.throws(() => edits.paste(table(), 0, 2, [['1', '2']]), refusedWith('pasteTooWide'));
  const many = Array.from({ length: edits.MAX_ROWS }, () => ['1']);
  assert.throws(() => edits.paste(table(), 1, 0, many), refusedWith('tooManyRows'));
});

test('a range can be taken out and emptied', () => {
  const range = { top: 0, bottom: 1, left: 1, right: 2 };
  assert.deepEqual(edits.cut(table(), range), [
    [2, 3],
    [4, 7],
  ]);
  const after = edits.clear(table(), { ...range, bottom: 0 });
  assert.deepEqual(after.rows, [
    [1, '', ''],
    [3, 4, 7],
  ]);
  assert.deepEqual(
    edits.cellProblems(after).map(({ code }) => code),
    ['empty', 'empty'],
  );
});

test('a column with one value is noticed', () => {
  const rows = [
    [5, 1, 0],
    [5, 2, 1],
  ];
  assert.deepEqual(edits.constantColumns({ ...table(), rows }), [true, false, false]);
  assert.deepEqual(edits.constantColumns({ ...table(), rows: rows.slice(1) }), [false, false, false]);
});
