// Text from a spreadsheet or a CSV file, to cells and back.

import Papa from 'papaparse';
import { hasDecimalComma, parseNumber, withPoint } from './numbers.js';
import { MAX_ROWS, TableError } from './table.js';

/**
 * What is known of a text beforehand; the rest is guessed.
 * @typedef {object} Options
 * @property {boolean} [emptyLines] whether an empty line is a row of one empty cell; otherwise it says nothing
 * @property {string} [separator]
 * @property {boolean} [header] whether the first line holds names
 * @property {boolean} [decimalComma]
 */
/**
 * @typedef {object} Cells
 * @property {string[][]} rows with a point in every number; the names, if there are any, are the first
 * @property {number[]} lines on which line of the text each row begins
 * @property {{ code: 'openQuote' | 'strayQuote', line: number }} [broken] cells from there on may be wrong
 * @property {boolean} tooMany there are more rows than `maxRows`; `rows` has the first ones
 * @property {string} separator
 * @property {boolean} header
 * @property {boolean} decimalComma
 */

/**
 * @param {string} text
 * @param {number} maxRows
 * @param {Options} [options]
 * @returns {Cells}
 */
export function readDelimited(text, maxRows, options = {}) {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const separator = options.separator ?? separatorOf(source);
  const empty = source.match(/^[^\S\n]*$/gm)?.length ?? 0;
  const { data, errors } = Papa.parse(source, {
    delimiter: separator,
    newline: '\n',
    preview: maxRows + 1 + empty,
  });
  const { rows: all, lines, starts } = rowsOf(/** @type {string[][]} */ (data), options.emptyLines ?? false);
  const kept = all.slice(0, maxRows);
  const quote = errors.find(({ type }) => type === 'Quotes');
  const decimalComma = options.decimalComma ?? (separator !== ',' && hasDecimalCommas(kept));
  const rows = decimalComma ? kept.map((cells) => cells.map(withPoint)) : kept;
  return {
    rows,
    lines: lines.slice(0, maxRows),
    ...(quote && {
      broken: {
        code: quote.code === 'MissingQuotes' ? 'openQuote' : 'strayQuote',
        line: starts[quote.row ?? 0] ?? 1,
      },
    }),
    tooMany: all.length > maxRows,
    separator,
    header: options.header ?? hasHeader(rows),
    decimalComma,
  };
}

/**
 * Why cells are not to be taken, or nothing.
 * @param {Pick<Cells, 'tooMany' | 'broken'>} read as many rows as a table may have, and the names
 */
export function whyNot({ tooMany, broken }) {
  if (broken) return new TableError(broken.code, { line: broken.line });
  return tooMany ? new TableError('tooManyRows', { max: MAX_ROWS }) : undefined;
}

/**
 * The records of a text without the lines that are empty, and where they begin.
 * @param {string[][]} records
 * @param {boolean} emptyLines
 */
function rowsOf(records, emptyLines) {
  // Behind the last line break there is no line.
  const last = records.at(-1);
  const ended = last?.length === 1 && last[0] === '' ? records.slice(0, -1) : records;
  const rows = [];
  const [lines, starts] = [/** @type {number[]} */ ([]), /** @type {number[]} */ ([])];
  let line = 1;
  for (const record of ended) {
    const cells = record.map((cell) => cell.trim());
    starts.push(line);
    if (emptyLines || cells.length > 1 || cells[0] !== '') {
      rows.push(cells);
      lines.push(line);
    }
    line += record.reduce((sum, cell) => (cell.includes('\n') ? sum + cell.split('\n').length - 1 : sum), 1);
  }
  return { rows, lines, starts };
}

/**
 * What is pasted into a table. A comma is a decimal one, and not between cells, where the text comes from cells of a
 * spreadsheet, or where it would otherwise reach beyond the last column.
 * @param {string} text
 * @param {number} maxRows
 * @param {{ fromTable: boolean, room: number }} where `room` is how many columns there are from the first cell on
 */
export function readPasted(text, maxRows, { fromTable, room }) {
  const read = readDelimited(text, maxRows, fromTable ? { separator: '\t' } : {});
  // In one column an empty line is an empty cell.
  const { separator } = read;
  const single = read.rows.every((cells) => cells.length === 1);
  if (single) return readDelimited(text, maxRows, { separator, emptyLines: true });
  if (fromTable) return read;
  const tabbed = () => readDelimited(text, maxRows, { separator: '\t', emptyLines: true });
  if (read.separator !== ',' || read.rows.every((cells) => cells.length <= room)) return read;
  const column = tabbed();
  const numbers = column.rows.every((cells) => cells.every((cell) => 'value' in parseNumber(cell)));
  return column.decimalComma && numbers ? column : read;
}

/**
 * Whether commas are decimal ones: not while each could also stand before thousands.
 * @param {string[][]} rows
 */
const hasDecimalCommas = (rows) => rows.some((cells) => cells.some(hasDecimalComma));

/**
 * Whether the first of several lines holds names and not values.
 * @param {string[][]} rows
 */
function hasHeader([first, ...rest]) {
  // Also one that nothing can be computed with, such as NaN.
  const isNumber = (/** @type {string} */ text) => {
    const parsed = parseNumber(text);
    return !('error' in parsed) || (parsed.error !== 'word' && parsed.error !== 'empty');
  };
  if (first === undefined || first.some(isNumber)) return false;
  return rest.some((cells) => cells.some(isNumber)) || standsApart(first, rest);
}

/** Where there are only words, so many lines of them say which are names. */
const FEW_LINES = 4;

/**
 * Whether words of a first line are none of those below it, which come again and again in each column.
 * @param {string[]} first
 * @param {string[][]} rest
 */
const standsApart = (first, rest) =>
  rest.length >= FEW_LINES &&
  first.every((name, at) => {
    const below = new Set(rest.map((cells) => cells[at]));
    return name !== '' && !below.has(name) && below.size < rest.length;
  });

/** How much of a text says what is between its cells. */
const LONGEST_LINE = 100_000;

/**
 * A tab if the first line has one outside of quotes, otherwise a comma, or a semicolon where there are as many.
 * @param {string} source
 */
function separatorOf(source) {
  const [line = ''] = source
    .slice(0, LONGEST_LINE)
    .replace(/^[\r\n]+/, '')
    .replace(/"[^"]*"/g, '')
    .split(/[\r\n]/, 1);
  if (line.includes('\t')) return '\t';
  return line.includes(';') && line.split(';').length >= line.split(',').length ? ';' : ',';
}

/**
 * Cells to tab-separated text, as spreadsheets take it, or to comma-separated text.
 * @param {(string | number)[][]} rows
 * @param {',' | '\t'} separator
 */
export function formatDelimited(rows, separator) {
  return Papa.unparse(rows, { delimiter: separator, newline: '\n' });
}
