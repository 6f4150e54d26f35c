// The parameters: as tables of numbers (now, and at the start), as histograms with their gradients, and over the run.

import { button, h, list, setAttribute, setText } from '../dom.js';
import { format, t } from '../i18n.js';
import { fixed, shortest32 } from '../numbers.js';
import { deadUnits, histograms } from './histograms.js';
import { overTime } from './over-time.js';
import { rove } from './roving.js';
import { csvField, saveButton } from './save.js';

/** @import { App } from '../app.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

const MOST_ROWS = 64;
const MOST_COLUMNS = 32;

/** How the weights are shown; kept across languages. @type {'numbers' | 'histograms' | 'time'} */
let mode = 'numbers';

/** @param {App} app */
export function weightsTab(app) {
  const choices = /** @type {const} */ (['current', 'initial']).map((name) => {
    const choice = button({
      text: t(`weights.${name}`),
      class: 'segment',
      onclick: () => app.store.look({ weights: name }),
    });
    return { name, choice };
  });
  const modes = /** @type {const} */ (['numbers', 'histograms', 'time']).map((name) => {
    const choice = button({
      text: t(`weights.mode.${name}`),
      class: 'segment',
      onclick: () => {
        mode = name;
        app.redraw();
      },
    });
    return { name, choice };
  });
  const dead = deadUnits();
  const parts = { histograms: histograms(app), time: overTime(app) };
  const readout = h('span', { class: 'readout' });
  // A pointer that rests says nothing when the table scrolls under it.
  const moved = (/** @type {PointerEvent} */ event) =>
    (event.movementX !== 0 || event.movementY !== 0) && read(event);
  // A pointer sees what is read; who comes with the keys is told.
  const arrived = (/** @type {FocusEvent} */ event) => {
    read(event);
    app.announce(readout.textContent);
  };
  const tables = h('div', { class: 'tensors', onpointermove: moved, onfocusin: arrived, onkeydown: move });
  const empty = h('p', { class: 'empty' }, t('weights.empty'));
  const numbers = h(
    'div',
    { class: 'weights-numbers' },
    h(
      'div',
      { class: 'toolbar' },
      h(
        'div',
        { class: 'segments', role: 'group', 'aria-label': t('weights.which') },
        ...choices.map(({ choice }) => choice),
      ),
      readout,
      h('span', { class: 'gap' }),
      saveButton(saved),
    ),
    tables,
    empty,
  );
  const element = h(
    'div',
    { class: 'weights-tab' },
    h(
      'div',
      { class: 'segments', role: 'group', 'aria-label': t('weights.how') },
      ...modes.map(({ choice }) => choice),
    ),
    dead.element,
    numbers,
    parts.histograms.element,
    parts.time.element,
  );
  /** @type {Training | undefined} */
  let training;

  /** The cell that is read. @type {HTMLElement | null} */
  let reading = null;
  /** @param {globalThis.Event} event */
  function read({ target }) {
    reading = cellOf(target) ?? reading;
    showReading();
  }

  function showReading() {
    if (!reading || !training) return;
    const { name = '', index = '' } = reading.dataset;
    const at = Number(index);
    const now = training.parameters[name]?.[at];
    const start = training.initial[name]?.[at];
    if (now === undefined || start === undefined) return setText(readout, '');
    const { columnCount } = layoutOf(training.shapes[name] ?? []);
    const place =
      training.shapes[name]?.length === 1
        ? `[${at}]`
        : `[${Math.floor(at / columnCount)}, ${at % columnCount}]`;
    setText(
      readout,
      t('weights.readout', { name: `${name}${place}`, now: shortest32(now), start: shortest32(start) }),
    );
  }

  /** @param {KeyboardEvent} event */
  function move(event) {
    const cell = cellOf(event.target);
    const table = cell?.closest('table');
    if (!cell || !table) return;
    const rows = [...table.querySelectorAll('tbody tr')].map(
      (row) => /** @type {HTMLElement[]} */ ([...row.querySelectorAll('td[data-index]')]),
    );
    const row = rows.findIndex((cells) => cells.includes(cell));
    const column = rows[row]?.indexOf(cell) ?? 0;
    const to = {
      ArrowUp: rows[row - 1]?.[column],
      ArrowDown: rows[row + 1]?.[column],
      ArrowLeft: rows[row]?.[column - 1],
      ArrowRight: rows[row]?.[column + 1],
    }[event.key];
    rove(cell, to, event);
  }

  /** @returns {import('./save.js').Saved | undefined} */
  function saved() {
    const now = training;
    if (!now) return undefined;
    const rows = Object.keys(now.shapes).flatMap((name) =>
      Array.from(now.parameters[name] ?? [], (value, at) =>
        [csvField(name), at, shortest32(value), shortest32(now.initial[name]?.[at] ?? NaN)].join(),
      ),
    );
    return { name: 'gradus-weights', csv: () => ['parameter,index,now,initial', ...rows] };
  }

  let updated = /** @type {unknown[]} */ ([]);
  /**
   * @param {State} state
   * @param {Training} now
   */
  function update({ view }, now) {
    training = now;
    app.session.watch('weights', { gradients: true, active: true });
    app.session.watch('trace', { trace: true });
    for (const { name, choice } of modes) setAttribute(choice, 'aria-pressed', String(mode === name));
    dead.update(now);
    numbers.hidden = mode !== 'numbers';
    parts.histograms.element.hidden = mode !== 'histograms';
    parts.time.element.hidden = mode !== 'time';
    if (mode !== 'numbers') return parts[mode].update(now);
    for (const { name, choice } of choices)
      setAttribute(choice, 'aria-pressed', String(view.weights === name));
    const values = view.weights === 'initial' ? now.initial : now.parameters;
    if (updated[0] === values && updated[1] === now.shapes) return;
    updated = [values, now.shapes];
    showReading();
    const names = Object.keys(now.shapes);
    empty.hidden = !now.position || names.length > 0;
    list(
      tables,
      names,
      (name) => `${name}:${(now.shapes[name] ?? []).join('×')}`,
      (name) => createTensor(name, now.shapes[name] ?? []),
      (table, name) => {
        const numbers = values[name];
        if (!numbers) return;
        for (const cell of /** @type {NodeListOf<HTMLElement>} */ (
          table.querySelectorAll('tbody td[data-index]')
        )) {
          const value = numbers[Number(cell.dataset.index)] ?? NaN;
          setText(cell, fixed(value));
          setAttribute(cell, 'title', shortest32(value));
          setAttribute(cell, 'class', value < 0 ? 'negative' : null);
        }
      },
    );
  }

  return {
    element,
    update,
    leave() {
      app.session.watch('weights', undefined);
      app.session.watch('trace', undefined);
    },
  };
}

