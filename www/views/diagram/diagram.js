// The network as a drawing: a circle for each unit, a line for each weight. Blue and solid is positive, orange and
// dashed is negative; the thicker, the larger. With two inputs each unit shows its output over them, and channels
// show what they make of a row. Units and weights are buttons: their numbers are read and set there.

import { button, h, setAttribute, setText, svg } from '../../dom.js';
import { inputShapeOf, tableOf } from '../../experiment.js';
import { moreTexts, t } from '../../i18n.js';
import { fixed } from '../../numbers.js';
import { isDark } from '../../theme.js';
import { placeText } from '../problems.js';
import { columnsOf, weightsBetween } from './columns.js';
import { createEdges, curve, distance, paint } from './edges.js';
import { createLabels } from './labels.js';
import { layoutOf } from './layout.js';
import { createMaps, layerOf } from './maps.js';

/** @import { App } from '../../app.js' */
/** @import { Experiment } from '../../experiment.js' */
/** @import { GridTopic, Topics } from '../../protocol.js' */
/** @import { Training } from '../../session.js' */
/** @import { State } from '../../store.js' */
/** @import { Column } from './columns.js' */

/** The page's text on most screens, in pixels. */
const TEXT = 13;
/** As near as a line has to be to the pointer. */
const REACH = 7;
/** Points along each side of a map. */
const FINE = 24;
const COARSE = 14;
/** Networks with many weights are not drawn anew with every snapshot, and large ones less often. */
const SOME = { weights: 60, milliseconds: 100 };
const MANY = { weights: 2000, milliseconds: 250 };

/** @typedef {{ column: number, unit: number }} Spot */

