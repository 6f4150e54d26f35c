// The pages: each library is bundled with its adapter, served under a folder of its own, and opened in a browser of
// its own, so that nobody shares a process.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

/** @import { Sample } from './run.mjs' */
/** @import { InPage } from './contenders.mjs' */
/** @import { Prepared } from './page.mjs' */

const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
});

/** @param {string} id */
export const slug = (id) => id.replace(/[^a-z0-9]+/gi, '-');

/**
 * Bundles and minifies each library with its adapter into `into`/slug.
 * @param {InPage[]} pages
 * @param {string} here tests/bench
 * @param {string} into
 */
export async function bundle(pages, here, into) {
  await rm(into, { recursive: true, force: true });
  for (const { id, module, options = {}, alias } of pages) {
    const folder = join(into, slug(id));
    await mkdir(folder, { recursive: true });
    await build({
      stdin: {
        contents: `import * as contender from './contenders/${module}';
          import { start } from './page.mjs';
          start(contender, ${JSON.stringify(options)});`,
        resolveDir: here,
      },
      outdir: folder,
      entryNames: 'main',
      bundle: true,
      splitting: true,
      format: 'esm',
      minify: true,
      target: 'es2022',
      platform: 'browser',
      legalComments: 'none',
      define: { 'process.env.NODE_ENV': '"production"' },
      ...(alias && { alias }),
      logLevel: 'error',
    });
    const html = `<!doctype html><meta charset="utf-8"><title>${id}</title><link rel="icon" href="data:,"><script type="module" src="main.js"></script>\n`;
    await writeFile(join(folder, 'index.html'), html);
  }
}

/**
 * Serves the pages: /slug/… from `bundles`, and what `folders` name there. `fetched` has what each page got.
 * @param {InPage[]} pages
 * @param {string} bundles
 */
export async function serve(pages, bundles) {
  /** @type {Map<string, Map<string, Buffer>>} */
  const fetched = new Map();
  /** @param {string} path */
  function fileOf(path) {
    const [, site = '', ...rest] = normalize(path).split('/');
    const inside = rest.join('/') || 'index.html';
    const page = pages.find(({ id }) => slug(id) === site);
    if (!page || inside.startsWith('..')) return undefined;
    const [prefix, folder] =
      Object.entries(page.folders ?? {}).find(([name]) => inside.startsWith(name)) ?? [];
    return {
      site,
      inside,
      file: folder ? join(folder, inside.slice(prefix?.length)) : join(bundles, site, inside),
    };
  }
  const server = createServer(async (request, response) => {
    const found = fileOf(decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname));
    const bytes = found && (await readFile(found.file).catch(() => undefined));
    if (!found || !bytes) {
      response.writeHead(404).end();
      return;
    }
    const files = fetched.get(found.site) ?? new Map();
    fetched.set(found.site, files.set(found.inside, bytes));
    const type = TYPES[extname(found.inside)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    fetched,
    /** @param {string} id */
    addressOf: (id) => `http://127.0.0.1:${port}/${slug(id)}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Without traffic of its own, never slowed down in the background, and with WebGPU, in software if need be. */
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
];

/** A browser with an empty profile. */
export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

/**
 * Opens a library's page and waits until it is ready.
 * @param {string} address
 */
export async function open(address) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(240_000);
    await page.goto(address);
    await page.waitForFunction(
      () => !['', 'starting', undefined].includes(/** @type {any} */ (globalThis).bench?.status),
    );
    const { status, problem, readyMs, firstStepMs } = await page.evaluate(() => ({
      .../** @type {any} */ (globalThis).bench,
    }));
    if (status !== 'ready') throw new Error(problem);
    /**
     * Calls a function of the page's `bench`.
     * @param {string} name
     * @param {unknown[]} values
     */
    const call = (name, ...values) =>
      page.evaluate(
        ([name, values]) => /** @type {any} */ (globalThis).bench[name](...values),
        /** @type {const} */ ([name, values]),
      );
    return {
      version: browser.version(),
      readyMs: Number(readyMs),
      firstStepMs: Number(firstStepMs),
      /** @type {(id: string, seconds: number) => Promise<Prepared>} */
      prepare: (id, seconds) => call('prepare', id, seconds),
      /** @type {(seconds: number, warmUp: number) => Promise<Sample>} */
      measure: (seconds, warmUp) => call('measure', seconds, warmUp),
      /** @type {(id: string) => Promise<{ grown: number, data: number } | undefined>} */
      memory: (id) => call('memory', id),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
