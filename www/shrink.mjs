// Makes the module and its glue small: part of a release of the page, and `node www/shrink.mjs FOLDER` for a module
// alone.

import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import { brotliSize, sizeTable } from './sizes.mjs';

const FEATURES = [
  'bulk-memory',
  'bulk-memory-opt',
  'extended-const',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
  'simd',
];

/** @param {string} folder that has gradus.js and gradus_bg.wasm */
export async function shrink(folder) {
  await Promise.all([shrinkModule(join(folder, 'gradus_bg.wasm')), shrinkGlue(join(folder, 'gradus.js'))]);
}

/** @param {string} module */
async function shrinkModule(module) {
  const wasmOpt = fileURLToPath(new URL('../node_modules/binaryen/bin/wasm-opt', import.meta.url));
  // -O1: higher levels make fewer bytes but more after Brotli, and nothing faster; the compiler has optimised.
  const options = ['-O1', '--strip-debug', '--strip-producers', '--strip-target-features'];
  await promisify(execFile)(process.execPath, [
    wasmOpt,
    ...FEATURES.map((feature) => `--enable-${feature}`),
    ...options,
    module,
    '-o',
    `${module}.small`,
  ]);
  await rename(`${module}.small`, module);
}

/** @param {string} glue */
async function shrinkGlue(glue) {
  const { code } = await transform(await readFile(glue, 'utf8'), {
    minify: true,
    format: 'esm',
    target: 'es2022',
  });
  await writeFile(glue, code);
}

const [, program = '', folder] = process.argv;
if (program === fileURLToPath(import.meta.url) && folder) {
  await shrink(folder);
  const files = ['gradus.js', 'gradus_bg.wasm'].map(async (name) => {
    const bytes = await readFile(join(folder, name));
    return { name, raw: bytes.length, brotli: brotliSize(bytes) };
  });
  console.log(`\nThe module alone, in bytes:\n${sizeTable(await Promise.all(files))}\n`);
}
