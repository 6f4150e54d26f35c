// The data sets that come with the page, packed as in crate/src/data/bundled: fetched by the page, which shows them,
// and by the worker, which trains with them; the module itself is smaller without them.

import digits from '../crate/src/data/bundled/digits.bin';
import iris from '../crate/src/data/bundled/iris.bin';

/** One byte a number, the classes after all inputs; `scale` is what a unit of the data is in these. */
const SETS = /** @type {Record<string, { file: string, columns: number, scale: number }>} */ ({
  digits: { file: digits, columns: 64, scale: 1 },
  iris: { file: iris, columns: 4, scale: 10 },
});

/** @type {Map<string, ReturnType<typeof fetched>>} */
const known = new Map();

/**
 * The rows, row-major, as `crate/src/data/bundled.rs` unpacks them; fetched once, if they can be.
 * @param {string} name
 */
export function bundledRows(name) {
  const found = known.get(name) ?? fetched(name);
  known.set(name, found);
  found.catch(() => known.delete(name));
  return found;
}

/** @param {string} name */
async function fetched(name) {
  const set = SETS[name];
  if (!set) throw new Error(`there is no bundled data set ${name}`);
  const response = await fetch(new URL(set.file, import.meta.url));
  if (!response.ok || !response.body) throw new Error(`${response.status} ${response.statusText}`);
  const unpacked = response.body.pipeThrough(new DecompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(unpacked).arrayBuffer());
  const { columns, scale } = set;
  const rows = bytes.length / (columns + 1);
  return {
    columns,
    inputs: Float32Array.from(bytes.subarray(0, rows * columns), (value) => value / scale),
    targets: Float32Array.from(bytes.subarray(rows * columns)),
  };
}
