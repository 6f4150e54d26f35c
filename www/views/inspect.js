// What every layer makes of one row: of the data, or of those to predict for.

import { button, h, list, setAttribute, setText, setValue } from '../dom.js';
import { columnsOf } from '../experiment.js';
import { format, t } from '../i18n.js';
import { brief, parseNumber, shortest32 } from '../numbers.js';
import { inputsOf, samplesOf } from '../samples.js';
import { drawPicture, pictureShape } from './confusion.js';
import { columnsOf as columnsOfDiagram, unitNames } from './diagram/columns.js';
import { layerName } from './problems.js';
import { rove } from './roving.js';
import { csvField, saveButton } from './save.js';
import { FONT, contextOf, themeColor } from './surface.js';

/** @import { App } from '../app.js' */
/** @import { Activation } from '../gradus.js' */
/** @import { Samples } from '../samples.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

/** @typedef {Activation & { title: string }} Shown a layer, and what the page calls it */

/** Units that are shown with their numbers, and the pictures of a layer of them. */
const MOST_UNITS = 64;
const MOST_MAPS = 64;

/** @param {App} app */
export function inspectTab(app) {
  const number = h('input', {
    class: 'number row-number',
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'off',
    'aria-label': t('inspect.row'),
    onchange: () => {
      const parsed = parseNumber(number.value);
      if ('value' in parsed && Number.isInteger(parsed.value)) go(parsed.value - 1);
      else app.redraw();
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      const by = { ArrowUp: 1, ArrowDown: -1, Enter: 0 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      if (by === 0) number.dispatchEvent(new Event('change'));
      else go(row + by);
      number.select();
    },
  });
  const back = button({
    icon: 'minus',
    label: t('inspect.before'),
    class: 'icon-button framed',
    onclick: () => go(row - 1),
  });
  const next = button({
    icon: 'plus',
    label: t('inspect.after'),
    class: 'icon-button framed',
    onclick: () => go(row + 1),
  });
  const of = h('span', { class: 'muted' });
  const save = saveButton(saved);
  const input = h('section', { class: 'layer-values' });
  const layers = h('div', { class: 'layers-of-row' });
  const readout = h('p', { class: 'readout unit-readout' });
  const empty = h('p', { class: 'empty' }, t('inspect.empty'));
  const element = h(
    'div',
    { class: 'inspect-tab' },
    h(
      'div',
      { class: 'toolbar' },
      h('span', {}, t('inspect.row')),
      back,
      number,
      next,
      of,
      h('span', { class: 'gap' }),
      save,
    ),
    h('p', { class: 'field-note' }, t('inspect.note')),
    readout,
    input,
    layers,
    empty,
  );
  /** The unit that is read. @type {HTMLElement | null} */
  let reading = null;
  const showReading = () => setText(readout, (reading?.isConnected && reading.dataset.unit) || '');
  /** @param {globalThis.Event} event */
  function read({ target }) {
    reading = unitOf(target) ?? reading;
    showReading();
  }
  element.addEventListener('pointerover', read);
  element.addEventListener('focusin', (event) => {
    read(event);
    // A pointer sees what is read; who comes with the keys is told.
    if (unitOf(event.target)) app.announce(readout.textContent);
  });
  element.addEventListener('keydown', moveInUnits);

  let count = 0;
  /** The row that is looked at, counted from 0: here and in the diagram. */
  let row = 0;
  /** @param {number} to */
  function go(to) {
    app.store.look({ row: Math.max(0, Math.min(count - 1, to)) });
  }

  /** @type {Shown[]} */
  let shown = [];
  let updated = /** @type {unknown[]} */ ([]);
  let shownInput = /** @type {unknown[]} */ ([]);

  /**
   * @param {State} state
   * @param {Training} training
   */
  function update({ view }, training) {
    const samples = samplesOf(training);
    count = samples?.count ?? 0;
    empty.hidden = !samples || count > 0;
    if (!samples || count === 0) return app.session.watch('inspect', undefined);
    row = Math.max(0, Math.min(count - 1, view.row));
    const values = Array.from(inputsOf(samples, row));
    app.session.watch('inspect', { activations: [values] });
    if (document.activeElement !== number || parseNumber(number.value)) setValue(number, String(row + 1));
    back.disabled = row === 0;
    next.disabled = row === count - 1;
    const held = training.validationRows.has(row) ? ` · ${t('data.heldOut')}` : '';
    setText(of, t('inspect.of', { count: format.whole(count) }) + held);
    const found = training.inspections.inspect?.activations;
    save.disabled = !found;
    if (!found || (updated[0] === found && updated[1] === samples)) return;
    updated = [found, samples];
    const model = training.document?.model ?? [];
    shown = found.map((layer) => ({
      ...layer,
      title: `${layer.name} ${layerName(model[Number(layer.name)]?.type ?? '')}`,
    }));
    showInput(training, samples, values);
    const columns = training.document ? columnsOfDiagram(training.document) : [];
    list(
      layers,
      shown,
      ({ title, shape }) => `${title} ${shape.join('×')}`,
      (layer) => createLayer(layer),
      (part, layer) => fillLayer(part, layer, unitNames(columns, Number(layer.name), layer.shape[1] ?? 1)),
    );
    showReading();
  }

  /** @param {Training} training @param {Samples} samples @param {number[]} values */
  function showInput(training, samples, values) {
    // It does not change while training runs, and keeps the focus.
    const now = [samples, row, training.document];
    if (now.every((value, at) => value === shownInput[at])) return;
    shownInput = now;
    const shape = pictureShape(training, samples);
    const targets = samples.targetNames.map((name, at) => {
      const value = Number(samples.targets[row * samples.columns + at]);
      const word = training.document && columnsOf(training.document.data).names[value];
      return `${name} = ${word ?? brief(value)}`;
    });
    const title = h('h3', {}, t('network.input'), h('span', { class: 'shape' }, targets.join(', ')));
    if (shape) {
      const canvas = h('canvas', { class: 'sample-picture large', role: 'img', 'aria-label': t('inspect.picture', { row: row + 1 }) }); // prettier-ignore
      drawPicture(canvas, values, shape);
      input.replaceChildren(title, canvas);
      return;
    }
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const cells = values.slice(0, MOST_UNITS).map((value, at) => {
      const cell = unitCell(at);
      fillUnit(cell, t('network.input'), samples.names[at] ?? String(at + 1), value, largest);
      return cell;
    });
    input.replaceChildren(title, unitList(t('network.input'), cells));
  }

  /** @returns {import('./save.js').Saved | undefined} */
  function saved() {
    if (shown.length === 0) return undefined;
    const layersNow = shown;
    return {
      name: `gradus-activations-row-${row + 1}`,
      size: [640, 24 + layersNow.reduce((sum, layer) => sum + 34 + stripHeight(layer), 0)],
      draw: (canvas, ratio) => paint(layersNow, canvas, ratio),
      csv: () => [
        'layer,kind,unit,value',
        ...layersNow.flatMap(({ name, kind, values }) =>
          Array.from(values, (value, unit) => [csvField(name), kind, unit, shortest32(value)].join()),
        ),
      ],
    };
  }

  return { element, update, leave: () => app.session.watch('inspect', undefined) };
}

/** @param {Activation} layer */
const isMaps = ({ shape }) => shape.length === 4;

/** A unit's value: its number, and a bar from the middle, to the right for what is positive. */
const unitCell = (/** @type {number} */ at) =>
  h(
    'li',
    { class: 'layer-unit', tabindex: at === 0 ? '0' : '-1' },
    h('span', { class: 'unit-index' }),
    h('span', { class: 'unit-bar', 'aria-hidden': 'true' }),
    h('span', { class: 'unit-value' }),
  );

/** @param {string} label @param {HTMLElement[]} cells */
const unitList = (label, cells) => h('ul', { class: 'units', 'aria-label': label }, ...cells);

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
const unitOf = (target) => (target instanceof Element ? target.closest('[data-unit]') : null);

/** Arrow keys go from unit to unit of a layer, as they stand. @param {KeyboardEvent} event */
function moveInUnits(event) {
  const cell = unitOf(event.target);
  const cells = /** @type {HTMLElement[]} */ ([...(cell?.parentElement?.children ?? [])]);
  if (!cell) return;
  const width = cells.filter(({ offsetTop }) => offsetTop === cells[0]?.offsetTop).length;
  const at = cells.indexOf(cell);
  const to = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - width,
    ArrowDown: at + width,
    Home: 0,
    End: cells.length - 1,
  }[event.key];
  if (to !== undefined) rove(cell, cells[to], event);
}

