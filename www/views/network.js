// The network panel: the layers, the diagram, and how they are trained.

import { button, h, list, setAttribute, setText } from '../dom.js';
import * as model from '../experiment.js';
import { format, t } from '../i18n.js';
import { plain, significant } from '../numbers.js';
import { createDiagram } from './diagram.js';
import { formRow, numberField, selectField } from './fields.js';
import { layerAt, mismatchText, problemText } from './problems.js';

/** @import { App } from '../app.js' */
/** @import { Block, Experiment, Problem } from '../experiment.js' */
/** @import { LayerSummary } from '../gradus.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

/** Problems of the data or the loss with the number of outputs: the last layer can be changed to fit. */
const OUTPUTS = new Set(['output_count', 'not_class']);

const LR_MIN = -6;
const LR_MAX = 1;

/** @param {App} app */
export function networkPanel(app) {
  const { store } = app;
  const total = h('p', { class: 'panel-note' });
  const layers = h('ol', { class: 'layers', 'aria-label': t('network.layers') });
  const inputs = h('span', { class: 'shape' });
  const inputRow = h(
    'div',
    { class: 'layer input-layer' },
    h('span', { class: 'layer-name' }, t('network.input')),
    inputs,
  );
  const modelMessage = h('p', { class: 'field-message', hidden: true });
  const add = button({
    text: t('network.addLayer'),
    label: t('network.addLayerLabel'),
    icon: 'plus',
    class: 'button small',
    onclick: addLayer,
  });
  const diagram = createDiagram();
  const form = trainingForm(app);
  const element = h(
    'section',
    { class: 'panel', id: 'panel-network', 'aria-labelledby': 'heading-network', tabindex: '-1' },
    h('div', { class: 'panel-head' }, h('h2', { id: 'heading-network' }, t('network.title')), total),
    inputRow,
    layers,
    modelMessage,
    h('div', { class: 'toolbar' }, add),
    diagram.element,
    form.element,
  );

  /** @type {Map<Element, ReturnType<typeof layerRow>>} */
  const rows = new Map();

  function addLayer() {
    if (!app.edit(model.addLayer(store.state.document))) return;
    app.announce(t('network.added'));
    const at = Math.max(0, model.blocks(store.state.document.model).length - 2);
    requestAnimationFrame(() => {
      const field = layers.children[at]?.querySelector('input');
      field?.focus();
    });
  }

  /** @param {number} index */
  function layerRow(index) {
    const blockAt = () => model.blocks(store.state.document.model)[index];
    const name = h('span', { class: 'layer-name' });
    const size = numberField(app, {
      label: t('network.size', { layer: index + 1 }),
      read: () => blockAt()?.layer.out ?? null,
      write: (document, value) => model.resizeLayer(document, blockAt()?.index ?? 0, value ?? 0),
      whole: true,
      refuse: (value) =>
        value < 1 || value > model.MAX_WIDTH
          ? t('problem.out_of_range', { min: 1, max: model.MAX_WIDTH, got: value })
          : undefined,
    });
    size.input.classList.add('size');
    size.input.addEventListener('keydown', (event) => {
      if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
      event.preventDefault();
      move(event.key === 'ArrowUp' ? -1 : 1);
    });
    const activation = selectField({
      label: t('network.activation', { layer: index + 1 }),
      choices: [
        { value: '', text: t('activation.none') },
        ...model.ACTIVATIONS.map((value) => ({ value, text: t(`activation.${value}`) })),
      ],
      onchange: (value) => app.edit(model.setActivation(store.state.document, index, value || undefined)),
    });
    const shape = h('span', { class: 'shape' });
    const count = h('span', { class: 'count' });
    const up = button({
      icon: 'up',
      label: t('network.up', { layer: index + 1 }),
      class: 'icon-button',
      onclick: () => move(-1),
    });
    const down = button({
      icon: 'down',
      label: t('network.down', { layer: index + 1 }),
      class: 'icon-button',
      onclick: () => move(1),
    });
    const remove = button({
      icon: 'close',
      label: t('network.remove', { layer: index + 1 }),
      class: 'icon-button',
      onclick: removeLayer,
    });
    const problem = h('p', { class: 'field-message', hidden: true });
    const fix = button({ text: '', class: 'button small', onclick: () => {} });
    const problemRow = h('div', { class: 'layer-problem', hidden: true }, problem, fix);
    /** @type {() => void} */
    let onfix = () => {};
    fix.append(h('span', {}));
    fix.addEventListener('click', () => onfix());
    const row = h(
      'li',
      { class: 'layer' },
      name,
      size.input,
      activation.select,
      shape,
      count,
      h('span', { class: 'layer-buttons' }, up, down, remove),
      size.message,
      problemRow,
    );

    /** @param {-1 | 1} by */
    function move(by) {
      const to = index + by;
      if (to < 0 || to >= layers.children.length) return;
      const focused = globalThis.document.activeElement === size.input;
      if (!app.edit(model.moveLayer(store.state.document, index, by))) return;
      app.announce(t('network.moved', { from: index + 1, to: to + 1 }));
      requestAnimationFrame(() => {
        const target = layers.children[to];
        const wanted = focused
          ? target?.querySelector('input')
          : target?.querySelectorAll('.icon-button')[by === -1 ? 0 : 1];
        const usable =
          wanted instanceof HTMLButtonElement && wanted.disabled
            ? target?.querySelectorAll('.icon-button')[by === -1 ? 1 : 0]
            : wanted;
        if (usable instanceof HTMLElement) usable.focus();
      });
    }

    function removeLayer() {
      if (!app.edit(model.removeLayer(store.state.document, index))) return;
      app.announce(t('network.removed', { layer: index + 1 }));
      requestAnimationFrame(() => {
        const next =
          layers.children[Math.min(index, layers.children.length - 1)]?.querySelectorAll('.icon-button')[2];
        if (next instanceof HTMLButtonElement && !next.disabled) next.focus();
        else add.focus();
      });
    }

    return {
      row,
      /**
       * @param {Experiment} document
       * @param {Block} block
       * @param {number} length
       * @param {LayerSummary[] | undefined} summaries
       * @param {Problem | undefined} wrong
       */
      update(document, block, length, summaries, wrong) {
        const sized = block.layer.type === 'linear' || block.layer.type === 'conv2d';
        const named = `layer.${block.layer.type}`;
        const title = t(named);
        setText(
          name,
          title === named
            ? model.ACTIVATIONS.includes(block.layer.type)
              ? t(`activation.${block.layer.type}`)
              : block.layer.type
            : title,
        );
        size.input.hidden = !sized;
        activation.select.hidden = block.layer.type !== 'linear';
        if (sized) size.update(document);
        activation.update(block.activation ?? '');
        const summary = summaries?.[block.index];
        setText(shape, summary ? `${summary.inputShape.join('×')} → ${summary.outputShape.join('×')}` : '');
        setText(count, summary ? countText(block, summary) : '');
        setAttribute(count, 'title', summary ? t('network.parameters', { count: summary.parameters }) : null);
        up.disabled = index === 0;
        down.disabled = index === length - 1;
        remove.disabled = length === 1;
        problemRow.hidden = !wrong;
        problem.hidden = !wrong;
        row.classList.toggle('wrong', Boolean(wrong));
        if (!wrong) return;
        const needed = model.neededOutputs(document);
        const fixable = OUTPUTS.has(wrong.code) && needed !== undefined && block.layer.type === 'linear';
        setText(problem, (fixable && mismatchText(document)) || problemText(wrong, document));
        fix.hidden = !fixable;
        if (!fixable) return;
        setText(fix, t('network.fixOutput', { count: needed }));
        onfix = () => {
          app.edit(model.resizeLayer(store.state.document, block.index, needed));
          app.announce(t('network.fixed', { count: needed }));
          size.input.focus();
        };
      },
    };
  }

  let lastState = /** @type {unknown[]} */ ([]);

  /**
   * @param {State} state
   * @param {Training} training
   */
  function update(state, training) {
    const { document, problems } = state;
    form.update(state, training);
    if (document !== lastState[0] || problems !== lastState[1]) {
      lastState = [document, problems];
      updateLayers(document, problems);
    }
    diagram.update(document, training);
  }

  /**
   * @param {Experiment} document
   * @param {Problem[]} problems
   */
  function updateLayers(document, problems) {
    const summary = app.summary(document);
    const table = model.tableOf(document);
    // A class that is out of range may want a wider last layer; one that is no whole number does not.
    const needed = model.neededOutputs(document);
    const resizable =
      needed !== undefined && needed !== document.model.findLast(({ out }) => out !== undefined)?.out;
    const found = model.blocks(document.model);
    setText(
      total,
      summary
        ? t('network.parameters', { count: summary.parameters, shown: format.whole(summary.parameters) })
        : '',
    );
    setText(inputs, table ? `${table.inputs.length}` : (summary?.layers[0]?.inputShape.join('×') ?? ''));
    setAttribute(inputRow, 'title', table ? table.inputs.join(', ') : null);
    list(
      layers,
      found,
      (_, index) => String(index),
      (_, index) => {
        const made = layerRow(index);
        rows.set(made.row, made);
        return made.row;
      },
      (row, block, index) => {
        const wrong = problems.find(({ path, code }) => {
          if (OUTPUTS.has(code)) return index === found.length - 1 && (code === 'output_count' || resizable);
          const at = layerAt(path);
          return at !== undefined && at >= block.index && at < block.index + block.length;
        });
        rows.get(row)?.update(document, block, found.length, summary?.layers, wrong);
      },
    );
    const general = problems.find(({ path, code }) => path === 'model' && !OUTPUTS.has(code));
    modelMessage.hidden = !general;
    setText(
      modelMessage,
      general ? (general.code === 'empty' ? t('network.empty') : problemText(general)) : '',
    );
    add.disabled = document.model.length + 2 > model.MAX_LAYERS;
  }

  return { element, update };
}

