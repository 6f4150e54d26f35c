// Trunk's post_build hook: bundles the page's scripts and styles into the folder that Trunk is
// filling, beside the module's gradus.js and gradus_bg.wasm. A release is also made small.

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { transform } from 'esbuild';
import { bundlePage } from './bundle.mjs';
import { finish } from './shrink.mjs';
import { BUDGET, brotliSize, sizeTable, totalSize } from './sizes.mjs';

const staging = fromEnvironment('TRUNK_STAGING_DIR');
const source = fromEnvironment('TRUNK_SOURCE_DIR');
const release = process.env.TRUNK_PROFILE === 'release';
/** Where `cargo xtask serve` serves the page; unset when it only builds. */
const address = process.env.GRADUS_ADDRESS;

const bundle = await bundlePage(source, staging, { release, reload: Boolean(address) });
await tidyMarkup();
await finish(staging, { small: release });
await addWebGpu();
await addInstallables();
if (release) {
  await addServiceWorker();
  await printSizes(firstVisit(bundle.metafile));
} else if (address) {
  await writeFile(join(staging, 'build-id'), String(Date.now()));
}
if (address) console.log(`The page is at ${address}`);

/** The module that also trains on WebGPU: a lazy part of the worker. */
async function addWebGpu() {
  const folder = join(staging, 'gpu');
  await mkdir(folder, { recursive: true });
  const made = fromEnvironment('GRADUS_WEBGPU');
  for (const name of ['gradus.js', 'gradus_bg.wasm', 'gradus.d.ts'])
    await copyFile(join(made, name), join(folder, name));
}

/** @param {string} name */
function fromEnvironment(name) {
  const value = process.env[name];
  if (value) return value;
  console.error(`www/build.mjs is run by Trunk, which sets ${name}: use cargo xtask build`);
  process.exit(1);
}

/** What makes the page one that can be installed. */
async function addInstallables() {
  for (const name of await readdir(join(source, 'install')))
    if (/\.(png|svg|webmanifest)$/.test(name))
      await copyFile(join(source, 'install', name), join(staging, name));
}

/** The service worker, which knows every file and a version made of all of them. */
async function addServiceWorker() {
  // Those in folders are kept once they were needed.
  const entries = await readdir(staging, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && !/\.(d\.ts|map)$/.test(entry.name)).map(({ name }) => name).sort(); // prettier-ignore
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update(await readFile(join(staging, name)));
  const constants = `const VERSION = '${hash.digest('hex').slice(0, 16)}', FILES = ${JSON.stringify(names)};`;
  const script = await readFile(join(source, 'install', 'service-worker.js'), 'utf8');
  const { code } = await transform(constants + script, { minify: true, target: 'es2022' });
  await writeFile(join(staging, 'service-worker.js'), code);
}

/** Takes Trunk's own instructions, which a browser has no use for, out of the page. */
async function tidyMarkup() {
  const file = join(staging, 'index.html');
  const html = await readFile(file, 'utf8');
  await writeFile(file, html.replace(/^\s*<link\s[^>]*\bdata-trunk\b[^>]*>\n?/gm, ''));
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
  const languages = [...outputs].filter(([, { entryPoint }]) =>
    /^(?!later:).*locales\//.test(entryPoint ?? ''),
  );
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
  const sizes = await Promise.all(rows);
  console.log(`\nWhat a first visit loads, in bytes:\n${sizeTable(sizes, BUDGET)}\n`);
  if (totalSize(sizes).brotli > BUDGET) throw new Error('a first visit would load more than its budget');
}
