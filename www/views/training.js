// How the network is trained: loss, optimizer, rate and schedule, batches, epochs, seed, and when it stops.

import { button, h, setAttribute, setText } from '../dom.js';
import * as edits from '../edits.js';
import * as model from '../experiment.js';
import { has, t } from '../i18n.js';
import { plain, significant } from '../numbers.js';
import { formRow, numberField, selectField } from './fields.js';

/** @import { App } from '../app.js' */
/** @import { Experiment } from '../experiment.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

const LR_MIN = -6;
const LR_MAX = 1;
/** As many seeds as a person can read out. */
const SEEDS = 10_000;

/** @param {App} app */
export function trainingForm(app) {
  const { store } = app;
  const loss = selectField({
    id: 'field-loss',
    label: t('training.loss'),
    choices: model.LOSSES.map((value) => ({ value, text: t(`loss.${value}`) })),
    onchange: (type) => app.edit({ ...store.state.document, loss: { type } }),
  });
  const lossNote = h('p', { class: 'field-note' });
  const optimizer = selectField({
    id: 'field-optimizer',
    label: t('training.optimizer'),
    choices: Object.keys(model.OPTIMIZERS).map((value) => ({ value, text: t(`optimizer.${value}`) })),
    onchange: (type) => app.edit(edits.withOptimizer(store.state.document, type)),
  });
  const options = optimizerOptions(app);

  const lr = numberField(app, {
    id: 'field-lr',
    label: t('training.lr'),
    read: (document) => document.optimizer.lr,
    write: (document, value) => edits.withOption(document, 'lr', value),
    refuse: (value) => (value > 0 ? undefined : t('training.lrPositive')),
  });
  const lrSlider = h('input', {
    type: 'range',
    class: 'log',
    min: LR_MIN,
    max: LR_MAX,
    step: '0.05',
    'aria-label': t('training.lrSlider'),
    oninput: () =>
      app.edit(
        edits.withOption(store.state.document, 'lr', significant(10 ** Number(lrSlider.value), 2)),
        'lr',
      ),
  });
  const schedule = scheduleFields(app);

  const batch = numberField(app, {
    id: 'field-batch',
    label: t('training.batch'),
    read: (document) => document.batch_size,
    write: (document, value) => ({ ...document, batch_size: value }),
    optional: true,
    whole: true,
    placeholder: t('training.allRows'),
    refuse: (value) => (value >= 1 ? undefined : t('training.atLeastOne')),
  });
  const epochs = numberField(app, {
    id: 'field-epochs',
    label: t('training.epochs'),
    read: (document) => document.epochs,
    write: (document, value) => ({ ...document, epochs: value ?? 1 }),
    whole: true,
    refuse: (value) => (value >= 1 ? undefined : t('training.atLeastOne')),
  });
  const seed = numberField(app, {
    id: 'field-seed',
    label: t('training.seed'),
    read: (document) => document.seed,
    write: (document, value) => ({ ...document, seed: value ?? 0 }),
    whole: true,
  });
  const newSeed = button({
    icon: 'dice',
    label: t('training.newSeed'),
    class: 'icon-button framed',
    onclick: () => {
      const other = (store.state.document.seed + 1 + Math.floor(Math.random() * (SEEDS - 1))) % SEEDS;
      if (app.edit({ ...store.state.document, seed: other }))
        app.announce(t('training.seedNow', { seed: other }));
    },
  });
  const stop = stopFields(app);

  const small = (
    /** @type {string} */ label,
    /** @type {{ input: HTMLElement, message: HTMLElement }} */ { input, message },
    /** @type {HTMLElement[]} */ ...beside
  ) =>
    h(
      'div',
      { class: 'small-field' },
      h('label', { for: input.id }, label),
      beside.length > 0 ? h('div', { class: 'beside' }, input, ...beside) : input,
      message,
    );

  const scheduleRow = formRow(t('training.schedule'), schedule.select, schedule.select, schedule.element);
  setAttribute(scheduleRow, 'data-help', 'schedule');
  const element = h(
    'div',
    { class: 'form training-form' },
    formRow(t('training.loss'), loss.select, loss.select, lossNote),
    formRow(t('training.optimizer'), optimizer.select, optimizer.select, options.element),
    formRow(t('training.lr'), lr.input, lrSlider, lr.input, lr.message),
    scheduleRow,
    h(
      'div',
      { class: 'small-fields' },
      small(t('training.batch'), batch),
      small(t('training.epochs'), epochs),
      small(t('training.seed'), seed, newSeed),
    ),
    stop.element,
  );

  /** @param {State} state @param {Training} training */
  function update({ document, problems }, { learningRate }) {
    loss.update(document.loss.type);
    const note = `loss.${document.loss.type}.note`;
    setText(lossNote, has(note) ? t(note) : '');
    optimizer.update(document.optimizer.type);
    const conflict = problems.some(({ path }) => path === 'optimizer.nesterov');
    options.update(document, conflict);
    lr.update(document);
    const position = Math.log10(document.optimizer.lr);
    lrSlider.value = String(Math.max(LR_MIN, Math.min(LR_MAX, position)));
    setAttribute(lrSlider, 'aria-valuetext', plain(document.optimizer.lr));
    schedule.update(document, learningRate);
    batch.update(document);
    epochs.update(document);
    seed.update(document);
    stop.update(document);
  }

  return { element, update };
}

/** Options that are on or off. */
const SWITCHES = ['nesterov', 'amsgrad', 'centered'];
const BETAS = ['beta1', 'beta2'];

/**
 * The options of every optimizer, of which those of the present one are shown.
 * @param {App} app
 */
