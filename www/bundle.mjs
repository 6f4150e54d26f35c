// Bundles the page's scripts and styles.

import { join } from 'node:path';
import { build } from 'esbuild';
import { texts } from './texts.mjs';

/**
 * The page, its worker and the style sheet, with shared and lazy code in chunks beside them. All of them load
 * one `./gradus.js`, which stays a file of its own: other pages import it too.
 * @param {string} source the folder of the page
 * @param {string} outdir
 * @param {object} options
 * @param {boolean} options.release
 * @param {boolean} [options.reload] whether the page loads anew when it was built anew
 */
export function bundlePage(source, outdir, { release, reload = false }) {
  return build({
    entryPoints: ['main.js', 'worker.js', 'style.css'].map((name) => join(source, name)),
    outdir,
    bundle: true,
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    target: 'es2022',
    loader: { '.svg': 'file', '.png': 'file', '.csv': 'text', '.bin': 'file' },
    define: { RELEASE: String(release) },
    minify: release,
    sourcemap: !release,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    inject: reload && !release ? [join(source, 'reload.js')] : [],
    plugins: [
      texts(source),
      {
        name: 'gradus.js stays outside',
        setup(build) {
          build.onResolve({ filter: /\/gpu\/gradus\.js$/ }, ({ path }) => ({ path, external: true }));
          build.onResolve({ filter: /\/gradus\.js$/ }, () => ({ path: './gradus.js', external: true }));
        },
      },
    ],
  });
}
