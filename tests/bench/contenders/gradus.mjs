// This project's module, as a script uses it.

import { arraysOf, documentOf, lossScale } from '../document.mjs';

let gradus;
let instance;

/** @param {{ folder: string }} options where the built files are, relative to the page */
export async function init({ folder }) {
  const address = (name) => new URL(folder + name, location.href).href;
  // The module's bytes need not wait for its script.
  const module = fetch(address('gradus_bg.wasm'));
  gradus = await import(address('gradus.js'));
  instance = await gradus.default({ module_or_path: module });
}

/** @param {{ eager?: boolean }} options `eager`: step by step through tensors, nothing captured */
export async function trainer(workload, { eager = false }) {
  const create = eager ? gradus.Trainer.createEager : gradus.Trainer.create;
  const run = await create(documentOf(workload), arraysOf(workload));
  const scale = lossScale(workload);
  return {
    run: (steps) => scale * run.advance(steps),
    reset: () => run.reset(),
  };
}

export function product({ a, b, m, k, n }) {
  const [left, right] = [new gradus.Tensor(a, [m, k]), new gradus.Tensor(b, [k, n])];
  return {
    run(times) {
      for (let time = 0; time < times; time += 1) left.matmul(right).dispose();
    },
    sample(indices) {
      const result = left.matmul(right);
      const values = result.toArray();
      result.dispose();
      return indices.map((index) => values[index]);
    },
  };
}

/** How much the module's memory grows when it trains, and the size of the data it is given. */
export async function memory(workload) {
  const before = instance.memory.buffer.byteLength;
  const { inputs, targets } = arraysOf(workload);
  // Weights of its own choice: millions of numbers as a document would be counted, too.
  const document = documentOf(workload, { initialised: false });
  const run = await gradus.Trainer.create(document, { inputs, targets });
  run.advance(workload.batches);
  const grown = instance.memory.buffer.byteLength - before;
  run.free();
  return { grown, data: inputs.byteLength + targets.byteLength };
}
