// A view whose script is loaded when it is first shown.

import { button, h } from '../dom.js';
import { t } from '../i18n.js';

/** @import { View } from '../app.js' */

/**
 * @param {() => Promise<View>} load
 * @param {() => void} changed called once it is there
 */
export function lazyView(load, changed) {
  const element = h('div', { class: 'lazy' });
  /** @type {View | undefined} */
  let view;
  let asked = false;

  async function ask() {
    asked = true;
    element.replaceChildren(h('p', { class: 'empty', role: 'status' }, t('start.loading')));
    try {
      view = await load();
      element.replaceChildren(view.element);
      changed();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      element.replaceChildren(loadFailure(message, ask));
    }
  }

  return {
    element,
    get view() {
      return view;
    },
    /** @type {View['update']} */
    update(state, training) {
      if (!asked) void ask();
      view?.update(state, training);
    },
  };
}

/**
 * What could not be fetched, and a button that tries again.
 * @param {string} message
 * @param {() => void} again
 */
export function loadFailure(message, again) {
  return h(
    'div',
    { class: 'message', role: 'alert' },
    h('span', {}, t('data.unreachable', { detail: message })),
    button({ text: t('data.again'), class: 'button small', onclick: again }),
  );
}
