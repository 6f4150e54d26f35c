// Pinned runs and those of a comparison outlive the page: each is kept with its experiment, and is there again when that
// one is. Loaded where there is something to keep or to bring back.

import { count as isCount } from './checks.js';
import { freshName } from './keeper.js';
import { getRuns, putRun, removeRun } from './keep.js';
import { Curve, History } from './history.js';
import { runs } from './runs.js';
import { Scores } from './scores.js';

/** @import { Experiment } from './experiment.js' */
/** @import { Epochs } from './history.js' */
/** @import { Position } from './protocol.js' */
/** @import { Run } from './runs.js' */

/** Runs on larger tables stay with the page: each would be kept with all its rows. */
const MOST_CELLS = 200_000;

/** How a run that is kept may have ended. @type {Run['status'][]} */
const ENDS = ['pinned', 'done', 'diverged', 'cancelled', 'failed'];

/**
 * Follows a change of a run.
 * @param {Run} run
 * @param {'added' | 'changed' | 'removed'} what
 * @returns {Promise<boolean>} false where there is no room for it
 */
export async function follow(run, what) {
  // What comes back is kept already.
  if (what === 'added' && run.key) return true;
  if (what === 'removed') {
    if (run.key) await removeRun(run.home, run.key);
    return true;
  }
  const { data } = run.document;
  const cells = data.kind === 'table' ? data.rows.length * (data.inputs.length + data.targets.length) : 0;
  if (cells > MOST_CELLS) return false;
  run.key ??= freshName();
  try {
    await putRun(run.home, run.key, packed(run));
    return true;
  } catch (error) {
    return !(error instanceof DOMException && error.name === 'QuotaExceededError');
  }
}

/**
 * The kept runs of an experiment come back beside those that are there.
 * @param {string} experiment
 * @param {(document: unknown) => Experiment | undefined} checked
 */
export async function bringRuns(experiment, checked) {
  for (const kept of await getRuns(experiment)) {
    const run = unpacked(kept, checked);
    if (run?.key && !runs.has(run.key)) runs.add({ ...run, home: experiment });
  }
}

/** @param {Run} run */
function packed({ key, number, name, document, history, scores, position, shown, status, compared }) {
  const { ends, ...curves } = history;
  const { every, train, validation } = scores;
  return {
    key,
    number,
    name,
    document,
    position,
    shown,
    status,
    compared,
    pieces: ends.pieces,
    curves: Object.fromEntries(Object.entries(curves).map(([which, curve]) => [which, curveOf(curve)])),
    scores: { every, train, validation },
  };
}

/** A curve without the room that it has to grow. @param {Curve} curve */
function curveOf({ length, bucket, count, lasts, x, y }) {
  const end = (bucket === 1 ? count : 2 * count) + 1;
  return { length, bucket, lasts: lasts.slice(0, count), x: x.slice(0, end), y: y.slice(0, end) };
}

/**
 * What is kept may be from another version of the page, or from nobody knows where: what is not a run is none.
 * @param {any} kept
 * @param {(document: unknown) => Experiment | undefined} checked
 * @returns {(Omit<Run, 'id' | 'home'> & { number: number }) | undefined}
 */
export function unpacked(kept, checked) {
  const { key, number, name, document, position, shown, pieces, curves, scores } = kept ?? {};
  // Earlier versions of the page kept pinned ones only.
  const { status = 'pinned', compared = false } = kept ?? {};
  const named = [key, name].every((text) => typeof text === 'string' && text !== '' && text.length <= 64);
  const history = historyOf(pieces, curves);
  const found = scoresOf(scores);
  if (!named || !isCount(number) || !history || !found || !isPosition(position)) return undefined;
  if (!ENDS.includes(status)) return undefined;
  const experiment = checked(document);
  if (!experiment) return undefined;
  return { key, number, name, document: experiment, history, scores: found, position, status, shown: shown === true, compared: compared === true }; // prettier-ignore
}

/** @param {any} position @returns {position is Position | undefined} */
const isPosition = (position) =>
  position === undefined ||
  ['step', 'epoch', 'batch', 'batchesPerEpoch', 'totalSteps'].every((name) => isCount(position?.[name]));

/** @param {any} pieces @param {any} curves */
function historyOf(pieces, curves) {
  const whole =
    Array.isArray(pieces) &&
    pieces.length > 0 &&
    pieces.every(
      (piece) => isCount(piece?.epoch) && isCount(piece.step) && isCount(piece.batches) && piece.batches > 0,
    );
  if (!whole) return undefined;
  const history = new History(1);
  history.ends.pieces = pieces.map(({ epoch, step, batches }) => ({ epoch, step, batches }));
  for (const name of /** @type {const} */ (['train', 'validation', 'epochs'])) {
    const curve = curveFrom(curves?.[name], name === 'train' ? undefined : history.ends);
    if (!curve) return undefined;
    history[name] = curve;
  }
  return history;
}

/** @param {any} kept @param {Epochs | undefined} ends */
function curveFrom(kept, ends) {
  const { length, bucket, lasts, x, y } = kept ?? {};
  const arrays = lasts instanceof Float32Array && x instanceof Float64Array && y instanceof Float32Array;
  if (!arrays || !isCount(length) || !isCount(bucket) || bucket === 0) return undefined;
  const count = Math.ceil(length / bucket);
  const end = bucket === 1 ? count : 2 * count;
  // An empty one has nothing to draw, and no last point.
  const drawn = count === 0 ? 0 : end + 1;
  if (lasts.length !== count || x.length < drawn || y.length < drawn) return undefined;
  return Object.assign(new Curve(), { epochs: ends, length, bucket, count, lasts, x, y });
}

/** @param {any} kept */
function scoresOf(kept) {
  const { every, train, validation } = kept ?? {};
  const numbers = [train, validation].every(
    (all) => Array.isArray(all) && all.every((value) => typeof value === 'number'),
  );
  if (!numbers || !isCount(every) || every === 0 || validation.length > train.length) return undefined;
  return Object.assign(new Scores(), { every, train, validation });
}