/**
 * @param {Block} block
 * @param {LayerSummary} summary
 */
function countText({ layer }, { inputShape, outputShape, parameters }) {
  if (parameters === 0) return '';
  const outputs = outputShape.at(-1) ?? 0;
  const weights = (inputShape.at(-1) ?? 0) * outputs;
  if (layer.type === 'linear' && weights + outputs === parameters)
    return `${format.whole(weights)} + ${format.whole(outputs)}`;
  return format.whole(parameters);
}

/** @param {App} app */
function trainingForm(app) {
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
    onchange: (type) => app.edit(model.withOptimizer(store.state.document, type)),
  });

  /**
   * @param {string} key
   * @param {(value: number) => string | undefined} [refuse]
   */
  const option = (key, refuse) =>
    numberField(app, {
      label: t(`optimizer.${key}`),
      read: (document) => /** @type {number | undefined} */ (document.optimizer[key]),
      write: (document, value) => withOption(document, key, value),
      ...(refuse ? { refuse } : {}),
    });
  /** @param {0 | 1} at */
  const beta = (at) =>
    numberField(app, {
      label: t(`optimizer.beta${at + 1}`),
      read: (document) => /** @type {number[] | undefined} */ (document.optimizer.betas)?.[at],
      write: (document, value) =>
        withOption(
          document,
          'betas',
          /** @type {number[]} */ (document.optimizer.betas).with(at, value ?? 0),
        ),
    });
  const options = {
    momentum: option('momentum'),
    beta1: beta(0),
    beta2: beta(1),
    eps: option('eps'),
    weight_decay: option('weight_decay'),
  };
  const nesterov = h('input', {
    type: 'checkbox',
    onchange: () => app.edit(withOption(store.state.document, 'nesterov', nesterov.checked)),
  });
  const nesterovLabel = h('label', { class: 'check' }, nesterov, h('span', {}, t('optimizer.nesterov')));
  const nesterovProblem = h('p', { class: 'field-message', hidden: true });
  const optionFields = Object.entries(options).map(([key, { input, message }]) => {
    return {
      key,
      element: h('label', { class: 'option' }, h('span', {}, t(`optimizer.${key}`)), input, message),
    };
  });
  const optionRow = h(
    'div',
    { class: 'options' },
    ...optionFields.map(({ element }) => element),
    nesterovLabel,
    nesterovProblem,
  );

  const lr = numberField(app, {
    id: 'field-lr',
    label: t('training.lr'),
    read: (document) => document.optimizer.lr,
    write: (document, value) => withOption(document, 'lr', value),
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
      app.edit(withOption(store.state.document, 'lr', significant(10 ** Number(lrSlider.value), 2)), 'lr'),
  });
  // A schedule comes with an example, a link or a file; here it is shown and can be taken away.
  const scheduleText = h('span');
  const noSchedule = button({
    text: t('schedule.remove'),
    class: 'button small',
    onclick: () => app.edit({ ...store.state.document, schedule: null }),
  });
  const scheduleNote = h('p', { class: 'field-note', hidden: true }, scheduleText, ' ', noSchedule);
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
  const small = (
    /** @type {string} */ label,
    /** @type {ReturnType<typeof numberField>} */ { input, message },
  ) => h('div', { class: 'small-field' }, h('label', { for: input.id }, label), input, message);

  const element = h(
    'div',
    { class: 'form training-form' },
    formRow(t('training.loss'), loss.select, loss.select, lossNote),
    formRow(t('training.optimizer'), optimizer.select, optimizer.select, optionRow),
    formRow(t('training.lr'), lr.input, lrSlider, lr.input, lr.message, scheduleNote),
    h(
      'div',
      { class: 'small-fields' },
      small(t('training.batch'), batch),
      small(t('training.epochs'), epochs),
      small(t('training.seed'), seed),
    ),
  );

  /**
   * @param {State} state
   * @param {Training} _training
   */
  function update({ document, problems }, _training) {
    loss.update(document.loss.type);
    setText(
      lossNote,
      t(`loss.${document.loss.type}.note`) === `loss.${document.loss.type}.note`
        ? ''
        : t(`loss.${document.loss.type}.note`),
    );
    optimizer.update(document.optimizer.type);
    const has = {
      momentum: 'momentum' in document.optimizer,
      beta1: 'betas' in document.optimizer,
      beta2: 'betas' in document.optimizer,
      eps: 'eps' in document.optimizer,
      weight_decay: 'weight_decay' in document.optimizer,
    };
    for (const { key, element: field } of optionFields) {
      const name = /** @type {keyof typeof has} */ (key);
      field.hidden = !has[name];
      if (has[name]) options[name].update(document);
    }
    nesterovLabel.hidden = !('nesterov' in document.optimizer);
    nesterov.checked = document.optimizer.nesterov === true;
    const conflict = problems.find(({ path }) => path === 'optimizer.nesterov');
    nesterovProblem.hidden = !conflict;
    setText(nesterovProblem, conflict ? t('optimizer.nesterovNeeds') : '');
    lr.update(document);
    const position = Math.log10(document.optimizer.lr);
    lrSlider.value = String(Math.max(LR_MIN, Math.min(LR_MAX, position)));
    setAttribute(lrSlider, 'aria-valuetext', plain(document.optimizer.lr));
    const { schedule } = document;
    scheduleNote.hidden = !schedule;
    setText(scheduleText, schedule ? t(`schedule.${schedule.type}`, schedule) : '');
    batch.update(document);
    epochs.update(document);
    seed.update(document);
  }

  return { element, update };
}

/**
 * @param {Experiment} document
 * @param {string} key
 * @param {unknown} value
 * @returns {Experiment}
 */
export function withOption(document, key, value) {
  return { ...document, optimizer: { ...document.optimizer, [key]: value } };
}
