// How large parameters and gradients were over a run, in the worker: for each, the root of the mean square after
// every epoch that is scored (see scores.js), from when somebody first asked.

/** @import { Trainer } from './gradus.js' */
/** @import { TraceFound } from './protocol.js' */
/** @typedef {{ epoch: number, step: number, weights: Record<string, number>, gradients: Record<string, number> }} Note */

export class TraceRecord {
  constructor() {
    /** @type {Note[]} */
    this.notes = [];
  }

  /**
   * @param {Trainer} trainer
   * @param {number} every epochs between two notes: those in between go
   */
  note(trainer, every) {
    const { epoch, step } = trainer.position();
    if (this.notes.some((note) => note.epoch === epoch)) return;
    const [weights, gradients] = [sizes(trainer.parameters()), sizes(trainer.gradients())];
    this.notes = this.notes.filter((note) => note.epoch % every === 0);
    this.notes.push({ epoch, step, weights, gradients });
  }

  /** @returns {TraceFound} */
  found() {
    const { notes } = this;
    const column = (/** @type {'weights' | 'gradients'} */ kind) => {
      const names = Object.keys(notes[0]?.[kind] ?? {});
      return Object.fromEntries(
        names.map((name) => [name, Float32Array.from(notes, (note) => note[kind][name] ?? NaN)]),
      );
    };
    return {
      steps: Float64Array.from(notes, ({ step }) => step),
      weights: column('weights'),
      gradients: column('gradients'),
    };
  }
}

/** @param {Record<string, Float32Array>} tensors */
const sizes = (tensors) =>
  Object.fromEntries(Object.entries(tensors).map(([name, values]) => [name, rootMeanSquare(values)]));

/** @param {Float32Array} values */
export function rootMeanSquare(values) {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / Math.max(1, values.length));
}
