// Runs beside each other: those that were pinned, and those of a comparison (a sweep over a number of the document,
// from the same initial weights). What differs between them, how far they got, and a small chart of each.

import { button, h, list, setAttribute, setText } from '../dom.js';
import { drawCurves, problemsOf, variantsOf } from '../engine.js';
import { same } from '../difference.js';
import { format, t } from '../i18n.js';
import { fixed, parseNumber, plain } from '../numbers.js';
import { runs } from '../runs.js';
import { scoreKind } from '../scores.js';
import { pointsOf, seriesOf } from '../series.js';
import { proposed, settable, startSweep } from '../sweep.js';
import { isDark } from '../theme.js';
import { swatch } from './curves/swatch.js';
import { formRow, selectField } from './fields.js';
import { placedText } from './problems.js';
import { csvField, saveButton } from './save.js';
import { createSurface } from './surface.js';

/** @import { App } from '../app.js' */
/** @import { Experiment } from '../experiment.js' */
/** @import { Run } from '../runs.js' */
/** @import { Training } from '../session.js' */
/** @import { Sweep } from '../sweep.js' */

/** So many comparisons a document takes. */
const MOST_VALUES = 16;

/** @typedef {Pick<Run, 'name' | 'document' | 'history' | 'scores' | 'position'> & { id: number, run?: Run, status: string }} Row */

/** It goes on when the language changes. @type {Sweep | undefined} */
let sweep;
/** What the small charts are drawn with. */
let multiples = false;

