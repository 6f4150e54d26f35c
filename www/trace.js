// How large parameters and their gradients were over a run: for each, the root of the mean square, noted with every
// snapshot that comes. A run leaves some hundred notes, however long it is.

/** @import { Training } from './session.js' */

/** So many notes are kept; then every second goes. */
const MOST = 400;

/** @typedef {{ step: number, size: number }} Note */

export class Trace {
  constructor() {
    /** @type {Map<string, Note[]>} */
    this.notes = new Map();
    this.version = 0;
  }

  /**
   * @param {string} name
   * @param {number} step
   * @param {Float32Array} values
   */
  note(name, step, values) {
    const notes = this.notes.get(name) ?? [];
    const last = notes.at(-1);
    if (last && last.step >= step) return;
    notes.push({ step, size: rootMeanSquare(values) });
    this.notes.set(name, notes.length < MOST ? notes : notes.filter((_, at) => at % 2 === 0));
    this.version += 1;
  }

  /** @param {string} name */
  points(name) {
    const notes = this.notes.get(name) ?? [];
    return {
      x: Float64Array.from(notes, ({ step }) => step),
      y: Float32Array.from(notes, ({ size }) => size),
    };
  }
}

/** @param {Float32Array} values */
export function rootMeanSquare(values) {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / Math.max(1, values.length));
}

/** @type {{ of: unknown, weights: Trace, gradients: Trace }} */
let present = { of: undefined, weights: new Trace(), gradients: new Trace() };

/**
 * Notes what there is of a run, and gives all that was noted of it.
 * @param {Training} training
 */
export function trace({ history, initial, parameters, position, inspections }) {
  if (present.of !== history) {
    present = { of: history, weights: new Trace(), gradients: new Trace() };
    for (const [name, values] of Object.entries(initial)) present.weights.note(name, 0, values);
  }
  const step = position?.step ?? 0;
  for (const [name, values] of Object.entries(parameters)) present.weights.note(name, step, values);
  const { gradients, step: at = 0 } = inspections.weights ?? {};
  for (const [name, values] of Object.entries(gradients ?? {})) present.gradients.note(name, at, values);
  return present;
}

/**
 * How many values lie in each of `bins` equal parts of a range.
 * @param {Float32Array} values
 * @param {number} low
 * @param {number} high
 * @param {number} bins
 */
export function histogram(values, low, high, bins) {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.floor(((value - low) / (high - low || 1)) * bins);
    const at = Math.max(0, Math.min(bins - 1, bin));
    counts[at] = Number(counts[at]) + 1;
  }
  return counts;
}
