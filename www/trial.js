// Whether a training goes faster on WebGPU, and its move there if so: loaded when that is first asked. Training goes on
// on the CPU meanwhile.

import { adopt, measure, openDevice, recall, remember, warmUp } from './accelerator.js';

/** @import { Accelerator, DeviceTrainer } from './accelerator.js' */
/** @import { Arrays, Trainer } from './gradus.js' */
/** @import { Verdict } from './protocol.js' */

/**
 * What is asked of the worker, and what it does.
 * @typedef {object} Host
 * @property {() => boolean} isPresent whether the training is still the one that this is about
 * @property {() => boolean} wanted whether the reader has not chosen the CPU meanwhile
 * @property {() => Trainer} trainer
 * @property {() => { document: object, arrays: Arrays | undefined }} source what the training was made from
 * @property {() => Record<string, unknown>} changes what was set since
 * @property {() => number} rows that train
 * @property {() => number | null} cpuRate steps a second
 * @property {(work: () => Promise<void>) => Promise<void>} enqueue between two slices
 * @property {(moved: DeviceTrainer, accelerator: Accelerator) => void} move
 * @property {(verdict: Verdict) => void} tell
 */

/** How much faster WebGPU has to be: a training that moves is not bit for bit the same any more. */
const WORTH_IT = 1.2;

/** Which device was the faster one, by what decides about the speed. @type {Map<string, Verdict>} */
const verdicts = new Map();

/**
 * @param {Host} host
 * @param {boolean} asked whether the reader wants WebGPU, however fast it is
 */
export async function tryDevice(host, asked) {
  const { tell, cpuRate } = host;
  const key = verdictKey(host);
  const known = asked ? undefined : (verdicts.get(key) ?? (await recall(key)));
  if (known?.chosen === 'cpu' && host.isPresent()) return tell(known);
  const found = 'gpu' in navigator ? await openDevice() : undefined;
  /** @param {Verdict['reason']} reason @param {number | null} webgpu */
  const stay = (reason, webgpu) => tell({ chosen: 'cpu', rates: { cpu: cpuRate(), webgpu }, reason });
  if (!found) return stay('only', null);
  const work = () => ({ ...host.source(), fields: host.changes(), checkpoint: host.trainer().checkpoint() });
  const goesOn = () => host.isPresent() && !host.trainer().position().finished;
  if (!goesOn()) return;
  /** @type {DeviceTrainer | undefined} */
  let trial;
  try {
    // Also where it is asked for: what the device cannot do shows now.
    if (!known) trial = await warmUp(found, work());
  } catch {
    return stay('only', null);
  }
  await host.enqueue(async () => {
    try {
      if (!goesOn() || !host.wanted()) return;
      const cpu = cpuRate();
      const webgpu = trial && !asked ? await measure(found, trial) : (known?.rates.webgpu ?? null);
      const faster = asked || known || (webgpu ?? 0) > WORTH_IT * (cpu ?? Infinity);
      /** @type {Verdict} */
      const verdict = known ?? {
        chosen: faster ? 'webgpu' : 'cpu',
        rates: { cpu, webgpu },
        reason: asked ? 'asked' : 'faster',
      };
      if (!asked) verdicts.set(key, verdict);
      if (!asked && !known) void remember(key, verdict);
      // From where the CPU is: what was tried does not count.
      if (faster) host.move(await adopt(found, work()), found);
      tell(verdict);
    } catch {
      stay('only', null);
    } finally {
      trial?.free();
    }
  });
}

/** What decides about the speed: the network, the rows and how they become batches. @param {Host} host */
function verdictKey(host) {
  const document = /** @type {Record<string, any>} */ ({ ...host.source().document, ...host.changes() });
  const { model, loss, batch_size, optimizer } = document;
  const decisive = [model, loss, batch_size, optimizer?.type, host.rows()];
  return JSON.stringify(decisive, (name, value) => (name === 'init' ? undefined : value));
}
