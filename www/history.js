// The losses of one training as the worker keeps them: one by one at first, later in buckets of many, each with
// its lowest, its highest and its last loss. That is bounded however long a run is; see crate/src/experiment/history.rs.

/** @import { CurveChange } from './gradus.js' */

/** @typedef {{ from: number, to: number, low: number, high: number, last: number }} Reading losses of steps */

/** @import { Position } from './protocol.js' */

/** Which step ends which epoch: another batch size gives the epochs that follow another number of steps. */
export class Epochs {
  /** @param {number} batches of an epoch */
  constructor(batches) {
    /** From which epoch on there are how many, and the steps before. */
    this.pieces = [{ epoch: 0, step: 0, batches }];
  }

  get #last() {
    return /** @type {{ epoch: number, step: number, batches: number }} */ (this.pieces.at(-1));
  }

  /** Steps of an epoch, now. */
  get batches() {
    return this.#last.batches;
  }

  /** @param {Pick<Position, 'step' | 'epoch' | 'batch' | 'batchesPerEpoch'>} position where the run is */
  observe({ step, epoch, batch, batchesPerEpoch: batches }) {
    const { epoch: from, step: start, batches: before } = this.#last;
    if (batches === before) return;
    // Some epochs had as many as before, the others as many as now: together that makes the steps there have been.
    const since = epoch - from;
    const old = Math.round((step - batch - start - since * batches) / (before - batches));
    if (old <= 0) this.pieces.pop();
    this.pieces.push({ epoch: from + Math.max(0, old), step: start + Math.max(0, old) * before, batches });
  }

  /** The last step of so many epochs. @param {number} epoch */
  stepAt(epoch) {
    const piece = this.pieces.findLast(({ epoch: from }) => epoch > from) ?? this.pieces[0];
    const { epoch: from, step, batches } = /** @type {typeof piece & object} */ (piece);
    return step + (epoch - from) * batches;
  }

  /** The epoch that a step belongs to, counted from 1; a part of one for a step inside it. @param {number} step */
  at(step) {
    const piece = this.pieces.findLast(({ step: from }) => step > from) ?? this.pieces[0];
    const { epoch, step: from, batches } = /** @type {typeof piece & object} */ (piece);
    return epoch + (step - from) / batches;
  }
}

/** One curve: a loss for every step, or one for every epoch. */
export class Curve {
  /** @param {Epochs | number} [epochs] which have a loss each, or how many steps all of them have */
  constructor(epochs = 1) {
    this.epochs = epochs === 1 ? undefined : typeof epochs === 'number' ? new Epochs(epochs) : epochs;
    /** How many losses there were. */
    this.length = 0;
    /** How many losses one bucket stands for. */
    this.bucket = 1;
    /** How many buckets there are. */
    this.count = 0;
    /** The last loss of each bucket. */
    this.lasts = new Float32Array();
    /** Steps and losses to draw: one for each bucket of one loss, two for larger ones, and the very last. */
    this.x = new Float64Array();
    this.y = new Float32Array();
  }

