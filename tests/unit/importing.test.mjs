import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOnlyNames, readTable } from '../../www/importing.js';
import { TableError, cellProblems } from '../../www/table.js';

const old = () => ({ inputs: ['x1', 'x2'], targets: ['y'], rows: [[1, 2, 3]] });

/** @param {string} code */
const refusedWith = (code) => (/** @type {unknown} */ error) =>
  error instanceof TableError && error.code === code;

test('a first line of names names the columns, the last column is the target', () => {
  const cells = [
    ['length', 'width', 'area'],
    ['2', '3', '6'],
    ['4', 'five', '20'],
    ['5', '6', '30'],
  ];
  const { table } = readTable(cells, { header: true }, { inputs: ['x'], targets: ['y'], rows: [] });
  assert.deepEqual([table.inputs, table.targets], [['length', 'width'], ['area']]);
  assert.deepEqual(table.rows[1], [4, 'five', 20], 'one word among numbers is a mistake');
  assert.deepEqual(
    cellProblems(table).map(({ row, column }) => [row, column]),
    [[1, 1]],
  );
});

test('as many columns as before keep their names and roles', () => {
  const { table } = readTable([['7', '8', '9']], { header: false }, old());
  assert.deepEqual(table, { inputs: ['x1', 'x2'], targets: ['y'], rows: [[7, 8, 9]] });
});

test('names of classes do not stay above values, nor their words', () => {
  const before = { inputs: ['size', 'legs'], targets: ['kind'], rows: [[1, 2, 0]], classes: ['cat', 'dog'] };
  const named = (/** @type {string[]} */ targets, /** @type {boolean} */ classified) => {
    const cells = targets.map((text) => ['1', '2', text]);
    const { table } = readTable(cells, { header: false, classified }, before);
    return [...table.inputs, ...table.targets, table.classes];
  };
  assert.deepEqual(named(['3.5', '4', '5'], true), ['x1', 'x2', 'y', undefined]);
  assert.deepEqual(named(['dog', 'cat', 'dog'], true), ['size', 'legs', 'kind', ['cat', 'dog']]);
  // By their numbers, too; which words they are, nobody says.
  assert.deepEqual(named(['0', '1', '0'], true), ['size', 'legs', 'kind', undefined]);
  assert.deepEqual(named(['3.5', '4', '5'], false), ['size', 'legs', 'kind', undefined]);
  assert.deepEqual(named(['a', 'b', 'a'], false), ['x1', 'x2', 'y', ['a', 'b']]);
});

test('names that are missing or there twice are made up', () => {
  const cells = [
    ['a', 'a', ''],
    ['1', '2', '3'],
  ];
  const { table } = readTable(cells, { header: true }, { inputs: ['x'], targets: ['y'], rows: [] });
  assert.deepEqual([...table.inputs, ...table.targets], ['a', 'a_2', 'y']);
});

test('the words of a target become classes in alphabetical order, as in read_csv', () => {
  const cells = [
    ['size', 'kind'],
    ['1.5', 'dog'],
    ['2.25', 'cat'],
    ['3', 'dog'],
  ];
  const { table, columns } = readTable(cells, { header: true }, old());
  assert.deepEqual(table.rows, [
    [1.5, 1],
    [2.25, 0],
    [3, 1],
  ]);
  assert.deepEqual(columns[1], { name: 'kind', kind: 'classes', words: ['cat', 'dog'], target: true });
  assert.deepEqual(table.classes, ['cat', 'dog']);
});

test('rows of classes that have a number already keep it', () => {
  const before = { ...old(), inputs: ['size'], classes: ['emu', 'dog', 'cat'] };
  const cells = [
    ['1', 'cat'],
    ['2', 'dog'],
  ];
  const { table } = readTable(cells, { header: false }, before);
  assert.deepEqual(table.rows, [
    [1, 2],
    [2, 1],
  ]);
  assert.deepEqual(table.classes, before.classes);
  // Others are numbered anew.
  cells[0] = ['1', 'ant'];
  assert.deepEqual(readTable(cells, { header: false }, before).table.classes, ['ant', 'dog']);
});

test('the words of an input become a column of 0 and 1 each, of two words one', () => {
  const cells = [
    ['colour', 'sex', 'weight'],
    ['red', 'f', '1'],
    ['blue', 'm', '2'],
    ['green', 'f', '3'],
  ];
  const { table } = readTable(cells, { header: true, target: 2 }, old());
  assert.deepEqual(table.inputs, ['colour=blue', 'colour=green', 'colour=red', 'sex=m']);
  assert.deepEqual(table.rows, [
    [0, 0, 1, 0, 1],
    [1, 0, 0, 1, 2],
    [0, 1, 0, 0, 3],
  ]);
});