/** @param {App} app */
export function createDiagram(app) {
  const canvas = h('canvas', { class: 'diagram-maps', 'aria-hidden': 'true' });
  const drawing = svg('svg', { class: 'diagram', role: 'group' });
  const stage = h('div', { class: 'diagram-stage' }, canvas, drawing);
  const readout = h('span', { class: 'readout' });
  const rowField = h('input', {
    type: 'number',
    class: 'text diagram-row',
    min: 1,
    step: 1,
    onchange: () => app.store.look({ row: Math.max(0, Math.round(Number(rowField.value) || 1) - 1) }),
  });
  const rowLabel = h('label', { class: 'key', hidden: true }, h('span', {}, t('diagram.row')), rowField);
  const edit = button({
    text: t('diagram.edit'),
    class: 'button small quiet',
    onclick: () => openAt(edit, spot),
  });
  setAttribute(edit, 'aria-haspopup', 'dialog');
  const legend = h(
    'div',
    { class: 'legend' },
    h('span', { class: 'key' }, sample('positive'), t('diagram.positive')),
    h('span', { class: 'key' }, sample('negative'), t('diagram.negative')),
    rowLabel,
    edit,
    readout,
  );
  const refusal = h('p', { class: 'field-note', hidden: true });
  const element = h('div', { class: 'diagram-box' }, stage, legend, refusal);
  const maps = createMaps(canvas);

  let drawn = '';
  let updated = /** @type {unknown[]} */ ([]);
  let mapped = /** @type {unknown[]} */ ([]);
  let weighedAt = -Infinity;
  let waiting = false;
  /** @type {Column[]} */
  let columns = [];
  /** @type {ReturnType<typeof createEdges>[]} */
  let gaps = [];
  /** @type {Map<string, SVGGElement>} */
  const nodes = new Map();
  /** What the keyboard is at, and what is pointed at. @type {Spot} */
  let spot = { column: 1, unit: 0 };
  /** @type {(Spot & { from?: number }) | undefined} */
  let hot;
  const hotLines = svg('g', { class: 'edges hot' });
  let layout = layoutOf([], { width: 0, scale: 1, withMaps: false });
  /** @type {Experiment | undefined} */
  let document;
  /** @type {Training | undefined} */
  let training;

  // Asking for the width in every frame would make the browser lay the page out once more each time.
  let room = 0;
  new ResizeObserver(() => {
    room = element.clientWidth;
    app.redraw();
  }).observe(element);

  drawing.addEventListener('pointermove', ({ offsetX, offsetY, target }) =>
    point(spotAt(target) ?? edgeAt(offsetX, offsetY)),
  );
  drawing.addEventListener('pointerleave', () => point(undefined));
  drawing.addEventListener('click', ({ offsetX, offsetY, target }) => {
    const node = spotAt(target);
    const found = node ?? edgeAt(offsetX, offsetY);
    if (found && found.column > 0) void openAt(nodes.get(key(found)) ?? drawing, found);
  });
  // Chromium makes a drawing that listens to these a stop of its own.
  stage.addEventListener('focusin', ({ target }) => {
    const found = spotAt(target);
    if (!found) return;
    setSpot(found);
    point(found);
  });
  stage.addEventListener('focusout', () => point(undefined));
  drawing.addEventListener('keydown', onkeydown);

  const key = (/** @type {Spot} */ { column, unit }) => `${column},${unit}`;

  /** @param {EventTarget | null} target @returns {Spot | undefined} */
  function spotAt(target) {
    const node = target instanceof Element ? target.closest('.node') : null;
    if (!node) return undefined;
    const [column, unit] = String(node.getAttribute('data-spot')).split(',').map(Number);
    return { column: Number(column), unit: Number(unit) };
  }

  /** The line nearest to a point. @param {number} px @param {number} py */
  function edgeAt(px, py) {
    const { x, y } = layout;
    let best = { far: REACH * layout.scale, found: /** @type {typeof hot} */ (undefined) };
    gaps.forEach((gap, index) => {
      const column = index + 1;
      for (const { from, to } of gap.edges) {
        const far = distance([x(column - 1), y(column - 1, from), x(column), y(column, to)], px, py);
        if (far < best.far) best = { far, found: { column, unit: to, from } };
      }
    });
    return best.found;
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const { column, unit } = spot;
    const shown = columns[column]?.shown.length ?? 1;
    const beside = (/** @type {number} */ by) => {
      const to = Math.max(0, Math.min(columns.length - 1, column + by));
      const there = columns[to]?.shown.length ?? 1;
      return { column: to, unit: Math.min(there - 1, Math.round(((unit + 0.5) / shown) * there - 0.5)) };
    };
    const to = {
      ArrowUp: { column, unit: Math.max(0, unit - 1) },
      ArrowDown: { column, unit: Math.min(shown - 1, unit + 1) },
      ArrowLeft: beside(-1),
      ArrowRight: beside(1),
      Home: { column, unit: 0 },
      End: { column, unit: shown - 1 },
    }[event.key];
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (column > 0) void openAt(nodes.get(key(spot)) ?? drawing, spot);
    }
    if (!to || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    setSpot(to);
    nodes.get(key(to))?.focus();
  }

  /** @param {Spot} to */
  function setSpot(to) {
    nodes.get(key(spot))?.setAttribute('tabindex', '-1');
    spot = { column: to.column, unit: to.unit };
    nodes.get(key(spot))?.setAttribute('tabindex', '0');
  }

  /**
   * @param {Element} anchor
   * @param {Spot & { from?: number }} at
   */
  async function openAt(anchor, at) {
    const [{ openUnit }] = await Promise.all([import('./unit.js'), moreTexts()]);
    openUnit(app, /** @type {HTMLElement} */ (anchor), columns, at);
  }

  /** @param {typeof hot} now */
  function point(now) {
    if (now?.column === hot?.column && now?.unit === hot?.unit && now?.from === hot?.from) return;
    hot = now;
    drawing.classList.toggle('pointed', Boolean(now));
    highlight();
  }

  /** The lines of what is pointed at, drawn once more above the others; and its numbers. */
  function highlight() {
    setText(readout, hot ? textOf(hot) : '');
    if (!hot) return hotLines.replaceChildren();
    const { column, unit, from } = hot;
    /** @type {SVGPathElement[]} */
    const lines = [];
    const line = (/** @type {number} */ gap, /** @type {number} */ source, /** @type {number} */ to) => {
      const edges = gaps[gap - 1];
      if (!edges) return;
      const path = svg('path', { d: curve(layout, gap, source, to) });
      paint(path, edges.value(source, to), edges.largest);
      lines.push(path);
    };
    if (from !== undefined) line(column, from, unit);
    else {
      for (const [source, to] of gaps[column - 1]?.connects ?? []) if (to === unit) line(column, source, to);
      for (const [source, to] of gaps[column]?.connects ?? [])
        if (source === unit) line(column + 1, source, to);
    }
    hotLines.replaceChildren(...lines);
  }

  /** @param {Spot & { from?: number }} at */
  function textOf({ column, unit, from }) {
    const to = columns[column];
    const name = to?.unit(unit) ?? '';
    const before = columns[column - 1];
    if (from !== undefined && to && before) {
      const value = gaps[column - 1]?.value(from, unit);
      const pair = `${before.unit(from)} → ${name}`;
      if (value === undefined) return pair;
      const length = training?.parameters[`${to.layer}.weight`]?.length ?? 0;
      const each = weightsBetween(before, to, length)?.each ?? 1;
      return each > 1
        ? t('diagram.mean', { pair, count: each, value: fixed(value) })
        : `${pair}: ${fixed(value)}`;
    }
    const bias = training?.parameters[`${to?.layer}.bias`]?.[unit];
    return bias === undefined ? name : t('diagram.bias', { name, bias: fixed(bias) });
  }

  /**
   * @param {State} state
   * @param {Training} now
   */
  function update(state, now) {
    document = state.document;
    training = now;
    const refused = state.problems.find(({ code }) => code === 'layer_input');
    stage.hidden = legend.hidden = Boolean(refused);
    refusal.hidden = !refused;
    if (refused) {
      setText(refusal, t('diagram.refused', { place: placeText(refused.path, document) }));
      app.session.watch('diagram', undefined);
      return;
    }
    watch(state);
    if (room === 0) return;
    const { model, data, loss } = document;
    const key = [model, data, loss, room, isDark()];
    if (key.some((value, at) => value !== updated[at])) {
      updated = key;
      columns = columnsOf(document);
      draw();
    }
    weigh();
    paintMaps();
  }

  /** Two inputs and no pictures: then every unit has a map of them. @param {Experiment} experiment */
  const hasMaps = (experiment) => String(inputShapeOf(experiment)) === '2';

  /** Asks for what maps show. @param {State} state */
  function watch({ view }) {
    if (!document || !training) return;
    const shown = room > 0 && document === training.document;
    const rows = tableOf(document)?.rows;
    const pictures = columns.some(({ kind }) => kind === 'pictures');
    const count = rows?.length ?? (training.rows ? training.rows.inputs.length / widthOf(document) : 0);
    rowLabel.hidden = !pictures;
    if (pictures) {
      setAttribute(rowField, 'max', count);
      const shownRow = String(Math.min(view.row, Math.max(0, count - 1)) + 1);
      if (globalThis.document.activeElement !== rowField && rowField.value !== shownRow)
        rowField.value = shownRow;
    }
    /** @type {Topics | undefined} */
    let topics;
    if (shown && hasMaps(document)) {
      const size = columns.some(({ shown: units }) => units.length > 8) ? COARSE : FINE;
      topics = {
        grid: { columns: [0, 1], rows: [0, 0], ...rangeOf(document, training), size, neurons: true },
      };
    } else if (shown && pictures && count > 0) {
      const row = Math.min(view.row, count - 1);
      const width = widthOf(document);
      const inputs =
        rows?.[row]?.slice(0, width) ?? training.rows?.inputs.slice(row * width, (row + 1) * width);
      if (inputs) topics = { activations: [Array.from(inputs)] };
    }
    app.session.watch('diagram', topics);
  }

  function draw() {
    if (!document) return;
    const scale = Number.parseFloat(getComputedStyle(element).fontSize) / TEXT;
    layout = layoutOf(columns, { width: room, scale, withMaps: hasMaps(document) });
    setAttribute(drawing, 'viewBox', `0 0 ${layout.width} ${layout.height}`);
    setAttribute(drawing, 'width', layout.width);
    setAttribute(drawing, 'height', layout.height);
    const sizes = columns.map(({ size: units }) => units).join(' – ');
    setAttribute(drawing, 'aria-label', t('diagram.label', { sizes }));
    const now = JSON.stringify([layout, columns, columns.map((column) => column.shown.map(column.unit))]);
    if (now === drawn) return;
    drawn = now;
    mapped = [];
    weighedAt = -Infinity;
    const focused = drawing.contains(globalThis.document.activeElement);
    hot = undefined;
    hotLines.replaceChildren();
    gaps = columns
      .slice(1)
      .map((to, index) =>
        createEdges({ from: /** @type {Column} */ (columns[index]), to, at: index + 1, layout }),
      );
    nodes.clear();
    const units = svg('g', { class: layout.withMaps ? 'units with-maps' : 'units' });
    const texts = svg('g', { class: 'labels', 'aria-hidden': 'true' }, ...createLabels(columns, layout));
    columns.forEach((column, at) => {
      const { large } = layout.pitchOf(column);
      column.shown.forEach((unit) => {
        const node = nodeOf(column, at, unit, large);
        nodes.set(key({ column: at, unit }), node);
        units.append(node);
      });
    });
    const { column, unit } = spot;
    const inside = columns[Math.min(column, columns.length - 1)]?.shown.length ?? 1;
    setSpot({ column: Math.min(column, columns.length - 1), unit: Math.min(unit, inside - 1) });
    drawing.replaceChildren(...gaps.map(({ group }) => group), hotLines, units, texts);
    if (focused) nodes.get(key(spot))?.focus();
  }

  /**
   * @param {Column} column
   * @param {number} at
   * @param {number} unit
   * @param {number} large
   */
  function nodeOf(column, at, unit, large) {
    const square = layout.withMaps || column.kind === 'pictures';
    const [cx, cy] = [layout.x(at), layout.y(at, unit)];
    const shape = square
      ? svg('rect', { class: 'unit map', x: cx - large / 2, y: cy - large / 2, width: large, height: large, rx: Math.min(3, large / 5) })
      : svg('circle', { class: 'unit', cx, cy, r: large / 2 }); // prettier-ignore
    const name = column.unit(unit);
    const label = at === 0 ? name : t('diagram.unit', { name, column: columns[at]?.title ?? '' });
    return svg(
      'g',
      {
        class: 'node',
        role: at === 0 ? 'img' : 'button',
        tabindex: '-1',
        'aria-label': label,
        'aria-haspopup': at === 0 ? null : 'dialog',
        'data-spot': key({ column: at, unit }),
      },
      shape,
    );
  }

  function weigh() {
    const { parameters, shapes } = /** @type {Training} */ (training);
    if (parameters === updated[5]) return;
    const weights = gaps.reduce((sum, { connects }) => sum + connects.length, 0);
    const pause = [MANY, SOME].find((size) => weights > size.weights)?.milliseconds ?? 0;
    const now = performance.now();
    const wait = weighedAt + pause - now;
    if (wait > 0) {
      if (!waiting) setTimeout(() => ((waiting = false), app.redraw()), wait);
      waiting = true;
      return;
    }
    weighedAt = now;
    updated[5] = parameters;
    gaps.forEach((gap, index) => {
      const to = columns[index + 1];
      // Until the network is trained as it is drawn, there are no weights to show.
      const fits = shapes[`${to?.layer}.weight`]?.[0] === to?.size;
      gap.update(fits ? parameters : {});
    });
    highlight();
  }

  function paintMaps() {
    const inspection = training?.inspections.diagram;
    const key = [inspection, drawn, isDark()];
    if (key.every((value, at) => value === mapped[at])) return;
    mapped = key;
    maps.clear(layout.width, layout.height);
    const layers = inspection?.grid?.neurons ?? inspection?.activations;
    const { grid, activations } = inspection?.topics ?? {};
    if (!layers || (!layout.withMaps && !activations)) return;
    columns.forEach((column, at) => {
      const large = layout.pitchOf(column).large - layout.scale;
      const place = (/** @type {number} */ unit) => ({ x: layout.x(at), y: layout.y(at, unit), size: large });
      if (grid && layout.withMaps) {
        const { size: side } = grid;
        const found = layerOf(layers, column.output);
        if (at > 0 && found?.shape[1] !== column.size) return;
        for (const unit of column.shown) {
          const values = found && at > 0
            ? { all: found.values, start: unit, stride: column.size }
            : { all: coordinates(grid, unit), start: 0, stride: 1 }; // prettier-ignore
          maps.draw(place(unit), side, side, values);
        }
      } else if (activations) {
        const found = at === 0 ? pictureOf(activations[0]) : layerOf(layers, column.output);
        const pictures = column.kind === 'pictures';
        const [, channels = 1, high = 1, wide = 1] = found?.shape ?? [];
        if (!found || channels !== column.size || found.shape.length !== (pictures ? 4 : 2)) return;
        const { values } = found;
        // A unit has one value: how large it is, is seen beside the others.
        const sizes = pictures ? [] : Array.from(values, (value) => Math.abs(Number(value)));
        const most = sizes.reduce((one, other) => Math.max(one, other), 0);
        for (const unit of column.shown) {
          const start = unit * high * wide;
          if (pictures) maps.draw(place(unit), wide, high, { all: values, start, stride: 1 });
          else maps.disc(place(unit), most > 0 ? Number(values[start]) / most : 0);
        }
      }
    });
  }

  /** A row as the picture that goes in. @param {number[] | undefined} row */
  const pictureOf = (row) =>
    row && document && { shape: [1, ...(inputShapeOf(document) ?? [])], values: row };

  return { element, update };
}

