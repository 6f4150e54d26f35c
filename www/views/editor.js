// Edits of the table's rows from any view of them: what fits goes into the document, what does not waits on the page
// until it is put right.

import { same } from '../difference.js';
import { withTable } from '../edits.js';
import { tableOf } from '../experiment.js';
import { t } from '../i18n.js';
import { rowsOf } from '../rows.js';
import { withSet } from '../sources.js';
import * as edits from '../table.js';
import { cellAt, problemText } from './problems.js';

/** @import { App } from '../app.js' */
/** @import { Experiment, Problem } from '../experiment.js' */
/** @import { Pending, State } from '../store.js' */
/** @import { CellProblem, Range, Table } from '../table.js' */

/** @param {Table} table */
const tableAlone = ({ inputs, targets, rows, classes }) => ({
  inputs,
  targets,
  rows,
  classes: classes ?? [],
});

/** @type {Table} */
const NO_ROWS = { inputs: [], targets: [], rows: [] };

/** @param {App} app */
export function createEditor(app) {
  const { store } = app;
  /** What the editor did not do, and in which state of the data: in another one it says nothing. */
  let refusal = { text: '', ...now() };

  function now() {
    const { document, view } = store.state;
    return { data: document.data, pending: view.pending };
  }

  function refusalNow() {
    const { data, pending } = now();
    return data === refusal.data && pending === refusal.pending ? refusal.text : '';
  }

  /** The rows as they stand on the page, cells that are wrong included. */
  function shown() {
    const { view, document } = store.state;
    if (view.pending) return view.pending.table;
    const rows = rowsOf(document.data, app.redraw);
    return rows === 'loading' || rows instanceof Error ? NO_ROWS : rows;
  }

  /**
   * Edits the table. Cells that hold no number keep the edit out of the document until they are put right.
   * @param {(table: Table) => Table} edit
   * @param {string} [said]
   * @param {(document: Experiment) => Experiment} [adapt] what else changes with the rows
   */
  function commit(edit, said, adapt) {
    const { fresh = false, title } = store.state.view.pending ?? {};
    return put(edit, said, { fresh, title }, adapt);
  }

  /**
   * Puts a new set in the place of the rows: the loss and the last layer follow, now or when its cells are put right.
   * @param {Table} table
   * @param {string} said
   * @param {string} [title] what the experiment is called from now on
   */
  function replace(table, said, title) {
    return put(() => table, said, { fresh: true, title });
  }

  /**
   * @param {(table: Table) => Table} edit
   * @param {string | undefined} said
   * @param {Pick<Pending, 'fresh' | 'title'>} set
   * @param {(document: Experiment) => Experiment} [adapt]
   */
  function put(edit, said, { fresh, title }, adapt = (document) => document) {
    refuse('');
    /** @type {Table} */
    let table;
    try {
      table = edit(shown());
    } catch (error) {
      if (!(error instanceof edits.TableError)) throw error;
      return refuse(tableErrorText(error));
    }
    const problems = edits.cellProblems(table);
    if (problems.length > 0) {
      // The panel's message says it.
      store.hold({ table, problems, fresh, title });
      return false;
    }
    const document = tableOf(store.state.document);
    if (document && !fresh && same(tableAlone(document), tableAlone(table))) {
      if (store.state.view.pending) {
        store.hold(undefined);
        if (said) app.announce(said);
      }
      return true;
    }
    const rows = /** @type {number[][]} */ (table.rows);
    const withRows = fresh ? withSet : withTable;
    const next = withRows(store.state.document, { ...table, rows });
    const refused = store.edit(adapt(title === undefined ? next : { ...next, title }));
    const inCells = problemsInCells(refused);
    if (inCells.length > 0) store.hold({ table, problems: inCells, fresh, title });
    else if (refused[0]) return refuse(problemText(refused[0]));
    if (said && refused.length === 0) app.announce(said);
    return refused.length === 0;
  }

  /** @param {string} text */
  function refuse(text) {
    // Said by the panel's message, which is an alert.
    refusal = { text, ...now() };
    app.redraw();
    return false;
  }

  /** Cells of the range that are wrong get back the numbers that they had. @param {Range} range */
  function revert({ top, bottom, left, right }) {
    const { pending } = store.state.view;
    refuse('');
    const wrong = pending?.problems.filter(
      ({ row, column }) => row >= top && row <= bottom && column >= left && column <= right,
    );
    if (!pending || !wrong?.length) return;
    const known = wrong.flatMap(({ row, column }) => {
      const value = valueBefore(pending, row, column);
      return value === undefined ? [] : [{ row, column, value }];
    });
    if (known.length === 0) return app.announce(t('data.noneBefore'));
    commit((table) => edits.setCells(table, known));
  }

  /**
   * @param {Pending} pending
   * @param {number} row
   * @param {number} column
   */
  function valueBefore({ table, fresh }, row, column) {
    const own = tableOf(store.state.document);
    const known = edits.numberBefore(table, row, column);
    // Cells that came back with a reload have no past, but their places in the document.
    const alike =
      !fresh && own?.rows.length === table.rows.length && same(edits.names(own), edits.names(table));
    return known ?? (alike ? own?.rows[row]?.[column] : undefined);
  }

  /** Takes the table over without the rows whose cells wait to be put right. */
  function leaveOut() {
    const wrong = edits.rowsWith(store.state.view.pending?.problems ?? []);
    commit(
      (table) => ({ ...table, rows: table.rows.filter((_, row) => !wrong.has(row)) }),
      t('data.leftOut', { count: wrong.size }),
    );
  }

  function discard() {
    store.hold(undefined);
    app.announce(t('data.discarded'));
  }

  return {
    shown,
    commit,
    replace,
    refuse,
    revert,
    leaveOut,
    discard,
    get refusal() {
      return refusalNow();
    },
    /** Whether the rows are the document's own, and not made by a rule. */
    get own() {
      return tableOf(store.state.document) !== undefined;
    },
  };
}

