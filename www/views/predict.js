// Predictions for typed inputs: the document's `predict` rows and what the model makes of them, with the probabilities
// of the classes as bars.

import { button, h, list, setAttribute, setText, setValue } from '../dom.js';
import { classTitle } from '../classes.js';
import { columnsOf, isClassification } from '../experiment.js';
import { format, t } from '../i18n.js';
import { parseNumber, plain, shortest32 } from '../numbers.js';
import { asTyped, rowsOf } from '../rows.js';
import { probabilities } from '../samples.js';
import { outputOf } from './data.js';
import { csvField, saveButton } from './save.js';
import { scroller } from './scroller.js';
import { FONT, contextOf, themeColor } from './surface.js';

/** @import { App } from '../app.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

const MOST_ROWS = 100;
/** Bars are drawn for so many rows and classes. */
const MOST_BARS = 20;

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
  const charts = h('div', { class: 'probabilities' });
  const save = saveButton(saved);
  /** @type {{ training: Training, bars: Bars[] } | undefined} */
  let last;
  const element = h(
    'div',
    { class: 'predict-tab' },
    h('p', { class: 'field-note' }, t('predict.note')),
    scroller(table),
    empty,
    message,
    h('div', { class: 'toolbar' }, add, h('span', { class: 'gap' }), save),
    charts,
  );

  const rows = () => store.state.document.predict ?? [];
  const inputs = () => columnsOf(store.state.document.data).inputs;

  /** @param {number[][]} next */
  function edit(next) {
    app.edit({ ...store.state.document, predict: next });
  }

  /** What there is to begin with: the inputs of the data's first row. */
  function firstRow() {
    const data = rowsOf(store.state.document.data, app.redraw);
    const known = data === 'loading' || data instanceof Error ? [] : data.rows.slice(0, 1);
    const [row = []] = asTyped({ inputs: [], targets: [], rows: known }).rows;
    return inputs().map((_, column) => row[column] ?? 0);
  }

  function addRow() {
    edit([...rows(), rows().at(-1) ?? firstRow()]);
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
    const { targets } = columnsOf(document.data);
    if (document.loss.type !== 'cross_entropy') return targets.map((name) => t('predict.output', { name }));
    return [t('predict.class')];
  }

  /** @returns {import('./save.js').Saved | undefined} */
  function saved() {
    if (!last) return undefined;
    const { training, bars } = last;
    const { typedRows, typedPredictions, document } = training;
    const count = typedRows.length > 0 ? typedPredictions.length / typedRows.length : 0;
    const heads = [...inputs(), ...Array.from({ length: count }, (_, at) => `output ${at}`)];
    const shares = bars.length > 0 ? bars[0]?.shares.map(({ name }) => name) : undefined;
    return {
      name: 'gradus-predictions',
      ...(bars.length > 0 && document
        ? {
            size: /** @type {[number, number]} */ ([
              360,
              bars.reduce((sum, { shares: all }) => sum + 28 + 20 * all.length, 8),
            ]),
            draw: (/** @type {HTMLCanvasElement} */ canvas, /** @type {number} */ ratio) =>
              paintBars(bars, canvas, ratio),
          }
        : {}),
      csv: () => [
        [...heads, ...(shares ?? [])].map(csvField).join(),
        ...typedRows.map((cells, row) =>
          [
            ...cells.map(plain),
            ...Array.from(typedPredictions.subarray(row * count, (row + 1) * count), shortest32),
            ...(bars[row]?.shares.map(({ share }) => shortest32(share)) ?? []),
          ].join(),
        ),
      ],
    };
  }

  /** @param {Training} training */
  function updateBars(training) {
    const bars = barsOf(training);
    last = { training, bars };
    charts.hidden = bars.length === 0;
    list(
      charts,
      bars,
      ({ row, shares }) => `${row} of ${shares.length}`,
      ({ row, shares }) =>
        h(
          'section',
          { class: 'shares' },
          h('h3', {}, t('predict.row', { row: row + 1 })),
          h(
            'ul',
            {},
            ...shares.map(({ name }) =>
              h(
                'li',
                { class: 'share' },
                h('span', { class: 'share-name' }, name),
                h(
                  'span',
                  { class: 'share-track', 'aria-hidden': 'true' },
                  h('span', { class: 'share-fill' }),
                ),
                h('span', { class: 'share-text' }),
              ),
            ),
          ),
        ),
      (section, { shares }) => {
        const highest = Math.max(...shares.map(({ share }) => share));
        [...section.querySelectorAll('.share')].forEach((bar, at) => {
          const share = shares[at]?.share ?? NaN;
          const fill = bar.querySelector('.share-fill');
          if (fill instanceof HTMLElement) fill.style.setProperty('--size', `${(100 * share).toFixed(1)}%`);
          setText(
            /** @type {Element} */ (bar.lastElementChild),
            Number.isNaN(share) ? 'NaN' : format.share(share),
          );
          bar.classList.toggle('best', share === highest);
        });
      },
    );
  }

  let columns = '';
  /**
   * @param {State} state
   * @param {Training} training
   */
  function update({ document }, training) {
    const shown = rows().slice(0, MOST_ROWS);
    const key = JSON.stringify([inputs(), outputNames()]);
    if (key !== columns) {
      columns = key;
      // Of several, the last would be over the others.
      table.classList.toggle('one-output', outputNames().length === 1);
      body.replaceChildren();
      headRow.replaceChildren(
        h('td', {}),
        ...inputs().map((name) => h('th', { scope: 'col' }, name)),
        ...outputNames().map((name) => h('th', { scope: 'col', class: 'output' }, name)),
        h('td', {}),
      );
    }
    updateBars(training);
    save.disabled = training.typedRows.length === 0;
    table.hidden = shown.length === 0;
    empty.hidden = shown.length > 0;
    add.disabled = shown.length >= MOST_ROWS;
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

/** @typedef {{ row: number, shares: { name: string, share: number }[] }} Bars */

/**
 * The probabilities of the classes, row by row; nothing for values.
 * @param {Training} training
 * @returns {Bars[]}
 */
function barsOf({ document, typedRows, typedPredictions }) {
  const count = typedRows.length > 0 ? typedPredictions.length / typedRows.length : 0;
  if (!document || !isClassification(document) || count === 0 || !Number.isInteger(count)) return [];
  const { type } = document.loss;
  const { targets, names } = columnsOf(document.data);
  return typedRows.slice(0, MOST_BARS).map((_, row) => {
    if (type === 'cross_entropy') {
      const shares = probabilities(type, typedPredictions, row * count, count);
      return {
        row,
        shares: shares.slice(0, MOST_BARS).map((share, at) => ({ name: classTitle(document, at), share })),
      };
    }
    // A column of its own for each target: the probability of 1, and of 0 where there is but one.
    const ones = Array.from({ length: count }, (_none, at) => ({
      name: names[1] ?? `${targets[at] ?? 'y'} = 1`,
      share: probabilities(type, typedPredictions, row * count, count, at)[1] ?? NaN,
    }));
    const [only] = ones;
    const zero =
      only && count === 1 ? [{ name: names[0] ?? `${targets[0] ?? 'y'} = 0`, share: 1 - only.share }] : [];
    return { row, shares: [...zero, ...ones] };
  });
}

/**
 * @param {Bars[]} bars
 * @param {HTMLCanvasElement} canvas
 * @param {number} ratio
 */
function paintBars(bars, canvas, ratio) {
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textBaseline = 'middle';
  let y = 16;
  for (const { row, shares } of bars) {
    context.font = `600 13px ${FONT}`;
    context.textAlign = 'left';
    context.fillStyle = themeColor('ink');
    context.fillText(t('predict.row', { row: row + 1 }), 8, y);
    context.font = `12px ${FONT}`;
    for (const { name, share } of shares) {
      y += 20;
      context.fillStyle = themeColor('sunken');
      context.fillRect(96, y - 7, 200, 14);
      context.fillStyle = themeColor('accent');
      context.fillRect(96, y - 7, 200 * share, 14);
      context.fillStyle = themeColor('ink');
      context.fillText(name, 8, y, 84);
      context.fillText(format.share(share), 304, y);
    }
    y += 28;
  }
}
