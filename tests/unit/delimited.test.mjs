import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDelimited, readDelimited, readPasted } from '../../www/delimited.js';

const rows = (/** @type {string} */ text) => readDelimited(text, 1000).rows;

test('cells of a spreadsheet are separated by tabs', () => {
  assert.deepEqual(rows('1\t2\t3\r\n4\t5\t6\r\n'), [
    ['1', '2', '3'],
    ['4', '5', '6'],
  ]);
});

test('CSV may use commas or semicolons, and empty lines say nothing', () => {
  assert.deepEqual(rows('a,b\n\n1,2\n'), [
    ['a', 'b'],
    ['1', '2'],
  ]);
  assert.deepEqual(rows('a;b\n0,5;1\n'), [
    ['a', 'b'],
    ['0.5', '1'],
  ]);
});

test('quoted fields hold separators, line breaks and quotes', () => {
  assert.deepEqual(rows('"x, in ""cm""","two\nlines"\n1,2'), [
    ['x, in "cm"', 'two\nlines'],
    ['1', '2'],
  ]);
});

test('a quotation mark that is never closed is named by its line', () => {
  const broken = (/** @type {string} */ text) => readDelimited(text, 10).broken;
  assert.deepEqual(broken('a,b\n"two\nlines",1\n\n3,"never closed\n5,6\n'), { code: 'openQuote', line: 5 });
  assert.deepEqual(broken('a,b\n1,"4" wide"\n3,4\n'), { code: 'strayQuote', line: 2 });
  assert.equal(broken('a,b\n1,4" wide\n"say ""so""",4\n'), undefined);
});

test('rows know on which line they begin, whatever ends a line', () => {
  const { rows: read, lines } = readDelimited('\uFEFFa,b\r\n\r\n"x\r\ny",1\n \n3,4\r5,6', 10);
  assert.deepEqual(read, [['a', 'b'], ['x\ny', '1'], ['3', '4'], ['5', '6']]); // prettier-ignore
  assert.deepEqual(lines, [1, 3, 6, 7]);
  // Empty lines do not count as rows.
  assert.equal(readDelimited('1,2\n\n'.repeat(10), 10).rows.length, 10);
  assert.equal(readDelimited('1,2\n\n'.repeat(10), 10).tooMany, false);
});

test('an empty line in a pasted column is an empty cell', () => {
  const read = (/** @type {string} */ text) => readPasted(text, 10, { fromTable: true, room: 3 }).rows;
  assert.deepEqual(read('1\r\n\r\n3\r\n'), [['1'], [''], ['3']]);
  assert.deepEqual(read('1\t2\n\n3\t4\n'), [['1', '2'], ['3', '4']]); // prettier-ignore
});

test('empty cells stay in their columns', () => {
  assert.deepEqual(rows('1,,3\n,,\n'), [
    ['1', '', '3'],
    ['', '', ''],
  ]);
});

test('a million rows stop at the bound', () => {
  const many = readDelimited('1\t2\n'.repeat(1_000_000), 100);
  assert.equal(many.tooMany, true);
  assert.equal(many.rows.length, 100);
  assert.equal(readDelimited('1\n'.repeat(100), 100).tooMany, false);
});

test('what is written is read again', () => {
  const cells = [
    ['plain', 'with, comma', 'with "quotes"'],
    ['1', 'line\nbreak', ''],
  ];
  assert.deepEqual(rows(formatDelimited(cells, ',')), cells);
  assert.equal(
    formatDelimited(
      [
        [1, 2],
        [3, 4],
      ],
      '\t',
    ),
    '1\t2\n3\t4',
  );
});

test('a comma is a decimal one where it cannot stand before thousands', () => {
  assert.deepEqual(rows('1,25\t-3,5\r\n1,000\t7\r\n'), [
    ['1.25', '-3.5'],
    ['1.000', '7'],
  ]);
  // Either may be meant: the cells stay as they are, and are no numbers.
  assert.deepEqual(rows('1,000\t2,500\n'), [['1,000', '2,500']]);
  assert.deepEqual(readDelimited('1,000\t2,500\n', 10, { decimalComma: true }).rows, [['1.000', '2.500']]);
  assert.deepEqual(readDelimited('1,25;2', 10, { decimalComma: false }).rows, [['1,25', '2']]);
});

test('pasted commas are decimal ones in cells of a spreadsheet, and where they cannot part cells', () => {
  const read = (/** @type {string} */ text, /** @type {boolean} */ fromTable, /** @type {number} */ room) =>
    readPasted(text, 10, { fromTable, room }).rows;
  assert.deepEqual(read('1,5\n2,25\n', true, 3), [['1.5'], ['2.25']]);
  assert.deepEqual(read('1,5\n2,25\n', false, 1), [['1.5'], ['2.25']]);
  assert.deepEqual(read('1,5\n2,25\n', false, 2), [['1', '5'], ['2', '25']]); // prettier-ignore
  // Too wide, but no numbers: that is for the table to say.
  assert.deepEqual(read('1,500\n', false, 1), [['1', '500']]);
  assert.deepEqual(read('1,5,6\n', false, 1), [['1', '5', '6']]);
});

test('a first line without numbers above some is a header, unless the reader says otherwise', () => {
  const header = (/** @type {string} */ text) => readDelimited(text, 10).header;
  assert.equal(header('a\tb\n1\t2\n'), true);
  assert.equal(header('1\t2\n3\t4\n'), false);
  assert.equal(header('setosa\t1\nvirginica\t2\n'), false);
  assert.equal(header('a\tb\n'), false);
  // These stand for numbers.
  assert.equal(header('NaN\tinf\n1\t2\n'), false);
  // Words above words that come again and again.
  const weather = 'sky,play\nsunny,no\nsunny,yes\nrain,yes\nrain,no\n';
  assert.equal(header(weather), true);
  assert.equal(header(weather.replace('sky,play\n', '')), false);
  assert.equal(header('red,dog\nblue,cat\ngreen,cat\n'), false);
  assert.equal(readDelimited('1\t2\n3\t4\n', 10, { header: true }).header, true);
});

test('the separator can be said, and one in quotes does not count', () => {
  assert.deepEqual(readDelimited('1;2,3;4\n', 10, { separator: ',' }).rows, [['1;2', '3;4']]);
  assert.equal(readDelimited('"a\tb";c\n', 10).separator, ';');
  assert.equal(readDelimited('a, b, c\tsum\n', 10).separator, '\t');
});