/** @param {App} app */
export function comparison(app) {
  const { store } = app;
  const fieldSelect = selectField({
    label: t('sweep.field'),
    choices: [],
    onchange: () => {
      values.value = proposedText();
      check();
    },
  });
  const values = h('input', {
    class: 'text',
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': t('sweep.values'),
    oninput: () => (edited = true),
    onchange: check,
  });
  const message = h('p', { class: 'field-message', hidden: true, role: 'alert' });
  const start = button({ text: t('sweep.run'), icon: 'play', class: 'button small', onclick: startNow });
  const cancel = button({ text: t('sweep.cancel'), class: 'button small', onclick: () => sweep?.cancel() });
  const bar = h('progress', { 'aria-label': t('sweep.progress') });
  const state = h('span', { class: 'field-note' });
  const progress = h('div', { class: 'sweep-progress', hidden: true }, bar, state, cancel);
  const given = button({ text: '', class: 'button small', onclick: runGiven });
  const form = h(
    'div',
    { class: 'form sweep-form', role: 'group', 'aria-label': t('sweep.title') },
    h('h3', {}, t('sweep.title')),
    formRow(t('sweep.field'), fieldSelect.select, fieldSelect.select),
    formRow(t('sweep.values'), values, values, message),
    h('div', { class: 'toolbar' }, start, given),
    progress,
  );
  const head = h('tr', {});
  const body = h('tbody', {});
  const table = h('table', { class: 'runs', 'aria-label': t('runs.table') }, h('thead', {}, head), body);
  const small = h('input', {
    type: 'checkbox',
    onchange: () => {
      multiples = small.checked;
      app.redraw();
    },
  });
  const clear = button({
    text: t('runs.clear'),
    class: 'button small quiet',
    onclick: () => {
      sweep?.cancel();
      runs.remove(runs.list);
      app.redraw();
    },
  });
  const charts = h('div', { class: 'multiples' });
  const kept = h('h3', {}, t('runs.title'));
  const tools = h(
    'div',
    { class: 'toolbar' },
    h('label', { class: 'check' }, small, h('span', {}, t('runs.multiples'))),
    h('span', { class: 'gap' }),
    clear,
    saveButton(() => ({ name: 'gradus-runs', csv: () => csvOf(last) })),
  );
  const element = h(
    'div',
    { class: 'comparison-inner' },
    kept,
    h('div', { class: 'scroll-x' }, table),
    tools,
    charts,
    form,
  );

  let edited = false;
  /** @type {Row[]} */
  let last = [];

  const fields = () => settable(store.state.document);
  const field = () => fields().find(({ path }) => path === fieldSelect.select.value) ?? fields()[0];
  function proposedText() {
    const chosen = field();
    return chosen ? proposed(chosen.path, chosen.value).map(plain).join(', ') : '';
  }

  /** The values that are typed, or what is wrong with them. @returns {number[] | string} */
  function typed() {
    const parts = values.value.split(/[,;，、；\s]+/).filter((part) => part !== '');
    const numbers = parts.map((part) => parseNumber(part));
    const wrong = numbers.findIndex((number) => 'error' in number);
    if (wrong >= 0) return t('field.word', { text: parts[wrong] });
    if (parts.length === 0) return t('field.empty');
    if (parts.length > MOST_VALUES) return t('sweep.tooMany', { max: MOST_VALUES });
    return numbers.map((number) => ('value' in number ? number.value : NaN));
  }

  /** @param {string} text */
  function complain(text) {
    message.hidden = text === '';
    setText(message, text);
    setAttribute(values, 'aria-invalid', text === '' ? null : 'true');
  }

  function check() {
    const read = typed();
    complain(typeof read === 'string' ? read : '');
  }

  function startNow() {
    const chosen = field();
    const read = typed();
    if (typeof read === 'string' || !chosen) return complain(typeof read === 'string' ? read : '');
    const name = chosen.path.replace(/^optimizer\./, '');
    const compare = read.map((value) => ({
      label: `${name} ${plain(value)}`,
      set: { [chosen.path]: value },
    }));
    const document = { ...store.state.document, compare };
    const problems = store.edit(document);
    if (problems.length > 0)
      return complain(problems.map((problem) => placedText(problem, document)).join(' '));
    complain('');
    runGiven();
  }

  /** Runs what the document compares. */
  function runGiven() {
    const { document } = store.state;
    /** @type {Experiment[]} */
    let documents;
    try {
      documents = variantsOf(document);
    } catch (error) {
      return complain(
        problemsOf(error)
          .map((problem) => placedText(problem, document))
          .join(' '),
      );
    }
    sweep?.cancel();
    const variants = documents.map((variant, at) => ({
      label: document.compare?.[at]?.label ?? '',
      document: variant,
    }));
    const begun = startSweep({
      variants,
      spawn: app.spawn,
      changed: app.redraw,
      ended: ({ cancelled }) => {
        sweep = undefined;
        app.announce(t(cancelled ? 'sweep.cancelled' : 'sweep.done', { count: variants.length }));
        app.redraw();
      },
    });
    sweep = begun;
    app.announce(t('sweep.started', { count: variants.length }));
    app.redraw();
  }

  /** @param {Training} training */
  function update(training) {
    small.checked = multiples;
    updateForm();
    updateProgress();
    last = rowsOf(training);
    kept.hidden = tools.hidden = table.hidden = runs.list.length === 0;
    updateTable(last);
    updateCharts(last);
  }

  function updateForm() {
    const options = fields();
    const before = fieldSelect.select.value;
    const texts = options.map(({ path }) => path).join();
    if ([...fieldSelect.select.options].map(({ value }) => value).join() !== texts) {
      fieldSelect.select.replaceChildren(
        ...options.map(({ path }) => h('option', { value: path }, fieldName(path))),
      );
      const chosen = options.some(({ path }) => path === before) ? before : options[0]?.path;
      if (chosen) fieldSelect.select.value = chosen;
      edited = false;
    }
    if (!edited && document.activeElement !== values) values.value = proposedText();
    const { compare = [] } = store.state.document;
    given.hidden = compare.length === 0 || sweep !== undefined;
    setText(given, t('sweep.given', { count: compare.length }));
    start.disabled = store.state.problems.length > 0;
  }

  function updateProgress() {
    progress.hidden = !sweep;
    if (!sweep) return;
    const { present, done, of } = sweep;
    const { position } = present ?? {};
    const share = position ? position.step / Math.max(1, position.totalSteps) : 0;
    bar.max = of;
    bar.value = done + share;
    setText(
      state,
      t('sweep.state', {
        at: Math.min(of, done + 1),
        of,
        name: present?.name ?? '',
        epoch: format.count(position?.epoch ?? 0),
        epochs: format.count(present?.document.epochs ?? 0),
      }),
    );
  }

  let columns = '';
  /** @param {Row[]} rows */
  function updateTable(rows) {
    const differing = differences(rows);
    const kind = scoreKind(rows[0]?.document.loss.type ?? 'mse');
    const held = rows.some(({ document }) => document.validation > 0);
    const heads = [
      t('runs.run'),
      ...differing.map(({ path }) => fieldName(path)),
      t('tile.train'),
      ...(held ? [t('tile.validation')] : []),
      t(`score.${kind}`),
      t('tile.epoch'),
      '',
    ];
    const key = JSON.stringify(heads);
    if (key !== columns) {
      columns = key;
      body.replaceChildren();
      const cells = heads.map((text) => (text ? h('th', { scope: 'col' }, text) : h('td', {})));
      head.replaceChildren(...cells);
    }
    list(
      body,
      rows,
      ({ id }) => String(id),
      (row) => rowElement(row, heads.length - 2),
      (line, row) => {
        const input = line.querySelector('input[type="text"]');
        if (input instanceof HTMLInputElement && document.activeElement !== input) input.value = row.name;
        const box = line.querySelector('input[type="checkbox"]');
        if (box instanceof HTMLInputElement) box.checked = row.run?.shown ?? true;
        const remove = line.querySelector('td.last button');
        if (input && box && remove) nameControls({ input, box, remove }, row.name);
        const [train = '', validation = '', ...others] = figuresOf(row);
        const texts = [
          ...differing.map(({ values: all }) => all.get(row.id) ?? '–'),
          train,
          ...(held ? [validation] : []),
          ...others,
        ];
        [...line.querySelectorAll('td.figure')].forEach((cell, at) => setText(cell, texts[at] ?? ''));
      },
    );
  }

  /**
   * What the controls of a run are called, which its new name changes.
   * @param {{ input: Element, box: Element, remove: Element }} controls
   * @param {string} name
   */
  function nameControls({ input, box, remove }, name) {
    // A long one is cut off.
    setAttribute(input, 'title', name);
    setAttribute(input, 'aria-label', t('runs.rename', { name }));
    setAttribute(box, 'aria-label', t('runs.show', { name }));
    for (const attribute of ['title', 'aria-label'])
      setAttribute(remove, attribute, t('runs.remove', { name }));
  }

  /** @param {Row} row @param {number} count of figures */
  function rowElement({ run, name }, count) {
    const title = run
      ? h(
          'span',
          { class: 'run-name' },
          h(
            'label',
            { class: 'run-show' },
            h('input', {
              type: 'checkbox',
              onchange: (/** @type {globalThis.Event} */ event) => {
                runs.change(run, { shown: /** @type {HTMLInputElement} */ (event.target).checked });
                app.redraw();
              },
            }),
            swatch(`run ${run.number}`),
          ),
          h('input', {
            class: 'text',
            type: 'text',
            maxlength: '64',
            onchange: (/** @type {globalThis.Event} */ event) => {
              const text = /** @type {HTMLInputElement} */ (event.target).value.trim();
              if (text) runs.change(run, { name: text });
              app.redraw();
            },
          }),
        )
      : h('span', { class: 'run-name present' }, swatch('train'), name);
    const figures = Array.from({ length: count }, () => h('td', { class: 'figure' }));
    const remove = run
      ? button({
          icon: 'close',
          class: 'icon-button',
          onclick: () => {
            if (sweep?.present === run) sweep.cancel();
            runs.remove([run]);
            app.redraw();
          },
        })
      : null;
    return h('tr', {}, h('th', { scope: 'row' }, title), ...figures, h('td', { class: 'last' }, remove));
  }

  /** Charts of the same axes, so that they can be compared. @type {Map<number, ReturnType<typeof multiple>>} */
  const cards = new Map();
  /** @param {Row[]} rows */
  function updateCharts(rows) {
    charts.hidden = !multiples || runs.list.length === 0;
    if (charts.hidden) return;
    const shown = rows.filter(({ run, history }) => (run?.shown ?? true) && history.train.length > 0);
    const frame = frameOf(shown);
    list(
      charts,
      shown,
      ({ id }) => String(id),
      (row) => {
        const card = multiple(row);
        cards.set(row.id, card);
        return card.element;
      },
      (_, row) => cards.get(row.id)?.update(row, frame),
    );
  }

  /** The range of all runs. @param {Row[]} rows */
  function frameOf(rows) {
    const { curves, logY } = store.state.view;
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { history, scores } of rows) {
      const { train, validation } = pointsOf(history, scores, curves);
      for (const { x, y } of [train, validation]) {
        y.forEach((value, at) => {
          if (!Number.isFinite(value) || (logY && curves.metric === 'loss' && value <= 0)) return;
          const place = x === null ? at + 1 : Number(x[at]);
          [x0, x1] = [Math.min(x0, place), Math.max(x1, place)];
          [y0, y1] = [Math.min(y0, value), Math.max(y1, value)];
        });
      }
    }
    return { x: [x0, x0, x1], y: Float32Array.of(y0, NaN, y1) };
  }

  /** @param {Row} first */
  function multiple(first) {
    const surface = createSurface(app.redraw, { role: 'img', 'aria-label': first.name });
    const title = h('figcaption', {});
    const chart = h('figure', { class: 'multiple' }, title, surface.box);
    return {
      element: chart,
      /** @param {Row} row @param {ReturnType<typeof frameOf>} frame */
      update(row, frame) {
        const { curves, logY } = store.state.view;
        setText(title, row.name);
        setAttribute(surface.canvas, 'aria-label', `${row.name}: ${figuresOf(row).slice(0, 3).join(', ')}`);
        const number = first.run?.number;
        surface.draw(
          [row.history, row.history.train.length, row.scores.train.length, frame.x.join(), frame.y.join(), JSON.stringify(curves), logY], // prettier-ignore
          (canvas, pixelRatio) => {
            const pair = pointsOf(row.history, row.scores, curves);
            const labels = ['', ''];
            const series = seriesOf(pair, { smooth: curves.smooth, labels });
            if (number !== undefined)
              for (const one of series) if (one.kind === 'train') Object.assign(one, { kind: 'run', number });
            drawCurves(canvas, {
              dark: isDark(),
              pixelRatio,
              logY: logY && curves.metric === 'loss',
              logX: curves.logX,
              xLabel: '',
              yLabel: '',
              series: [{ label: '', kind: 'guide', ...frame }, ...series],
              cursor: null,
            });
          },
        );
      },
    };
  }

  return { element, update };
}

