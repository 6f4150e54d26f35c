// Runs that are kept to compare with the present one: pinned by hand, or made by a comparison. These last as long as
// the page; pinned ones outlive it, see pins.js.

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
 * @property {string} [key] of a pinned one, where it is kept
 */

/** @typedef {(run: Run, what: 'added' | 'changed' | 'removed') => void} Listener */

/** @type {Listener | undefined} */
let listener;
/** @type {Run[]} */
let list = [];
let lastId = 0;
/** Counts the changes of the list and of what is shown of it. */
let version = 0;

/** The looks that charts have for runs: six colours and four kinds of dashes, so twelve together. */
const LOOKS = 12;

export const runs = {
  get list() {
    return list;
  },
  get version() {
    return version;
  },

  /** @param {Listener} hears of every change */
  listen(hears) {
    listener = hears;
  },

  /**
   * @param {Omit<Run, 'id' | 'number'> & { number?: number }} run with the look that it would like
   * @returns {Run}
   */
  add(run) {
    const taken = new Set(list.map(({ number }) => number));
    const looks = [...(run.number === undefined ? [] : [run.number]), ...Array(LOOKS).keys()];
    const free = looks.find((number) => !taken.has(number));
    lastId += 1;
    const added = { ...run, id: lastId, number: free ?? lastId % LOOKS };
    list = [...list, added];
    version += 1;
    listener?.(added, 'added');
    return added;
  },

  /** @param {Run} run @param {Partial<Run>} change */
  change(run, change) {
    Object.assign(run, change);
    version += 1;
    listener?.(run, 'changed');
  },

  /** @param {(run: Run) => boolean} gone */
  remove(gone) {
    const removed = list.filter(gone);
    list = list.filter((run) => !removed.includes(run));
    version += 1;
    for (const run of removed) listener?.(run, 'removed');
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
