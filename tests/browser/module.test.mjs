// The module without the page: `import init, { Trainer } from './gradus.js'`, against the native program bit for bit.

import assert from 'node:assert/strict';
import { browserTest } from './harness.mjs';
import { withModule } from './module.mjs';
import { experiments, number32, pytorch, train } from './native.mjs';
import { assertClose } from './user.mjs';

/** @import { Document } from './native.mjs' */

const SUM = pytorch(1).experiment;

/** @param {Record<string, (number | string)[]>} byName */
const tensors = (byName) =>
  Object.fromEntries(Object.entries(byName).map(([name, values]) => [name, values.map(number32)]));

browserTest('every whole run is bit for bit what the native program gives', {}, async ({ page }) => {
  for (const [at, { experiment, loss_history: expected }] of experiments.entries()) {
    const native = train(experiment);
    const here = await withModule(
      page,
      async ({ Trainer }, document) => {
        const plain = (/** @type {Record<string, Float32Array>} */ byName) =>
          Object.fromEntries(Object.entries(byName).map(([name, values]) => [name, Array.from(values)]));
        const trainer = await Trainer.create(document);
        const initial = plain(trainer.initialParameters());
        const losses = Array.from(await trainer.run(trainer.position().totalSteps));
        return { initial, losses, final: plain(trainer.parameters()), finished: trainer.position().finished };
      },
      experiment,
    );
    const message = `case ${at + 1}, ${experiment.title}`;
    assert.equal(here.finished, true, message);
    assert.deepEqual(here.losses, native.loss_history.map(number32), message);
    assert.deepEqual(here.initial, tensors(native.initial_parameters), message);
    assert.deepEqual(here.final, tensors(native.final_parameters), message);
    // And it is PyTorch's run, so that the two are not wrong alike.
    assertClose(here.losses, expected);
  }
});

browserTest('data as Float32Arrays train as the same rows do', {}, async ({ page }) => {
  const same = await withModule(
    page,
    async ({ Trainer }, document) => {
      const { rows, ...data } = document.data;
      const inputs = Float32Array.from(rows.flatMap((/** @type {number[]} */ row) => row.slice(0, 2)));
      const targets = Float32Array.from(rows.map((/** @type {number[]} */ row) => row[2]));
      const apart = await Trainer.create({ ...document, data: { ...data, rows: [] } }, { inputs, targets });
      const together = await Trainer.create(document);
      const losses = [await apart.run(50), await together.run(50)].map((run) => Array.from(run));
      const outputs = [await apart.predict(Float32Array.of(10, 11)), await together.predict([[10, 11]])];
      return { losses, outputs: outputs.map((values) => Array.from(values)) };
    },
    SUM,
  );
  assert.deepEqual(same.losses[0], same.losses[1]);
  assert.deepEqual(same.outputs[0], same.outputs[1]);
  assertClose(/** @type {number[]} */ (same.losses[0]), pytorch(1).loss_history);
  const [predicted] = /** @type {number[][]} */ (pytorch(1).predictions);
  assertClose(/** @type {number[]} */ (same.outputs[0]), /** @type {number[]} */ (predicted));
});

browserTest('a document may be given as JSON text', {}, async ({ page }) => {
  const losses = await withModule(
    page,
    async ({ Trainer }, text) => Array.from(await (await Trainer.create(text)).run(50)),
    JSON.stringify(SUM),
  );
  assertClose(losses, pytorch(1).loss_history);
});

browserTest('advance gives the last of the losses that run gives, also eagerly', {}, async ({ page }) => {
  const [losses, last, none] = await withModule(
    page,
    async ({ Trainer }, document) => {
      const [whole, short, eager] = [
        await Trainer.create(document),
        await Trainer.create(document),
        await Trainer.createEager(document),
      ];
      return [
        Array.from(await whole.run(50)),
        [short.advance(7), short.advance(43), eager.advance(50)],
        [short.advance(1)],
      ];
    },
    SUM,
  );
  assert.deepEqual(last, [losses[6], losses[49], losses[49]]);
  // The run is over: no step, no loss. (`undefined` becomes null on its way out of the page.)
  assert.equal(none[0] ?? null, null);
});

browserTest('reset gives the same initial weights and the same losses', {}, async ({ page }) => {
  const [first, second, weights] = await withModule(
    page,
    async ({ Trainer }, document) => {
      const trainer = await Trainer.create(document);
      const start = Array.from(trainer.parameters()['0.weight']);
      const losses = Array.from(await trainer.run(7));
      trainer.reset();
      const again = Array.from(trainer.parameters()['0.weight']);
      return [losses, Array.from(await trainer.run(7)), [start, again]];
    },
    SUM,
  );
  assert.deepEqual(second, first);
  assert.deepEqual(weights[1], weights[0]);
});

