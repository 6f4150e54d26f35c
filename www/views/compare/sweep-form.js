// Several values of one number of the document, each from the same initial weights: the form, and how far it is.

import { button, h, setAttribute, setText } from '../../dom.js';
import { problemsOf, variantsOf } from '../../engine.js';
import { format, t } from '../../i18n.js';
import { parseNumber, plain } from '../../numbers.js';
import { proposed, settable, startSweep } from '../../sweep.js';
import { fieldName } from '../field-names.js';
import { formRow, selectField } from '../fields.js';
import { placedAll, placedText } from '../problems.js';

/** @import { App } from '../../app.js' */
/** @import { Experiment } from '../../experiment.js' */
/** @import { Run } from '../../runs.js' */
/** @import { Sweep } from '../../sweep.js' */

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
      values.value = proposedText();
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
    formRow(t('sweep.values'), values, values, message),
    h('div', { class: 'toolbar' }, start, given),
    why,
    progress,
  );
  let edited = false;

  const fields = () => settable(store.state.document);
  const field = () => fields().find(({ path }) => path === fieldSelect.select.value) ?? fields()[0];
  function proposedText() {
    const chosen = field();
    return chosen ? proposed(chosen.path, chosen.value).map(plain).join(', ') : '';
  }

  /** The values that are typed, or what is wrong with them. @returns {number[] | string} */
  function typed() {
    const parts = values.value.split(/[,;，、；\s]+/).filter((part) => part !== '');
    const numbers = parts.map((part) => parseNumber(part));
    const wrong = numbers.findIndex((number) => 'error' in number);
    if (wrong >= 0) return t('field.word', { text: parts[wrong] });
    if (parts.length === 0) return t('field.empty');
    if (parts.length > MOST_VALUES) return t('sweep.tooMany', { max: MOST_VALUES });
    return numbers.map((number) => ('value' in number ? number.value : NaN));
  }

  /** @param {string} text */
  function complain(text) {
    message.hidden = text === '';
    setText(message, text);
    setAttribute(values, 'aria-invalid', text === '' ? null : 'true');
  }

  function check() {
    const read = typed();
    complain(typeof read === 'string' ? read : '');
  }

  function startNow() {
    if (app.waits()) return;
    const chosen = field();
    const read = typed();
    if (typeof read === 'string' || !chosen) return complain(typeof read === 'string' ? read : '');
    // As everybody calls it, whatever their language.
    const name = chosen.path === 'optimizer.lr' ? 'lr' : fieldName(chosen.path);
    const compare = read.map((value) => ({
      label: `${name} ${plain(value)}`,
      set: { [chosen.path]: value },
    }));
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
    if (!edited && document.activeElement !== values) values.value = proposedText();
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