/** @param {Training} training @returns {Row[]} */
function rowsOf({ document, history, scores, position, status }) {
  const present = document
    ? [{ id: 0, name: t('runs.present'), document, history, scores, position, status }]
    : [];
  return [...present, ...runs.list.map((run) => ({ ...run, run }))];
}

/** Losses, score and epochs of a run. @param {Row} row */
function figuresOf({ document, history, scores, position, status }) {
  const loss = (/** @type {number | undefined} */ value) => (value === undefined ? '–' : fixed(value));
  const last = scores.at(Infinity);
  const value = last?.validation ?? last?.train ?? NaN;
  const score = Number.isNaN(value)
    ? '–'
    : scoreKind(document.loss.type) === 'accuracy'
      ? format.share(value)
      : fixed(value);
  const epoch = `${format.count(position?.epoch ?? 0)} / ${format.count(document.epochs)}`;
  const ended = ['waiting', 'diverged', 'cancelled', 'failed'].includes(status)
    ? ` · ${t(`runs.${status}`)}`
    : '';
  return [loss(history.train.last), loss(history.validation.last), score, epoch + ended];
}

/** How the page calls a field of the document. @param {string} path */
function fieldName(path) {
  const name = /** @type {Record<string, string>} */ ({
    'optimizer.lr': t('place.optimizer.lr'),
    'optimizer.type': t('training.optimizer'),
    'loss.type': t('training.loss'),
    epochs: t('training.epochs'),
    batch_size: t('training.batch'),
    seed: t('training.seed'),
    data: t('data.title'),
    validation: t('data.validation'),
    model: t('network.title'),
  })[path];
  return name ?? path.replace(/^optimizer\./, '');
}

