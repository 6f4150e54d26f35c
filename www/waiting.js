// Cells that hold no number wait beside the document; here they are kept for the next visit, so that closing the tab
// loses nothing that was typed. A reload finds them in the history's entry, see app.js; what was changed so shortly
// before that it is not there yet, it finds here.

import { remembered } from './i18n.js';

/** @import { Pending } from './store.js' */
/** @typedef {{ id: string, document: unknown, pending: Pending | undefined }} Entry what a history's entry holds */

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

/** Keeps for a reload what the history's entry takes no more, because the page goes. @param {Entry} entry */
export function keepLeft(entry) {
  try {
    sessionStorage.setItem(LEFT, JSON.stringify(entry));
  } catch {
    // Too large: the entry has what there was a moment before.
  }
}

/**
 * What the page was left with after the entry of the history was written, once.
 * @param {string | undefined} id of the experiment in that entry
 * @returns {Partial<Entry> | undefined}
 */
export function takeLeft(id) {
  try {
    const left = JSON.parse(sessionStorage.getItem(LEFT) ?? 'null');
    sessionStorage.removeItem(LEFT);
    return left && left.id === id ? left : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Cells as some version of this page kept them; undefined where they are none.
 * @param {any} kept
 * @returns {Pending | undefined}
 */
export function pendingOf(kept) {
  const { inputs, targets, rows, classes } = kept?.table ?? {};
  const { problems } = kept ?? {};
  const names = [inputs, targets].every((list) => isListOf(list, isText) && list.length > 0);
  const width = names ? inputs.length + targets.length : 0;
  const whole =
    names &&
    isListOf(rows, (row) => isListOf(row, isCell) && row.length === width) &&
    (classes === undefined || isListOf(classes, isText)) &&
    isListOf(problems, (problem) => isPlace(problem, rows.length, width)) &&
    problems.length > 0;
  if (!whole) return undefined;
  const title = isText(kept.title) ? { title: kept.title } : {};
  return { table: kept.table, problems, fresh: kept.fresh === true, ...title };
}

/**
 * @param {unknown} list
 * @param {(one: any) => boolean} is
 * @returns {list is any[]}
 */
const isListOf = (list, is) => Array.isArray(list) && list.every(is);

/** @param {unknown} text */
const isText = (text) => typeof text === 'string';

/** @param {unknown} cell */
const isCell = (cell) => typeof cell === 'string' || typeof cell === 'number';

/**
 * @param {any} problem
 * @param {number} rows
 * @param {number} columns
 */
const isPlace = (problem, rows, columns) =>
  isText(problem?.code) && isBelow(problem.row, rows) && isBelow(problem.column, columns);

/**
 * @param {unknown} value
 * @param {number} bound
 */
const isBelow = (value, bound) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < bound;
