// The module's glue, for a module in two parts: the second is loaded when `loadRest` is called, or, at the latest, when
// a function of it is first called. Built into gradus.js; where the module is whole there is nothing to load.

import start, { initSync as startSync } from './glue.js';

export * from './glue.js';

/** What the first part has exported. @type {WebAssembly.Exports | undefined} */
let first;
/** @type {Promise<WebAssembly.Module | undefined> | undefined} */
let loading;

const address = () => new URL('gradus_rest.wasm', import.meta.url);

/** Exports the function `now` that it imports from `load`: a table takes no others. */
const DOOR = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 12, 1, 4, 108, 111, 97, 100, 3, 110, 111, 119, 0, 0],
  ...[7, 7, 1, 3, 110, 111, 119, 0, 0],
);

/** @param {object} exports */
function open(exports) {
  if (first === exports) return;
  first = /** @type {WebAssembly.Exports} */ (exports);
  if (first.rest instanceof WebAssembly.Table) {
    const load = { now: () => useRest(new WebAssembly.Module(fetchAtOnce())) };
    const door = new WebAssembly.Instance(new WebAssembly.Module(DOOR), { load });
    first.rest.set(0, door.exports.now);
  }
}

/** Whether the second part is there. */
const isWhole = () => !(first?.rest instanceof WebAssembly.Table) || first.rest.get(1) !== null;

/** @param {WebAssembly.Module} module the second part, compiled */
export function useRest(module) {
  if (first && !isWhole()) new WebAssembly.Instance(module, { first });
}

/** Loads the second part, if there is one: it can then be handed to other threads, for `useRest`. */
export function loadRest() {
  loading ??= isWhole() ? Promise.resolve(undefined) : fetchAndUse();
  return loading;
}

async function fetchAndUse() {
  try {
    const response = await fetch(address());
    if (!response.ok) throw new Error(`gradus_rest.wasm: ${response.status} ${response.statusText}`);
    const module = await WebAssembly.compile(await response.arrayBuffer());
    useRest(module);
    return module;
  } catch (error) {
    // The next call, or whoever needs it, tries again.
    loading = undefined;
    throw error;
  }
}

/** For a call that cannot wait. */
function fetchAtOnce() {
  const request = new XMLHttpRequest();
  request.open('GET', address(), false);
  // On the page's thread only text can be fetched like this: each byte as a character.
  const isPage = typeof document === 'object';
  if (isPage) request.overrideMimeType('text/plain; charset=x-user-defined');
  else request.responseType = 'arraybuffer';
  request.send();
  if (request.status !== 200) throw new Error(`gradus_rest.wasm: ${request.status} ${request.statusText}`);
  if (!isPage) return request.response;
  return Uint8Array.from(request.responseText, (character) => character.charCodeAt(0) & 255);
}

/** @param {Parameters<typeof startSync>[0]} module */
export function initSync(module) {
  const exports = startSync(module);
  open(exports);
  return exports;
}

/** @param {Parameters<typeof start>[0]} [module] */
export default async function init(module) {
  const exports = await start(module);
  open(exports);
  return exports;
}
