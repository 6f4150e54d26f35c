// A dialog over the page: a heading, a button that closes it, and the focus goes back to where it came from.

import { button, freshId, h } from '../dom.js';
import { t } from '../i18n.js';

/**
 * @param {string} title
 * @param {...(Node | false | undefined)} content
 */
export function openDialog(title, ...content) {
  const opener = /** @type {HTMLElement | null} */ (document.activeElement);
  const id = freshId();
  const close = button({
    icon: 'close',
    label: t('dialog.close'),
    class: 'icon-button',
    onclick: () => dialog.close(),
  });
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': id },
    h('div', { class: 'dialog-head' }, h('h2', { id }, title), close),
    ...content.filter((each) => each instanceof Node),
  );
  dialog.addEventListener('close', () => {
    dialog.remove();
    opener?.focus();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
