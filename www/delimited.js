// Text from a spreadsheet or a CSV file, to cells and back.

import Papa from 'papaparse';
import { hasDecimalComma, parseNumber, withPoint } from './numbers.js';

/**
 * What is known of a text beforehand; the rest is guessed.
 * @typedef {object} Options
 * @property {string} [separator]
 * @property {boolean} [header] whether the first line holds names
 * @property {boolean} [decimalComma]
 */
/**
 * @typedef {object} Cells
 * @property {string[][]} rows with a point in every number; the names, if there are any, are the first
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
  const source = text.replace(/^\uFEFF/, '');
  const separator = options.separator ?? separatorOf(source);
  const { data } = Papa.parse(source, {
    delimiter: separator,
    preview: maxRows + 1,
    // 'greedy' would drop rows of empty cells, too.
    skipEmptyLines: true,
    transform: (/** @type {string} */ cell) => cell.trim(),
  });
  const all = /** @type {string[][]} */ (data);
  const kept = all.slice(0, maxRows);
  const decimalComma = options.decimalComma ?? (separator !== ',' && hasDecimalCommas(kept));
  const rows = decimalComma ? kept.map((cells) => cells.map(withPoint)) : kept;
  return {
    rows,
    tooMany: all.length > maxRows,
    separator,
    header: options.header ?? hasHeader(rows),
    decimalComma,
  };
}

/**
 * What is pasted into a table. A comma is a decimal one, and not between cells, where the text comes from cells of a
 * spreadsheet, or where it would otherwise reach beyond the last column.
 * @param {string} text
 * @param {number} maxRows
 * @param {{ fromTable: boolean, room: number }} where `room` is how many columns there are from the first cell on
 */
export function readPasted(text, maxRows, { fromTable, room }) {
  const tabbed = () => readDelimited(text, maxRows, { separator: '\t' });
  if (fromTable) return tabbed();
  const read = readDelimited(text, maxRows);
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
  const isNumber = (/** @type {string} */ text) => 'value' in parseNumber(text);
  return first !== undefined && !first.some(isNumber) && rest.some((cells) => cells.some(isNumber));
}

/**
 * A tab if the first line has one outside of quotes, otherwise a comma, or a semicolon where there are as many.
 * @param {string} source
 */
function separatorOf(source) {
  const [line = ''] = source
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
