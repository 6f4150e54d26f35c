// Runs the comparisons of a document, one after the other, in a worker of their own: the training on the page goes on
// meanwhile.

import { runs, waiting } from './runs.js';

/** @import { Experiment } from './experiment.js' */
/** @import { Run } from './runs.js' */
/** @import { Session } from './session.js' */

/**
 * @typedef {object} Sweep
 * @property {number} done
 * @property {number} of
 * @property {Run | undefined} present
 * @property {() => void} cancel
 */

/**
 * @param {object} options
 * @param {{ label: string, document: Experiment }[]} options.variants
 * @param {(changed: () => void, failed: (message: string) => void) => Session} options.spawn a session with a worker
 *   of its own
 * @param {() => void} options.changed
 * @param {(sweep: { cancelled: boolean }) => void} options.ended
 * @returns {Sweep}
 */
export function startSweep({ variants, spawn, changed, ended }) {
  runs.remove(runs.list.filter(({ compared }) => compared));
  const all = variants.map(({ label, document }) => waiting(label, document));
  const sweep = {
    done: 0,
    of: all.length,
    present: /** @type {Run | undefined} */ (undefined),
    cancel: () => end(true),
  };
  const session = spawn(hear, () => finish('failed'));
  const { home } = runs;
  let over = false;

  function next() {
    const run = all[sweep.done];
    sweep.present = run;
    if (!run) return end(false);
    runs.change(run, { status: 'running' });
    session.load(run.document);
    changed();
  }

  let started = /** @type {Run | undefined} */ (undefined);
  function hear() {
    const run = sweep.present;
    if (over || !run) return;
    // It is the other experiment's business, and would only slow down this one.
    if (runs.home !== home) return end(true);
    const { status, document, history, scores, position } = session.training;
    if (document !== run.document) return;
    if (status === 'ready' && started !== run) {
      started = run;
      session.start();
    }
    if (started !== run) return;
    if (run.history === history) run.position = position;
    else runs.change(run, { history, scores, position });
    if (status === 'finished') finish('done');
    else if (status === 'diverged') finish('diverged');
    else if (status === 'failed') finish('failed');
    else changed();
  }

  /** @param {Run['status']} status */
  function finish(status) {
    const run = sweep.present;
    if (over || !run) return;
    runs.change(run, { status });
    sweep.done += 1;
    // Not from within the session's own call.
    queueMicrotask(() => over || next());
  }

  /** @param {boolean} cancelled */
  function end(cancelled) {
    if (over) return;
    over = true;
    session.close();
    sweep.present = undefined;
    for (const run of all) {
      if (run.status === 'running') runs.change(run, { status: 'cancelled' });
      if (run.status === 'waiting') runs.remove([run]);
    }
    ended({ cancelled });
  }

  next();
  return sweep;
}

/**
 * The numbers of a document that a comparison can set, by path.
 * @param {Experiment} document
 * @returns {{ path: string, value: number }[]}
 */
export function settable(document) {
  /** @type {{ path: string, value: number }[]} */
  const found = [];
  const numbers = (/** @type {object | null | undefined} */ from, /** @type {string} */ path) => {
    for (const [name, value] of Object.entries(from ?? {}))
      if (typeof value === 'number') found.push({ path: `${path}.${name}`, value });
  };
  numbers(document.optimizer, 'optimizer');
  // The rate comes first: it is what one compares most.
  found.sort((a, b) => Number(b.path === 'optimizer.lr') - Number(a.path === 'optimizer.lr'));
  found.push({ path: 'epochs', value: document.epochs });
  if (document.batch_size !== null) found.push({ path: 'batch_size', value: document.batch_size });
  numbers(document.schedule, 'schedule');
  document.model.forEach((layer, at) => {
    // Layers with parameters have to start from the same ones.
    if (!['linear', 'conv2d', 'batch_norm', 'layer_norm'].includes(layer.type))
      numbers(layer, `model[${at}]`);
  });
  return found;
}

/** Numbers of a document that are whole. */
const WHOLE = /(^|\.)(epochs|batch_size|step_size|T_max|kernel|stride)$/;

/**
 * Values to try, around the present one.
 * @param {string} path
 * @param {number} value
 * @returns {number[]}
 */
export function proposed(path, value) {
  if (WHOLE.test(path))
    return [...new Set([0.5, 1, 2].map((factor) => Math.max(1, Math.round(value * factor))))];
  if (path === 'optimizer.momentum' || /\.(p|alpha|gamma|dampening)$/.test(path)) return [0, 0.5, 0.9];
  if (value === 0) return [0, 0.0001, 0.001, 0.01];
  return [0.1, 0.3, 1, 3, 10].map((factor) => Number((value * factor).toPrecision(3)));
}
