// Text from a spreadsheet or a CSV file, to cells. Own code, because a paste must stop at the bound instead of
// parsing a million rows first.

/**
 * @typedef {object} Cells
 * @property {string[][]} rows
 * @property {boolean} tooMany there are more rows than `maxRows`; `rows` has the first ones
 */

/**
 * Splits by tabs if the first line has one, otherwise by semicolons or commas, whichever there are more of.
 * Fields in double quotes may hold separators, line breaks and doubled quotes (RFC 4180). Empty lines are left out.
 * @param {string} text
 * @param {number} maxRows
 * @returns {Cells}
 */
export function parseDelimited(text, maxRows) {
  const source = text.replace(/^\uFEFF/, '');
  const separator = separatorOf(source);
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  let row = [];
  let at = 0;
  while (at <= source.length) {
    const field = source[at] === '"' ? quotedField(source, at) : plainField(source, at, separator);
    row.push(field.text);
    at = field.end;
    const next = source[at];
    if (next === separator) {
      at += 1;
      continue;
    }
    if (row.length > 1 || row[0] !== '') {
      if (rows.length === maxRows) return { rows, tooMany: true };
      rows.push(row);
    }
    row = [];
    if (at >= source.length) break;
    at += next === '\r' && source[at + 1] === '\n' ? 2 : 1;
  }
  return { rows, tooMany: false };
}

/** @param {string} source */
function separatorOf(source) {
  const end = source.search(/[\r\n]/);
  const line = end < 0 ? source : source.slice(0, end);
  if (line.includes('\t')) return '\t';
  return line.split(';').length > line.split(',').length ? ';' : ',';
}

/**
 * @param {string} source
 * @param {number} start
 * @param {string} separator
 */
function plainField(source, start, separator) {
  let end = start;
  while (end < source.length && source[end] !== separator && source[end] !== '\n' && source[end] !== '\r')
    end += 1;
  return { text: source.slice(start, end).trim(), end };
}

/**
 * @param {string} source
 * @param {number} start where the opening quote is
 */
function quotedField(source, start) {
  let text = '';
  let at = start + 1;
  for (;;) {
    const quote = source.indexOf('"', at);
    if (quote < 0) return { text: text + source.slice(at), end: source.length };
    text += source.slice(at, quote);
    at = quote + 1;
    if (source[at] !== '"') break;
    text += '"';
    at += 1;
  }
  // Whatever stands between the closing quote and the separator does not belong to the field.
  while (at < source.length && !',;\t\r\n'.includes(/** @type {string} */ (source[at]))) at += 1;
  return { text: text.trim(), end: at };
}

/**
 * Cells to tab-separated text, as spreadsheets take it, or to comma-separated text.
 * @param {(string | number)[][]} rows
 * @param {',' | '\t'} separator
 */
export function formatDelimited(rows, separator) {
  const field = (/** @type {string | number} */ value) => {
    const text = String(value);
    return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(field).join(separator)).join('\n');
}
