// The plane: the rows as points that are painted, dragged and erased, with the pointer, a finger or the keyboard.
// Every stroke is one edit of the table.

import { button, h, setAttribute, setText } from '../dom.js';
import { classTitle } from '../classes.js';
import { blocks, isClassification, neededOutputs } from '../experiment.js';
import { t } from '../i18n.js';
import { brief } from '../numbers.js';
import { boundsOf, evenedBounds, near, scaleOf, steadyBounds } from '../plane.js';
import { hasKeyboard } from '../pointing.js';
import { withClasses } from '../sources.js';
import { names } from '../table.js';
import { isDark } from '../theme.js';
import { createBrush } from './plane-brush.js';
import { createDrawing } from './plane-drawing.js';

/** @import { App } from '../app.js' */
/** @import { Bounds, Place, Scale } from '../plane.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */
/** @import { Table } from '../table.js' */
/** @import { Editor } from './editor.js' */

/** @typedef {{ index: number, x: number, y: number, value: number }} Point `value` is a class, or what decides on its looks */
/** @typedef {'paint' | 'move' | 'erase'} Tool */

const TOOLS = /** @type {const} */ (['paint', 'move', 'erase']);
/** Pixels: between points of a stroke, and how near is near for a mouse and for a finger. */
const SPACING = 14;
const REACH = { mouse: 10, touch: 22 };
/** The frame around the plane, where the figures are. */
const MARGIN = { left: 40, right: 10, top: 8, bottom: 34 };
/** The part of the plane that an arrow key moves the cursor by, and with Shift. */
const STRIDE = 1 / 40;
const LARGE_STRIDE = 1 / 8;

/**
 * @param {App} app
 * @param {Editor} editor
 */