/** @typedef {ReturnType<typeof createEditor>} Editor */

/** Why an edit of a table was refused. @param {edits.TableError} error */
export const tableErrorText = ({ code, params }) =>
  t(`table.${code}`, { ...params, count: Number(params.columns ?? 0) });

/**
 * The first cell that is wrong, and what is wrong with it.
 * @param {Pending} pending
 */
export const wrongText = ({ problems: [first], table }) => (first ? cellProblemText(first, table) : '');

/** @param {Pending} pending */
export function pendingText(pending) {
  const others = edits.rowsWith(pending.problems).size - 1;
  const more = others > 0 ? t('data.moreProblems', { count: others }) : '';
  return `${wrongText(pending)}${more} ${t('data.trainsWhenRight')}`;
}

/**
 * Which cell is wrong, and what is wrong with it.
 * @param {CellProblem} problem
 * @param {Table} table
 */
export function cellProblemText(problem, table) {
  const place = t('place.cell', { row: problem.row + 1, column: edits.names(table)[problem.column] });
  const params = { text: '', ...problem.params };
  const text = ['empty', 'word', 'comma', 'huge', 'infinite', 'class'].includes(problem.code)
    ? t(`cell.${problem.code}`, params)
    : problemText({ path: '', message: problem.code, ...problem, params });
  return t('problem.placed', { place, problem: text });
}

/**
 * Those of a document's problems that are in cells of its table.
 * @param {Problem[]} problems
 * @returns {CellProblem[]}
 */
const problemsInCells = (problems) =>
  problems.flatMap(({ path, code, params }) => {
    const cell = cellAt(path);
    return cell ? [{ ...cell, code, params }] : [];
  });

/**
 * What is wrong with cells, by `row,column`.
 * @param {State} state
 */
export function cellProblemsOf({ view, problems }) {
  const all = view.pending?.problems ?? problemsInCells(problems);
  return new Map(all.map((problem) => [`${problem.row},${problem.column}`, problem]));
}
