// Training on WebGPU, a part of the worker that is loaded after a training has run for a while, and only where there
// is an adapter. The module is another one than the page's, with the same `Trainer` and a `trainOn` more; trainings
// go from one to the other as checkpoints.

import * as verdicts from './verdicts.js';

/** @import { Checkpoint, Arrays } from './gradus.js' */
/** @import { Verdict } from './protocol.js' */
/** @typedef {typeof import('./gpu/gradus.js')} Module */
/** @typedef {import('./gpu/gradus.js').Trainer} DeviceTrainer */
/** @typedef {{ module: Module, device: import('./gpu/gradus.js').Device }} Accelerator */
/** @typedef {{ document: object, arrays: Arrays | undefined, fields: Record<string, unknown>, checkpoint: Checkpoint }} Work */

/** An adapter that has not answered by then never will. */
const PATIENCE_MS = 3000;
/** A rate is measured about so long, in slices as they will be. */
const TRIAL_MS = 120;
const SLICE_MS = 12;

/** @type {Promise<Accelerator | undefined> | undefined} */
let opened;

/** The device with its module, opened once; undefined where there is none. */
export function openDevice() {
  opened ??= open().catch(() => undefined);
  return opened;
}

/** One that is lost is not used again: the next may be another. */
export function forgetDevice() {
  opened = undefined;
  void verdicts.forget();
}

/** What the adapter says about itself; undefined where there is none. */
async function adapterName() {
  const { gpu } = /** @type {{ gpu?: { requestAdapter: (options: object) => Promise<any> } }} */ (navigator);
  const adapter = await soon(gpu?.requestAdapter({ powerPreference: 'high-performance' }));
  if (!adapter) return undefined;
  const { vendor, architecture, device, description } = adapter.info ?? {};
  return [vendor, architecture, device, description].join('/');
}

/**
 * Which device was the faster one when this was timed before, on the adapter of now.
 * @param {string} training what decides about the speed
 */
export async function recall(training) {
  const adapter = await adapterName();
  return adapter === undefined ? undefined : verdicts.recall(adapter, training);
}

/**
 * @param {string} training
 * @param {Verdict} verdict
 */
export async function remember(training, verdict) {
  const adapter = await adapterName();
  if (adapter !== undefined) await verdicts.remember(adapter, training, verdict);
}

async function open() {
  if ((await adapterName()) === undefined) return undefined;
  const module = await import('./gpu/gradus.js');
  await module.default();
  const device = await soon(module.Device.request());
  return device && { module, device };
}

/**
 * @template T
 * @param {Promise<T> | undefined} promise
 * @returns {Promise<T | undefined>}
 */
function soon(promise) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, undefined));
  return Promise.race([promise, late]);
}

/**
 * A training as it is, in the other module.
 * @param {Accelerator} accelerator
 * @param {Work} work
 */
export async function adopt({ module }, { document, arrays, fields, checkpoint }) {
  const trainer = await module.Trainer.resume(document, arrays, checkpoint);
  if (Object.keys(fields).length > 0) trainer.change(fields);
  return trainer;
}

/**
 * A copy of a training that has its kernels compiled.
 * @param {Accelerator} accelerator
 * @param {Work} work
 */
export async function warmUp(accelerator, work) {
  const trainer = await adopt(accelerator, work);
  const { batchesPerEpoch } = trainer.position();
  // The first steps record each size of batches; those after run on the device.
  const until = performance.now() + PATIENCE_MS;
  for (let i = 0; i < Math.min(batchesPerEpoch, 20) + 2 && performance.now() < until; i += 1) {
    await trainer.trainOn(accelerator.device, 1, 1);
  }
  return trainer;
}

/**
 * Steps a second of a training that is warm: the best of the slices, as a machine has other things to do.
 * @param {Accelerator} accelerator
 * @param {DeviceTrainer} trainer
 */
export async function measure({ device }, trainer) {
  const end = performance.now() + TRIAL_MS;
  let best = 0;
  while (performance.now() < end && !trainer.position().finished) {
    const start = performance.now();
    const { step } = trainer.position();
    await trainer.trainOn(device, SLICE_MS, Infinity);
    const milliseconds = performance.now() - start;
    if (milliseconds > 1) best = Math.max(best, (1000 * (trainer.position().step - step)) / milliseconds);
  }
  return best;
}
