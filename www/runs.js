// Runs that are kept to compare with the present one: pinned by hand, or made by a comparison. Each belongs to the
// experiment that was open then, and is shown beside that one only. They outlive the page, see pins.js.

import { History } from './history.js';
import { Scores } from './scores.js';

/** @import { Experiment } from './experiment.js' */
/** @import { Position } from './protocol.js' */
/** @import { Training } from './session.js' */

/**
 * @typedef {object} Run
 * @property {number} id
 * @property {number} number of its look in charts
 * @property {string} name
 * @property {Experiment} document
 * @property {History} history
 * @property {Scores} scores
 * @property {Position | undefined} position
 * @property {'pinned' | 'waiting' | 'running' | 'done' | 'diverged' | 'cancelled' | 'failed'} status
 * @property {boolean} shown in the charts
 * @property {boolean} compared made by a comparison
 * @property {string} home the experiment that it belongs to
 * @property {string} [key] where it is kept
 */

/** @typedef {(run: Run, what: 'added' | 'changed' | 'removed') => void} Listener */

/** @type {Listener | undefined} */
let listener;
/** Those of every experiment that was open on this page: an undo goes back to the one before. @type {Run[]} */
let all = [];
/** Those of the experiment that is open. @type {Run[]} */
let list = [];
let home = '';
let lastId = 0;
/** Counts the changes of the list and of what is shown of it. */
let version = 0;

/** The looks that charts have for runs: six colours and four kinds of dashes, so twelve together. */
const LOOKS = 12;

/** @param {Run[]} changed */
function take(changed) {
  all = changed;
  list = all.filter((run) => run.home === home);
  version += 1;
}

/**
 * A look that no run of the experiment has: the wanted one, if it is free.
 * @param {string} of the experiment
 * @param {number} [wanted]
 */
function freeLook(of, wanted) {
  const taken = new Set(all.filter((run) => run.home === of).map(({ number }) => number));
  const looks = [...(wanted === undefined ? [] : [wanted]), ...Array(LOOKS).keys()];
  return looks.find((number) => !taken.has(number));
}

/** A comparison has not done with it. @param {Run} run */
export const isUnderway = ({ status }) => status === 'waiting' || status === 'running';

export const runs = {
  get list() {
    return list;
  },
  /** Which experiment is open. */
  get home() {
    return home;
  },
  get version() {
    return version;
  },

  /** @param {Listener} hears of every change */
  listen(hears) {
    listener = hears;
  },

  /** Another experiment is open: its runs are shown from now on. @param {string} experiment */
  open(experiment) {
    if (experiment === home) return;
    home = experiment;
    take(all);
  },

  /** Whether it is here, beside whichever experiment. @param {string} key */
  has: (key) => all.some((run) => run.key === key),

  /**
   * @param {Omit<Run, 'id' | 'number' | 'home'> & { number?: number, home?: string }} run with the look that it would
   *   like, of another experiment than the open one where it says so
   * @returns {Run}
   */
  add(run) {
    const of = run.home ?? home;
    lastId += 1;
    const added = { ...run, home: of, id: lastId, number: freeLook(of, run.number) ?? lastId % LOOKS };
    take([...all, added]);
    listener?.(added, 'added');
    return added;
  },

  /** @param {Run} run @param {Partial<Run>} change */
  change(run, change) {
    Object.assign(run, change);
    version += 1;
    listener?.(run, 'changed');
  },

  /** @param {Run[]} gone */
  remove(gone) {
    take(all.filter((run) => !gone.includes(run)));
    for (const run of gone) listener?.(run, 'removed');
  },

  /** Runs that were removed are again where they were, with their looks unless others have them by now. @param {Run[]} gone */
  restore(gone) {
    for (const run of gone) {
      run.number = freeLook(run.home, run.number) ?? run.number;
      take([...all, run].sort((one, other) => one.id - other.id));
      listener?.(run, 'changed');
    }
  },
};

/**
 * The present run as it is now.
 * @param {Training} training
 * @param {string} name
 */
export function pin({ document, history, scores, position }, name) {
  if (!document) return undefined;
  return runs.add({
    name,
    document,
    history: history.clone(),
    scores: scores.clone(),
    position,
    status: 'pinned',
    shown: true,
    compared: false,
  });
}

/**
 * A run of a comparison that has not begun.
 * @param {string} name
 * @param {Experiment} document
 */
export const waiting = (name, document) =>
  runs.add({ name, document, history: new History(1), scores: new Scores(), position: undefined, status: 'waiting', shown: true, compared: true }); // prettier-ignore
