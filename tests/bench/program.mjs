// A program beside the browser that talks JSON lines, and the workloads as files for it.

import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { IDS, build, productChecks } from './workloads.mjs';

/**
 * Writes each workload as ID.json (what it is, and the lengths of its arrays) and ID.bin (their float32 values).
 * @param {string} folder
 */
export async function writeWorkloads(folder) {
  await mkdir(folder, { recursive: true });
  for (const id of IDS) {
    const workload = build(id);
    const { arrays, rest } = partsOf(workload);
    const description = { ...rest, lengths: arrays.map(({ length }) => length) };
    await writeFile(join(folder, `${id}.json`), JSON.stringify(description));
    const bytes = arrays.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    );
    await writeFile(join(folder, `${id}.bin`), Buffer.concat(bytes));
  }
}

/** @param {import('./workloads.mjs').Workload} workload */
function partsOf(workload) {
  if (workload.kind === 'product') {
    const { a, b, ...rest } = workload;
    return { arrays: [a, b], rest: { ...rest, checks: productChecks(workload) } };
  }
  const { inputs, targets, parameters, ...rest } = workload;
  return { arrays: [inputs, targets, ...parameters], rest };
}

/**
 * Starts a program, which says one line when it is ready.
 * @param {string[]} command
 * @param {string} data the folder of workloads
 */
export async function openProgram([program = '', ...parameters], data) {
  const child = spawn(program, [...parameters, data], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (text) => (complaints = `${complaints}${text}`.slice(-500)));
  /** @type {{ resolve: (answer: any) => void, reject: (error: Error) => void }[]} */
  const waiting = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(JSON.parse(line)));
  const fail = () => waiting.splice(0).forEach(({ reject }) => reject(new Error(`it ended: ${complaints}`)));
  child.on('exit', fail).on('error', fail);
  /** @returns {Promise<any>} */
  const answer = () => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  /** @param {object} request */
  async function ask(request) {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const answered = await answer();
    if (answered.failed) throw new Error(answered.failed);
    return answered;
  }
  const about = await answer();
  return {
    version: /** @type {string} */ (`${about.torch} (${about.capability})`),
    /** @param {string} id @param {number} seconds */
    prepare: (id, seconds) => ask({ prepare: id, seconds }),
    /** @param {number} seconds @param {number} warmUp */
    measure: (seconds, warmUp) => ask({ measure: seconds, warm_up: warmUp }),
    async close() {
      child.stdin.end();
      await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}
