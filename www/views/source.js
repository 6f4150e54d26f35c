// Where the rows come from: the choice of a set, what a generated one is made of, and the way to a table of one's own.

import { button, h, setText, setValue } from '../dom.js';
import { withTable } from '../edits.js';
import { BUNDLED, GENERATED, columnsOf, tableOf } from '../experiment.js';
import { t } from '../i18n.js';
import { asTyped, rowsOf } from '../rows.js';
import { titleAfter } from '../titles.js';
import { lazyView } from './lazy.js';

/** @import { App } from '../app.js' */
/** @import { Experiment } from '../experiment.js' */
/** @import { Training } from '../session.js' */
/** @import { Pending, State } from '../store.js' */

/**
 * The table of each experiment, by its id, as it was when another set took its place: for this visit.
 * @type {Map<string, { document: Experiment, pending: Pending | undefined }>}
 */
const tablesLeft = new Map();

/** @param {App} app */
export function sourceControls(app) {
  const { store } = app;
  const option = (/** @type {string} */ name) => h('option', { value: name }, t(`source.${name}`));
  const select = h(
    'select',
    { id: 'source', 'aria-label': t('source.label'), onchange: () => void choose(select.value) },
    option('table'),
    h('optgroup', { label: t('source.generated') }, ...GENERATED.map(option)),
    h('optgroup', { label: t('source.bundled') }, ...Object.keys(BUNDLED).map(option)),
  );
  const about = h('p', { class: 'field-note' });
  const toTable = button({ text: t('source.toTable'), class: 'button small', onclick: makeTable });
  const generated = lazyView(async () => (await import('./generated.js')).generatedControls(app), app.redraw);
  const given = h(
    'div',
    { class: 'given' },
    generated.element,
    h('div', { class: 'given-foot' }, about, toTable),
  );

  /** @param {string} name of a set, or `table` */
  async function choose(name) {
    const left = tablesLeft.get(app.keeper.id);
    if (name === 'table' && !left) return makeTable();
    const { dataNamed, withData, withDataOf } = await import('../sources.js');
    const { document, view } = store.state;
    const back = name === 'table' ? left : undefined;
    const fresh = back ? back.document.title : t(`source.${name}`);
    const titled = { ...document, title: titleAfter(document.title, fresh, app.presets) };
    const next = back ? withDataOf(titled, back.document) : withData(titled, dataNamed(name, document.data));
    if (!app.edit(next, '', back?.pending)) return;
    if (tableOf(document)) tablesLeft.set(app.keeper.id, { document, pending: view.pending });
    app.withdraw('import');
    store.look({ rows: undefined });
    app.announce(t('source.chosen', { name: t(`source.${name}`) }));
  }

  /** The rows that were made by a rule or came with the page, as the document's own. */
  function makeTable() {
    const { document } = store.state;
    const rows = rowsOf(document.data, app.redraw);
    if (rows === 'loading' || rows instanceof Error || tableOf(document)) return app.redraw();
    const made = withTable(document, asTyped(rows));
    const shape = [...columnsOf(document.data).shape];
    const data = /** @type {typeof made.data} */ ({
      ...made.data,
      input_shape: shape.length > 1 ? shape : null,
    });
    if (app.edit({ ...made, data, model: document.model, predict: document.predict }))
      app.announce(t('source.madeTable', { count: rows.rows.length }));
  }

  /**
   * @param {State} state
   * @param {Training} training
   * @param {boolean} there whether the rows are
   */
  function update(state, training, there) {
    const { data } = state.document;
    setValue(select, data.kind === 'table' ? 'table' : data.name);
    given.hidden = data.kind === 'table';
    generated.element.hidden = data.kind !== 'generated';
    if (data.kind === 'generated') generated.update(state, training);
    if (data.kind !== 'table') setText(about, there ? t(`source.${data.name}.about`) : t('data.fetching'));
    toTable.disabled = !there;
  }

  return { select, given, update };
}
