// In the page of each library: the runner calls `bench`.

import { countTraffic } from './traffic.mjs';
import { build, productChecks } from './workloads.mjs';

/** @import { Traffic } from './traffic.mjs' */
/** @import { Product, Training, Workload } from './workloads.mjs' */

/**
 * @typedef {object} Run a training run
 * @property {(steps: number) => number | Promise<number>} run makes so many more steps; the loss of the last
 * @property {() => void | Promise<void>} reset back to the first step and the initial parameters
 */
/**
 * @typedef {object} Products one product, many times
 * @property {(times: number) => void | Promise<void>} run each is finished before the next begins
 * @property {(indices: number[]) => number[] | Promise<number[]>} sample what stands at some places of the product
 */
/**
 * @typedef {object} Contender what a file in contenders/ exports
 * @property {(options: any) => any} init
 * @property {(workload: Training, options: any) => Run | Promise<Run>} trainer
 * @property {(workload: Product) => Products | Promise<Products>} [product]
 * @property {(workload: Training) => boolean} [skips] whether it cannot do this
 * @property {(workload: Training) => string | undefined} [differs] what it does instead of the workload
 * @property {(workload: Training) => Promise<object>} [memory]
 */
/** @typedef {{ skipped: true } | { losses: [number, number][], differs: string | undefined } | { error: number }} Prepared */

/** After this the losses that came out by then have to do for the comparison. */
const MOST_SECONDS = 20;

/**
 * Makes the library ready and hands `bench` to the runner.
 * @param {Contender} contender
 * @param {any} options
 */
export async function start(contender, options) {
  const bench = { status: 'starting', problem: '', readyMs: 0, firstStepMs: 0, prepare, measure, memory };
  Object.assign(globalThis, { bench });
  const traffic = countTraffic();
  try {
    await contender.init(options);
    bench.readyMs = performance.now();
    if (new URLSearchParams(location.search).has('first-step')) {
      const run = await contender.trainer(/** @type {Training} */ (build('W1')), options);
      await run.run(1);
      bench.firstStepMs = performance.now();
    }
    bench.status = 'ready';
  } catch (error) {
    bench.status = 'failed';
    bench.problem = String(error);
  }

  /** @type {Workload} */
  let workload;
  /** @type {Run} */
  let run;
  /** @type {Products} */
  let products;
  /** Steps between two looks at the clock. */
  let chunk = 1;

  /**
   * Sets a workload up and computes what the runner compares.
   * @param {string} id
   * @param {number} seconds how long a sample will take
   * @returns {Promise<Prepared>}
   */
  async function prepare(id, seconds) {
    workload = build(id);
    if (workload.kind === 'product') {
      if (!contender.product) return { skipped: true };
      products = await contender.product(workload);
      await products.run(1);
      const checks = productChecks(workload);
      const found = await products.sample(checks.map(({ index }) => index));
      const errors = checks.map(({ value }, at) => Math.abs((found[at] ?? NaN) - value));
      return { error: Math.max(...errors) };
    }
    if (contender.skips?.(workload)) return { skipped: true };
    run = await contender.trainer(workload, options);
    /** @type {[number, number][]} */
    const losses = [];
    let begun = performance.now();
    let done = 0;
    for (const check of workload.checks) {
      let loss = NaN;
      while (done < check) {
        const steps = Math.min(workload.chunk, check - done);
        loss = await run.run(steps);
        done += steps;
        if (performance.now() - begun > MOST_SECONDS * 1000) break;
      }
      if (done < check) break;
      losses.push([check, loss]);
      // Some compile in their first step.
      if (check === 1) begun = performance.now();
    }
    const stepMs = (performance.now() - begun) / (done - 1);
    chunk = Math.max(1, Math.min(workload.chunk, Math.floor((seconds * 1000) / stepMs)));
    return { losses, differs: contender.differs?.(workload) };
  }

  /**
   * One sample: how many steps, or products, in how many milliseconds, and what was asked of WebGPU meanwhile. Resets
   * are not timed.
   * @param {number} seconds
   * @param {number} warmUp seconds before it that do not count
   */
  async function measure(seconds, warmUp) {
    const work =
      workload.kind === 'product'
        ? { chunk: 1, most: Infinity, run: products.run, reset() {} }
        : { chunk, most: workload.resetEvery, run: run.run, reset: run.reset };
    /** @param {number} milliseconds */
    const segment = async (milliseconds) => {
      await work.reset();
      const before = { ...traffic };
      const begun = performance.now();
      let steps = 0;
      let elapsed = 0;
      do {
        await work.run(work.chunk);
        steps += work.chunk;
        elapsed = performance.now() - begun;
      } while (elapsed < milliseconds && steps < work.most);
      const asked = (/** @type {keyof Traffic} */ what) => (traffic?.[what] ?? 0) - (before[what] ?? 0);
      return { steps, elapsed, submissions: asked('submissions'), readings: asked('readings') };
    };
    for (let left = warmUp * 1000; left > 0; left -= (await segment(left)).elapsed);
    const total = { steps: 0, ms: 0, submissions: 0, readings: 0 };
    while (total.ms < seconds * 1000) {
      const { steps, elapsed, submissions, readings } = await segment(seconds * 1000 - total.ms);
      total.steps += steps;
      total.ms += elapsed;
      total.submissions += submissions;
      total.readings += readings;
    }
    return total;
  }

  /** @param {string} id */
  function memory(id) {
    return contender.memory?.(/** @type {Training} */ (build(id)));
  }
}
