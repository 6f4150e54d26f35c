// Form fields bound to the document. A field keeps what was typed until it is right: the document stays as it was,
// and the message stands below the field.

import { freshId, h, setAttribute, setText, setValue } from '../dom.js';
import { t } from '../i18n.js';
import { parseNumber, plain } from '../numbers.js';
import { problemText } from './problems.js';

/** @import { App } from '../app.js' */
/** @import { Experiment, Problem } from '../experiment.js' */

/**
 * @typedef {object} NumberFieldOptions
 * @property {string} [id]
 * @property {string} label its accessible name
 * @property {(document: Experiment) => number | null | undefined} read
 * @property {(document: Experiment, value: number | null) => Experiment} [write]
 * @property {(value: number | null) => void} [take] instead of `write`, for what is not of the document
 * @property {boolean} [optional] an empty field is null
 * @property {boolean} [whole]
 * @property {string} [placeholder]
 * @property {string} [unit] shown behind the number
 * @property {(value: number) => string | undefined} [refuse] a message for values that cannot be
 * @property {(value: number) => string} [format]
 */

/**
 * A field for one number; returns the field, its message and how to bring it up to date.
 * @param {App} app
 * @param {NumberFieldOptions} options
 */
export function numberField(app, options) {
  const { label, read, write, take, optional = false, whole = false, refuse, format = plain } = options;
  const messageId = freshId();
  const message = h('p', { class: 'field-message', id: messageId, hidden: true });
  const input = h('input', {
    class: 'number',
    id: options.id,
    type: 'text',
    inputmode: whole ? 'numeric' : 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': label,
    placeholder: options.placeholder,
    onchange: commit,
    onfocus: () => input.select(),
    onkeydown,
  });
  let shown = '';
  let wrong = false;

  /** @param {Problem[] | string} problems */
  function complain(problems) {
    const text =
      typeof problems === 'string' ? problems : problems.map((problem) => problemText(problem)).join(' ');
    wrong = true;
    message.hidden = false;
    setText(message, text);
    setAttribute(input, 'aria-invalid', 'true');
    setAttribute(input, 'aria-describedby', messageId);
    app.announce(`${label}: ${text}`);
  }

  function accept() {
    wrong = false;
    message.hidden = true;
    setAttribute(input, 'aria-invalid', null);
    setAttribute(input, 'aria-describedby', null);
  }

  function commit() {
    const parsed = parseNumber(input.value);
    const document = app.store.state.document;
    /** @type {number | null} */
    let value = null;
    if ('error' in parsed) {
      if (parsed.error !== 'empty' || !optional)
        return complain(t(`field.${parsed.error}`, { text: input.value }));
    } else {
      value = parsed.value;
      if (whole && !Number.isInteger(value)) return complain(t('field.whole'));
      const refusal = refuse?.(value);
      if (refusal) return complain(refusal);
    }
    if (value !== (read(document) ?? null)) {
      const problems = write ? app.store.edit(write(document, value)) : [];
      if (problems.length > 0) return complain(problems);
      take?.(value);
    }
    accept();
    show(app.store.state.document);
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    if (event.key === 'Enter') {
      event.preventDefault();
      commit();
      input.select();
    } else if (event.key === 'Escape' && (wrong || input.value !== shown)) {
      event.stopPropagation();
      accept();
      show(app.store.state.document);
      input.select();
    }
  }

  /** @param {Experiment} document */
  function show(document) {
    const value = read(document);
    shown = value === null || value === undefined ? '' : format(value);
    setValue(input, shown);
  }

  return {
    input,
    message,
    /** @param {Experiment} document */
    update(document) {
      const value = read(document);
      const text = value === null || value === undefined ? '' : format(value);
      if (text === shown && (wrong || globalThis.document.activeElement === input)) return;
      // The document has changed under the field: by an undo, a link, a slider.
      accept();
      show(document);
    },
  };
}

/**
 * @param {object} options
 * @param {string} [options.id]
 * @param {string} options.label
 * @param {{ value: string, text: string }[]} options.choices
 * @param {(value: string) => void} options.onchange
 * @param {(value: string) => string} [options.nameOf] what is not among the choices
 */
export function selectField({ id, label, choices, onchange, nameOf = (value) => value }) {
  const select = h('select', { id, 'aria-label': label, onchange: () => onchange(select.value) });
  const options = choices.map(({ value, text }) => h('option', { value }, text));
  select.append(...options);
  return {
    select,
    /** @param {string} value */
    update(value) {
      // A document may hold what is not to be chosen; it is shown by its name, as long as it does.
      for (const option of [...select.options])
        if (!options.includes(option) && option.value !== value) option.remove();
      if (![...select.options].some((option) => option.value === value))
        select.append(h('option', { value }, nameOf(value)));
      setValue(select, value);
    },
  };
}

/**
 * A line of a form: a visible label, the control, and what stands below them.
 * @param {string} label
 * @param {HTMLElement} control what the label is for
 * @param {...(Node | false | undefined)} rest
 */
export function formRow(label, control, ...rest) {
  if (!control.id) control.id = freshId();
  return h('div', { class: 'form-row' }, h('label', { for: control.id }, label), ...rest);
}
