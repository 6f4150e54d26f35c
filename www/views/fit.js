// The fit: what the network makes of the space of inputs, beside the rows that it learns from. Two inputs are a map
// (of classes, or of values), one is a curve; for values of any number of inputs there is predicted against true.

import { button, h, list, setAttribute, setText, svg } from '../dom.js';
import { classLabel, classTitle } from '../classes.js';
import { drawCurves } from '../engine.js';
import { columnsOf } from '../experiment.js';
import { format, t } from '../i18n.js';
import { markData } from '../marks.js';
import { brief, shortest32 } from '../numbers.js';
import { classCount, meansOf, probabilities, rangeOf, samplesOf, targetClass } from '../samples.js';
import { scoreKind } from '../scores.js';
import { isDark } from '../theme.js';
import { formRow, selectField } from './fields.js';
import { drawMap } from './map.js';
import { csvField, saveButton } from './save.js';
import { createSurface, themeColor } from './surface.js';

/** @import { App } from '../app.js' */
/** @import { Experiment } from '../experiment.js' */
/** @import { CurvesGeometry, CurvesSpec } from '../gradus.js' */
/** @import { Topics } from '../protocol.js' */
/** @import { Samples } from '../samples.js' */
/** @import { Inspection, Training } from '../session.js' */
/** @import { State } from '../store.js' */

/** Points along each side of a map: of one that follows the training, and of one at rest. */
const MOVING = 64;
const RESTING = 128;
/** Points of a curve. */
const POINTS = 240;
/** With more inputs there is no sense in looking at two of them. */
const MOST_INPUTS = 32;

/** @typedef {'map' | 'line' | 'scatter'} Mode */

/** What was chosen here, across languages. @type {{ mode: Mode | undefined, columns: [number, number], target: number }} */
const chosen = { mode: undefined, columns: [0, 1], target: 0 };

