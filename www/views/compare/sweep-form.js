// Several values of one field of the document, each from the same initial weights: the form, and how far it is.

import { button, h, setAttribute, setText } from '../../dom.js';
import { problemsOf, variantsOf } from '../../engine.js';
import { format, t } from '../../i18n.js';
import { parseNumber, plain } from '../../numbers.js';
import { startSweep } from '../../sweep.js';
import { proposed, proposedChoices, variable } from '../../varied.js';
import { choiceName, fieldName } from '../field-names.js';
import { formRow, selectField } from '../fields.js';
import { placedAll, placedText } from '../problems.js';

/** @import { App } from '../../app.js' */
/** @import { Experiment } from '../../experiment.js' */
/** @import { Run } from '../../runs.js' */
/** @import { Sweep } from '../../sweep.js' */

/** @typedef {{ label: string, set: Record<string, unknown> }} Comparison */

/** So many comparisons a document takes. */
const MOST_VALUES = 16;

/** It goes on when the language changes. @type {Sweep | undefined} */
let sweep;

/** @param {App} app */
export function sweepForm(app) {
  const { store } = app;
  const fieldSelect = selectField({
    label: t('sweep.field'),
    choices: [],
    onchange: () => {
      propose();
      check();
    },
  });
  const values = h('input', {
    class: 'text',
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': t('sweep.values'),
    oninput: () => (edited = true),
    onchange: check,
  });
  const picks = h('div', { class: 'sweep-picks', role: 'group', 'aria-label': t('sweep.values') });
  const message = h('p', { class: 'field-message', hidden: true, role: 'alert' });
  const start = button({ text: t('sweep.run'), icon: 'play', class: 'button small', onclick: startNow });
  const cancel = button({ text: t('sweep.cancel'), class: 'button small', onclick: () => sweep?.cancel() });
  const bar = h('progress', { 'aria-label': t('sweep.progress') });
  const state = h('span', { class: 'field-note' });
  const progress = h('div', { class: 'sweep-progress', hidden: true }, bar, state, cancel);
  const given = button({ text: '', class: 'button small', onclick: runGiven });
  const why = h('p', { class: 'field-message', id: 'why-no-sweep', hidden: true });
  const element = h(
    'div',
    { class: 'form sweep-form', role: 'group', 'aria-label': t('sweep.title') },
    h('h3', {}, t('sweep.title')),
    formRow(t('sweep.field'), fieldSelect.select, fieldSelect.select),
    formRow(t('sweep.values'), values, values, picks, message),
    h('div', { class: 'toolbar' }, start, given),
    why,
    progress,
  );
  let edited = false;
  let proposedFor = '';

  /** What can be varied; asked for in every frame, and found once for each document. */
  let known = { document: store.state.document, fields: variable(store.state.document) };
  function fields() {
    const { document } = store.state;
    if (known.document !== document) known = { document, fields: variable(document) };
    return known.fields;
  }
  const field = () => fields().find(({ path }) => path === fieldSelect.select.value) ?? fields()[0];

  /** What to try of the field that is chosen. */
  function propose() {
    const chosen = field();
    if (!chosen) return;
    values.hidden = 'choices' in chosen;
    picks.hidden = !values.hidden;
    if ('value' in chosen) {
      values.value = proposed(chosen).map(plain).join(', ');
      return;
    }
    const begun = proposedChoices(chosen);
    picks.replaceChildren(
      ...chosen.choices.map(({ value }) => {
        const box = h('input', { type: 'checkbox', value, onchange: () => ((edited = true), check()) });
        box.checked = begun.includes(value);
        return h('label', { class: 'check' }, box, h('span', {}, choiceName(chosen.path, value)));
      }),
    );
  }

  /** The numbers that are typed, or what is wrong with them. @returns {number[] | string} */
  function typed() {
    const parts = values.value.split(/[,;，、；\s]+/).filter((part) => part !== '');
    const numbers = parts.map((part) => parseNumber(part));
    const wrong = numbers.findIndex((number) => 'error' in number);
    if (wrong >= 0) return t('field.word', { text: parts[wrong] });
    if (parts.length === 0) return t('field.empty');
    if (parts.length > MOST_VALUES) return t('sweep.tooMany', { max: MOST_VALUES });
    return numbers.map((number) => ('value' in number ? number.value : NaN));
  }

  /** What is to be compared, or what is wrong with it. @returns {Comparison[] | string} */
  function wanted() {
    const chosen = field();
    if (!chosen) return '';
    const { path } = chosen;
    if ('choices' in chosen) {
      const boxes = [...picks.querySelectorAll('input')].filter(({ checked }) => checked);
      const picked = chosen.choices.filter(({ value }) => boxes.some((box) => box.value === value));
      if (picked.length === 0) return t('sweep.none');
      return picked.map(({ value, set }) => ({ label: choiceName(path, value), set }));
    }
    const numbers = typed();
    if (typeof numbers === 'string') return numbers;
    // As everybody calls it, whatever their language.
    const name = path === 'optimizer.lr' ? 'lr' : fieldName(path);
    return numbers.map((value) => ({ label: `${name} ${plain(value)}`, set: chosen.set(value) }));
  }

  /** @param {string} text */
  function complain(text) {
    message.hidden = text === '';
    setText(message, text);
    setAttribute(values, 'aria-invalid', text === '' ? null : 'true');
  }

  function check() {
    const compare = wanted();
    complain(typeof compare === 'string' ? compare : '');
  }

  function startNow() {
    if (app.waits()) return;
    const compare = wanted();
    if (typeof compare === 'string') return complain(compare);
    const document = { ...store.state.document, compare };
    const problems = store.edit(document);
    if (problems.length > 0) return complain(placedAll(problems, document));
    complain('');
    runGiven();
  }

  /** Runs what the document compares. */
  function runGiven() {
    if (app.waits()) return;
    const { document } = store.state;
    /** @type {Experiment[]} */
    let documents;
    try {
      documents = variantsOf(document);
    } catch (error) {
      return complain(placedAll(problemsOf(error), document));
    }
    sweep?.cancel();
    const variants = documents.map((variant, at) => ({
      label: document.compare?.[at]?.label ?? '',
      document: variant,
    }));
    const begun = startSweep({
      variants,
      spawn: app.spawn,
      changed: app.redraw,
      ended: ({ cancelled }) => {
        sweep = undefined;
        app.announce(t(cancelled ? 'sweep.cancelled' : 'sweep.done', { count: variants.length }));
        app.redraw();
      },
    });
    sweep = begun;
    app.announce(t('sweep.started', { count: variants.length }));
    app.redraw();
  }

  function update() {
    updateForm();
    updateProgress();
  }

  function updateForm() {
    const options = fields();
    const before = fieldSelect.select.value;
    const texts = options.map(({ path }) => path).join();
    if ([...fieldSelect.select.options].map(({ value }) => value).join() !== texts) {
      fieldSelect.select.replaceChildren(
        ...options.map(({ path }) => h('option', { value: path }, fieldName(path))),
      );
      const chosen = options.some(({ path }) => path === before) ? before : options[0]?.path;
      if (chosen) fieldSelect.select.value = chosen;
      edited = false;
    }
    const now = JSON.stringify(field());
    if (!edited && now !== proposedFor && document.activeElement !== values) {
      proposedFor = now;
      propose();
    }
    const { document: experiment, problems } = store.state;
    const { compare = [] } = experiment;
    given.hidden = compare.length === 0 || sweep !== undefined;
    setText(given, t('sweep.given', { count: compare.length }));
    const [problem] = problems;
    why.hidden = !problem;
    if (problem) setText(why, t('transport.cannot', { problem: placedText(problem, experiment) }));
    for (const one of [start, given]) {
      one.disabled = problem !== undefined;
      setAttribute(one, 'aria-describedby', problem ? why.id : null);
    }
  }

  function updateProgress() {
    progress.hidden = !sweep;
    if (!sweep) return;
    const { present, done, of } = sweep;
    const { position } = present ?? {};
    const share = position ? position.step / Math.max(1, position.totalSteps) : 0;
    bar.max = of;
    bar.value = done + share;
    setText(
      state,
      t('sweep.state', {
        at: Math.min(of, done + 1),
        of,
        name: present?.name ?? '',
        epoch: format.count(position?.epoch ?? 0),
        epochs: format.count(present?.document.epochs ?? 0),
      }),
    );
  }

  return {
    element,
    update,
    /** What runs now, if it is one of those. @param {Run[]} gone */
    cancel(gone) {
      if (sweep?.present && gone.includes(sweep.present)) sweep.cancel();
    },
  };
}
