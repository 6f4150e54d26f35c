// The data panel: the table, what can be done with it, and how it is split.

import { button, h, icon, setAttribute, setText } from '../dom.js';
import { formatDelimited, parseDelimited } from '../delimited.js';
import { isClassification, same, tableOf, withTable } from '../experiment.js';
import { format, t } from '../i18n.js';
import { brief } from '../numbers.js';
import * as edits from '../table.js';
import { download, openText } from './files.js';
import { formRow, numberField } from './fields.js';
import { createGrid } from './grid.js';
import { openPopup } from './popup.js';
import { cellAt, placeText, problemText } from './problems.js';

/** @import { App } from '../app.js' */
/** @import { Experiment } from '../experiment.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */
/** @import { CellProblem, Table } from '../table.js' */
/** @import { Cell, Prediction } from './grid.js' */

/** @param {Table} table */
const tableAlone = ({ inputs, targets, rows }) => ({ inputs, targets, rows });

/** @type {Set<number>} */
const NONE = new Set();

/** @param {App} app */
export function dataPanel(app) {
  const { store } = app;
  const counts = h('p', { class: 'panel-note' });
  const message = h('div', { class: 'message', hidden: true, role: 'alert' });
  const empty = h('p', { class: 'empty' }, t('data.empty'));
  const other = h('p', { class: 'empty' });
  let refusal = '';

  const grid = createGrid({
    onedit: (cell, value) => {
      commit((table) => edits.setCell(table, cell.row, cell.column, value));
      // At once, so that the old value does not come back for a frame.
      update(store.state, app.session.training);
    },
    onrevert: revert,
    onpaste: paste,
    oncopy: (range) => {
      const rows = shown().rows.slice(range.top, range.bottom + 1);
      app.announce(t('data.copied'));
      return formatDelimited(
        rows.map((row) => row.slice(range.left, range.right + 1)),
        '\t',
      );
    },
    onheader: columnMenu,
    onselect: () => updateButtons(),
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
  const importButton = button({ text: t('data.import'), class: 'button small quiet', onclick: openImport });
  setAttribute(importButton, 'aria-haspopup', 'dialog');
  const exportButton = button({ text: t('data.export'), class: 'button small quiet', onclick: exportCsv });
  const toolbar = h('div', { class: 'toolbar' }, addRow, removeRow, addColumn);
  const files = h('div', { class: 'toolbar' }, importButton, exportButton);

  const percent = numberField(app, {
    label: t('data.validation'),
    read: ({ validation }) => validation * 100,
    write: (document, value) => ({ ...document, validation: (value ?? 0) / 100 }),
    refuse: (value) => (value < 0 || value > 90 ? t('data.validationRange') : undefined),
    format: (value) => brief(value),
  });
  const slider = h('input', {
    type: 'range',
    min: '0',
    max: '90',
    step: '5',
    'aria-label': t('data.validation'),
    oninput: () => {
      const document = store.state.document;
      app.edit({ ...document, validation: Number(slider.value) / 100 }, 'validation');
    },
  });
  const split = h('p', { class: 'field-note' });
  const shuffle = h('input', {
    type: 'checkbox',
    onchange: () => app.edit({ ...store.state.document, shuffle: shuffle.checked }),
  });
  const settings = h(
    'div',
    { class: 'form' },
    formRow(
      t('data.validation'),
      percent.input,
      slider,
      h('span', { class: 'with-unit' }, percent.input, h('span', { 'aria-hidden': 'true' }, '%')),
      percent.message,
      split,
    ),
    h('label', { class: 'check' }, shuffle, h('span', {}, t('data.shuffle'))),
  );
  const tablePart = h('div', { class: 'table-part' }, toolbar, grid.element, empty, message);
  const element = h(
    'section',
    { class: 'panel', id: 'panel-data', 'aria-labelledby': 'heading-data', tabindex: '-1' },
    h('div', { class: 'panel-head' }, h('h2', { id: 'heading-data' }, t('data.title')), counts, files),
    tablePart,
    other,
    settings,
  );

  /** The table as it stands on the page, cells that are wrong included. */
  function shown() {
    const { view, document } = store.state;
    return view.pending?.table ?? tableOf(document) ?? { inputs: [], targets: [], rows: [] };
  }

  /**
   * Edits the table. Cells that hold no number keep the edit out of the document until they are put right.
   * @param {(table: Table) => Table} edit
   * @param {string} [said]
   */
  function commit(edit, said) {
    refusal = '';
    /** @type {Table} */
    let table;
    try {
      table = edit(shown());
    } catch (error) {
      if (!(error instanceof edits.TableError)) throw error;
      return refuse(t(`table.${error.code}`, { ...error.params, count: Number(error.params.columns ?? 0) }));
    }
    const problems = edits.cellProblems(table);
    if (problems.length > 0) {
      store.look({ pending: { table, problems } });
      app.announce(pendingText(problems, table));
      return false;
    }
    const document = tableOf(store.state.document);
    if (document && same(tableAlone(document), tableAlone(table))) {
      if (store.state.view.pending) store.look({ pending: undefined });
      return true;
    }
    const rows = /** @type {number[][]} */ (table.rows);
    const refused = store.edit(withTable(store.state.document, { ...table, rows }));
    const inCells = refused.flatMap((problem) => {
      const cell = cellAt(problem.path);
      return cell ? [{ ...cell, code: problem.code, params: problem.params }] : [];
    });
    if (inCells.length > 0) store.look({ pending: { table, problems: inCells } });
    else if (refused[0]) return refuse(problemText(refused[0]));
    if (said && refused.length === 0) app.announce(said);
    return refused.length === 0;
  }

  /** @param {string} text */
  function refuse(text) {
    refusal = text;
    app.announce(text);
    app.redraw();
    return false;
  }

  /** @param {Cell} cell */
  function revert({ row, column }) {
    const { pending } = store.state.view;
    const old = tableOf(store.state.document)?.rows[row]?.[column];
    if (refusal !== '') refuse('');
    if (!pending?.problems.some((problem) => problem.row === row && problem.column === column)) return;
    if (old === undefined) return discard();
    commit((table) => edits.setCell(table, row, column, old));
  }

  function discard() {
    store.look({ pending: undefined });
    app.announce(t('data.discarded'));
  }

  /**
   * @param {Cell} cell
   * @param {string} text
   */
  function paste(cell, text) {
    const { rows, tooMany } = parseDelimited(text, edits.MAX_ROWS + 1);
    if (tooMany) return refuse(t('table.tooManyRows', { max: edits.MAX_ROWS }));
    const replaces = edits.hasHeader(rows);
    const done = commit((table) =>
      replaces ? edits.fromCells(rows, table) : edits.paste(table, cell.row, cell.column, rows),
    );
    if (done) app.announce(t('data.pasted', { count: replaces ? rows.length - 1 : rows.length }));
  }

  function appendRow() {
    const at = shown().rows.length;
    if (!commit((table) => edits.addRows(table, at), t('data.rowAdded'))) return;
    // At once, so that what is typed next goes there.
    update(store.state, app.session.training);
    grid.focus({ row: at, column: 0 });
  }

  function removeRows() {
    const { top, bottom } = grid.selection;
    const from = Math.max(0, top);
    const to = Math.max(0, bottom);
    commit((table) => edits.removeRows(table, from, to), t('data.rowsRemoved', { count: to - from + 1 }));
  }

  /**
   * @param {number} column
   * @param {HTMLElement} anchor
   */
  function columnMenu(column, anchor) {
    const table = shown();
    const role = edits.roleOf(table, column);
    const last = edits.isLastOfRole(table, column);
    const problem = h('p', { class: 'field-message', hidden: true });
    const name = h('input', { type: 'text', class: 'text', maxlength: edits.MAX_NAME, autofocus: true });
    name.value = edits.names(table)[column] ?? '';
    const rename = () => {
      if (name.value.trim() === edits.names(shown())[column]) return true;
      const done = commit((current) => edits.renameColumn(current, column, name.value));
      problem.hidden = done !== false;
      setText(problem, refusal);
      return done !== false;
    };
    name.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') name.value = edits.names(shown())[column] ?? '';
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      if (rename()) close(true);
    });
    const roles = /** @type {const} */ (['input', 'target']).map((value) => {
      const radio = h('input', {
        type: 'radio',
        name: 'role',
        disabled: last && value !== role,
        onchange: () => {
          close(true);
          commit(
            (current) => edits.setRole(current, column, value),
            t(`data.roleSet.${value}`, { name: name.value }),
          );
        },
      });
      radio.checked = value === role;
      return h('label', { class: 'check' }, radio, h('span', {}, t(`data.role.${value}`)));
    });
    const remove = button({
      text: t('data.removeColumn'),
      class: 'button small',
      onclick: () => {
        close(true);
        commit((current) => edits.removeColumn(current, column), t('data.columnRemoved'));
      },
    });
    remove.disabled = last;
    const warning = edits.constantColumns(table)[column]
      ? h(
          'p',
          { class: 'field-note warning' },
          icon('warning'),
          h('span', {}, t('data.constant', { name: name.value })),
        )
      : null;
    const form = h(
      'div',
      { class: 'popup-form', role: 'dialog', 'aria-label': t('data.column', { name: name.value }) },
      formRow(t('data.columnName'), name, name, problem),
      h('fieldset', { class: 'radios' }, h('legend', {}, t('data.columnRole')), ...roles),
      last ? h('p', { class: 'field-note' }, t(`table.last.${role}`)) : null,
      warning,
      remove,
    );
    const close = openPopup(anchor, form, { onclose: () => rename() });
    name.select();
  }

  let draft = '';
  function openImport() {
    const text = h('textarea', {
      class: 'text',
      rows: '8',
      autofocus: true,
      placeholder: 'x1\tx2\ty\n1\t2\t3\n3\t4\t7',
      spellcheck: 'false',
      oninput: () => (draft = text.value),
    });
    // A click elsewhere closes the popup, but what was pasted is not lost by it.
    text.value = draft;
    const problem = h('p', { class: 'field-message', hidden: true });
    const take = (/** @type {string} */ source) => {
      const { rows, tooMany } = parseDelimited(source, edits.MAX_ROWS + 1);
      const done = tooMany
        ? refuse(t('table.tooManyRows', { max: edits.MAX_ROWS }))
        : commit((table) => edits.fromCells(rows, table), t('data.pasted', { count: rows.length }));
      // With cells that hold no number the table stands there to be put right.
      if (done || store.state.view.pending) {
        draft = '';
        return close(true);
      }
      problem.hidden = false;
      setText(problem, refusal);
    };
    const use = button({ text: t('data.useText'), class: 'button primary', onclick: () => take(text.value) });
    const file = button({
      text: t('data.chooseFile'),
      onclick: () => openText('.csv,.tsv,.txt,text/csv,text/plain', (source) => take(source)),
    });
    const form = h(
      'div',
      { class: 'popup-form wide', role: 'dialog', 'aria-label': t('data.import') },
      h('p', { class: 'field-note' }, t('data.importNote')),
      text,
      problem,
      h('div', { class: 'toolbar' }, use, file),
    );
    setAttribute(text, 'aria-label', t('data.importText'));
    const close = openPopup(importButton, form);
  }

  function exportCsv() {
    const table = shown();
    download('gradus-data.csv', `${formatDelimited([edits.names(table), ...table.rows], ',')}\n`, 'text/csv');
  }

  /**
   * @param {CellProblem[]} problems
   * @param {Table} table
   */
  function pendingText(problems, table) {
    const [first] = problems;
    if (!first) return '';
    const place = t('place.cell', { row: first.row + 1, column: edits.names(table)[first.column] });
    const params = { text: '', ...first.params };
    const code = ['empty', 'word', 'huge'].includes(first.code)
      ? t(`cell.${first.code}`, params)
      : problemText({ path: '', message: first.code, ...first, params });
    const more = problems.length > 1 ? t('data.moreProblems', { count: problems.length - 1 }) : '';
    return `${t('problem.placed', { place, problem: code })}${more} ${t('data.stateKept')}`;
  }

  function updateButtons() {
    removeRow.disabled = shown().rows.length === 0;
  }

  let lastState = /** @type {unknown[]} */ ([]);
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
    const table = tableOf(document);
    tablePart.hidden = !table;
    files.hidden = !table;
    other.hidden = Boolean(table);
    if (!table)
      setText(other, t('data.notTable', { name: document.data.kind === 'table' ? '' : document.data.name }));
    percent.update(document);
    slider.value = String(document.validation * 100);
    setAttribute(slider, 'aria-valuetext', format.share(document.validation));
    shuffle.checked = document.shuffle;
    if (!table) {
      updateAmounts(document, 'points' in document.data ? Number(document.data.points) : 0);
      lastState = [];
      return;
    }
    const now = [document.data, view.pending, state.problems, document.loss, refusal, document.validation];
    const changed = now.some((value, at) => value !== lastState[at]);
    lastState = now;
    const current = view.pending?.table ?? table;
    if (changed) {
      constant = edits.constantColumns(current);
      problems = problemMap(state);
      updateMessages(state, current);
      updateButtons();
      const rows = current.rows.length;
      updateAmounts(document, rows, ` · ${current.inputs.length} → ${current.targets.length}`);
      setAttribute(removeRow, 'disabled', rows === 0);
      empty.hidden = rows > 0;
    }
    grid.update({
      table: current,
      problems,
      constant,
      classes: isClassification(document),
      heldOut: view.pending ? NONE : training.validationRows,
      ...predictions(training),
    });
  }

  /**
   * How many rows there are, and how many of them train.
   * @param {Experiment} document
   * @param {number} rows
   * @param {string} [columns]
   */
  function updateAmounts({ validation }, rows, columns = '') {
    setText(counts, t('data.rows', { count: rows }) + columns);
    const held = Math.floor(rows * validation);
    const amounts = { train: rows - held, validation: held, share: format.share(validation) };
    const text = validation === 0 ? 'data.noSplit' : held === 0 ? 'data.tooFew' : 'data.split';
    setText(split, t(text, amounts));
  }

  /** @param {State} state */
  function problemMap({ view, problems: found }) {
    /** @type {CellProblem[]} */
    const all =
      view.pending?.problems ??
      found.flatMap((problem) => {
        const cell = cellAt(problem.path);
        return cell ? [{ ...cell, code: problem.code, params: problem.params }] : [];
      });
    return new Map(all.map((problem) => [`${problem.row},${problem.column}`, problem]));
  }

  /**
   * @param {State} state
   * @param {Table} table
   */
  function updateMessages({ view, problems: found, document }, table) {
    const own = found.find(({ path }) => path.startsWith('data') || path.startsWith('predict'));
    const text =
      refusal ||
      (view.pending
        ? pendingText(view.pending.problems, table)
        : own
          ? `${placeText(own.path, document)}: ${problemText(own)}`
          : '');
    message.hidden =
      text === '' || (own?.code === 'empty' && table.rows.length === 0 && !refusal && !view.pending);
    if (message.hidden) return message.replaceChildren();
    const action = refusal
      ? button({ icon: 'close', label: t('notice.dismiss'), class: 'icon-button', onclick: () => refuse('') })
      : view.pending && button({ text: t('data.discard'), class: 'button small', onclick: discard });
    message.replaceChildren(icon('warning'), h('span', {}, text), ...(action ? [action] : []));
  }

  return { element, update };
}

