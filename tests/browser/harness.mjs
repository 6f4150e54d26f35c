// What the browser tests share: dist/ on a plain static server, and pages of Chromium to open it in; pages of Firefox
// where the variable FIREFOX names its program.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium, firefox } from 'playwright-core';

/** The repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The built page. */
export const dist = join(root, 'dist');

const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
});

/**
 * Serves a folder as the plainest host would: below a path, with nothing but a content type. What it served is
 * in `requested`, as paths inside the folder.
 */
export async function serve(folder = dist, prefix = '/courses/nn/gradus/') {
  /** @type {Set<string>} */
  const requested = new Set();
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    const inside = path.startsWith(prefix) ? normalize(path.slice(prefix.length) || 'index.html') : '..';
    const bytes = inside.startsWith('..')
      ? undefined
      : await readFile(join(folder, inside)).catch(() => undefined);
    if (!bytes) {
      response.writeHead(404).end();
      return;
    }
    requested.add(inside);
    response.writeHead(200, { 'content-type': TYPES[extname(inside)] ?? 'application/octet-stream' });
    response.end(bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const origin = `http://127.0.0.1:${port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin, url: origin + prefix, requested, close };
}

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** WebGPU in software. Without these `navigator.gpu` is there, but gives no adapter. */
const WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];

/** Firefox as it is sold, driven through WebDriver BiDi: its program, or nothing for Chromium. */
const { FIREFOX } = process.env;

const FIREFOX_PREFERENCES = {
  // A test may put text onto the clipboard, which Firefox else gives to nobody but a reader.
  'dom.events.testing.asyncClipboard': true,
  // The list of downloads would open over the page, and have the clipboard.
  'browser.download.alwaysOpenPanel': false,
};

/** Where Firefox saves files. @type {string | undefined} */
let downloads;

/** @type {Map<boolean, Promise<import('playwright-core').Browser>>} */
const browsers = new Map();

/** A browser with or without WebGPU, started once per test file. */
export function launch(webgpu = false) {
  const running = browsers.get(webgpu);
  if (running) return running;
  const browser = FIREFOX ? launchFirefox(FIREFOX) : launchChromium(webgpu);
  browsers.set(webgpu, browser);
  return browser;
}

const launchChromium = (/** @type {boolean} */ webgpu) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: webgpu ? [...FLAGS, ...WEBGPU] : FLAGS,
  });

function launchFirefox(/** @type {string} */ executablePath) {
  downloads ??= mkdtempSync(join(tmpdir(), 'gradus-'));
  return firefox.launch({
    channel: 'moz-firefox',
    executablePath,
    firefoxUserPrefs: FIREFOX_PREFERENCES,
    downloadsPath: downloads,
  });
}

/**
 * The file that the page saves next.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<Pick<import('playwright-core').Download, 'path' | 'suggestedFilename'>>}
 */
export function nextDownload(page) {
  const folder = downloads;
  if (!folder) return page.waitForEvent('download');
  // Playwright takes a download for none that Firefox tells of without a navigation.
  const before = new Set(readdirSync(folder));
  return eventually(() => {
    const fresh = readdirSync(folder).filter((name) => !before.has(name));
    const [name] = fresh.filter((found) => statSync(join(folder, found)).size > 0);
    assert.ok(name && fresh.length === 1, 'nothing was saved');
    return { path: async () => join(folder, name), suggestedFilename: () => name };
  });
}

let closing = false;

/** Only in tests: the screenshots have no test runner. */
function closeBrowsersAtTheEnd() {
  if (!closing) after(closeBrowsers);
  closing = true;
}

export async function closeBrowsers() {
  for (const browser of browsers.values()) await (await browser).close();
  browsers.clear();
  if (downloads) rmSync(downloads, { recursive: true, force: true });
}

/**
 * Tries until it succeeds: for what the page does a moment after the click. What fails for ten seconds fails.
 * @template T
 * @param {() => T | Promise<T>} attempt
 * @returns {Promise<T>}
 */
export async function eventually(attempt) {
  const end = Date.now() + 10_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/**
 * @typedef {object} Options
 * @property {boolean} [webgpu] whether WebGPU gives an adapter; it does not by default
 * @property {string} [path] what to open below the page's folder, such as `?lang=zh` or `#…`
 * @property {string} [todo] why the test fails for now: what the page does not do yet
 * @property {string} [chromiumOnly] why the test is left out in Firefox: what its automation cannot do
 * @property {boolean} [open] `false` leaves opening the page to the test
 */

/**
 * @typedef {object} Opened
 * @property {import('playwright-core').Page} page
 * @property {import('playwright-core').BrowserContext} context
 * @property {Awaited<ReturnType<typeof serve>>} server
 * @property {string[]} errors what went wrong in the page so far; a test that expects errors empties it
 */

/**
 * A test in a fresh context (its own storage), with the page open. Fails on any error in the console (what the
 * Content-Security-Policy refuses is one), any uncaught one, and any request outside the page's folder.
 * @param {string} name
 * @param {Options & import('playwright-core').BrowserContextOptions} options
 * @param {(opened: Opened) => Promise<void>} body
 */
export function browserTest(name, options, body) {
  const { webgpu, path = '', open = true, todo = false, chromiumOnly, ...rest } = options;
  closeBrowsersAtTheEnd();
  const skip = FIREFOX ? chromiumOnly : undefined;
  test(name, { timeout: 120_000, todo, skip }, async () => {
    const server = await serve();
    const browser = await launch(webgpu);
    const context = await browser.newContext({
      locale: 'en-US',
      viewport: { width: 1440, height: 900 },
      permissions: FIREFOX ? [] : ['clipboard-read', 'clipboard-write'],
      // What it keeps would answer instead of the server that a test watches.
      serviceWorkers: 'block',
      ...rest,
    });
    context.setDefaultTimeout(15_000);
    const errors = watch(context, server.url);
    try {
      const page = await context.newPage();
      if (open) await page.goto(server.url + path, { waitUntil: 'load' });
      await body({ page, context, server, errors });
      assert.deepEqual(errors, []);
    } finally {
      await context.close();
      server.close();
    }
  });
}

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {string} folder the only address that may be asked for anything
 */
function watch(context, folder) {
  /** @type {string[]} */
  const errors = [];
  context.on('console', (message) => {
    if (message.type() === 'error') errors.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => errors.push(`uncaught: ${error.error().stack ?? error.error()}`));
  context.on('request', (request) => {
    const own = /^(data|blob):/.test(request.url()) || request.url().startsWith(folder);
    if (!own) errors.push(`request to ${request.url()}`);
  });
  return errors;
}
