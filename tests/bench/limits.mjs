// What the machine gives to WebAssembly on one thread: float32 multiplications and additions on SIMD128 registers,
// and bytes read from memory. The module is written as text here and assembled by binaryen.

import binaryen from 'binaryen';

/** How many independent sums run at once: which number is the quickest depends on the processor. */
const SUMS = [6, 8, 10, 12];
const MEBIBYTES = 128;

/** @param {number} length @param {(at: number) => string} text */
const repeated = (length, text) => Array.from({ length }, (_, at) => text(at)).join('\n');

/** @param {number} count */
const sumOfAll = (count) =>
  Array.from({ length: count - 1 }, (_, at) => at + 1).reduce(
    (sum, at) => `(f32x4.add ${sum} (local.get $s${at}))`,
    '(local.get $s0)',
  );

/**
 * s = s · x + y, over and over, without any memory; four of them in a round.
 * @param {number} sums
 */
const multiplyAdd = (sums) => `
  (func (export "multiply_add_${sums}") (param $rounds i32) (param $x f32) (param $y f32) (result f32)
    (local $vx v128) (local $vy v128)
    ${repeated(sums, (at) => `(local $s${at} v128)`)}
    (local.set $vx (f32x4.splat (local.get $x)))
    (local.set $vy (f32x4.splat (local.get $y)))
    ${repeated(sums, (at) => `(local.set $s${at} (f32x4.splat (f32.const ${at})))`)}
    (loop $again
      ${repeated(4 * sums, (at) => {
        const sum = `$s${at % sums}`;
        return `(local.set ${sum} (f32x4.add (f32x4.mul (local.get ${sum}) (local.get $vx)) (local.get $vy)))`;
      })}
      (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
    (f32x4.extract_lane 0 ${sumOfAll(sums)}))`;

/** Adds up so many blocks of 128 bytes from the start of the memory. */
const READ = `
  (func (export "read") (param $blocks i32) (result f32)
    (local $at i32)
    ${repeated(8, (at) => `(local $s${at} v128)`)}
    (loop $again
      ${repeated(8, (at) => `(local.set $s${at} (f32x4.add (local.get $s${at}) (v128.load offset=${16 * at} (local.get $at))))`)}
      (local.set $at (i32.add (local.get $at) (i32.const 128)))
      (br_if $again (local.tee $blocks (i32.sub (local.get $blocks) (i32.const 1)))))
    (f32x4.extract_lane 0 ${sumOfAll(8)}))`;

/** @returns {Uint8Array} */
function assemble() {
  const module = binaryen.parseText(
    `(module (memory (export "memory") ${MEBIBYTES * 16}) ${SUMS.map(multiplyAdd).join('')} ${READ})`,
  );
  module.setFeatures(binaryen.Features.SIMD128);
  if (!module.validate()) throw new Error('the module of limits is not valid');
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/** @typedef {{ gflops: number, gigabytes: number }} Limits GFLOP/s and GB/s */

/**
 * @param {import('playwright-core').Page} page any page
 * @param {number} seconds for each of a handful of measurements
 * @returns {Promise<Limits>}
 */
export function limits(page, seconds) {
  return page.evaluate(
    async ({ module, sums, bytes, seconds }) => {
      const binary = Uint8Array.from(atob(module), (letter) => letter.charCodeAt(0));
      const { instance } = await WebAssembly.instantiate(binary);
      const exports = /** @type {Record<string, any>} */ (instance.exports);
      /** @param {() => void} work @returns how often a second */
      const rate = (work) => {
        // Until the browser's better compiler is done with it.
        for (const begun = performance.now(); performance.now() - begun < 150;) work();
        const begun = performance.now();
        let times = 0;
        let elapsed = 0;
        do {
          work();
          times += 1;
          elapsed = performance.now() - begun;
        } while (elapsed < seconds * 1000);
        return (1000 * times) / elapsed;
      };
      const rounds = 20_000;
      const flop = (/** @type {number} */ count) => rounds * 4 * count * 4 * 2;
      const gflops = sums.map((count) => {
        const run = exports[`multiply_add_${count}`];
        return (rate(() => run(rounds, 0.999, 0.001)) * flop(count)) / 1e9;
      });
      new Float32Array(exports.memory.buffer).fill(0.5);
      const gigabytes = (rate(() => exports.read(bytes / 128)) * bytes) / 1e9;
      return { gflops: Math.max(...gflops), gigabytes };
    },
    { module: Buffer.from(assemble()).toString('base64'), sums: SUMS, bytes: MEBIBYTES << 20, seconds },
  );
}
