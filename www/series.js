// Curves as charts take them: in steps or in epochs, a part of them, smoothed.

/** @import { CurvesSpec } from './gradus.js' */
/** @import { History } from './history.js' */
/** @import { Scores } from './scores.js' */
/** @import { CurvesView } from './store.js' */

/** @typedef {{ x: Float64Array | null, y: Float32Array }} Points `x` is null for 1, 2, 3, … */
/** @typedef {{ train: Points, validation: Points }} Pair */

const NOTHING = () => ({ x: new Float64Array(), y: new Float32Array() });

/**
 * What is drawn of a run.
 * @param {History} history
 * @param {Scores} scores
 * @param {CurvesView} view
 * @returns {Pair}
 */
export function pointsOf(history, scores, { metric, per }) {
  if (metric === 'score') {
    const epochs = scores.epochs();
    const x = per === 'epoch' ? epochs : epochs.map((epoch) => history.ends.stepAt(epoch));
    const y = Float32Array.from(scores.validation);
    return {
      train: { x, y: Float32Array.from(scores.train) },
      validation: { x: x.subarray(0, y.length), y },
    };
  }
  const train = per === 'epoch' && history.epochs.length > 0 ? history.epochs : history.train;
  return {
    train: placed(train.drawn(), history, per),
    validation: history.validation.length > 0 ? placed(history.validation.drawn(), history, per) : NOTHING(),
  };
}

/** @param {Points} points @param {History} history @param {CurvesView['per']} per @returns {Points} */
function placed({ x, y }, { ends }, per) {
  if (per === 'step') return { x, y };
  // Where an epoch is one step, they have the same numbers.
  if (x === null && ends.pieces.every(({ batches }) => batches === 1)) return { x, y };
  const steps = x ?? Float64Array.from(y, (_, at) => at + 1);
  return { x: steps.map((step) => ends.at(step)), y };
}

/**
 * Where a step of a run is on the axis, and back.
 * @param {History} history
 * @param {CurvesView} view
 */
export function axisOf({ ends }, { per }) {
  return {
    /** @param {number} step */
    at: (step) => (per === 'epoch' ? ends.at(step) : step),
    /** @param {number} place */
    step: (place) => (per === 'epoch' ? ends.stepAt(place) : place),
  };
}

/**
 * The points from one place to another, and one more on either side, so that lines go on to the edges.
 * @param {Points} points
 * @param {[number, number] | undefined} range
 * @returns {Points}
 */
export function part({ x, y }, range) {
  if (!range) return { x, y };
  const [low, high] = range;
  if (x === null) {
    const from = Math.max(0, Math.ceil(low) - 1);
    const to = Math.min(y.length, Math.floor(high));
    if (to <= from) return NOTHING();
    return { x: Float64Array.from({ length: to - from }, (_, at) => from + at + 1), y: y.subarray(from, to) };
  }
  let from = 0;
  while (from < x.length && Number(x[from]) < low) from += 1;
  let to = x.length;
  while (to > from && Number(x[to - 1]) > high) to -= 1;
  return { x: x.subarray(from, to), y: y.subarray(from, to) };
}

/**
 * An exponential moving average that starts at the first value (each weight is divided by the sum of all so far).
 * What is not finite stays, and counts for nothing.
 * @param {Float32Array} values
 * @param {number} weight of what came before: 0 leaves everything as it is
 */
export function smoothed(values, weight) {
  let [sum, all] = [0, 0];
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = weight * sum + (1 - weight) * value;
    all = weight * all + (1 - weight);
    return sum / all;
  });
}

/**
 * The series of one run; smoothed ones come with what they were made from.
 * @param {Pair} pair
 * @param {object} options
 * @param {[number, number]} [options.range]
 * @param {number} options.smooth
 * @param {number} [options.number] of another run's look: only its first curve that has points is drawn
 * @param {string[]} options.labels of the two curves
 * @returns {CurvesSpec['series']}
 */
export function seriesOf({ train, validation }, { range, smooth, number, labels }) {
  /** @type {CurvesSpec['series']} */
  const series = [];
  const kinds = /** @type {const} */ (['train', 'validation']);
  [train, validation].forEach((points, at) => {
    if (points.y.length === 0) return;
    const { x, y } = part(points, range);
    const look = number === undefined ? { kind: kinds[at] ?? 'train' } : { kind: /** @type {const} */ ('run'), number }; // prettier-ignore
    const label = labels[at] ?? '';
    if (smooth > 0 && number === undefined) series.push({ label, kind: 'raw', x, y });
    series.push({
      label,
      x,
      y: smooth > 0 ? smoothed(points.y, smooth).subarray(...within(points, range)) : y,
      ...look,
    });
  });
  return series;
}

/**
 * Which of the points `part` takes.
 * @param {Points} points
 * @param {[number, number] | undefined} range
 * @returns {[number, number]}
 */
function within(points, range) {
  const taken = part(points, range).y;
  const from = (taken.byteOffset - points.y.byteOffset) / points.y.BYTES_PER_ELEMENT;
  return taken.length === 0 ? [0, 0] : [from, from + taken.length];
}
