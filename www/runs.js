// Runs that are kept to compare with the present one: pinned by hand, or made by a comparison. They last as long as
// the page.

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
 */

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

  /**
   * @param {Omit<Run, 'id' | 'number'>} run
   * @returns {Run}
   */
  add(run) {
    const taken = new Set(list.map(({ number }) => number));
    const free = Array.from({ length: LOOKS }, (_, number) => number).find((number) => !taken.has(number));
    lastId += 1;
    const added = { ...run, id: lastId, number: free ?? lastId % LOOKS };
    list = [...list, added];
    version += 1;
    return added;
  },

  /** @param {Run} run @param {Partial<Run>} change */
  change(run, change) {
    Object.assign(run, change);
    version += 1;
  },

  /** @param {(run: Run) => boolean} gone */
  remove(gone) {
    list = list.filter((run) => !gone(run));
    version += 1;
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