/** @param {App} app */
export function fitTab(app) {
  const surface = createSurface(app.redraw, {
    tabindex: '0',
    role: 'img',
    'aria-label': t('results.fit'),
    onpointermove: (/** @type {PointerEvent} */ event) => point([event.offsetX, event.offsetY]),
    onpointerdown: (/** @type {PointerEvent} */ event) => point([event.offsetX, event.offsetY]),
    onpointerleave: (/** @type {PointerEvent} */ event) => event.pointerType === 'mouse' && point(undefined),
    onblur: () => point(undefined),
    onkeydown,
  });
  const readout = h('output', { class: 'readout fit-readout', 'aria-live': 'polite' });
  const empty = h('p', { class: 'empty' });
  const note = h('p', { class: 'field-note' });
  const key = h('div', { class: 'legend' });
  const modes = h('div', { class: 'segments', role: 'group', 'aria-label': t('fit.mode') });
  const across = selectField({
    label: t('fit.across'),
    choices: [],
    onchange: (value) => pick(0, Number(value)),
  });
  const up = selectField({ label: t('fit.up'), choices: [], onchange: (value) => pick(1, Number(value)) });
  const target = selectField({
    label: t('fit.target'),
    choices: [],
    onchange: (value) => {
      chosen.target = Number(value);
      app.redraw();
    },
  });
  const axesForm = h(
    'div',
    { class: 'form fit-form' },
    formRow(t('fit.across'), across.select, across.select),
    formRow(t('fit.up'), up.select, up.select),
  );
  const targetRow = h(
    'div',
    { class: 'form fit-form' },
    formRow(t('fit.target'), target.select, target.select),
  );
  const save = saveButton(saved);
  const element = h(
    'div',
    { class: 'fit-tab' },
    h('div', { class: 'toolbar' }, modes, h('span', { class: 'gap' }), save),
    surface.box,
    readout,
    key,
    axesForm,
    targetRow,
    note,
    empty,
  );

  /** Where the pointer is, in pixels of the surface. @type {[number, number] | undefined} */
  let pointer;
  /** @type {CurvesGeometry | undefined} */
  let drawn;
  /** @type {{ samples: Samples | undefined, axes: string }} */
  let drawnOf = { samples: undefined, axes: '' };
  /** @type {Shown | undefined} */
  let shown;

  /** @param {[number, number] | undefined} place */
  function point(place) {
    pointer = place;
    app.redraw();
  }

  /** @param {number} axis @param {number} column */
  function pick(axis, column) {
    const [x, y] = chosen.columns;
    const other = axis === 0 ? y : x;
    // The same input twice would be a line: then they change places.
    chosen.columns = axis === 0 ? [column, column === other ? x : y] : [column === other ? y : x, column];
    app.redraw();
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    if (!drawn) return;
    const { left, right, top, bottom } = drawn.plot;
    const [x, y] = pointer ?? [(left + right) / 2, (top + bottom) / 2];
    const step = event.shiftKey ? 1 : Math.max(2, (right - left) / 40);
    const to = {
      ArrowLeft: [x - step, y],
      ArrowRight: [x + step, y],
      ArrowUp: [x, y - step],
      ArrowDown: [x, y + step],
      Home: [left, y],
      End: [right, y],
    }[event.key];
    if (event.key === 'Escape') point(undefined);
    if (!to) return;
    event.preventDefault();
    const [nextX = x, nextY = y] = to;
    point([Math.max(left, Math.min(right, nextX)), Math.max(top, Math.min(bottom, nextY))]);
  }

  /** @returns {import('./save.js').Saved | undefined} */
  function saved() {
    const now = shown;
    if (!now) return undefined;
    return {
      name: 'gradus-fit',
      size: surface.size,
      draw: (canvas, ratio) => void paint(now, canvas, ratio),
      legend: () => keysOf(now).map(({ item, text }) => ({ text, ...lookOf(item) })),
      csv: () => csvOf(now),
    };
  }

  /**
   * @param {State} _state
   * @param {Training} training
   */
  function update(_state, training) {
    const { document } = training;
    const samples = samplesOf(training);
    const ready = document && samples && training.tablePredictions.length >= samples.count;
    const outputs = ready ? training.tablePredictions.length / samples.count : 0;
    const able = ready ? modesOf(document, samples) : [];
    showModes(able);
    const mode = able.find((one) => one === chosen.mode) ?? able[0];
    surface.box.hidden = readout.hidden = key.hidden = !mode;
    save.disabled = !mode;
    empty.hidden = Boolean(mode) || !ready;
    if (ready && !mode) setText(empty, t('fit.none', { count: samples.width }));
    axesForm.hidden = mode !== 'map' || (samples?.width ?? 0) <= 2;
    targetRow.hidden = !samples || samples.columns < 2 || !mode;
    if (!ready || !mode) {
      shown = undefined;
      note.hidden = true;
      app.session.watch('fit', undefined);
      return;
    }
    for (const axis of /** @type {const} */ ([0, 1]))
      if (chosen.columns[axis] >= samples.width) chosen.columns = [0, 1];
    if (chosen.target >= samples.columns) chosen.target = 0;
    updateChoices(samples);
    const base = { mode, document, samples, training, outputs };
    // The chart's axis ends at round numbers: so does the map.
    const axes = `${mode} ${chosen.columns.join()}`;
    const known = drawn && drawnOf.samples === samples && drawnOf.axes === axes ? drawn : undefined;
    const topics = topicsOf(base, known);
    app.session.watch('fit', topics);
    const inspection = training.inspections.fit;
    // While the next picture is computed, the last one stays, if it is of the same thing.
    if (inspection || mode === 'scatter' || shown?.mode !== mode || shown.samples !== samples)
      shown = { ...base, inspection };
    if (!shown) return;
    const now = shown;
    surface.draw(
      [now.mode, now.inspection, now.samples, training.validationRows, chosen.target, ...chosen.columns, pointer?.[0], pointer?.[1], mode === 'scatter' ? training.tablePredictions : 0], // prettier-ignore
      (canvas, ratio) => {
        drawn = paint(now, canvas, ratio, pointer);
        drawnOf = { samples, axes };
        if (known?.yMin !== drawn.yMin || known.yMax !== drawn.yMax) app.redraw();
      },
    );
    describe(now);
  }

  /** @param {Mode[]} able */
  function showModes(able) {
    modes.hidden = able.length < 2;
    list(
      modes,
      able,
      (mode) => mode,
      (mode) =>
        button({
          text: t(`fit.${mode}`),
          class: 'segment',
          onclick: () => {
            chosen.mode = mode;
            app.redraw();
          },
        }),
      (element, mode) =>
        setAttribute(element, 'aria-pressed', String((chosen.mode && able.includes(chosen.mode) ? chosen.mode : able[0]) === mode)), // prettier-ignore
    );
  }

  /** @param {Samples} samples */
  function updateChoices({ names, targetNames }) {
    /** @type {[HTMLSelectElement, readonly string[], number][]} */
    const fields = [
      [across.select, names, chosen.columns[0]],
      [up.select, names, chosen.columns[1]],
      [target.select, targetNames, chosen.target],
    ];
    for (const [select, texts, value] of fields) {
      if ([...select.options].map(({ text }) => text).join('\n') !== texts.join('\n'))
        select.replaceChildren(...texts.map((text, at) => h('option', { value: at }, text)));
      select.value = String(value);
    }
  }

  /** @param {Shown} now */
  function describe(now) {
    const { mode, document, samples, training, outputs } = now;
    const classes = classCount(document, outputs);
    const { train, validation } = training.scores.at(Infinity) ?? {};
    const score = (/** @type {number | undefined} */ value) =>
      value === undefined || Number.isNaN(value)
        ? '–'
        : scoreKind(document.loss.type) === 'accuracy'
          ? format.share(value)
          : brief(value);
    const figures = t(validation === undefined ? 'fit.score' : 'fit.scores', {
      score: t(`score.${scoreKind(document.loss.type)}`),
      train: score(train),
      validation: score(validation),
    });
    setAttribute(surface.canvas, 'aria-label', `${t(`fit.${mode}.label`, { count: classes })} ${figures}`);
    setText(readout, reading(now, drawn, pointer) ?? figures);
    showKey(now);
    const others = mode === 'map' && samples.width > 2;
    note.hidden = !others;
    if (others) setText(note, t('fit.others'));
  }

  /** @param {Shown} now */
  function keysOf({ mode, samples, document, training, outputs }) {
    const classes = classCount(document, outputs);
    const held = training.validationRows.size > 0;
    const kinds =
      mode === 'map' && classes > 0 ? Array.from({ length: Math.min(classes, 10) }, (_, at) => at) : [];
    const rows =
      mode === 'map' ? ['filled', ...(held ? ['hollow'] : [])] : ['points', ...(held ? ['heldOut'] : [])];
    const lines = { map: classes > 0 ? [] : ['values'], line: ['curve'], scatter: ['diagonal'] }[mode];
    const items = [...kinds.map((kind) => `class-${kind}`), ...lines, ...rows];
    return items.map((item) => ({ item, text: keyText(item, document, samples) }));
  }

  /** @param {Shown} now */
  function showKey(now) {
    list(
      key,
      keysOf(now),
      ({ item, text }) => `${item} ${text}`,
      ({ item, text }) => h('span', { class: 'key' }, keyMark(item), text),
    );
  }

  return {
    element,
    update,
    /** The tab is not shown any more: nothing is computed for it. */
    leave: () => app.session.watch('fit', undefined),
  };
}

