// The summary of the network in a dialog: torchsummary's table, to read and to copy.

import { button, h, setText } from '../dom.js';
import { format, t } from '../i18n.js';
import { summarise, summaryText } from '../summary.js';
import { openDialog } from './dialog.js';

/** @import { App } from '../app.js' */

/** @param {App} app */
export function openSummary(app) {
  const found = app.summary(app.store.state.document);
  if (!found) return;
  const summary = summarise(found.layers);
  const { rows, total, sizes } = summary;
  const head = ['layer', 'shape', 'parameters'].map((key) => h('th', { scope: 'col' }, t(`summary.${key}`)));
  const body = rows.map(({ name, shape, parameters }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, name),
      h('td', {}, shape),
      h('td', { class: 'figure-cell' }, format.whole(parameters)),
    ),
  );
  const table = h(
    'table',
    { class: 'summary-table' },
    h('caption', { class: 'visually-hidden' }, t('summary.title')),
    h('thead', {}, h('tr', {}, ...head)),
    h('tbody', {}, ...body),
  );
  const fact = (/** @type {string} */ key, /** @type {string} */ value) => [
    h('dt', {}, t(`summary.${key}`)),
    h('dd', {}, value),
  ];
  const megabytes = (/** @type {number} */ value) => `${value.toFixed(2)} MB`;
  const facts = h(
    'dl',
    { class: 'facts' },
    ...fact('total', format.whole(total)),
    ...fact('input', megabytes(sizes.input)),
    ...fact('passes', megabytes(sizes.passes)),
    ...fact('params', megabytes(sizes.params)),
    ...fact('all', megabytes(sizes.all)),
  );
  const done = h('span', { class: 'confirmation', role: 'status' });
  const copy = button({
    text: t('summary.copy'),
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(summaryText(summary));
        setText(done, t('share.copied'));
      } catch {
        // Without permission the text is shown, and the reader's own copy command works.
        const text = h('textarea', {
          class: 'text',
          readonly: true,
          rows: '12',
          'aria-label': t('summary.title'),
        });
        text.value = summaryText(summary);
        copy.replaceWith(text);
        text.select();
      }
    },
  });
  openDialog(
    t('summary.title'),
    h('p', { class: 'field-note' }, t('summary.note')),
    h(
      'div',
      { class: 'table-scroll', tabindex: '0', role: 'region', 'aria-label': t('summary.title') },
      table,
    ),
    facts,
    h('div', { class: 'toolbar' }, copy, done),
  );
}
