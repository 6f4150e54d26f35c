// Typing row after row: after a cell that was left with Tab or Enter, Tab goes on from cell to cell and Enter to the
// next row, where this one began. An arrow, Escape, a press or another place of the focus ends it: else Tab leaves the
// grid, as it does anything, so that nobody is caught in it.

/** @import { Cell } from './grid.js' */

/**
 * @param {object} grid
 * @param {HTMLElement} grid.element
 * @param {() => { width: number, height: number }} grid.size of what can be typed in
 * @param {(cell: Cell) => void} grid.select
 */
export function createEntry({ element, size, select }) {
  /** In which column the row began, and whether Tab has left that one. @type {{ column: number, tabbed: boolean } | undefined} */
  let entry;
  let listening = new AbortController();

  /** @param {number} column */
  function begin(column) {
    if (entry) return entry;
    listening = new AbortController();
    const { signal } = listening;
    document.addEventListener('pointerdown', end, { signal, capture: true });
    // Not by where it left: a cell that is drawn anew loses the focus for a moment.
    document.addEventListener(
      'focusin',
      ({ target }) => (target instanceof Node && element.contains(target)) || end(),
      { signal },
    );
    return (entry = { column, tabbed: false });
  }

  function end() {
    entry = undefined;
    listening.abort();
  }

  return {
    end,
    get isOn() {
      return entry !== undefined;
    },
    /** Whether Enter leads to where the row began. */
    get hasRow() {
      return entry?.tabbed ?? false;
    },

    /**
     * Goes to the cell beside this one, or to the next row behind the last; where there is none, Tab leaves the grid.
     * @param {Cell} cell
     * @param {KeyboardEvent} event
     */
    tab({ row, column }, event) {
      const { width, height } = size();
      const to = row * width + column + (event.shiftKey ? -1 : 1);
      if (to < 0 || to >= width * height) {
        end();
        return select({ row, column });
      }
      event.preventDefault();
      const next = { row: Math.floor(to / width), column: to % width };
      const begun = begin(column);
      begun.tabbed = true;
      if (next.row > row) begun.column = 0;
      select(next);
    },

    /**
     * Goes to the row below, where the row began, or to the one above.
     * @param {Cell} cell
     * @param {KeyboardEvent} event
     */
    enter({ row, column }, event) {
      event.preventDefault();
      const begun = begin(column);
      if (event.shiftKey) return select({ row: Math.max(0, row - 1), column });
      const isLast = row + 1 >= size().height;
      begun.tabbed = false;
      select(isLast ? { row, column } : { row: row + 1, column: begun.column });
    },
  };
}
