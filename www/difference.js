// In what two Experiment documents differ, and what that means for a training.

/** @import { Experiment } from './experiment.js' */

/** Options that say what an optimizer keeps from step to step: they need a new training. */
const KEPT = ['type', 'amsgrad', 'centered', 'initial_accumulator_value'].map((name) => `optimizer.${name}`);

/** Fields that training takes over while it runs, with all of the optimizer's other options. */
const LIVE = ['schedule', 'epochs', 'stop', 'batch_size', 'shuffle', 'device'];

/** Fields that training does not depend on. */
const APART = ['title', 'predict', 'compare'];

/**
 * What has to be done for a training of `before` to be one of `after`.
 * @param {Experiment} before
 * @param {Experiment} after
 * @returns {{ reset: boolean, set: Record<string, unknown>, predict: boolean }} `set` are values by paths
 */
export function difference(before, after) {
  const paths = [...changes(before, after, '')];
  // PyTorch's RMSprop cannot begin to have momentum, either.
  const { type } = before.optimizer;
  const momentum = [before, after].map(({ optimizer }) => Number(optimizer.momentum ?? 0) > 0);
  const kept = type === 'rmsprop' && momentum[0] !== momentum[1] ? [...KEPT, 'optimizer.momentum'] : KEPT;
  const isLive = (/** @type {string} */ path) =>
    LIVE.includes(path) || (path.startsWith('optimizer.') && !kept.includes(path));
  const set = Object.fromEntries(paths.filter(isLive).map((path) => [path, at(after, path) ?? null]));
  const reset = paths.some((path) => !isLive(path) && !APART.includes(path));
  return { reset, set, predict: before.predict !== after.predict };
}

/**
 * @param {unknown} before
 * @param {unknown} after
 * @param {string} path
 * @returns {Generator<string>}
 */
function* changes(before, after, path) {
  if (before === after) return;
  const deep = path === '' || path === 'optimizer';
  if (!deep || !isObject(before) || !isObject(after)) {
    if (!same(before, after)) yield path;
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    yield* changes(before[key], after[key], path === '' ? key : `${path}.${key}`);
  }
}

/**
 * Whether two values of JSON are equal; a field that is missing is null.
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean}
 */
export function same(a, b) {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, index) => same(value, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) =>
      same(a[key] ?? null, b[key] ?? null),
    );
  }
  return false;
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * @param {unknown} value
 * @param {string} path
 */
function at(value, path) {
  return path.split('.').reduce((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}
