// The network as a drawing: a circle for each unit, a line for each weight. Blue and solid is positive, orange and
// dashed is negative; the thicker, the larger. With two inputs each unit shows its output over them, and channels
// show what they make of a row; other units are filled by their activation for it. Units and weights are buttons:
// their numbers are read and set there.

import { button, freshId, h, setAttribute, setText, setValue, svg } from '../../dom.js';
import { t, withTexts } from '../../i18n.js';
import { isDark } from '../../theme.js';
import { placeText } from '../problems.js';
import { saveButton } from '../save.js';
import { activityOf, hasMaps, rowCount, topicsOf } from './activity.js';
import { columnsOf, unitsOf } from './columns.js';
import { createCloseUp } from './close-up.js';
import { createEdges, distance } from './edges.js';
import { createLabels } from './labels.js';
import { gridOf, isBlock, layoutOf } from './layout.js';
import { createMaps } from './maps.js';
import { noteOf, readingOf } from './readout.js';

/** @import { App } from '../../app.js' */
/** @import { Experiment } from '../../experiment.js' */
/** @import { Training } from '../../session.js' */
/** @import { State } from '../../store.js' */
/** @import { Column } from './columns.js' */
/** @import { Gap, Pointed } from './readout.js' */

/** The page's text on most screens, in pixels. */
const TEXT = 13;
/** As near as a line has to be to the pointer. */
const REACH = 7;
/** Between a unit and its map when it is shown larger. */
const AWAY = 10;
/** Networks with many weights are not drawn anew with every snapshot, the larger the less often. */
const PAUSES = [
  { weights: 200_000, milliseconds: 1000 },
  { weights: 2000, milliseconds: 250 },
  { weights: 60, milliseconds: 100 },
];

/** @typedef {{ column: number, unit: number }} Spot */

