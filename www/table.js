// The table of data as a value, and the edits of it: functions from table to table. A table may hold text where a
// number belongs; such a table is pending and does not enter the document.

import { parseNumber, plain } from './numbers.js';

/**
 * @typedef {object} Table
 * @property {string[]} inputs
 * @property {string[]} targets
 * @property {(number | string)[][]} rows inputs, then targets
 * @property {string[]} [classes] what the classes of the only target are called, from 0 on
 */

/**
 * What is wrong with a cell: the locale key is `cell.<code>`, or `problem.<code>`.
 * @typedef {{ row: number, column: number, code: string, params?: Record<string, unknown> }} CellProblem
 */

/** The most that can be edited here; documents may hold more columns. */
export const MAX_ROWS = 100_000;
export const MAX_COLUMNS = 256;
export const MAX_NAME = 64;
export const MAX_CLASSES = 4096;
/** So many classes are listed where a word is none of them. */
const MOST_LISTED = 10;

/** A refusal of an edit: the locale key is `table.<code>`. */
export class TableError extends Error {
  /**
   * @param {string} code
   * @param {Record<string, unknown>} [params]
   */
  constructor(code, params = {}) {
    super(code);
    this.code = code;
    this.params = params;
  }
}

/** @param {Table} table */
export const names = (table) => [...table.inputs, ...table.targets];

/** @type {string[]} */
const NO_WORDS = [];

/**
 * What the classes in a column are called: its cells are read and shown by these words.
 * @param {Table} table
 * @param {number} column
 */
export const wordsOf = ({ inputs, targets, classes }, column) =>
  classes && targets.length === 1 && column === inputs.length ? classes : NO_WORDS;

/**
 * A cell as it is typed, copied and saved: a class that has a name by its name.
 * @param {number | string} cell
 * @param {string[]} [words]
 */
export const textOf = (cell, words = NO_WORDS) =>
  typeof cell === 'number' ? (words[cell] ?? plain(cell)) : cell;

/**
 * Text becomes a number where it is one, or the name of a class, and stays text otherwise.
 * @param {string} text
 * @param {string[]} [words]
 * @returns {number | string}
 */
export function cellOf(text, words = NO_WORDS) {
  // Names come first: one that looks like a number is shown as such.
  const named = words.indexOf(text.trim());
  if (named >= 0) return named;
  const parsed = parseNumber(text);
  return 'value' in parsed ? parsed.value : text;
}

/**
 * The cells that hold no number.
 * @param {Table} table
 * @returns {CellProblem[]}
 */
export function cellProblems(table) {
  /** @type {CellProblem[]} */
  const found = [];
  table.rows.forEach((cells, row) =>
    cells.forEach((cell, column) => {
      if (typeof cell === 'number') return;
      const parsed = parseNumber(cell);
      const code = 'error' in parsed ? parsed.error : 'word';
      const words = wordsOf(table, column);
      if (code === 'word' && words.length > 0)
        found.push({ row, column, code: 'class', params: { text: cell, list: words.slice(0, MOST_LISTED) } });
      else found.push({ row, column, code, params: { text: cell } });
    }),
  );
  return found;
}

/**
 * The rows that these cells are in, each once.
 * @param {CellProblem[]} problems
 */
export const rowsWith = (problems) => new Set(problems.map(({ row }) => row));

/** @typedef {(number | string)[]} Row */

/** Rows with text in them, and the same rows before it came there. @type {WeakMap<Row, Row>} */
const earlier = new WeakMap();

/**
 * @param {Row} old
 * @param {Row} fresh what has become of it
 */
function edited(old, fresh) {
  if (fresh.some((cell) => typeof cell === 'string')) earlier.set(fresh, old);
  return fresh;
}

/**
 * The number that a cell held before text took its place, wherever its row is by now; undefined where none was.
 * @param {Table} table
 * @param {number} row
 * @param {number} column
 */
export function numberBefore({ rows }, row, column) {
  for (let cells = /** @type {Row | undefined} */ (rows[row]); cells; cells = earlier.get(cells)) {
    const cell = cells[column];
    if (typeof cell === 'number') return cell;
  }
  return undefined;
}

/**
 * @param {Table} table
 * @param {number} row
 * @param {number} column
 * @param {number | string} value
 * @returns {Table}
 */
export const setCell = (table, row, column, value) => setCells(table, [{ row, column, value }]);

/**
 * @param {Table} table
 * @param {{ row: number, column: number, value: number | string }[]} cells
 * @returns {Table}
 */
export function setCells(table, cells) {
  const rows = [...table.rows];
  for (const { row, column, value } of cells) {
    const old = rows[row];
    if (old) rows[row] = edited(old, old.with(column, value));
  }
  return { ...table, rows };
}

/**
 * @param {Table} table
 * @param {number} at where the new row goes
 * @param {number} [count]
 * @returns {Table}
 */
