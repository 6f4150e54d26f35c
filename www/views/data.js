// The data panel: its rows, how they are shown, and how they are split.

import { button, h, icon, setAttribute, setText } from '../dom.js';
import { formatDelimited } from '../delimited.js';
import { columnsOf, isClassification } from '../experiment.js';
import { format, t, withTexts } from '../i18n.js';
import { brief } from '../numbers.js';
import { asTyped, forgetRows, rowsOf } from '../rows.js';
import * as edits from '../table.js';
import { createEditor, pendingText, wrongText } from './editor.js';
import { formRow, numberField } from './fields.js';
import { download, openText, textOf } from './files.js';
import { lazyView, loadFailure } from './lazy.js';
import { openMenu } from './popup.js';
import { placeText, problemText } from './problems.js';
import { sheetView } from './sheet.js';
import { sourceControls } from './source.js';

/** @import { App } from '../app.js' */
/** @import { Experiment } from '../experiment.js' */
/** @import { Training } from '../session.js' */
/** @import { Pending, State, View } from '../store.js' */
/** @import { Table } from '../table.js' */

export { outputOf } from '../outputs.js';

const VIEWS = /** @type {const} */ (['table', 'plane', 'pictures']);

/**
 * How rows can be shown: as points where two numbers, or one number and its value, say where; as pictures where the
 * inputs are some.
 * @param {Experiment} document
 * @returns {NonNullable<View['rows']>[]}
 */
export function waysToShow(document) {
  const { inputs, shape } = columnsOf(document.data);
  const [height = 0, width = 0] = shape.slice(-2);
  if (shape.length > 1 && height * width === inputs.length) return ['table', 'pictures'];
  const line = inputs.length === 1 && !isClassification(document);
  return inputs.length === 2 || line ? ['table', 'plane'] : ['table'];
}

/** @param {State} state */
export function shownWay({ document, view }) {
  const ways = waysToShow(document);
  if (view.rows && ways.includes(view.rows)) return view.rows;
  const own = document.data.kind === 'table';
  return /** @type {NonNullable<View['rows']>} */ (own ? ways[0] : ways.at(-1));
}

