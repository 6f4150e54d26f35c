// This project's module with WebGPU, as a script uses it.

import { arraysOf, documentOf, lossScale } from '../document.mjs';

let gradus;
let device;

/** @param {{ folder: string }} options where the built files are, relative to the page */
export async function init({ folder }) {
  if (!(await navigator.gpu?.requestAdapter())) throw new Error('there is no WebGPU adapter');
  gradus = await import(new URL(`${folder}gradus.js`, location.href).href);
  await gradus.default();
  device = await gradus.Device.request();
}

export async function trainer(workload) {
  const run = await gradus.Trainer.create(documentOf(workload), arraysOf(workload));
  const scale = lossScale(workload);
  return {
    async run(steps) {
      const end = run.position().step + steps;
      let loss = NaN;
      while (run.position().step < end)
        ({ loss } = await run.trainOn(device, 1000, end - run.position().step));
      return scale * loss;
    },
    reset: () => run.reset(),
  };
}

export function product({ a, b, m, k, n }) {
  const [left, right] = [new gradus.Tensor(a, [m, k]).to(device), new gradus.Tensor(b, [k, n]).to(device)];
  return {
    async run(times) {
      for (let time = 0; time < times; time += 1) {
        const result = left.matmul(right);
        await device.synchronize();
        result.dispose();
      }
    },
    async sample(indices) {
      const values = (await left.matmul(right).cpu()).toArray();
      return indices.map((index) => values[index]);
    },
  };
}
