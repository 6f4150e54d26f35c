// Messages above the panels, each dismissible, and the live region that tells screen readers what changed.

import { button, h, icon, setText } from '../dom.js';
import { t } from '../i18n.js';

/**
 * @typedef {object} Notice
 * @property {'error' | 'info'} kind
 * @property {string} text
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
  return {
    /** @param {Notice} notice */
    notify({ kind, text, action, ondismiss, class: more = '' }) {
      const element = h('div', {
        class: `notice ${kind} ${more}`.trim(),
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
      for (const other of [...region.children])
        if (other.querySelector('p')?.textContent === text) other.remove();
      region.append(element);
      while (region.children.length > MOST) region.firstElementChild?.remove();
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
      timer = window.setTimeout(() => {
        setText(live, '');
        setText(live, text);
      }, QUIET_MS);
    },
  };
}
