// The network as a drawing: a circle for each unit, a line for each weight. Blue and solid is positive, orange and
// dashed is negative; the thicker, the larger.

import { h, setAttribute, setText, svg } from '../dom.js';
import { isClassification, tableOf } from '../experiment.js';
import { t } from '../i18n.js';
import { fixed } from '../numbers.js';

/** @import { Experiment } from '../experiment.js' */
/** @import { Training } from '../session.js' */

const MOST_UNITS = 16;
/** In units of the text: at 13 px, pixels. */
const TEXT = 13;
const ROW = 26;
const RADIUS = 8;
const TOP = 30;
const MARGIN = 64;

/**
 * @typedef {object} Column units side by side
 * @property {number} size how many there are
 * @property {number[]} shown which of them are drawn
 * @property {string} title
 * @property {string | undefined} weight the parameter that leads here
 * @property {string | undefined} bias
 * @property {(unit: number) => string} unit
 */
/** @typedef {{ path: SVGPathElement, column: number, from: number, to: number, weight: number | undefined }} Edge */

export function createDiagram() {
  const drawing = svg('svg', { class: 'diagram', role: 'img' });
  const readout = h('span', { class: 'readout' });
  const legend = h(
    'p',
    { class: 'legend' },
    h('span', { class: 'key' }, line('positive'), t('diagram.positive')),
    h('span', { class: 'key' }, line('negative'), t('diagram.negative')),
    h('span', { class: 'key muted' }, t('diagram.width')),
    readout,
  );
  const element = h('div', { class: 'diagram-box' }, drawing, legend);

  let layout = '';
  let width = 0;
  let updated = /** @type {unknown[]} */ ([]);
  /** @type {Column[]} */
  let columns = [];
  /** @type {Edge[]} */
  let edges = [];
  /** @type {{ circle: SVGCircleElement, column: number, unit: number }[]} */
  let nodes = [];
  /** @type {(() => void) | undefined} */
  let again;

  // Asking for the width in every frame would make the browser lay the page out once more each time.
  let room = 0;
  new ResizeObserver(() => {
    room = element.clientWidth;
    if (Math.abs(room - width) > 1) again?.();
  }).observe(element);

  drawing.addEventListener('pointerover', ({ target }) => {
    const edge = edges.find(({ path }) => path === target);
    const node = nodes.find(({ circle }) => circle === target);
    for (const { path } of edges) path.classList.toggle('hot', path === target);
    if (edge) setText(readout, edgeText(edge));
    else if (node) setText(readout, nodeText(node));
  });
  drawing.addEventListener('pointerleave', () => {
    setText(readout, '');
    for (const { path } of edges) path.classList.remove('hot');
  });

  /** @type {Record<string, Float32Array>} */
  let parameters = {};

  /** @param {Edge} edge */
  function edgeText({ column, from, to, weight }) {
    const source = columns[column - 1]?.unit(from) ?? '';
    const target = columns[column]?.unit(to) ?? '';
    return weight === undefined ? `${source} → ${target}` : `${source} → ${target}: ${fixed(weight)}`;
  }

  /** @param {{ column: number, unit: number }} node */
  function nodeText({ column, unit }) {
    const bias = parameters[columns[column]?.bias ?? '']?.[unit];
    const name = columns[column]?.unit(unit) ?? '';
    return bias === undefined ? name : t('diagram.bias', { name, bias: fixed(bias) });
  }

  /**
   * @param {Experiment} document
   * @param {Training} training
   */
  function update(document, training) {
    again = () => {
      updated = [];
      update(document, training);
    };
    const now = [document.model, document.data, document.loss, training.parameters, room];
    if (now.every((value, at) => value === updated[at]) || room === 0) return;
    updated = now;
    parameters = training.parameters;
    const next = columnsOf(document);
    const key = JSON.stringify([
      room,
      next.map(({ size, title, weight }) => [size, title, weight]),
      tableOf(document)?.inputs,
      tableOf(document)?.targets,
    ]);
    columns = next;
    if (key !== layout) {
      layout = key;
      draw();
      setAttribute(
        drawing,
        'aria-label',
        t('diagram.label', { sizes: columns.map(({ size }) => size).join(' – ') }),
      );
    }
    weigh(training);
  }

  function draw() {
    width = room;
    const scale = Number.parseFloat(getComputedStyle(element).fontSize) / TEXT;
    const [row, radius, top, margin] = [ROW * scale, RADIUS * scale, TOP * scale, MARGIN * scale];
    const rows = Math.max(...columns.map(({ size, shown }) => shown.length + (size > shown.length ? 1 : 0)));
    const height = top + Math.max(4, rows) * row + 8 * scale;
    setAttribute(drawing, 'viewBox', `0 0 ${width} ${height}`);
    setAttribute(drawing, 'width', width);
    setAttribute(drawing, 'height', height);
    const gap = (width - 2 * margin) / Math.max(1, columns.length - 1);
    const x = (/** @type {number} */ column) => margin + column * gap;
    const y = (/** @type {number} */ column, /** @type {number} */ place) => {
      const { shown, size } = /** @type {Column} */ (columns[column]);
      const count = shown.length + (size > shown.length ? 1 : 0);
      return top + ((height - top - 8 * scale) * (place + 0.5)) / Math.max(1, count);
    };
    edges = [];
    nodes = [];
    const lines = svg('g', { class: 'edges' });
    const circles = svg('g', {});
    const texts = svg('g', { class: 'labels' });
    columns.forEach((column, at) => {
      const previous = columns[at - 1];
      column.shown.forEach((unit, place) => {
        previous?.shown.forEach((from, fromPlace) => {
          const [x1, y1, x2, y2] = [x(at - 1), y(at - 1, fromPlace), x(at), y(at, place)];
          const bend = (x2 - x1) * 0.45;
          const path = svg('path', {
            class: 'edge',
            d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
          });
          edges.push({ path, column: at, from, to: unit, weight: undefined });
          lines.append(path);
        });
        const circle = svg('circle', { class: 'unit', cx: x(at), cy: y(at, place), r: radius });
        nodes.push({ circle, column: at, unit });
        circles.append(circle);
        const edge = at === 0 ? -1 : at === columns.length - 1 ? 1 : 0;
        if (edge === 0) return;
        const anchor = edge < 0 ? 'end' : 'start';
        texts.append(
          svg(
            'text',
            {
              class: 'unit-name',
              x: x(at) + edge * (radius + 6),
              y: y(at, place) + 4,
              'text-anchor': anchor,
            },
            shorten(column.unit(unit)),
          ),
        );
      });
      if (column.size > column.shown.length) {
        const place = y(at, column.shown.length);
        texts.append(
          svg(
            'text',
            { class: 'more-units', x: x(at), y: place + 4, 'text-anchor': 'middle' },
            `⋮ +${column.size - column.shown.length}`,
          ),
        );
      }
      const anchor = at === 0 ? 'start' : at === columns.length - 1 ? 'end' : 'middle';
      const place =
        at === 0
          ? Math.max(0, x(at) - 60 * scale)
          : at === columns.length - 1
            ? Math.min(width, x(at) + 60 * scale)
            : x(at);
      texts.append(
        svg('text', { class: 'column-title', x: place, y: 14 * scale, 'text-anchor': anchor }, column.title),
      );
    });
    drawing.replaceChildren(lines, circles, texts);
  }

  /** @param {Training} training */
  function weigh({ parameters: values, shapes }) {
    /** @type {Map<number, number>} */
    const largest = new Map();
    for (const edge of edges) {
      const column = columns[edge.column];
      const weights = values[column?.weight ?? ''];
      const inputs = columns[edge.column - 1]?.size ?? 0;
      const shape = shapes[column?.weight ?? ''];
      const fits = shape?.[0] === column?.size && shape?.[1] === inputs;
      edge.weight = fits ? weights?.[edge.to * inputs + edge.from] : undefined;
      const size = Math.abs(edge.weight ?? 0);
      if (Number.isFinite(size)) largest.set(edge.column, Math.max(largest.get(edge.column) ?? 0, size));
    }
    for (const { path, column, weight } of edges) {
      const share =
        weight === undefined || !Number.isFinite(weight) ? 0 : Math.abs(weight) / (largest.get(column) || 1);
      setAttribute(path, 'stroke-width', (0.6 + 3.4 * share).toFixed(2));
      setAttribute(path, 'stroke-opacity', (0.25 + 0.7 * share).toFixed(2));
      const sign = weight === undefined ? 'edge' : weight < 0 ? 'edge negative' : 'edge positive';
      const hot = path.classList.contains('hot');
      setAttribute(path, 'class', hot ? `${sign} hot` : sign);
    }
  }

  return { element, update };
}