test('any column can be the target', () => {
  const cells = [
    ['kind', 'size'],
    ['b', '1'],
    ['a', '2'],
  ];
  const { table } = readTable(cells, { header: true, target: 0 }, old());
  assert.deepEqual([table.inputs, table.targets], [['size'], ['kind']]);
  assert.deepEqual(table.rows, [
    [1, 1],
    [2, 0],
  ]);
});

test('an empty cell among words is a mistake, not a class', () => {
  const { table } = readTable(
    [
      ['1', 'a'],
      ['2', ''],
      ['3', 'b'],
      ['4', 'a'],
    ],
    { header: false },
    old(),
  );
  assert.deepEqual(
    table.rows.map((cells) => cells[1]),
    [0, '', 1, 0],
  );
});

test('lines that are too long are named, empty cells behind the last column are no cells', () => {
  const cells = [['a', 'b', ''], ['1', '2', ''], ['3', '', '']]; // prettier-ignore
  const { table } = readTable(cells, { header: true }, old());
  assert.deepEqual([table.inputs, table.targets, table.rows], [['a'], ['b'], [[1, 2], [3, '']]]); // prettier-ignore
  const long = [['a', 'b'], ['1', '2'], ['3', '4', '5']]; // prettier-ignore
  assert.throws(
    () => readTable(long, { header: true, lines: [1, 2, 7] }, old()),
    (error) =>
      refusedWith('longLine')(error) &&
      JSON.stringify(/** @type {TableError} */ (error).params) === '{"line":7,"cells":3,"first":2}',
  );
});

test('what stands for a missing number is no word', () => {
  const cells = [['1', 'NaN', 'a'], ['2', 'inf', 'nan'], ['3', 'nan', 'b'], ['4', '5', 'a']]; // prettier-ignore
  const { table } = readTable(cells, { header: false }, old());
  assert.deepEqual(table.rows, [[1, 'NaN', 0], [2, 'inf', 'nan'], [3, 'nan', 1], [4, 5, 0]]); // prettier-ignore
  assert.deepEqual(
    cellProblems(table).map(({ row, column, code }) => [row, column, code]),
    [[0, 1, 'infinite'], [1, 1, 'infinite'], [1, 2, 'infinite'], [2, 1, 'infinite']], // prettier-ignore
  );
});

test('names that had to change are told', () => {
  const cells = [['a', 'a', '', 'b'], ['1', '2', '3', '4']]; // prettier-ignore
  assert.deepEqual(readTable(cells, { header: true }, old()).renamed, [
    { from: 'a', to: 'a_2' },
    { from: '', to: 'x3' },
  ]);
});

test('long words that begin alike are not taken for one', () => {
  const long = 'x'.repeat(64);
  const cells = [['1', `${long}a`], ['2', `${long}b`], ['3', 'c']]; // prettier-ignore
  assert.throws(() => readTable(cells, { header: false }, old()), refusedWith('wordsAlike'));
  const { table } = readTable(cells.slice(1), { header: false }, old());
  assert.deepEqual(table.classes, ['c', long]);
});

test('an input of free text is left out, and the target is a column that is none', () => {
  const rows = Array.from({ length: 40 }, (_, at) => [
    `${at}`,
    `name ${at}`,
    at % 2 ? 'no' : 'yes',
    `remark ${at}`,
  ]);
  const { table, columns } = readTable([['x', 'who', 'answer', 'remark'], ...rows], { header: true }, old());
  assert.deepEqual([table.inputs, table.targets, table.classes], [['x'], ['answer'], ['no', 'yes']]);
  assert.deepEqual(table.rows.slice(0, 2), [
    [0, 1],
    [1, 0],
  ]);
  assert.deepEqual(
    columns.map(({ kind }) => kind),
    ['numbers', 'text', 'classes', 'text'],
  );
  const chosen = { header: true, target: 3 };
  assert.throws(
    () => readTable([['x', 'who', 'answer', 'remark'], ...rows], chosen, old()),
    refusedWith('tooManyWords'),
  );
});

test('free text, one column and nothing are refused', () => {
  const texts = Array.from({ length: 40 }, (_, at) => ['1', `text ${at}`]);
  assert.throws(() => readTable(texts, { header: false }, old()), refusedWith('tooManyWords'));
  assert.throws(() => readTable([['1'], ['2']], { header: false }, old()), refusedWith('oneColumn'));
  assert.throws(() => readTable([], { header: false }, old()), refusedWith('nothingPasted'));
});

test('one line of words are names without rows', () => {
  assert.equal(isOnlyNames([['size', 'price']]), true);
  assert.equal(isOnlyNames([['size', 'price'], ['1', '2']]), false); // prettier-ignore
  assert.equal(isOnlyNames([['size', '2']]), false);
  assert.equal(isOnlyNames([['size', '']]), false);
  assert.equal(isOnlyNames([['size']]), false);
  assert.equal(isOnlyNames([]), false);
  assert.throws(() => readTable([['size', 'price']], { header: true }, old()), refusedWith('onlyNames'));
});
