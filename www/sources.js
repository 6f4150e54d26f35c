// The document with other data: the loss and the last layer follow, so that it can be trained at once.

import { same } from './difference.js';
import { dropStaleInits, withTable } from './edits.js';
import { BUNDLED, blocks, columnsOf, isClassification, neededOutputs } from './experiment.js';

/** @import { Data, Experiment, Layer } from './experiment.js' */
/** @import { NumberTable } from './rows.js' */

/** What a new generated set has, unless the one before it says. */
const POINTS = { points: 200, noise: 0.05, seed: 0 };

/**
 * @param {string} name of a generated or of a bundled set
 * @param {Data} before
 * @returns {Data}
 */
export function dataNamed(name, before) {
  if (name in BUNDLED) return { kind: 'bundled', name };
  const { points, noise, seed } = before.kind === 'generated' ? before : POINTS;
  return { kind: 'generated', name, points, noise, seed };
}

/**
 * @param {Experiment} document
 * @param {Data} data
 * @returns {Experiment}
 */
export function withData(document, data) {
  const { inputs, classes } = columnsOf(data);
  return withClasses({ ...document, data, predict: predictOf(document, inputs) }, classes);
}

/**
 * The document with the data of an earlier one, and what goes with them: the loss, and the rows to predict for.
 * @param {Experiment} document
 * @param {Experiment} earlier
 * @returns {Experiment}
 */
export function withDataOf(document, { data, loss, predict }) {
  const next = { ...document, data, loss, predict };
  const { shape, targets } = columnsOf(data);
  const outputs = neededOutputs(next) ?? targets.length;
  return dropStaleInits({ ...next, model: fitted(document.model, shape.length > 1, outputs) });
}

/**
 * The document with another set in its table.
 * @param {Experiment} document
 * @param {NumberTable} table
 * @returns {Experiment}
 */
export function withSet(document, table) {
  const predict = predictOf(document, table.inputs);
  return withClasses({ ...withTable(document, table), predict }, classesOf(table, document.loss.type));
}

/**
 * The rows to predict for, with other data: of inputs that mean something else they say nothing.
 * @param {Experiment} document
 * @param {readonly string[]} inputs
 */
const predictOf = ({ data, predict }, inputs) => (same(columnsOf(data).inputs, inputs) ? predict : []);

/**
 * How many classes the targets of a new set have: those with names, or numbers of classes where the loss tells classes
 * apart already; 0 where they are values.
 * @param {NumberTable} table
 * @param {string} loss before
 */
function classesOf({ inputs, targets, rows, classes = [] }, loss) {
  if (targets.length === 1 && classes.length > 0) return classes.length;
  const counts = targets.map((_, at) => countClasses(rows.map((row) => row[inputs.length + at] ?? '')));
  const most = counts.includes(0) ? 0 : Math.max(...counts);
  // Of several targets each has a loss of its own: yes or no.
  if (loss === 'cross_entropy') return targets.length === 1 ? most : 0;
  return ['bce', 'bce_with_logits'].includes(loss) && (targets.length === 1 || most <= 2) ? most : 0;
}

/**
 * How many classes a column of numbers tells apart, 0 where it looks like values: classes are numbered from 0 on without
 * a gap, and there are several rows of one. Cells that hold no number say nothing.
 * @param {(number | string)[]} cells
 */
export function countClasses(cells) {
  const values = cells.filter((cell) => typeof cell === 'number');
  const different = new Set(values);
  const numbered = [...different].every(
    (value) => Number.isInteger(value) && value >= 0 && value < different.size,
  );
  return numbered && different.size < values.length ? different.size : 0;
}

/**
 * The document with a loss and a last layer for so many classes, or for a value where there are 0.
 * @param {Experiment} document
 * @param {number | undefined} classes
 * @returns {Experiment}
 */
export function withClasses(document, classes) {
  if (classes === undefined) return document;
  const loss = lossFor(document, classes);
  const targets = columnsOf(document.data).targets.length;
  const outputs = loss === 'cross_entropy' ? Math.max(2, classes) : targets;
  const model = fitted(document.model, columnsOf(document.data).shape.length > 1, outputs);
  return dropStaleInits({
    ...document,
    loss: loss === document.loss.type ? document.loss : { type: loss },
    model,
  });
}

/**
 * @param {Experiment} document
 * @param {number} classes
 */
function lossFor(document, classes) {
  const { type } = document.loss;
  if (classes === 0) return isClassification(document) ? 'mse' : type;
  if (classes > 2) return 'cross_entropy';
  return isClassification(document) ? type : 'bce_with_logits';
}

/**
 * @param {Layer[]} model
 * @param {boolean} picture whether the inputs are pictures
 * @param {number} outputs
 * @returns {Layer[]}
 */
function fitted(model, picture, outputs) {
  const spatial = model.some(({ type }) => type === 'conv2d' || type === 'max_pool2d');
  let layers = spatial && !picture ? [] : model;
  const flat = layers.findIndex(({ type }) => type === 'flatten');
  if (!picture && flat >= 0) layers = layers.toSpliced(flat, 1);
  if (picture && flat < 0 && !spatial) layers = [{ type: 'flatten' }, ...layers];
  const last = blocks(layers).findLast(({ layer }) => layer.type === 'linear');
  const linear = (/** @type {number} */ out) => ({ type: 'linear', out, bias: true, init: 'default' });
  if (!last) return [...layers, linear(16), { type: 'relu' }, linear(outputs)];
  return layers.map((layer, at) => (at === last.index ? { ...layer, out: outputs } : layer));
}
