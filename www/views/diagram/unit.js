// The numbers of one unit, to read and to set: its bias and the weights that lead to it. Before the first step they
// are the experiment's initial weights; later they change the training that runs.

import { freshId, h, setAttribute, setText } from '../../dom.js';
import { withInitial } from '../../edits.js';
import { t } from '../../i18n.js';
import { parseNumber, shortest32 } from '../../numbers.js';
import { openPopup } from '../popup.js';
import { createCloseUp } from './close-up.js';
import { weightsBetween } from './columns.js';

/** @import { App } from '../../app.js' */
/** @import { Column } from './columns.js' */
/** @import { Map } from './maps.js' */
/** @import { Pointed } from './readout.js' */

/** Weights that are listed. */
const MOST = 64;
/** How often numbers that train are shown anew. */
const EVERY_MS = 250;

/**
 * @param {App} app
 * @param {HTMLElement} anchor
 * @param {Column[]} columns
 * @param {Pointed} at
 * @param {object} shown
 * @param {(column: number, unit: number) => Map | undefined} shown.mapOf the map of a unit, as it is now
 * @param {() => void} shown.onclose
 */
export function openUnit(app, anchor, columns, at, { mapOf, onclose }) {
  const weighted = columns.flatMap((column, index) => (index > 0 && !column.single ? [index] : []));
  let { column: chosen, unit } = at;
  if (!weighted.includes(chosen)) chosen = weighted.find((index) => index > chosen) ?? weighted[0] ?? 0;
  const layer = h('select', {
    'aria-label': t('unit.layer'),
    onchange: () => ((chosen = Number(layer.value)), (unit = 0), build()),
  });
  layer.append(
    ...weighted.map((index) => h('option', { value: index }, `${index}: ${columns[index]?.title}`)),
  );
  const which = h('select', {
    'aria-label': t('unit.unit'),
    onchange: () => ((unit = Number(which.value)), build()),
  });
  const closeUp = createCloseUp();
  const look = () => closeUp.show(mapOf(chosen, unit), columns[chosen]?.unit(unit) ?? '');
  const fields = h('div', { class: 'unit-fields' });
  const note = h('p', { class: 'field-note' });
  const message = h('p', { class: 'field-message', role: 'alert', id: freshId(), hidden: true });
  const content = h(
    'div',
    { class: 'popup-form unit-form', role: 'dialog', 'aria-label': t('unit.title') },
    h('div', { class: 'unit-which' }, layer, which),
    closeUp.element,
    fields,
    message,
    note,
  );
  /** @type {(() => void)[]} */
  let refresh = [];

  function build() {
    const column = columns[chosen];
    const before = columns[chosen - 1];
    if (!column || !before) return;
    layer.value = String(chosen);
    which.replaceChildren(
      ...Array.from({ length: column.size }, (_, index) => h('option', { value: index }, column.unit(index))),
    );
    which.value = String(unit);
    look();
    refresh = [];
    const { parameters, shapes } = app.session.training;
    const rows = [];
    if (parameters[`${column.layer}.bias`]) rows.push(row(t('unit.bias'), `${column.layer}.bias`, unit));
    const name = `${column.layer}.weight`;
    const length = parameters[name]?.length ?? 0;
    const where = weightsBetween(before, column, length);
    const each = where?.each ?? 1;
    const start = where ? where.start(0, unit) : (unit * length) / column.size;
    const count = length / column.size;
    for (let place = 0; place < Math.min(count, MOST); place += 1) {
      const source = Math.floor(place / each);
      const side = shapes[name]?.length === 4 ? (shapes[name]?.[3] ?? 1) : 1;
      const inside = place % each;
      const spot =
        each === 1
          ? ''
          : side > 1
            ? ` (${Math.floor(inside / side) + 1}, ${(inside % side) + 1})`
            : ` (${inside + 1})`;
      rows.push(row(`${before.unit(source)}${spot}`, name, start + place));
    }
    fields.replaceChildren(...rows);
    const more = count > MOST ? ` ${t('unit.more', { shown: MOST, count })}` : '';
    const begun = (app.session.training.position?.step ?? 0) > 0;
    setText(note, t(begun ? 'unit.live' : 'unit.initial') + more);
  }

  /**
   * @param {string} text
   * @param {string} name
   * @param {number} index
   */
  function row(text, name, index) {
    const input = h('input', {
      class: 'number',
      type: 'text',
      autocomplete: 'off',
      spellcheck: 'false',
      'data-place': `${name}[${index}]`,
      onfocus: () => input.select(),
      onchange: commit,
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== 'Enter') return;
        commit();
        input.select();
      },
    });
    let shown = '';
    const show = () => {
      const value = app.session.training.parameters[name]?.[index];
      const now = value === undefined ? '' : shortest32(value);
      // What is being typed stays, and what is about to be replaced while it trains.
      const { status } = app.session.training;
      const busy = input.value !== shown || status === 'running';
      if (now === shown || (document.activeElement === input && busy)) return;
      shown = now;
      input.value = now;
    };

    function commit() {
      if (input.value === shown) return;
      const parsed = parseNumber(input.value);
      const wrong = 'error' in parsed;
      message.hidden = !wrong;
      setAttribute(input, 'aria-invalid', wrong ? 'true' : null);
      setAttribute(input, 'aria-describedby', wrong ? message.id : null);
      if (wrong) return setText(message, t(`field.${parsed.error}`, { text: input.value }));
      const { value } = parsed;
      const { training } = app.session;
      if ((training.position?.step ?? 0) > 0) setLive(name, index, value);
      else if (!app.edit(withInitial(app.store.state.document, { name, index, value }, training.initial, training.shapes))) return; // prettier-ignore
      shown = input.value;
      app.announce(textOfSetting(name, index, value));
    }

    refresh.push(show);
    show();
    return h('label', { class: 'unit-field' }, h('span', {}, text), input);
  }

  /**
   * Sets a weight of the training that runs, and remembers how to set it back. As with a learning rate, undoing does
   * not take steps back that were made since: this one number gets its former value again, and training goes on from
   * there. After a reset there is nothing to set back, and the store forgets it.
   * @param {string} name
   * @param {number} index
   * @param {number} value
   */
  function setLive(name, index, value) {
    const former = Number(app.session.training.parameters[name]?.[index]);
    const set = (/** @type {number} */ to) => {
      app.session.setParameter(name, index, to);
      return textOfSetting(name, index, to);
    };
    set(value);
    app.store.did({ undo: () => set(former), redo: () => set(value) });
  }

  build();
  const timer = setInterval(() => {
    for (const show of refresh) show();
    look();
    const begun = (app.session.training.position?.step ?? 0) > 0;
    if (begun && note.textContent?.startsWith(t('unit.initial'))) setText(note, t('unit.live'));
  }, EVERY_MS);
  openPopup(anchor, content, { onclose: () => (clearInterval(timer), onclose()) });
  const column = columns[chosen];
  const before = columns[chosen - 1];
  const length = app.session.training.parameters[`${column?.layer}.weight`]?.length ?? 0;
  const where =
    column && before && at.from !== undefined ? weightsBetween(before, column, length) : undefined;
  const wanted = where
    ? `${where.name}[${where.start(Number(at.from), unit)}]`
    : `${column?.layer}.bias[${unit}]`;
  /** @type {HTMLElement | null} */ (content.querySelector(`[data-place="${wanted}"]`))?.focus();
}

/**
 * @param {string} name
 * @param {number} index
 * @param {number} value
 */
const textOfSetting = (name, index, value) =>
  t('unit.set', { name: `${name}[${index}]`, value: shortest32(Math.fround(value)) });
