// The field in a cell that is being written in: what it starts with, and the keys that end it.

import { h, setText } from '../dom.js';
import { t } from '../i18n.js';
import { cellOf, names, textOf, wordsOf } from '../table.js';
import { afterPress } from './press.js';

/** @import { Range, Table } from '../table.js' */
/** @import { Cell } from './grid.js' */
/** @import { createEntry } from './grid-entry.js' */

/**
 * @param {object} grid
 * @param {() => Table} grid.table
 * @param {(cell: Cell) => boolean} grid.isWrong
 * @param {(cell: Cell) => HTMLElement | null} grid.elementOf
 * @param {ReturnType<typeof createEntry>} grid.entry
 * @param {(cell: Cell) => void} grid.select
 * @param {() => void} grid.render
 * @param {(cell: Cell, value: number | string) => void} grid.onedit
 * @param {(range: Range) => void} grid.onrevert
 */
export function createCellField({ table, isWrong, elementOf, entry, select, render, onedit, onrevert }) {
  /** `start` is what the first key has typed. @type {{ cell: Cell, input: HTMLInputElement, start?: string } | undefined} */
  let editing;

  /**
   * @param {Cell} cell
   * @param {string} [text] what the field starts with; without it, the cell's value, selected
   */
  function open(cell, text) {
    const holder = elementOf(cell);
    const value = table().rows[cell.row]?.[cell.column];
    if (!holder || value === undefined) return;
    const label = t('data.cell', { row: cell.row + 1, column: names(table())[cell.column] });
    const input = h('input', {
      class: 'cell-input',
      type: 'text',
      autocomplete: 'off',
      spellcheck: 'false',
      enterkeyhint: 'next',
      'aria-label': label,
      'aria-invalid': isWrong(cell) ? 'true' : null,
    });
    input.value = text ?? textOf(value, wordsOf(table(), cell.column));
    editing = { cell, input, ...(text === undefined ? {} : { start: text }) };
    holder.replaceChildren(input);
    input.focus();
    if (text === undefined) input.select();
    input.addEventListener('blur', () => afterPress(() => editing?.input === input && finish()));
  }

  /** The field goes; what it was. */
  function close() {
    const closed = editing;
    editing = undefined;
    if (closed) setText(closed.input.parentElement ?? closed.input, '');
    return closed;
  }

  /** Takes over what was typed. */
  function finish() {
    const closed = close();
    if (!closed) return;
    const { cell, input } = closed;
    const before = table().rows[cell.row]?.[cell.column];
    const words = wordsOf(table(), cell.column);
    const value = cellOf(input.value, words);
    const same = value === before || (typeof before === 'number' && input.value === textOf(before, words));
    if (!same) onedit(cell, value);
    render();
  }

  function cancel() {
    const closed = close();
    if (!closed) return;
    render();
    elementOf(closed.cell)?.focus();
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    if (!editing) return;
    const { cell, input, start } = editing;
    const { row, column } = cell;
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      const wrong = isWrong(cell);
      entry.end();
      cancel();
      if (wrong) onrevert({ top: row, bottom: row, left: column, right: column });
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
      // The field itself takes back what was typed into it, except for the key that opened it.
      if (input.value !== start) return;
      event.preventDefault();
      event.stopPropagation();
      cancel();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      finish();
      entry.end();
      select({ row: Math.max(0, row + (event.key === 'ArrowUp' ? -1 : 1)), column });
    } else if (event.key === 'Enter') {
      finish();
      entry.enter(cell, event);
    } else if (event.key === 'Tab') {
      finish();
      entry.tab(cell, event);
    }
  }

  return {
    get isOpen() {
      return editing !== undefined;
    },
    /** @param {Cell} cell */
    isIn: ({ row, column }) => editing?.cell.row === row && editing.cell.column === column,
    /** @param {EventTarget | null} target */
    is: (target) => editing?.input === target,
    open,
    finish,
    cancel,
    /** Its cell is no more. */
    forget: () => void (editing = undefined),
    onkeydown,
  };
}
