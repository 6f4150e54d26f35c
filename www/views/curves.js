// The curves of losses and scores, drawn by the module on this thread, with the runs that they are compared with, and
// the figures below them.

import { button, h, icon, list, setAttribute, setText, svg } from '../dom.js';
import { drawCurves } from '../engine.js';
import { History, curvesCsv } from '../history.js';
import { format, t } from '../i18n.js';
import { brief, fixed, plain, shortest32, significant } from '../numbers.js';
import { pin, runs } from '../runs.js';
import { scoreKind } from '../scores.js';
import { axisOf, pointsOf, seriesOf } from '../series.js';
import { isDark } from '../theme.js';
import { selectField } from './fields.js';
import { withOption } from './network.js';
import { csvField, saveButton } from './save.js';
import { contextOf, createSurface, runLook, themeColor } from './surface.js';

/** @import { App } from '../app.js' */
/** @import { CurvesGeometry, CurvesSpec } from '../gradus.js' */
/** @import { Reading } from '../history.js' */
/** @import { Run } from '../runs.js' */
/** @import { Training } from '../session.js' */
/** @import { CurvesView, State } from '../store.js' */
/** @typedef {Pick<Run, 'document' | 'history' | 'scores'>} Curves */

/** A range of less than this many steps is not zoomed into. */
const LEAST_STEPS = 4;
/** A pointer that moves this far draws a range; less is a hand that trembles. */
const DRAG = 6;
/** A change this near to the pointer is told, in pixels. */
const NEAR = 8;

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
    onpointercancel: () => endDrag(),
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
  box.append(band, tip, idle);

  const change = (/** @type {Partial<CurvesView>} */ part) =>
    store.look({ curves: { ...store.state.view.curves, ...part } });
  const metric = selectField({
    label: t('curves.metric'),
    choices: [
      { value: 'loss', text: t('curves.y') },
      { value: 'score', text: '' },
    ],
    onchange: (value) => change({ metric: value === 'score' ? 'score' : 'loss' }),
  });
  const per = selectField({
    label: t('curves.per'),
    choices: [
      { value: 'step', text: t('curves.perStep') },
      { value: 'epoch', text: t('curves.perEpoch') },
    ],
    onchange: (value) => {
      zoom = undefined;
      change({ per: value === 'epoch' ? 'epoch' : 'step' });
    },
  });
  const smooth = h('input', {
    type: 'range',
    min: '0',
    max: '0.98',
    step: '0.02',
    oninput: () => change({ smooth: Number(smooth.value) }),
  });
  const logY = h('input', { type: 'checkbox', onchange: () => store.look({ logY: logY.checked }) });
  const logX = h('input', { type: 'checkbox', onchange: () => change({ logX: logX.checked }) });
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
  const key = h('div', { class: 'legend' });
  const options = h(
    'div',
    { class: 'curve-options' },
    metric.select,
    per.select,
    h('label', { class: 'check smooth' }, h('span', {}, t('curves.smooth')), smooth),
  );
  const legend = h(
    'div',
    { class: 'curve-legend' },
    key,
    h('label', { class: 'check' }, logY, h('span', {}, t('curves.log'))),
    h('label', { class: 'check' }, logX, h('span', {}, t('curves.logX'))),
  );
  const tools = h(
    'div',
    { class: 'toolbar' },
    pinButton,
    compare,
    h('span', { class: 'gap' }),
    whole,
    wider,
    closer,
    saveButton(saved),
  );
  const comparison = h('div', { class: 'comparison', hidden: true });
  const lesson = h('div', { class: 'lesson', role: 'status', hidden: true });
  const tiles = createTiles();
  const note = h('p', { class: 'seed-note' });
  const element = h(
    'div',
    { class: 'curves-tab' },
    box,
    legend,
    options,
    tools,
    lesson,
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

  /** Where a place on the canvas is on the axis. @param {number} x */
  function valueAt(x) {
    if (!drawn) return 0;
    const { plot, xMin, xMax } = drawn;
    const share = Math.max(0, Math.min(1, (x - plot.left) / (plot.right - plot.left)));
    return view().logX ? xMin * (xMax / xMin) ** share : xMin + share * (xMax - xMin);
  }

  /** @param {number} value on the axis @param {CurvesGeometry | undefined} [geometry] */
  function placeOf(value, geometry = drawn) {
    if (!geometry) return 0;
    const { plot, xMin, xMax } = geometry;
    const share = view().logX
      ? Math.log(value / xMin) / Math.log(xMax / xMin)
      : (value - xMin) / (xMax - xMin || 1);
    return plot.left + share * (plot.right - plot.left);
  }

  /** @param {PointerEvent} event */
  function onpointermove(event) {
    const length = end();
    if (!drawn || length === 0) return;
    const { plot } = drawn;
    const x = event.offsetX;
    if (dragFrom !== undefined) {
      const inside = Math.max(plot.left, Math.min(plot.right, x));
      band.hidden = Math.abs(inside - dragFrom) < DRAG;
      band.style.setProperty('left', `${Math.min(inside, dragFrom)}px`);
      band.style.setProperty('width', `${Math.abs(inside - dragFrom)}px`);
    }
    if (x < plot.left - 8 || x > plot.right + 8) return point(undefined);
    point(Math.max(1, Math.min(length, Math.round(axis().step(valueAt(x))))));
  }

  /** @param {PointerEvent} event */
  function onpointerdown(event) {
    // With a finger one scrolls; there are buttons, too.
    if (event.pointerType === 'mouse' && event.button === 0 && drawn) {
      dragFrom = Math.max(drawn.plot.left, Math.min(drawn.plot.right, event.offsetX));
      canvas.setPointerCapture(event.pointerId);
    }
    onpointermove(event);
  }

  /** @param {PointerEvent} event */
  function onpointerup(event) {
    const from = dragFrom;
    endDrag();
    if (from === undefined || !drawn || Math.abs(event.offsetX - from) < DRAG) return;
    const [a, b] = [valueAt(from), valueAt(event.offsetX)];
    zoomTo([Math.min(a, b), Math.max(a, b)]);
  }

  function endDrag() {
    dragFrom = undefined;
    band.hidden = true;
  }

  /** @param {[number, number] | undefined} range */
  function zoomTo(range) {
    const steps = reach();
    if (range) {
      const least = Math.min(axis().at(LEAST_STEPS), steps);
      const size = Math.max(least, range[1] - range[0]);
      const from = Math.max(0, Math.min(range[0], steps - size));
      zoom = size >= steps ? undefined : [from, from + size];
    } else zoom = undefined;
    app.announce(
      zoom ? t('curves.zoomed', { from: brief(zoom[0]), to: brief(zoom[1]) }) : t('curves.unzoomed'),
    );
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
    const at = cursor ?? length;
    const page = Math.max(one, Math.round(length / 20));
    const to = {
      ArrowLeft: at - one,
      ArrowDown: at - one,
      ArrowRight: cursor === undefined ? at : at + one,
      ArrowUp: cursor === undefined ? at : at + one,
      PageDown: at - page,
      PageUp: at + page,
      Home: 1,
      End: length,
    }[event.key];
    if (event.key === 'Escape') point(undefined);
    if (event.key === '+' || event.key === '=') scale(0.5);
    if (event.key === '-') scale(2);
    if (event.key === '0') zoomTo(undefined);
    if (to === undefined) return;
    event.preventDefault();
    const step = Math.max(1, Math.min(length, to));
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

  const shownRuns = () => runs.list.filter(({ shown, history }) => shown && history.train.length > 0);

  /** @returns {import('./save.js').Saved | undefined} */
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
            ? { text, color: themeColor(id), width: id === 'train' ? 2 : 1.5 }
            : { text, ...runLook(number) },
        ),
      csv: () => csvOf(now),
    };
  }

  /** @param {Training} now */
  function csvOf(now) {
    const others = shownRuns();
    /** @type {(curves: Pick<Curves, 'history' | 'scores'>) => string[]} */
    const lines = ({ history, scores }) =>
      view().metric === 'score' ? scoresCsv(scores, scoreName(now)) : curvesCsv(history, shortest32);
    const own = lines(now);
    if (others.length === 0) return own;
    const named = (/** @type {string} */ name, /** @type {string[]} */ [, ...rest]) =>
      rest.map((line) => `${csvField(name)},${line}`);
    return [
      `run,${own[0]}`,
      ...named(t('runs.present'), own),
      ...others.flatMap((run) => named(run.name, lines(run))),
    ];
  }

  /** @param {Training} now */
  const scoreName = (now) => scoreKind(now.document?.loss.type ?? 'mse');

  /**
   * @param {State} state
   * @param {Training} now
   */
  function update(state, now) {
    training = now;
    const { curves } = state.view;
    logY.checked = state.view.logY;
    logX.checked = curves.logX;
    smooth.value = String(curves.smooth);
    const score = t(`score.${scoreName(now)}`);
    setText(/** @type {HTMLElement} */ (metric.select.options[1]), score);
    metric.update(curves.metric);
    per.update(curves.per);
    const title = curves.metric === 'score' ? 'curves.labelScore' : curves.per === 'epoch' ? 'curves.labelEpoch' : 'curves.label'; // prettier-ignore
    setAttribute(canvas, 'aria-label', t(title, { score }));
    const length = end();
    idle.hidden = length > 0;
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
    updateLesson(now);
    setText(note, now.document ? t('curves.seed', { seed: now.document.seed }) : '');
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
  function paint(target, pixelRatio, now, at) {
    const { curves, logY: isLogY } = store.state.view;
    const labels = [t('curves.train'), t('curves.validation')];
    const { smooth: weight } = curves;
    const options = { smooth: weight, labels, ...(zoom ? { range: zoom } : {}) };
    const series = seriesOf(pointsOf(now.history, now.scores, curves), options);
    for (const { name, history, scores, number } of shownRuns()) {
      const { train, validation } = pointsOf(history, scores, curves);
      // One line a run: how well it does on what it has not seen, where scores are compared and that is known.
      const best = curves.metric === 'score' && validation.y.length > 0 ? validation : train;
      series.push(
        ...seriesOf({ train: best, validation: NONE }, { ...options, number, labels: [name, name] }),
      );
    }
    const geometry = drawCurves(target, {
      dark: isDark(),
      pixelRatio,
      logY: isLogY && curves.metric === 'loss',
      logX: curves.logX,
      xLabel: t(curves.per === 'epoch' ? 'tile.epoch' : 'curves.x'),
      yLabel: curves.metric === 'score' ? t(`score.${scoreName(now)}`) : t('curves.y'),
      series,
      cursor: at,
    });
    drawMarks(target, pixelRatio, geometry, now);
    return geometry;
  }

  /**
   * A line where something was changed while the run went on.
   * @param {HTMLCanvasElement} target
   * @param {number} ratio
   * @param {CurvesGeometry} geometry
   * @param {Training} now
   */
  function drawMarks(target, ratio, geometry, { marks }) {
    const { plot } = geometry;
    const context = contextOf(target);
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.strokeStyle = context.fillStyle = themeColor('warn');
    context.lineWidth = 1;
    for (const { step } of marks) {
      const x = Math.round(placeOf(axis().at(step), geometry)) + 0.5;
      if (!(x >= plot.left && x <= plot.right)) continue;
      context.setLineDash([2, 3]);
      context.beginPath();
      context.moveTo(x, plot.top);
      context.lineTo(x, plot.bottom);
      context.stroke();
      context.beginPath();
      context.moveTo(x - 4, plot.top - 6);
      context.lineTo(x + 4, plot.top - 6);
      context.lineTo(x, plot.top);
      context.closePath();
      context.fill();
    }
    context.restore();
  }

  /** What was changed near a step, in words. @param {Training} now @param {number} step */
  function changesAt({ marks }, step) {
    const place = placeOf(axis().at(step));
    return marks
      .filter((mark) => Math.abs(placeOf(axis().at(mark.step)) - place) < NEAR)
      .map(({ fields }) =>
        Object.entries(fields)
          .map(
            ([path, value]) =>
              `${path.replace(/^optimizer\./, '')} = ${typeof value === 'number' ? plain(value) : JSON.stringify(value)}`,
          ) // prettier-ignore
          .join(', '),
      );
  }

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

  /**
   * What is known of a run where the pointer is.
   * @param {Pick<Curves, 'history' | 'scores'>} run
   * @param {number} step of the present run
   */
  function reading({ history, scores }, step) {
    const { metric: what, per: by } = view();
    // An epoch of another run can have another number of steps.
    const own = Math.round(axisOf(history, view()).step(axis().at(step)));
    if (what === 'score') {
      const known = scores.at(Math.floor(history.ends.at(own)));
      return {
        from: own,
        to: own,
        train: known && scoreText(known.train),
        validation: known?.validation === undefined ? undefined : scoreText(known.validation),
      };
    }
    const curve = by === 'epoch' && history.epochs.length > 0 ? history.epochs : history.train;
    const [train, validation] = [curve.at(own), history.validation.at(own)];
    return {
      from: train?.from ?? own,
      to: train?.to ?? own,
      train: train && lossesOf(train),
      validation: validation && lossesOf(validation),
    };
  }

  /** @param {number} value */
  const scoreText = (value) =>
    Number.isNaN(value)
      ? '–'
      : training && scoreName(training) === 'accuracy'
        ? format.share(value)
        : fixed(value);

  /** @param {Training} now */
  function updateTip(now) {
    tip.hidden = cursor === undefined || !drawn;
    if (cursor === undefined || !drawn) return;
    const read = reading(now, cursor);
    const { history } = now;
    const { from, to } = read;
    const [step, epoch] = [
      between(from, to, format.whole),
      between(history.epochAt(from), history.epochAt(to), format.whole),
    ];
    const place = t('curves.at', { step, epoch });
    const title = from === to ? [place] : place.split(' · ').map((text) => h('div', {}, text));
    const row = (
      /** @type {string} */ id,
      /** @type {string} */ name,
      /** @type {string | undefined} */ value,
    ) => (value === undefined ? null : h('div', {}, swatch(id), `${name} `, h('b', {}, value)));
    const others = shownRuns().slice(0, MOST_TIPS);
    tip.replaceChildren(
      h('div', { class: 'tip-title' }, ...title),
      ...[
        row('train', t('curves.train'), read.train ?? (others.length > 0 ? undefined : shortest32(NaN))),
        row('validation', t('curves.validation'), read.validation),
        ...others.map((run) => {
          const { train, validation } = reading(run, Number(cursor));
          return row(
            `run ${run.number}`,
            run.name,
            (view().metric === 'score' ? validation : undefined) ?? train,
          );
        }),
        ...changesAt(now, cursor).map((text) => h('div', { class: 'tip-change' }, text)),
      ].filter((item) => item !== null),
    );
    const { plot } = drawn;
    const x = placeOf(axis().at(cursor));
    const right = x > (plot.left + plot.right) / 2;
    tip.classList.toggle('left', right);
    tip.style.setProperty('left', `${Math.round(x + (right ? -12 : 12))}px`);
  }

  /** @param {Training} now */
  function updateSlider(now) {
    const length = end();
    setAttribute(canvas, 'aria-valuemin', length > 0 ? 1 : 0);
    setAttribute(canvas, 'aria-valuemax', length);
    setAttribute(canvas, 'aria-valuenow', cursor ?? length);
    // While training runs, a reader would be told every frame.
    if (now.status !== 'running' || cursor !== undefined)
      setAttribute(canvas, 'aria-valuetext', valueText(now));
  }

  /** @param {Training} now */
  function valueText(now) {
    const { train } = now.history;
    if (train.last === undefined) return t('curves.none');
    const step = cursor ?? train.length;
    // At the end it is the very last loss, not the range of those before it.
    const read = cursor === undefined && view().metric === 'loss' ? undefined : reading(now, step);
    const loss = read ? (read.train ?? '–') : shortest32(train.last);
    const held = read?.validation === undefined ? '' : `, ${t('curves.validation')} ${read.validation}`;
    const changes = cursor === undefined ? [] : changesAt(now, cursor);
    const steps = read ? between(read.from, read.to, format.whole) : format.whole(step);
    const key = view().metric === 'score' ? 'curves.valueScore' : 'curves.value';
    const text = t(key, { step: steps, loss, score: t(`score.${scoreName(now)}`) }) + held;
    return [text, ...changes].join('; ');
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
      const { comparison: make } = await import('./comparison.js');
      compared = make(app);
      comparison.replaceChildren(compared.element);
      app.redraw();
    } catch (error) {
      asked = false;
      change({ compare: false });
      app.notify({ kind: 'error', text: t('results.unreachable', { message: String(error) }) });
    }
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

const NO_HISTORY = new History(1);
const NONE = { x: new Float64Array(), y: new Float32Array() };
/** So many other runs have room beside the pointer. */
const MOST_TIPS = 6;

/**
 * A piece of a curve: `train`, `validation`, or `run 3`.
 * @param {string} id
 */
export function swatch(id) {
  const number = /^run (\d+)$/.exec(id)?.[1];
  if (number === undefined) return h('span', { class: `swatch ${id}` });
  const look = `run-c${Number(number) % 6} run-d${Number(number) % 4}`;
  return svg(
    'svg',
    { class: `run-swatch ${look}`, viewBox: '0 0 24 4', 'aria-hidden': 'true' },
    svg('path', { d: 'M0 2h24' }),
  );
}

/**
 * One number, or where several are: from, to.
 * @param {number} low
 * @param {number} high
 * @param {(value: number) => string} show
 */
const between = (low, high, show) =>
  Object.is(low, high) ? show(low) : t('curves.range', { from: show(low), to: show(high) });

/** @param {Reading} reading */
const lossesOf = (reading) => between(reading.low, reading.high, shortest32);

/**
 * The scores as a table.
 * @param {Run['scores']} scores
 * @param {string} name
 */
function scoresCsv(scores, name) {
  const lines = [`epoch,train_${name},validation_${name}`];
  scores.epochs().forEach((epoch, at) => {
    const held = scores.validation[at];
    lines.push(
      `${epoch},${shortest32(Number(scores.train[at]))},${held === undefined ? '' : shortest32(held)}`,
    );
  });
  return lines;
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
    const title = name === 'score' ? '' : t(`tile.${name}`);
    return { value, element: h('div', { class: 'tile' }, h('dt', {}, title), value) };
  };
  const [train, validation, score] = [tile('train'), tile('validation'), tile('score')];
  const [epoch, step, speed] = [tile('epoch'), tile('step'), tile('speed')];
  const all = [train, validation, score, epoch, step, speed];
  const element = h('dl', { class: 'tiles' }, ...all.map(({ element: item }) => item));
  return {
    element,
    /** @param {Training} training @param {'accuracy' | 'r2'} kind of score */
    update({ history, scores, position, stepsPerSecond }, kind) {
      const last = scores.at(Infinity);
      // What it does on rows that it has not seen says more.
      const value = last?.validation ?? last?.train ?? NaN;
      const name = t(last?.validation === undefined ? 'tile.score' : 'tile.validationScore', {
        score: t(`score.${kind}`),
      });
      setText(/** @type {Element} */ (score.element.firstElementChild), name);
      setText(
        score.value,
        Number.isNaN(value) ? '–' : kind === 'accuracy' ? format.share(value) : fixed(value),
      );
      setAttribute(
        score.value,
        'title',
        last ? t('tile.scoreAt', { epoch: format.whole(last.epoch) }) : null,
      );
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