/** @param {App} app */
export function dataPanel(app) {
  const { store } = app;
  const editor = createEditor(app);
  const counts = h('p', { class: 'panel-note' });
  /** What was not done, and what is wrong: each has its own way out. */
  const [refused, wrong] = [messageBox(), messageBox()];
  const failure = h('div', { hidden: true });

  const importButton = button({
    text: t('data.import'),
    class: 'button small quiet',
    onclick: () => openImport(),
  });
  setAttribute(importButton, 'aria-haspopup', 'dialog');
  const exportButton = button({ text: t('data.export'), class: 'button small quiet', onclick: openExport });
  setAttribute(exportButton, 'aria-haspopup', 'menu');
  const files = h('div', { class: 'toolbar' }, importButton, exportButton);

  const source = sourceControls(app);
  const ways = VIEWS.map((name) => {
    const way = button({
      text: t(`data.show.${name}`),
      class: 'segment',
      onclick: () => store.look({ rows: name }),
    });
    return { name, way };
  });
  const waysGroup = h(
    'div',
    { class: 'segments', role: 'group', 'aria-label': t('data.show') },
    ...ways.map(({ way }) => way),
  );
  const views = {
    table: sheetView(app, editor),
    plane: lazyView(async () => (await withTexts(import('./plane.js'))).planeView(app, editor), app.redraw),
    pictures: lazyView(
      async () => (await withTexts(import('./pictures.js'))).picturesView(app, editor),
      app.redraw,
    ),
  };

  const percent = numberField(app, {
    label: t('data.validation'),
    read: ({ validation }) => validation * 100,
    write: (document, value) => ({ ...document, validation: (value ?? 0) / 100 }),
    refuse: (value) => (value < 0 || value > 90 ? t('data.validationRange') : undefined),
    format: (value) => brief(value),
  });
  const slider = h('input', {
    type: 'range',
    min: '0',
    max: '90',
    step: '5',
    'aria-label': t('data.validation'),
    oninput: () => {
      const document = store.state.document;
      app.edit({ ...document, validation: Number(slider.value) / 100 }, 'validation');
    },
  });
  const split = h('p', { class: 'field-note' });
  const shuffle = h('input', {
    type: 'checkbox',
    onchange: () => app.edit({ ...store.state.document, shuffle: shuffle.checked }),
  });
  const standardize = h('input', {
    type: 'checkbox',
    onchange: () => app.edit({ ...store.state.document, standardize: standardize.checked }),
  });
  const validation = formRow(
    t('data.validation'),
    percent.input,
    slider,
    h('span', { class: 'with-unit' }, percent.input, h('span', { 'aria-hidden': 'true' }, '%')),
    percent.message,
    split,
  );
  setAttribute(validation, 'data-help', 'validation');
  const settings = h(
    'div',
    { class: 'form' },
    validation,
    h('label', { class: 'check', 'data-help': 'shuffle' }, shuffle, h('span', {}, t('data.shuffle'))),
    h(
      'label',
      { class: 'check', title: t('data.standardizeHint'), 'data-help': 'standardize' },
      standardize,
      h('span', {}, t('data.standardize')),
    ),
  );
  const element = h(
    'section',
    {
      class: 'panel',
      id: 'panel-data',
      'aria-labelledby': 'heading-data',
      tabindex: '-1',
      ondragover: (/** @type {DragEvent} */ event) => {
        if (!event.dataTransfer?.types.includes('Files')) return;
        event.preventDefault();
        element.classList.add('dropping');
      },
      ondragleave: () => element.classList.remove('dropping'),
      ondrop: dropped,
    },
    h('div', { class: 'panel-head' }, h('h2', { id: 'heading-data' }, t('data.title')), counts, files),
    h('div', { class: 'source' }, source.select, waysGroup),
    source.given,
    failure,
    views.table.element,
    views.plane.element,
    views.pictures.element,
    refused.element,
    wrong.element,
    settings,
  );

  let draft = '';
  /** @param {{ text: string, name: string }} [file] */
  async function openImport(file) {
    const { openImportPopup } = await withTexts(import('./import.js'));
    openImportPopup(app, editor, importButton, {
      text: file?.text ?? draft,
      name: file?.name,
      ondraft: (text) => (draft = text),
      choose: () =>
        openText('.csv,.tsv,.txt,text/csv,text/plain', (text, name) => void openImport({ text, name })),
    });
  }

  /** @param {DragEvent} event */
  async function dropped(event) {
    element.classList.remove('dropping');
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    await openImport({ text: await textOf(file), name: file.name });
  }

  function openExport() {
    const save = (/** @type {',' | '\t'} */ separator, /** @type {string} */ extension) => () => {
      const table = editor.shown();
      const { rows } = typedTable(table);
      const all = { top: 0, bottom: rows.length - 1, left: 0, right: edits.names(table).length - 1 };
      const text = formatDelimited([edits.names(table), ...edits.cut({ ...table, rows }, all)], separator);
      const type = extension === 'csv' ? 'text/csv' : 'text/tab-separated-values';
      download(`gradus-data.${extension}`, `${text}\n`, type);
    };
    openMenu(
      exportButton,
      [
        { text: t('data.exportCsv'), hint: '.csv', onchoose: save(',', 'csv') },
        { text: t('data.exportTsv'), hint: '.tsv', onchoose: save('\t', 'tsv') },
      ],
      t('data.export'),
    );
  }

  /** @param {Table} table */
  const typedTable = (table) =>
    editor.own ? table : asTyped({ ...table, rows: /** @type {number[][]} */ (table.rows) });

  /** @type {Experiment | undefined} */
  let lastDocument;
  let lastMessage = /** @type {unknown[]} */ ([]);
  /**
   * @param {State} state
   * @param {Training} training
   */
  function update(state, training) {
    const { document, view } = state;
    const { data } = document;
    const rows = rowsOf(data, app.redraw);
    const way = shownWay(state);
    const there = rows !== 'loading' && !(rows instanceof Error);

    source.update(state, training, there);
    const possible = waysToShow(document);
    waysGroup.hidden = possible.length < 2;
    for (const { name, way: choice } of ways) {
      choice.hidden = !possible.includes(name);
      setAttribute(choice, 'aria-pressed', String(name === way));
    }
    exportButton.disabled = !there;
    updateFailure(rows);
    for (const name of VIEWS) {
      const shown = there && name === way;
      views[name].element.hidden = !shown;
      if (shown) views[name].update(state, training);
    }

    percent.update(document);
    slider.value = String(document.validation * 100);
    shuffle.checked = document.shuffle;
    standardize.checked = document.standardize;
    if (document !== lastDocument || view.pending !== lastMessage[1])
      updateAmounts(document, view.pending?.table);
    lastDocument = document;
    const now = [data, view.pending, state.problems, document.loss, editor.refusal];
    if (now.some((value, at) => value !== lastMessage[at])) updateMessages(state, editor.shown());
    lastMessage = now;
  }

  /** @param {import('../rows.js').Rows} rows */
  function updateFailure(rows) {
    const failed = rows instanceof Error;
    if (failed === !failure.hidden) return;
    failure.hidden = !failed;
    const again = () => {
      forgetRows(store.state.document.data);
      if (app.session.training.status === 'failed') app.reset();
      app.redraw();
    };
    failure.replaceChildren(...(failed ? [loadFailure(rows.message, again)] : []));
  }

  /**
   * How many rows there are, and how many of them train.
   * @param {Experiment} document
   * @param {Table | undefined} pending
   */
  function updateAmounts({ data, validation }, pending) {
    const { inputs, targets, count } = columnsOf(data);
    const rows = pending?.rows.length ?? count;
    const [ins, outs] = [pending?.inputs ?? inputs, pending?.targets ?? targets];
    const columns = ` · ${ins.length} → ${outs.length}`;
    setText(counts, t('data.rows', { count: rows }) + (data.kind === 'table' ? columns : ''));
    setAttribute(slider, 'aria-valuetext', format.share(validation));
    const held = Math.floor(rows * validation);
    const amounts = { train: rows - held, validation: held, share: format.share(validation) };
    const text = validation === 0 ? 'data.noSplit' : held === 0 ? 'data.tooFew' : 'data.split';
    setText(split, t(text, amounts));
  }

  /**
   * @param {State} state
   * @param {Table} table
   */
  function updateMessages({ view, problems: found, document }, table) {
    const own = found.find(({ path }) => path.startsWith('data') || path.startsWith('predict'));
    refused.say(editor.refusal, [
      {
        icon: 'close',
        label: t('notice.dismiss'),
        class: 'icon-button',
        onclick: () => editor.refuse(''),
      },
    ]);
    if (view.pending) return wrong.say(pendingText(view.pending), waysOut(view.pending));
    // An empty table says so itself.
    const told = own?.code === 'empty' && table.rows.length === 0;
    wrong.say(own && !told ? `${placeText(own.path, document)}: ${problemText(own)}` : '');
  }

  /** What can be done about cells that wait to be put right. @param {Pending} pending */
  function waysOut({ problems, table }) {
    const small = (/** @type {string} */ text, /** @type {() => void} */ onclick) => ({
      text,
      class: 'button small',
      onclick,
    });
    const count = edits.rowsWith(problems).size;
    return [
      small(t('data.showWrong', { count: problems.length }), showNextWrongCell),
      ...(count < table.rows.length ? [small(t('data.leaveOut', { count }), editor.leaveOut)] : []),
      small(t('data.discard'), editor.discard),
    ];
  }

  /** @param {(pending: Pending) => void} lead to one of the cells that wait, once the table is there */
  function inTable(lead) {
    const { pending } = store.state.view;
    if (!pending) return;
    store.look({ panel: 'data', rows: 'table' });
    // The panel may come with the next frame only.
    requestAnimationFrame(() => lead(pending));
  }

  const showNextWrongCell = () => inTable(({ problems }) => views.table.focusNext(problems));

  /** Where the first cell is that is wrong: that is what has to be done before the network can be trained. */
  const showWrongCell = () =>
    inTable((pending) => {
      app.announce(t('transport.cannot', { problem: wrongText(pending) }));
      if (pending.problems[0]) views.table.focus(pending.problems[0]);
    });

  return { element, update, showWrongCell };
}

/** A message that is an alert, with buttons. It is spoken when its text is another one. */
function messageBox() {
  const element = h('div', { class: 'message', hidden: true, role: 'alert' });
  let said = '';
  return {
    element,
    /**
     * @param {string} text
     * @param {Parameters<typeof button>[0][]} [actions]
     */
    say(text, actions = []) {
      const now = [text, ...actions.map((action) => action.text)].join('\n');
      if (now === said) return;
      said = now;
      element.hidden = text === '';
      const buttons = actions.length > 0 ? [h('div', { class: 'toolbar' }, ...actions.map(button))] : [];
      const parts = [icon('warning'), h('span', {}, text), ...buttons];
      element.replaceChildren(...(text === '' ? [] : parts));
    },
  };
}
