// Cells that hold no number wait beside the document; here they are kept for the next visit, so that closing the tab
// loses nothing that was typed. A reload finds them in the history's entry, see app.js; what was changed so shortly
// before that the browser did not have it yet when it began to reload, it finds here.

import { count, listOf, number, shape, text } from './checks.js';
import { remembered } from './i18n.js';

/** @import { Check } from './checks.js' */
/** @import { Pending } from './store.js' */
/** @typedef {{ id: string, document: unknown, pending: Pending | undefined, pace?: number }} Entry what a history's
 *   entry holds */

const KEY = 'gradus:waiting';
const LEFT = 'gradus:left';
/** Longer tables are not kept: then the page says how many cells it left out. */
const MOST_CHARACTERS = 500_000;

/**
 * @param {string} id of the experiment
 * @param {Pending | undefined} pending
 */
export function keepWaiting(id, pending) {
  try {
    if (!pending) return localStorage.removeItem(KEY);
    const text = JSON.stringify({ id, pending });
    const left = JSON.stringify({ id, left: pending.problems.length });
    localStorage.setItem(KEY, text.length > MOST_CHARACTERS ? left : text);
  } catch {
    // Where nothing can be kept, they last as long as the page.
  }
}

/**
 * What was kept of an experiment's cells: the cells, or how many there were.
 * @param {string} id
 * @returns {{ pending?: Pending, left?: number }}
 */
export function keptWaiting(id) {
  try {
    const kept = JSON.parse(remembered(KEY) ?? 'null');
    if (kept?.id !== id) return {};
    return typeof kept.left === 'number' ? { left: kept.left } : { pending: pendingOf(kept.pending) };
  } catch {
    return {};
  }
}

/**
 * Keeps for a reload, or for Back, what the page is left with: the browser may have read the history's entry before it
 * was written the last time, and not every browser lets it be written while the page goes.
 * @param {Entry} entry
 */
export function keepLeft(entry) {
  try {
    sessionStorage.setItem(LEFT, JSON.stringify(entry));
  } catch {
    // Too large: the entry has what there was a moment before.
  }
}

/**
 * What the page was left with, once: after a reload, or where the history's entry is of that experiment.
 * @param {string} [id] of the experiment in that entry
 * @returns {Partial<Entry> | undefined}
 */
export function takeLeft(id) {
  try {
    const left = JSON.parse(sessionStorage.getItem(LEFT) ?? 'null');
    sessionStorage.removeItem(LEFT);
    return left && (left.id === id || isReload()) ? left : undefined;
  } catch {
    return undefined;
  }
}

function isReload() {
  const [visit] = performance.getEntriesByType('navigation');
  return /** @type {PerformanceNavigationTiming | undefined} */ (visit)?.type === 'reload';
}

/** @type {Check} */
const cell = (value) => text(value) || number(value);

/** @param {number} bound @returns {Check} */
const below = (bound) => (value) => count(value) && Number(value) < bound;

/**
 * Cells as some version of this page kept them; undefined where they are none.
 * @param {any} kept
 * @returns {Pending | undefined}
 */
export function pendingOf(kept) {
  const names = listOf(text);
  if (!shape({ table: shape({ inputs: names, targets: names }) })(kept)) return undefined;
  const { table, problems, title } = kept;
  const { inputs, targets, rows, classes = [] } = table;
  const width = inputs.length + targets.length;
  const row = (/** @type {unknown} */ cells) =>
    listOf(cell)(cells) && /** @type {[]} */ (cells).length === width;
  const whole =
    [inputs, targets, problems].every((list) => list?.length > 0) &&
    names(classes) &&
    listOf(row)(rows) &&
    listOf(shape({ code: text, row: below(rows.length), column: below(width) }))(problems);
  if (!whole) return undefined;
  return { table, problems, fresh: kept.fresh === true, ...(text(title) ? { title } : {}) };
}
