// The rows as a spreadsheet: the grid, and the buttons for rows and columns.

import { button, h, setAttribute } from '../dom.js';
import { formatDelimited, readPasted, whyNot } from '../delimited.js';
import { same } from '../difference.js';
import { columnsOf, isClassification, tableOf } from '../experiment.js';
import { t, withTexts } from '../i18n.js';
import { outputOf } from '../outputs.js';
import * as edits from '../table.js';
import { cellProblemsOf, tableErrorText } from './editor.js';
import { createGrid } from './grid.js';

/** @import { App } from '../app.js' */
/** @import { Experiment } from '../experiment.js' */
/** @import { Prediction } from '../outputs.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */
/** @import { CellProblem, Range, Table } from '../table.js' */
/** @import { Editor } from './editor.js' */
/** @import { Cell } from './grid.js' */

/** @type {Set<number>} */
const NONE = new Set();

/**
 * @param {App} app
 * @param {Editor} editor
 */
export function sheetView(app, editor) {
  const { store } = app;
  const { shown, commit } = editor;
  const empty = h('p', { class: 'empty' }, t('data.empty'));

  const grid = createGrid({
    onedit: (cell, value) => {
      commit((table) => edits.setCell(table, cell.row, cell.column, value));
      // At once, so that the old value does not come back for a frame.
      update(store.state, app.session.training);
    },
    onrevert: editor.revert,
    onpaste: (range, text, fromTable) => void paste(range, text, fromTable),
    oncopy: (range) => {
      app.announce(t('data.copied'));
      return formatDelimited(copied(range), '\t');
    },
    onclear: (range) => {
      const whole = range.left === 0 && range.right >= edits.names(shown()).length - 1;
      if (whole) return removeRows();
      commit((table) => edits.clear(table, range));
      update(store.state, app.session.training);
    },
    onfill: (range, way) => {
      commit((table) => edits.fill(table, range, way), t('data.filled'));
      update(store.state, app.session.training);
    },
    onheader: async (column, anchor) => {
      const { openColumn } = await import('./column.js');
      openColumn(editor, column, anchor, { classified: isClassification(store.state.document), lead });
    },
    onmove: async (column, by) => {
      const { shiftColumn } = await import('./column.js');
      shiftColumn(editor, column, by, lead);
    },
    onselect: () => updateButtons(),
    onrows: (action) => {
      const { top, bottom } = grid.selection;
      const [from, to] = [Math.max(0, top), Math.max(0, bottom)];
      if (action === 'remove') removeRows();
      else insertRows(action === 'above' ? from : to + 1, to - from + 1);
    },
    onmenu: (anchor) => void openRows(anchor),
    onlocked: (what) => editor.refuse(t(what === 'rows' ? 'data.locked' : 'data.predicted')),
  });

  const removeRow = button({
    text: t('data.removeRow'),
    label: t('data.removeRowLabel'),
    icon: 'minus',
    class: 'button small',
    onclick: removeRows,
  });
  const addRow = button({
    text: t('data.addRow'),
    label: t('data.addRowLabel'),
    icon: 'plus',
    class: 'button small',
    onclick: appendRow,
  });
  const addColumn = button({
    text: t('data.addColumn'),
    label: t('data.addColumnLabel'),
    icon: 'plus',
    class: 'button small',
    onclick: () => commit((table) => edits.addColumn(table, 'input'), t('data.columnAdded')),
  });
  const more = button({
    icon: 'more',
    label: t('rows.menu'),
    class: 'icon-button framed',
    onclick: () => void openRows(more),
  });
  setAttribute(more, 'aria-haspopup', 'menu');
  const toolbar = h('div', { class: 'toolbar' }, addRow, removeRow, addColumn, more);
  const element = h('div', { class: 'table-part' }, toolbar, grid.element, empty);

  /** To the name of a column that an edit has brought. @param {number} column */
  function lead(column) {
    update(store.state, app.session.training);
    grid.focus({ row: -1, column });
  }

  /** The cells of a range, with what the network says where it reaches to there. @param {Range} range */
  function copied(range) {
    const table = shown();
    const width = edits.names(table).length;
    const { prediction } = predictions(app.session.training, store.state, table);
    const said = Array.from({ length: Math.max(0, range.right + 1 - width) }, (_, at) => at).filter(
      (at) => width + at >= range.left,
    );
    return edits
      .cut(table, range)
      .map((cells, at) => [...cells, ...said.map((of) => prediction(range.top + at, of)?.text ?? '')]);
  }

  /**
   * @param {Range} range
   * @param {string} text
   * @param {boolean} fromTable
   */
  async function paste(range, text, fromTable) {
    const { top, left } = range;
    const room = edits.names(shown()).length - left;
    const read = readPasted(text, edits.MAX_ROWS + 1, { fromTable, room });
    const wrong = whyNot(read);
    if (wrong) return editor.refuse(tableErrorText(wrong));
    const { rows, lines, header } = read;
    const table = shown();
    const covered = top === 0 && left === 0 && rows.length >= table.rows.length;
    // Cells in the place of every one that there is are a new set, too.
    if (header || (covered && rows.every((line) => line.length === edits.names(table).length))) {
      const { takeTable } = await withTexts(import('./import.js'));
      return takeTable(app, editor, rows, { header, lines });
    }
    const all = edits.repeated(rows, range);
    const done = commit((table) => edits.paste(table, top, left, all));
    if (done) app.announce(t('data.pasted', { count: all.length }));
  }

  function appendRow() {
    const at = shown().rows.length;
    if (!commit((table) => edits.addRows(table, at), t('data.rowAdded'))) return;
    // At once, so that what is typed next goes there.
    update(store.state, app.session.training);
    grid.focus({ row: at, column: 0 });
  }

  /**
   * @param {number} at
   * @param {number | string[][]} rows so many, or these
   */
  function insertRows(at, rows) {
    const count = typeof rows === 'number' ? rows : rows.length;
    const where = Math.min(at, shown().rows.length);
    const edit = (/** @type {Table} */ table) =>
      typeof rows === 'number' ? edits.addRows(table, where, rows) : edits.insertRows(table, where, rows);
    const done = commit(edit, t('data.rowsInserted', { count }));
    // Refused: the old rows are there. With cells that are no numbers the new ones wait to be put right.
    if (!done && !store.state.view.pending) return;
    update(store.state, app.session.training);
    grid.focus(
      { row: where + count - 1, column: edits.names(shown()).length - 1 },
      { row: where, column: 0 },
    );
  }

  /** @param {HTMLElement} anchor */
  async function openRows(anchor) {
    const { openRowMenu } = await import('./row-menu.js');
    openRowMenu(anchor, grid.selection, { insert: insertRows, remove: removeRows, refuse: editor.refuse });
  }

  function removeRows() {
    const { top, bottom } = grid.selection;
    const inside = grid.element.contains(document.activeElement);
    // Of the column names none goes.
    if (bottom < 0 && inside) return;
    const from = Math.max(0, top);
    const to = Math.min(shown().rows.length - 1, Math.max(0, bottom));
    if (to < from) return;
    commit((table) => edits.removeRows(table, from, to), t('data.rowsRemoved', { count: to - from + 1 }));
    // The one that has come to their place is chosen alone: pressed again, it is one more that goes.
    update(store.state, app.session.training);
    if (inside) grid.focus({ row: from, column: 0 });
  }

  function updateButtons() {
    removeRow.disabled = shown().rows.length === 0;
  }

  let last = /** @type {unknown[]} */ ([]);
  /** @type {boolean[]} */
  let constant = [];
  /** @type {Map<string, CellProblem>} */
  let problems = new Map();

  /**
   * @param {State} state
   * @param {Training} training
   */
  function update(state, training) {
    const { document, view } = state;
    const table = shown();
    const now = [table, state.problems, view.pending?.problems];
    if (now.some((value, at) => value !== last[at])) {
      constant = edits.constantColumns(table);
      problems = cellProblemsOf(state);
      updateButtons();
      empty.hidden = table.rows.length > 0 || !editor.own;
      toolbar.hidden = !editor.own;
    }
    last = now;
    grid.update({
      table,
      problems,
      constant,
      readOnly: !editor.own,
      classes: isClassification(document),
      heldOut: view.pending ? NONE : training.validationRows,
      ...predictions(training, state, table),
    });
  }

  /** The first of these cells behind the one that is chosen, or else the first of all. @param {Cell[]} cells */
  function focusNext(cells) {
    const { bottom, right } = grid.selection;
    const behind = cells.find(({ row, column }) => row > bottom || (row === bottom && column > right));
    const next = behind ?? cells[0];
    if (next) grid.focus(next);
  }

  return { element, update, focus: grid.focus, focusNext };
}

