// The page's one store: the document with its history, and what views remember. Everything in it is a value;
// a change makes a new one.

/** @import { Experiment, Problem } from './experiment.js' */
/** @import { CellProblem, Table } from './table.js' */

/**
 * @typedef {object} View what views remember; not part of the document, not undone
 * @property {'data' | 'network' | 'results'} panel shown on a phone
 * @property {'table' | 'plane' | 'pictures' | undefined} rows how the data are shown; undefined: as suits them
 * @property {import('./views/results.js').Tab} tab
 * @property {CurvesView} curves
 * @property {boolean} logY
 * @property {number} pace which of the transport's paces
 * @property {number} row of the data, whose way through the network is shown
 * @property {'current' | 'initial'} weights
 * @property {{ table: Table, problems: CellProblem[] } | undefined} pending cells that do not fit the document yet
 */
/**
 * @typedef {object} CurvesView
 * @property {'loss' | 'score'} metric
 * @property {'step' | 'epoch'} per
 * @property {number} smooth from 0 to below 1
 * @property {boolean} logX
 * @property {boolean} compare whether the runs are shown
 */
/**
 * @typedef {object} State
 * @property {Experiment} document as edited; with problems, the trainer still has the one before
 * @property {Problem[]} problems why `document` cannot be trained
 * @property {number} revision counts the changes of `document`
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {View} view
 */
/** @typedef {{ document: Experiment, problems: Problem[] }} Checked */
/** @typedef {(state: State) => void} Listener */

/** Problems of fields that are right each alone but do not fit together: such a document can be gone on editing. */
const BETWEEN_FIELDS = new Set([
  'output_count',
  'target_count',
  'not_class',
  'layer_input',
  'shape_mismatch',
  'length_mismatch',
  'one_row_batch',
  'nesterov',
  'no_bias',
  'empty',
]);

/** How many edits can be undone, and how long edits of the same thing count as one. */
const DEPTH = 200;
const MERGE_MS = 1500;

/**
 * @param {object} options
 * @param {Experiment} options.document
 * @param {(document: Experiment) => Checked} options.check reads a document as the module does
 * @param {() => number} [options.now]
 */
export function createStore({ document, check, now = () => performance.now() }) {
  /** @type {Checked[]} */
  let past = [];
  /** @type {Checked[]} */
  let future = [];
  let lastMerge = { key: '', time: -Infinity };
  /** @type {Set<Listener>} */
  const listeners = new Set();
  /** @type {State} */
  let state = {
    ...check(document),
    revision: 0,
    canUndo: false,
    canRedo: false,
    view: {
      panel: 'data',
      rows: undefined,
      tab: 'curves',
      curves: { metric: 'loss', per: 'step', smooth: 0, logX: false, compare: false },
      logY: false,
      pace: 10,
      row: 0,
      weights: 'current',
      pending: undefined,
    },
  };

  /** @param {Partial<State>} change */
  function update(change) {
    state = { ...state, ...change };
    for (const listener of listeners) listener(state);
  }

  /** @param {Checked} checked */
  function show(checked) {
    // Cells that are not right yet stay through edits of everything else.
    const overtaken = state.view.pending && checked.document.data !== state.document.data;
    const view = overtaken ? { ...state.view, pending: undefined } : state.view;
    update({
      ...checked,
      view,
      revision: state.revision + 1,
      canUndo: past.length > 0,
      canRedo: future.length > 0,
    });
  }

  return {
    get state() {
      return state;
    },

    /** @param {Listener} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    /**
     * Takes an edited document, unless a field is wrong in itself: then everything stays as it is and the
     * problems come back, for the field to show.
     * @param {Experiment} candidate
     * @param {string} [merge] edits with the same key in quick succession are undone together
     * @returns {Problem[]}
     */
    edit(candidate, merge = '') {
      const checked = check(candidate);
      const refused = checked.problems.filter(({ code }) => !BETWEEN_FIELDS.has(code));
      if (refused.length > 0) return refused;
      const time = now();
      const merges =
        merge !== '' && merge === lastMerge.key && time - lastMerge.time < MERGE_MS && past.length > 0;
      lastMerge = { key: merge, time };
      if (!merges) past = [...past, { document: state.document, problems: state.problems }].slice(-DEPTH);
      future = [];
      show(checked);
      return [];
    },

    undo() {
      const previous = past.at(-1);
      if (!previous) return false;
      past = past.slice(0, -1);
      future = [...future, { document: state.document, problems: state.problems }];
      lastMerge = { key: '', time: -Infinity };
      show(previous);
      return true;
    },

    redo() {
      const next = future.at(-1);
      if (!next) return false;
      future = future.slice(0, -1);
      past = [...past, { document: state.document, problems: state.problems }];
      lastMerge = { key: '', time: -Infinity };
      show(next);
      return true;
    },

    /** @param {Partial<View>} change */
    look(change) {
      update({ view: { ...state.view, ...change } });
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