export function addRows(table, at, count = 1) {
  if (table.rows.length + count > MAX_ROWS) throw new TableError('tooManyRows', { max: MAX_ROWS });
  const width = names(table).length;
  const rows = Array.from({ length: count }, () => Array.from({ length: width }, () => 0));
  return { ...table, rows: [...table.rows.slice(0, at), ...rows, ...table.rows.slice(at)] };
}

/**
 * New rows with these cells from their left on, and zeros in the rest.
 * @param {Table} table
 * @param {number} at where the first of them goes
 * @param {string[][]} cells
 */
export const insertRows = (table, at, cells) => paste(addRows(table, at, cells.length), at, 0, cells);

/**
 * @param {Table} table
 * @param {number} from
 * @param {number} to the last row that goes
 * @returns {Table}
 */
export function removeRows(table, from, to) {
  return { ...table, rows: table.rows.filter((_, at) => at < from || at > to) };
}

/** @typedef {{ top: number, bottom: number, left: number, right: number }} Range the last row and column included */

/**
 * The cells of a range, classes by their names.
 * @param {Table} table
 * @param {Range} range
 */
export const cut = (table, { top, bottom, left, right }) =>
  table.rows
    .slice(top, bottom + 1)
    .map((cells) =>
      cells.slice(left, right + 1).map((cell, at) => wordsOf(table, left + at)[Number(cell)] ?? cell),
    );

/**
 * The cells of a range with other values.
 * @param {Table} table
 * @param {Range} range
 * @param {(row: number, column: number) => number | string | undefined} value
 * @returns {Table}
 */
function within(table, { top, bottom, left, right }, value) {
  const rows = table.rows.map((cells, row) =>
    row < top || row > bottom
      ? cells
      : edited(
          cells,
          cells.map((cell, at) => (at < left || at > right ? cell : (value(row, at) ?? cell))),
        ),
  );
  return { ...table, rows };
}

/**
 * The cells of a range without their numbers.
 * @param {Table} table
 * @param {Range} range
 */
export const clear = (table, range) => within(table, range, () => '');

/**
 * The first row of a range in all of its rows, or its first column in all of its columns.
 * @param {Table} table
 * @param {Range} range
 * @param {'down' | 'right'} way
 */
export const fill = (table, range, way) =>
  within(table, range, (row, column) =>
    way === 'down' ? table.rows[range.top]?.[column] : table.rows[row]?.[range.left],
  );

/**
 * Copied cells as often as a range has room for them, where it has for nothing else; otherwise once.
 * @param {string[][]} cells
 * @param {Range} range
 */
export function repeated(cells, { top, bottom, left, right }) {
  const width = cells[0]?.length ?? 0;
  const [down, across] = [(bottom - top + 1) / cells.length, (right - left + 1) / width];
  const fits = (/** @type {number} */ times) => Number.isInteger(times) || times < 1;
  if (!fits(down) || !fits(across) || cells.some((line) => line.length !== width)) return cells;
  const lines = cells.map((line) => Array.from({ length: Math.max(1, across) }, () => line).flat());
  return Array.from({ length: Math.max(1, down) }, () => lines).flat();
}

/**
 * A new column of zeros, behind the others of its role unless it is said where.
 * @param {Table} table
 * @param {'input' | 'target'} role
 * @param {number} [at]
 * @returns {Table}
 */
export function addColumn(table, role, at = role === 'input' ? table.inputs.length : names(table).length) {
  if (names(table).length >= MAX_COLUMNS) throw new TableError('tooManyColumns', { max: MAX_COLUMNS });
  const own = role === 'input' ? table.inputs : table.targets;
  const name = freshName(names(table), own, role === 'input' ? 'x' : 'y');
  const all = names(table).toSpliced(at, 0, name);
  const split = table.inputs.length + Number(role === 'input');
  return {
    ...table,
    inputs: all.slice(0, split),
    targets: all.slice(split),
    rows: table.rows.map((cells) => cells.toSpliced(at, 0, 0)),
  };
}

/**
 * x3 after x1 and x2.
 * @param {string[]} taken
 * @param {string[]} siblings
 * @param {string} letter
 */
function freshName(taken, siblings, letter) {
  const stem = /^(.*?)\d*$/.exec(siblings.at(-1) ?? '')?.[1] || letter;
  for (let number = siblings.length + 1; ; number += 1) {
    const name = `${stem}${number}`;
    if (!taken.includes(name)) return name;
  }
}

/**
 * @param {Table} table
 * @param {number} column
 * @returns {'input' | 'target'}
 */
export const roleOf = (table, column) => (column < table.inputs.length ? 'input' : 'target');

/**
 * Whether a column can go, or change its role: one input and one target must stay.
 * @param {Table} table
 * @param {number} column
 */
export const isLastOfRole = (table, column) =>
  (roleOf(table, column) === 'input' ? table.inputs : table.targets).length === 1;

/**
 * @param {Table} table
 * @param {number} column
 * @returns {Table}
 */
