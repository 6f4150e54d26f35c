// Messages above the panels, each dismissible, and the live region that tells screen readers what changed.

import { button, h, icon, setText } from '../dom.js';
import { t } from '../i18n.js';

/**
 * @typedef {object} Notice
 * @property {'error' | 'info'} kind
 * @property {string} text
 * @property {string} [topic] of notices about the same thing only the last stands there; otherwise of the same texts
 * @property {{ text: string, onclick: () => void }} [action]
 * @property {() => void} [ondismiss]
 * @property {string} [class]
 */

const MOST = 3;
const QUIET_MS = 400;

/**
 * @param {HTMLElement} region
 * @param {HTMLElement} live
 */
export function createNotices(region, live) {
  let timer = 0;
  /** What is about to be said. */
  let waiting = '';

  /** @param {string} topic */
  const noticesAbout = (topic) =>
    /** @type {HTMLElement[]} */ ([...region.children]).filter(({ dataset }) => dataset.topic === topic);

  return {
    /** @param {Notice} notice */
    notify({ kind, text, topic = text, action, ondismiss, class: more = '' }) {
      const element = h('div', {
        class: `notice ${kind} ${more}`.trim(),
        'data-topic': topic,
        role: kind === 'error' ? 'alert' : 'status',
      });
      const act =
        action &&
        button({
          text: action.text,
          class: 'button small',
          onclick: () => (element.remove(), action.onclick()),
        });
      const close = button({
        icon: 'close',
        label: t('notice.dismiss'),
        class: 'icon-button',
        onclick: () => {
          element.remove();
          ondismiss?.();
        },
      });
      element.append(
        ...(kind === 'error' ? [icon('warning')] : []),
        h('p', {}, text),
        ...(act ? [act] : []),
        close,
      );
      for (const other of noticesAbout(topic)) other.remove();
      // Where there is no room for more, an error outlasts what is only good to know.
      while (region.children.length >= MOST)
        (region.querySelector('.info') ?? region.firstElementChild)?.remove();
      region.append(element);
      // The notice says it itself, and would be spoken twice.
      if (text === waiting) clearTimeout(timer);
    },
    /** Takes back what is no longer so. @param {string} topic */
    withdraw(topic) {
      for (const notice of noticesAbout(topic)) notice.remove();
    },
    clear() {
      region.replaceChildren();
    },
    /**
     * Says something to screen readers; of many things in quick succession the last.
     * @param {string} text
     */
    announce(text) {
      clearTimeout(timer);
      waiting = text;
      timer = window.setTimeout(() => {
        waiting = '';
        setText(live, '');
        setText(live, text);
      }, QUIET_MS);
    },
  };
}
