// `Trainer.checkpoint` and `Trainer.resume` of the module: a run goes on in another worker, or after the page was closed.

import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch } from './native.mjs';

const BATCHES = { ...pytorch(2).experiment, epochs: 200, optimizer: { type: 'adam', lr: 0.01 } };

browserTest(
  'a run goes on from a cloned checkpoint bit for bit, its curves included',
  {},
  async ({ page }) => {
    const [whole, resumed] = await withModule(
      page,
      async ({ Trainer }, document) => {
        const end = (/** @type {any} */ trainer) => {
          trainer.trainFor(Infinity, Infinity);
          const { train, validation } = trainer.changes();
          const parameters = Object.values(trainer.parameters()).map((values) =>
            Array.from(/** @type {any} */ (values)),
          );
          return { parameters, losses: Array.from(train.last), validation: Array.from(validation.last) };
        };
        const run = await Trainer.create(document);
        // Compiled steps, and the middle of an epoch.
        run.trainFor(Infinity, 101);
        const checkpoint = structuredClone(run.checkpoint());
        return [end(run), end(await Trainer.resume(document, undefined, checkpoint))];
      },
      BATCHES,
    );
    assert.equal(whole.losses.length, BATCHES.epochs * 2);
    assert.deepEqual(resumed, whole);
  },
);

browserTest('a checkpoint of another experiment is refused with what does not fit', {}, async ({ page }) => {
  const messages = await withModule(
    page,
    async ({ Trainer }, document) => {
      const run = await Trainer.create(document);
      const good = run.checkpoint();
      const refusal = async (/** @type {any} */ checkpoint, changed = document) => {
        try {
          await Trainer.resume(changed, undefined, checkpoint);
        } catch (error) {
          return /** @type {Error} */ (error).message;
        }
        return 'taken';
      };
      const model = [{ type: 'linear', out: 3 }, { type: 'relu' }, { type: 'linear', out: 1 }];
      return [
        await refusal(good),
        await refusal(good, { ...document, model }),
        await refusal({ ...good, place: { ...good.place, step: -1 } }),
        await refusal({ ...good, tensors: null }),
        await refusal({ ...good, curves: { ...good.curves, train: { ...good.curves.train, length: 7 } } }),
        await refusal(null),
      ];
    },
    BATCHES,
  );
  assert.deepEqual(messages, [
    'taken',
    'the checkpoint is of another experiment: 0.weight does not fit',
    'checkpoint: place is missing or is of another type',
    'checkpoint: tensors is missing or is of another type',
    'checkpoint: train is missing or is of another type',
    'checkpoint: place is missing or is of another type',
  ]);
});
