// The order of the table's columns and rows: needed only once a column's popup is open.

import { arranged, names, roleOf } from './table.js';

/** @import { Table } from './table.js' */

/**
 * Whether there is a column of the same role beside this one.
 * @param {Table} table
 * @param {number} column
 * @param {-1 | 1} by
 */
export const canMove = (table, column, by) =>
  column + by >= 0 &&
  column + by < names(table).length &&
  roleOf(table, column) === roleOf(table, column + by);

/**
 * A column changes places with the one beside it.
 * @param {Table} table
 * @param {number} column
 * @param {-1 | 1} by
 * @returns {Table}
 */
export function moveColumn(table, column, by) {
  const order = [...names(table).keys()].with(column, column + by).with(column + by, column);
  return { ...table, ...arranged(table, order, table.inputs.length) };
}

/**
 * The rows in the order of a column; those with text in it come last, and alike ones stay as they were.
 * @param {Table} table
 * @param {number} column
 * @param {'ascending' | 'descending'} order
 * @returns {Table}
 */
export function sortRows(table, column, order) {
  const sign = order === 'ascending' ? 1 : -1;
  const rows = table.rows.toSorted(({ [column]: one }, { [column]: other }) =>
    typeof one === 'number' && typeof other === 'number'
      ? sign * (one - other)
      : Number(typeof one === 'string') - Number(typeof other === 'string'),
  );
  return { ...table, rows };
}
