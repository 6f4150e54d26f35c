// Experiments kept in this browser, with the weights of their last training and the runs beside it. Everything may fail:
// private windows, embedded pages and full disks keep nothing, and the page goes on without.

/** @import { Experiment } from './experiment.js' */
/** @import { Kept as Saved } from './session.js' */

/** @typedef {{ id: string, document: Experiment, changed: number, loss: number | null }} Kept */

const NAME = 'gradus';
const EXPERIMENTS = 'experiments';
const WEIGHTS = 'weights';
/** By the experiment and a name of their own. */
const RUNS = 'runs';
/** How many are kept; the oldest goes first. */
const MOST = 60;
/** Of all experiments together: some comparisons of 16, and what was pinned. */
const MOST_RUNS = 64;

/** @type {Promise<IDBDatabase> | undefined} */
let database;

function connect() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) {
        request.result.createObjectStore(EXPERIMENTS, { keyPath: 'id' });
        request.result.createObjectStore(WEIGHTS);
      }
      request.result.createObjectStore(RUNS);
    };
    request.onsuccess = () => {
      // A newer version of the page, in another tab, may want to change it.
      request.result.onversionchange = () => {
        request.result.close();
        database = undefined;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new DOMException('blocked', 'AbortError'));
  });
  database.catch(() => (database = undefined));
  return database;
}

/**
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(store: (name: string) => IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function transact(stores, mode, work) {
  const transaction = (await connect()).transaction(stores, mode);
  return new Promise((resolve, reject) => {
    const request = work((name) => transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
  });
}

/** @param {Kept} kept */
export async function put(kept) {
  await transact([EXPERIMENTS], 'readwrite', (store) => store(EXPERIMENTS).put(kept));
  // Counted first: reading all of them takes long where some are large, and this comes after every edit.
  if ((await transact([EXPERIMENTS], 'readonly', (store) => store(EXPERIMENTS).count())) <= MOST) return;
  const all = await list();
  for (const { id } of all.slice(MOST)) await remove(id);
}

/** @param {string} id @returns {Promise<Kept | undefined>} */
export const get = (id) => transact([EXPERIMENTS], 'readonly', (store) => store(EXPERIMENTS).get(id));

/** All of them, the newest first. @returns {Promise<Kept[]>} */
export async function list() {
  const all = await transact([EXPERIMENTS], 'readonly', (store) => store(EXPERIMENTS).getAll());
  return all.sort((one, other) => other.changed - one.changed);
}

/** @param {string} id */
export const remove = (id) =>
  transact([EXPERIMENTS, WEIGHTS, RUNS], 'readwrite', (store) => {
    store(WEIGHTS).delete(id);
    store(RUNS).delete(runsOf(id));
    return store(EXPERIMENTS).delete(id);
  });

/**
 * The weights of an experiment's training; where there is no room for them, those before go, too.
 * @param {string} id
 * @param {Saved} saved
 */
export async function putWeights(id, saved) {
  try {
    await transact([WEIGHTS], 'readwrite', (store) => store(WEIGHTS).put(saved, id));
  } catch (error) {
    await removeWeights(id);
    throw error;
  }
}

/** @param {string} id @returns {Promise<Saved | undefined>} */
export const getWeights = (id) => transact([WEIGHTS], 'readonly', (store) => store(WEIGHTS).get(id));

/** @param {string} id */
export const removeWeights = (id) => transact([WEIGHTS], 'readwrite', (store) => store(WEIGHTS).delete(id));

/** The keys of an experiment's runs. @param {string} id */
const runsOf = (id) => IDBKeyRange.bound([id], [id, []]);

/**
 * A run; the oldest of all make room.
 * @param {string} id of the experiment
 * @param {string} key such that later ones are greater
 * @param {unknown} run
 */
export async function putRun(id, key, run) {
  await transact([RUNS], 'readwrite', (store) => store(RUNS).put(run, [id, key]));
  const keys = await transact([RUNS], 'readonly', (store) => store(RUNS).getAllKeys());
  const oldest = keys.sort((one, other) =>
    indexedDB.cmp(/** @type {any} */ (one)[1], /** @type {any} */ (other)[1]),
  );
  for (const old of oldest.slice(0, -MOST_RUNS))
    await transact([RUNS], 'readwrite', (store) => store(RUNS).delete(old));
}

/** @param {string} id @param {string} key */
export const removeRun = (id, key) => transact([RUNS], 'readwrite', (store) => store(RUNS).delete([id, key]));

/** Whatever there is of an experiment's runs, the oldest first. @param {string} id @returns {Promise<any[]>} */
export const getRuns = (id) => transact([RUNS], 'readonly', (store) => store(RUNS).getAll(runsOf(id)));
