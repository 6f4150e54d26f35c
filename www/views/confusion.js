// The confusion matrix: for each class, how many of its rows the network puts where; and the rows behind a cell.

import { button, h, list, setAttribute, setText } from '../dom.js';
import { classLabel } from '../classes.js';
import { columnsOf, isClassification } from '../experiment.js';
import { format, t } from '../i18n.js';
import { brief } from '../numbers.js';
import { classesOf, inputsOf, samplesOf } from '../samples.js';
import { formRow, selectField } from './fields.js';
import { csvField, saveButton } from './save.js';
import { scroller } from './scroller.js';
import { FONT, contextOf, rgbOf, themeColor } from './surface.js';

/** @import { App } from '../app.js' */
/** @import { Samples } from '../samples.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

/** With more classes a matrix is no longer to be read. */
const MOST_CLASSES = 32;
/** So many rows are listed behind a cell. */
const MOST_EXAMPLES = 60;

/** @typedef {'all' | 'train' | 'validation'} Part */
/** @type {{ part: Part, column: number, cell: [number, number] | undefined }} */
const chosen = { part: 'all', column: 0, cell: undefined };

/**
 * @typedef {object} Matrix
 * @property {string[]} names of the classes
 * @property {number[][]} counts by the class that it is, then by the one that the network gives
 * @property {number} total
 * @property {number} right
 */

