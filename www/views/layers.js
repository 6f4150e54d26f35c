// The list of layers: each with its size, activation and options, moved by dragging, by button or by key, and what is
// wrong with it where it is.

import { button, h, icon, list, setAttribute, setText } from '../dom.js';
import * as edits from '../edits.js';
import * as model from '../experiment.js';
import { format, has, t } from '../i18n.js';
import { plain } from '../numbers.js';
import { byFinger } from '../pointing.js';
import { dragRows } from './drag.js';
import { numberField, selectField } from './fields.js';
import { fixesOf, layerAt, layerName, mismatchText, problemText } from './problems.js';
import { labelled } from './training.js';

/** @import { App } from '../app.js' */
/** @import { Block, Experiment, Layer, Problem } from '../experiment.js' */
/** @import { LayerSummary } from '../gradus.js' */

/** Problems of the data or the loss with the number of outputs: the last layer can be changed to fit. */
const OUTPUTS = new Set(['output_count', 'not_class']);

/** Numbers that a layer has besides its size; those in `SHOWN` are not hidden behind a button. */
const NUMBERS = /** @type {Record<string, string[]>} */ ({
  conv2d: ['kernel', 'stride', 'padding'],
  max_pool2d: ['kernel', 'stride'],
  dropout: ['p'],
  leaky_relu: ['negative_slope'],
  elu: ['alpha'],
});
const SHOWN = ['conv2d', 'max_pool2d', 'dropout'];

/**
 * @param {App} app
 * @param {HTMLElement} afterLast what takes the focus when there is no layer left
 */
