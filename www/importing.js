// Cells of text to a table of numbers: which column is the target, and what becomes of words.

import { parseNumber } from './numbers.js';
import { countClasses } from './sources.js';
import { MAX_COLUMNS, MAX_NAME, MAX_ROWS, TableError, cellOf, names, uniqueNames } from './table.js';

/** @import { Table } from './table.js' */

/**
 * What became of a column: numbers, classes (a target's words, numbered), a column of 0 and 1 for each word (an
 * input's; for two words one column says it), or nothing where an input is free text.
 * @typedef {{ name: string, kind: 'numbers' | 'classes' | 'flags' | 'text', words: string[], target: boolean }} Read
 */
/** @typedef {{ from: string, to: string }} Renamed */
/** The most words that a column may have, to be one of classes and not of free text. */
export const MAX_WORDS = 30;

/**
 * @param {string[][]} cells
 * @param {object} options
 * @param {boolean} options.header whether the first line holds names
 * @param {number} [options.target] the column that is one; otherwise, with as many columns as the old table has, the
 *   roles stay, and with another number the last that is no free text is the target
 * @param {number[]} [options.lines] on which line of its text each row stands
 * @param {boolean} [options.classified] whether the targets of the old table are classes
 * @param {Table} old
 * @returns {{ table: Table, columns: Read[], renamed: Renamed[] }} `renamed` are names that could not stay
 */
export function readTable(cells, { header, target, classified = false, lines = [] }, old) {
  const rows = header ? cells.slice(1) : cells;
  const width = widthOf(cells, lines);
  if (cells.length === 0 || width === 0) throw new TableError('nothingPasted');
  if (rows.length === 0) throw new TableError('onlyNames');
  if (rows.length > MAX_ROWS) throw new TableError('tooManyRows', { max: MAX_ROWS });
  if (width < 2) throw new TableError('oneColumn');
  const sameWidth = width === names(old).length;
  const last = Array.from({ length: width }, (_, at) => at).findLast((at) => !isFreeText(textsOf(rows, at)));
  const usual = sameWidth && last === width - 1 ? old.inputs.length : (last ?? width - 1);
  const isTarget = (/** @type {number} */ at) =>
    target === undefined ? at >= usual && at <= (last ?? at) : at === target;
  /** @param {string[]} titles */
  const readAs = (titles) => titles.map((name, at) => read(name, at, rows, isTarget(at), old.classes));
  const numbered = uniqueNames(header ? (cells[0] ?? []) : [], width);
  // Names of the old table say what its columns were: they do not fit values where there were classes.
  let columns = readAs(header || !sameWidth ? numbered : names(old));
  if (!header && sameWidth && holdsClasses(columns, classified) !== classified) columns = readAs(numbered);
  const parts = columns.flatMap(({ parts }) => parts);
  if (parts.length > MAX_COLUMNS) throw new TableError('tooManyColumns', { max: MAX_COLUMNS });
  const ordered = [...parts.filter(({ target }) => !target), ...parts.filter(({ target }) => target)];
  const split = parts.filter(({ target }) => !target).length;
  const left = columns.find(({ kind }) => kind === 'text');
  if (split === 0 && left) throw new TableError('tooManyWords', { name: left.name, max: MAX_WORDS });
  const unique = uniqueNames(
    ordered.map(({ name }) => name),
    ordered.length,
  );
  // Of one column only: of more, the numbers stay.
  const words =
    parts.length - split === 1 ? columns.find(({ kind }) => kind === 'classes')?.words : undefined;
  return {
    table: {
      inputs: unique.slice(0, split),
      targets: unique.slice(split),
      rows: rows.map((_, row) => ordered.map(({ values }) => values[row] ?? '')),
      ...(words ? { classes: words } : {}),
    },
    columns: columns.map(({ name, kind, words, target }) => ({ name, kind, words, target })),
    renamed: header
      ? numbered.flatMap((name, at) =>
          name === (cells[0]?.[at] ?? '') ? [] : [{ from: cells[0]?.[at] ?? '', to: name }],
        )
      : [],
  };
}