browserTest('run, in pieces, gives what it gives at once, and stops at the end', {}, async ({ page }) => {
  const [once, pieces, beyond] = await withModule(
    page,
    async ({ Trainer }, document) => {
      const [whole, parts] = [await Trainer.create(document), await Trainer.create(document)];
      const once = Array.from(await whole.run(50));
      const pieces = [];
      for (const count of [1, 2, 3, 44]) pieces.push(...(await parts.run(count)));
      return [once, pieces, Array.from(await parts.run(5))];
    },
    SUM,
  );
  assert.deepEqual(pieces, once);
  assert.deepEqual(beyond, []);
});

browserTest('set changes the rate of the next update', {}, async ({ page }) => {
  // y = 3x from zero weights: the first update is -rate times the gradient of the mean of (wx + b - 3x)²,
  // which is -2 · mean(3x · x) = -45 for w and -2 · mean(3x) = -15 for b.
  const [rate, { weight, bias }] = await withModule(
    page,
    async ({ Trainer }, document) => {
      const trainer = await Trainer.create(document);
      trainer.set('optimizer.lr', 0.125);
      await trainer.run(1);
      const { '0.weight': weight, '0.bias': bias } = trainer.parameters();
      return [trainer.learningRate(), { weight: weight[0], bias: bias[0] }];
    },
    pytorch(4).experiment,
  );
  assert.equal(rate, 0.125);
  assert.equal(weight, 45 * 0.125);
  assert.equal(bias, 15 * 0.125);
});

browserTest('update takes over what can change during a run, and nothing else', {}, async ({ page }) => {
  const result = await withModule(
    page,
    async ({ Trainer }, document) => {
      const trainer = await Trainer.create(document);
      await trainer.run(10);
      const faster = { ...document, optimizer: { type: 'sgd', lr: 0.002 } };
      const wider = { ...document, model: [{ type: 'linear', out: 1 }] };
      return {
        faster: trainer.update(faster),
        wider: trainer.update(wider),
        step: trainer.position().step,
        rate: trainer.learningRate(),
        shapes: trainer.shapes(),
      };
    },
    SUM,
  );
  const shapes = { '0.weight': [8, 2], '0.bias': [8], '2.weight': [1, 8], '2.bias': [1] };
  assert.deepEqual(result, { faster: true, wider: false, step: 10, rate: 0.002, shapes });
});

/** @type {[string, Document, { path: string }][]} */
const WRONG = [
  ['a layer without units', { ...SUM, model: [{ type: 'linear', out: 0 }] }, { path: 'model[0].out' }],
  ['10⁹ units', { ...SUM, model: [{ type: 'linear', out: 1e9 }] }, { path: 'model[0].out' }],
  ['a negative rate', { ...SUM, optimizer: { type: 'sgd', lr: -1 } }, { path: 'optimizer.lr' }],
  ['no rows', { ...SUM, data: { ...SUM.data, rows: [] } }, { path: 'data.rows' }],
  ['a word in a cell', { ...SUM, data: { ...SUM.data, rows: [[1, 'two', 3]] } }, { path: 'data.rows[0][1]' }],
  ['a field that is not there', { ...SUM, colour: 'red' }, { path: 'colour' }],
];

browserTest('what is wrong with a document is told with its place', {}, async ({ page }) => {
  const documents = WRONG.map(([, document]) => document);
  const errors = await withModule(
    page,
    async ({ Trainer }, all) => {
      const found = [];
      for (const document of all) {
        const error = await Trainer.create(document).then(
          () => undefined,
          (/** @type {unknown} */ reason) => reason,
        );
        found.push({ isError: error instanceof Error, ...error, message: error?.message });
      }
      return found;
    },
    documents,
  );
  for (const [at, [what, , { path }]] of WRONG.entries()) {
    const error = errors[at];
    assert.equal(error?.isError, true, what);
    assert.equal(error.problems[0].path, path, what);
    assert.ok(error.message.includes(path), `${what}: ${error.message}`);
  }
});

browserTest('a wrong set or predict throws and leaves the training as it was', {}, async ({ page }) => {
  const outcome = await withModule(
    page,
    async ({ Trainer }, document) => {
      const trainer = await Trainer.create(document);
      const refused = [];
      const calls = [
        () => trainer.set('optimizer.lr', 0),
        () => trainer.set('optimizer.lr', NaN),
        () => trainer.set('no.such', 1),
        () => trainer.predict([[1, 2, 3]]),
        () => trainer.predict(Float32Array.of(1, 2, 3)),
      ];
      for (const call of calls) {
        try {
          await call();
          refused.push(false);
        } catch (error) {
          refused.push(error instanceof Error);
        }
      }
      return [refused, Array.from(await trainer.run(50))];
    },
    SUM,
  );
  assert.deepEqual(outcome[0], [true, true, true, true, true]);
  assertClose(outcome[1], pytorch(1).loss_history);
});