/**
 * @param {Element} cell
 * @param {string} layer
 * @param {string} name
 * @param {number} value
 * @param {number} largest in magnitude, of the layer
 */
function fillUnit(cell, layer, name, value, largest) {
  setAttribute(cell, 'data-unit', t('inspect.unit', { layer, unit: name, value: shortest32(value) }));
  const [title, bar, text] = cell.children;
  if (title) setText(title, name);
  const share = largest > 0 && Number.isFinite(value) ? Math.abs(value) / largest : 0;
  if (bar instanceof HTMLElement) {
    bar.style.setProperty('--size', `${Math.round(50 * share)}%`);
    bar.classList.toggle('negative', value < 0);
  }
  if (text) setText(text, brief(value));
  cell.classList.toggle('zero', value === 0);
}

/** @param {Shown} layer */
function createLayer(layer) {
  const { title: text, shape } = layer;
  const title = h(
    'h3',
    {},
    h('span', {}, text),
    h('span', { class: 'shape' }, `[${shape.slice(1).join(', ')}]`),
  );
  const units = shape[1] ?? 1;
  if (isMaps(layer)) {
    const maps = Array.from({ length: Math.min(units, MOST_MAPS) }, () =>
      h(
        'figure',
        { class: 'channel-map' },
        h('canvas', { class: 'sample-picture', role: 'img' }),
        h('figcaption', {}),
      ),
    );
    return h('section', { class: 'layer-values' }, title, h('div', { class: 'maps' }, ...maps));
  }
  const cells = Array.from({ length: Math.min(layer.values.length, MOST_UNITS) }, (_, at) => unitCell(at));
  const cut = layer.values.length > MOST_UNITS;
  return h(
    'section',
    { class: 'layer-values' },
    title,
    unitList(t('inspect.layer', { layer: text }), cells),
    cut
      ? h('p', { class: 'field-note' }, t('inspect.cut', { shown: MOST_UNITS, count: layer.values.length }))
      : null,
  );
}

