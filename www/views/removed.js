// What stands in the place of something that was removed: that it was, and the way back.

import { button, h } from '../dom.js';
import { t } from '../i18n.js';

/**
 * @param {string} text
 * @param {() => void} restore
 */
export function removedNote(text, restore) {
  const back = button({ text: t('removed.restore'), class: 'button small', onclick: restore });
  const element = h('div', { class: 'removed' }, h('p', { role: 'status' }, text), back);
  return { element, back };
}
