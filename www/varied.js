// What of a document a comparison can vary without changing the weights that its runs begin with: numbers, with values
// to try, and choices.

import { withOptimizer, withSchedule } from './edits.js';
import { ACTIVATIONS, OPTIMIZERS, SCHEDULES, newLayer } from './experiment.js';

/** @import { Experiment } from './experiment.js' */

/**
 * @typedef {object} Choice
 * @property {string} value
 * @property {Record<string, unknown>} set what it sets, by path
 */
/** @typedef {{ path: string, value: number, set: (value: number) => Record<string, unknown> }} NumberField */
/**
 * @typedef {object} ChoiceField
 * @property {string} path
 * @property {Choice[]} choices
 * @property {string} present the value that the document has
 */

/** Losses that compare a value with a value: the others need other outputs, or other targets. */
const OF_VALUES = ['mse', 'l1', 'smooth_l1', 'huber'];
const HIDDEN = ACTIVATIONS.filter((type) => type !== 'softmax');

/**
 * Everything that can be varied; the rate comes first: it is what one compares most.
 * @param {Experiment} document
 * @returns {(NumberField | ChoiceField)[]}
 */
export function variable(document) {
  const all = [...numbers(document), ...choices(document)];
  return all.sort((a, b) => Number(b.path === 'optimizer.lr') - Number(a.path === 'optimizer.lr'));
}

/**
 * @param {Experiment} document
 * @returns {Generator<NumberField>}
 */
function* numbers(document) {
  yield* numbersIn(document.optimizer, 'optimizer');
  yield number('epochs', document.epochs);
  if (document.batch_size !== null) yield number('batch_size', document.batch_size);
  yield* numbersIn(document.schedule, 'schedule');
  for (const [at, layer] of document.model.entries()) {
    // Layers with parameters have to start from the same ones.
    if (!['linear', 'conv2d', 'batch_norm', 'layer_norm'].includes(layer.type))
      yield* numbersIn(layer, `model[${at}]`);
  }
}

/** @param {string} path @param {number} value @returns {NumberField} */
const number = (path, value) => ({ path, value, set: (other) => ({ [path]: other }) });

/**
 * @param {object | null | undefined} from
 * @param {string} path
 * @returns {Generator<NumberField>}
 */
function* numbersIn(from, path) {
  for (const [name, value] of Object.entries(from ?? {})) {
    const whole = `${path}.${name}`;
    if (typeof value === 'number') yield number(whole, value);
    // Such as Adam's betas, which are set together.
    else if (Array.isArray(value))
      yield* value.map((part, at) => ({
        path: `${whole}[${at}]`,
        value: part,
        set: (/** @type {number} */ other) => ({ [whole]: value.with(at, other) }),
      }));
  }
}

/**
 * @param {Experiment} document
 * @returns {Generator<ChoiceField>}
 */
function* choices(document) {
  const { optimizer, schedule, loss, model, batch_size, shuffle } = document;
  yield {
    path: 'optimizer.type',
    present: optimizer.type,
    choices: Object.keys(OPTIMIZERS).map((type) => ({
      value: type,
      // The document's own keeps its options.
      set: { optimizer: type === optimizer.type ? optimizer : withOptimizer(document, type).optimizer },
    })),
  };
  yield {
    path: 'schedule.type',
    present: schedule?.type ?? 'constant',
    choices: ['constant', ...Object.keys(SCHEDULES)].map((type) => ({
      value: type,
      set: { schedule: type === schedule?.type ? schedule : withSchedule(document, type).schedule },
    })),
  };
  if (OF_VALUES.includes(loss.type))
    yield {
      path: 'loss.type',
      present: loss.type,
      choices: OF_VALUES.map((type) => ({
        value: type,
        set: { loss: type === loss.type ? loss : { type } },
      })),
    };
  const hidden = hiddenActivations(model);
  const [first] = hidden;
  if (first !== undefined)
    yield {
      path: 'activation',
      present: String(model[first]?.type),
      choices: HIDDEN.map((type) => ({
        value: type,
        set: Object.fromEntries(
          hidden.map((at) => [`model[${at}]`, model[at]?.type === type ? model[at] : newLayer(type)]),
        ),
      })),
    };
  // All rows at once have no order.
  if (batch_size !== null)
    yield {
      path: 'shuffle',
      present: shuffle ? 'on' : 'off',
      choices: [
        { value: 'on', set: { shuffle: true } },
        { value: 'off', set: { shuffle: false } },
      ],
    };
}

/** Where the activations between layers with weights are: what comes after the last belongs to the loss. @param {Experiment['model']} model */
function hiddenActivations(model) {
  const last = model.findLastIndex(({ type }) => type === 'linear' || type === 'conv2d');
  return [...model.keys()].filter((at) => at < last && HIDDEN.includes(String(model[at]?.type)));
}

/** Numbers of a document that are whole. */
const WHOLE = /(^|\.)(epochs|batch_size|step_size|T_max|kernel|stride)$/;
/** Between 0 and 1, or between 0 and some number that is far from 0. */
const SHARES = /\.(p|alpha|gamma|dampening|momentum|betas\[\d\])$/;

/**
 * Values to try, around the present one.
 * @param {Pick<NumberField, 'path' | 'value'>} field
 * @returns {number[]}
 */
export function proposed({ path, value }) {
  if (WHOLE.test(path))
    return [...new Set([0.5, 1, 2].map((factor) => Math.max(1, Math.round(value * factor))))];
  if (SHARES.test(path)) return [0, 0.5, 0.9];
  if (value === 0) return [0, 0.0001, 0.001, 0.01];
  return [0.1, 0.3, 1, 3, 10].map((factor) => Number((value * factor).toPrecision(3)));
}

/**
 * Which choices to begin with: the present one and those that are most often compared with it.
 * @param {ChoiceField} field
 * @returns {string[]}
 */
export const proposedChoices = ({ path, present, choices: all }) =>
  all
    .map(({ value }) => value)
    .filter((value) => path !== 'activation' || ['relu', 'tanh', 'sigmoid', present].includes(value));
