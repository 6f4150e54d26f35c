// The curves of losses and scores, drawn by the module on this thread, with the runs that they are compared with, and
// the figures below them.

import { button, h, list, setAttribute, setText } from '../../dom.js';
import { History } from '../../history.js';
import { t, withTexts } from '../../i18n.js';
import { brief } from '../../numbers.js';
import { pin, runs } from '../../runs.js';
import { axisOf } from '../../series.js';
import { hasChanges } from '../../session.js';
import { saveButton } from '../save.js';
import { VALIDATION_DASH, createSurface, runLook, themeColor } from '../surface.js';
import { csvOf } from './csv.js';
import { createFingers } from './fingers.js';
import { placeOf, scaled, valueAt } from './geometry.js';
import { placeByKey } from './keys.js';
import { createLesson } from './lesson.js';
import { createOptions } from './options.js';
import { paintCurves } from './paint.js';
import { scoreName, tipOf, valueText } from './reading.js';
import { swatch } from './swatch.js';
import { createTiles } from './tiles.js';

/** @import { App } from '../../app.js' */
/** @import { CurvesGeometry } from '../../gradus.js' */
/** @import { Training } from '../../session.js' */
/** @import { CurvesView, State } from '../../store.js' */
/** @import { Scene } from './reading.js' */

/** A range of less than this many steps is not zoomed into. */
const LEAST_STEPS = 4;
/** The lines of the present run, as the chart draws them. @type {Record<string, { width: number, dash?: number[] }>} */
const OWN_LOOKS = { train: { width: 2 }, validation: { width: 1.5, dash: VALIDATION_DASH } };
/** A pointer that moves this far draws a range; less is a hand that trembles. */
const DRAG = 6;

/** The part of the axis that is shown, in its units; kept across languages. @type {[number, number] | undefined} */
let zoom;

