// The table of data as a spreadsheet grid (ARIA's grid pattern). Only the rows in view have elements, so thousands
// of rows cost no more than twenty. The columns of predictions stand beside them: they are chosen and copied, but never
// edited.

import { h, list, setAttribute } from '../dom.js';
import { names } from '../table.js';
import { t } from '../i18n.js';
import { createCellField } from './cell-field.js';
import { createColumnWidths } from './column-widths.js';
import { createClipboard } from './grid-clipboard.js';
import { createEntry } from './grid-entry.js';
import { createKeys } from './grid-keys.js';
import { createLook, createRow, headCells } from './grid-rows.js';

/** @import { Range } from '../table.js' */
/** @import { GridContent } from './grid-rows.js' */

/** @typedef {{ row: number, column: number }} Cell */

const EXTRA_ROWS = 6;
/** So many digits have room before a row, at least. */
const LEAST_DIGITS = 2;

/**
 * @param {object} options
 * @param {(cell: Cell, value: number | string) => void} options.onedit
 * @param {(range: Range) => void} options.onrevert
 * @param {(range: Range, text: string, fromTable: boolean) => void} options.onpaste the cells of a spreadsheet, or any text
 * @param {(range: Range) => string} options.oncopy
 * @param {(range: Range) => void} options.onclear
 * @param {(range: Range, way: 'down' | 'right') => void} options.onfill repeats what is first in the range
 * @param {(column: number, anchor: HTMLElement) => void} options.onheader
 * @param {(column: number, by: -1 | 1) => void} options.onmove
 * @param {() => void} options.onselect
 * @param {(action: 'above' | 'below' | 'remove') => void} options.onrows what becomes of the rows that are selected
 * @param {(anchor: HTMLElement) => void} options.onmenu
 * @param {(what: 'rows' | 'predictions') => void} options.onlocked what is to be said to somebody who edits what cannot be
 */