/**
 * @typedef {object} Shown
 * @property {Mode} mode
 * @property {Experiment} document
 * @property {Samples} samples
 * @property {Training} training
 * @property {number} outputs of the network
 * @property {Inspection} [inspection]
 */

/** @param {string} item @param {Experiment} document @param {Samples} samples */
function keyText(item, document, samples) {
  const number = /^class-(\d+)$/.exec(item)?.[1];
  if (number !== undefined) {
    const named = columnsOf(document.data).names[Number(number)] !== undefined;
    return named || document.loss.type === 'cross_entropy'
      ? classTitle(document, Number(number))
      : `${samples.targetNames[chosen.target] ?? ''} = ${number}`;
  }
  return t(`fit.key.${item}`, { name: samples.targetNames[chosen.target] ?? '' });
}

/**
 * The same for a saved picture.
 * @param {string} item
 */
function lookOf(item) {
  const number = /^class-(\d+)$/.exec(item)?.[1];
  if (number !== undefined) return { color: themeColor(item), mark: Number(number) };
  if (item === 'curve') return { color: themeColor('train'), width: 2 };
  if (item === 'diagonal' || item === 'values') return { color: themeColor('control'), width: 1 };
  const color = themeColor({ points: 'train', heldOut: 'validation' }[item] ?? 'ink-2');
  return { color, mark: item === 'heldOut' ? 1 : 0, hollow: item === 'hollow' };
}

