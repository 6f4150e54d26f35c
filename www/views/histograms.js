// Weights and gradients as shapes: a histogram of each parameter and of its gradient, and the units that never do
// anything.

import { h, icon, list, setAttribute, setText } from '../dom.js';
import { format, t } from '../i18n.js';
import { brief, shortest32 } from '../numbers.js';
import { rangeOf } from '../samples.js';
import { columnsOf, unitNames } from './diagram/columns.js';
import { createReader } from './reader.js';
import { csvField, saveButton } from './save.js';
import { FONT, contextOf, themeColor } from './surface.js';

/** @import { App } from '../app.js' */
/** @import { Training } from '../session.js' */

const BINS = 30;
/** Beside and above the bins, in pixels. */
const [SIDE, ABOVE, BELOW] = [8, 22, 20];
/** So many dead units are named. */
const MOST_NAMED = 12;

/** @param {App} app */
export function histograms(app) {
  const cards = h('div', { class: 'histograms' });
  /** @type {Map<Element, { weights: ReturnType<typeof chart>, gradients: ReturnType<typeof chart> }>} */
  const charts = new Map();
  /** @type {Training | undefined} */
  let last;
  const element = h(
    'div',
    { class: 'histograms-part' },
    h('div', { class: 'toolbar' }, h('span', { class: 'field-note' }, t('weights.histogramNote')), h('span', { class: 'gap' }), saveButton(saved)), // prettier-ignore
    cards,
  );

  /** @param {string} label */
  function chart(label) {
    const reader = createReader(app.redraw, label);
    const readout = h('figcaption', { class: 'readout' });
    const figure = h('figure', { class: 'histogram' }, reader.surface.box, readout);
    return { reader, readout, figure };
  }

  /** @param {string} name @param {number[]} shape */
  function card(name, shape) {
    const label = (/** @type {'weights' | 'gradients'} */ kind) =>
      t('weights.histogram', { name, kind: t(`weights.of.${kind}`) });
    const [weights, gradients] = [chart(label('weights')), chart(label('gradients'))];
    const title = h(
      'h3',
      {},
      h('span', { class: 'tensor-name' }, name),
      h('span', { class: 'shape' }, `[${shape.join(', ')}]`),
    );
    const section = h('section', { class: 'histogram-card' }, title, weights.figure, gradients.figure);
    charts.set(section, { weights, gradients });
    return section;
  }

  /** @param {Training} training */
  function update(training) {
    last = training;
    const gradients = training.inspections.weights?.gradients;
    list(
      cards,
      Object.keys(training.shapes),
      (name) => `${name}:${(training.shapes[name] ?? []).join('×')}`,
      (name) => card(name, training.shapes[name] ?? []),
      (section, name) => {
        const pair = charts.get(section);
        if (!pair) return;
        for (const [kind, values] of /** @type {const} */ ([
          ['weights', training.parameters[name]],
          ['gradients', gradients?.[name]],
        ])) {
          show(pair[kind], kind, values, training.status === 'running');
        }
      },
    );
  }

  /**
   * @param {ReturnType<typeof chart>} chart
   * @param {'weights' | 'gradients'} kind
   * @param {Float32Array | undefined} values
   * @param {boolean} isMoving
   */
  function show({ reader, readout }, kind, values, isMoving) {
    const { surface } = reader;
    const { width, height } = surface.room;
    const at = reader.read({
      places: values?.length ? PLACES : [],
      valueAt: (x) => ((x - SIDE) / Math.max(1, width - 2 * SIDE)) * BINS - 0.5,
    });
    surface.draw([values, at], (canvas, ratio) =>
      drawHistogram(canvas, ratio, { left: 0, top: 0, width, height }, values, kind, at),
    );
    const read = at === undefined || !values ? undefined : binText(values, at);
    setText(readout, read ?? '');
    reader.tell(read ?? summary(values), isMoving);
  }

  /** @returns {import('./save.js').Saved | undefined} */
  function saved() {
    const now = last;
    if (!now) return undefined;
    const names = Object.keys(now.shapes);
    const gradients = now.inspections.weights?.gradients;
    const [width, height] = [300, 120];
    return {
      name: 'gradus-histograms',
      size: [2 * width, names.length * (height + 24)],
      draw: (canvas, ratio) =>
        names.forEach((name, at) => {
          const context = contextOf(canvas);
          const top = at * (height + 24);
          context.setTransform(ratio, 0, 0, ratio, 0, 0);
          context.font = `600 12px ${FONT}`;
          context.textAlign = 'left';
          context.textBaseline = 'middle';
          context.fillStyle = themeColor('ink');
          context.fillText(name, 8, top + 14);
          const box = { top: top + 24, width, height };
          drawHistogram(canvas, ratio, { ...box, left: 0 }, now.parameters[name], 'weights');
          drawHistogram(canvas, ratio, { ...box, left: width }, gradients?.[name], 'gradients');
        }),
      csv: () => [
        'parameter,index,weight,gradient',
        ...names.flatMap((name) =>
          Array.from(now.parameters[name] ?? [], (value, at) => {
            const slope = gradients?.[name]?.[at];
            return [
              csvField(name),
              at,
              shortest32(value),
              slope === undefined ? '' : shortest32(slope),
            ].join();
          }),
        ),
      ],
    };
  }

  return { element, update };
}