/** @param {App} app */
export function confusionTab(app) {
  const parts = /** @type {const} */ (['all', 'train', 'validation']).map((part) => ({
    part,
    choice: button({
      text: t(`confusion.${part}`),
      class: 'segment',
      onclick: () => {
        chosen.part = part;
        app.redraw();
      },
    }),
  }));
  const segments = h(
    'div',
    { class: 'segments', role: 'group', 'aria-label': t('confusion.rows') },
    ...parts.map(({ choice }) => choice),
  );
  const target = selectField({
    label: t('fit.target'),
    choices: [],
    onchange: (value) => {
      chosen.column = Number(value);
      chosen.cell = undefined;
      app.redraw();
    },
  });
  const targetRow = h(
    'div',
    { class: 'form fit-form' },
    formRow(t('fit.target'), target.select, target.select),
  );
  const save = saveButton(saved);
  const head = h('tr', {});
  const body = h('tbody', {});
  const table = h(
    'table',
    { class: 'confusion', 'aria-label': t('confusion.label') },
    h('thead', {}, head),
    body,
  );
  const frame = h(
    'div',
    { class: 'confusion-frame' },
    h('p', { class: 'confusion-across', 'aria-hidden': 'true' }, `${t('confusion.given')} →`),
    scroller(table),
  );
  const summary = h('p', { class: 'confusion-summary' });
  const behind = h('section', { class: 'examples', hidden: true });
  const title = h('h3', {});
  const rows = h('div', { class: 'example-list' });
  const more = h('p', { class: 'field-note', hidden: true });
  behind.append(title, rows, more);
  const hint = h('p', { class: 'field-note' }, t('confusion.hint'));
  const empty = h('p', { class: 'empty' });
  const element = h(
    'div',
    { class: 'confusion-tab' },
    h('div', { class: 'toolbar' }, segments, h('span', { class: 'gap' }), save),
    targetRow,
    frame,
    summary,
    hint,
    behind,
    empty,
  );

  /** @type {{ matrix: Matrix, samples: Samples, training: Training } | undefined} */
  let shown;
  let updated = /** @type {unknown[]} */ ([]);
  /** A cell has just been opened: that is said, and not how its rows change while training runs. */
  let isAsked = false;

  /**
   * @param {State} _state
   * @param {Training} training
   */
  function update(_state, training) {
    const { document } = training;
    const samples = samplesOf(training);
    const able = Boolean(document && isClassification(document));
    if (samples && chosen.column >= samples.columns) chosen.column = 0;
    const classes = samples && able ? classesOf(training, samples, chosen.column) : undefined;
    const ready = Boolean(classes && classes.classes <= MOST_CLASSES);
    frame.hidden = summary.hidden = hint.hidden = segments.hidden = !ready;
    save.disabled = !ready;
    targetRow.hidden = !ready || samples?.columns === 1;
    empty.hidden = ready || !document || (able && !classes);
    if (!ready || !classes || !samples || !document) {
      behind.hidden = true;
      shown = undefined;
      setText(empty, able ? t('confusion.tooMany', { max: MOST_CLASSES }) : t('confusion.values'));
      return;
    }
    const now = [
      training.tablePredictions,
      training.validationRows,
      samples,
      chosen.part,
      chosen.column,
      chosen.cell,
      training.status === 'running',
    ];
    if (now.every((value, at) => Object.is(value, updated[at])) && shown) return;
    updated = now;
    if (training.validationRows.size === 0) chosen.part = 'all';
    for (const { part, choice } of parts) {
      setAttribute(choice, 'aria-pressed', String(chosen.part === part));
      choice.disabled = part !== 'all' && training.validationRows.size === 0;
    }
    if ([...target.select.options].map(({ text }) => text).join('\n') !== samples.targetNames.join('\n'))
      target.select.replaceChildren(
        ...samples.targetNames.map((text, at) => h('option', { value: at }, text)),
      );
    const matrix = matrixOf(training, samples, classes);
    shown = { matrix, samples, training };
    showMatrix(matrix, training.status === 'running');
    setText(summary, t('confusion.summary', { right: format.whole(matrix.right), total: format.whole(matrix.total), share: format.share(matrix.total === 0 ? 0 : matrix.right / matrix.total) })); // prettier-ignore
    showExamples(training, samples, classes, matrix.names);
  }

  /** @param {Training} training @param {number} row */
  const counts = ({ validationRows }, row) =>
    chosen.part === 'all' || validationRows.has(row) === (chosen.part === 'validation');

  /**
   * @param {Training} training
   * @param {Samples} samples
   * @param {NonNullable<ReturnType<typeof classesOf>>} of
   * @returns {Matrix}
   */
  function matrixOf(training, samples, { classes, wanted, given }) {
    const all = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
    let [total, right] = [0, 0];
    for (let row = 0; row < samples.count; row += 1) {
      if (!counts(training, row)) continue;
      const [is, said] = [wanted(row), given(row)];
      total += 1;
      right += Number(is === said);
      const line = all[is];
      if (line && said < classes) line[said] = Number(line[said]) + 1;
    }
    const names = all.map((_, at) => (training.document ? classLabel(training.document, at) : String(at)));
    return { names, counts: all, total, right };
  }

  /** @param {Matrix} matrix @param {boolean} isMoving */
  function showMatrix({ names, counts: all }, isMoving) {
    const kinds = [...names.keys()];
    table.classList.toggle('dense', names.length > MOST_SPACIOUS);
    const heads = [undefined, ...names, rateName(t('confusion.recall'), names)];
    list(
      head,
      heads,
      (text, at) => `${at} ${text}`,
      (text) =>
        text === undefined
          ? h('td', { class: 'confusion-down', 'aria-hidden': 'true' }, `${t('confusion.wanted')} ↓`)
          : h('th', { scope: 'col' }, text),
    );
    list(
      body,
      [...kinds, -1],
      (kind) => `${kind} ${names[kind] ?? ''} of ${names.length}`,
      (kind) => line(kind, names),
      (element, kind) => {
        if (kind < 0) {
          [...element.querySelectorAll('td.rate')].forEach((cell, at) => {
            const sum = all.reduce((total, row) => total + Number(row[at]), 0);
            setText(cell, sum === 0 ? '–' : rateText(Number(all[at]?.[at]) / sum, names));
          });
          return;
        }
        const row = all[kind] ?? [];
        const sum = row.reduce((total, count) => total + count, 0);
        [...element.querySelectorAll('button')].forEach((cell, at) => {
          const count = Number(row[at]);
          setText(cell, format.whole(count));
          const share = sum === 0 ? 0 : count / sum;
          cell.style.setProperty('--share', `${Math.round(70 * share)}%`);
          setAttribute(cell, 'aria-pressed', String(chosen.cell?.[0] === kind && chosen.cell[1] === at));
          // What has the focus would be said anew with each of its counts.
          if (isMoving && cell === document.activeElement && cell.hasAttribute('aria-label')) return;
          setAttribute(
            cell,
            'aria-label',
            t('confusion.cell', { wanted: names[kind], given: names[at], count, shown: format.whole(count) }),
          );
        });
        const rate = element.querySelector('td.rate');
        if (rate) setText(rate, sum === 0 ? '–' : rateText(Number(row[kind]) / sum, names));
      },
    );
  }

  /** @param {number} kind -1: the line of shares below @param {string[]} names */
  function line(kind, names) {
    const cells = names.map((_, at) => {
      if (kind < 0) return h('td', { class: 'rate' });
      const cell = button({
        text: '',
        class: kind === at ? 'confusion-cell right' : 'confusion-cell',
        onclick: () => {
          const again = chosen.cell?.[0] === kind && chosen.cell[1] === at;
          chosen.cell = again ? undefined : [kind, at];
          isAsked = !again;
          app.redraw();
        },
      });
      cell.tabIndex = kind === 0 && at === 0 ? 0 : -1;
      return h('td', {}, cell);
    });
    const name = names[kind] ?? rateName(t('confusion.precision'), names);
    return h('tr', {}, h('th', { scope: 'row' }, name), ...cells, h('td', { class: kind < 0 ? '' : 'rate' }));
  }

  table.addEventListener('keydown', (event) => {
    const cells = [...table.querySelectorAll('button')];
    const at = cells.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    if (at < 0) return;
    const width = Math.round(Math.sqrt(cells.length));
    const column = at % width;
    const to = {
      ArrowLeft: column > 0 ? at - 1 : undefined,
      ArrowRight: column < width - 1 ? at + 1 : undefined,
      ArrowUp: at - width,
      ArrowDown: at + width,
    }[event.key];
    const next = to === undefined ? undefined : cells[to];
    if (!next) return;
    event.preventDefault();
    for (const cell of cells) cell.tabIndex = cell === next ? 0 : -1;
    next.focus();
  });

  /**
   * @param {Training} training
   * @param {Samples} samples
   * @param {NonNullable<ReturnType<typeof classesOf>>} of
   * @param {string[]} names
   */
  function showExamples(training, samples, { wanted, given, shares }, names) {
    const { cell } = chosen;
    behind.hidden = !cell;
    hint.hidden = Boolean(cell);
    if (!cell) return;
    const [is, said] = cell;
    /** @type {number[]} */
    const found = [];
    for (let row = 0; row < samples.count; row += 1)
      if (counts(training, row) && wanted(row) === is && given(row) === said) found.push(row);
    setText(title, t('confusion.behind', { wanted: names[is] ?? is, given: names[said] ?? said, count: found.length, shown: format.whole(found.length) })); // prettier-ignore
    if (isAsked) app.announce(title.textContent);
    isAsked = false;
    more.hidden = found.length <= MOST_EXAMPLES;
    setText(more, t('confusion.more', { shown: MOST_EXAMPLES }));
    // The surest come first: of mistakes they say the most.
    const sure = found
      .map((row) => ({ row, share: shares(row)[said] ?? 0 }))
      .sort((a, b) => b.share - a.share);
    const shape = pictureShape(training, samples);
    rows.classList.toggle('pictures', shape !== undefined);
    list(
      rows,
      sure.slice(0, MOST_EXAMPLES),
      ({ row }) => `${row}`,
      ({ row }) => example(samples, row, shape),
      (item, { row, share }) => {
        const text = t('confusion.example', { row: row + 1, share: format.share(share) });
        setText(/** @type {Element} */ (item.lastElementChild), text);
      },
    );
  }

  /** @returns {import('./save.js').Saved | undefined} */
  function saved() {
    const now = shown;
    if (!now) return undefined;
    const { left, side } = layoutOf(now.matrix.names);
    const across = side * now.matrix.names.length;
    return {
      name: 'gradus-confusion',
      size: [left + across + 16, 48 + 48 * now.matrix.names.length + 16],
      draw: (canvas, ratio) => paint(now.matrix, canvas, ratio),
      csv: () => csvOf(now.matrix),
    };
  }

  return { element, update };
}

