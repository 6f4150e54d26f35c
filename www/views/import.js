// The popup that takes a table from text or from a file: how the text is read, and what becomes of it, is shown
// before it replaces the table.

import { button, freshId, h, setAttribute, setText } from '../dom.js';
import { readDelimited, whyNot } from '../delimited.js';
import { isClassification } from '../experiment.js';
import { format, t } from '../i18n.js';
import { MAX_WORDS, isOnlyNames, readTable } from '../importing.js';
import { withSet } from '../sources.js';
import { MAX_ROWS, TableError, cellProblems, rowsWith, textOf, wordsOf } from '../table.js';
import { titleAfter, titleOfFile } from '../titles.js';
import { breakable } from './column-widths.js';
import { cellProblemText, tableErrorText } from './editor.js';
import { formRow, selectField } from './fields.js';
import { openPopup } from './popup.js';

/** @import { App } from '../app.js' */
/** @import { Cells, Options } from '../delimited.js' */
/** @import { Experiment } from '../experiment.js' */
/** @import { Read } from '../importing.js' */
/** @import { Table } from '../table.js' */
/** @import { Editor } from './editor.js' */

const MOST_WORDS_SHOWN = 6;
/** Texts with more characters are shown by as many as these. */
const LONG = 20_000;
const SHOWN = 2000;

/**
 * Puts cells that were pasted in the place of the data; the loss and the last layer become those of its targets.
 * @param {App} app
 * @param {Editor} editor
 * @param {string[][]} cells
 * @param {{ header: boolean, lines: number[] }} options
 */
export function takeTable(app, editor, cells, options) {
  const { document } = app.store.state;
  const classified = isClassification(document);
  try {
    const read = readTable(cells, { ...options, classified }, editor.shown());
    // Without names they may be the same data, come back from a spreadsheet.
    return takeRead(app, editor, read, options.header ? '' : document.title, pastedText(read));
  } catch (error) {
    return editor.refuse(refusalText(error));
  }
}

/** @typedef {ReturnType<typeof readTable>} ReadTable */

/** @param {ReadTable} read */
const pastedText = ({ table }) => t('data.pasted', { count: table.rows.length });

/**
 * @param {App} app
 * @param {Editor} editor
 * @param {ReadTable} read
 * @param {string} title what the page calls the experiment now
 * @param {string} taken how many rows, and from where
 */
function takeRead(app, editor, read, title, taken) {
  const { table } = read;
  const { document } = app.store.state;
  const changes = changesText(document, read);
  const said = changes.length > 0 ? `${taken} · ${changes.join(' ')}` : taken;
  app.withdraw('import');
  if (!editor.replace(table, said, titleAfter(document.title, title, app.presets))) return false;
  app.store.look({ rows: undefined });
  if (changes.length > 0) app.notify({ kind: 'info', text: said, topic: 'import' });
  return true;
}

/** Why cells are no table. @param {unknown} error */
function refusalText(error) {
  if (!(error instanceof TableError)) throw error;
  return tableErrorText(error);
}

/**
 * What becomes of more than the rows.
 * @param {Experiment} document
 * @param {ReadTable} read
 */
function changesText(document, { table, columns, renamed }) {
  const { loss } = withSet(document, { ...table, rows: /** @type {number[][]} */ (table.rows) });
  const other = loss.type === document.loss.type ? [] : [t('import.loss', { loss: t(`loss.${loss.type}`) })];
  const shown = renamed
    .slice(0, MOST_WORDS_SHOWN)
    .map(({ from, to }) => `${from || t('import.noName')} → ${to}`);
  const more = renamed.length > shown.length ? ['…'] : [];
  const names = renamed.length === 0 ? [] : [t('import.renamed', { list: [...shown, ...more].join(', ') })];
  return [...names, ...columns.flatMap(wordsText), ...other];
}

/** How a file of Excel or of another spreadsheet begins: it is an archive. */
const ARCHIVE = 'PK\u0003\u0004';

/**
 * What the words of a column have become.
 * @param {Read} column
 * @returns {string[]}
 */
function wordsText({ name, kind, words }) {
  if (kind === 'numbers') return [];
  if (kind === 'text') return [t('import.text', { name, max: MAX_WORDS })];
  const shown = words.slice(0, MOST_WORDS_SHOWN);
  const more = words.length > shown.length ? ['…'] : [];
  if (kind === 'classes') {
    const list = [...shown.map((word, at) => `${at} = ${word}`), ...more].join(', ');
    return [t('import.classes', { name, list })];
  }
  const flags = words.length === 2 ? words.slice(1) : shown;
  const list = [...flags.map((word) => `${name}=${word}`), ...more].join(', ');
  return [t('import.flags', { name, list })];
}

