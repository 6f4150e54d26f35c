// Sharing: the whole experiment as a link, or as a file where a link is too long.

import { button, h, icon, setAttribute, setText } from '../dom.js';
import { encodeLink, problemsOf, writeDocument } from '../engine.js';
import { format, t } from '../i18n.js';
import { hasChanges } from '../session.js';
import { download } from './files.js';
import { placedText } from './problems.js';

/** @import { App } from '../app.js' */

/** Links longer than this are cut by some mail and chat programs. */
const SAFE_LENGTH = 2000;

/** @param {App} app */
export function openShare(app) {
  const opener = /** @type {HTMLElement | null} */ (document.activeElement);
  const title = h('input', { type: 'text', class: 'text', maxlength: '200', id: 'share-title' });
  title.value = app.store.state.document.title;
  const link = h('textarea', {
    class: 'text link',
    readonly: true,
    rows: '4',
    id: 'share-link',
    spellcheck: 'false',
    onfocus: () => link.select(),
  });
  const length = h('p', { class: 'field-note' });
  const long = h(
    'p',
    { class: 'message', hidden: true },
    icon('warning'),
    h('span', {}, t('share.long', { max: format.whole(SAFE_LENGTH) })),
  );
  const failed = h('p', { class: 'field-message', hidden: true });
  const done = h('span', { class: 'confirmation', role: 'status' });
  const copy = button({ text: t('share.copy'), class: 'button primary', onclick: copyLink });
  const file = button({
    text: t('share.download'),
    onclick: () => download(fileName(), writeDocument(app.store.state.document), 'application/json'),
  });
  const open = button({
    text: t('share.open'),
    onclick: () => {
      dialog.close();
      app.openFile();
    },
  });
  const close = button({
    icon: 'close',
    label: t('share.close'),
    class: 'icon-button',
    onclick: () => dialog.close(),
  });
  const dialog = h(
    'dialog',
    { class: 'dialog', 'aria-labelledby': 'share-heading' },
    h('div', { class: 'dialog-head' }, h('h2', { id: 'share-heading' }, t('share.title')), close),
    h('p', { class: 'field-note' }, t(hasChanges(app.session.training) ? 'share.noteChanged' : 'share.note')),
    h('label', { for: 'share-title' }, t('share.name')),
    title,
    h('label', { for: 'share-link' }, t('share.link')),
    link,
    length,
    long,
    failed,
    h('div', { class: 'toolbar' }, copy, done),
    h('div', { class: 'toolbar rule' }, file, open),
  );
  let fragment = '';

  title.addEventListener('change', () => {
    app.edit({ ...app.store.state.document, title: title.value }, 'title');
    show();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    opener?.focus();
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });

  function show() {
    setText(done, '');
    try {
      fragment = encodeLink(app.store.state.document);
    } catch (error) {
      const [problem] = problemsOf(error);
      failed.hidden = false;
      if (problem) setText(failed, placedText(problem, app.store.state.document));
      copy.disabled = true;
      file.disabled = true;
      return;
    }
    link.value = new URL(fragment, location.href).href;
    setText(length, t('share.length', { count: link.value.length, shown: format.whole(link.value.length) }));
    long.hidden = link.value.length <= SAFE_LENGTH;
    setAttribute(file, 'class', long.hidden ? 'button' : 'button primary');
  }

  async function copyLink() {
    app.shareLink(fragment);
    try {
      await navigator.clipboard.writeText(link.value);
      setText(done, t('share.copied'));
    } catch {
      // Without permission, or on a page that is not secure: the reader's own copy command still works.
      link.focus();
      link.select();
      setText(done, t('share.selected'));
    }
  }

  function fileName() {
    const stem = app.store.state.document.title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '');
    return `${stem || 'experiment'}.json`;
  }

  document.body.append(dialog);
  dialog.showModal();
  show();
  copy.focus();
}
