// Makes the module and its glue small: part of a release of the page, and `node www/shrink.mjs FOLDER` for a module
// alone.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, copyFile, mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { cut } from './cut.mjs';
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

const TYPES = `
/** Loads the part of the module that a first visit does not need, where it was cut in two. Whoever needs it earlier waits. */
export function loadRest(): Promise<WebAssembly.Module | undefined>;
/** Takes that part, compiled by \`loadRest\` on another thread. */
export function useRest(module: WebAssembly.Module): void;
`;

/**
 * Makes a module of what wasm-bindgen wrote: its glue gets a second part to load (parts.js).
 * @param {string} folder that has gradus.js and gradus_bg.wasm
 * @param {object} options
 * @param {boolean} options.small whether it is made small and cut in two
 */
export async function finish(folder, { small }) {
  const [glue, whole] = [join(folder, 'glue.js'), join(folder, 'gradus.js')];
  await rename(whole, glue);
  if (small) await shrinkModule(join(folder, 'gradus_bg.wasm'));
  const xtask = process.env.GRADUS_XTASK;
  if (small && xtask) await cut(folder, xtask);
  await build({
    entryPoints: [fileURLToPath(new URL('parts.js', import.meta.url))],
    outfile: whole,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: small,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [
      {
        name: 'the glue',
        setup: (build) => build.onResolve({ filter: /^\.\/glue\.js$/ }, () => ({ path: glue })),
      },
    ],
  });
  await rm(glue);
  await appendFile(join(folder, 'gradus.d.ts'), TYPES);
}

const WASM_OPT = fileURLToPath(new URL('../node_modules/binaryen/bin/wasm-opt', import.meta.url));
// -O1: higher levels make fewer bytes but more after Brotli, and nothing faster; the compiler has optimised.
const OPTIONS = [
  ...FEATURES.map((feature) => `--enable-${feature}`),
  '-O1',
  '--strip-debug',
  '--strip-producers',
  '--strip-target-features',
];
/** What was made small before: most builds have other scripts, but the same module. */
const SHRUNK = fileURLToPath(new URL('../target/shrunk', import.meta.url));
const MOST_SHRUNK = 8;

/** @param {string} module */
async function shrinkModule(module) {
  const hash = createHash('sha256')
    .update(await readFile(WASM_OPT))
    .update(OPTIONS.join());
  const shrunk = join(SHRUNK, `${hash.update(await readFile(module)).digest('hex')}.wasm`);
  if (!(await stat(shrunk).catch(() => undefined))) {
    await mkdir(SHRUNK, { recursive: true });
    const fresh = `${shrunk}.${process.pid}`;
    await promisify(execFile)(process.execPath, [WASM_OPT, ...OPTIONS, module, '-o', fresh]);
    await rename(fresh, shrunk);
    await forgetOld();
  }
  await copyFile(shrunk, module);
}

async function forgetOld() {
  const files = (await readdir(SHRUNK)).map((name) => join(SHRUNK, name));
  const ages = await Promise.all(files.map(async (file) => ({ file, age: -(await stat(file)).mtimeMs })));
  const old = ages.sort((a, b) => a.age - b.age).slice(MOST_SHRUNK);
  await Promise.all(old.map(({ file }) => rm(file, { force: true })));
}

const [, program = '', folder] = process.argv;
if (program === fileURLToPath(import.meta.url) && folder) {
  await finish(folder, { small: true });
  const names = (await readdir(folder)).filter((name) => /\.(js|wasm)$/.test(name));
  const files = names.map(async (name) => {
    const bytes = await readFile(join(folder, name));
    return { name, raw: bytes.length, brotli: brotliSize(bytes) };
  });
  console.log(`\nThe module alone, in bytes:\n${sizeTable(await Promise.all(files))}\n`);
}
