// What a value is, as checks that are made of others: for what comes from outside, be it a worker or the browser's store.

/** @typedef {(value: unknown) => boolean} Check */

/** @type {Check} */
export const object = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
/** @type {Check} */
export const text = (value) => typeof value === 'string';
/** @type {Check} */
export const number = (value) => typeof value === 'number';
/** @type {Check} */
export const count = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
/** @type {Check} */
export const flag = (value) => typeof value === 'boolean';
/** @type {(check: Check) => Check} */
export const listOf = (check) => (value) => Array.isArray(value) && value.every(check);
/** @type {(check: Check) => Check} */
export const recordOf = (check) => (value) =>
  object(value) && Object.values(/** @type {object} */ (value)).every(check);
/** @type {(check: Check) => Check} */
export const orNull = (check) => (value) => value === null || check(value);
/** @type {(...options: unknown[]) => Check} */
export const oneOf =
  (...options) =>
  (value) =>
    options.includes(value);
/** @type {(fields: Record<string, Check>) => Check} */
export const shape = (fields) => (value) => firstWrong(value, fields) === undefined;

/**
 * The field that does not fit; none of its name where there is no object at all.
 * @param {unknown} value
 * @param {Record<string, Check>} fields
 */
export function firstWrong(value, fields) {
  if (!object(value)) return '';
  const known = /** @type {Record<string, unknown>} */ (value);
  return Object.keys(fields).find((name) => !(/** @type {Check} */ (fields[name])(known[name])));
}
