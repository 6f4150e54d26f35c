// Who else uses the processors while something is measured. Only Linux tells; elsewhere nothing is known.

import { readFileSync, readdirSync } from 'node:fs';

/** Cores: where others use more, a sample is noisy. */
export const NOISY = 0.1;

/** /proc counts in hundredths of a second. */
const TICKS = 100;

/** @typedef {{ time: number, busy: number, own: number, stolen: number }} Snapshot */

/** @returns {Snapshot | undefined} */
function snapshot() {
  if (process.platform !== 'linux') return undefined;
  const [total = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = total
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { time: performance.now(), busy: user + nice + system + irq + softirq, own: ownTime(), stolen };
}

/** The time of this process and all that it started. */
function ownTime() {
  /** @type {Map<number, { parent: number, time: number }>} */
  const processes = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The command's name, in parentheses, may hold anything.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const time = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
      processes.set(Number(name), { parent: Number(fields[1]), time });
    } catch {
      // It has ended since.
    }
  }
  let own = 0;
  for (const [id, { time }] of processes) {
    let at = id;
    while (at > 1 && at !== process.pid) at = processes.get(at)?.parent ?? 0;
    if (at === process.pid) own += time;
  }
  return own;
}

/**
 * Does something, and says how many cores others had meanwhile, on average; undefined where that is not known.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<{ result: T, others: number | undefined }>}
 */
export async function watched(work) {
  const before = snapshot();
  const result = await work();
  const after = snapshot();
  if (!before || !after) return { result, others: undefined };
  const ticks = ((after.time - before.time) / 1000) * TICKS;
  const busy = after.busy - before.busy - (after.own - before.own);
  return { result, others: Math.max(0, busy + after.stolen - before.stolen) / ticks };
}
