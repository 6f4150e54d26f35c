// Cuts the module in two: what a first visit runs, and the rest (xtask/src/split.rs does the cutting).

import { execFile } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * @param {string} folder that has glue.js and gradus_bg.wasm
 * @param {string} xtask the program of `cargo xtask`
 */
export async function cut(folder, xtask) {
  const [whole, probe, ran, first] = ['gradus_bg.wasm', 'probe.wasm', 'ran.txt', 'first.wasm'].map((name) =>
    join(folder, name),
  );
  const scenario = fileURLToPath(new URL('first-visit.mjs', import.meta.url));
  await run(xtask, ['module', 'probe', whole, probe]);
  const { stdout } = await run(process.execPath, [scenario, probe, join(folder, 'glue.js')]);
  await writeFile(ran, stdout);
  await run(xtask, ['module', 'split', whole, ran, first, join(folder, 'gradus_rest.wasm')]);
  await rename(first, whole);
  await Promise.all([rm(probe), rm(ran)]);
}
