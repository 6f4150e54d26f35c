// What the rows of the table of data look like, its head among them: grid.js says where they are and what is chosen.

import { button, h, setAttribute, setText } from '../dom.js';
import { t } from '../i18n.js';
import { brief, plain } from '../numbers.js';
import { names, roleOf, wordsOf } from '../table.js';
import { breakable } from './column-widths.js';

/** @import { Prediction } from '../outputs.js' */
/** @import { CellProblem, Range, Table } from '../table.js' */
/** @import { createColumnWidths } from './column-widths.js' */
/** @import { Cell } from './grid.js' */

/**
 * @typedef {object} GridContent
 * @property {Table} table
 * @property {Map<string, CellProblem>} problems by `row,column`
 * @property {boolean[]} constant columns with one value
 * @property {Set<number>} heldOut rows for validation
 * @property {boolean} readOnly whether the rows are not the reader's to edit
 * @property {boolean} classes whether the targets are class indices
 * @property {string[]} predictionNames
 * @property {(row: number, column: number) => Prediction | undefined} prediction
 */
/** @typedef {{ active: Cell, range: Range }} Chosen */

/** A cell may not have room for more. */
const LONG_TEXT = 8;

/**
 * The elements of a row, without what it holds.
 * @param {number} row
 * @param {GridContent} content
 */
export function createRow(row, { table, predictionNames }) {
  const width = names(table).length;
  const cells = names(table).map((_, column) =>
    h('div', {
      class: 'cell',
      role: 'gridcell',
      'data-row': row,
      'data-column': column,
      'aria-colindex': column + 2,
    }),
  );
  const predictions = predictionNames.map((_, at) =>
    h(
      'div',
      {
        class: 'cell prediction',
        role: 'gridcell',
        'data-row': row,
        'data-column': width + at,
        'aria-readonly': 'true',
        'aria-colindex': width + 2 + at,
      },
      h('span', { class: 'bar', hidden: true }),
      h('span', { class: 'prediction-label' }),
      h('span', { class: 'prediction-rest' }),
    ),
  );
  const header = h(
    'div',
    { class: 'row-header', role: 'rowheader', 'data-header': row, 'aria-colindex': '1' },
    String(row + 1),
  );
  return h(
    'div',
    { class: 'grid-row', role: 'row', 'aria-rowindex': row + 2 },
    header,
    ...cells,
    ...predictions,
  );
}

/**
 * The cells of the head.
 * @param {GridContent} content
 * @param {(column: number, header: HTMLElement) => void} onclick
 */
export function headCells({ table, constant, readOnly, predictionNames }, onclick) {
  const all = names(table);
  const titles = all.map((name, column) => {
    const role = roleOf(table, column);
    const label = t(`data.header.${role}`, { name });
    const header = button({ class: 'header-button', onclick: () => onclick(column, header) });
    header.append(h('span', { class: 'header-name' }, ...breakable(name)));
    header.tabIndex = -1;
    if (role === 'target') header.append(h('span', { class: 'visually-hidden' }, t('data.badge.target')));
    setAttribute(header, 'aria-haspopup', readOnly ? null : 'dialog');
    setAttribute(header, 'data-column', column);
    const title = readOnly ? name : label;
    setAttribute(header, 'title', constant[column] ? t('data.constant', { name }) : title);
    const classes = `column-header ${role}${constant[column] ? ' constant' : ''}`;
    return h('div', { class: classes, role: 'columnheader', 'aria-colindex': column + 2 }, header);
  });
  const predictions = predictionNames.map((name, at) =>
    h(
      'div',
      { class: 'column-header prediction', role: 'columnheader', 'aria-colindex': all.length + 2 + at },
      name,
    ),
  );
  const corner = h(
    'div',
    { class: 'row-header', role: 'columnheader', 'aria-colindex': '1', 'aria-label': t('data.rowNumber') },
    '#',
  );
  return [corner, ...titles, ...predictions];
}

