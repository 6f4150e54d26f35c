// The loss curves, drawn by the module on this thread, and the figures below them.

import { button, h, icon, setAttribute, setText } from '../dom.js';
import { drawCurves } from '../engine.js';
import { curvesCsv } from '../history.js';
import { format, t } from '../i18n.js';
import { fixed, plain, shortest32, significant } from '../numbers.js';
import { isDark } from '../theme.js';
import { download } from './files.js';
import { withOption } from './network.js';

/** @import { App } from '../app.js' */
/** @import { CurvesGeometry, CurvesSpec } from '../gradus.js' */
/** @import { Reading } from '../history.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

/** The page's text on most screens, in pixels. */
const TEXT = 13;

/** @param {App} app */
export function curvesTab(app) {
  const { store } = app;
  const canvas = h('canvas', {
    class: 'curves',
    tabindex: '0',
    role: 'slider',
    'aria-label': t('curves.label'),
    'aria-orientation': 'horizontal',
    onpointermove,
    onpointerdown: onpointermove,
    // A finger that is lifted has left, too; the value it has found stays.
    onpointerleave: (/** @type {PointerEvent} */ event) => event.pointerType === 'mouse' && point(undefined),
    onblur: () => point(undefined),
    onkeydown,
  });
  const tip = h('div', { class: 'tip', hidden: true });
  const idle = h('p', { class: 'chart-empty' }, t('curves.empty'));
  const box = h('div', { class: 'chart' }, canvas, tip, idle);
  const logY = h('input', { type: 'checkbox', onchange: () => store.look({ logY: logY.checked }) });
  const validationKey = h(
    'span',
    { class: 'key' },
    h('span', { class: 'swatch validation' }),
    t('curves.validation'),
  );
  const csv = button({ text: 'CSV', label: t('curves.csv'), class: 'button small quiet', onclick: saveCsv });
  const legend = h(
    'div',
    { class: 'legend' },
    h('span', { class: 'key' }, h('span', { class: 'swatch train' }), t('curves.train')),
    validationKey,
    h('span', { class: 'gap' }),
    h('label', { class: 'check' }, logY, h('span', {}, t('curves.log'))),
    csv,
  );
  const lesson = h('div', { class: 'lesson', role: 'status', hidden: true });
  const tiles = createTiles();
  const note = h('p', { class: 'seed-note' });
  const element = h('div', { class: 'curves-tab' }, box, legend, lesson, tiles.element, note);

  /** @type {Training | undefined} */
  let training;
  /** @type {CurvesGeometry | undefined} */
  let drawn;
  /** The step under the pointer. @type {number | undefined} */
  let cursor;
  let lastDrawing = '';
  let broken = false;

  // Asking in every frame would make the browser lay the page out once more each time.
  const room = { width: 0, height: 0, scale: 1 };
  new ResizeObserver(() => {
    room.width = box.clientWidth;
    room.height = box.clientHeight;
    // Where the page's text is larger, the chart's is.
    room.scale = Number.parseFloat(getComputedStyle(box).fontSize) / TEXT;
    app.redraw();
  }).observe(box);

  /** @param {number | undefined} step */
  function point(step) {
    cursor = step;
    app.redraw();
  }

  /** @param {PointerEvent} event */
  function onpointermove(event) {
    const length = training?.history.train.length ?? 0;
    if (!drawn || length === 0) return;
    const { plot, xMin, xMax } = drawn;
    const x = event.offsetX;
    if (x < plot.left - 8 || x > plot.right + 8) return point(undefined);
    const step = xMin + ((x - plot.left) / (plot.right - plot.left)) * (xMax - xMin);
    point(Math.max(1, Math.min(length, Math.round(step))));
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    if (!training || training.history.train.length === 0) return;
    const { length, bucket } = training.history.train;
    const at = cursor ?? length;
    const page = Math.max(bucket, Math.round(length / 20));
    const to = {
      ArrowLeft: at - bucket,
      ArrowDown: at - bucket,
      ArrowRight: cursor === undefined ? at : at + bucket,
      ArrowUp: cursor === undefined ? at : at + bucket,
      PageDown: at - page,
      PageUp: at + page,
      Home: 1,
      End: length,
    }[event.key];
    if (event.key === 'Escape') point(undefined);
    if (to === undefined) return;
    event.preventDefault();
    point(Math.max(1, Math.min(length, to)));
  }

  function saveCsv() {
    if (!training) return;
    download('gradus-loss.csv', `${curvesCsv(training.history, shortest32).join('\n')}\n`, 'text/csv');
  }

  /**
   * @param {State} state
   * @param {Training} now
   */
  function update(state, now) {
    training = now;
    logY.checked = state.view.logY;
    const { length } = now.history.train;
    idle.hidden = length > 0;
    csv.disabled = length === 0;
    validationKey.hidden = !(now.document && now.document.validation > 0);
    if (cursor !== undefined && cursor > length) cursor = undefined;
    draw(state);
    updateTip();
    updateSlider();
    tiles.update(now);
    updateLesson(now);
    setText(note, now.document ? t('curves.seed', { seed: now.document.seed }) : '');
  }

  /** @param {State} state */
  function draw({ view }) {
    if (!training || room.width === 0 || broken) return;
    const { train, validation } = training.history;
    const pixelRatio = globalThis.devicePixelRatio || 1;
    const { scale } = room;
    const key = [
      room.width,
      room.height,
      pixelRatio,
      scale,
      isDark(),
      view.logY,
      cursor,
      train.length,
      validation.length,
    ].join();
    if (key === lastDrawing && drawn) return;
    lastDrawing = key;
    const width = Math.round(room.width * pixelRatio);
    const height = Math.round(room.height * pixelRatio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    /** @type {CurvesSpec['series']} */
    const series = [{ label: t('curves.train'), ...train.drawn(), kind: 'train' }];
    if (validation.length > 0)
      series.push({ label: t('curves.validation'), ...validation.drawn(), kind: 'validation' });
    try {
      const xLabel = t('curves.x');
      const yLabel = t('curves.y');
      drawn = scaled(
        drawCurves(canvas, {
          dark: isDark(),
          pixelRatio: pixelRatio * scale,
          logY: view.logY,
          xLabel,
          yLabel,
          series,
          cursor: cursor ?? null,
        }),
        scale,
      );
    } catch (error) {
      broken = true;
      app.notify({ kind: 'error', text: t('curves.broken', { message: String(error) }) });
    }
  }

  /** What is known of the step under the pointer. */
  function reading() {
    if (!training || cursor === undefined) return undefined;
    const { train, validation } = training.history;
    return { step: cursor, train: train.at(cursor), validation: validation.at(cursor) };
  }

  function updateTip() {
    const read = reading();
    tip.hidden = !read || !drawn;
    if (!read || !drawn) return;
    const perEpoch = training?.position?.batchesPerEpoch ?? 1;
    const { from = read.step, to = read.step } = read.train ?? {};
    const [step, epoch] = [
      between(from, to, format.whole),
      between(Math.ceil(from / perEpoch), Math.ceil(to / perEpoch), format.whole),
    ];
    const place = t('curves.at', { step, epoch });
    const title = from === to ? [place] : place.split(' · ').map((part) => h('div', {}, part));
    const rows = [
      h('div', { class: 'tip-title' }, ...title),
      h(
        'div',
        {},
        h('span', { class: 'swatch train' }),
        `${t('curves.train')} `,
        h('b', {}, lossesOf(read.train)),
      ),
    ];
    if (read.validation !== undefined) {
      rows.push(
        h(
          'div',
          {},
          h('span', { class: 'swatch validation' }),
          `${t('curves.validation')} `,
          h('b', {}, lossesOf(read.validation)),
        ),
      );
    }
    tip.replaceChildren(...rows);
    const { plot, xMin, xMax } = drawn;
    const x = plot.left + ((read.step - xMin) / (xMax - xMin || 1)) * (plot.right - plot.left);
    const right = x > (plot.left + plot.right) / 2;
    tip.classList.toggle('left', right);
    tip.style.setProperty('left', `${Math.round(x + (right ? -12 : 12))}px`);
  }

  function updateSlider() {
    const curve = training?.history.train;
    const length = curve?.length ?? 0;
    setAttribute(canvas, 'aria-valuemin', length > 0 ? 1 : 0);
    setAttribute(canvas, 'aria-valuemax', length);
    setAttribute(canvas, 'aria-valuenow', cursor ?? length);
    // At the end it is the very last loss, not the range of those before it.
    const read = cursor === undefined ? undefined : curve?.at(cursor);
    const text =
      curve?.last === undefined
        ? t('curves.none')
        : t('curves.value', {
            step: read ? between(read.from, read.to, format.whole) : format.whole(length),
            loss: read ? lossesOf(read) : shortest32(curve.last),
          });
    // While training runs, a reader would be told every frame.
    if (training?.status !== 'running' || cursor !== undefined) setAttribute(canvas, 'aria-valuetext', text);
  }

  /** @param {Training} now */
  function updateLesson({ divergence }) {
    const key = divergence ? `${divergence.step},${divergence.lr}` : '';
    if (lesson.dataset.key === key) return;
    lesson.dataset.key = key;
    lesson.hidden = !divergence;
    if (!divergence) return lesson.replaceChildren();
    const lr = significant(divergence.lr / 10, 6);
    const retry = button({
      text: t('diverged.try', { lr: plain(lr) }),
      class: 'button small primary',
      onclick: () => {
        store.edit(withOption(store.state.document, 'lr', lr));
        app.session.reset();
        app.announce(t('diverged.ready', { lr: plain(lr) }));
      },
    });
    lesson.replaceChildren(
      h(
        'h3',
        {},
        icon('warning'),
        h('span', {}, t('diverged.title', { step: format.whole(divergence.step) })),
      ),
      h('p', {}, t('diverged.why', { lr: plain(divergence.lr) })),
      retry,
    );
  }

  return { element, update };
}

/**
 * One number, or where several are: from, to.
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => string} show
 */
const between = (low, high, show) =>
  Object.is(low, high) ? show(low) : t('curves.range', { from: show(low), to: show(high) });

/** @param {Reading | undefined} reading */
const lossesOf = (reading) => (reading ? between(reading.low, reading.high, shortest32) : shortest32(NaN));

/**
 * A chart's geometry in CSS pixels, when it was drawn larger.
 * @param {CurvesGeometry} geometry
 * @param {number} scale
 * @returns {CurvesGeometry}
 */
function scaled(geometry, scale) {
  const { left, top, right, bottom } = geometry.plot;
  return {
    ...geometry,
    plot: { left: left * scale, top: top * scale, right: right * scale, bottom: bottom * scale },
  };
}

function createTiles() {
  const tile = (/** @type {string} */ name) => {
    const value = h('dd', { 'data-tile': name });
    return { value, element: h('div', { class: 'tile' }, h('dt', {}, t(`tile.${name}`)), value) };
  };
  const [train, validation, epoch, step, speed] = ['train', 'validation', 'epoch', 'step', 'speed'].map(tile);
  if (!train || !validation || !epoch || !step || !speed) throw new Error('five tiles');
  const element = h(
    'dl',
    { class: 'tiles' },
    ...[train, validation, epoch, step, speed].map(({ element: item }) => item),
  );
  return {
    element,
    /** @param {Training} training */
    update({ history, position, stepsPerSecond }) {
      const loss = history.train.last;
      setText(train.value, loss === undefined ? '–' : fixed(loss));
      setAttribute(train.value, 'title', loss === undefined ? null : shortest32(loss));
      const held = history.validation.last;
      setText(validation.value, held === undefined ? '–' : fixed(held));
      setAttribute(validation.value, 'title', held === undefined ? null : shortest32(held));
      for (const [tile, count] of /** @type {const} */ ([
        [epoch, position?.epoch ?? 0],
        [step, position?.step ?? 0],
      ])) {
        setText(tile.value, format.count(count));
        setAttribute(tile.value, 'title', format.whole(count));
      }
      setText(speed.value, stepsPerSecond === null ? '–' : format.pace(stepsPerSecond));
    },
  };
}