export function createGrid(options) {
  const { onedit, onrevert, onpaste, oncopy, onclear, onfill } = options;
  const { onheader, onmove, onselect, onrows, onmenu, onlocked } = options;
  const body = h('div', { class: 'grid-body', role: 'rowgroup' });
  const head = h('div', { class: 'grid-head', role: 'row', 'aria-rowindex': '1' });
  const headGroup = h('div', { class: 'grid-head-group', role: 'rowgroup' }, head);
  const element = h(
    'div',
    {
      class: 'grid',
      role: 'grid',
      'aria-label': t('data.table'),
      'aria-multiselectable': 'true',
      onkeydown,
      onscroll: schedule,
      onfocusin: () => clipboard.listen(),
      onfocusout: () => clipboard.leave(),
      oncontextmenu,
    },
    headGroup,
    body,
  );
  /** @type {GridContent} */
  let content = {
    table: { inputs: [], targets: [], rows: [] },
    problems: new Map(),
    constant: [],
    readOnly: false,
    classes: false,
    heldOut: new Set(),
    predictionNames: [],
    prediction: () => undefined,
  };
  /** Row -1 is the header. */
  let active = { row: 0, column: 0 };
  let anchor = active;
  let rowHeight = 28;
  /** Whether it is known for this size of the window: asking for it makes the browser compute styles. */
  let measured = false;
  const widths = createColumnWidths(element);
  let columns = '';
  let scheduled = false;
  const width = () => names(content.table).length;
  const height = () => content.table.rows.length;
  /** The columns that can be chosen: predictions, too. */
  const reach = () => width() + content.predictionNames.length;
  /** Says why, where cells cannot be changed. @param {{ left: number }} range */
  function refuses({ left }) {
    if (content.readOnly) onlocked('rows');
    else if (left >= width()) onlocked('predictions');
    else return false;
    return true;
  }
  const entry = createEntry({
    element,
    size: () => ({ width: width(), height: height() }),
    select: (cell) => select(cell),
  });
  const field = createCellField({
    table: () => content.table,
    isWrong: ({ row, column }) => content.problems.has(`${row},${column}`),
    elementOf,
    entry,
    select: (cell) => select(cell),
    render: () => render(),
    onedit,
    onrevert,
  });
  const look = createLook(widths, field.isIn);
  const clipboard = createClipboard({
    selection: () => selection(),
    isEditing: () => field.isOpen,
    refuses,
    cancel: field.cancel,
    oncopy,
    onclear,
    onpaste,
  });
  const onkey = createKeys({
    active: () => active,
    selection: () => selection(),
    size: () => ({
      width: reach(),
      height: height(),
      page: Math.max(1, Math.floor(element.clientHeight / rowHeight) - 2),
    }),
    entry,
    select: (cell, options) => select(cell, options),
    selectAll() {
      anchor = { row: 0, column: 0 };
      select({ row: height() - 1, column: width() - 1 }, { extend: true });
    },
    edit: (cell, text) => edit(cell, text),
    refuses,
    onrevert,
    onclear,
    onfill,
    onmove,
    onrows,
  });

  new ResizeObserver(() => {
    measured = false;
    schedule();
  }).observe(element);
  head.addEventListener('focusin', ({ target }) => {
    const button = target instanceof HTMLElement ? target : undefined;
    if (button?.dataset.column === undefined) return;
    active = { row: -1, column: Number(button.dataset.column) };
    anchor = active;
    schedule();
  });
  body.addEventListener('pointerdown', onpointerdown);
  body.addEventListener('pointerover', ({ target, buttons, pointerType }) => {
    const cell = cellOfElement(target);
    if (cell && buttons === 1 && pointerType === 'mouse' && !field.isOpen)
      select(cell, { extend: true, focus: false });
  });
  body.addEventListener('dblclick', ({ target }) => {
    const cell = cellOfElement(target);
    if (cell) edit(cell);
  });
  body.addEventListener('click', (event) => {
    const cell = cellOfElement(event.target);
    const touch = event instanceof PointerEvent && event.pointerType === 'touch';
    if (cell && cell.column < width() && touch && !field.isOpen && !content.readOnly) edit(cell);
  });

  function schedule() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      render();
    });
  }

  function measure() {
    measured = true;
    rowHeight = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row-height')) || 28;
  }

  /**
   * Where the table is wider than its place, the rows' numbers stay in sight, and also the target and what the network
   * says of it, if any other column has room beside them. What stays costs time in every frame: elsewhere nothing does.
   */
  function hold() {
    const { classList } = element;
    classList.remove('held');
    classList.toggle('wide', element.scrollWidth > element.clientWidth);
    if (!classList.contains('wide')) return;
    if (content.table.targets.length !== 1 || content.predictionNames.length !== 1) return;
    classList.add('held');
    const [number = 0, ...columns] = [...head.children].map((one) => one.getBoundingClientRect().width);
    const kept = columns.splice(-2);
    const room = element.clientWidth - kept.reduce((sum, width) => sum + width, number);
    if (room < Math.max(...columns)) classList.remove('held');
  }

  function render() {
    if (element.clientHeight === 0) return;
    const fits = measured;
    if (!measured) measure();
    const top = Math.max(0, Math.floor(element.scrollTop / rowHeight) - EXTRA_ROWS);
    const count = Math.ceil(element.clientHeight / rowHeight) + 2 * EXTRA_ROWS;
    const rows = Array.from({ length: Math.max(0, Math.min(count, height() - top)) }, (_, at) => top + at);
    // The active row stays, so that the focus does.
    if (active.row >= 0 && active.row < height() && !rows.includes(active.row)) rows.push(active.row);
    body.style.setProperty('height', `${height() * rowHeight}px`);
    list(
      body,
      rows,
      String,
      (row) => createRow(row, content),
      (one, row) => {
        one.style.setProperty('transform', `translateY(${row * rowHeight}px)`);
        look.row(one, row, content, { active, range: selection() });
      },
    );
    if (widths.apply() || !fits) hold();
  }

  /** @returns {Range} */
  function selection() {
    return {
      top: Math.min(anchor.row, active.row),
      bottom: Math.max(anchor.row, active.row),
      left: Math.min(anchor.column, active.column),
      right: Math.max(anchor.column, active.column),
    };
  }

  /**
   * @param {Cell} cell
   * @param {{ extend?: boolean, focus?: boolean }} [options]
   */
  function select(cell, { extend = false, focus = true } = {}) {
    // The heads of predictions have nothing to open.
    const lowest = extend || cell.column >= width() ? 0 : -1;
    const row = Math.max(lowest, Math.min(height() - 1, cell.row));
    const columns = row < 0 ? width() : reach();
    active = { row, column: Math.max(0, Math.min(columns - 1, cell.column)) };
    if (!extend) anchor = active;
    reveal(active.row);
    render();
    if (focus) elementOf(active)?.focus({ preventScroll: active.row >= 0 });
    if (focus) elementOf(active)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    onselect();
  }

  /** @param {number} row */
  function reveal(row) {
    if (row < 0) return;
    const top = row * rowHeight;
    const room = element.clientHeight - head.offsetHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + room) element.scrollTop = top + rowHeight - room;
  }

  /**
   * @param {Cell} cell
   * @returns {HTMLElement | null}
   */
  function elementOf({ row, column }) {
    if (row < 0) return head.querySelector(`[data-column="${column}"]`);
    return body.querySelector(`[data-row="${row}"][data-column="${column}"]`);
  }

  /**
   * @param {EventTarget | null} target
   * @returns {Cell | undefined}
   */
  function cellOfElement(target) {
    const found = target instanceof Element ? target.closest('[data-row]') : null;
    if (!(found instanceof HTMLElement)) return undefined;
    return { row: Number(found.dataset.row), column: Number(found.dataset.column) };
  }

  /** Of a row that is not among those that are selected, it is alone. @param {MouseEvent} event */
  function oncontextmenu(event) {
    const target = event.target instanceof Element ? event.target : null;
    const found = target?.closest('[data-row], [data-header]');
    if (!(found instanceof HTMLElement) || field.isOpen || content.readOnly) return;
    event.preventDefault();
    const row = Number(found.dataset.row ?? found.dataset.header);
    const { top, bottom } = selection();
    if (row < top || row > bottom) select({ row, column: Number(found.dataset.column ?? 0) });
    onmenu(found);
  }

  /** @param {PointerEvent} event */
  function onpointerdown(event) {
    if (event.button === 2) return;
    const target = event.target instanceof Element ? event.target : null;
    const header = target?.closest('[data-header]');
    if (header instanceof HTMLElement) {
      event.preventDefault();
      field.finish();
      const row = Number(header.dataset.header);
      if (!event.shiftKey) anchor = { row, column: 0 };
      select({ row, column: width() - 1 }, { extend: true });
      return;
    }
    const cell = cellOfElement(target);
    if (!cell || field.is(target)) return;
    if (event.pointerType === 'mouse') event.preventDefault();
    field.finish();
    select(cell, { extend: event.shiftKey });
  }

  /**
   * @param {Cell} cell
   * @param {string} [text] what the field starts with; without it, the cell's value, selected
   */
  function edit(cell, text) {
    if (cell.row < 0 || field.isOpen) return;
    if (refuses({ left: cell.column })) return;
    select(cell);
    field.open(cell, text);
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    if (event.isComposing) return;
    if (field.isOpen) field.onkeydown(event);
    else onkey(event);
  }

  return {
    element,
    get selection() {
      return selection();
    },
    /** @param {Cell} cell @param {Cell} [end] of a block that begins there */
    focus(cell, end) {
      select(cell);
      if (end) select(end, { extend: true });
    },
    /** @param {GridContent} next */
    update(next) {
      // While training runs nothing but the predictions changes: no other cell, and no measuring unless they get longer.
      const { table, problems, classes, heldOut } = content;
      const same =
        next.table === table &&
        next.problems === problems &&
        next.classes === classes &&
        next.readOnly === content.readOnly &&
        next.heldOut === heldOut &&
        next.predictionNames.join() === content.predictionNames.join();
      if (same && body.childElementCount > 0) {
        content = next;
        for (const row of body.children)
          look.predictions(/** @type {HTMLElement} */ (row), Number(row.getAttribute('data-key')), next);
        if (widths.apply()) hold();
        return;
      }
      const layout = JSON.stringify([
        next.classes,
        next.readOnly,
        next.table.inputs,
        next.table.targets,
        next.table.classes,
        next.predictionNames,
        next.constant,
      ]);
      content = next;
      if (layout !== columns) {
        columns = layout;
        field.forget();
        const focused = body.contains(document.activeElement) || head.contains(document.activeElement);
        body.replaceChildren();
        head.replaceChildren(
          ...headCells(next, (column, header) => refuses({ left: column }) || onheader(column, header)),
        );
        widths.begin(next.table, next.classes);
        element.classList.toggle('worded', (next.table.classes ?? []).length > 0);
        element.style.setProperty('--predictions', String(next.predictionNames.length));
        element.classList.toggle('classes', next.classes);
        setAttribute(element, 'aria-readonly', next.readOnly ? 'true' : null);
        setAttribute(element, 'aria-colcount', reach() + 1);
        if (focused) requestAnimationFrame(() => elementOf(active)?.focus());
      }
      setAttribute(element, 'aria-rowcount', height() + 1);
      const digits = Math.max(LEAST_DIGITS, String(height()).length);
      element.style.setProperty('--row-digits', String(digits));
      if (active.row >= height() || active.column >= reach()) {
        active = {
          row: Math.max(0, Math.min(active.row, height() - 1)),
          column: Math.max(0, Math.min(active.column, reach() - 1)),
        };
        anchor = active;
      }
      render();
    },
  };
}
