// Predictions for typed inputs: the document's `predict` rows and what the model makes of them.

import { button, h, list, setAttribute, setText, setValue } from '../dom.js';
import { tableOf } from '../experiment.js';
import { t } from '../i18n.js';
import { parseNumber, plain, shortest32 } from '../numbers.js';
import { outputOf } from './data.js';

/** @import { App } from '../app.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

const MOST_ROWS = 100;

/** @param {App} app */
export function predictTab(app) {
  const { store } = app;
  const headRow = h('tr', {});
  const body = h('tbody', {});
  const table = h(
    'table',
    { class: 'numbers predict', 'aria-label': t('predict.label') },
    h('thead', {}, headRow),
    body,
  );
  const message = h('p', { class: 'field-message', hidden: true, role: 'alert' });
  const add = button({
    text: t('predict.add'),
    label: t('predict.addLabel'),
    icon: 'plus',
    class: 'button small',
    onclick: addRow,
  });
  const empty = h('p', { class: 'empty' }, t('predict.empty'));
  const element = h(
    'div',
    { class: 'predict-tab' },
    h('p', { class: 'field-note' }, t('predict.note')),
    h('div', { class: 'scroll-x' }, table),
    empty,
    message,
    h('div', { class: 'toolbar' }, add),
  );

  const rows = () => store.state.document.predict ?? [];
  const inputs = () => tableOf(store.state.document)?.inputs ?? [];

  /** @param {number[][]} next */
  function edit(next) {
    app.edit({ ...store.state.document, predict: next });
  }

  function addRow() {
    edit([...rows(), rows().at(-1) ?? inputs().map(() => 0)]);
    requestAnimationFrame(() => body.lastElementChild?.querySelector('input')?.focus());
  }

  /**
   * @param {number} row
   * @param {number} column
   * @param {HTMLInputElement} input
   */
  function commit(row, column, input) {
    const parsed = parseNumber(input.value);
    const wrong = 'error' in parsed;
    setAttribute(input, 'aria-invalid', wrong ? 'true' : null);
    message.hidden = !wrong;
    if ('error' in parsed) {
      const text = t('problem.placed', {
        place: t('place.cell', { row: row + 1, column: inputs()[column] }),
        problem: t(`cell.${parsed.error}`, { text: input.value }),
      });
      setText(message, `${text} ${t('data.stateKept')}`);
      return;
    }
    if (rows()[row]?.[column] !== parsed.value)
      edit(rows().map((cells, at) => (at === row ? cells.with(column, parsed.value) : cells)));
  }

  /** @param {number} row */
  function createRow(row) {
    const fields = inputs().map((name, column) => {
      const input = h('input', {
        class: 'number',
        type: 'text',
        autocomplete: 'off',
        spellcheck: 'false',
        'aria-label': t('predict.cell', { row: row + 1, column: name }),
      });
      input.addEventListener('change', () => commit(row, column, input));
      input.addEventListener('keydown', (event) => {
        const to = { Enter: row + (event.shiftKey ? -1 : 1), ArrowDown: row + 1, ArrowUp: row - 1 }[
          event.key
        ];
        if (event.key === 'Escape') {
          setAttribute(input, 'aria-invalid', null);
          message.hidden = true;
          setValue(input, plain(rows()[row]?.[column] ?? 0));
        }
        if (to === undefined) return;
        event.preventDefault();
        commit(row, column, input);
        const next = body.children[to]?.querySelectorAll('input')[column];
        next?.focus();
        next?.select();
      });
      input.addEventListener('focus', () => input.select());
      return h('td', {}, input);
    });
    const remove = button({
      icon: 'close',
      label: t('predict.remove', { row: row + 1 }),
      class: 'icon-button',
      onclick: () => {
        edit(rows().filter((_, at) => at !== row));
        requestAnimationFrame(() => add.focus());
      },
    });
    const outputs = outputNames().map(() => h('td', { class: 'output' }));
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, String(row + 1)),
      ...fields,
      ...outputs,
      h('td', {}, remove),
    );
  }

  function outputNames() {
    const { document } = store.state;
    const targets = tableOf(document)?.targets ?? [];
    if (document.loss.type !== 'cross_entropy') return targets.map((name) => t('predict.output', { name }));
    return [t('predict.class')];
  }

  let columns = '';
  /**
   * @param {State} state
   * @param {Training} training
   */
  function update({ document }, training) {
    const shown = tableOf(document) ? rows().slice(0, MOST_ROWS) : [];
    const key = JSON.stringify([inputs(), outputNames()]);
    if (key !== columns) {
      columns = key;
      body.replaceChildren();
      headRow.replaceChildren(
        h('td', {}),
        ...inputs().map((name) => h('th', { scope: 'col' }, name)),
        ...outputNames().map((name) => h('th', { scope: 'col', class: 'output' }, name)),
        h('td', {}),
      );
    }
    table.hidden = shown.length === 0;
    empty.hidden = shown.length > 0;
    add.disabled = !tableOf(document) || shown.length >= MOST_ROWS;
    list(
      body,
      shown,
      (_, row) => String(row),
      (_, row) => createRow(row),
      (element, cells, row) => {
        [...element.querySelectorAll('input')].forEach((input, column) => {
          if (globalThis.document.activeElement === input || input.getAttribute('aria-invalid')) return;
          setValue(input, plain(cells[column] ?? 0));
        });
        const { typedRows, typedPredictions, document: trained } = training;
        const count = typedRows.length > 0 ? typedPredictions.length / typedRows.length : 0;
        const outputs = typedPredictions.subarray(row * count, (row + 1) * count);
        [...element.querySelectorAll('.output')].forEach((cell, column) => {
          const known =
            Number.isInteger(count) && trained && typedRows[row] === cells
              ? outputOf(trained, outputs, column)
              : undefined;
          const raw = outputs[column];
          setText(cell, known?.text ?? '–');
          setAttribute(
            cell,
            'title',
            known && raw !== undefined
              ? t('predict.raw', {
                  value:
                    trained?.loss.type === 'cross_entropy'
                      ? Array.from(outputs, shortest32).join(', ')
                      : shortest32(raw),
                })
              : null,
          );
        });
      },
    );
  }

  return { element, update };
}
