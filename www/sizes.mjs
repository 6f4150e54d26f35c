// How large the page is on the wire: the build prints it, the browser tests hold it to a budget.

import { brotliCompressSync, constants } from 'node:zlib';

/** @typedef {{ name: string, raw: number, brotli: number }} FileSize */

/** The most that a first visit may load, in bytes after Brotli. */
export const BUDGET = 350_000;

/** @param {Uint8Array} bytes */
export function brotliSize(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
}

/**
 * The sum of some files.
 * @param {FileSize[]} files
 * @returns {FileSize}
 */
export function totalSize(files) {
  const sum = (/** @type {'raw' | 'brotli'} */ key) => files.reduce((total, file) => total + file[key], 0);
  return { name: 'total', raw: sum('raw'), brotli: sum('brotli') };
}

/**
 * A table for a terminal, largest first, with the total and, if there is one, the budget below.
 * @param {FileSize[]} files
 * @param {number} [budget]
 */
export function sizeTable(files, budget) {
  const sorted = [...files].sort((a, b) => b.brotli - a.brotli);
  const width = Math.max(8, ...sorted.map(({ name }) => name.length));
  const number = (/** @type {number} */ n) => n.toLocaleString('en').padStart(10);
  const line = (/** @type {FileSize} */ { name, raw, brotli }) =>
    `  ${name.padEnd(width)}${number(raw)}${number(brotli)}`;
  return [
    `  ${'file'.padEnd(width)}${'raw'.padStart(10)}${'brotli'.padStart(10)}`,
    ...sorted.map(line),
    line(totalSize(sorted)),
    ...(budget ? [`  ${'budget'.padEnd(width)}${' '.repeat(10)}${number(budget)}`] : []),
  ].join('\n');
}