export function planeView(app, editor) {
  const { store } = app;
  const canvas = h('canvas', {
    class: 'plane',
    tabindex: '0',
    role: 'application',
    'aria-roledescription': t('plane.role'),
    'aria-label': t('plane.label'),
    'aria-describedby': 'plane-keys',
    onclick,
    onpointerdown,
    onpointermove,
    onpointerup,
    onpointercancel: cancelStroke,
    // What is no stroke scrolls the page: the plane is as wide as a phone.
    ontouchmove: (/** @type {TouchEvent} */ event) => stroke && event.cancelable && event.preventDefault(),
    onpointerleave: () => {
      hovered = undefined;
      readOut();
    },
    onkeydown,
    onfocus: redraw,
    onblur: () => {
      cursorShown = false;
      if (held) cancelStroke();
      redraw();
    },
  });
  const readout = h('output', { class: 'plane-readout field-note' });
  const keys = h(
    'p',
    { id: 'plane-keys', class: 'visually-hidden' },
    t(hasKeyboard() ? 'plane.keys' : 'plane.touch'),
  );
  const tools = TOOLS.map((name) => {
    const tool = button({ text: t(`plane.${name}`), class: 'segment', onclick: () => chooseTool(name) });
    return { name, tool };
  });
  const clear = button({
    text: t('plane.clear'),
    class: 'button small quiet',
    onclick: () => {
      if (editor.commit((table) => ({ ...table, rows: [] }))) app.announce(t('plane.cleared'));
    },
  });
  const toolGroup = h(
    'div',
    { class: 'segments', role: 'group', 'aria-label': t('plane.tool') },
    ...tools.map(({ tool }) => tool),
  );
  const bar = h('div', { class: 'toolbar' }, toolGroup, h('span', { class: 'gap' }), clear);
  const brush = createBrush(app, () => chooseTool('paint'));
  const legend = h('p', { class: 'field-note' });
  const element = h('div', { class: 'plane-part' }, bar, brush.element, canvas, keys, readout, legend);
  new ResizeObserver(redraw).observe(canvas);

  /** @type {Tool} */
  let tool = 'paint';
  /** @type {Place} */
  let cursor = { x: 0, y: 0 };
  let cursorShown = false;
  /** @type {Point | undefined} */
  let hovered;
  /** The point that the keyboard has taken up. @type {Point | undefined} */
  let held;
  /**
   * @typedef {object} Stroke
   * @property {Tool} tool
   * @property {number} reach
   * @property {{ px: number, py: number }} last where the last point was painted
   * @property {Point[]} added
   * @property {Set<number>} erased
   * @property {Point | undefined} moved as it is now
   */
  /** @type {Stroke | undefined} */
  let stroke;

  /** @type {Table} */
  let table = { inputs: [], targets: [], rows: [] };
  /** @type {Point[]} */
  let points = [];
  /** @type {Bounds | undefined} */
  let bounds;
  let classes = 0;
  let painting = false;
  /** @type {Set<number>} */
  let validation = new Set();

  /** The columns on the axes, and those that the brush gives. */
  function columns() {
    const across = table.inputs.length === 2 ? 1 : table.inputs.length;
    const all = table.inputs.length + table.targets.length;
    const given = Array.from({ length: table.targets.length }, (_, at) => table.inputs.length + at);
    return { x: 0, y: across, given: given.filter((column) => column !== across && column < all) };
  }

  function scale() {
    const { clientWidth, clientHeight } = canvas;
    const box = {
      left: MARGIN.left,
      top: MARGIN.top,
      width: Math.max(1, clientWidth - MARGIN.left - MARGIN.right),
      height: Math.max(1, clientHeight - MARGIN.top - MARGIN.bottom),
    };
    const seen = evenedBounds(bounds ?? boundsOf([]), box);
    return { box, bounds: seen, scale: scaleOf(seen, box) };
  }

  const drawing = createDrawing(canvas);
  /** Counts the changes of the points. */
  let version = 0;
  let scheduled = false;
  function redraw() {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      draw();
    });
  }

  function draw() {
    if (canvas.clientWidth === 0) return;
    const { box, bounds: seen, scale: at } = scale();
    const { x, y } = columns();
    const erased = stroke?.erased ?? new Set();
    const moved = stroke?.moved ?? held;
    const gone = erased.size > 0 || moved;
    const picture = {
      box,
      scale: at,
      bounds: seen,
      names: [names(table)[x] ?? '', names(table)[y] ?? ''],
      points: gone ? points.filter(({ index }) => !erased.has(index) && index !== moved?.index) : points,
      fresh: [...(stroke?.added ?? []), ...(moved ? [moved] : [])],
      classes,
      hollow: validation,
      mark: cursorShown ? cursor : undefined,
      ring: moved ?? hovered,
    };
    drawing(picture, [version, erased.size, moved?.index]);
  }

  /**
   * @param {Place} place
   * @returns {Point}
   */
  const painted = ({ x, y }) => ({ index: -1, x, y, value: brush.values[0] ?? 1 });

  /** @param {Point} point */
  function rowOf({ x, y }) {
    const { x: xColumn, y: yColumn, given } = columns();
    const row = names(table).map(() => 0);
    row[xColumn] = x;
    row[yColumn] = y;
    given.forEach((column, at) => (row[column] = brush.values[at] ?? 0));
    return row;
  }

  // Strokes

  /** @param {PointerEvent} event */
  function pixelOf(event) {
    const { left, top } = canvas.getBoundingClientRect();
    return { px: event.clientX - left, py: event.clientY - top };
  }

  /** Whether a pixel is of the plane, not of the frame with the figures. @param {{ px: number, py: number }} at */
  function isInside({ px, py }) {
    const { left, top, width, height } = scale().box;
    return px >= left && px <= left + width && py >= top && py <= top + height;
  }

  /** @param {PointerEvent} event */
  const reachOf = (event) => (event.pointerType === 'touch' ? REACH.touch : REACH.mouse);

  /** Rows that are not the table's own; a finger that scrolls by them clicks nothing. @param {PointerEvent} event */
  function onclick(event) {
    if (!editor.own && isInside(pixelOf(event))) editor.refuse(t('data.locked'));
  }

  /** @param {PointerEvent} event */
  function onpointerdown(event) {
    if (event.button !== 0) return;
    cursorShown = false;
    if (!editor.own) return;
    if (stroke) return cancelStroke();
    const at = pixelOf(event);
    if (!isInside(at)) return;
    canvas.setPointerCapture(event.pointerId);
    stroke = {
      tool,
      reach: reachOf(event),
      last: { px: -Infinity, py: -Infinity },
      added: [],
      erased: new Set(),
      moved: undefined,
    };
    if (tool === 'move') {
      const [taken] = near(points, scale().scale, at, stroke.reach);
      if (!taken) stroke = undefined;
      else stroke.moved = /** @type {Point} */ (taken);
    }
    follow(at);
  }

  /** @param {PointerEvent} event */
  function onpointermove(event) {
    if (!stroke) {
      const [nearest] = near(points, scale().scale, pixelOf(event), reachOf(event));
      if (nearest?.index !== hovered?.index) redraw();
      hovered = /** @type {Point | undefined} */ (nearest);
      return readOut(scale().scale.place(pixelOf(event).px, pixelOf(event).py));
    }
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length > 0 ? all : [event]) follow(pixelOf(one));
  }

  /** @param {{ px: number, py: number }} at */
  function follow(at) {
    if (!stroke) return;
    const { scale: to } = scale();
    const place = to.place(at.px, at.py);
    if (stroke.tool === 'paint') {
      if (!isInside(at) || Math.hypot(at.px - stroke.last.px, at.py - stroke.last.py) < SPACING) return;
      stroke.last = at;
      stroke.added.push(painted(place));
    } else if (stroke.tool === 'erase') {
      for (const { index } of near(points, to, at, stroke.reach)) stroke.erased.add(index);
    } else if (stroke.moved) {
      stroke.moved = { ...stroke.moved, ...place };
    }
    readOut(place);
    redraw();
  }

  function onpointerup() {
    if (!stroke) return;
    const done = stroke;
    stroke = undefined;
    hovered = undefined;
    finish(done);
  }

  function cancelStroke() {
    if (held) app.announce(t('plane.putBack'));
    stroke = undefined;
    held = undefined;
    redraw();
  }

  /** @param {Pick<Stroke, 'added' | 'erased' | 'moved'>} done */
  function finish({ added, erased, moved }) {
    if (added.length > 0) {
      const rows = added.map(rowOf);
      commit((old) => ({ ...old, rows: [...old.rows, ...rows] }), t('plane.painted', { count: rows.length }));
    }
    if (erased.size > 0) {
      const text = t('plane.erased', { count: erased.size });
      commit((old) => ({ ...old, rows: old.rows.filter((_, row) => !erased.has(row)) }), text);
    }
    if (moved) {
      const { x, y } = columns();
      commit(
        (old) => ({
          ...old,
          rows: old.rows.map((row, at) => (at === moved.index ? row.with(x, moved.x).with(y, moved.y) : row)),
        }),
        t('plane.moved', { place: placeText(moved) }),
      );
    }
    redraw();
  }

  /**
   * @param {(table: Table) => Table} edit
   * @param {string} said
   */
  function commit(edit, said) {
    painting = true;
    editor.commit(edit, said, (document) => {
      // A class that the network does not tell apart yet gets an output.
      const needed = neededOutputs(document) ?? 0;
      const outputs = blocks(document.model).at(-1)?.layer.out ?? needed;
      const more = document.loss.type === 'cross_entropy' && needed > outputs;
      return more ? withClasses(document, needed) : document;
    });
    update(store.state, app.session.training);
    painting = false;
  }

  // The keyboard

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { left, right, bottom, top } = bounds ?? boundsOf([]);
    const part = event.shiftKey ? LARGE_STRIDE : STRIDE;
    const [dx, dy] = [(right - left) * part, (top - bottom) * part];
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-dx, 0],
      ArrowRight: [dx, 0],
      ArrowUp: [0, dy],
      ArrowDown: [0, -dy],
    });
    const move = moves[event.key];
    const digit = /^[0-9]$/.test(event.key) ? Number(event.key) : undefined;
    const acts = [' ', 'Enter', 'Delete', 'Backspace', 'Escape'].includes(event.key);
    if (!move && digit === undefined && !acts) return;
    if (event.key === 'Escape' && !held && !stroke) return;
    event.preventDefault();
    clearTimeout(saying);
    if (!cursorShown) cursor = scale().scale.place(...pixel(cursor));
    cursorShown = true;
    if (move) {
      const [px, py] = pixel({ x: cursor.x + move[0], y: cursor.y + move[1] });
      cursor = scale().scale.place(px, py);
      if (held) held = { ...held, ...cursor };
      readOut(cursor, true);
      return redraw();
    }
    if (digit !== undefined) return brush.choose(digit);
    if (event.key === 'Escape') return cancelStroke();
    if (!editor.own) return editor.refuse(t('data.locked'));
    act(event.key);
  }

  /** @param {string} key */
  function act(key) {
    const found = under(cursor);
    if (held) {
      const moved = held;
      held = undefined;
      if (key === ' ' || key === 'Enter') return finish({ added: [], erased: new Set(), moved });
    }
    if (key === ' ') return finish({ added: [painted(cursor)], erased: new Set(), moved: undefined });
    if (found.length === 0) return app.announce(t('plane.nothing'));
    if (key === 'Enter') {
      held = found[0];
      app.announce(t('plane.taken', { point: held ? pointText(held) : '' }));
      return redraw();
    }
    finish({ added: [], erased: new Set(found.map(({ index }) => index)), moved: undefined });
  }

  /**
   * @param {Place} place
   * @returns {[number, number]}
   */
  function pixel({ x, y }) {
    const { scale: to } = scale();
    return [to.x(x), to.y(y)];
  }

  /** @param {Place} place */
  function under(place) {
    const [px, py] = pixel(place);
    return /** @type {Point[]} */ (near(points, scale().scale, { px, py }, REACH.mouse));
  }

  // What is said

  /** @param {Place} place */
  function placeText({ x, y }) {
    const [first, second] = [names(table)[columns().x], names(table)[columns().y]];
    return `${first} ${brief(x)}, ${second} ${brief(y)}`;
  }

  /** @param {Point} point */
  function pointText(point) {
    const row = table.rows[point.index] ?? [];
    const rest = columns().given.map((column) =>
      classes > 0
        ? classTitle(store.state.document, Number(row[column]))
        : `${names(table)[column]} ${brief(Number(row[column]))}`,
    );
    const parts = [t('plane.row', { row: point.index + 1 }), placeText(point), ...rest];
    if (validation.has(point.index)) parts.push(t('data.heldOut'));
    return parts.join(' · ');
  }

  let saying = 0;
  /**
   * @param {Place} [place]
   * @param {boolean} [aloud]
   */
  function readOut(place, aloud = false) {
    const found = aloud && place && !held ? under(place) : hovered ? [hovered] : [];
    const [first] = found;
    const more = found.length > 1 ? ` · ${t('plane.more', { count: found.length - 1 })}` : '';
    const text = first && !stroke ? pointText(first) + more : place ? placeText(place) : '';
    setText(readout, text);
    if (!aloud) return;
    // Only where the cursor comes to rest.
    clearTimeout(saying);
    saying = window.setTimeout(() => app.announce(text), 250);
  }

  /** @param {Tool} name */
  function chooseTool(name) {
    tool = name;
    for (const one of tools) setAttribute(one.tool, 'aria-pressed', String(one.name === name));
    canvas.dataset.tool = name;
  }

  let last = /** @type {unknown[]} */ ([]);
  let experiment = app.keeper.id;

  /**
   * @param {State} state
   * @param {Training} training
   */
  function update({ document, view }, training) {
    table = editor.shown();
    // Nobody who opens an experiment expects its points to be erased by the first touch.
    if (experiment !== app.keeper.id) chooseTool('paint');
    experiment = app.keeper.id;
    const dark = isDark();
    const now = [table, document.loss, training.validationRows, view.pending, dark];
    if (now.every((value, at) => value === last[at])) return;
    const rowsChanged = table !== last[0] || document.loss !== last[1];
    last = now;
    validation = view.pending || document.validation === 0 ? new Set() : training.validationRows;
    if (rowsChanged) takeRows(document);
    version += 1;
    clear.hidden = toolGroup.hidden = brush.element.hidden = !editor.own;
    setText(legend, legendText());
    legend.hidden = legend.textContent === '';
    redraw();
  }

  /** @param {import('../experiment.js').Experiment} document */
  function takeRows(document) {
    const { x, y, given } = columns();
    const asClasses = isClassification(document) && table.inputs.length === 2 && table.targets.length === 1;
    classes = asClasses ? Math.max(2, neededOutputs(document) ?? 2) : 0;
    points = table.rows.flatMap((row, index) => {
      const [px, py, value] = [row[x], row[y], given[0] === undefined ? 1 : row[given[0]]];
      const numbers = typeof px === 'number' && typeof py === 'number' && typeof value === 'number';
      return numbers ? [{ index, x: px, y: py, value }] : [];
    });
    const seen = painting && bounds ? scale().bounds : bounds;
    const next = steadyBounds(seen, boundsOf(points), !painting && points.length > 2);
    if (next !== seen) bounds = next;
    hovered = undefined;
    brush.update({ table, classes, points, given });
  }

  function legendText() {
    const parts = [];
    if (classes === 0 && table.inputs.length === 2 && points.length > 0) parts.push(t('plane.legendValue'));
    if (validation.size > 0) parts.push(t('plane.legendValidation'));
    return parts.join(' ');
  }

  chooseTool('paint');
  return { element, update };
}
