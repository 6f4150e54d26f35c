// The gallery: lessons, examples, and the experiments that this browser has kept.

import { button, h } from '../dom.js';
import { inputShapeOf, tableOf } from '../experiment.js';
import { currentLanguage, has, t } from '../i18n.js';
import * as keep from '../keep.js';
import { fixed } from '../numbers.js';
import { openDialog } from './dialog.js';
import { removedNote } from './removed.js';
import { thumbnail } from './thumbnail.js';

/** @import { App } from '../app.js' */
/** @import { Experiment } from '../experiment.js' */

/** Presets that belong to the course. */
const LESSONS = ['sum', 'sum-batches', 'chapter-one-point', 'y3x-001', 'y3x-01', 'y3x-1'];

/** @param {App} app */
export function openGallery(app) {
  const current = app.store.state.document;
  const [lessons, examples] = [true, false].map((lesson) =>
    app.presets.filter(({ name }) => LESSONS.includes(name) === lesson),
  );
  const mine = h('ul', { class: 'cards' });
  const none = h('p', { class: 'field-note' }, t('gallery.none'));
  const dialog = openDialog(
    t('header.examples'),
    section('lessons', h('ul', { class: 'cards' }, ...(lessons ?? []).map(presetCard))),
    section('examples', h('ul', { class: 'cards' }, ...(examples ?? []).map(presetCard))),
    section('mine', none, mine),
    h(
      'div',
      { class: 'toolbar rule' },
      button({
        text: t('header.open'),
        onclick: () => {
          dialog.close();
          app.openFile();
        },
      }),
    ),
  );
  dialog.classList.add('experiments');
  /** @type {HTMLElement | null} */ (dialog.querySelector('[aria-current]'))?.focus();
  void showMine();

  /** @param {{ name: string, document: Experiment }} preset */
  function presetCard({ name, document }) {
    const hint = has(`preset.${name}.hint`) ? t(`preset.${name}.hint`) : layersOf(document);
    return h(
      'li',
      {},
      opener(document, app.presetTitle(name, document), hint, document.title === current.title),
    );
  }

  /**
   * @param {Experiment} document
   * @param {string} title
   * @param {string} hint
   * @param {boolean} chosen
   * @param {string} [id]
   */
  function opener(document, title, hint, chosen, id) {
    return h(
      'button',
      {
        type: 'button',
        class: 'card',
        'aria-current': chosen ? 'true' : null,
        onclick: () => {
          dialog.close();
          app.open(document, id);
        },
      },
      thumbnail(document),
      h('span', { class: 'card-title' }, title),
      h('span', { class: 'card-hint' }, hint),
    );
  }

  async function showMine() {
    const all = await keep.list().catch(() => []);
    none.hidden = all.length > 0;
    mine.replaceChildren(...all.map(keptCard));
  }

  /** @param {keep.Kept} kept */
  function keptCard(kept) {
    const { id, document, changed, loss } = kept;
    const title = app.titleOf(document);
    const hint = loss === null ? ago(changed) : t('gallery.kept', { when: ago(changed), loss: fixed(loss) });
    const item = h('li', { class: 'kept' });
    const discard = button({
      icon: 'close',
      label: t('gallery.remove', { name: title }),
      class: 'icon-button',
      onclick: async () => {
        const weights = await keep.getWeights(id).catch(() => undefined);
        const runs = await keep.getRuns(id).catch(() => []);
        await keep.remove(id);
        const { element, back } = removedNote(t('removed.named', { name: title }), async () => {
          await keep.put(kept);
          if (weights) await keep.putWeights(id, weights).catch(() => {});
          for (const run of runs) await keep.putRun(id, run.key, run).catch(() => {});
          show();
          /** @type {HTMLElement | null} */ (item.querySelector('button'))?.focus();
        });
        item.replaceChildren(element);
        back.focus();
      },
    });
    const show = () => item.replaceChildren(opener(document, title, hint, id === app.keeper.id, id), discard);
    show();
    return item;
  }
}

/**
 * @param {string} key
 * @param {...Node} content
 */
function section(key, ...content) {
  const heading = h('h3', {}, t(`gallery.${key}`));
  return h('section', { class: 'gallery-section', 'aria-label': t(`gallery.${key}`) }, heading, ...content);
}

/** How the layers go: 2 → 8 → 1. @param {Experiment} document */
function layersOf(document) {
  const sizes = document.model.flatMap(({ out }) => (out === undefined ? [] : [String(out)]));
  const inputs = tableOf(document)?.inputs.length ?? inputShapeOf(document)?.join('×') ?? '';
  return [String(inputs), ...sizes].join(' → ');
}

/** @param {number} time */
function ago(time) {
  const relative = new Intl.RelativeTimeFormat(currentLanguage()?.tag, { numeric: 'auto' });
  const minutes = Math.round((time - Date.now()) / 60_000);
  if (minutes > -60) return relative.format(minutes, 'minute');
  if (minutes > -60 * 24) return relative.format(Math.round(minutes / 60), 'hour');
  return relative.format(Math.round(minutes / 60 / 24), 'day');
}
