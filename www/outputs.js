// What a model says, for people: values, or classes with their probabilities.

import { classLabel } from './classes.js';
import { columnsOf } from './experiment.js';
import { brief } from './numbers.js';

/** @import { Experiment } from './experiment.js' */

/**
 * @typedef {object} Prediction
 * @property {string} text
 * @property {string} [label] what `text` begins with: where there is no room for all of it, this is shown
 * @property {number} [share] a probability, drawn as a bar
 * @property {number} [class]
 */

/**
 * One output of the model for people: a value, or a probability with its class.
 * @param {Experiment} document
 * @param {Float32Array} outputs raw ones, of one row
 * @param {number} column
 * @returns {Prediction | undefined}
 */
export function outputOf(document, outputs, column) {
  const value = outputs[column];
  if (value === undefined) return undefined;
  if (document.loss.type === 'bce_with_logits') {
    const share = 1 / (1 + Math.exp(-value));
    if (Number.isNaN(share)) return { text: 'NaN' };
    const best = share >= 0.5 ? 1 : 0;
    if (columnsOf(document.data).names.length === 0) return { text: share.toFixed(2), share, class: best };
    const own = best === 1 ? share : 1 - share;
    return named(document, best, own);
  }
  if (document.loss.type !== 'cross_entropy') return { text: brief(value) };
  const highest = Math.max(...outputs);
  if (!Number.isFinite(highest)) return { text: 'NaN' };
  const weights = Array.from(outputs, (output) => Math.exp(output - highest));
  const share = 1 / weights.reduce((sum, weight) => sum + weight, 0);
  const best = outputs.indexOf(highest);
  return named(document, best, share);
}

/**
 * A class and its probability.
 * @param {Experiment} document
 * @param {number} number
 * @param {number} share
 */
function named(document, number, share) {
  const label = classLabel(document, number);
  return { text: `${label} (${share.toFixed(2)})`, label, share, class: number };
}