/** @param {Experiment} document */
const widthOf = (document) => (inputShapeOf(document) ?? []).reduce((all, size) => all * size, 1);

/** What `coordinates` has found. @type {WeakMap<object, Float32Array[]>} */
const known = new WeakMap();

/**
 * The values of an input at the pixels of the grid, around their middle.
 * @param {GridTopic} grid
 * @param {number} input
 */
function coordinates(grid, input) {
  const found = known.get(grid) ?? [];
  known.set(grid, found);
  return (found[input] ??= Float32Array.from({ length: grid.size ** 2 }, (_, pixel) => {
    const place = input === 0 ? pixel % grid.size : Math.floor(pixel / grid.size);
    const share = place / (grid.size - 1);
    const [low, high] = input === 0 ? grid.x : grid.y;
    const middle = low < 0 && high > 0 ? 0 : (low + high) / 2;
    return low + (high - low) * (input === 0 ? share : 1 - share) - middle;
  }));
}

/** @type {WeakMap<object, { x: [number, number], y: [number, number] }>} */
const ranges = new WeakMap();

/**
 * From the least to the largest of both inputs, and a little more.
 * @param {Experiment} document
 * @param {Training} training
 */
function rangeOf(document, { rows }) {
  const table = tableOf(document);
  const source = table?.rows ?? rows ?? [];
  const known = ranges.get(source);
  if (known) return known;
  const range = (/** @type {number} */ input) => {
    let [low, high] = [Infinity, -Infinity];
    const count = table ? table.rows.length : (rows?.inputs.length ?? 0) / 2;
    for (let row = 0; row < count; row += 1) {
      const value = Number(table ? table.rows[row]?.[input] : rows?.inputs[2 * row + input]);
      [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
    if (!(low <= high)) return /** @type {[number, number]} */ ([-1, 1]);
    const more = (high - low) * 0.08 || 1;
    return /** @type {[number, number]} */ ([low - more, high + more]);
  };
  const found = { x: range(0), y: range(1) };
  ranges.set(source, found);
  return found;
}

/** @param {string} sign */
function sample(sign) {
  return svg(
    'svg',
    { class: 'key-line', viewBox: '0 0 20 8', width: 20, height: 8, 'aria-hidden': 'true' },
    svg('path', { class: `edge ${sign}`, d: 'M0 4H20', 'stroke-width': 2.5 }),
  );
}