/**
 * The columns of predictions: what the model says about each row, as the loss understands it.
 * @param {Training} training
 * @returns {{ predictionNames: string[], prediction: (row: number, column: number) => Prediction | undefined }}
 */
function predictions({ document, tablePredictions, position }) {
  const table = document && tableOf(document);
  if (!document || !table || !position)
    return { predictionNames: [t('data.pred')], prediction: () => undefined };
  const outputs = Math.floor(tablePredictions.length / Math.max(1, table.rows.length));
  const names = isClassification(document) && document.loss.type === 'cross_entropy' ? [''] : table.targets;
  const predictionNames =
    names.length === 1 ? [t('data.pred')] : names.map((name) => `${t('data.pred')} ${name}`);
  return {
    predictionNames,
    prediction: (row, column) => {
      if (outputs === 0 || row >= table.rows.length) return undefined;
      return outputOf(document, tablePredictions.subarray(row * outputs, (row + 1) * outputs), column);
    },
  };
}

/**
 * One output of the model for people: a value, or a probability with its class.
 * @param {Experiment} document
 * @param {Float32Array} outputs raw ones, of one row
 * @param {number} column
 * @returns {Prediction | undefined}
 */
export function outputOf(document, outputs, column) {
  const value = outputs[column];
  if (value === undefined) return undefined;
  if (document.loss.type === 'bce_with_logits') {
    const share = 1 / (1 + Math.exp(-value));
    return Number.isNaN(share)
      ? { text: 'NaN' }
      : { text: share.toFixed(2), share, class: share >= 0.5 ? 1 : 0 };
  }
  if (document.loss.type !== 'cross_entropy') return { text: brief(value) };
  const highest = Math.max(...outputs);
  if (!Number.isFinite(highest)) return { text: 'NaN' };
  const weights = Array.from(outputs, (output) => Math.exp(output - highest));
  const share = 1 / weights.reduce((sum, weight) => sum + weight, 0);
  const best = outputs.indexOf(highest);
  return { text: `${best} (${share.toFixed(2)})`, share, class: best };
}