/**
 * Whether a text is one line of words: names of columns, rather than a row whose every cell is one.
 * @param {string[][]} cells
 */
export const isOnlyNames = ([first, ...rest]) =>
  first !== undefined && rest.length === 0 && first.length > 1 && first.every(isWord);

/**
 * How many columns there are: as many as the first line has cells, without empty ones at the end of every line.
 * @param {string[][]} cells
 * @param {number[]} lines
 */
function widthOf(cells, lines) {
  const first = cells[0]?.length ?? 0;
  let width = 0;
  cells.forEach((row, at) => {
    const length = row.findLastIndex((cell) => cell !== '') + 1;
    if (length > first) throw new TableError('longLine', { line: lines[at] ?? at + 1, cells: length, first });
    width = Math.max(width, length);
  });
  return width;
}

/**
 * Whether the targets are classes: words, or the numbers of some where they were classes before.
 * @param {ReturnType<typeof read>[]} columns
 * @param {boolean} classified
 */
const holdsClasses = (columns, classified) =>
  columns
    .filter(({ target }) => target)
    .every(
      ({ kind, parts }) =>
        kind === 'classes' || (classified && parts.every(({ values }) => countClasses(values) > 0)),
    );

/** @param {string} text */
const isWord = (text) => /\p{L}/u.test(text) && isClass(text) && !('value' in parseNumber(text));

/** Whether a text among words is one of them: not where nothing stands, or what stands for a number that is missing. @param {string} text */
const isClass = (text) => {
  const parsed = parseNumber(text);
  return !('error' in parsed) || (parsed.error !== 'empty' && parsed.error !== 'infinite');
};

/** @param {string[][]} rows @param {number} at */
const textsOf = (rows, at) => rows.map((cells) => cells[at] ?? '');

/** Whether a column is one of words: a few among numbers are mistakes, to be put right in the table. @param {string[]} texts */
const isWordy = (texts) => texts.filter(isWord).length * 2 > texts.length;

/** @param {string[]} texts */
const isFreeText = (texts) => isWordy(texts) && new Set(texts.filter(isClass)).size > MAX_WORDS;

/** As long as a name may be. @param {string} text */
const shortened = (text) =>
  text.length <= MAX_NAME ? text : [...text.slice(0, 2 * MAX_NAME)].slice(0, MAX_NAME).join('');

/**
 * @param {string} name
 * @param {number} at
 * @param {string[][]} rows
 * @param {boolean} target
 * @param {string[]} [known] classes that have a number already
 * @returns {Read & { parts: { name: string, target: boolean, values: (number | string)[] }[] }}
 */
function read(name, at, rows, target, known = []) {
  const texts = textsOf(rows, at);
  if (!isWordy(texts)) {
    const values = texts.map((text) => cellOf(text));
    return { name, kind: 'numbers', words: [], target, parts: [{ name, target, values }] };
  }
  const different = new Set(texts.filter(isClass));
  if (different.size > MAX_WORDS) {
    // Names and remarks say nothing to a network: the other columns can do without.
    if (!target) return { name, kind: 'text', words: [], target, parts: [] };
    throw new TableError('tooManyWords', { name, max: MAX_WORDS });
  }
  const shorter = texts.map((text) => (isClass(text) ? shortened(text) : text));
  // In the order of their code points, as crate/src/data/csv.rs numbers them.
  const found = [...new Set([...different].map(shortened))].sort((a, b) => (a < b ? -1 : 1));
  if (found.length < different.size) throw new TableError('wordsAlike', { name, max: MAX_NAME });
  // Rows of the same classes as before keep their numbers.
  const words = target && found.every((word) => known.includes(word)) ? known : found;
  if (target) {
    const values = shorter.map((text) => (isClass(text) ? words.indexOf(text) : text));
    return { name, kind: 'classes', words, target, parts: [{ name, target, values }] };
  }
  const flagged = words.length === 2 ? words.slice(1) : words;
  const parts = flagged.map((word) => ({
    name: `${name}=${word}`,
    target,
    values: shorter.map((text) => (isClass(text) ? Number(text === word) : text)),
  }));
  return { name, kind: 'flags', words, target, parts };
}