/**
 * @param {EventTarget | null} target
 * @returns {HTMLElement | null}
 */
function cellOf(target) {
  return target instanceof Element ? target.closest('td[data-index]') : null;
}

/** @param {number[]} shape */
function layoutOf(shape) {
  const columnCount = shape.length === 1 ? (shape[0] ?? 0) : (shape.at(-1) ?? 0);
  const all = shape.reduce((product, size) => product * size, 1);
  return { columnCount, rowCount: columnCount === 0 ? 0 : all / columnCount };
}

/**
 * @param {string} name
 * @param {number[]} shape
 */
function createTensor(name, shape) {
  const { rowCount, columnCount } = layoutOf(shape);
  const rows = Math.min(rowCount, MOST_ROWS);
  const columns = Math.min(columnCount, MOST_COLUMNS);
  const cells = (/** @type {number} */ row) =>
    Array.from({ length: columns }, (_, column) =>
      h('td', {
        'data-name': name,
        'data-index': row * columnCount + column,
        tabindex: row === 0 && column === 0 ? '0' : '-1',
      }),
    );
  const heads = Array.from({ length: columns }, (_, column) => h('th', { scope: 'col' }, String(column)));
  const body = Array.from({ length: rows }, (_, row) =>
    h(
      'tr',
      {},
      shape.length === 1 ? h('td', { class: 'corner' }) : h('th', { scope: 'row' }, String(row)),
      ...cells(row),
    ),
  );
  const cut = rows < rowCount || columns < columnCount;
  return h(
    'section',
    { class: 'tensor' },
    h(
      'h3',
      {},
      h('span', { class: 'tensor-name' }, name),
      h('span', { class: 'shape' }, `[${shape.join(', ')}]`),
    ),
    h(
      'div',
      { class: 'scroll-x' },
      h(
        'table',
        { class: 'numbers', 'aria-label': `${name} [${shape.join(', ')}]` },
        h('thead', {}, h('tr', {}, h('td', {}), ...heads)),
        h('tbody', {}, ...body),
      ),
    ),
    cut
      ? h(
          'p',
          { class: 'field-note' },
          t('weights.cut', { rows: format.whole(rows), columns: format.whole(columns) }),
        )
      : null,
  );
}
