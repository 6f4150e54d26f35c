// The WebAssembly module on the page's thread: compiled once, used here for documents and charts, and handed to the
// worker for training.

import init, * as gradus from './gradus.js';

/** @import { Experiment, Problem, TableData } from './experiment.js' */

/** The smallest module with a SIMD instruction (i8x16.splat, i8x16.popcnt). */
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/** @returns {'webassembly' | 'simd' | undefined} what the browser lacks */
export function missingFeature() {
  if (typeof WebAssembly !== 'object') return 'webassembly';
  return WebAssembly.validate(SIMD) ? undefined : 'simd';
}

/** @returns {Promise<WebAssembly.Module>} */
export async function compile() {
  const response = await fetch(new URL('./gradus_bg.wasm', import.meta.url));
  if (!response.ok) throw new Error(`gradus_bg.wasm: ${response.status} ${response.statusText}`);
  // Not every host sends the type that streaming needs.
  const streams = response.headers.get('content-type')?.startsWith('application/wasm');
  if (streams && WebAssembly.compileStreaming) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** @param {WebAssembly.Module} module */
export async function instantiate(module) {
  await init({ module_or_path: module });
}

/**
 * @param {unknown} error
 * @returns {Problem[]}
 */
export function problemsOf(error) {
  const problems = error instanceof Error && 'problems' in error ? error.problems : undefined;
  if (Array.isArray(problems) && problems.length > 0) return problems;
  const message = error instanceof Error ? error.message : String(error);
  return [{ path: 'document', code: 'other', params: {}, message }];
}

/**
 * The document as the module reads it, or as it is with what is wrong with it.
 * @param {Experiment} document
 */
export function check(document) {
  try {
    const { data, predict } = document;
    // A document of the page's own, not one from outside.
    const own = data.kind === 'table' && data.input_shape !== undefined;
    const cells = own ? cellsOf(data) : undefined;
    const source = cells ? { ...document, data: { ...data, rows: [] } } : document;
    const read = /** @type {Experiment} */ (gradus.readDocument(source, cells));
    // The same rows stay the same object, so that nobody has to compare thousands of them.
    if (own) read.data = data;
    if (predict) read.predict = predict;
    return { document: read, problems: [] };
  } catch (error) {
    return { document, problems: problemsOf(error) };
  }
}

/**
 * The rows as one array, which crosses to the module at once; undefined where they are no table of numbers.
 * @param {TableData} data
 */
function cellsOf({ inputs, targets, rows }) {
  const width = inputs.length + targets.length;
  const cells = new Float64Array(rows.length * width);
  for (const [at, row] of rows.entries()) {
    if (row.length !== width || !row.every((cell) => typeof cell === 'number')) return undefined;
    cells.set(row, at * width);
  }
  return cells;
}

/**
 * Shapes and parameters of the layers, up to the first that does not fit; undefined where a layer is wrong in itself.
 * Shapes do not depend on the rows, which stay out of it.
 * @param {Experiment} document
 */
export function summaryOf({ data, model }) {
  try {
    return gradus.layers({ data: data.kind === 'table' ? { ...data, rows: [] } : data, model });
  } catch {
    return undefined;
  }
}

/** @returns {{ name: string, document: Experiment }[]} */
export const presets = () => /** @type {{ name: string, document: Experiment }[]} */ (gradus.presets());

/**
 * The document of a link, and the names of what it asks for and does not get.
 * @param {string} fragment
 * @returns {{ document: Experiment, refused: string[] }}
 */
export function decodeLink(fragment) {
  return {
    document: /** @type {Experiment} */ (gradus.decodeLink(fragment)),
    refused: gradus.linkRefusals(fragment),
  };
}

/**
 * @param {string} text
 * @returns {Experiment}
 */
export const readText = (text) => /** @type {Experiment} */ (gradus.readDocument(text));

/**
 * The documents of a document's comparisons.
 * @param {Experiment} document
 * @returns {Experiment[]}
 */
export const variantsOf = (document) => /** @type {Experiment[]} */ (gradus.variants(document));

export const { loadRest, writeDocument, encodeLink, drawCurves, generate } = gradus;
