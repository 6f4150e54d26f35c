// The loss curves, drawn by the module on this thread, and the figures below them.

import { button, h, icon, setAttribute, setText } from '../dom.js';
import { drawCurves } from '../engine.js';
import { format, t } from '../i18n.js';
import { fixed, plain, shortest32, significant } from '../numbers.js';
import { isDark } from '../theme.js';
import { download } from './files.js';
import { withOption } from './network.js';

/** @import { App } from '../app.js' */
/** @import { CurvesGeometry, CurvesSpec } from '../gradus.js' */
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

  new ResizeObserver(() => app.redraw()).observe(box);

  /** @param {number | undefined} step */
  function point(step) {
    cursor = step;
    app.redraw();
  }

  /** @param {PointerEvent} event */
  function onpointermove(event) {
    const length = training?.history.length ?? 0;
    if (!drawn || length === 0) return;
    const { plot, xMin, xMax } = drawn;
    const x = event.offsetX;
    if (x < plot.left - 8 || x > plot.right + 8) return point(undefined);
    const step = xMin + ((x - plot.left) / (plot.right - plot.left)) * (xMax - xMin);
    point(Math.max(1, Math.min(length, Math.round(step))));
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const length = training?.history.length ?? 0;
    if (length === 0) return;
    const at = cursor ?? length;
    const page = Math.max(1, Math.round(length / 20));
    const to = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: cursor === undefined ? at : at + 1,
      ArrowUp: cursor === undefined ? at : at + 1,
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
    const { history, position } = training;
    const perEpoch = position?.batchesPerEpoch ?? 1;
    const validation = new Map(
      history.validationSteps.map((step, at) => [step, history.validationLosses[at]]),
    );
    const lines = ['step,epoch,train_loss,validation_loss'];
    for (let step = 1; step <= history.length; step += 1) {
      const held = validation.get(step);
      lines.push(
        `${step},${Math.ceil(step / perEpoch)},${shortest32(history.at(step) ?? NaN)},${held === undefined ? '' : shortest32(held)}`,
      );
    }
    download('gradus-loss.csv', `${lines.join('\n')}\n`, 'text/csv');
  }

  /**
   * @param {State} state
   * @param {Training} now
   */
  function update(state, now) {
    training = now;
    logY.checked = state.view.logY;
    const { history } = now;
    idle.hidden = history.length > 0;
    csv.disabled = history.length === 0;
    validationKey.hidden = !(now.document && now.document.validation > 0);
    if (cursor !== undefined && cursor > history.length) cursor = undefined;
    draw(state);
    updateTip();
    updateSlider();
    tiles.update(now);
    updateLesson(now);
    setText(note, now.document ? t('curves.seed', { seed: now.document.seed }) : '');
  }

  /** @param {State} state */
  function draw({ view }) {
    const { clientWidth, clientHeight } = box;
    if (!training || clientWidth === 0 || broken) return;
    const { history } = training;
    const pixelRatio = globalThis.devicePixelRatio || 1;
    // Where the page's text is larger, the chart's is.
    const scale = Number.parseFloat(getComputedStyle(box).fontSize) / TEXT;
    const key = [
      clientWidth,
      clientHeight,
      pixelRatio,
      scale,
      isDark(),
      view.logY,
      cursor,
      history.length,
      history.validationSteps.length,
    ].join();
    if (key === lastDrawing && drawn) return;
    lastDrawing = key;
    const width = Math.round(clientWidth * pixelRatio);
    const height = Math.round(clientHeight * pixelRatio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    /** @type {CurvesSpec['series']} */
    const series = [{ label: t('curves.train'), ...history.drawn(), kind: 'train' }];
    if (history.validationSteps.length > 0) {
      series.push({
        label: t('curves.validation'),
        x: history.validationSteps,
        y: Float32Array.from(history.validationLosses),
        kind: 'validation',
      });
    }
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
    const { history, position } = training;
    const perEpoch = position?.batchesPerEpoch ?? 1;
    const epoch = Math.ceil(cursor / perEpoch);
    const at = history.validationEpochs.lastIndexOf(epoch);
    return {
      step: cursor,
      epoch,
      train: history.at(cursor),
      validation: at < 0 ? undefined : history.validationLosses[at],
    };
  }

  function updateTip() {
    const read = reading();
    tip.hidden = !read || !drawn;
    if (!read || !drawn) return;
    const rows = [
      h(
        'div',
        { class: 'tip-title' },
        t('curves.at', { step: format.whole(read.step), epoch: format.whole(read.epoch) }),
      ),
      h(
        'div',
        {},
        h('span', { class: 'swatch train' }),
        `${t('curves.train')} `,
        h('b', {}, shortest32(read.train ?? NaN)),
      ),
    ];
    if (read.validation !== undefined) {
      rows.push(
        h(
          'div',
          {},
          h('span', { class: 'swatch validation' }),
          `${t('curves.validation')} `,
          h('b', {}, shortest32(read.validation)),
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
    const length = training?.history.length ?? 0;
    setAttribute(canvas, 'aria-valuemin', length > 0 ? 1 : 0);
    setAttribute(canvas, 'aria-valuemax', length);
    setAttribute(canvas, 'aria-valuenow', cursor ?? length);
    const step = cursor ?? length;
    const train = training?.history.at(step);
    const text =
      train === undefined
        ? t('curves.none')
        : t('curves.value', { step: format.whole(step), loss: shortest32(train) });
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
      const loss = history.last;
      setText(train.value, loss === undefined ? '–' : fixed(loss));
      setAttribute(train.value, 'title', loss === undefined ? null : shortest32(loss));
      const held = history.validationLosses.at(-1);
      setText(validation.value, held === undefined ? '–' : fixed(held));
      setAttribute(validation.value, 'title', held === undefined ? null : shortest32(held));
      setText(epoch.value, format.whole(position?.epoch ?? 0));
      setText(step.value, format.whole(position?.step ?? 0));
      setText(speed.value, stepsPerSecond === null ? '–' : format.whole(significant(stepsPerSecond, 3)));
    },
  };
}