/** @param {App} app */
export function createDiagram(app) {
  const canvas = h('canvas', { class: 'diagram-maps', 'aria-hidden': 'true' });
  const drawing = svg('svg', { class: 'diagram', role: 'group' });
  const closeUp = createCloseUp();
  const stage = h('div', { class: 'diagram-stage' }, canvas, drawing, closeUp.element);
  const reading = h('p', { class: 'readout', id: freshId() });
  const note = h('p', { class: 'muted' });
  const rowField = h('input', {
    type: 'number',
    class: 'text diagram-row',
    min: 1,
    step: 1,
    onchange: () => app.store.look({ row: Math.max(0, Math.round(Number(rowField.value) || 1) - 1) }),
  });
  const rowLabel = h('label', { class: 'key', hidden: true }, h('span', {}, t('diagram.row')), rowField);
  const edit = button({
    text: t('diagram.edit'),
    class: 'button small quiet',
    onclick: () => openAt(edit, spot),
  });
  setAttribute(edit, 'aria-haspopup', 'dialog');
  const save = saveButton(async () => {
    const { savedDiagram } = await import('./picture.js');
    return (
      training && savedDiagram({ drawing, maps: canvas, layout, columns, parameters: training.parameters })
    );
  });
  const legend = h(
    'div',
    { class: 'legend' },
    h('span', { class: 'key' }, sample('positive'), t('diagram.positive')),
    h('span', { class: 'key' }, sample('negative'), t('diagram.negative')),
    rowLabel,
    edit,
    save,
  );
  const readings = h('div', { class: 'diagram-readings' }, note, reading);
  const refusal = h('p', { class: 'field-note', hidden: true });
  const element = h('div', { class: 'diagram-box' }, stage, readings, legend, refusal);
  const maps = createMaps(canvas);

  let drawn = '';
  let updated = /** @type {unknown[]} */ ([]);
  let mapped = /** @type {unknown[]} */ ([]);
  let weighedAt = -Infinity;
  let waiting = false;
  /** Whether a unit's popup is open, with its map. */
  let opened = false;
  /** @type {Column[]} */
  let columns = [];
  /** @type {Gap[]} */
  let gaps = [];
  /** @type {Map<string, SVGGElement>} */
  const nodes = new Map();
  /** What the keyboard is at, and what is pointed at. @type {Spot} */
  let spot = { column: 1, unit: 0 };
  /** @type {Pointed | undefined} */
  let hot;
  const hotLines = svg('g', { class: 'edges hot' });
  let layout = layoutOf([], { width: 0, scale: 1, withMaps: false });
  /** @type {ReturnType<typeof activityOf> | undefined} */
  let activity;
  /** @type {Experiment | undefined} */
  let document;
  /** @type {Training | undefined} */
  let training;

  // Asking for the width in every frame would make the browser lay the page out once more each time.
  let room = 0;
  new ResizeObserver(() => {
    room = element.clientWidth;
    app.redraw();
  }).observe(element);

  drawing.addEventListener('pointermove', ({ offsetX, offsetY, target }) =>
    point(spotAt(target) ?? edgeAt(offsetX, offsetY)),
  );
  drawing.addEventListener('pointerleave', () => point(undefined));
  drawing.addEventListener('click', ({ offsetX, offsetY, target }) => {
    const node = spotAt(target);
    const found = node ?? edgeAt(offsetX, offsetY);
    if (found && found.column > 0) void openAt(nodes.get(key(found)) ?? drawing, found);
  });
  // Chromium makes a drawing that listens to these a stop of its own.
  stage.addEventListener('focusin', ({ target }) => {
    const found = spotAt(target);
    if (!found) return;
    setSpot(found);
    point(found);
  });
  stage.addEventListener('focusout', () => point(undefined));
  drawing.addEventListener('keydown', onkeydown);
  globalThis.document.addEventListener('keydown', (event) => event.key === 'Escape' && point(undefined));

  const key = (/** @type {Spot} */ { column, unit }) => `${column},${unit}`;

  /** @param {EventTarget | null} target @returns {Spot | undefined} */
  function spotAt(target) {
    const node = target instanceof Element ? target.closest('.node') : null;
    if (!node) return undefined;
    const [column, unit] = String(node.getAttribute('data-spot')).split(',').map(Number);
    return { column: Number(column), unit: Number(unit) };
  }

  /** The line nearest to a point. @param {number} px @param {number} py */
  function edgeAt(px, py) {
    const { x, y } = layout;
    let best = { far: REACH * layout.scale, found: /** @type {Pointed | undefined} */ (undefined) };
    gaps.forEach((gap, index) => {
      const column = index + 1;
      for (const { from, to } of gap.edges) {
        const far = distance(
          [x(column - 1, from), y(column - 1, from), x(column, to), y(column, to)],
          px,
          py,
        );
        if (far < best.far) best = { far, found: { column, unit: to, from } };
      }
    });
    return best.found;
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const { column, unit } = spot;
    const size = columns[column]?.size ?? 1;
    const { across } = gridOf(columns[column]);
    const inside = (/** @type {number} */ to) => ({ column, unit: Math.max(0, Math.min(size - 1, to)) });
    const beside = (/** @type {number} */ by) => {
      const to = Math.max(0, Math.min(columns.length - 1, column + by));
      const there = columns[to]?.size ?? 1;
      return { column: to, unit: Math.min(there - 1, Math.round(((unit + 0.5) / size) * there - 0.5)) };
    };
    const to = {
      ArrowUp: inside(unit - across),
      ArrowDown: inside(unit + across),
      ArrowLeft: unit % across > 0 ? inside(unit - 1) : beside(-1),
      ArrowRight: unit % across < across - 1 && unit < size - 1 ? inside(unit + 1) : beside(1),
      Home: inside(0),
      End: inside(size - 1),
    }[event.key];
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (column > 0) void openAt(nodes.get(key(spot)) ?? drawing, spot);
    }
    if (!to || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    setSpot(to);
    nodes.get(key(to))?.focus();
  }

  /** @param {Spot} to */
  function setSpot(to) {
    nodes.get(key(spot))?.setAttribute('tabindex', '-1');
    spot = { column: to.column, unit: to.unit };
    nodes.get(key(spot))?.setAttribute('tabindex', '0');
  }

  /**
   * @param {Element} anchor
   * @param {Pointed} at
   */
  async function openAt(anchor, at) {
    const { openUnit } = await withTexts(import('./unit.js'));
    const mapOf = (/** @type {number} */ column, /** @type {number} */ unit) => activity?.map(column, unit);
    const onclose = () => ((opened = false), app.redraw());
    openUnit(app, /** @type {HTMLElement} */ (anchor), columns, at, { mapOf, onclose });
    opened = true;
    app.redraw();
  }

  /** @param {Pointed | undefined} now */
  function point(now) {
    if (now?.column === hot?.column && now?.unit === hot?.unit && now?.from === hot?.from) return;
    hot = now;
    drawing.classList.toggle('pointed', Boolean(now));
    readings.classList.toggle('pointed', Boolean(now));
    highlight();
    read();
    app.redraw();
  }

  /** The lines of what is pointed at, drawn once more above the others. */
  function highlight() {
    if (!hot) return hotLines.replaceChildren();
    const { column, unit, from } = hot;
    const [before, behind] = [gaps[column - 1], gaps[column]];
    const lines =
      from === undefined
        ? [...(before?.linesTo(unit) ?? []), ...(behind?.linesFrom(unit) ?? [])]
        : before?.lineBetween(from, unit);
    hotLines.replaceChildren(...(lines ?? []));
  }

  /** The numbers of what is pointed at, and the map of a unit. */
  function read() {
    setText(
      reading,
      hot && training && activity ? readingOf(hot, { columns, gaps, training, activity }) : '',
    );
    const map = hot && hot.from === undefined ? activity?.map(hot.column, hot.unit) : undefined;
    closeUp.show(map, hot ? (columns[hot.column]?.unit(hot.unit) ?? '') : '');
    if (hot && map) placeCloseUp(hot);
  }

  /** Beside the unit, where there is more room. @param {Spot} at */
  function placeCloseUp({ column, unit }) {
    const [x, y] = [layout.x(column, unit), layout.y(column, unit)];
    const away = layout.pitchOf(columns[column]).large / 2 + AWAY;
    const { style } = closeUp.element;
    const right = x < layout.width / 2;
    style.setProperty(right ? 'left' : 'right', `${(right ? x : layout.width - x) + away}px`);
    style.removeProperty(right ? 'right' : 'left');
    const top = Math.min(y - closeUp.element.offsetHeight / 2, layout.height - closeUp.element.offsetHeight);
    style.setProperty('top', `${Math.max(0, top)}px`);
  }

  /**
   * @param {State} state
   * @param {Training} now
   */
  function update(state, now) {
    document = state.document;
    training = now;
    const refused = state.problems.find(({ code }) => code === 'layer_input');
    stage.hidden = readings.hidden = legend.hidden = Boolean(refused);
    refusal.hidden = !refused;
    if (refused) {
      setText(refusal, t('diagram.refused', { place: placeText(refused.path, document) }));
      app.session.watch('diagram', undefined);
      return;
    }
    watch(state);
    if (room === 0) return;
    const { model, data, loss } = document;
    const key = [model, data, loss, room, isDark()];
    if (key.some((value, at) => value !== updated[at])) {
      updated = key;
      columns = columnsOf(document);
      draw();
    }
    weigh();
    hear();
  }

  /** Asks for what units show. @param {State} state */
  function watch({ view }) {
    if (!document || !training) return;
    const count = rowCount(training);
    const row = Math.max(0, Math.min(view.row, count - 1));
    rowLabel.hidden = count === 0;
    setAttribute(rowField, 'max', count);
    if (globalThis.document.activeElement !== rowField) setValue(rowField, String(row + 1));
    const shown = room > 0 && document === training.document;
    const near = opened || Boolean(hot && hot.from === undefined);
    app.session.watch('diagram', shown ? topicsOf(training, columns, row, near) : undefined);
    setText(note, noteOf(document, gaps, count > 0));
  }

  function draw() {
    if (!document) return;
    const scale = Number.parseFloat(getComputedStyle(element).fontSize) / TEXT;
    layout = layoutOf(columns, { width: room, scale, withMaps: hasMaps(document) });
    setAttribute(drawing, 'viewBox', `0 0 ${layout.width} ${layout.height}`);
    setAttribute(drawing, 'width', layout.width);
    setAttribute(drawing, 'height', layout.height);
    const sizes = columns.map(({ size: units }) => units).join(' – ');
    setAttribute(drawing, 'aria-label', t('diagram.label', { sizes }));
    const now = JSON.stringify([layout, columns, columns.map((column) => unitsOf(column).map(column.unit))]);
    if (now === drawn) return;
    drawn = now;
    mapped = [];
    weighedAt = -Infinity;
    const focused = drawing.contains(globalThis.document.activeElement);
    point(undefined);
    gaps = columns
      .slice(1)
      .map((to, index) =>
        createEdges({ from: /** @type {Column} */ (columns[index]), to, at: index + 1, layout }),
      );
    nodes.clear();
    const units = svg('g', { class: layout.withMaps ? 'units with-maps' : 'units' });
    const texts = svg('g', { class: 'labels', 'aria-hidden': 'true' }, ...createLabels(columns, layout));
    columns.forEach((column, at) => {
      const { large } = layout.pitchOf(column);
      unitsOf(column).forEach((unit) => {
        const node = nodeOf(column, at, unit, large);
        nodes.set(key({ column: at, unit }), node);
        units.append(node);
      });
    });
    const { column, unit } = spot;
    const inside = columns[Math.min(column, columns.length - 1)]?.size ?? 1;
    setSpot({ column: Math.min(column, columns.length - 1), unit: Math.min(unit, inside - 1) });
    drawing.replaceChildren(...gaps.map(({ group }) => group), hotLines, units, texts);
    if (focused) nodes.get(key(spot))?.focus();
  }

  /**
   * @param {Column} column
   * @param {number} at
   * @param {number} unit
   * @param {number} large
   */
  function nodeOf(column, at, unit, large) {
    const mapped = hasMap(column);
    const [cx, cy] = [layout.x(at, unit), layout.y(at, unit)];
    const shape = mapped || isBlock(column)
      ? svg('rect', { class: mapped ? 'unit map' : 'unit in-block', x: cx - large / 2, y: cy - large / 2, width: large, height: large, rx: Math.min(3, large / 5) })
      : svg('circle', { class: 'unit', cx, cy, r: large / 2 }); // prettier-ignore
    const name = column.unit(unit);
    const label = at === 0 ? name : t('diagram.unit', { name, column: columns[at]?.title ?? '' });
    return svg(
      'g',
      {
        class: 'node',
        role: at === 0 ? 'img' : 'button',
        tabindex: '-1',
        'aria-label': label,
        'aria-haspopup': at === 0 ? null : 'dialog',
        'aria-describedby': reading.id,
        'data-spot': key({ column: at, unit }),
      },
      shape,
    );
  }

  function weigh() {
    const { parameters, shapes } = /** @type {Training} */ (training);
    if (parameters === updated[5]) return;
    const weights = gaps.reduce((sum, { count }) => sum + count, 0);
    const pause = PAUSES.find((size) => weights > size.weights)?.milliseconds ?? 0;
    const now = performance.now();
    const wait = weighedAt + pause - now;
    if (wait > 0) {
      if (!waiting) setTimeout(() => ((waiting = false), app.redraw()), wait);
      waiting = true;
      return;
    }
    weighedAt = now;
    updated[5] = parameters;
    gaps.forEach((gap, index) => {
      const to = columns[index + 1];
      // Until the network is trained as it is drawn, there are no weights to show.
      const fits = shapes[`${to?.layer}.weight`]?.[0] === to?.size;
      gap.update(fits ? parameters : {});
    });
    highlight();
    read();
  }

  /** Shows what the network has answered. */
  function hear() {
    const inspection = training?.inspections.diagram;
    const key = [inspection, drawn, isDark()];
    if (!document || key.every((value, at) => value === mapped[at])) return;
    mapped = key;
    activity = activityOf(inspection, columns, document);
    maps.clear(layout.width, layout.height);
    columns.forEach((column, at) => (hasMap(column) ? paintMaps(column, at) : paintValues(column, at)));
    read();
  }

  /** Whether units are squares with a map in each; there is no room for it in the cells of a block. @param {Column} column */
  const hasMap = (column) => column.kind === 'pictures' || (layout.withMaps && !isBlock(column));

  /** Where a unit is painted, inside its border. @param {Column} column @param {number} at @param {number} unit */
  const placeOf = (column, at, unit) => ({
    x: layout.x(at, unit),
    y: layout.y(at, unit),
    size: layout.pitchOf(column).large - layout.scale,
  });

  /** @param {Column} column @param {number} at */
  function paintMaps(column, at) {
    for (const unit of unitsOf(column)) {
      const map = activity?.map(at, unit);
      if (map) maps.draw(placeOf(column, at, unit), map);
    }
  }

  /** A unit has one value: how large it is, is seen beside the others. @param {Column} column @param {number} at */
  function paintValues(column, at) {
    const values = activity?.values(at);
    if (!values) return;
    let most = 0;
    for (const unit of unitsOf(column)) {
      const size = Math.abs(Number(values[unit]));
      if (size < Infinity) most = Math.max(most, size);
    }
    const round = !isBlock(column);
    for (const unit of unitsOf(column))
      maps.fill(placeOf(column, at, unit), most > 0 ? Number(values[unit]) / most : 0, round);
  }

  return { element, update };
}

/** @param {string} sign */
function sample(sign) {
  return svg(
    'svg',
    { class: 'key-line', viewBox: '0 0 20 8', width: 20, height: 8, 'aria-hidden': 'true' },
    svg('path', { class: `edge ${sign}`, d: 'M0 4H20', 'stroke-width': 2.5 }),
  );
}
