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
 * @property {Pending | undefined} pending cells that do not fit the document yet
 */
/**
 * @typedef {object} Pending
 * @property {Table} table
 * @property {CellProblem[]} problems
 * @property {boolean} fresh whether the table is a new set, to which the loss and the last layer are to be fitted
 * @property {string} [title] what the experiment is called with it
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
/** @typedef {Checked & { pending: Pending | undefined }} Snapshot a document and the cells that waited beside it */
/**
 * Something that was done to the present training and not to the document; both say what they have done.
 * @typedef {{ undo: () => string, redo: () => string }} Act
 */
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

/** The problems of single fields: a document with one of them is not gone on editing. @param {Problem[]} problems */
const refusing = (problems) => problems.filter(({ code }) => !BETWEEN_FIELDS.has(code));

/** Whether a document with these problems can be gone on editing. @param {Problem[]} problems */
export const isEditable = (problems) => refusing(problems).length === 0;

/** How many edits can be undone, and how long edits of the same thing count as one. */
const DEPTH = 200;
const MERGE_MS = 1500;

/**
 * @param {Snapshot | Act} entry
 * @returns {entry is Act}
 */
const isAct = (entry) => 'undo' in entry;

/**
 * @param {object} options
 * @param {Experiment} options.document
 * @param {(document: Experiment) => Checked} options.check reads a document as the module does
 * @param {() => number} [options.now]
 */
export function createStore({ document, check, now = () => performance.now() }) {
  /** What there was before an edit, and what was done between edits. @type {(Snapshot | Act)[]} */
  let past = [];
  /** @type {(Snapshot | Act)[]} */
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

  /** @returns {Snapshot} */
  const present = () => ({
    document: state.document,
    problems: state.problems,
    pending: state.view.pending,
  });

  /** @param {Snapshot} snapshot */
  function show({ document, problems, pending }) {
    update({
      document,
      problems,
      view: { ...state.view, pending },
      revision: state.revision + Number(document !== state.document),
      canUndo: past.length > 0,
      canRedo: future.length > 0,
    });
  }

  /** Forgets what was undone, and remembers what there is, or what was done. @param {Snapshot | Act} entry */
  function remember(entry) {
    past = [...past, entry].slice(-DEPTH);
    future = [];
  }

  const updateUndo = () => update({ canUndo: past.length > 0, canRedo: future.length > 0 });

  /**
   * @param {Snapshot | Act} entry
   * @param {'undo' | 'redo'} way
   * @param {(entry: Snapshot | Act) => void} keep for the way back
   */
  function goTo(entry, way, keep) {
    lastMerge = { key: '', time: -Infinity };
    if (!isAct(entry)) {
      keep(present());
      show(entry);
      return true;
    }
    keep(entry);
    updateUndo();
    return entry[way]();
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
     * @param {Pending} [pending] cells that wait beside its data, where these are others
     * @returns {Problem[]}
     */
    edit(candidate, merge = '', pending = undefined) {
      const checked = check(candidate);
      const refused = refusing(checked.problems);
      if (refused.length > 0) return refused;
      const time = now();
      const merges =
        merge !== '' && merge === lastMerge.key && time - lastMerge.time < MERGE_MS && past.length > 0;
      lastMerge = { key: merge, time };
      if (!merges) remember(present());
      future = [];
      // Cells that are not right yet stay through edits of everything else.
      const overtaken = checked.document.data !== state.document.data;
      show({ ...checked, pending: overtaken ? pending : state.view.pending });
      return [];
    },

    /**
     * Cells wait beside the document, or wait no longer: an edit like any other, to be undone in its turn.
     * @param {Pending | undefined} pending
     */
    hold(pending) {
      remember(present());
      lastMerge = { key: '', time: -Infinity };
      show({ ...present(), pending });
    },

    /**
     * Remembers what was done, to be undone in its turn between the edits of the document.
     * @param {Act} act
     */
    did(act) {
      remember(act);
      lastMerge = { key: '', time: -Infinity };
      updateUndo();
    },

    /** The training has begun anew: what was done to the one before is over with it. */
    forgetActs() {
      const [before, after] = [past.length, future.length];
      past = past.filter((entry) => !isAct(entry));
      future = future.filter((entry) => !isAct(entry));
      if (past.length !== before || future.length !== after) updateUndo();
    },

    /** @returns {string | boolean} whether there was anything, or what has been done */
    undo() {
      const previous = past.at(-1);
      if (!previous) return false;
      past = past.slice(0, -1);
      return goTo(previous, 'undo', (entry) => (future = [...future, entry]));
    },

    /** @returns {string | boolean} */
    redo() {
      const next = future.at(-1);
      if (!next) return false;
      future = future.slice(0, -1);
      return goTo(next, 'redo', (entry) => (past = [...past, entry]));
    },

    /** @param {Partial<View>} change */
    look(change) {
      update({ view: { ...state.view, ...change } });
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