/** @param {string} sign */
function line(sign) {
  return svg(
    'svg',
    { class: 'key-line', viewBox: '0 0 20 8', width: 20, height: 8, 'aria-hidden': 'true' },
    svg('path', { class: `edge ${sign}`, d: 'M0 4H20', 'stroke-width': 2.5 }),
  );
}

/**
 * @param {Experiment} document
 * @returns {Column[]}
 */
function columnsOf(document) {
  const table = tableOf(document);
  /** @type {Column[]} */
  const columns = [
    {
      size: table?.inputs.length ?? 2,
      shown: shownOf(table?.inputs.length ?? 2),
      title: t('network.input'),
      weight: undefined,
      bias: undefined,
      unit: (unit) => table?.inputs[unit] ?? `x${unit + 1}`,
    },
  ];
  const linear = document.model
    .map((layer, index) => ({ layer, index }))
    .filter(({ layer }) => layer.type === 'linear');
  linear.forEach(({ layer, index }, at) => {
    const last = at === linear.length - 1;
    const size = Number(layer.out ?? 1);
    const next = document.model[index + 1]?.type;
    const activation = next && next !== 'linear' ? t(`activation.${next}`) : '';
    const title =
      activation && !activation.startsWith('activation.') ? `${size} · ${activation}` : String(size);
    columns.push({
      size,
      shown: shownOf(size),
      title: last && !activation ? t('diagram.output') : title,
      weight: `${index}.weight`,
      bias: `${index}.bias`,
      unit: (unit) =>
        last ? outputName(document, unit) : `h${linear.length > 2 ? `${at + 1},` : ''}${unit + 1}`,
    });
  });
  return columns;
}

/**
 * @param {Experiment} document
 * @param {number} unit
 */
function outputName(document, unit) {
  const targets = tableOf(document)?.targets ?? [];
  if (document.loss.type === 'cross_entropy') return t('diagram.class', { class: unit });
  const name = targets[unit] ?? `y${unit + 1}`;
  if (isClassification(document)) return name;
  const [first = '', ...rest] = name;
  return `${first}\u0302${rest.join('')}`.normalize();
}

/** @param {number} size */
function shownOf(size) {
  return Array.from({ length: size > MOST_UNITS ? MOST_UNITS - 1 : size }, (_, unit) => unit);
}

/** @param {string} text */
function shorten(text) {
  const letters = [...text];
  return letters.length > 8 ? `${letters.slice(0, 7).join('')}…` : text;
}
