// The page's texts for the bundler: the languages are the files of locales/, and a first visit needs a part only of its
// own one.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Texts with these beginnings are loaded when something of them is first opened. */
const LATER =
  /^(help|summary|unit|gallery|kept|device|fit|confusion|weights|inspect|predict|pad|import|pictures|plane|sweep)\./;

/** What all can read who have none of the others: the last one of the list. */
const FALLBACK = 'en';

/**
 * @param {string} source the folder of the page
 * @returns {import('esbuild').Plugin}
 */
export function texts(source) {
  const folder = join(source, 'locales');
  /** @param {import('esbuild').PluginBuild} build */
  const setup = (build) => {
    build.onResolve({ filter: /^gradus:languages$/ }, () => ({ path: 'languages', namespace: 'languages' }));
    build.onLoad({ filter: /^/, namespace: 'languages' }, async () => ({
      contents: await listOf(folder),
      resolveDir: folder,
      watchDirs: [folder],
    }));
    build.onResolve({ filter: /\.json\?later$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace('?later', '')),
      namespace: 'later',
    }));
    build.onLoad({ filter: /\.json$/, namespace: 'later' }, ({ path }) => part(path, true));
    build.onLoad({ filter: /locales.[\w-]+\.json$/ }, ({ path }) => part(path, false));
  };
  return { name: 'texts', setup };
}

/**
 * The module that lists the languages: each by its tag, which is the name of its file, by what it calls itself, and with
 * its texts to be loaded.
 * @param {string} folder
 */
async function listOf(folder) {
  const tags = (await readdir(folder)).flatMap((name) => /^([\w-]+)\.json$/.exec(name)?.[1] ?? []);
  tags.sort((a, b) => Number(a === FALLBACK) - Number(b === FALLBACK) || (a < b ? -1 : 1));
  const rows = tags.map(async (tag) => {
    const messages = JSON.parse(await readFile(join(folder, `${tag}.json`), 'utf8'));
    const names = { tag, name: messages['language.name'], short: messages['language.short'] };
    const file = `./${tag}.json`;
    const [first, later] = [file, `${file}?later`].map((path) => `() => import(${JSON.stringify(path)})`);
    return `{ ...${JSON.stringify(names)}, first: ${first}, later: ${later} }`;
  });
  return `export const LANGUAGES = [${(await Promise.all(rows)).join(', ')}];`;
}

/**
 * @param {string} path
 * @param {boolean} later
 */
async function part(path, later) {
  const all = Object.entries(JSON.parse(await readFile(path, 'utf8')));
  const some = Object.fromEntries(all.filter(([key]) => LATER.test(key) === later));
  return { contents: JSON.stringify(some), loader: /** @type {const} */ ('json') };
}