/**
 * The fields in which runs differ, with each run's value.
 * @param {Row[]} rows
 * @returns {{ path: string, values: Map<number, string> }[]}
 */
export function differences(rows) {
  /** @type {Map<string, Map<number, unknown>>} */
  const all = new Map();
  for (const { id, document } of rows) {
    for (const [path, value] of flattened(document)) {
      const values = all.get(path) ?? new Map();
      values.set(id, value);
      all.set(path, values);
    }
  }
  /** @type {{ path: string, values: Map<number, string> }[]} */
  const found = [];
  for (const [path, values] of all) {
    const first = values.get(rows[0]?.id ?? 0);
    if (values.size === rows.length && [...values.values()].every((value) => same(value, first))) continue;
    found.push({ path, values: texts(path, values) });
  }
  return found;
}

/**
 * @param {string} path
 * @param {Map<number, unknown>} values
 * @returns {Map<number, string>}
 */
function texts(path, values) {
  /** Data are too long to be shown: equal ones have the same letter. @type {unknown[]} */
  const kinds = [];
  return new Map(
    [...values].map(([id, value]) => {
      if (path !== 'data')
        return [id, value === null ? '–' : typeof value === 'number' ? plain(value) : String(value)];
      let kind = kinds.findIndex((other) => same(other, value));
      if (kind < 0) kind = kinds.push(value) - 1;
      return [id, String.fromCharCode(65 + kind)];
    }),
  );
}

