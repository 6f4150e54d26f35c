// Runs beside each other: those that were pinned, and those of a comparison (a sweep over a number of the document,
// from the same initial weights). What differs between them, how far they got, and a small chart of each.

import { button, h } from '../../dom.js';
import { t } from '../../i18n.js';
import { isUnderway, runs } from '../../runs.js';
import { removedNote } from '../removed.js';
import { saveButton } from '../save.js';
import { multiples } from './multiples.js';
import { csvOf, rowsOf } from './rows.js';
import { sweepForm } from './sweep-form.js';
import { runsTable } from './table.js';

/** @import { App } from '../../app.js' */
/** @import { Run } from '../../runs.js' */
/** @import { Training } from '../../session.js' */
/** @import { Row } from './rows.js' */

/** Each run has a chart of its own, too; kept across languages. */
let apart = false;
/** What was removed last, and can be brought back; kept across languages. @type {Run[]} */
let removed = [];

/** @param {App} app */
export function comparison(app) {
  const form = sweepForm(app);
  const table = runsTable(app, remove);
  const charts = multiples(app);
  const small = h('input', {
    type: 'checkbox',
    onchange: () => {
      apart = small.checked;
      app.redraw();
    },
  });
  const clear = button({
    text: t('runs.clear'),
    class: 'button small quiet',
    onclick: () => remove(runs.list),
  });
  const title = h('h3', {}, t('runs.title'));
  const undo = h('div', {});
  const tools = h(
    'div',
    { class: 'toolbar' },
    h('label', { class: 'check' }, small, h('span', {}, t('runs.multiples'))),
    h('span', { class: 'gap' }),
    clear,
    saveButton(() => ({ name: 'gradus-runs', csv: () => csvOf(last) })),
  );
  const element = h(
    'div',
    { class: 'comparison-inner' },
    title,
    table.element,
    undo,
    tools,
    charts.element,
    form.element,
  );

  /** @type {Row[]} */
  let last = [];

  /** @param {Run[]} gone */
  function remove(gone) {
    form.cancel(gone);
    // What a comparison had not begun is nothing to bring back.
    removed = gone.filter((run) => !isUnderway(run));
    runs.remove(gone);
    showNow();
    offerBack()?.focus();
  }

  /** Before anything of it can have the focus. */
  function showNow() {
    update(app.session.training);
    app.redraw();
  }

  /** Says what was removed; the button that brings it back. */
  function offerBack() {
    undo.replaceChildren();
    const [first] = removed;
    if (!first) return undefined;
    const only = removed.length === 1;
    const text = only
      ? t('removed.named', { name: first.name })
      : t('removed.runs', { count: removed.length });
    const { element: note, back } = removedNote(text, restore);
    undo.append(note);
    return back;
  }

  function restore() {
    const [first] = removed;
    runs.restore(removed);
    removed = [];
    offerBack();
    showNow();
    if (first) table.focus(first);
  }

  /** @param {Training} training */
  function update(training) {
    small.checked = apart;
    form.update();
    last = rowsOf(training);
    const none = runs.list.length === 0;
    title.hidden = tools.hidden = table.element.hidden = none;
    undo.hidden = removed[0]?.home !== runs.home;
    table.update(last);
    charts.element.hidden = none || !apart;
    if (!charts.element.hidden) charts.update(last);
  }

  offerBack();
  return { element, update };
}
