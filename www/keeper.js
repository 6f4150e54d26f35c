// What survives closing the tab: the document at once, in the browser's small storage, so that the page opens with
// it; then the list of recent experiments and the weights, see keep.js.

import { remembered } from './i18n.js';

/** @import { Experiment } from './experiment.js' */
/** @import { Session } from './session.js' */
/** @import { Store } from './store.js' */

const LAST = 'gradus:last';
/** Longer ones are kept with the list only. */
const MOST_CHARACTERS = 500_000;
const SOON_MS = 400;
/** Larger networks have their weights kept in no browser. */
const MOST_PARAMETERS = 1_000_000;
/** How often weights are kept while training runs. */
const WEIGHTS_MS = 5000;

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
 * @param {() => void} options.full called once, when the document cannot be kept
 */
export function createKeeper({ store, session, id, full }) {
  /** Which experiment a document belongs to; an undo goes back to the one before. @type {WeakMap<Experiment, string>} */
  const names = new WeakMap([[store.state.document, id]]);
  let opened = store.state.document;
  let edited = false;
  let timer = 0;
  let told = false;
  let weighed = -1;

  /** @param {unknown} error */
  function failed(error) {
    const noRoom = error instanceof DOMException && error.name === 'QuotaExceededError';
    if (!noRoom || told) return;
    told = true;
    full();
  }

  /** Keeps what there is now. */
  function flush() {
    clearTimeout(timer);
    timer = 0;
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
  }

  async function keepWeights() {
    const { training } = session;
    const step = training.position?.step ?? 0;
    if (step === 0 || step === weighed || training.document !== store.state.document) return;
    const parameters = Object.values(training.parameters).reduce((sum, { length }) => sum + length, 0);
    if (parameters > MOST_PARAMETERS) return;
    weighed = step;
    const own = id;
    const saved = await session.save();
    if (!saved) return;
    const { putWeights } = await import('./keep.js');
    await putWeights(own, saved).catch(() => {});
  }

  store.subscribe(({ document }) => {
    if (document === opened) return;
    const other = names.get(document);
    if (other) id = other;
    else names.set(document, id);
    opened = document;
    edited = true;
    clearTimeout(timer);
    timer = window.setTimeout(flush, SOON_MS);
  });
  const leave = () => {
    if (timer) flush();
    void keepWeights();
  };
  window.addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', () => document.hidden && leave());
  setInterval(() => session.training.status === 'running' && void keepWeights(), WEIGHTS_MS);

  return {
    get id() {
      return id;
    },

    /**
     * Another experiment has been opened: what is edited from now on is that one's.
     * @param {string} [name] of one that is kept
     */
    opened(name) {
      id = name ?? freshName();
      names.set(store.state.document, id);
      opened = store.state.document;
      edited = false;
      weighed = -1;
      clearTimeout(timer);
      flush();
    },

    /** What waits to be kept is kept now. */
    settle() {
      if (timer) flush();
    },

    /** Training rests: its weights can be kept. */
    rests: () => void keepWeights(),
    flush,
  };
}
