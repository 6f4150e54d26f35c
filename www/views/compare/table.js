// The table of runs: under each name what differs, and how far the run got. A name has a line of its own, which stays in
// sight, with all that can be done to the run, where the figures are wider than their place.

import { button, h, list, setAttribute, setText } from '../../dom.js';
import { t } from '../../i18n.js';
import { runs } from '../../runs.js';
import { swatch } from '../curves/swatch.js';
import { scroller } from '../scroller.js';
import { fieldHead, valueShown } from '../field-names.js';
import { differences, telling } from './differing.js';
import { figuresOf, scoreOf } from './rows.js';

/** @import { App } from '../../app.js' */
/** @import { Run } from '../../runs.js' */
/** @import { Row } from './rows.js' */

/**
 * @param {App} app
 * @param {(gone: Run[]) => void} remove
 */
export function runsTable(app, remove) {
  const table = h('table', { class: 'runs', 'aria-label': t('runs.table') });
  const element = h('div', { class: 'runs-frame' }, scroller(table));

  let columns = '';
  /** @param {Row[]} rows */
  function update(rows) {
    const differing = telling(rows, differences(rows));
    const held = rows.some(({ document }) => document.validation > 0);
    const heads = [
      ...differing.map(({ path }) => fieldHead(path)),
      t('tile.train'),
      ...(held ? [t('tile.validation')] : []),
      t(`score.${scoreOf(rows)}`),
      t('tile.epoch'),
    ];
    const key = JSON.stringify(heads);
    if (key !== columns) table.replaceChildren();
    columns = key;
    list(
      table,
      [undefined, ...rows],
      (row) => (row ? String(row.id) : 'head'),
      (row) => (row ? rowElement(row, heads.length) : headElement(heads)),
      (part, row) => {
        if (!row) return;
        nameControls(part, row);
        const [train = '', validation = '', ...others] = figuresOf(row);
        const texts = [
          ...differing.map(({ path, values }) => valueShown(path, values.get(row.id) ?? null)),
          train,
          ...(held ? [validation] : []),
          ...others,
        ];
        [...part.querySelectorAll('td')].forEach((cell, at) => setText(cell, texts[at] ?? ''));
      },
    );
  }

  /** @param {string[]} heads */
  const headElement = (heads) =>
    h('thead', {}, h('tr', {}, ...heads.map((text) => h('th', { scope: 'col' }, text))));

  /** @param {Row} row @param {number} count of figures */
  function rowElement({ run, name }, count) {
    const title = run ? runLine(run) : h('div', { class: 'run-name present' }, swatch('train'), name);
    return h(
      'tbody',
      {},
      h('tr', {}, h('th', { scope: 'rowgroup', colspan: count }, title)),
      h('tr', {}, ...Array.from({ length: count }, () => h('td', {}))),
    );
  }

  /** @param {Run} run */
  function runLine(run) {
    const box = h('input', {
      type: 'checkbox',
      onchange: () => {
        runs.change(run, { shown: box.checked });
        app.redraw();
      },
    });
    const field = h('input', {
      class: 'text',
      type: 'text',
      maxlength: '64',
      onchange: () => {
        const text = field.value.trim();
        if (text) runs.change(run, { name: text });
        app.redraw();
      },
    });
    const close = button({ icon: 'close', class: 'icon-button', onclick: () => remove([run]) });
    const show = h('label', { class: 'run-show' }, box, swatch(`run ${run.number}`));
    return h('div', { class: 'run-name' }, show, field, close);
  }

  /**
   * What the controls of a run are called, which its new name changes.
   * @param {Element} part
   * @param {Row} row
   */
  function nameControls(part, { run, name }) {
    const [box, field] = part.querySelectorAll('input');
    const close = part.querySelector('button');
    if (!run || !box || !field || !close) return;
    box.checked = run.shown;
    if (document.activeElement !== field) field.value = name;
    // A long one is cut off.
    setAttribute(field, 'title', name);
    setAttribute(field, 'aria-label', t('runs.rename', { name }));
    setAttribute(box, 'aria-label', t('runs.show', { name }));
    for (const attribute of ['title', 'aria-label'])
      setAttribute(close, attribute, t('runs.remove', { name }));
  }

  return {
    element,
    update,
    /** The name of a run has the focus. @param {Run} run */
    focus(run) {
      /** @type {HTMLElement | null} */ (table.querySelector(`[data-key="${run.id}"] input.text`))?.focus();
    },
  };
}
