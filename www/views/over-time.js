// How large weights and gradients were over a run: a curve for each parameter, to be read at any note.

import { canvasFor } from '../canvases.js';
import { h, list, setText } from '../dom.js';
import { drawCurves } from '../engine.js';
import { format, t } from '../i18n.js';
import { brief, shortest32 } from '../numbers.js';
import { isDark } from '../theme.js';
import { scaled, valueAt } from './curves/geometry.js';
import { swatch } from './curves/swatch.js';
import { createReader } from './reader.js';
import { csvField, saveButton } from './save.js';
import { contextOf, runLook } from './surface.js';

/** @import { App } from '../app.js' */
/** @import { CurvesGeometry, CurvesSpec } from '../gradus.js' */
/** @import { Training } from '../session.js' */
/** @typedef {'weights' | 'gradients'} Kind */

const KINDS = /** @type {const} */ (['weights', 'gradients']);
/** So many sizes are spoken at once; all of them stand below the chart. */
const MOST_SPOKEN = 8;

/** @param {number | undefined} size */
const sizeText = (size) => (size === undefined || Number.isNaN(size) ? '–' : brief(size));

/** @param {App} app */
export function overTime(app) {
  const parts = KINDS.map((kind) => {
    const title = t(`weights.size.${kind}`);
    const reader = createReader(app.redraw, t('weights.timeLabel', { title }));
    const readout = h('span', { class: 'readout' });
    const key = h('div', { class: 'legend' });
    const { box } = reader.surface;
    return { kind, reader, readout, key, element: h('section', {}, h('h3', {}, title, readout), box, key) };
  });
  const idle = h('p', { class: 'chart-empty' }, t('weights.timeEmpty'));
  parts[0]?.reader.surface.box.append(idle);
  /** @type {Partial<Record<Kind, CurvesGeometry>>} */
  const drawn = {};
  /** @type {Training | undefined} */
  let last;
  const element = h(
    'div',
    { class: 'over-time' },
    h('div', { class: 'toolbar' }, h('span', { class: 'field-note' }, t('weights.timeNote')), h('span', { class: 'gap' }), saveButton(saved)), // prettier-ignore
    ...parts.map((part) => part.element),
  );

  /** @param {Training} training */
  const names = ({ shapes }) => Object.keys(shapes).filter((name) => !/running_|num_batches/.test(name));

  /** @param {Training} training */
  function update(training) {
    last = training;
    const { trace } = training.inspections.trace ?? {};
    idle.hidden = !trace || trace.steps.length > 0;
    for (const part of parts) show(part, training);
  }

  /** @param {typeof parts[number]} part @param {Training} training */
  function show({ kind, reader, readout, key }, training) {
    const { trace } = training.inspections.trace ?? {};
    const { surface } = reader;
    const steps = trace?.steps ?? [];
    const geometry = drawn[kind];
    const read = reader.read({ places: steps, valueAt: (x) => (geometry ? valueAt(geometry, false, x) : 0) });
    surface.draw([trace, read], (canvas, ratio) => {
      const { scale } = surface.room;
      drawn[kind] = scaled(paint(canvas, ratio * scale, training, kind, read), scale);
    });
    const at = read ?? steps.length - 1;
    const sizes = names(training).map((name, number) => ({
      name,
      number,
      size: sizeText(trace?.[kind][name]?.[at]),
    }));
    const step = steps[at];
    const place = step === undefined ? '' : t('weights.atStep', { step: format.whole(step) });
    setText(readout, read === undefined ? '' : place);
    list(
      key,
      sizes,
      ({ name }) => name,
      ({ name, number }) =>
        h(
          'span',
          { class: 'key' },
          swatch(`run ${number}`),
          h('span', { class: 'tensor-name' }, name),
          h('b'),
        ),
      (element, { size }) => setText(/** @type {Element} */ (element.lastElementChild), size),
    );
    const words = sizes.slice(0, MOST_SPOKEN).map(({ name, size }) => `${name} ${size}`);
    reader.tell(
      step === undefined ? t('weights.timeEmpty') : `${place}: ${words.join(', ')}`,
      training.status === 'running',
    );
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} pixelRatio
   * @param {Training} training
   * @param {Kind} kind
   * @param {number} [read] the note that is read
   */
  function paint(canvas, pixelRatio, training, kind, read) {
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
      cursor: (read === undefined ? undefined : trace?.steps[read]) ?? null,
    });
  }

  /** @returns {import('./save.js').Saved | undefined} */
  function saved() {
    const now = last;
    if (!now) return undefined;
    const [width, height] = parts[0]?.reader.surface.size ?? [440, 200];
    return {
      name: 'gradus-weights-over-time',
      legend: () => names(now).map((text, number) => ({ text, ...runLook(number) })),
      size: [width, 2 * height],
      draw: (canvas, ratio) => {
        for (const [at, kind] of KINDS.entries()) {
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
        for (const kind of KINDS)
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