/** @param {string} item */
function keyMark(item) {
  const number = /^class-(\d+)$/.exec(item)?.[1];
  const swatch = { curve: 'swatch train', diagonal: 'swatch guide', values: 'swatch values' }[item];
  if (swatch) return h('span', { class: swatch });
  const hollow = item === 'hollow';
  const shape = number !== undefined ? Number(number) : item === 'heldOut' ? 1 : 0;
  const kind = number !== undefined ? `of-class-${shape % 10}` : `of-${item}`;
  return svg(
    'svg',
    { class: `mark ${kind}${hollow ? ' hollow' : ''}`, viewBox: '0 0 14 14', 'aria-hidden': 'true' },
    svg('path', { d: markData(shape, 7, 7, 4.5) }),
  );
}

/**
 * What can be looked at, the best first.
 * @param {Experiment} document
 * @param {Samples} samples
 * @returns {Mode[]}
 */
function modesOf(document, samples) {
  /** @type {Mode[]} */
  const able = [];
  if (samples.width === 1) able.push('line');
  if (samples.width >= 2 && samples.width <= MOST_INPUTS) able.push('map');
  if (classCount(document, 2) === 0) able.push('scatter');
  return able;
}

/** Where the axes end. @param {Samples} samples @param {number} column */
const extent = ({ inputs, width }, column) => rangeOf(inputs, column, width, 0.06);

/** @param {Shown} now @param {CurvesGeometry} [drawn] @returns {Topics | undefined} */
function topicsOf({ mode, samples, training }, drawn) {
  const moving = training.status === 'running';
  if (mode === 'line') {
    const [from, to] = extent(samples, 0);
    return { line: { column: 0, rows: meansOf(samples), from, to, count: POINTS } };
  }
  if (mode !== 'map') return undefined;
  const [across, up] = chosen.columns;
  const x = extent(samples, across);
  /** @type {[number, number]} */
  const y = drawn ? [drawn.yMin, drawn.yMax] : extent(samples, up);
  const size = moving ? MOVING : RESTING;
  return { grid: { columns: [across, up], rows: meansOf(samples), x, y, size, neurons: false } };
}

/**
 * @param {Shown} now
 * @param {HTMLCanvasElement} canvas
 * @param {number} ratio
 * @param {[number, number]} [pointer]
 * @returns {CurvesGeometry}
 */
function paint(now, canvas, ratio, pointer) {
  const { mode } = now;
  const { series, xLabel, yLabel } =
    mode === 'map' ? mapAxes(now) : mode === 'line' ? lineSeries(now) : scatter(now);
  const geometry = drawCurves(canvas, {
    dark: isDark(),
    pixelRatio: ratio,
    logY: false,
    xLabel,
    yLabel,
    series,
    cursor: null,
  });
  drawMap(mode === 'map' ? mapOf(now) : undefined, geometry, canvas, ratio, pointer);
  return geometry;
}

/** @param {Shown} now */
function mapAxes({ samples }) {
  const [across, up] = chosen.columns;
  const [x, y] = [extent(samples, across), extent(samples, up)];
  /** @type {CurvesSpec['series']} */
  const series = [{ label: '', kind: 'guide', x: [x[0], x[0], x[1]], y: Float32Array.of(y[0], NaN, y[1]) }];
  return { series, xLabel: samples.names[across] ?? '', yLabel: samples.names[up] ?? '' };
}

