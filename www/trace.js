// How large parameters and gradients were over a run, in the worker: the root of the mean square of each, at some of
// the epochs that are scored (see scores.js), so that the same link gives the same notes.
//
// Nobody may ever ask, so until somebody does there are few notes: of weights alone, at epochs that grow by a tenth.
// Gradients cost as much as an epoch's steps. From when they are asked for, there are notes of both at every such
// epoch.

/** @import { Trainer } from './gradus.js' */
/** @import { Position, TraceFound } from './protocol.js' */
/** @typedef {Record<string, number>} Sizes by the parameter's name */
/** @typedef {{ epoch: number, step: number, weights: Sizes, gradients: Sizes }} Note */

const GROWTH = 1.1;

export class TraceRecord {
  constructor() {
    /** @type {Note[]} */
    this.notes = [];
    this.every = 1;
  }

  /**
   * @param {Trainer} trainer
   * @param {Position} position of it
   * @param {number} every so many epochs are between two notes, at least
   * @param {boolean} asked whether somebody has asked for them
   */
  note(trainer, { epoch, step }, every, asked) {
    const last = this.notes.at(-1)?.epoch ?? -1;
    if (epoch <= last || (!asked && epoch < GROWTH * last)) return;
    if (every !== this.every) this.thin(every);
    this.push(trainer, { epoch, step }, asked);
  }

  /** @param {number} every */
  thin(every) {
    this.every = every;
    let kept = -Infinity;
    this.notes = this.notes.filter(({ epoch }) => {
      if (epoch - kept < every) return false;
      kept = epoch;
      return true;
    });
  }

  /**
   * Where the training has come to, for who asks when it is over.
   * @param {Trainer} trainer
   */
  noteNow(trainer) {
    const position = trainer.position();
    if (position.step === 0) return;
    if (this.notes.at(-1)?.step === position.step) this.notes.pop();
    this.push(trainer, position, true);
  }

  /**
   * @param {Trainer} trainer
   * @param {Pick<Position, 'epoch' | 'step'>} position
   * @param {boolean} asked
   */
  push(trainer, { epoch, step }, asked) {
    const gradients = asked ? sizes(trainer.gradients()) : {};
    this.notes.push({ epoch, step, weights: sizes(trainer.parameters()), gradients });
  }

  /** @returns {TraceFound} */
  found() {
    const { notes } = this;
    const names = Object.keys(notes[0]?.weights ?? {});
    const column = (/** @type {'weights' | 'gradients'} */ kind) =>
      Object.fromEntries(
        names.map((name) => [name, Float32Array.from(notes, (note) => note[kind][name] ?? NaN)]),
      );
    return {
      steps: Float64Array.from(notes, ({ step }) => step),
      weights: column('weights'),
      gradients: column('gradients'),
    };
  }
}

/** @param {Record<string, Float32Array>} tensors @returns {Sizes} */
const sizes = (tensors) =>
  Object.fromEntries(Object.entries(tensors).map(([name, values]) => [name, rootMeanSquare(values)]));

/** @param {Float32Array} values */
function rootMeanSquare(values) {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += Number(values[at]) ** 2;
  return Math.sqrt(sum / Math.max(1, values.length));
}
