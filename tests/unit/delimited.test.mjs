import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDelimited, parseDelimited } from '../../www/delimited.js';

const rows = (/** @type {string} */ text) => parseDelimited(text, 1000).rows;

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
    ['0,5', '1'],
  ]);
});

test('quoted fields hold separators, line breaks and quotes', () => {
  assert.deepEqual(rows('"x, in ""cm""","two\nlines"\n1,2'), [
    ['x, in "cm"', 'two\nlines'],
    ['1', '2'],
  ]);
  assert.deepEqual(rows('"never closed, 1\n2'), [['never closed, 1\n2']]);
});

test('empty cells stay in their columns', () => {
  assert.deepEqual(rows('1,,3\n,,\n'), [
    ['1', '', '3'],
    ['', '', ''],
  ]);
});

test('a million rows stop at the bound', () => {
  const many = parseDelimited('1\t2\n'.repeat(1_000_000), 100);
  assert.equal(many.tooMany, true);
  assert.equal(many.rows.length, 100);
  assert.equal(parseDelimited('1\n'.repeat(100), 100).tooMany, false);
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