/** With more classes there is no room for a sign in each cell, nor for a tenth. */
const MOST_SPACIOUS = 6;

/** @param {string} name @param {string[]} classes */
const rateName = (name, classes) => (classes.length > MOST_SPACIOUS ? `${name} %` : name);

/** @param {number} share @param {string[]} classes */
function rateText(share, classes) {
  if (classes.length <= MOST_SPACIOUS) return format.share(share);
  // Only all of them are 100 %.
  return format.whole(share === 1 ? 100 : Math.min(99, Math.round(100 * share)));
}

/**
 * Height and width of a row's picture, if that is what it is.
 * @param {Training} training
 * @param {Samples} samples
 * @returns {[number, number] | undefined}
 */
export function pictureShape({ document }, { width }) {
  const [channels, rows, columns] = document ? columnsOf(document.data).shape : [];
  return channels === 1 && rows && columns && rows * columns === width ? [rows, columns] : undefined;
}

/**
 * One row of the data: a picture, or its numbers.
 * @param {Samples} samples
 * @param {number} row
 * @param {[number, number] | undefined} shape
 */
function example(samples, row, shape) {
  const { names, width } = samples;
  const values = inputsOf(samples, row);
  const text = h('span', { class: 'example-text' });
  if (shape) {
    const canvas = h('canvas', { class: 'sample-picture', 'aria-hidden': 'true' });
    drawPicture(canvas, values, shape);
    return h('div', { class: 'example' }, canvas, text);
  }
  const shown = Array.from(values.subarray(0, 6), (value, at) => `${names[at]} ${brief(value)}`);
  const rest = width > shown.length ? ' …' : '';
  return h('div', { class: 'example' }, h('span', {}, shown.join(', ') + rest), text);
}

