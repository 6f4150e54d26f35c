// The same experiments outside the browser: the native examples, and what PyTorch gave.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './harness.mjs';

/**
 * @typedef {object} Run
 * @property {(number | string)[]} loss_history
 * @property {(number | string)[]} validation_loss
 * @property {Record<string, (number | string)[]>} initial_parameters
 * @property {Record<string, (number | string)[]>} final_parameters
 * @property {(number | string)[][] | null} predictions
 */
/** @typedef {Record<string, any>} Document */

/**
 * @param {string} example
 * @param {string[]} options
 * @param {string} input
 */
function cargo(example, options, input) {
  const command = ['run', '-q', '--release', '--locked', '--package', 'gradus', '--example', example, '--'];
  return execFileSync('cargo', [...command, ...options], {
    cwd: root,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
}

/**
 * `cargo run --example train`: every number is the very float32, those that are not finite are strings.
 * @param {Document} document
 * @returns {Run}
 */
export const train = (document) => JSON.parse(cargo('train', ['-'], JSON.stringify(document)));

/**
 * `cargo run --example share -- encode`.
 * @param {Document} document
 */
export const encode = (document) => cargo('share', ['encode', '-'], JSON.stringify(document)).trim();

/**
 * `cargo run --example share -- decode`.
 * @param {string} fragment
 * @returns {Document}
 */
export const decode = (fragment) => JSON.parse(cargo('share', ['decode', fragment], ''));

/** @type {{ cases: (Run & { experiment: Document })[] }} */
const { cases } = JSON.parse(readFileSync(join(root, 'tests/data/experiments.json'), 'utf8'));

/** Whole runs with the numbers that PyTorch gave, in the order of the file. */
export const experiments = cases;

/** @param {number} number counted from 1 */
export function pytorch(number) {
  const found = experiments[number - 1];
  if (!found) throw new Error(`there is no case ${number}`);
  return found;
}

/**
 * A number of a report, or of the module, in one form.
 * @param {number | string} value
 */
export function number32(value) {
  const names = /** @type {Record<string, number>} */ ({ nan: NaN, inf: Infinity, '-inf': -Infinity });
  return typeof value === 'string' ? (names[value] ?? Number(value)) : value;
}
