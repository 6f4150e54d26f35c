// The fit: what the network makes of the space of inputs, beside the rows that it learns from. Two inputs are a map
// (of classes, or of values), one is a curve; for values of any number of inputs there is predicted against true.

import { button, freshId, h, list, setAttribute, setText } from '../../dom.js';
import { format, t } from '../../i18n.js';
import { brief } from '../../numbers.js';
import { classCount, samplesOf } from '../../samples.js';
import { scoreKind } from '../../scores.js';
import { formRow, selectField } from '../fields.js';
import { saveButton } from '../save.js';
import { createSurface } from '../surface.js';
import { keyMark, keysOf, lookOf } from './key.js';
import { paint } from './pictures.js';
import { csvOf, reading } from './reading.js';
import { chosen, modesOf, topicsOf } from './shown.js';

/** @import { App } from '../../app.js' */
/** @import { CurvesGeometry } from '../../gradus.js' */
/** @import { Samples } from '../../samples.js' */
/** @import { Training } from '../../session.js' */
/** @import { State } from '../../store.js' */
/** @import { Mode, Shown } from './shown.js' */

/** @param {App} app */
export function fitTab(app) {
  // What it says follows the training, so it is not live; what the keys ask for is said once.
  const readout = h('p', { class: 'readout fit-readout', id: freshId() });
  const surface = createSurface(app.redraw, {
    tabindex: '0',
    role: 'img',
    'aria-label': t('results.fit'),
    'aria-describedby': readout.id,
    onpointermove: (/** @type {PointerEvent} */ event) => point([event.offsetX, event.offsetY]),
    onpointerdown: (/** @type {PointerEvent} */ event) => point([event.offsetX, event.offsetY]),
    onpointerleave: (/** @type {PointerEvent} */ event) => event.pointerType === 'mouse' && point(undefined),
    onblur: () => point(undefined),
    onkeydown,
  });
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
  /** The keys have moved it, and what is there has not been said. */
  let isAsked = false;
  /** @type {CurvesGeometry | undefined} */
  let drawn;
  /** @type {{ samples: Samples | undefined, axes: string }} */
  let drawnOf = { samples: undefined, axes: '' };
  /** @type {Shown | undefined} */
  let shown;

  /** @param {[number, number] | undefined} place @param {boolean} [byKey] */
  function point(place, byKey = false) {
    pointer = place;
    isAsked = byKey;
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
    point([Math.max(left, Math.min(right, nextX)), Math.max(top, Math.min(bottom, nextY))], true);
  }

  /** @returns {import('../save.js').Saved | undefined} */
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
    setAttribute(surface.canvas, 'aria-label', t(`fit.${mode}.label`, { count: classes }));
    const read = reading(now, drawn, pointer);
    setText(readout, read ?? figures);
    if (isAsked && read) {
      app.announce(read);
      isAsked = false;
    }
    showKey(now);
    const others = mode === 'map' && samples.width > 2;
    note.hidden = !others;
    if (others) setText(note, t('fit.others'));
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
