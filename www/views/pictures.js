// Rows whose inputs are pictures: a page of them at a time, each with its label and what the network takes it for; and
// above them a pad to draw one on.

import { button, h, list, setAttribute, setText } from '../dom.js';
import { columnsOf } from '../experiment.js';
import { textOf } from '../table.js';
import { t } from '../i18n.js';
import { isDark } from '../theme.js';
import { createPad } from './pad.js';
import { pictureOf } from './picture.js';

/** @import { App } from '../app.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */
/** @import { Table } from '../table.js' */
/** @import { Editor } from './editor.js' */

const PAGE = 60;
/** While training runs its findings change all the time: labels, and which rows are wrong, follow no faster than this. */
const LABELS_MS = 250;
const FOLLOW_MS = 1000;

/**
 * @param {App} app
 * @param {Editor} editor
 */
export function picturesView(app, editor) {
  const pad = createPad(app);
  const label = h('select', { 'aria-label': t('pictures.label'), onchange: () => turn(0) });
  const wrong = h('input', { type: 'checkbox', onchange: () => turn(0) });
  const before = button({
    text: '‹',
    label: t('pictures.before'),
    class: 'icon-button',
    onclick: () => turn(page - 1),
  });
  const after = button({
    text: '›',
    label: t('pictures.after'),
    class: 'icon-button',
    onclick: () => turn(page + 1),
  });
  const place = h('span', { class: 'field-note' });
  const gallery = h('div', {
    class: 'picture-list',
    role: 'listbox',
    'aria-label': t('pictures.gallery'),
    onkeydown,
    onclick,
  });
  const nothing = h('p', { class: 'empty', hidden: true }, t('pictures.none'));
  const bar = h(
    'div',
    { class: 'toolbar' },
    label,
    h('label', { class: 'check' }, wrong, h('span', {}, t('pictures.wrong'))),
    h('span', { class: 'gap' }),
    h('div', { class: 'pager' }, before, place, after),
  );
  const element = h('div', { class: 'pictures-part' }, pad.element, bar, gallery, nothing);

  /** @type {Table} */
  let table = { inputs: [], targets: [], rows: [] };
  /** @type {readonly number[]} */
  let shape = [];
  let top = 1;
  let page = 0;
  /** @type {number[]} */
  let found = [];
  /** The row that has the focus, and the one on the pad. */
  let active = 0;
  let chosen = -1;
  /** @type {Training} */
  let training = app.session.training;

  const labelOf = (/** @type {number} */ row) => table.rows[row]?.[table.inputs.length];
  const nameOf = (/** @type {number | string | undefined} */ label) => textOf(label ?? '', table.classes);

  /** What the network takes a row for, where it tells classes apart. @param {number} row */
  function takenFor(row) {
    const { document, tablePredictions } = training;
    const outputs = Math.floor(tablePredictions.length / Math.max(1, table.rows.length));
    if (document?.loss.type !== 'cross_entropy' || outputs < 2) return undefined;
    const own = tablePredictions.subarray(row * outputs, (row + 1) * outputs);
    const best = own.indexOf(Math.max(...own));
    return best < 0 ? undefined : best;
  }

  function find() {
    const wanted = label.value === '' ? undefined : Number(label.value);
    found = [...table.rows.keys()].filter((row) => {
      if (wanted !== undefined && labelOf(row) !== wanted) return false;
      if (!wrong.checked) return true;
      const taken = takenFor(row);
      return taken !== undefined && taken !== labelOf(row);
    });
    page = Math.max(0, Math.min(page, Math.ceil(found.length / PAGE) - 1));
  }

  /** @param {number} to */
  function turn(to) {
    page = to;
    find();
    active = found[page * PAGE] ?? 0;
    show();
    app.announce(place.textContent ?? '');
  }

  function show() {
    const rows = found.slice(page * PAGE, (page + 1) * PAGE);
    if (!rows.includes(active)) active = rows[0] ?? 0;
    list(gallery, rows, String, create, update);
    const last = Math.min(found.length, (page + 1) * PAGE);
    setText(
      place,
      found.length === 0 ? '' : t('pictures.place', { from: page * PAGE + 1, to: last, count: found.length }),
    );
    before.disabled = page === 0;
    after.disabled = last >= found.length;
    nothing.hidden = found.length > 0;
    gallery.hidden = found.length === 0;
  }

  /** @param {number} row */
  function create(row) {
    const picture = h('img', { class: 'picture', alt: '', draggable: 'false' });
    paint(picture, row);
    const text = h('span', { class: 'picture-label' });
    const rest = h('span', { class: 'visually-hidden' });
    return h('div', { class: 'picture-item', role: 'option', 'data-row': row }, picture, text, rest);
  }

  /** @param {HTMLImageElement} picture @param {number} row */
  function paint(picture, row) {
    const [height = 1, width = 1] = shape.slice(-2);
    const values = /** @type {number[]} */ (table.rows[row]?.slice(0, table.inputs.length) ?? []);
    picture.src = pictureOf(values, { width, height, top });
  }

  /** @param {HTMLElement} item @param {number} row */
  function update(item, row) {
    const own = labelOf(row);
    const taken = takenFor(row);
    const isWrong = taken !== undefined && taken !== own;
    const held = training.validationRows.has(row);
    const [, text, rest] = /** @type {HTMLElement[]} */ ([...item.children]);
    if (!text || !rest) return;
    setText(text, isWrong ? `${nameOf(own)} ≠ ${nameOf(taken)}` : nameOf(own));
    item.classList.toggle('wrong', isWrong);
    item.classList.toggle('held-out', held);
    item.tabIndex = row === active ? 0 : -1;
    setAttribute(item, 'aria-selected', String(row === chosen));
    const name = [t('plane.row', { row: row + 1 })];
    if (isWrong) name.push(t('pictures.takenFor', { label: nameOf(taken) }));
    if (held) name.push(t('data.heldOut'));
    setText(rest, `, ${name.join(', ')}`);
    setAttribute(item, 'title', name.join(', '));
  }

  /** @param {MouseEvent} event */
  function onclick({ target }) {
    const item = target instanceof Element ? target.closest('[data-row]') : null;
    if (item instanceof HTMLElement) choose(Number(item.dataset.row));
  }

  /** @param {number} row */
  function choose(row) {
    active = chosen = row;
    pad.show(/** @type {number[]} */ (table.rows[row]?.slice(0, table.inputs.length) ?? []));
    show();
    focus();
  }

  const focus = () => /** @type {HTMLElement | null} */ (gallery.querySelector('[tabindex="0"]'))?.focus();

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const rows = found.slice(page * PAGE, (page + 1) * PAGE);
    const at = rows.indexOf(active);
    const across = getComputedStyle(gallery).gridTemplateColumns.split(' ').length;
    const moves = /** @type {Record<string, number>} */ ({
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at + across,
      ArrowUp: at - across,
      Home: 0,
      End: rows.length - 1,
    });
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      return choose(active);
    }
    if (event.key === 'PageDown' || event.key === 'PageUp') {
      event.preventDefault();
      const to = page + (event.key === 'PageDown' ? 1 : -1);
      if (to < 0 || to * PAGE >= found.length) return;
      turn(to);
      return focus();
    }
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    active = rows[Math.max(0, Math.min(rows.length - 1, to))] ?? active;
    show();
    focus();
  }

  let last = /** @type {unknown[]} */ ([]);
  let lastFind = 0;
  let lastLabels = 0;
  /**
   * @param {State} state
   * @param {Training} now
   */
  function updateAll({ document }, now) {
    training = now;
    table = editor.shown();
    pad.update(now, document);
    const dark = isDark();
    const fresh = table !== last[0] || dark !== last[1];
    if (fresh) {
      ({ shape } = columnsOf(document.data));
      top = table.rows.reduce((most, cells) => {
        for (let at = 0; at < table.inputs.length; at += 1) most = Math.max(most, Number(cells[at]) || 0);
        return most;
      }, 0);
      gallery.replaceChildren();
      updateLabels();
    }
    const time = performance.now();
    const follows = wrong.checked && (now.status !== 'running' || time - lastFind > FOLLOW_MS);
    if (fresh || follows) {
      lastFind = time;
      find();
    }
    const rests = now.status !== 'running' || time - lastLabels > LABELS_MS;
    const changed = now.validationRows !== last[3] || (rests && now.tablePredictions !== last[2]);
    if (!fresh && !changed) return;
    lastLabels = time;
    show();
    last = [table, dark, now.tablePredictions, now.validationRows];
  }

  function updateLabels() {
    const labels = [...new Set(table.rows.map((_, row) => labelOf(row)))].sort(
      (a, b) => Number(a) - Number(b),
    );
    const kept = label.value;
    label.replaceChildren(
      h('option', { value: '' }, t('pictures.all')),
      ...labels.map((one) => h('option', { value: String(one) }, nameOf(one))),
    );
    label.value = labels.map(String).includes(kept) ? kept : '';
  }

  return { element, update: updateAll };
}