/**
 * @param {App} app
 * @param {Editor} editor
 * @param {HTMLElement} anchor
 * @param {object} options
 * @param {string} options.text
 * @param {string} [options.name] of the file that it is from
 * @param {(text: string) => void} options.ondraft
 * @param {() => void} options.choose lets the reader choose a file
 */
export function openImportPopup(app, editor, anchor, { text: start, name, ondraft, choose }) {
  const text = h('textarea', {
    class: 'text',
    rows: '6',
    autofocus: true,
    placeholder: 'x1\tx2\ty\n1\t2\t3\n3\t4\t7',
    spellcheck: 'false',
    'aria-label': t('data.importText'),
    'data-help': 'import_text',
    oninput: () => {
      source = text.value;
      ondraft(source);
      chosen.target = undefined;
      preview();
    },
    onpaste: (/** @type {ClipboardEvent} */ event) => {
      const copied = event.clipboardData?.getData('text/plain') ?? '';
      if (copied.length <= LONG) return;
      event.preventDefault();
      show(copied);
      chosen.target = undefined;
      preview();
    },
  });
  let source = start;
  show(start);

  /** A field with megabytes of text would hold up the page: it shows the beginning, what is taken is all. @param {string} whole */
  function show(whole) {
    source = whole;
    const long = whole.length > LONG;
    text.value = long ? `${whole.slice(0, SHOWN)}\n…` : whole;
    text.readOnly = long;
    if (!long) ondraft(whole);
  }

  /** @type {Options & { target?: number }} */
  const chosen = {};
  /**
   * @template V
   * @param {'separator' | 'header' | 'decimalComma' | 'target'} key
   * @param {{ value: string, text: string, is: V }[]} choices
   */
  function choice(key, choices) {
    const field = selectField({
      label: t(`import.${key}`),
      choices,
      onchange: (value) => {
        Object.assign(chosen, { [key]: choices.find((one) => one.value === value)?.is });
        if (key !== 'target') chosen.target = undefined;
        preview();
      },
    });
    return field;
  }
  const auto = { value: 'auto', text: t('import.auto'), is: undefined };
  const separator = choice('separator', [
    auto,
    { value: 'tab', text: t('import.tab'), is: '\t' },
    { value: ',', text: t('import.comma'), is: ',' },
    { value: ';', text: t('import.semicolon'), is: ';' },
  ]);
  const header = choice('header', [
    auto,
    { value: 'yes', text: t('import.headerYes'), is: true },
    { value: 'no', text: t('import.headerNo'), is: false },
  ]);
  const decimal = choice('decimalComma', [
    auto,
    { value: 'point', text: t('import.point'), is: false },
    { value: 'comma', text: t('import.decimalCommaYes'), is: true },
  ]);
  const target = h('select', {
    'aria-label': t('import.target'),
    'data-help': 'import_target',
    onchange: () => {
      chosen.target = Number(target.value);
      preview();
    },
  });
  const options = h(
    'div',
    { class: 'import-options', hidden: true },
    formRow(t('import.separator'), separator.select, separator.select),
    formRow(t('import.decimalComma'), decimal.select, decimal.select),
    formRow(t('import.header'), header.select, header.select),
    formRow(t('import.target'), target, target),
  );
  const summary = h('div', { class: 'import-found field-note', role: 'status', id: freshId() });
  const use = button({ text: t('data.useText'), class: 'button primary', onclick: take });
  const file = button({ text: t('data.chooseFile'), onclick: choose });
  setAttribute(separator.select, 'data-help', 'import_separator');
  setAttribute(decimal.select, 'data-help', 'import_decimal');
  setAttribute(header.select, 'data-help', 'import_header');
  setAttribute(use, 'data-help', 'import_use');
  setAttribute(file, 'data-help', 'import_file');
  const form = h(
    'div',
    { class: 'popup-form wide', role: 'dialog', 'aria-label': t('data.import') },
    name ? h('p', { class: 'import-name' }, name) : h('p', { class: 'field-note' }, t('data.importNote')),
    text,
    options,
    summary,
    h('div', { class: 'toolbar' }, use, file),
  );
  const close = openPopup(anchor, form);
  preview();

  function cells() {
    const read = readDelimited(source, MAX_ROWS + 1, chosen);
    return chosen.header === undefined && isOnlyNames(read.rows) ? { ...read, header: true } : read;
  }

  /** What the text is taken for, as it would become the table. */
  function preview() {
    mark(false);
    options.hidden = source.trim() === '';
    if (options.hidden) return summary.replaceChildren();
    const found = cells();
    const guesses = /** @type {const} */ ([
      [separator, { '\t': 'import.tab', ',': 'import.comma' }[found.separator] ?? 'import.semicolon'],
      [header, found.header ? 'import.headerYes' : 'import.headerNo'],
      [decimal, found.decimalComma ? 'import.decimalCommaYes' : 'import.point'],
    ]);
    for (const [{ select }, guess] of guesses)
      setText(/** @type {Node} */ (select.options[0]), t('import.guessed', { what: t(guess) }));
    try {
      describe(read(found));
    } catch (error) {
      complain(refusalText(error));
    }
  }

  /** The table that cells make. @param {Cells} found */
  function read(found) {
    const wrong = source.startsWith(ARCHIVE) ? new TableError('workbook') : whyNot(found);
    if (wrong) throw wrong;
    const { rows, lines, header: named } = found;
    const classified = isClassification(app.store.state.document);
    return readTable(rows, { header: named, target: chosen.target, lines, classified }, editor.shown());
  }

  /** @param {ReadTable} found */
  function describe(found) {
    const { table, columns } = found;
    const targets = columns.filter((column) => column.target);
    const several = targets.length > 1;
    target.replaceChildren(
      ...columns.map((column, at) => h('option', { value: at }, column.name)),
      ...(several
        ? [h('option', { value: '', hidden: true }, targets.map((column) => column.name).join(', '))]
        : []),
    );
    target.value = several ? '' : String(columns.findIndex((column) => column.target));
    const wrong = cellProblems(table);
    const inputs = format.list(table.inputs.slice(0, 8)) + (table.inputs.length > 8 ? ' …' : '');
    const lines = [
      `${t('data.rows', { count: table.rows.length })} · ${inputs} → ${format.list(table.targets)}`,
      ...changesText(app.store.state.document, found),
      ...(wrong[0]
        ? [`${t('import.wrong', { count: rowsWith(wrong).size })} ${cellProblemText(wrong[0], table)}`]
        : []),
    ];
    summary.replaceChildren(...lines.map((line) => h('p', {}, line)), sample(table));
  }

  /** @param {string} reason */
  function complain(reason) {
    summary.replaceChildren(h('p', { class: 'field-message' }, reason));
  }

  function take() {
    try {
      const found = read(cells());
      const before = app.store.state.view.pending;
      const count = found.table.rows.length;
      const done = name
        ? takeRead(app, editor, found, titleOfFile(name), t('import.taken', { count, name }))
        : takeRead(app, editor, found, '', pastedText(found));
      const { pending } = app.store.state.view;
      // With cells that hold no number the table stands there to be put right.
      if (done || (pending && pending !== before)) {
        ondraft('');
        return close(true);
      }
      complain(editor.refusal);
      editor.refuse('');
    } catch (error) {
      complain(refusalText(error));
    }
    mark(true);
    text.focus();
  }

  /** Whether the field is wrong; the reason is read with it. @param {boolean} wrong */
  function mark(wrong) {
    setAttribute(text, 'aria-invalid', wrong ? 'true' : null);
    setAttribute(text, 'aria-describedby', wrong ? summary.id : null);
  }
}

/** So many columns have room. */
const MOST_COLUMNS = 5;

/**
 * The first rows of a table; of many columns, the first ones and the last.
 * @param {Table} table
 */
function sample(table) {
  const names = [...table.inputs, ...table.targets];
  const left = names.length > MOST_COLUMNS ? names.length - MOST_COLUMNS + 1 : 0;
  /** @template T @param {T[]} all @param {T} others what stands for those that are left out */
  const some = (all, others) => (left > 0 ? all.toSpliced(MOST_COLUMNS - 2, left, others) : all);
  const texts = (/** @type {(number | string)[]} */ cells) =>
    cells.map((cell, at) => textOf(cell, wordsOf(table, at)));
  const heads = some(
    names.map((name) => breakable(name)),
    [t('import.moreColumns', { count: left })],
  );
  const row = (/** @type {(number | string)[]} */ cells) =>
    h('tr', {}, ...some(texts(cells), '…').map((text) => h('td', {}, text)));
  return h(
    'table',
    { class: 'numbers import-sample' },
    h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', { scope: 'col' }, ...head)))),
    h('tbody', {}, ...table.rows.slice(0, 3).map(row)),
  );
}