/**
 * The columns of predictions: what the model says about each row, as the loss understands it. Of rows that it was not
 * asked about it says nothing.
 * @param {Training} training
 * @param {State} state
 * @param {Table} table as it is shown
 * @returns {{ predictionNames: string[], prediction: (row: number, column: number) => Prediction | undefined }}
 */
function predictions({ document, tablePredictions, position }, state, table) {
  if (!document || !position) return { predictionNames: [t('data.pred')], prediction: () => undefined };
  const { targets, count } = columnsOf(document.data);
  const outputs = Math.floor(tablePredictions.length / Math.max(1, count));
  const names = document.loss.type === 'cross_entropy' ? [''] : targets;
  const predictionNames =
    names.length === 1 ? [t('data.pred')] : names.map((name) => `${t('data.pred')} ${name}`);
  const asked = wasAsked(document, state, table);
  return {
    predictionNames,
    prediction: (row, column) => {
      if (outputs === 0 || row >= count || !asked(row)) return undefined;
      return outputOf(document, tablePredictions.subarray(row * outputs, (row + 1) * outputs), column);
    },
  };
}

/**
 * Whether a row of the table has the inputs that the network was given in its place.
 * @param {Experiment} trained
 * @param {State} state
 * @param {Table} table as it is shown
 * @returns {(row: number) => boolean}
 */
function wasAsked(trained, { document, view }, table) {
  if (trained.data === document.data && !view.pending) return () => true;
  const given = tableOf(trained);
  if (view.pending?.fresh || !given || !same(given.inputs, table.inputs)) return () => false;
  return (row) => given.inputs.every((_, at) => given.rows[row]?.[at] === table.rows[row]?.[at]);
}