export function removeColumn(table, column) {
  if (isLastOfRole(table, column)) throw new TableError(`last.${roleOf(table, column)}`);
  const split = table.inputs.length;
  return {
    ...table,
    inputs: table.inputs.filter((_, at) => at !== column),
    targets: table.targets.filter((_, at) => at + split !== column),
    rows: table.rows.map((cells) => cells.filter((_, at) => at !== column)),
  };
}

/**
 * @param {Table} table
 * @param {number} column
 * @param {string} name
 * @returns {Table}
 */
export function renameColumn(table, column, name) {
  const clean = name.trim();
  if (clean === '') throw new TableError('nameEmpty');
  if ([...clean].length > MAX_NAME) throw new TableError('nameLong', { max: MAX_NAME });
  if (names(table).some((other, at) => other === clean && at !== column)) {
    throw new TableError('nameTaken', { name: clean });
  }
  const renamed = names(table).with(column, clean);
  const split = table.inputs.length;
  return { ...table, inputs: renamed.slice(0, split), targets: renamed.slice(split) };
}

/**
 * Calls the classes of the only target by these names.
 * @param {Table} table
 * @param {string[]} wanted
 * @returns {Table}
 */
export function nameClasses(table, wanted) {
  const words = wanted.map((word) => word.trim());
  while (words.at(-1) === '') words.pop();
  if (words.length > MAX_CLASSES) throw new TableError('classesMany', { max: MAX_CLASSES });
  words.forEach((word, at) => {
    if (word === '') throw new TableError('classEmpty');
    if ([...word].length > MAX_NAME) throw new TableError('nameLong', { max: MAX_NAME });
    if (words.indexOf(word) < at) throw new TableError('classTaken', { name: word });
  });
  // Words that were none of the classes may be among them now.
  const column = table.inputs.length;
  const rows = table.rows.map((cells) => {
    const cell = cells[column];
    return typeof cell === 'string' ? cells.with(column, cellOf(cell, words)) : cells;
  });
  return { ...table, rows, classes: words };
}

/**
 * The columns in another order.
 * @param {Table} table
 * @param {number[]} order which column comes to each place
 * @param {number} split how many of them are inputs
 */
export function arranged(table, order, split) {
  const renamed = order.map((at) => /** @type {string} */ (names(table)[at]));
  return {
    inputs: renamed.slice(0, split),
    targets: renamed.slice(split),
    rows: table.rows.map((cells) => order.map((at) => /** @type {number | string} */ (cells[at]))),
  };
}

/**
 * An input becomes the first target, a target the last input: it stays where it is as far as it can.
 * @param {Table} table
 * @param {number} column
 * @param {'input' | 'target'} role
 * @returns {Table}
 */
export function setRole(table, column, role) {
  if (roleOf(table, column) === role) return table;
  if (isLastOfRole(table, column)) throw new TableError(`last.${roleOf(table, column)}`);
  const split = table.inputs.length;
  const order = names(table).map((_, at) => at);
  order.splice(column, 1);
  order.splice(role === 'input' ? split : split - 1, 0, column);
  return arranged(table, order, role === 'input' ? split + 1 : split - 1);
}

/**
 * Puts pasted cells into the table, the first at `row`, `column`; adds rows where they reach below the last.
 * @param {Table} table
 * @param {number} row
 * @param {number} column
 * @param {string[][]} cells
 * @returns {Table}
 */
export function paste(table, row, column, cells) {
  const width = names(table).length;
  const reach = column + cells.reduce((most, line) => Math.max(most, line.length), 0);
  if (reach > width) throw new TableError('pasteTooWide', { columns: reach - column, room: width - column });
  if (row + cells.length > MAX_ROWS) throw new TableError('tooManyRows', { max: MAX_ROWS });
  const missing = row + cells.length - table.rows.length;
  const grown = missing > 0 ? addRows(table, table.rows.length, missing) : table;
  const rows = grown.rows.map((old, at) => {
    const line = cells[at - row];
    if (!line) return old;
    const fresh = [...old];
    line.forEach((text, index) => {
      fresh[column + index] = cellOf(text, wordsOf(grown, column + index));
    });
    return edited(old, fresh);
  });
  return { ...grown, rows };
}

/**
 * Names for so many columns, no two of them the same.
 * @param {string[]} wanted
 * @param {number} width
 */
export function uniqueNames(wanted, width) {
  /** @type {string[]} */
  const taken = [];
  for (let at = 0; at < width; at += 1) {
    const fallback = at === width - 1 ? 'y' : `x${at + 1}`;
    const stem = [...(wanted[at]?.trim() || fallback)].slice(0, MAX_NAME - 4).join('');
    let name = stem;
    for (let number = 2; taken.includes(name); number += 1) name = `${stem}_${number}`;
    taken.push(name);
  }
  return taken;
}

/**
 * Columns whose value is the same in every row: they are no mistake, but nothing can be learned from them.
 * @param {Table} table
 * @returns {boolean[]}
 */
export function constantColumns(table) {
  const [first, ...rest] = table.rows;
  return names(table).map((_, at) => rest.length > 0 && rest.every((cells) => cells[at] === first?.[at]));
}
