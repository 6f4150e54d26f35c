// Text from a spreadsheet or a CSV file, to cells and back.

import Papa from 'papaparse';

/**
 * @typedef {object} Cells
 * @property {string[][]} rows
 * @property {boolean} tooMany there are more rows than `maxRows`; `rows` has the first ones
 */

/**
 * Splits by tabs if the first line has one, otherwise by semicolons or commas, whichever there are more of: the
 * library's own guess takes a decimal comma for a separator. Empty lines are left out; parsing stops at the bound.
 * @param {string} text
 * @param {number} maxRows
 * @returns {Cells}
 */
export function parseDelimited(text, maxRows) {
  const source = text.replace(/^\uFEFF/, '');
  const { data } = Papa.parse(source, {
    delimiter: separatorOf(source),
    preview: maxRows + 1,
    // 'greedy' would drop rows of empty cells, too.
    skipEmptyLines: true,
    transform: (/** @type {string} */ cell) => cell.trim(),
  });
  const rows = /** @type {string[][]} */ (data);
  return { rows: rows.slice(0, maxRows), tooMany: rows.length > maxRows };
}

/** @param {string} source */
function separatorOf(source) {
  const end = source.search(/[\r\n]/);
  const line = end < 0 ? source : source.slice(0, end);
  if (line.includes('\t')) return '\t';
  return line.split(';').length > line.split(',').length ? ';' : ',';
}

/**
 * Cells to tab-separated text, as spreadsheets take it, or to comma-separated text.
 * @param {(string | number)[][]} rows
 * @param {',' | '\t'} separator
 */
export function formatDelimited(rows, separator) {
  return Papa.unparse(rows, { delimiter: separator, newline: '\n' });
}
