// Weights and gradients as shapes: a histogram of each parameter and of its gradient, how large both were over the
// run, and the units that never do anything.

import { canvasFor } from '../canvases.js';
import { h, icon, list, setAttribute, setText } from '../dom.js';
import { drawCurves } from '../engine.js';
import { format, t } from '../i18n.js';
import { brief, shortest32 } from '../numbers.js';
import { rangeOf } from '../samples.js';
import { isDark } from '../theme.js';
import { swatch } from './curves/swatch.js';
import { columnsOf, unitNames } from './diagram/columns.js';
import { csvField, saveButton } from './save.js';
import { FONT, contextOf, createSurface, runLook, themeColor } from './surface.js';

/** @import { App } from '../app.js' */
/** @import { CurvesSpec } from '../gradus.js' */
/** @import { Training } from '../session.js' */

const BINS = 30;
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
    const surface = createSurface(app.redraw, { role: 'img', 'aria-label': label });
    const figure = h('figure', { class: 'histogram' }, surface.box);
    return { surface, figure };
  }

  /** @param {string} name @param {number[]} shape */
  function card(name, shape) {
    const label = (/** @type {'weights' | 'gradients'} */ kind) => `${name}, ${t(`weights.of.${kind}`)}`;
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
          const { surface } = pair[kind];
          setAttribute(
            surface.canvas,
            'aria-label',
            `${name}, ${t(`weights.of.${kind}`)}: ${summary(values)}`,
          );
          surface.draw(
            [values],
            (canvas, ratio) =>
            drawHistogram(canvas, ratio, { left: 0, top: 0, width: surface.room.width, height: surface.room.height }, values, kind), // prettier-ignore
          );
        }
      },
    );
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
 */
function drawHistogram(canvas, ratio, { left, top, width, height }, values, kind) {
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
  const [x0, x1, y0, y1] = [left + 8, left + width - 8, top + 22, top + height - 20];
  const step = (x1 - x0) / BINS;
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

/** How large weights and gradients were over the run. @param {App} app */
export function overTime(app) {
  const parts = /** @type {const} */ (['weights', 'gradients']).map((kind) => {
    const surface = createSurface(app.redraw, { role: 'img', 'aria-label': t(`weights.size.${kind}`) });
    return { kind, surface, element: h('section', {}, h('h3', {}, t(`weights.size.${kind}`)), surface.box) };
  });
  const key = h('div', { class: 'legend' });
  const idle = h('p', { class: 'chart-empty' }, t('weights.timeEmpty'));
  parts[0]?.surface.box.append(idle);
  /** @type {Training | undefined} */
  let last;
  const element = h(
    'div',
    { class: 'over-time' },
    h('div', { class: 'toolbar' }, h('span', { class: 'field-note' }, t('weights.timeNote')), h('span', { class: 'gap' }), saveButton(saved)), // prettier-ignore
    ...parts.map((part) => part.element),
    key,
  );

  /** @param {Training} training */
  const names = ({ shapes }) => Object.keys(shapes).filter((name) => !/running_|num_batches/.test(name));

  /** @param {Training} training */
  function update(training) {
    last = training;
    const { trace } = training.inspections.trace ?? {};
    idle.hidden = !trace || trace.steps.length > 0;
    for (const { kind, surface } of parts) {
      const latest = names(training).map((name) => `${name} ${brief(trace?.[kind][name]?.at(-1) ?? NaN)}`);
      setAttribute(
        surface.canvas,
        'aria-label',
        `${t(`weights.size.${kind}`)}: ${latest.slice(0, 8).join(', ')}`,
      );
      surface.draw([trace], (canvas, ratio) => paint(canvas, ratio * surface.room.scale, training, kind));
    }
    list(
      key,
      names(training).map((name, number) => ({ name, number })),
      ({ name }) => name,
      ({ name, number }) =>
        h('span', { class: 'key' }, swatch(`run ${number}`), h('span', { class: 'tensor-name' }, name)),
    );
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} pixelRatio
   * @param {Training} training
   * @param {'weights' | 'gradients'} kind
   */
  function paint(canvas, pixelRatio, training, kind) {
    const { trace } = training.inspections.trace ?? {};
    /** @type {CurvesSpec['series']} */
    const series = names(training).flatMap((name, number) => {
      const y = trace?.[kind][name];
      return y && trace
        ? [{ label: name, kind: /** @type {const} */ ('run'), number, x: trace.steps, y }]
        : [];
    });
    return drawCurves(canvas, {
      dark: isDark(),
      pixelRatio,
      logY: kind === 'gradients',
      xLabel: t('curves.x'),
      yLabel: '',
      series,
      cursor: null,
    });
  }

  /** @returns {import('./save.js').Saved | undefined} */
  function saved() {
    const now = last;
    if (!now) return undefined;
    const [width, height] = parts[0]?.surface.size ?? [440, 200];
    return {
      name: 'gradus-weights-over-time',
      legend: () => names(now).map((text, number) => ({ text, ...runLook(number) })),
      size: [width, 2 * height],
      draw: (canvas, ratio) => {
        for (const [at, kind] of /** @type {const} */ (['weights', 'gradients']).entries()) {
          const one = canvasFor(canvas, width * ratio, height * ratio);
          paint(one, ratio, now, kind);
          const context = contextOf(canvas);
          context.setTransform(ratio, 0, 0, ratio, 0, 0);
          context.drawImage(one, 0, at * height, width, height);
        }
      },
      csv: () => {
        const { trace } = now.inspections.trace ?? {};
        const lines = ['parameter,kind,step,rms'];
        for (const kind of /** @type {const} */ (['weights', 'gradients']))
          for (const [name, sizes] of Object.entries(trace?.[kind] ?? {}))
            sizes.forEach(
              (size, at) =>
                // Gradients that were not looked for.
                Number.isNaN(size) ||
                lines.push([csvField(name), kind, trace?.steps[at], shortest32(size)].join()),
            );
        return lines;
      },
    };
  }

  return { element, update };
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
