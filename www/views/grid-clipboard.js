// Copying, cutting and pasting cells of the grid, while one of them has the focus.

/** @import { Range } from '../table.js' */

/**
 * @param {object} grid
 * @param {() => Range} grid.selection
 * @param {() => boolean} grid.isEditing whether a cell is written in: then the clipboard is its field's
 * @param {(range: Range) => boolean} grid.refuses says why, where cells cannot be changed
 * @param {() => void} grid.cancel leaves the field as it was
 * @param {(range: Range) => string} grid.oncopy
 * @param {(range: Range) => void} grid.onclear
 * @param {(range: Range, text: string, fromTable: boolean) => void} grid.onpaste
 */
export function createClipboard(grid) {
  const { selection, isEditing, refuses, cancel, oncopy, onclear, onpaste } = grid;
  let listening = new AbortController();

  /** Firefox sends these events to where text is selected, which is not in the grid. */
  function listen() {
    listening.abort();
    listening = new AbortController();
    const { signal } = listening;
    document.addEventListener('copy', copy, { signal });
    document.addEventListener('cut', cut, { signal });
    document.addEventListener('paste', paste, { signal });
  }

  /** @param {ClipboardEvent} event */
  function copy(event) {
    if (isEditing() || selection().bottom < 0) return;
    event.preventDefault();
    event.clipboardData?.setData('text/plain', oncopy(selection()));
  }

  /** @param {ClipboardEvent} event */
  function cut(event) {
    if (isEditing() || selection().bottom < 0) return;
    copy(event);
    if (!refuses(selection())) onclear(selection());
  }

  /** @param {ClipboardEvent} event */
  function paste(event) {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    const several = /[\t\n\r]/.test(text.trim());
    if (isEditing() && !several) return;
    event.preventDefault();
    cancel();
    if (refuses(selection())) return;
    const fromTable = /<t[dr]\b/i.test(event.clipboardData?.getData('text/html') ?? '');
    const { top, bottom, ...columns } = selection();
    const range = { top: Math.max(0, top), bottom: Math.max(0, bottom), ...columns };
    if (text.trim() !== '') onpaste(range, text, fromTable);
  }

  return { listen, leave: () => listening.abort() };
}
