// The network panel: what goes in, the layers, the diagram, and how they are trained.

import { button, h, icon, setAttribute, setText } from '../dom.js';
import { same } from '../difference.js';
import * as edits from '../edits.js';
import * as model from '../experiment.js';
import { format, t, withTexts } from '../i18n.js';
import { createDiagram } from './diagram/diagram.js';
import { layerList, shapeText } from './layers.js';
import { openMenu } from './popup.js';
import { LEAST_PIXELS, layerName, problemText } from './problems.js';
import { trainingForm } from './training.js';

/** @import { App } from '../app.js' */
/** @import { Experiment, Problem } from '../experiment.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

export { withOption } from '../edits.js';

/** @param {App} app */
export function networkPanel(app) {
  const { store } = app;
  const total = h('p', { class: 'panel-note' });
  const table = button({
    text: t('network.summary'),
    class: 'button small quiet',
    onclick: async () => {
      const { openSummary } = await withTexts(import('./summary.js'));
      openSummary(app);
    },
  });
  setAttribute(table, 'aria-haspopup', 'dialog');
  setAttribute(table, 'data-help', 'summary');
  const input = inputRow(app);
  const modelMessage = h('p', { class: 'field-message', role: 'alert', hidden: true });
  const add = button({
    text: t('network.addLayer'),
    label: t('network.addLayerLabel'),
    icon: 'plus',
    class: 'button small',
    onclick: addLayer,
  });
  const more = button({ text: t('network.addOther'), class: 'button small', onclick: chooseLayer });
  more.append(icon('chevron'));
  setAttribute(add, 'data-help', 'add');
  setAttribute(more, 'data-help', 'other');
  setAttribute(more, 'aria-haspopup', 'menu');
  setAttribute(more, 'aria-expanded', 'false');
  const layers = layerList(app, add);
  const diagram = createDiagram(app);
  const form = trainingForm(app);
  const element = h(
    'section',
    { class: 'panel', id: 'panel-network', 'aria-labelledby': 'heading-network', tabindex: '-1' },
    h('div', { class: 'panel-head' }, h('h2', { id: 'heading-network' }, t('network.title')), total, table),
    h('div', { class: 'layer-list' }, input.element, layers.element),
    modelMessage,
    h('div', { class: 'toolbar' }, add, more),
    diagram.element,
    form.element,
  );

  function addLayer() {
    if (!app.edit(edits.addLayer(store.state.document))) return;
    app.announce(t('network.added'));
    const at = Math.max(0, model.blocks(store.state.document.model).length - 2);
    requestAnimationFrame(() => layers.focus(at));
  }

  function chooseLayer() {
    const items = model.LAYER_TYPES.map((type) => ({
      text: layerName(type),
      separate: type === model.ACTIVATIONS[0],
      onchoose: () => {
        const { document, block } = edits.insertLayer(store.state.document, type);
        if (!app.edit(document)) return;
        app.announce(t('network.inserted', { name: layerName(type), layer: block + 1 }));
        requestAnimationFrame(() => layers.focus(block));
      },
    }));
    openMenu(more, items, t('network.addOther'));
  }

  let last = /** @type {unknown[]} */ ([]);

  /**
   * @param {State} state
   * @param {Training} training
   */
  function update(state, training) {
    const { document, problems } = state;
    form.update(state, training);
    if (document !== last[0] || problems !== last[1]) {
      last = [document, problems];
      updateLayers(document, problems);
    }
    diagram.update(state, training);
  }

  /**
   * @param {Experiment} document
   * @param {Problem[]} problems
   */
  function updateLayers(document, problems) {
    const summary = app.summary(document);
    const { parameters = 0, problem = null } = summary ?? {};
    setText(
      total,
      summary && !problem
        ? t('network.parameters', { count: parameters, shown: format.whole(parameters) })
        : '',
    );
    table.disabled = !summary || document.model.length === 0;
    input.update(document);
    layers.update(document, problems, summary?.layers ?? []);
    const general = problems.find(({ path }) => path === 'model');
    modelMessage.hidden = !general;
    setText(
      modelMessage,
      general ? (general.code === 'empty' ? t('network.empty') : problemText(general)) : '',
    );
    add.disabled = document.model.length + 2 > model.MAX_LAYERS;
    more.disabled = add.disabled;
  }

  return { element, update };
}

/** What goes in: how many values, or pictures of which shape. @param {App} app */
function inputRow(app) {
  const { store } = app;
  const shape = h('span', { class: 'shape' });
  const message = h('p', { class: 'field-message', id: 'input-shape-message', hidden: true });
  const field = h('input', {
    class: 'text input-shape',
    type: 'text',
    autocomplete: 'off',
    'aria-label': t('network.inputShape'),
    title: t('network.inputShapeHint'),
    onchange: commit,
    onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === 'Enter' && commit(),
  });
  const element = h(
    'div',
    { class: 'layer input-layer' },
    h('span', { class: 'layer-name' }, t('network.input')),
    shape,
    field,
    message,
  );

  function commit() {
    const { document } = store.state;
    const { data } = document;
    if (data.kind !== 'table') return;
    const { inputs } = /** @type {model.TableData} */ (data);
    const sizes = field.value.normalize('NFKC').split(/[×x*,，、\s]+/i).filter(Boolean).map(Number); // prettier-ignore
    const product = sizes.reduce((all, size) => all * size, 1);
    const right = sizes.length === 0 || (sizes.every((size) => size >= 1) && product === inputs.length);
    message.hidden = right;
    setAttribute(field, 'aria-invalid', right ? null : 'true');
    setAttribute(field, 'aria-describedby', right ? null : 'input-shape-message');
    if (!right) {
      setText(message, t('network.inputShapeWrong', { count: inputs.length }));
      app.announce(message.textContent ?? '');
      return;
    }
    const flat = sizes.length === 0 || (sizes.length === 1 && sizes[0] === inputs.length);
    const input_shape = flat ? null : sizes;
    if (same(input_shape, /** @type {model.TableData} */ (data).input_shape ?? null)) return update(document);
    app.edit(
      edits.dropStaleInits({ ...document, data: /** @type {model.TableData} */ ({ ...data, input_shape }) }),
    );
  }

  /** @param {Experiment} document */
  function update(document) {
    const table = model.tableOf(document);
    const sizes = [...model.inputShapeOf(document)];
    setText(shape, shapeText(sizes));
    setAttribute(element, 'title', table && table.inputs.length <= 16 ? table.inputs.join(', ') : null);
    const shaped = table !== undefined && table.inputs.length >= LEAST_PIXELS;
    field.hidden = !shaped;
    shape.hidden = shaped;
    if (globalThis.document.activeElement === field) return;
    field.value = shapeText(sizes);
    message.hidden = true;
    setAttribute(field, 'aria-invalid', null);
  }

  return { element, update };
}
