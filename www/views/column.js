// The popup of a column: its name, its role, what its classes are called, its place, and that it can go.

import { canMove, moveColumn, sortRows } from '../arranging.js';
import { button, freshId, h, icon, setAttribute, setText } from '../dom.js';
import { t } from '../i18n.js';
import * as edits from '../table.js';
import { tableErrorText } from './editor.js';
import { formRow } from './fields.js';
import { openPopup } from './popup.js';

/** @import { Table } from '../table.js' */
/** @import { Editor } from './editor.js' */

/**
 * @param {Editor} editor
 * @param {number} column
 * @param {HTMLElement} anchor
 * @param {object} options
 * @param {boolean} options.classified whether the targets are classes
 * @param {(column: number) => void} options.lead to a column, once it is there
 */
export function openColumn(editor, column, anchor, { classified, lead }) {
  const { shown, commit } = editor;
  const table = shown();
  const role = edits.roleOf(table, column);
  const last = edits.isLastOfRole(table, column);
  const name = h('input', {
    type: 'text',
    class: 'text',
    maxlength: edits.MAX_NAME,
    autofocus: true,
    'data-help': 'column_name',
  });
  const ownName = bind(editor, name, {
    read: (current) => edits.names(current)[column] ?? '',
    write: (current, text) => edits.renameColumn(current, column, text),
  });
  name.addEventListener('change', ownName.check);
  name.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    if (ownName.check()) close(true);
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
  const words = h('textarea', {
    class: 'text class-names',
    rows: '4',
    spellcheck: 'false',
    'data-help': 'column_classes',
  });
  const classNames = bind(editor, words, {
    read: (current) => edits.wordsOf(current, column).join('\n'),
    write: (current, text) => edits.nameClasses(current, text.split('\n')),
    said: t('data.classesNamed'),
  });
  words.addEventListener('change', () => classNames.check() && classNames.take());
  /** @param {() => void} act */
  const thenClose = (act) => () => {
    close(true);
    act();
  };
  const sides = /** @type {const} */ (['left', 'right']);
  const moves = sides.map((side) => {
    const by = side === 'left' ? -1 : 1;
    const move = button({
      text: t(`data.move.${side}`),
      class: 'button small',
      onclick: thenClose(() => shiftColumn(editor, column, by, lead)),
    });
    move.disabled = !canMove(table, column, by);
    return move;
  });
  const inserts = sides.map((side, beside) =>
    button({
      text: t(`data.insert.${side}`),
      class: 'button small',
      onclick: thenClose(() => {
        const at = column + beside;
        if (commit((current) => edits.addColumn(current, role, at), t('data.columnAdded'))) lead(at);
      }),
    }),
  );
  const orders = /** @type {const} */ (['ascending', 'descending']).map((order) =>
    button({
      text: t(`data.sort.${order}`),
      class: 'button small',
      onclick: thenClose(() =>
        commit(
          (current) => sortRows(current, column, order),
          t(`data.sorted.${order}`, { name: name.value }),
        ),
      ),
    }),
  );
  const remove = button({
    text: t('data.removeColumn'),
    class: 'button small',
    onclick: thenClose(() =>
      commit((current) => edits.removeColumn(current, column), t('data.columnRemoved')),
    ),
  });
  setAttribute(remove, 'data-help', 'column_remove');
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
    formRow(t('data.columnName'), name, name, ownName.problem),
    h(
      'fieldset',
      { class: 'radios', 'data-help': 'column_role' },
      h('legend', {}, t('data.columnRole')),
      ...roles,
    ),
    named ? formRow(t('data.classNames'), words, words, classNames.problem) : null,
    named ? h('p', { class: 'field-note' }, t('data.classNamesNote')) : null,
    last ? h('p', { class: 'field-note' }, t(`table.last.${role}`)) : null,
    warning,
    h(
      'fieldset',
      { class: 'button-grid', 'data-help': 'column_place' },
      h('legend', {}, t('data.columnPlace')),
      ...moves,
      ...inserts,
    ),
    h(
      'fieldset',
      { class: 'button-grid', 'data-help': 'column_sort' },
      h('legend', {}, t('data.sort')),
      ...orders,
    ),
    remove,
  );
  const close = openPopup(anchor, form, {
    onclose: () => {
      classNames.take();
      ownName.take();
    },
  });
  name.select();
}

/**
 * A column goes to the left or the right, among those of its role.
 * @param {Editor} editor
 * @param {number} column
 * @param {-1 | 1} by
 * @param {(column: number) => void} lead to the column, once it is there
 */
export function shiftColumn({ shown, commit }, column, by, lead) {
  const table = shown();
  if (!canMove(table, column, by)) return;
  const to = column + by;
  commit(
    (current) => moveColumn(current, column, by),
    t('data.columnMoved', { name: edits.names(table)[column], at: to + 1 }),
  );
  lead(to);
}

/**
 * A field for texts of the table. What cannot be taken over stays in it, with the reason, for Escape to drop.
 * @param {Editor} editor
 * @param {HTMLInputElement | HTMLTextAreaElement} field
 * @param {object} texts
 * @param {(table: Table) => string} texts.read
 * @param {(table: Table, text: string) => Table} texts.write
 * @param {string} [texts.said]
 */
function bind({ shown, commit }, field, { read, write, said }) {
  const problem = h('p', { class: 'field-message', id: freshId(), role: 'alert', hidden: true });
  const reset = () => (field.value = read(shown()));
  const changed = () => field.value.trim() !== read(shown()).trim();
  reset();
  field.addEventListener('keydown', (event) => {
    if (/** @type {KeyboardEvent} */ (event).key === 'Escape') reset();
  });

  function reason() {
    try {
      if (changed()) write(shown(), field.value);
      return '';
    } catch (error) {
      if (!(error instanceof edits.TableError)) throw error;
      return tableErrorText(error);
    }
  }

  return {
    problem,
    /** Whether it can be taken over; else the field says why. */
    check() {
      const why = reason();
      problem.hidden = why === '';
      setText(problem, why);
      setAttribute(field, 'aria-invalid', why ? 'true' : null);
      setAttribute(field, 'aria-describedby', why ? problem.id : null);
      return why === '';
    },
    /** What is not taken over with the popup gone is told by the panel. */
    take() {
      if (changed()) commit((table) => write(table, field.value), said);
    },
  };
}