function optimizerOptions(app) {
  const names = [...new Set(Object.values(model.OPTIMIZERS).flatMap((options) => Object.keys(options)))];
  const fields = names.flatMap((name) =>
    name === 'betas' ? BETAS.map((_, at) => beta(at)) : SWITCHES.includes(name) ? onOff(name) : number(name),
  );
  const problem = h('p', { class: 'field-message', hidden: true }, t('optimizer.nesterovNeeds'));
  const element = h('div', { class: 'options' }, ...fields.map((field) => field.element), problem);

  /** @param {string} key */
  function number(key) {
    const field = numberField(app, {
      label: t(`optimizer.${key}`),
      read: (document) => /** @type {number | undefined} */ (document.optimizer[key]),
      write: (document, value) => edits.withOption(document, key, value),
    });
    return { key, element: labelled(t(`optimizer.${key}`), field, key), update: field.update };
  }

  /** @param {number} at */
  function beta(at) {
    const label = t(`optimizer.${BETAS[at]}`);
    const betas = (/** @type {Experiment} */ { optimizer }) =>
      /** @type {number[] | undefined} */ (optimizer.betas);
    const field = numberField(app, {
      label,
      read: (document) => betas(document)?.[at],
      write: (document, value) => edits.withOption(document, 'betas', betas(document)?.with(at, value ?? 0)),
    });
    return { key: 'betas', element: labelled(label, field, 'betas'), update: field.update };
  }

  /** @param {string} key */
  function onOff(key) {
    const { store } = app;
    const box = h('input', {
      type: 'checkbox',
      onchange: () => app.edit(edits.withOption(store.state.document, key, box.checked)),
    });
    const label = h('label', { class: 'check', 'data-help': key }, box, h('span', {}, t(`optimizer.${key}`)));
    const update = (/** @type {Experiment} */ { optimizer }) => {
      box.checked = optimizer[key] === true;
    };
    return { key, element: label, update };
  }

  return {
    element,
    /**
     * @param {Experiment} document
     * @param {boolean} conflict of Nesterov with the other options
     */
    update(document, conflict) {
      for (const field of fields) {
        field.element.hidden = !(field.key in document.optimizer);
        if (!field.element.hidden) field.update(document);
      }
      problem.hidden = !conflict;
    },
  };
}

/**
 * @param {string} label
 * @param {ReturnType<typeof numberField>} field
 * @param {string} help which explanation is its
 */
export const labelled = (label, { input, message }, help) =>
  h('label', { class: 'option', 'data-help': help }, h('span', {}, label), input, message);

/** How the rate changes over the epochs. @param {App} app */
function scheduleFields(app) {
  const { store } = app;
  const { select, update: choose } = selectField({
    label: t('training.schedule'),
    choices: ['constant', ...Object.keys(model.SCHEDULES)].map((value) => ({
      value,
      text: t(`schedule.${value}`),
    })),
    onchange: (type) => app.edit(edits.withSchedule(store.state.document, type)),
  });
  const fields = ['step_size', 'gamma', 'T_max'].map((key) => {
    const field = numberField(app, {
      label: t(`schedule.${key}`),
      read: ({ schedule }) => /** @type {number | undefined} */ (schedule?.[key]),
      write: (document, value) => ({
        ...document,
        schedule: document.schedule && { ...document.schedule, [key]: value ?? 0 },
      }),
      whole: key !== 'gamma',
    });
    return { key, element: labelled(t(`schedule.${key}`), field, 'schedule'), update: field.update };
  });
  const now = h('p', { class: 'field-note' });
  const element = h('div', { class: 'options' }, ...fields.map((field) => field.element), now);
  return {
    select,
    element,
    /** @param {Experiment} document @param {number} [rate] of the next step */
    update(document, rate) {
      const { schedule } = document;
      choose(schedule?.type ?? 'constant');
      element.hidden = !schedule;
      setText(now, rate === undefined ? '' : t('schedule.now', { rate: plain(significant(rate, 4)) }));
      for (const field of fields) {
        field.element.hidden = !(schedule && field.key in schedule);
        if (!field.element.hidden) field.update(document);
      }
    },
  };
}

/** What ends the training early. @param {App} app */
function stopFields(app) {
  const fields = /** @type {const} */ (['loss', 'patience']).map((key) => {
    const field = numberField(app, {
      label: t(`stop.${key}`),
      read: ({ stop }) => stop?.[key],
      write: (document, value) => {
        const { [key]: _, ...rest } = document.stop ?? {};
        const stop = value === null ? rest : { ...rest, [key]: value };
        return { ...document, stop: Object.keys(stop).length > 0 ? stop : null };
      },
      optional: true,
      whole: key === 'patience',
      placeholder: t('stop.never'),
      ...(key === 'patience'
        ? { refuse: (/** @type {number} */ value) => (value >= 1 ? undefined : t('training.atLeastOne')) }
        : {}),
    });
    return { key, field, element: labelled(t(`stop.${key}`), field, 'stop') };
  });
  const note = h('p', { class: 'field-note warning', hidden: true }, t('stop.noValidation'));
  const element = h(
    'div',
    { class: 'form-row', role: 'group', 'aria-label': t('training.stop') },
    h('span', { class: 'row-label' }, t('training.stop')),
    h('div', { class: 'options' }, ...fields.map((field) => field.element), note),
  );
  return {
    element,
    /** @param {Experiment} document */
    update(document) {
      for (const { field } of fields) field.update(document);
      note.hidden = !(document.stop?.patience && document.validation === 0);
    },
  };
}