/** @param {App} app */
export function curvesTab(app) {
  const { store } = app;
  const surface = createSurface(app.redraw, {
    class: 'surface curves',
    tabindex: '0',
    role: 'slider',
    'aria-orientation': 'horizontal',
    onpointermove,
    onpointerdown,
    onpointerup,
    onpointercancel: (/** @type {PointerEvent} */ event) => {
      fingers.up(event);
      endDrag();
    },
    ondblclick: () => zoomTo(undefined),
    // A finger that is lifted has left, too; the value it has found stays.
    onpointerleave: (/** @type {PointerEvent} */ event) => event.pointerType === 'mouse' && point(undefined),
    onblur: () => point(undefined),
    onkeydown,
  });
  const { canvas, box } = surface;
  const tip = h('div', { class: 'tip', hidden: true });
  const idle = h('p', { class: 'chart-empty' }, t('curves.empty'));
  const band = h('div', { class: 'zoom-band', hidden: true });
  box.append(band, h('div', { class: 'tip-room' }, tip), idle);

  const change = (/** @type {Partial<CurvesView>} */ part) =>
    store.look({ curves: { ...store.state.view.curves, ...part } });
  const options = createOptions(app, {
    change,
    // Its range was one in the other units.
    perChanged: () => (zoom = undefined),
  });
  const closer = button({
    icon: 'plus',
    label: t('curves.closer'),
    class: 'icon-button',
    onclick: () => scale(0.5),
  });
  const wider = button({
    icon: 'minus',
    label: t('curves.wider'),
    class: 'icon-button',
    onclick: () => scale(2),
  });
  const whole = button({
    text: t('curves.whole'),
    class: 'button small quiet',
    onclick: () => zoomTo(undefined),
  });
  // The value that is read stays, and is what is zoomed in on: the chart keeps the focus.
  for (const zoomer of [closer, wider, whole])
    zoomer.addEventListener('mousedown', (event) => event.preventDefault());
  const pinButton = button({
    text: t('runs.pin'),
    label: t('runs.pinLabel'),
    class: 'button small',
    onclick: pinNow,
  });
  const compare = button({
    text: t('runs.compare'),
    class: 'button small',
    onclick: () => change({ compare: !store.state.view.curves.compare }),
  });
  setAttribute(pinButton, 'data-help', 'pin');
  setAttribute(compare, 'data-help', 'compare');
  const key = h('div', { class: 'legend' });
  const legend = h('div', { class: 'curve-legend' }, key, ...options.scales);
  const save = saveButton(saved);
  const tools = h(
    'div',
    { class: 'toolbar' },
    pinButton,
    compare,
    h('span', { class: 'gap' }),
    whole,
    wider,
    closer,
    save,
  );
  const comparison = h('div', { class: 'comparison', hidden: true });
  const lesson = createLesson(app);
  const tiles = createTiles();
  const note = h('p', { class: 'seed-note' });
  const element = h(
    'div',
    { class: 'curves-tab' },
    box,
    legend,
    options.element,
    tools,
    lesson.element,
    comparison,
    tiles.element,
    note,
  );

  /** @type {Training | undefined} */
  let training;
  /** @type {CurvesGeometry | undefined} */
  let drawn;
  /** The step under the pointer. @type {number | undefined} */
  let cursor;
  /** Where a range begins, in pixels. @type {number | undefined} */
  let dragFrom;
  let broken = false;
  /** The runs, once somebody has asked for them. @type {{ element: HTMLElement, update: (training: Training) => void } | undefined} */
  let compared;
  let asked = false;

  const view = () => store.state.view.curves;
  const axis = () => axisOf(training?.history ?? NO_HISTORY, view());
  /** How far the axis reaches, in steps of the present run: others may be longer. */
  const end = () => {
    const ends = shownRuns().map(({ history }) => axisOf(history, view()).at(history.train.length));
    return Math.max(
      training?.history.train.length ?? 0,
      ...ends.map((place) => Math.round(axis().step(place))),
    );
  };
  /** How far it reaches in its own units. */
  const reach = () => axis().at(end());

  /** @param {number | undefined} step */
  function point(step) {
    cursor = step;
    app.redraw();
  }

  const fingers = createFingers({
    geometry: () => drawn,
    isPart: () => zoom !== undefined,
    isLog: () => view().logX,
    move: show,
    moved: tellRange,
  });

  /** Where a place on the canvas is on the axis. @param {number} x */
  const valueOf = (x) => (drawn ? valueAt(drawn, view().logX, x) : 0);

  /** @param {PointerEvent} event */
  function onpointermove(event) {
    const length = end();
    if (!drawn || length === 0 || fingers.move(event)) return;
    const { plot } = drawn;
    const x = event.offsetX;
    if (dragFrom !== undefined) {
      const inside = Math.max(plot.left, Math.min(plot.right, x));
      band.hidden = Math.abs(inside - dragFrom) < DRAG;
      band.style.setProperty('left', `${Math.min(inside, dragFrom)}px`);
      band.style.setProperty('width', `${Math.abs(inside - dragFrom)}px`);
    }
    if (x < plot.left - 8 || x > plot.right + 8) return point(undefined);
    point(Math.max(1, Math.min(length, Math.round(axis().step(valueOf(x))))));
  }

  /** @param {PointerEvent} event */
  function onpointerdown(event) {
    if (event.pointerType !== 'mouse') fingers.down(event);
    else if (event.button === 0 && drawn) {
      dragFrom = Math.max(drawn.plot.left, Math.min(drawn.plot.right, event.offsetX));
      canvas.setPointerCapture(event.pointerId);
    }
    onpointermove(event);
  }

  /** @param {PointerEvent} event */
  function onpointerup(event) {
    const from = dragFrom;
    fingers.up(event);
    endDrag();
    if (from === undefined || !drawn || Math.abs(event.offsetX - from) < DRAG) return;
    const [a, b] = [valueOf(from), valueOf(event.offsetX)];
    zoomTo([Math.min(a, b), Math.max(a, b)]);
  }

  function endDrag() {
    dragFrom = undefined;
    band.hidden = true;
  }

  /** @param {[number, number] | undefined} range */
  function zoomTo(range) {
    show(range);
    tellRange();
  }

  function tellRange() {
    app.announce(
      zoom ? t('curves.zoomed', { from: brief(zoom[0]), to: brief(zoom[1]) }) : t('curves.unzoomed'),
    );
  }

  /** @param {[number, number] | undefined} range all, where there is none */
  function show(range) {
    const steps = reach();
    if (range) {
      const least = Math.min(axis().at(LEAST_STEPS), steps);
      const size = Math.max(least, range[1] - range[0]);
      const from = Math.max(0, Math.min(range[0], steps - size));
      zoom = size >= steps ? undefined : [from, from + size];
    } else zoom = undefined;
    app.redraw();
  }

  /** Shows more or less, around the value that is read, or else the middle. @param {number} factor */
  function scale(factor) {
    const [low, high] = zoom ?? [0, reach()];
    const middle = cursor === undefined ? (low + high) / 2 : axis().at(cursor);
    const size = (high - low) * factor;
    zoomTo([middle - size / 2, middle + size / 2]);
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const length = end();
    if (!training || length === 0) return;
    const { train } = training.history;
    const { metric: what, per: by } = view();
    const batches = training.history.batchesPerEpoch;
    const one = Math.max(
      train.bucket,
      by === 'epoch' ? batches : 1,
      what === 'score' ? training.scores.every * batches : 1,
    );
    const page = Math.max(one, Math.round(length / 20));
    const step = placeByKey(event.key, cursor, { first: 1, last: length, one, page });
    if (event.key === 'Escape') point(undefined);
    if (event.key === '+' || event.key === '=') scale(0.5);
    if (event.key === '-') scale(2);
    if (event.key === '0') zoomTo(undefined);
    if (step === undefined) return;
    event.preventDefault();
    follow(axis().at(step));
    point(step);
  }

  /** The part that is shown moves so that a place on the axis is in it. @param {number} place */
  function follow(place) {
    if (!zoom) return;
    const [low, high] = zoom;
    if (place < low) zoom = [place, place + high - low];
    if (place > high) zoom = [place - (high - low), place];
  }

  function pinNow() {
    if (!training) return;
    const run = pin(training, t('runs.name', { number: runs.list.length + 1 }));
    if (!run) return;
    app.announce(t('runs.pinned', { name: run.name }));
    change({ compare: true });
  }

  /** @param {Training} now @returns {Scene} */
  const scene = (now) => ({ training: now, others: shownRuns(), view: view(), drawn });

  const shownRuns = () => runs.list.filter(({ shown, history }) => shown && history.train.length > 0);

  /** @returns {import('../save.js').Saved | undefined} */
  function saved() {
    const now = training;
    if (!now || end() === 0) return undefined;
    return {
      name: 'gradus-loss',
      size: surface.size,
      draw: (target, ratio) => void paint(target, ratio, now, null),
      legend: () =>
        keysOf(now).map(({ id, text, number }) =>
          number === undefined
            ? { text, ...OWN_LOOKS[id], color: themeColor(id) }
            : { text, ...runLook(number) },
        ),
      csv: () => csvOf(scene(now)),
    };
  }

  /**
   * @param {State} state
   * @param {Training} now
   */
  function update(state, now) {
    training = now;
    const { curves } = state.view;
    const score = t(`score.${scoreName(now)}`);
    options.update(state.view, score);
    const title = curves.metric === 'score' ? 'curves.labelScore' : curves.per === 'epoch' ? 'curves.labelEpoch' : 'curves.label'; // prettier-ignore
    setAttribute(canvas, 'aria-label', t(title, { score }));
    const length = end();
    idle.hidden = length > 0;
    save.disabled = length === 0;
    whole.hidden = !zoom;
    closer.disabled = wider.disabled = length < LEAST_STEPS;
    pinButton.disabled = now.history.train.length === 0;
    if (cursor !== undefined && cursor > length) cursor = undefined;
    if (zoom && zoom[0] >= reach()) zoom = undefined;
    if (!broken) draw(now, state.view.logY);
    updateKey(now);
    updateTip(now);
    updateSlider(now);
    updateComparison(now);
    tiles.update(now, scoreName(now));
    lesson.update(now);
    setText(
      note,
      now.document ? t(hasChanges(now) ? 'curves.seedChanged' : 'curves.seed', now.document) : '',
    );
  }

  /** @param {Training} now @param {boolean} isLogY */
  function draw(now, isLogY) {
    const { history, scores } = now;
    const lengths = shownRuns().map(({ id, history: { train } }) => `${id}:${train.length}`);
    const { compare: _, ...looks } = view();
    surface.draw(
      [history, history.train.length, history.validation.length, scores.train.length, now.marks, runs.version, lengths.join(), JSON.stringify(looks), isLogY, cursor, zoom?.[0], zoom?.[1]], // prettier-ignore
      (target, ratio) => {
        try {
          drawn = paint(
            target,
            ratio * surface.room.scale,
            now,
            cursor === undefined ? null : axis().at(cursor),
          );
          drawn = scaled(drawn, surface.room.scale);
        } catch (error) {
          broken = true;
          app.notify({ kind: 'error', text: t('curves.broken', { message: String(error) }) });
        }
      },
    );
  }

  /**
   * @param {HTMLCanvasElement} target
   * @param {number} pixelRatio
   * @param {Training} now
   * @param {number | null} at
   */
  const paint = (target, pixelRatio, now, at) =>
    paintCurves(target, pixelRatio, scene(now), { logY: store.state.view.logY, zoom, at });

  /** What the lines are. @param {Training} now @returns {{ id: string, text: string, number?: number }[]} */
  function keysOf(now) {
    const held = now.document && now.document.validation > 0;
    return [
      { id: 'train', text: t('curves.train') },
      ...(held ? [{ id: 'validation', text: t('curves.validation') }] : []),
      ...shownRuns().map(({ number, name }) => ({ id: `run ${number}`, text: name, number })),
    ];
  }

  /** @param {Training} now */
  function updateKey(now) {
    list(
      key,
      keysOf(now),
      ({ id, text }) => `${id} ${text}`,
      ({ id, text }) => h('span', { class: 'key' }, swatch(id), h('span', { class: 'key-text' }, text)),
    );
  }

  /** @param {Training} now */
  function updateTip(now) {
    tip.hidden = true;
    if (cursor === undefined || !drawn) return;
    const { plot } = drawn;
    const x = placeOf(drawn, view().logX, axis().at(cursor));
    // It may have been moved out of what is shown.
    if (x < plot.left - 1 || x > plot.right + 1) return;
    tip.hidden = false;
    tip.replaceChildren(...tipOf(scene(now), cursor));
    const right = x > (plot.left + plot.right) / 2;
    tip.classList.toggle('left', right);
    tip.style.setProperty('margin-left', `${Math.round(x + (right ? -12 : 12))}px`);
  }

  /** @param {Training} now */
  function updateSlider(now) {
    const length = end();
    setAttribute(canvas, 'aria-valuemin', length > 0 ? 1 : 0);
    setAttribute(canvas, 'aria-valuemax', length);
    setAttribute(canvas, 'aria-valuenow', cursor ?? length);
    // While training runs, a reader would be told every frame.
    if (now.status !== 'running' || cursor !== undefined)
      setAttribute(canvas, 'aria-valuetext', valueText(scene(now), cursor));
  }

  /** @param {Training} now */
  function updateComparison(now) {
    const open = view().compare;
    comparison.hidden = !open;
    setAttribute(compare, 'aria-expanded', String(open));
    if (!open) return;
    if (!asked) void askComparison();
    compared?.update(now);
  }

  async function askComparison() {
    asked = true;
    try {
      const { comparison: make } = await withTexts(import('../compare/comparison.js'));
      compared = make(app);
      comparison.replaceChildren(compared.element);
      app.redraw();
    } catch (error) {
      asked = false;
      change({ compare: false });
      app.notify({ kind: 'error', text: t('results.unreachable', { message: String(error) }) });
    }
  }

  return { element, update };
}

const NO_HISTORY = new History(1);