export function layerList(app, afterLast) {
  const { store } = app;
  const element = h('ol', { class: 'layers', 'aria-label': t('network.layers') });
  /** @type {Map<Element, ReturnType<typeof layerRow>>} */
  const rows = new Map();
  dragRows(element, '.grip', (from, to) => move(from, to - from, 'none'));

  /** @param {number} index */
  const blockAt = (index) => model.blocks(store.state.document.model)[index];

  /**
   * @param {number} index
   * @param {number} by
   * @param {'size' | 'button' | 'none'} focus what had it
   */
  function move(index, by, focus) {
    const to = index + by;
    if (by === 0 || to < 0 || to >= element.children.length) return;
    if (!app.edit(edits.moveLayer(store.state.document, index, by))) return;
    app.announce(t('network.moved', { from: index + 1, to: to + 1 }));
    if (focus === 'none') return;
    requestAnimationFrame(() => {
      const moved = rows.get(/** @type {Element} */ (element.children[to]));
      if (focus === 'size') moved?.focusFirst();
      else moved?.focusMove(by < 0);
    });
  }

  /** @param {number} index */
  function remove(index) {
    if (!app.edit(edits.removeLayer(store.state.document, index))) return;
    app.announce(t('network.removed', { layer: index + 1 }));
    requestAnimationFrame(() => {
      const next = element.children[Math.min(index, element.children.length - 1)];
      const target = next && rows.get(next)?.remove;
      if (target && !target.disabled) target.focus();
      else afterLast.focus();
    });
  }

  /** @param {number} index */
  function layerRow(index) {
    const layer = index + 1;
    const name = h('span', { class: 'layer-name' });
    const size = numberField(app, {
      label: t('network.size', { layer }),
      read: () => blockAt(index)?.layer.out ?? null,
      write: (document, value) => edits.resizeLayer(document, blockAt(index)?.index ?? 0, value ?? 0),
      whole: true,
      refuse: (value) =>
        value < 1 || value > model.MAX_WIDTH
          ? t('problem.out_of_range', { min: 1, max: model.MAX_WIDTH, got: value })
          : undefined,
    });
    size.input.classList.add('size');
    const activation = selectField({
      label: t('network.activation', { layer }),
      choices: [
        { value: '', text: t('activation.none') },
        ...model.ACTIVATIONS.map((value) => ({ value, text: t(`activation.${value}`) })),
      ],
      onchange: (value) => app.edit(edits.setActivation(store.state.document, index, value || undefined)),
    });
    const shape = h('span', { class: 'shape' });
    const count = h('span', { class: 'count' });
    const open = button({
      icon: 'options',
      label: t('network.options', { layer }),
      class: 'icon-button',
      onclick: () => {
        expanded = !expanded;
        app.redraw();
        show();
      },
    });
    const up = button({
      icon: 'up',
      label: t('network.up', { layer }),
      class: 'icon-button',
      onclick: () => move(index, -1, 'button'),
    });
    const down = button({
      icon: 'down',
      label: t('network.down', { layer }),
      class: 'icon-button',
      onclick: () => move(index, 1, 'button'),
    });
    const close = button({
      icon: 'close',
      label: t('network.remove', { layer }),
      class: 'icon-button',
      onclick: () => remove(index),
    });
    const options = h('div', { class: 'options layer-options' });
    const note = h('p', { class: 'field-note layer-note', hidden: true });
    const problem = h('p', { class: 'field-message', role: 'alert' });
    const fixes = h('span', { class: 'toolbar' });
    const problemRow = h('div', { class: 'layer-problem', hidden: true }, problem, fixes);
    const grip = h('span', { class: 'grip', title: t('network.drag') }, icon('grip'));
    const buttons = h('span', { class: 'layer-buttons' }, open, up, down, close);
    const row = h(
      'li',
      { class: 'layer', tabindex: '-1', onkeydown },
      grip,
      name,
      size.input,
      activation.select,
      shape,
      count,
      buttons,
      size.message,
      options,
      note,
      problemRow,
    );
    let expanded = false;
    let made = '';
    /** @type {{ update: (document: Experiment) => void }[]} */
    let fields = [];
    let shown = { always: false, some: false };

    /** @param {KeyboardEvent} event */
    function onkeydown(event) {
      if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
      event.preventDefault();
      move(index, event.key === 'ArrowUp' ? -1 : 1, 'size');
    }

    function show() {
      options.hidden = !shown.some || (!shown.always && !expanded);
      note.hidden = !options.hidden || note.textContent === '';
      open.hidden = !shown.some || shown.always;
      setAttribute(open, 'aria-expanded', String(expanded));
    }

    /**
     * The fields for what this layer and its activation can be told.
     * @param {Block} block
     */
    function makeOptions({ layer: own, activation: next }) {
      const key = `${own.type},${next ?? ''}`;
      if (key === made) return;
      made = key;
      const numbers = (/** @type {string} */ type, /** @type {0 | 1} */ behind) =>
        (NUMBERS[type] ?? []).map((option) => numberOption(app, index, option, behind));
      const made_ = [
        ...numbers(own.type, 0),
        ...(next ? numbers(next, 1) : []),
        ...(own.type === 'linear' ? [biasOption(app, index)] : []),
        ...(model.hasUnits(own) ? [initOption(app, index)] : []),
      ];
      fields = made_;
      shown = { always: SHOWN.includes(own.type), some: made_.length > 0 };
      options.replaceChildren(...made_.map(({ element: field }) => field));
    }

    return {
      row,
      remove: close,
      focusFirst() {
        // A finger that adds a layer does not ask for a keyboard over it.
        if (byFinger()) return row.focus();
        const first = row.querySelector(
          'input:not([hidden]), select:not([hidden]), .layer-buttons button:enabled',
        );
        if (first instanceof HTMLElement) first.focus();
      },
      /** @param {boolean} upwards */
      focusMove(upwards) {
        const [wanted, other] = upwards ? [up, down] : [down, up];
        (wanted.disabled ? other : wanted).focus();
      },
      /**
       * @param {Experiment} document
       * @param {Block} block
       * @param {number} length
       * @param {LayerSummary[]} summaries
       * @param {Problem | undefined} wrong
       */
      update(document, block, length, summaries, wrong) {
        const { layer: own } = block;
        const sized = model.hasUnits(own);
        setText(name, layerName(own.type));
        size.input.hidden = !sized;
        activation.select.hidden = !sized;
        row.classList.toggle('unsized', !sized);
        if (sized) size.update(document);
        activation.update(block.activation ?? '');
        makeOptions(block);
        for (const field of fields) field.update(document);
        setText(note, noteOf(own));
        show();
        const summary = summaries[block.index];
        setText(shape, summary ? `${shapeText(summary.inputShape)} → ${shapeText(summary.outputShape)}` : '');
        setText(count, summary ? countText(own, summary) : '');
        setAttribute(count, 'title', summary ? t('network.parameters', { count: summary.parameters, shown: format.whole(summary.parameters) }) : null); // prettier-ignore
        up.disabled = index === 0;
        down.disabled = index === length - 1;
        close.disabled = length === 1;
        problemRow.hidden = !wrong;
        row.classList.toggle('wrong', Boolean(wrong));
        if (wrong) complain(document, wrong);
        else setText(problem, '');
      },
    };

    /**
     * @param {Experiment} document
     * @param {Problem} wrong
     */
    function complain(document, wrong) {
      const found = fixesOf(document, wrong);
      const resized = found.some(({ key }) => key === 'network.fixOutput');
      setText(problem, (resized && mismatchText(document)) || problemText(wrong, document));
      list(
        fixes,
        found,
        ({ key, count: needed }) => `${key} ${needed}`,
        ({ key, count: needed, apply, done }) =>
          button({
            text: t(key, { count: needed }),
            class: 'button small',
            onclick: () => {
              if (!app.edit(apply(store.state.document))) return;
              app.announce(t(done, { count: needed }));
              // A layer that is gone has left its place to the next one, if there is any.
              requestAnimationFrame(() => {
                const here = rows.get(row);
                if (here) here.focusFirst();
                else afterLast.focus();
              });
            },
          }),
      );
    }
  }

  return {
    element,
    /** @param {number} index of a block */
    focus: (index) => rows.get(/** @type {Element} */ (element.children[index]))?.focusFirst(),
    /**
     * @param {Experiment} document
     * @param {Problem[]} problems
     * @param {LayerSummary[]} summaries
     */
    update(document, problems, summaries) {
      // A class that is out of range may want a wider last layer; one that is no whole number does not.
      const needed = model.neededOutputs(document);
      const resizable =
        needed !== undefined && needed !== document.model.findLast(({ out }) => out !== undefined)?.out;
      const found = model.blocks(document.model);
      list(
        element,
        found,
        (_, index) => String(index),
        (_, index) => {
          const made = layerRow(index);
          rows.set(made.row, made);
          return made.row;
        },
        (row, block, index) => {
          const wrong = problems.find(({ path, code }) => {
            if (OUTPUTS.has(code))
              return index === found.length - 1 && (code === 'output_count' || resizable);
            const at = layerAt(path);
            return at !== undefined && at >= block.index && at < block.index + block.length;
          });
          rows.get(row)?.update(document, block, found.length, summaries, wrong);
        },
      );
      for (const row of rows.keys()) if (!row.isConnected) rows.delete(row);
    },
  };
}

