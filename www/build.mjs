// Trunk's post_build hook: bundles the page's scripts and styles into the folder that Trunk is
// filling, beside the module's gradus.js and gradus_bg.wasm. A release is also made small.

import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { build, transform } from 'esbuild';
import { brotliSize, sizeTable } from './sizes.mjs';

const staging = fromEnvironment('TRUNK_STAGING_DIR');
const source = fromEnvironment('TRUNK_SOURCE_DIR');
const release = process.env.TRUNK_PROFILE === 'release';
/** Where `cargo xtask serve` serves the page; unset when it only builds. */
const address = process.env.GRADUS_ADDRESS;

const bundle = await bundlePage();
await tidyMarkup();
if (release) {
  await Promise.all([shrinkModule(), shrinkGlue()]);
  await printSizes(firstVisit(bundle.metafile));
} else if (address) {
  await writeFile(join(staging, 'build-id'), String(Date.now()));
}
if (address) console.log(`The page is at ${address}`);

/** @param {string} name */
function fromEnvironment(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`www/build.mjs is run by Trunk, which sets ${name}: use cargo xtask build`);
  process.exit(1);
}

/**
 * The page, its worker and the style sheet, with shared and lazy code in chunks beside them. All of them load
 * one `./gradus.js`, which stays a file of its own: other pages import it too.
 */
function bundlePage() {
  return build({
    entryPoints: ['main.js', 'worker.js', 'style.css'].map((name) => join(source, name)),
    outdir: staging,
    bundle: true,
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    target: 'es2022',
    loader: { '.svg': 'file', '.png': 'file', '.csv': 'text' },
    minify: release,
    sourcemap: !release,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    inject: address && !release ? [join(source, 'reload.js')] : [],
    plugins: [
      {
        name: 'gradus.js stays outside',
        setup(build) {
          build.onResolve({ filter: /\/gradus\.js$/ }, () => ({ path: './gradus.js', external: true }));
        },
      },
    ],
  });
}

/** Takes Trunk's own instructions, which a browser has no use for, out of the page. */
async function tidyMarkup() {
  const file = join(staging, 'index.html');
  const html = await readFile(file, 'utf8');
  await writeFile(file, html.replace(/^\s*<link\s[^>]*\bdata-trunk\b[^>]*>\n?/gm, ''));
}

async function shrinkModule() {
  const wasmOpt = join(source, '../node_modules/binaryen/bin/wasm-opt');
  const module = join(staging, 'gradus_bg.wasm');
  const features = [
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
  // -O1: higher levels make fewer bytes but more after Brotli, and nothing faster; the compiler has optimised.
  const options = ['-O1', '--strip-debug', '--strip-producers', '--strip-target-features'];
  await promisify(execFile)(process.execPath, [
    wasmOpt,
    ...features.map((feature) => `--enable-${feature}`),
    ...options,
    module,
    '-o',
    `${module}.small`,
  ]);
  await writeFile(module, await readFile(`${module}.small`));
  await rm(`${module}.small`);
}

async function shrinkGlue() {
  const file = join(staging, 'gradus.js');
  const { code } = await transform(await readFile(file, 'utf8'), {
    minify: true,
    format: 'esm',
    target: 'es2022',
  });
  await writeFile(file, code);
}

/**
 * The files that a first visit loads for certain: what the page and its worker import statically, and one
 * language (the largest counts). The browser tests measure the real thing.
 * @param {import('esbuild').Metafile} metafile
 */
function firstVisit(metafile) {
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const files = new Set(['index.html', 'style.css', 'gradus.js', 'gradus_bg.wasm']);
  /** @param {string} name */
  const add = (name) => {
    const output = outputs.get(name);
    if (!output || files.has(name)) return;
    files.add(name);
    for (const { path, kind } of output.imports) if (kind === 'import-statement') add(basename(path));
  };
  add('main.js');
  add('worker.js');
  const languages = [...outputs].filter(([, { entryPoint }]) => entryPoint?.includes('/locales/'));
  const [largest] = languages.sort(([, a], [, b]) => b.bytes - a.bytes);
  if (largest) add(largest[0]);
  return [...files];
}

/** @param {string[]} files */
async function printSizes(files) {
  const rows = files.map(async (name) => {
    const bytes = await readFile(join(staging, name));
    return { name, raw: bytes.length, brotli: brotliSize(bytes) };
  });
  console.log(`\nWhat a first visit loads, in bytes:\n${sizeTable(await Promise.all(rows))}\n`);
}