/** @param {Element} part @param {Shown} layer @param {(unit: number) => string} nameOf units and channels */
function fillLayer(part, layer, nameOf) {
  if (isMaps(layer)) {
    const [, , rows = 1, columns = 1] = layer.shape;
    [...part.querySelectorAll('canvas')].forEach((canvas, at) => {
      setAttribute(canvas, 'aria-label', t('inspect.map', { layer: layer.name, unit: nameOf(at) }));
      setText(/** @type {Element} */ (canvas.nextElementSibling), nameOf(at));
      const size = rows * columns;
      drawPicture(canvas, layer.values.subarray(at * size, (at + 1) * size), [rows, columns]);
    });
    return;
  }
  const largest = layer.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  [...part.querySelectorAll('.layer-unit')].forEach((cell, at) => {
    fillUnit(cell, layer.title, nameOf(at), Number(layer.values[at]), largest);
  });
}

/** How high the units of a layer are in a saved picture. @param {Activation} layer */
function stripHeight(layer) {
  return isMaps(layer)
    ? 64 * Math.ceil((layer.shape[1] ?? 1) / 10)
    : 18 * Math.ceil(layer.values.length / 32);
}

/** All layers below each other: units as squares, blue where positive, orange where negative, or pictures. @param {Shown[]} layers @param {HTMLCanvasElement} canvas @param {number} ratio */
function paint(layers, canvas, ratio) {
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textBaseline = 'middle';
  context.imageSmoothingEnabled = false;
  let top = 12;
  for (const layer of layers) {
    context.font = `13px ${FONT}`;
    context.fillStyle = themeColor('ink');
    context.fillText(`${layer.title} [${layer.shape.slice(1).join(', ')}]`, 8, top + 10);
    top += 26;
    if (isMaps(layer)) {
      const [, units = 1, rows = 1, columns = 1] = layer.shape;
      for (let at = 0; at < units; at += 1) {
        const picture = document.createElement('canvas');
        drawPicture(picture, layer.values.subarray(at * rows * columns, (at + 1) * rows * columns), [
          rows,
          columns,
        ]);
        context.drawImage(picture, 8 + (at % 10) * 62, top + Math.floor(at / 10) * 64, 58, 58);
      }
    } else {
      const largest = layer.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
      layer.values.forEach((value, at) => {
        const [x, y] = [8 + (at % 32) * 19, top + Math.floor(at / 32) * 18];
        context.globalAlpha = Math.abs(value) / largest;
        context.fillStyle = themeColor(value < 0 ? 'negative' : 'positive');
        context.fillRect(x, y, 17, 16);
        context.globalAlpha = 1;
        // The sign is not in the colour alone.
        if (value < 0) {
          context.fillStyle = themeColor('ink');
          context.fillRect(x + 5, y + 7.5, 7, 1.5);
        }
        context.strokeStyle = themeColor('line-strong');
        context.lineWidth = 1;
        context.strokeRect(x + 0.5, y + 0.5, 16, 15);
      });
    }
    top += stripHeight(layer) + 8;
  }
}
