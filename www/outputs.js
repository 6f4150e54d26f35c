// What a model says, for people: values, or classes with their probabilities.

import { brief } from './numbers.js';

/** @import { Experiment } from './experiment.js' */
/** @import { Prediction } from './views/grid.js' */

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
    return Number.isNaN(share)
      ? { text: 'NaN' }
      : { text: share.toFixed(2), share, class: share >= 0.5 ? 1 : 0 };
  }
  if (document.loss.type !== 'cross_entropy') return { text: brief(value) };
  const highest = Math.max(...outputs);
  if (!Number.isFinite(highest)) return { text: 'NaN' };
  const weights = Array.from(outputs, (output) => Math.exp(output - highest));
  const share = 1 / weights.reduce((sum, weight) => sum + weight, 0);
  const best = outputs.indexOf(highest);
  return { text: `${best} (${share.toFixed(2)})`, share, class: best };
}
