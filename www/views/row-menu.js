// The menu of the chosen rows of the table: new ones above or below them, those of the clipboard, and that they go.

import { readDelimited, whyNot } from '../delimited.js';
import { t } from '../i18n.js';
import { hasKeyboard } from '../pointing.js';
import { MAX_ROWS, TableError } from '../table.js';
import { tableErrorText } from './editor.js';
import { openMenu } from './popup.js';

/** @import { Range } from '../table.js' */

/**
 * @param {HTMLElement} anchor
 * @param {Range} range the chosen cells
 * @param {object} options
 * @param {(at: number, rows: number | string[][]) => void} options.insert empty rows, or these
 * @param {() => void} options.remove
 * @param {(text: string) => void} options.refuse
 */
export function openRowMenu(anchor, { top, bottom }, { insert, remove, refuse }) {
  const [from, to] = [Math.max(0, top), Math.max(0, bottom)];
  const count = to - from + 1;
  const keys = (/** @type {string} */ hint) => (hasKeyboard() ? hint : undefined);

  async function paste() {
    let text;
    try {
      text = await navigator.clipboard.readText();
    } catch {
      return refuse(t('rows.clipboard'));
    }
    const read = readDelimited(text, MAX_ROWS + 1);
    const wrong = read.rows.length === 0 ? new TableError('nothingPasted') : whyNot(read);
    if (wrong) return refuse(tableErrorText(wrong));
    insert(from, read.rows);
  }

  openMenu(
    anchor,
    [
      { text: t('rows.above', { count }), hint: keys('Alt+↑'), onchoose: () => insert(from, count) },
      { text: t('rows.below', { count }), hint: keys('Alt+↓'), onchoose: () => insert(to + 1, count) },
      { text: t('rows.paste'), onchoose: () => void paste() },
      { text: t('rows.remove', { count }), hint: keys('Alt+Del'), separate: true, onchoose: remove },
    ],
    t('rows.menu'),
  );
}