/**
 * Values as shades from the surface to the ink, the highest darkest.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values
 * @param {[number, number]} shape
 */
export function drawPicture(canvas, values, [rows, columns]) {
  canvas.width = columns;
  canvas.height = rows;
  const image = new ImageData(columns, rows);
  const [paper, ink] = [rgbOf('raised'), rgbOf('ink')];
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < rows * columns; at += 1) {
    low = Math.min(low, Number(values[at]));
    high = Math.max(high, Number(values[at]));
  }
  for (let at = 0; at < rows * columns; at += 1) {
    const share = high > low ? (Number(values[at]) - low) / (high - low) : 0;
    for (let part = 0; part < 3; part += 1)
      image.data[4 * at + part] = Number(paper[part]) + share * (Number(ink[part]) - Number(paper[part]));
    image.data[4 * at + 3] = 255;
  }
  contextOf(canvas).putImageData(image, 0, 0);
}

/** @param {Matrix} matrix @param {HTMLCanvasElement} canvas @param {number} ratio */
function paint({ names, counts }, canvas, ratio) {
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = `13px ${FONT}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const { left, side, top, height } = layoutOf(names);
  counts.forEach((row, is) => {
    const sum = row.reduce((total, count) => total + count, 0);
    row.forEach((count, said) => {
      const [x, y] = [left + said * side, top + is * height];
      context.globalAlpha = sum === 0 ? 0 : (0.7 * count) / sum;
      context.fillStyle = themeColor(is === said ? 'accent' : 'negative');
      context.fillRect(x, y, side, height);
      context.globalAlpha = 1;
      context.strokeStyle = themeColor('line-strong');
      context.lineWidth = 1;
      context.strokeRect(x + 0.5, y + 0.5, side, height);
      context.fillStyle = themeColor('ink');
      context.fillText(String(count), x + side / 2, y + height / 2);
    });
  });
  context.fillStyle = themeColor('ink-2');
  names.forEach((name, at) => {
    context.fillText(name, left + (at + 0.5) * side, top - 12, side - 4);
    context.fillText(name, left / 2, top + (at + 0.5) * height, left - 4);
  });
  context.fillText(t('confusion.given'), left + (names.length * side) / 2, 14);
  context.textAlign = 'left';
  context.fillText(t('confusion.wanted'), 4, 32);
}

/** How wide a cell of the saved picture and its margin are: long names get more room. @param {string[]} names */
function layoutOf(names) {
  const longest = Math.max(...names.map(({ length }) => length));
  const side = Math.min(120, Math.max(48, 9 * longest));
  return { left: side, side, top: 48, height: 48 };
}

/** @param {Matrix} matrix */
function csvOf({ names, counts }) {
  const head = ['class', ...names.map((name) => `predicted ${name}`)].map(csvField).join();
  return [head, ...counts.map((row, kind) => [csvField(names[kind] ?? ''), ...row].join())];
}