/**
 * Brings rows up to date.
 * @param {ReturnType<typeof createColumnWidths>} widths
 * @param {(cell: Cell) => boolean} isWrittenIn whether a cell holds the field that is typed into
 */
export function createLook(widths, isWrittenIn) {
  /**
   * @param {HTMLElement} element
   * @param {number} row
   * @param {GridContent} content
   */
  function predictions(element, row, { table, predictionNames, prediction }) {
    const first = names(table).length + 1;
    predictionNames.forEach((_, at) => {
      updatePrediction(/** @type {HTMLElement} */ (element.children[first + at]), prediction(row, at));
    });
  }

  /**
   * @param {HTMLElement} element
   * @param {Prediction | undefined} prediction
   */
  function updatePrediction(element, prediction) {
    const [bar, label, rest] = /** @type {HTMLElement[]} */ ([...element.children]);
    if (!bar || !label || !rest) return;
    const { text = '–', label: shown = text } = prediction ?? {};
    setText(label, shown);
    if (shown === text) widths.predict(text);
    setText(rest, text.slice(shown.length));
    setAttribute(element, 'title', text.length > LONG_TEXT ? text : null);
    bar.hidden = prediction?.share === undefined;
    if (prediction?.share !== undefined) bar.style.setProperty('--share', prediction.share.toFixed(3));
    setAttribute(element, 'data-class', prediction?.class ?? null);
  }

  /**
   * Whether it is the one with the focus, or among those that are chosen.
   * @param {HTMLElement} element
   * @param {Cell} cell
   * @param {Chosen} chosen
   */
  function updateChosen(element, { row, column }, { active, range }) {
    const isActive = row === active.row && column === active.column;
    const isSelected =
      row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;
    element.tabIndex = isActive ? 0 : -1;
    element.classList.toggle('active', isActive);
    element.classList.toggle(
      'selected',
      isSelected && !(range.top === range.bottom && range.left === range.right),
    );
    setAttribute(element, 'aria-selected', isSelected ? 'true' : 'false');
  }

  /**
   * @param {HTMLElement} element
   * @param {Cell} cell
   * @param {GridContent} content
   */
  function updateCell(element, cell, { table, problems, classes }) {
    const { row, column } = cell;
    const value = table.rows[row]?.[column] ?? '';
    const problem = problems.get(`${row},${column}`);
    const target = column >= table.inputs.length;
    element.classList.toggle('wrong', problem !== undefined);
    element.classList.toggle('target', target);
    setAttribute(element, 'aria-invalid', problem ? 'true' : null);
    const isClass =
      classes && target && typeof value === 'number' && value >= 0 && value < 10 && Number.isInteger(value);
    setAttribute(element, 'data-class', isClass ? value : null);
    if (isWrittenIn(cell)) return;
    const word = typeof value === 'number' ? wordsOf(table, column)[value] : value;
    const [text, whole] = [word ?? brief(Number(value)), word ?? plain(Number(value))];
    setText(element, text);
    widths.see(column, text);
    setAttribute(element, 'title', text !== whole || text.length > LONG_TEXT ? whole : null);
  }

  return {
    /**
     * @param {HTMLElement} element
     * @param {number} row
     * @param {GridContent} content
     * @param {Chosen} chosen
     */
    row(element, row, content, chosen) {
      const header = /** @type {Element} */ (element.firstElementChild);
      const held = content.heldOut.has(row);
      header.classList.toggle('held-out', held);
      setAttribute(header, 'title', held ? t('data.heldOut') : null);
      setAttribute(header, 'aria-label', held ? `${row + 1}, ${t('data.heldOut')}` : null);
      const [, ...cells] = /** @type {HTMLElement[]} */ ([...element.children]);
      const width = names(content.table).length;
      cells.forEach((one, column) => {
        updateChosen(one, { row, column }, chosen);
        if (column < width) updateCell(one, { row, column }, content);
      });
      predictions(element, row, content);
    },

    predictions,
  };
}
