// A pad to draw a digit on, what the network gets of it, and what it takes it for, live while it trains. The pixels
// can be set one by one, too: that is how it goes with the keyboard.

import { button, h, list, setAttribute, setText } from '../dom.js';
import { INK, SIDE, pixelsOf, softmax } from '../digits.js';
import { classLabel } from '../classes.js';
import { columnsOf } from '../experiment.js';
import { format, t } from '../i18n.js';
import { outputOf } from '../outputs.js';
import { isDark } from '../theme.js';

/** @import { App } from '../app.js' */
/** @import { Dot } from '../digits.js' */
/** @import { Experiment } from '../experiment.js' */
/** @import { Training } from '../session.js' */

/** How thick the pen looks, as a part of the pad. */
const PEN = 0.09;
/** A change of mind while training runs is said no more often than this. */
const SAY_MS = 4000;

/** @param {number} share */
const percent = (share) => format.share(Math.round(share * 100) / 100);

/** @param {App} app */
export function createPad(app) {
  const canvas = h('canvas', {
    class: 'pad',
    role: 'img',
    'aria-label': t('pad.label'),
    onpointerdown,
    onpointermove,
    onpointerup: () => lift(),
    onpointercancel: () => lift(),
  });
  const cells = Array.from({ length: SIDE * SIDE }, (_, at) =>
    h('div', { class: 'pixel', role: 'gridcell', tabindex: at === 0 ? '0' : '-1', 'data-at': at }),
  );
  const pixelGrid = h(
    'div',
    {
      class: 'pixels',
      role: 'grid',
      'aria-label': t('pad.pixels'),
      onkeydown,
      onpointerdown: startPixels,
      onpointermove: setPixels,
      onpointerup: liftPixels,
      onpointercancel: liftPixels,
    },
    ...Array.from({ length: SIDE }, (_, row) =>
      h('div', { class: 'pixel-row', role: 'row' }, ...cells.slice(row * SIDE, (row + 1) * SIDE)),
    ),
  );
  const clear = button({ text: t('pad.clear'), class: 'button small', onclick: () => empty() });
  const bars = h('ol', { class: 'label-bars', 'aria-label': t('pad.bars') });
  const verdict = h('p', { class: 'verdict' });
  const hint = h('p', { class: 'field-note' }, t('pad.hint'));
  const element = h(
    'div',
    { class: 'pad-part' },
    h('div', { class: 'pad-side' }, canvas, h('div', { class: 'pad-below' }, pixelGrid, clear)),
    h('div', { class: 'pad-answer' }, verdict, hint, bars),
  );
  new ResizeObserver(() => redraw()).observe(canvas);

  /** In parts of the pad's width. @type {Dot[][]} */
  let strokes = [];
  /** @type {Float32Array} */
  let pixels = new Float32Array(SIDE * SIDE);
  let drawing = false;
  /** What the pixels get that are drawn over. @type {number | undefined} */
  let setting;
  let asks = false;
  let said = { text: '', at: -Infinity };

  const isEmpty = () => pixels.every((value) => value === 0);

  /** @param {PointerEvent} event */
  function dotOf(event) {
    const { left, top, width } = canvas.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / width };
  }

  /** @param {PointerEvent} event */
  function onpointerdown(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    // What was not drawn here, a chosen row or single pixels, makes room.
    if (strokes.length === 0) pixels.fill(0);
    drawing = true;
    strokes = [...strokes, [dotOf(event)]];
    schedule();
  }

  /** @param {PointerEvent} event */
  function onpointermove(event) {
    if (!drawing) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length > 0 ? all : [event]) strokes.at(-1)?.push(dotOf(one));
    schedule();
  }

  function lift() {
    drawing = false;
    asks = true;
  }

  let scheduled = false;
  function schedule() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      pixels = pixelsOf(strokes);
      changed();
    });
  }

  function changed() {
    redraw();
    app.session.watch('pad', isEmpty() ? undefined : { activations: [[...pixels]] });
    // Nothing comes from a training that is over to tell that there is nothing to take for anything.
    app.redraw();
  }

  function empty() {
    strokes = [];
    pixels = new Float32Array(SIDE * SIDE);
    changed();
    app.announce(t('pad.cleared'));
  }

  function redraw() {
    const context = canvas.getContext('2d');
    const size = canvas.clientWidth;
    if (!context || size === 0) return;
    const ratio = globalThis.devicePixelRatio || 1;
    if (canvas.width !== Math.round(size * ratio)) canvas.width = canvas.height = Math.round(size * ratio);
    const ink = getComputedStyle(canvas).color;
    context.setTransform(canvas.width, 0, 0, canvas.width, 0, 0);
    context.clearRect(0, 0, 1, 1);
    context.strokeStyle = context.fillStyle = ink;
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = 'round';
    for (const stroke of strokes) {
      context.beginPath();
      for (const { x, y } of stroke) context.lineTo(x, y);
      // A line to itself is a dot.
      if (stroke[0]) context.lineTo(stroke.at(-1)?.x ?? 0, stroke.at(-1)?.y ?? 0);
      context.stroke();
    }
    if (strokes.length === 0)
      pixels.forEach((value, at) => {
        context.globalAlpha = value / INK;
        context.fillRect((at % SIDE) / SIDE, Math.floor(at / SIDE) / SIDE, 1 / SIDE, 1 / SIDE);
      });
    context.globalAlpha = 1;
    cells.forEach((cell, at) => {
      const value = pixels[at] ?? 0;
      cell.style.setProperty('--ink-share', String(value / INK));
      const name = t('pad.pixel', { row: Math.floor(at / SIDE) + 1, column: (at % SIDE) + 1, value });
      setAttribute(cell, 'aria-label', name);
    });
  }

  /** @param {number} at @param {number} value */
  function put(at, value) {
    strokes = [];
    pixels[at] = value;
    asks = true;
    changed();
  }

  /** @param {PointerEvent} event */
  function pixelUnder({ clientX, clientY }) {
    const { left, top, width, height } = pixelGrid.getBoundingClientRect();
    const column = Math.floor((SIDE * (clientX - left)) / width);
    const row = Math.floor((SIDE * (clientY - top)) / height);
    const inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
    return inside ? row * SIDE + column : undefined;
  }

  /** The first pixel says whether those that follow are inked or cleared. @param {PointerEvent} event */
  function startPixels(event) {
    const at = pixelUnder(event);
    if (event.button !== 0 || at === undefined) return;
    event.preventDefault();
    pixelGrid.setPointerCapture(event.pointerId);
    setting = (pixels[at] ?? 0) > INK / 2 ? 0 : INK;
    focusPixel(at);
    put(at, setting);
  }

  /** @param {PointerEvent} event */
  function setPixels(event) {
    if (setting === undefined) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length > 0 ? all : [event]) {
      const at = pixelUnder(one);
      if (at !== undefined && pixels[at] !== setting) put(at, setting);
    }
  }

  function liftPixels() {
    if (setting === undefined) return;
    setting = undefined;
    asks = true;
  }

  /** @param {number} at */
  function focusPixel(at) {
    cells.forEach((cell, index) => (cell.tabIndex = index === at ? 0 : -1));
    cells[at]?.focus();
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const at = cells.findIndex((cell) => cell.tabIndex === 0);
    const [row, column] = [Math.floor(at / SIDE), at % SIDE];
    const moves = /** @type {Record<string, number>} */ ({
      ArrowLeft: row * SIDE + Math.max(0, column - 1),
      ArrowRight: row * SIDE + Math.min(SIDE - 1, column + 1),
      ArrowUp: Math.max(0, row - 1) * SIDE + column,
      ArrowDown: Math.min(SIDE - 1, row + 1) * SIDE + column,
      Home: row * SIDE,
      End: row * SIDE + SIDE - 1,
    });
    const value = pixels[at] ?? 0;
    const values = /** @type {Record<string, number>} */ ({
      ' ': value > INK / 2 ? 0 : INK,
      Enter: value > INK / 2 ? 0 : INK,
      '+': Math.min(INK, value + 4),
      '-': Math.max(0, value - 4),
      Delete: 0,
      Backspace: 0,
    });
    const to = moves[event.key];
    const next = values[event.key];
    if (to === undefined && next === undefined) return;
    event.preventDefault();
    if (to !== undefined) focusPixel(to);
    if (next !== undefined) put(at, next);
  }

  /** @type {unknown[]} */
  let last = [];
  /**
   * @param {Training} training
   * @param {Experiment} document
   */
  function update(training, document) {
    const { shape } = columnsOf(document.data);
    element.hidden =
      shape.at(-1) !== SIDE ||
      shape.at(-2) !== SIDE ||
      columnsOf(document.data).inputs.length !== SIDE * SIDE;
    const now = [training.inspections.pad, isDark(), training.document?.loss, isEmpty()];
    if (element.hidden || now.every((value, at) => value === last[at])) return;
    if (now[1] !== last[1]) redraw();
    last = now;
    answer(training);
  }

  /** @param {Training} training */
  function answer({ document, inspections }) {
    const outputs = inspections.pad?.activations?.at(-1)?.values ?? new Float32Array();
    const known = !isEmpty() && outputs.length > 0 && document !== undefined;
    bars.hidden = !known;
    hint.hidden = !isEmpty();
    if (!known) return setText(verdict, '');
    if (document.loss.type !== 'cross_entropy') {
      bars.hidden = true;
      return setText(verdict, outputOf(document, outputs, 0)?.text ?? '');
    }
    const shares = softmax(outputs);
    const best = shares.indexOf(Math.max(...shares));
    const name = (/** @type {number} */ label) => classLabel(document, label);
    const text =
      best < 0 ? 'NaN' : t('pad.verdict', { label: name(best), share: percent(shares[best] ?? 0) });
    setText(verdict, text);
    list(
      bars,
      shares,
      (_, label) => name(label),
      (_, label) =>
        h(
          'li',
          {},
          h('span', { class: 'label-bars-label' }, name(label)),
          h('span', { class: 'label-bars-track' }, h('span', { class: 'label-bars-bar' })),
          h('span', { class: 'label-bars-share' }),
        ),
      (item, share, label) => {
        const [, track, figure] = /** @type {HTMLElement[]} */ ([...item.children]);
        /** @type {HTMLElement | null | undefined} */ (
          track?.querySelector('.label-bars-bar')
        )?.style.setProperty('--share', share.toFixed(4));
        if (figure) setText(figure, percent(share));
        item.classList.toggle('best', label === best);
      },
    );
    const label = String(best);
    const due = asks || (label !== said.text && performance.now() - said.at > SAY_MS);
    if (!due || drawing || setting !== undefined) return;
    asks = false;
    said = { text: label, at: performance.now() };
    app.announce(text);
  }

  return {
    element,
    update,
    /** @param {number[]} values of a row, to be looked at */
    show(values) {
      strokes = [];
      pixels = Float32Array.from(values);
      asks = true;
      changed();
    },
  };
}