  /** @param {CurveChange} change what has become of it */
  take({ length, bucket, from, x, y, last }) {
    this.length = length;
    this.bucket = bucket;
    this.count = from + last.length;
    this.lasts = put(this.lasts, from, last);
    if (bucket === 1) {
      this.x = put(
        this.x,
        from,
        Float64Array.from(last, (_, at) => this.#step(from + at + 1)),
      );
      this.y = put(this.y, from, last);
    } else {
      this.x = put(
        this.x,
        2 * from,
        x.map((at) => this.#step(at)),
      );
      this.y = put(this.y, 2 * from, y);
    }
    const end = this.#drawnEnd;
    this.x = put(this.x, end, [this.#step(length)]);
    this.y = put(this.y, end, [this.last ?? NaN]);
  }

  /** The step of a loss. @param {number} loss counted from 1 */
  #step(loss) {
    return this.epochs ? this.epochs.stepAt(loss) : loss;
  }

  /** The last loss. */
  get last() {
    return this.count === 0 ? undefined : this.lasts[this.count - 1];
  }

  get #drawnEnd() {
    return this.bucket === 1 ? this.count : 2 * this.count;
  }

  /** The points to draw; `x` is null for 1, 2, 3, … */
  drawn() {
    const end = this.#drawnEnd;
    if (this.bucket === 1 && !this.epochs) return { x: null, y: this.y.subarray(0, end) };
    return { x: this.x.subarray(0, end + 1), y: this.y.subarray(0, end + 1) };
  }

  /**
   * What is known of the loss of a step: in a bucket of many, the range of all of them.
   * @param {number} step counted from 1
   * @returns {Reading | undefined}
   */
  at(step) {
    const loss = this.epochs ? Math.ceil(this.epochs.at(step)) : step;
    const place = Math.ceil(loss / this.bucket) - 1;
    if (place < 0 || step > this.#step(this.length)) return undefined;
    const from = place * this.bucket + 1;
    const to = Math.min(from + this.bucket - 1, this.length);
    const one = this.bucket === 1;
    const last = Number(this.lasts[place]);
    const [a, b] = one ? [last, last] : [Number(this.y[2 * place]), Number(this.y[2 * place + 1])];
    return {
      from: this.#step(from - 1) + 1,
      to: this.#step(to),
      low: Math.min(a, b),
      high: Math.max(a, b),
      last,
    };
  }

  /** @param {Epochs} epochs of the copy's history */
  clone(epochs) {
    const copy = Object.assign(new Curve(), this, { epochs: this.epochs && epochs });
    for (const name of /** @type {const} */ (['lasts', 'y'])) copy[name] = this[name].slice();
    copy.x = this.x.slice();
    return copy;
  }

  /** Every bucket, first to last. */
  *readings() {
    for (let place = 0; place < this.count; place += 1) {
      const reading = this.at(this.#step(place * this.bucket + 1));
      if (reading) yield reading;
    }
  }
}

/**
 * The curves of one training: the loss of every step, the loss over the validation rows after every epoch, and the
 * mean of each epoch's losses, where an epoch has several.
 */
export class History {
  /** @param {number} batchesPerEpoch */
  constructor(batchesPerEpoch) {
    this.ends = new Epochs(batchesPerEpoch);
    this.train = new Curve();
    this.validation = new Curve(this.ends);
    this.epochs = new Curve(this.ends);
  }

  get batchesPerEpoch() {
    return this.ends.batches;
  }

  /** The epoch that a step belongs to, counted from 1. @param {number} step */
  epochAt(step) {
    return Math.ceil(this.ends.at(step));
  }

  /** What there is now: this one goes on growing. */
  clone() {
    const copy = new History(this.batchesPerEpoch);
    copy.ends.pieces = this.ends.pieces.map((piece) => ({ ...piece }));
    for (const name of /** @type {const} */ (['train', 'validation', 'epochs']))
      copy[name] = this[name].clone(copy.ends);
    return copy;
  }
}

/**
 * Writes values into an array, into a larger copy of it where they do not fit.
 * @template {Float32Array | Float64Array} T
 * @param {T} array
 * @param {number} at
 * @param {ArrayLike<number>} values
 * @returns {T}
 */
function put(array, at, values) {
  const needed = at + values.length;
  let room = array;
  if (needed > array.length) {
    const Type = /** @type {new (length: number) => T} */ (array.constructor);
    room = new Type(Math.max(needed, 2 * array.length, 64));
    room.set(array);
  }
  room.set(values, at);
  return room;
}

/**
 * The curves as a table: every loss with its step, or, once they are too many, a line for each bucket.
 * @param {History} history
 * @param {(value: number) => string} show
 */
export function curvesCsv({ train, validation, ends }, show) {
  if (train.bucket === 1) {
    const lines = ['step,epoch,train_loss,validation_loss'];
    for (const { to: step, last } of train.readings()) {
      const epoch = ends.at(step);
      const whole = Number.isInteger(epoch);
      const held = whole ? validation.at(step) : undefined;
      lines.push(`${step},${Math.ceil(epoch)},${show(last)},${held ? show(held.low) : ''}`);
    }
    return lines;
  }
  const lines = ['curve,first_step,last_step,lowest_loss,highest_loss,last_loss'];
  for (const [name, curve] of /** @type {const} */ ([
    ['train', train],
    ['validation', validation],
  ])) {
    for (const { from, to, low, high, last } of curve.readings())
      lines.push([name, from, to, ...[low, high, last].map(show)].join());
  }
  return lines;
}