/** @param {Shown} now @returns {import('./map.js').MapPicture} */
function mapOf({ document, samples, training, outputs, inspection }) {
  const [across, up] = chosen.columns;
  const { inputs, targets, width, columns, count } = samples;
  const classes = classCount(document, outputs);
  return {
    grid:
      inspection?.grid && inspection.topics.grid
        ? { ...inspection.grid, ...ends(inspection.topics.grid) }
        : undefined,
    loss: document.loss.type,
    classes,
    nameOf: (kind) => classLabel(document, kind),
    target: chosen.target,
    values: rangeOf(targets, chosen.target, columns),
    points: {
      count,
      x: (row) => Number(inputs[row * width + across]),
      y: (row) => Number(inputs[row * width + up]),
      kind: (row) => (classes > 0 ? targetClass(document, samples, row, chosen.target) : 0),
      value: (row) => Number(targets[row * columns + chosen.target]),
      held: training.validationRows,
    },
  };
}

/** @param {{ x: [number, number], y: [number, number] }} topic */
const ends = ({ x, y }) => ({ x, y });

/** @param {Shown} now */
function lineSeries({ document, samples, training, outputs, inspection }) {
  const { inputs, targets, columns, names, targetNames } = samples;
  const { target } = chosen;
  const classes = classCount(document, outputs);
  /** @type {CurvesSpec['series']} */
  const series = [];
  const [line, topic] = [inspection?.line, inspection?.topics.line];
  if (line && topic) {
    const x = Float64Array.from({ length: topic.count }, (_, at) => topic.from + ((topic.to - topic.from) * at) / (topic.count - 1)); // prettier-ignore
    const several = document.loss.type === 'cross_entropy';
    for (let at = 0; at < (several ? line.outputs : 1); at += 1) {
      const y = Float32Array.from({ length: topic.count }, (_, place) => {
        const start = place * line.outputs;
        if (classes === 0) return Number(line.values[start + target]);
        const shares = probabilities(document.loss.type, line.values, start, line.outputs, target);
        return Number(several ? shares[at] : shares[1]);
      });
      series.push({ label: '', x, y, ...(several ? { kind: 'run', number: at } : { kind: 'train' }) });
    }
  }
  // Classes stand at 0 and 1: the probability of 1, or whether it is the class that has the row's.
  const value = (/** @type {number} */ row) =>
    classes === 0 ? Number(targets[row * columns + target]) : targetClass(document, samples, row, target);
  series.push(...cloud(samples.count, training, (row) => Number(inputs[row]), value));
  const name = targetNames[target] ?? '';
  const yLabel = classes === 0 ? name : t('fit.probability');
  return { series, xLabel: names[0] ?? '', yLabel };
}

/** @param {Shown} now */
function scatter({ samples, training, outputs }) {
  const { targets, columns, count } = samples;
  const { target } = chosen;
  const truth = (/** @type {number} */ row) => Number(targets[row * columns + target]);
  const given = (/** @type {number} */ row) => Number(training.tablePredictions[row * outputs + target]);
  const [low, high] = rangeOf(targets, target, columns, 0.04);
  /** @type {CurvesSpec['series']} */
  const series = [{ label: '', kind: 'guide', x: [low, high], y: Float32Array.of(low, high) }];
  series.push(...cloud(count, training, truth, given));
  return { series, xLabel: t('fit.true'), yLabel: t('fit.predicted') };
}

/**
 * Rows as marks: those that train, and those held out.
 * @param {number} count
 * @param {Training} training
 * @param {(row: number) => number} x
 * @param {(row: number) => number} y
 * @returns {CurvesSpec['series']}
 */
function cloud(count, { validationRows }, x, y) {
  const rows = Array.from({ length: count }, (_, row) => row).sort((a, b) => x(a) - x(b));
  return /** @type {const} */ (['points', 'heldOut']).map((kind) => {
    const own = rows.filter((row) => validationRows.has(row) === (kind === 'heldOut'));
    return { label: '', kind, x: Float64Array.from(own, x), y: Float32Array.from(own, y) };
  });
}

/**
 * What is at the pointer.
 * @param {Shown} now
 * @param {CurvesGeometry | undefined} geometry
 * @param {[number, number] | undefined} pointer
 */
