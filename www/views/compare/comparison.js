// Runs beside each other: those that were pinned, and those of a comparison (a sweep over a number of the document,
// from the same initial weights). What differs between them, how far they got, and a small chart of each.

import { button, h } from '../../dom.js';
import { t } from '../../i18n.js';
import { runs } from '../../runs.js';
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
    tools,
    charts.element,
    form.element,
  );

  /** @type {Row[]} */
  let last = [];

  /** @param {Run[]} gone */
  function remove(gone) {
    form.cancel(gone);
    runs.remove(gone);
    app.redraw();
  }

  /** @param {Training} training */
  function update(training) {
    small.checked = apart;
    form.update();
    last = rowsOf(training);
    const none = runs.list.length === 0;
    title.hidden = tools.hidden = table.element.hidden = none;
    table.update(last);
    charts.element.hidden = none || !apart;
    if (!charts.element.hidden) charts.update(last);
  }

  return { element, update };
}