/** Fields that say nothing about the training. */
const APART = new Set(['version', 'title', 'predict', 'compare', 'device', 'extra']);

/**
 * The fields of a document one by one: the optimizer, the schedule and the loss in their parts, the network as one text.
 * @param {Experiment} document
 * @returns {Generator<[string, unknown]>}
 */
function* flattened(document) {
  for (const [name, value] of Object.entries(document)) {
    if (APART.has(name)) continue;
    if (name === 'model') yield ['model', modelText(document)];
    else if (name !== 'data' && value !== null && typeof value === 'object' && !Array.isArray(value))
      for (const [inner, part] of Object.entries(value))
        yield [`${name}.${inner}`, part !== null && typeof part === 'object' ? JSON.stringify(part) : part];
    else yield [name, value];
  }
}

/** @param {Experiment} document */
function modelText({ model }) {
  return model
    .map(({ type, ...options }) => {
      const { init, bias: _, ...rest } = options;
      const shown = Object.values(rest).filter((value) => typeof value === 'number');
      const how = init !== undefined && init !== 'default' ? [typeof init === 'string' ? init : 'given'] : [];
      return [type, ...shown, ...how].join(' ');
    })
    .join(' → ');
}

/** What the table shows, for a spreadsheet. @param {Row[]} rows */
function csvOf(rows) {
  const differing = differences(rows);
  const kind = scoreKind(rows[0]?.document.loss.type ?? 'mse');
  const heads = ['run', ...differing.map(({ path }) => path), 'train_loss', 'validation_loss', `train_${kind}`, `validation_${kind}`, 'epoch', 'step']; // prettier-ignore
  const lines = rows.map(({ id, name, history, scores, position }) => {
    const score = scores.at(Infinity);
    return [
      name,
      ...differing.map(({ values }) => values.get(id) ?? ''),
      history.train.last ?? '',
      history.validation.last ?? '',
      score?.train ?? '',
      score?.validation ?? '',
      position?.epoch ?? 0,
      position?.step ?? 0,
    ];
  });
  return [heads, ...lines].map((cells) => cells.map(csvField).join());
}
