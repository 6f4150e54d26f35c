// What survives closing the tab: the document at once, in the browser's small storage, so that the page opens with
// it; then the list of recent experiments and the weights, see keep.js.

import { remembered } from './i18n.js';
import { createLater } from './later.js';

/** @import { Experiment } from './experiment.js' */
/** @import { Mark, Session, Status, Training } from './session.js' */
/** @import { Store } from './store.js' */

const LAST = 'gradus:last';
/** Longer ones are kept with the list only. */
const MOST_CHARACTERS = 500_000;
const SOON_MS = 400;
/** Larger networks have their weights kept in no browser. */
const MOST_PARAMETERS = 1_000_000;
/**
 * While training runs its weights are kept this often, and less where that would take more than this part of the time:
 * a reload in the middle is to lose no more than a reader notices.
 */
const WEIGHTS_MS = 1000;
const WEIGHTS_SHARE = 0.05;
/** What there is something to keep of. @type {Status[]} */
const KEPT = ['running', 'paused', 'finished', 'diverged'];

/**
 * The experiment that this browser had open last; without its document where that was too long.
 * @returns {{ id: string, document?: unknown } | undefined}
 */
export function lastKept() {
  try {
    const kept = JSON.parse(remembered(LAST) ?? 'null');
    return typeof kept?.id === 'string' ? kept : undefined;
  } catch {
    return undefined;
  }
}

export const freshName = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;

/**
 * @param {object} options
 * @param {Store} options.store
 * @param {Session} options.session
 * @param {string} options.id of the experiment that is open
 * @param {(id: string) => void} options.moved called when another one is
 * @param {() => void} options.full called once, when the document cannot be kept
 */
export function createKeeper({ store, session, id, moved, full }) {
  /** Which experiment a document belongs to; an undo goes back to the one before. @type {WeakMap<Experiment, string>} */
  const names = new WeakMap([[store.state.document, id]]);
  let opened = store.state.document;
  let edited = false;
  let told = false;
  /** The training as it was when its weights were kept. @type {Moment | undefined} */
  let weighed;
  let weighAfter = 0;
  /** What was kept before is read. @type {Promise<unknown>} */
  let reading = Promise.resolve();

  /** @param {string} name */
  function become(name) {
    if (name === id) return;
    id = name;
    moved(id);
  }

  /** There is something to come back to: the experiment is listed from now on. */
  function keepSoon() {
    edited = true;
    keeping.ask();
  }

  /** @param {unknown} error */
  function failed(error) {
    const noRoom = error instanceof DOMException && error.name === 'QuotaExceededError';
    if (!noRoom || told) return;
    told = true;
    full();
  }

  /** What there is now. */
  const keeping = createLater(() => {
    const { document } = store.state;
    const text = JSON.stringify({ id, document });
    try {
      localStorage.setItem(LAST, text.length > MOST_CHARACTERS ? JSON.stringify({ id }) : text);
    } catch (error) {
      try {
        localStorage.setItem(LAST, JSON.stringify({ id }));
      } catch {
        // Then the list has to do.
      }
      if (!edited) failed(error);
    }
    if (!edited) return;
    const loss = session.training.history.train.last ?? null;
    const kept = { id, document, changed: Date.now(), loss };
    import('./keep.js').then(({ put }) => put(kept)).catch(failed);
  }, SOON_MS);

  /** Where and what the training is: the same step of another run has other weights. @returns {Moment} */
  const moment = () => ({
    id,
    run: session.run,
    step: session.training.position?.step ?? 0,
    document: session.training.document,
    marks: session.training.marks,
    divergence: session.training.divergence,
  });

  async function keepWeights() {
    const { training } = session;
    const now = moment();
    if (!KEPT.includes(training.status) || now.step === 0 || now.document !== store.state.document) return;
    if (weighed && sameMoment(weighed, now)) return;
    const parameters = Object.values(training.parameters).reduce((sum, { length }) => sum + length, 0);
    if (parameters > MOST_PARAMETERS) return;
    weighed = now;
    weighAfter = performance.now() + WEIGHTS_MS;
    await reading;
    const { putWeights } = await import('./keep.js');
    // What was waited for so far is no work, and does not come again.
    const began = performance.now();
    const saved = await session.save();
    if (!saved || session.run !== now.run) return;
    await putWeights(now.id, saved).catch(() => {});
    weighAfter = began + Math.max(WEIGHTS_MS, (performance.now() - began) / WEIGHTS_SHARE);
  }

  /** Looks at what has become of the training. */
  function follow() {
    if (weighed && weighed.run !== session.run) {
      // It has begun anew: a reload shall not bring back the run that the reader has given up.
      const own = weighed.id;
      weighed = undefined;
      if (own === id) import('./keep.js').then((keep) => keep.removeWeights(own)).catch(() => {});
    }
    const runs = session.training.status === 'running';
    if (!runs || performance.now() >= weighAfter) void keepWeights();
  }

  store.subscribe(({ document }) => {
    if (document === opened) return;
    const other = names.get(document);
    if (other) become(other);
    else names.set(document, id);
    opened = document;
    keepSoon();
  });
  const leave = () => {
    keeping.settle();
    void keepWeights();
  };
  window.addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', () => document.hidden && leave());
  // Also where nothing is drawn: in a tab behind others training goes on.
  setInterval(follow, WEIGHTS_MS);

  return {
    get id() {
      return id;
    },

    /**
     * Another experiment has been opened: what is edited from now on is that one's.
     * @param {string} [name] of one that is kept
     */
    opened(name) {
      become(name ?? freshName());
      names.set(store.state.document, id);
      opened = store.state.document;
      edited = false;
      weighed = undefined;
      keeping.atOnce();
    },

    /** Weights that are being read are not written over before. @param {Promise<unknown>} read */
    wait(read) {
      reading = read.catch(() => undefined);
    },

    /** What waits to be kept is kept now. */
    settle: keeping.settle,

    follow,
    flush: keeping.atOnce,
    keepSoon,
  };
}

/**
 * @typedef {object} Moment a training, as far as its weights depend on it
 * @property {string} id of the experiment
 * @property {number} run
 * @property {number} step
 * @property {Experiment | undefined} document
 * @property {Mark[]} marks
 * @property {Training['divergence']} divergence heard of after the last step
 */

/**
 * @param {Moment} a
 * @param {Moment} b
 */
const sameMoment = (a, b) =>
  a.id === b.id &&
  a.run === b.run &&
  a.step === b.step &&
  a.document === b.document &&
  a.marks === b.marks &&
  a.divergence === b.divergence;
