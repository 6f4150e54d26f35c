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
