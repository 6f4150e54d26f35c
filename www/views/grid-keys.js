// The keys of the grid while no cell is written in.

/** @import { Range } from '../table.js' */
/** @import { Cell } from './grid.js' */
/** @import { createEntry } from './grid-entry.js' */

/** Where a column goes, with Alt on its name. */
const COLUMN_KEYS = /** @type {const} */ ({ ArrowLeft: -1, ArrowRight: 1 });

/** What becomes of the rows that are chosen, with Alt. */
const ROW_KEYS = /** @type {const} */ ({
  ArrowUp: 'above',
  ArrowDown: 'below',
  Delete: 'remove',
  Backspace: 'remove',
});

/**
 * @param {object} grid
 * @param {() => Cell} grid.active row -1 is the header
 * @param {() => Range} grid.selection
 * @param {() => { width: number, height: number, page: number }} grid.size
 * @param {ReturnType<typeof createEntry>} grid.entry
 * @param {(cell: Cell, options?: { extend?: boolean }) => void} grid.select
 * @param {() => void} grid.selectAll
 * @param {(cell: Cell, text?: string) => void} grid.edit
 * @param {(range: Pick<Range, 'left'>) => boolean} grid.refuses says why, where cells cannot be changed
 * @param {(range: Range) => void} grid.onrevert
 * @param {(range: Range) => void} grid.onclear
 * @param {(range: Range, way: 'down' | 'right') => void} grid.onfill
 * @param {(column: number, by: -1 | 1) => void} grid.onmove
 * @param {(action: 'above' | 'below' | 'remove') => void} grid.onrows
 */
export function createKeys(grid) {
  const { active, selection, size, entry, select, edit } = grid;

  /**
   * Where a key leads.
   * @param {KeyboardEvent} event
   * @returns {Cell | undefined}
   */
  function destination({ key, ctrlKey, metaKey }) {
    const { row, column } = active();
    const { width, height, page } = size();
    const command = ctrlKey || metaKey;
    /** @type {Record<string, Cell>} */
    const moves = {
      ArrowUp: { row: command ? 0 : row - 1, column },
      ArrowDown: { row: command ? height - 1 : row + 1, column },
      ArrowLeft: { row, column: command ? 0 : column - 1 },
      ArrowRight: { row, column: command ? width - 1 : column + 1 },
      Home: { row: command ? 0 : row, column: 0 },
      End: { row: command ? height - 1 : row, column: width - 1 },
      PageUp: { row: Math.max(0, row - page), column },
      PageDown: { row: row + page, column },
    };
    return moves[key];
  }

  /** @param {KeyboardEvent} event */
  function withAlt(event) {
    const { row, column } = active();
    const action = ROW_KEYS[/** @type {keyof typeof ROW_KEYS} */ (event.key)];
    const by = row < 0 ? COLUMN_KEYS[/** @type {keyof typeof COLUMN_KEYS} */ (event.key)] : undefined;
    if (!action && !by) return false;
    event.preventDefault();
    if (grid.refuses({ left: 0 })) return true;
    if (action) grid.onrows(action);
    else if (by) grid.onmove(column, by);
    return true;
  }

  /** @param {KeyboardEvent} event */
  function inCell(event) {
    const { key } = event;
    if (key === 'Tab') {
      if (entry.isOn) entry.tab(active(), event);
    } else if (key === 'Enter' && entry.hasRow) {
      entry.enter(active(), event);
    } else if (key === 'Enter' || key === 'F2') {
      event.preventDefault();
      edit(active());
    } else if (key === 'Escape') {
      entry.end();
      grid.onrevert(selection());
    } else if (key === 'Delete' || key === 'Backspace') {
      event.preventDefault();
      empty();
    } else if (key.length === 1 && key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      edit(active(), key);
    }
  }

  function empty() {
    const { top, bottom, left, right } = selection();
    if (top === bottom && left === right) edit(active(), '');
    else if (!grid.refuses(selection())) grid.onclear(selection());
  }

  /** @param {KeyboardEvent} event */
  function withCommand(event) {
    const key = event.key.toLowerCase();
    if (key === 'a') grid.selectAll();
    else if (key === 'd' && several('top', 'bottom')) fill('down');
    else if (key === 'r' && several('left', 'right')) fill('right');
    else return false;
    event.preventDefault();
    return true;
  }

  /** Elsewhere these keys are the browser's. @param {'top' | 'left'} first @param {'bottom' | 'right'} last */
  const several = (first, last) => selection()[first] >= 0 && selection()[first] < selection()[last];

  /** @param {'down' | 'right'} way */
  function fill(way) {
    if (!grid.refuses(selection())) grid.onfill(selection(), way);
  }

  /** @param {KeyboardEvent} event */
  return (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && !event.shiftKey && !event.altKey && withCommand(event)) return;
    if (event.altKey && !command && withAlt(event)) return;
    const { row } = active();
    const to = destination(event);
    if (to) {
      event.preventDefault();
      entry.end();
      return select(to, { extend: event.shiftKey && row >= 0 });
    }
    if (row >= 0) inCell(event);
  };
}