/**
 * A number of a layer, or of the activation behind it.
 * @param {App} app
 * @param {number} index of the block
 * @param {string} option
 * @param {0 | 1} behind
 */
function numberOption(app, index, option, behind) {
  const place = () => (model.blocks(app.store.state.document.model)[index]?.index ?? 0) + behind;
  const whole = ['kernel', 'stride', 'padding'].includes(option);
  const label = t(`option.${option}`);
  const field = numberField(app, {
    label: t('option.of', { layer: index + 1, option: label }),
    read: (document) => /** @type {number | undefined} */ (document.model[place()]?.[option]),
    write: (document, value) => edits.withLayer(document, place(), { [option]: value ?? 0 }),
    whole,
  });
  return { element: labelled(label, field, option === 'alpha' ? 'elu_alpha' : option), update: field.update };
}

/**
 * @param {App} app
 * @param {number} index
 */
function biasOption(app, index) {
  const block = () => model.blocks(app.store.state.document.model)[index];
  const box = h('input', {
    type: 'checkbox',
    onchange: () =>
      app.edit(edits.withLayer(app.store.state.document, block()?.index ?? 0, { bias: box.checked })),
  });
  const text = t('option.of', { layer: index + 1, option: t('option.bias') });
  setAttribute(box, 'aria-label', text);
  const update = () => {
    box.checked = block()?.layer.bias !== false;
  };
  return {
    element: h('label', { class: 'check', 'data-help': 'bias' }, box, h('span', {}, t('option.bias'))),
    update,
  };
}

/**
 * @param {App} app
 * @param {number} index
 */
function initOption(app, index) {
  const block = () => model.blocks(app.store.state.document.model)[index];
  const field = selectField({
    label: t('option.of', { layer: index + 1, option: t('option.init') }),
    choices: model.INITS.map((value) => ({ value, text: t(`init.${value}`) })),
    nameOf: () => t('init.given'),
    onchange: (init) => app.edit(edits.withLayer(app.store.state.document, block()?.index ?? 0, { init })),
  });
  const update = () => {
    const init = block()?.layer.init ?? 'default';
    field.update(typeof init === 'string' ? init : 'given');
  };
  return {
    element: h(
      'label',
      { class: 'option', 'data-help': 'init' },
      h('span', {}, t('option.init')),
      field.select,
    ),
    update,
  };
}

/**
 * What is not as usual about a layer whose options are not open.
 * @param {Layer} layer
 */
function noteOf({ type, init, bias }) {
  if (type !== 'linear') return '';
  const usual = init === undefined || init === null || init === 'default';
  const how = usual ? '' : t(`init.${typeof init === 'string' ? init : 'given'}`);
  return [how, bias === false ? t('option.noBias') : ''].filter(Boolean).join(' · ');
}

/** @param {number[]} shape */
export const shapeText = (shape) => shape.map(plain).join('×');

/**
 * @param {Layer} layer
 * @param {LayerSummary} summary
 */
function countText({ type }, { inputShape, outputShape, parameters }) {
  if (parameters === 0) return '';
  const outputs = outputShape.at(-1) ?? 0;
  const weights = (inputShape.at(-1) ?? 0) * outputs;
  if (type === 'linear' && weights + outputs === parameters)
    return `${format.whole(weights)} + ${format.whole(outputs)}`;
  return format.whole(parameters);
}
