// What a first visit makes of the module: run with a module that counts (`cargo xtask module probe`) and its glue, it
// prints the numbers of the functions that ran. These are loaded at first, all others later.

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [, , probe = '', glue = ''] = process.argv;

// Charts are drawn on something that looks like a canvas.
class Context {
  measureText = () => ({ width: 10 });
}
for (const name of [
  'save',
  'restore',
  'setTransform',
  'clearRect',
  'scale',
  'beginPath',
  'closePath',
  'moveTo',
  'lineTo',
])
  Object.assign(Context.prototype, { [name]() {} });
for (const name of [
  'stroke',
  'fill',
  'fillRect',
  'strokeRect',
  'fillText',
  'arc',
  'translate',
  'rotate',
  'clip',
  'rect',
])
  Object.assign(Context.prototype, { [name]() {} });
class Canvas {
  width = 640;
  height = 400;
  getContext = () => new Context();
}
Object.assign(globalThis, { CanvasRenderingContext2D: Context, HTMLCanvasElement: Canvas });

const gradus = await import(pathToFileURL(glue).href);
const exports = gradus.initSync({ module: await readFile(probe) });

const sum = {
  version: 1,
  data: {
    kind: 'table',
    inputs: ['x1', 'x2'],
    targets: ['y'],
    rows: [
      [1, 2, 3],
      [3, 4, 7],
      [5, 6, 11],
      [7, 8, 15],
    ],
  },
  model: [{ type: 'linear', out: 8 }, { type: 'relu' }, { type: 'linear', out: 1 }],
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', lr: 0.001 },
  epochs: 50,
};
// A module for scripts has no examples, documents and charts.
const examples = gradus.presets?.() ?? [{ document: sum }];
const layers = [
  { type: 'linear', out: 8 },
  { type: 'tanh' },
  { type: 'linear', out: 1 },
  { type: 'sigmoid' },
];
const spiral = {
  version: 1,
  data: { kind: 'generated', name: 'spiral', points: 60, noise: 0.1, seed: 1 },
  validation: 0.2,
  model: layers,
  loss: { type: 'bce' },
  optimizer: { type: 'adam', lr: 0.01 },
  epochs: 30,
  batch_size: 10,
};

for (const { document } of gradus.presets ? [...examples, { document: spiral }] : examples) {
  const read = gradus.readDocument?.(document) ?? document;
  gradus.readDocument?.(JSON.stringify(document));
  if (read.data.kind === 'table')
    gradus.readDocument?.(
      { ...read, data: { ...read.data, rows: [] } },
      Float64Array.from(read.data.rows.flat()),
    );
  gradus.layers?.(read);
  gradus.summary?.(read);
  // Other sets of data are fetched first, when somebody chooses them.
  if (document.data.kind === 'bundled') continue;
  const trainer = await gradus.Trainer.create(read);
  trainer.shapes();
  trainer.initialParameters();
  trainer.validationRows();
  for (const steps of [1, 1, 20, Infinity]) {
    trainer.trainFor(steps === 1 ? 1 : 30, steps);
    trainer.changes();
    trainer.position();
    trainer.learningRate();
    trainer.parameters();
    trainer.predictions();
  }
  const width = Object.values(trainer.shapes())[0]?.[1] ?? 1;
  await trainer.predict([Array.from({ length: width }, () => 1)]);
  // What the diagram's maps show.
  trainer.activations?.(Float32Array.from({ length: 4 * width }, (_, i) => i));
  trainer.rowActivations?.(0, 1);
  trainer.targets?.();
  trainer.rowCount?.();
  trainer.update(read);
  trainer.reset();
  trainer.advance(10);
  await trainer.run(2);
  trainer.free();
}
// As a script trains: rows apart from the document, weights given with all their digits.
const digits = (/** @type {number} */ count) =>
  Array.from({ length: count }, (_, i) => Math.sin(i + count) / 3 ** (9 * (i % 3)));
const weights = (/** @type {number} */ out, /** @type {number} */ inputs) => ({
  type: 'linear',
  out,
  init: { weight: Array.from({ length: out }, () => digits(inputs)), bias: digits(out) },
});
const given = {
  ...sum,
  seed: 7,
  shuffle: false,
  batch_size: null,
  epochs: 1_000_000,
  predict: [[10, 11]],
  data: { ...sum.data, rows: [] },
  model: [weights(8, 2), { type: 'relu' }, weights(1, 8)],
};
const script = await gradus.Trainer.create(given, {
  inputs: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  targets: Float32Array.of(3, 7, 11, 15),
});
script.advance(120);
script.reset();
script.advance(3);
await script.predict(Float32Array.of(10, 11));
script.free();
gradus.generate?.('spiral', 20, 0.1, 1);

const losses = Float32Array.from({ length: 3000 }, (_, i) => 10 / (1 + i) + 0.1 * Math.sin(i));
for (const logY of [false, true])
  for (const points of [0, 3, 3000])
    for (const cursor of [null, 2]) {
      const x = Float64Array.from({ length: points }, (_, i) => 2 * i);
      const y = losses.slice(0, points);
      const series = [
        { label: 'train', kind: 'train', x: null, y },
        { label: 'train', kind: 'train', x, y },
        { label: 'validation', kind: 'validation', x, y },
      ];
      const spec = { dark: logY, pixelRatio: 2, logY, xLabel: 'step', yLabel: 'loss', series, cursor };
      gradus.drawCurves?.(new Canvas(), spec);
    }

// The link that a visitor may come with; writing one is for later.
if (gradus.encodeLink) visitWithALink();

console.log(numbersOfThoseThatRan().join('\n'));

function visitWithALink() {
  const before = numbersOfThoseThatRan();
  const link = gradus.encodeLink(examples[0].document);
  const writing = numbersOfThoseThatRan().filter((number) => !before.includes(number));
  for (const number of writing) exports[`ran${number}`].value = 0;
  gradus.decodeLink(link);
  gradus.linkRefusals(link);
}

function numbersOfThoseThatRan() {
  return Object.entries(exports)
    .filter(([name, value]) => /^ran\d+$/.test(name) && value.value === 1)
    .map(([name]) => name.slice(3));
}