function reading({ mode, document, samples, training, outputs, inspection }, geometry, pointer) {
  if (!geometry || !pointer) return undefined;
  const { plot, xMin, xMax, yMin, yMax } = geometry;
  const [px, py] = pointer;
  if (px < plot.left || px > plot.right || py < plot.top || py > plot.bottom) return undefined;
  const x = xMin + ((px - plot.left) / (plot.right - plot.left)) * (xMax - xMin);
  const y = yMax - ((py - plot.top) / (plot.bottom - plot.top)) * (yMax - yMin);
  const classes = classCount(document, outputs);
  const { type } = document.loss;
  const name = samples.targetNames[chosen.target] ?? '';
  /** @type {(values: ArrayLike<number>, start: number, count: number) => string} */
  const result = (values, start, count) => {
    if (classes === 0) return `${name} = ${brief(Number(values[start + chosen.target]))}`;
    const shares = probabilities(type, values, start, count, chosen.target);
    const best = shares.indexOf(Math.max(...shares));
    return t('fit.at.class', { class: classTitle(document, best), share: format.share(shares[best] ?? NaN) });
  };
  if (mode === 'scatter') {
    const { targets, columns, count } = samples;
    const at = (/** @type {number} */ row) => [Number(targets[row * columns + chosen.target]), Number(training.tablePredictions[row * outputs + chosen.target])]; // prettier-ignore
    let [nearest, least] = [-1, Infinity];
    for (let row = 0; row < count; row += 1) {
      const [truth = NaN, given = NaN] = at(row);
      const distance = ((truth - x) / (xMax - xMin)) ** 2 + ((given - y) / (yMax - yMin)) ** 2;
      if (distance < least) [nearest, least] = [row, distance];
    }
    if (nearest < 0) return undefined;
    const [truth = NaN, given = NaN] = at(nearest);
    return t('fit.at.row', { row: nearest + 1, true: brief(truth), predicted: brief(given) });
  }
  if (mode === 'line') {
    const [line, topic] = [inspection?.line, inspection?.topics.line];
    if (!line || !topic) return undefined;
    const at = Math.round(((x - topic.from) / (topic.to - topic.from)) * (topic.count - 1));
    if (at < 0 || at >= topic.count) return undefined;
    return `${samples.names[0]} = ${brief(x)}: ${result(line.values, at * line.outputs, line.outputs)}`;
  }
  const [grid, topic] = [inspection?.grid, inspection?.topics.grid];
  if (!grid || !topic) return undefined;
  const place = (/** @type {number} */ value, /** @type {[number, number]} */ [low, high]) =>
    Math.max(0, Math.min(grid.size - 1, Math.round(((value - low) / (high - low)) * (grid.size - 1))));
  const cell = (grid.size - 1 - place(y, topic.y)) * grid.size + place(x, topic.x);
  const [across, up] = chosen.columns;
  const where = `${samples.names[across]} = ${brief(x)}, ${samples.names[up]} = ${brief(y)}`;
  return `${where}: ${result(grid.values, cell * grid.outputs, grid.outputs)}`;
}

/** Every row with what it should be and what the network makes of it. @param {Shown} now */
function csvOf({ document, samples, training, outputs }) {
  const { names, targetNames, count, inputs, targets, width, columns } = samples;
  const results = Array.from({ length: outputs }, (_, at) =>
    document.loss.type === 'cross_entropy'
      ? `output ${classLabel(document, at)}`
      : `output ${targetNames[at] ?? at}`,
  );
  const lines = [['row', 'validation', ...names, ...targetNames, ...results].map(csvField).join()];
  for (let row = 0; row < count; row += 1) {
    const cells = [
      ...inputs.subarray(row * width, (row + 1) * width),
      ...targets.subarray(row * columns, (row + 1) * columns),
      ...training.tablePredictions.subarray(row * outputs, (row + 1) * outputs),
    ];
    lines.push([row + 1, Number(training.validationRows.has(row)), ...cells.map(shortest32)].join());
  }
  return lines;
}
