// The module in its two parts: what a first visit needs, and the rest, which comes when there is time or when it is needed.

import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';
import { withModule } from './module.mjs';

const CONVOLUTIONS = {
  version: 1,
  data: { kind: 'table', inputs: ['a', 'b', 'c', 'd'], targets: ['y'], rows: [[1, 2, 3, 4, 5], [4, 3, 2, 1, 0]], input_shape: [1, 2, 2] }, // prettier-ignore
  model: [{ type: 'conv2d', out: 3, kernel: 2 }, { type: 'flatten' }, { type: 'linear', out: 1 }],
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', lr: 0.01 },
  epochs: 20,
};

const rest = (/** @type {{ requested: Set<string> }} */ server) => server.requested.has('gradus_rest.wasm');

browserTest(
  'what a first visit does not need is loaded by the first call that needs it',
  {},
  async (opened) => {
    const { page, server } = opened;
    assert.equal(rest(server), false);
    const losses = await withModule(
      page,
      async ({ Trainer, loadRest }, document) => {
        // On the page's thread, where nothing can be waited for.
        const now = await (await Trainer.create(document)).run(20);
        await loadRest();
        const later = await (await Trainer.create(document)).run(20);
        return [Array.from(now), Array.from(later)];
      },
      CONVOLUTIONS,
    );
    assert.equal(rest(server), true);
    assert.equal(losses[0]?.length, 20);
    assert.deepEqual(losses[0], losses[1]);
    assert.equal(rest(server), true);
  },
);

browserTest(
  'the page trains before the rest is there, and loads it once somebody is there',
  {},
  async ({ page, server }) => {
    await page
      .getByRole('button', { name: /run|train/i })
      .first()
      .waitFor();
    assert.equal(rest(server), false);
    const loaded = page.waitForResponse(/gradus_rest\.wasm/);
    await page.mouse.move(100, 100);
    await page.mouse.move(200, 200);
    assert.equal((await loaded).ok(), true);
  },
);
