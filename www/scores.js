// How good predictions are in a number that people can read: accuracy for classes, R² for values. Which epochs
// are scored follows from their number alone: all at first, later every second, every fourth, …, so that the
// same link gives the same curve, however long a run is and however fast the machine.

/** So many scores are kept at most. */
export const MOST_SCORES = 512;

/** @typedef {{ every: number, from: number, train: Float32Array, validation: Float32Array }} ScoreChange */

/** Losses whose predictions are classes. */
const CLASSES = ['cross_entropy', 'bce_with_logits', 'bce'];

/**
 * What the score of such a loss is.
 * @param {string} loss
 * @returns {'accuracy' | 'r2'}
 */
export const scoreKind = (loss) => (CLASSES.includes(loss) ? 'accuracy' : 'r2');

/**
 * The class that a model's outputs for one row and one target stand for.
 * @param {string} loss
 * @param {ArrayLike<number>} outputs all rows, row-major
 * @param {number} width outputs of a row
 * @param {number} row
 * @param {number} [column] of several targets that are classes by themselves
 */
export function classOf(loss, outputs, width, row, column = 0) {
  const start = row * width;
  if (loss !== 'cross_entropy') {
    const value = Number(outputs[start + column]);
    return Number.isNaN(value) ? NaN : Number(value >= (loss === 'bce' ? 0.5 : 0));
  }
  let best = 0;
  for (let at = 0; at < width; at += 1) {
    const value = Number(outputs[start + at]);
    if (Number.isNaN(value)) return NaN;
    if (value > Number(outputs[start + best])) best = at;
  }
  return best;
}

/**
 * The share of right classes, or R² = 1 - Σ(y - ŷ)² / Σ(y - ȳ)², averaged over the targets. NaN where there is
 * nothing to compare: no rows, or a target that is the same in all of them.
 * @param {string} loss
 * @param {ArrayLike<number>} outputs all rows, row-major
 * @param {ArrayLike<number>} targets likewise
 * @param {number} total how many rows that is
 * @param {ArrayLike<number>} rows which of them count
 */
export function score(loss, outputs, targets, total, rows) {
  if (rows.length === 0 || total === 0) return NaN;
  const width = outputs.length / total;
  const columns = targets.length / total;
  if (scoreKind(loss) === 'accuracy') {
    let right = 0;
    for (let at = 0; at < rows.length; at += 1) {
      const row = Number(rows[at]);
      for (let column = 0; column < columns; column += 1) {
        const target = Number(targets[row * columns + column]);
        const wanted = loss === 'cross_entropy' ? target : Number(target >= 0.5);
        if (classOf(loss, outputs, width, row, column) === wanted) right += 1;
      }
    }
    return right / (rows.length * columns);
  }
  let sum = 0;
  for (let column = 0; column < columns; column += 1) {
    let mean = 0;
    for (let at = 0; at < rows.length; at += 1) mean += Number(targets[Number(rows[at]) * columns + column]);
    mean /= rows.length;
    let [left, all] = [0, 0];
    for (let at = 0; at < rows.length; at += 1) {
      const place = Number(rows[at]) * columns + column;
      left += (Number(targets[place]) - Number(outputs[place])) ** 2;
      all += (Number(targets[place]) - mean) ** 2;
    }
    sum += all === 0 ? NaN : 1 - left / all;
  }
  return sum / columns;
}

/** The scores of a run where it is trained. */
export class ScoreRecord {
  /**
   * @param {number} [epochs] that were over before
   * @param {boolean} [validates]
   * @param {ScoreChange | null} [known] the scores of those epochs, all of them; others are not known any more
   */
  constructor(epochs = 0, validates = false, known = null) {
    /** Every so many epochs are scored. */
    this.every = 1;
    while (epochs / this.every >= MOST_SCORES) this.every *= 2;
    this.train = Array.from({ length: Math.floor(epochs / this.every) }, () => NaN);
    this.validation = validates ? [...this.train] : [];
    this.sent = 0;
    const fits =
      known?.every === this.every &&
      known.train.length === this.train.length &&
      known.validation.length === this.validation.length;
    if (fits) [this.train, this.validation] = [[...known.train], [...known.validation]];
  }

  /** @param {number} epoch the epochs that are over */
  next(epoch) {
    return (Math.floor(epoch / this.every) + 1) * this.every;
  }

  /** @param {number} epoch */
  wants(epoch) {
    return epoch === (this.train.length + 1) * this.every;
  }

  /**
   * @param {number} train
   * @param {number | undefined} validation
   */
  add(train, validation) {
    this.train.push(train);
    if (validation !== undefined) this.validation.push(validation);
    if (this.train.length < MOST_SCORES) return;
    this.every *= 2;
    this.train = this.train.filter((_, at) => at % 2 === 1);
    this.validation = this.validation.filter((_, at) => at % 2 === 1);
    this.sent = 0;
  }

  /** What there is since the last time. */
  changes() {
    const { sent } = this;
    this.sent = this.train.length;
    return this.since(sent);
  }

  /** @param {number} from how many come before @returns {ScoreChange} */
  since(from) {
    const { every, train, validation } = this;
    const rest = (/** @type {number[]} */ all) => Float32Array.from(all.slice(from));
    return { every, from, train: rest(train), validation: rest(validation) };
  }
}

/** The scores of a run where it is looked at. */
export class Scores {
  constructor() {
    this.every = 1;
    /** @type {number[]} */
    this.train = [];
    /** @type {number[]} */
    this.validation = [];
  }

  /** @param {ScoreChange} change */
  take({ every, from, train, validation }) {
    this.every = every;
    this.train = [...this.train.slice(0, from), ...train];
    this.validation = [...this.validation.slice(0, from), ...validation];
  }

  /** Epochs that were scored. */
  epochs() {
    return Float64Array.from(this.train, (_, at) => (at + 1) * this.every);
  }

  /**
   * What is known at an epoch: the score of that one, or of the last before it.
   * @param {number} epoch
   */
  at(epoch) {
    const place = Math.min(this.train.length, Math.floor(epoch / this.every)) - 1;
    if (place < 0) return undefined;
    return {
      epoch: (place + 1) * this.every,
      train: Number(this.train[place]),
      validation: this.validation[place],
    };
  }

  clone() {
    const copy = new Scores();
    copy.take({ every: this.every, from: 0, train: Float32Array.from(this.train), validation: Float32Array.from(this.validation) }); // prettier-ignore
    return copy;
  }
}
