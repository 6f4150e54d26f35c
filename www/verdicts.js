// Which device was the faster one, kept in this browser: a training that was timed once is not timed after every reload.
// Whatever is wrong with what is kept, or with keeping it, training is timed again.

/** @import { Verdict } from './protocol.js' */
/** @typedef {{ chosen: 'cpu' | 'webgpu', cpu: number, webgpu: number, when: number }} Kept */

const NAME = 'gradus-devices';
const STORE = 'verdicts';
/** Browsers and drivers become faster meanwhile. */
const MOST_MS = 30 * 24 * 3600 * 1000;
/** How many are kept: beyond that all are forgotten, and start anew. */
const MOST = 100;

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function transact(mode, work) {
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error ?? new Error('blocked'));
  });
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? request.error);
    });
  } finally {
    database.close();
  }
}

/**
 * A key of a fixed size: descriptions of networks can be long.
 * @param {string} adapter
 * @param {string} training what decides about the speed
 */
async function keyOf(adapter, training) {
  const bytes = new TextEncoder().encode(JSON.stringify([adapter, training]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {unknown} value @returns {value is Kept} */
function isKept(value) {
  const { chosen, cpu, webgpu, when } = /** @type {Partial<Kept>} */ (Object(value));
  const age = Date.now() - Number(when);
  const rates = [cpu, webgpu].every((rate) => typeof rate === 'number' && rate > 0 && rate < Infinity);
  return (chosen === 'cpu' || chosen === 'webgpu') && rates && age >= 0 && age < MOST_MS;
}

/**
 * @param {string} adapter
 * @param {string} training
 * @returns {Promise<Verdict | undefined>}
 */
export async function recall(adapter, training) {
  try {
    const key = await keyOf(adapter, training);
    const kept = await transact('readonly', (store) => store.get(key));
    if (!isKept(kept)) return undefined;
    const { chosen, cpu, webgpu } = kept;
    return { chosen, rates: { cpu, webgpu }, reason: 'earlier' };
  } catch {
    return undefined;
  }
}

/**
 * @param {string} adapter
 * @param {string} training
 * @param {Verdict} verdict
 */
export async function remember(adapter, training, { chosen, rates }) {
  const kept = { chosen, ...rates, when: Date.now() };
  if (!isKept(kept)) return;
  try {
    const key = await keyOf(adapter, training);
    if ((await transact('readonly', (store) => store.count())) >= MOST) await forget();
    await transact('readwrite', (store) => store.put(kept, key));
  } catch {
    // It is timed again.
  }
}

/** After a device was lost: what was said about it may be what lost it. */
export async function forget() {
  await transact('readwrite', (store) => store.clear()).catch(() => undefined);
}
