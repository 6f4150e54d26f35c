// The popup of a column: its name, its role, what its classes are called, and that it can go.

import { button, h, icon, setText } from '../dom.js';
import { t } from '../i18n.js';
import * as edits from '../table.js';
import { formRow } from './fields.js';
import { openPopup } from './popup.js';

/** @import { Editor } from './editor.js' */

/**
 * @param {Editor} editor
 * @param {number} column
 * @param {HTMLElement} anchor
 * @param {boolean} classified whether the targets are classes
 */
export function openColumn(editor, column, anchor, classified) {
  const { shown, commit } = editor;
  const table = shown();
  const role = edits.roleOf(table, column);
  const last = edits.isLastOfRole(table, column);
  const problem = h('p', { class: 'field-message', hidden: true });
  const name = h('input', { type: 'text', class: 'text', maxlength: edits.MAX_NAME, autofocus: true });
  name.value = edits.names(table)[column] ?? '';
  const rename = () => {
    if (name.value.trim() === edits.names(shown())[column]) return true;
    const done = commit((current) => edits.renameColumn(current, column, name.value));
    problem.hidden = done !== false;
    setText(problem, editor.refusal);
    return done !== false;
  };
  name.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') name.value = edits.names(shown())[column] ?? '';
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    if (rename()) close(true);
  });
  const roles = /** @type {const} */ (['input', 'target']).map((value) => {
    const radio = h('input', {
      type: 'radio',
      name: 'role',
      disabled: last && value !== role,
      onchange: () => {
        close(true);
        commit(
          (current) => edits.setRole(current, column, value),
          t(`data.roleSet.${value}`, { name: name.value }),
        );
      },
    });
    radio.checked = value === role;
    return h('label', { class: 'check' }, radio, h('span', {}, t(`data.role.${value}`)));
  });
  const named = role === 'target' && last && (classified || edits.wordsOf(table, column).length > 0);
  const words = h('textarea', { class: 'text class-names', rows: '4', spellcheck: 'false' });
  words.value = edits.wordsOf(table, column).join('\n');
  const wrong = h('p', { class: 'field-message', hidden: true });
  const nameClasses = () => {
    if (!named || words.value.trim() === edits.wordsOf(shown(), column).join('\n')) return true;
    commit((current) => edits.nameClasses(current, words.value.split('\n')), t('data.classesNamed'));
    wrong.hidden = editor.refusal === '';
    setText(wrong, editor.refusal);
    return wrong.hidden;
  };
  words.addEventListener('change', nameClasses);
  words.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') words.value = edits.wordsOf(shown(), column).join('\n');
  });
  const remove = button({
    text: t('data.removeColumn'),
    class: 'button small',
    onclick: () => {
      close(true);
      commit((current) => edits.removeColumn(current, column), t('data.columnRemoved'));
    },
  });
  remove.disabled = last;
  const warning = edits.constantColumns(table)[column]
    ? h(
        'p',
        { class: 'field-note warning' },
        icon('warning'),
        h('span', {}, t('data.constant', { name: name.value })),
      )
    : null;
  const form = h(
    'div',
    { class: 'popup-form', role: 'dialog', 'aria-label': t('data.column', { name: name.value }) },
    formRow(t('data.columnName'), name, name, problem),
    h('fieldset', { class: 'radios' }, h('legend', {}, t('data.columnRole')), ...roles),
    named ? formRow(t('data.classNames'), words, words, wrong) : null,
    named ? h('p', { class: 'field-note' }, t('data.classNamesNote')) : null,
    last ? h('p', { class: 'field-note' }, t(`table.last.${role}`)) : null,
    warning,
    remove,
  );
  const close = openPopup(anchor, form, {
    onclose: () => {
      nameClasses();
      rename();
    },
  });
  name.select();
}