/** What can be read of a histogram: its bins. */
const PLACES = Array.from({ length: BINS }, (_, at) => at);

/**
 * From where to where a bin is, and how many values lie in it.
 * @param {Float32Array} values
 * @param {number} at
 */
function binText(values, at) {
  const [low, high] = rangeOf(values, 0, 1);
  const edge = (/** @type {number} */ bin) => brief(low + ((high - low) * bin) / BINS);
  const count = Number(histogram(values, low, high, BINS)[at]);
  return t('weights.bin', { low: edge(at), high: edge(at + 1), count, shown: format.whole(count) });
}

/** @param {Float32Array | undefined} values */
function summary(values) {
  if (!values) return '–';
  const [low, high] = rangeOf(values, 0, 1);
  return t('weights.range', { low: brief(low), high: brief(high), count: format.whole(values.length) });
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} ratio
 * @param {{ left: number, top: number, width: number, height: number }} box
 * @param {Float32Array | undefined} values
 * @param {'weights' | 'gradients'} kind
 * @param {number} [read] the bin that is read
 */
function drawHistogram(canvas, ratio, { left, top, width, height }, values, kind, read) {
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (left === 0 && top === 0) context.clearRect(0, 0, width, height);
  context.font = `11px ${FONT}`;
  context.textBaseline = 'middle';
  context.fillStyle = themeColor('ink-2');
  context.textAlign = 'left';
  context.fillText(t(`weights.of.${kind}`), left + 8, top + 10);
  if (!values || values.length === 0) return;
  const [low, high] = rangeOf(values, 0, 1);
  const counts = histogram(values, low, high, BINS);
  const most = Math.max(1, ...counts);
  const [x0, x1, y0, y1] = [left + SIDE, left + width - SIDE, top + ABOVE, top + height - BELOW];
  const step = (x1 - x0) / BINS;
  if (read !== undefined) {
    context.fillStyle = themeColor('line-strong');
    context.fillRect(x0 + read * step, y0, Math.max(1, step - 1), y1 - y0);
  }
  context.fillStyle = themeColor(kind === 'weights' ? 'train' : 'validation');
  counts.forEach((count, at) => {
    const size = (count / most) * (y1 - y0);
    // A single value in its bin is still to be seen.
    if (count > 0)
      context.fillRect(x0 + at * step, y1 - Math.max(2, size), Math.max(1, step - 1), Math.max(2, size));
  });
  context.strokeStyle = themeColor('control');
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x0, y1 + 0.5);
  context.lineTo(x1, y1 + 0.5);
  if (low < 0 && high > 0) {
    const zero = x0 + (-low / (high - low)) * (x1 - x0);
    context.moveTo(zero, y0);
    context.lineTo(zero, y1 + 4);
  }
  context.stroke();
  context.fillStyle = themeColor('ink-2');
  context.fillText(brief(low), x0, y1 + 11);
  context.textAlign = 'right';
  context.fillText(brief(high), x1, y1 + 11);
  context.fillText(t('weights.most', { count: format.whole(most) }), x1, top + 10);
}

/**
 * How many values lie in each of `bins` equal parts of a range.
 * @param {Float32Array} values
 * @param {number} low
 * @param {number} high
 * @param {number} bins
 */
export function histogram(values, low, high, bins) {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.floor(((value - low) / (high - low || 1)) * bins);
    const at = Math.max(0, Math.min(bins - 1, bin));
    counts[at] = Number(counts[at]) + 1;
  }
  return counts;
}

/** Units of ReLU layers that are zero for every row of the data. */
export function deadUnits() {
  const text = h('span', {});
  const element = h('div', { class: 'message dead-units', hidden: true }, icon('warning'), text);
  return {
    element,
    /** @param {Training} training */
    update({ inspections, document }) {
      const { active } = inspections.weights ?? {};
      const dead = Object.entries(active ?? {}).flatMap(([layer, shares]) => {
        const units = Array.from(shares.keys()).filter((unit) => shares[unit] === 0);
        return units.length > 0 ? [{ layer: Number(layer), units, of: shares.length }] : [];
      });
      element.hidden = dead.length === 0 || !document;
      if (element.hidden || !document) return;
      const columns = columnsOf(document);
      const parts = dead.map(({ layer, units, of }) => {
        const names = units.slice(0, MOST_NAMED).map(unitNames(columns, layer, of));
        if (units.length > MOST_NAMED) names.push('…');
        return t('weights.deadIn', { count: units.length, of, units: names.join(' · ') });
      });
      setText(text, `${t('weights.dead')} ${parts.join(' ')}`);
    },
  };
}
