// The losses of one training: every one of them, and few enough of them to draw.

const DRAWN = 4096;

/** Losses by step, growing at the end. */
export class History {
  constructor() {
    /** Every loss; `length` of them are filled. */
    this.values = new Float32Array(1024);
    this.length = 0;
    /** Steps of the validation losses, and the losses. */
    this.validationSteps = /** @type {number[]} */ ([]);
    this.validationEpochs = /** @type {number[]} */ ([]);
    this.validationLosses = /** @type {number[]} */ ([]);
    /** Steps that one drawn pair of points stands for. */
    this.bucket = 1;
    this.drawnX = /** @type {number[]} */ ([]);
    this.drawnY = /** @type {number[]} */ ([]);
    this.drawnTo = 0;
  }

  /** @param {Float32Array} losses of the next steps */
  push(losses) {
    if (this.length + losses.length > this.values.length) {
      const grown = new Float32Array(Math.max(this.values.length * 2, this.length + losses.length));
      grown.set(this.values.subarray(0, this.length));
      this.values = grown;
    }
    this.values.set(losses, this.length);
    this.length += losses.length;
  }

  /**
   * @param {number} epoch counted from 1
   * @param {number} step the last step of that epoch
   * @param {number} loss
   */
  pushValidation(epoch, step, loss) {
    this.validationEpochs.push(epoch);
    this.validationSteps.push(step);
    this.validationLosses.push(loss);
  }

  /** @param {number} step counted from 1 */
  at(step) {
    return step >= 1 && step <= this.length ? this.values[step - 1] : undefined;
  }

  get last() {
    return this.at(this.length);
  }

  /**
   * The curve with at most some thousand points: where steps are too many, the lowest and the highest of each
   * bucket, in their order. A peak never disappears.
   * @returns {{ x: number[] | null, y: Float32Array }}
   */
  drawn() {
    if (this.length <= DRAWN) return { x: null, y: this.values.subarray(0, this.length) };
    let bucket = 1;
    while (this.length / bucket > DRAWN / 2) bucket *= 2;
    if (bucket !== this.bucket) {
      this.bucket = bucket;
      this.drawnX = [];
      this.drawnY = [];
      this.drawnTo = 0;
    }
    const whole = this.length - (this.length % bucket);
    for (; this.drawnTo < whole; this.drawnTo += bucket)
      this.#drawBucket(this.drawnTo, this.drawnTo + bucket);
    if (whole === this.length) return { x: this.drawnX, y: Float32Array.from(this.drawnY) };
    return {
      x: [...this.drawnX, this.length],
      y: Float32Array.from([...this.drawnY, /** @type {number} */ (this.values[this.length - 1])]),
    };
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  #drawBucket(from, to) {
    let low = from;
    let high = from;
    for (let at = from; at < to; at += 1) {
      const value = /** @type {number} */ (this.values[at]);
      if (value < /** @type {number} */ (this.values[low])) low = at;
      if (value > /** @type {number} */ (this.values[high])) high = at;
    }
    for (const at of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      this.drawnX.push(at + 1);
      this.drawnY.push(/** @type {number} */ (this.values[at]));
    }
  }
}
