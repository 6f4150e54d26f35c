// What the page and the training worker say to each other: two discriminated unions, by `type`. Each side sends
// with `send` and reads with `readCommand` or `readEvent`; what does not fit is an error of the program.
//
// `run` numbers the trainings of a page: every `load` and `reset` has a new one, and what an event says about an
// older one is dropped.

import {
  count,
  firstWrong,
  flag,
  listOf,
  number,
  object,
  oneOf,
  orNull,
  recordOf,
  shape,
  text,
} from './checks.js';

/** @import { Check } from './checks.js' */
/** @import { Problem } from './experiment.js' */
/** @import { Activation, Checkpoint, CurveChange } from './gradus.js' */
/** @import { ScoreChange } from './scores.js' */

/**
 * @typedef {object} Position
 * @property {number} step steps taken
 * @property {number} epoch epochs completed
 * @property {number} batch batches taken of the present epoch
 * @property {number} batchesPerEpoch
 * @property {number} totalSteps
 * @property {boolean} finished
 * @property {'loss' | 'patience' | null} over what ended the run before all epochs were done
 */
/** @typedef {Record<string, Float32Array>} Parameters by PyTorch's names: `0.weight` */
/** @typedef {{ inputs: Float32Array, targets: Float32Array }} DataRows row-major */

/**
 * A rectangle over two of the inputs. The others are as in `rows`, one value for each input.
 * @typedef {object} GridTopic
 * @property {[number, number]} columns the input that goes to the right, and the one that goes up
 * @property {number[]} rows
 * @property {[number, number]} x
 * @property {[number, number]} y
 * @property {number} size points along each side
 * @property {boolean} neurons with what every layer gives there
 */
/**
 * One input from here to there; the others are as in `rows`, one value for each input.
 * @typedef {object} LineTopic
 * @property {number} column
 * @property {number[]} rows
 * @property {number} from
 * @property {number} to
 * @property {number} count points
 */
/**
 * What a view wants to see of the network with every snapshot.
 * @typedef {object} Topics
 * @property {GridTopic} [grid]
 * @property {LineTopic} [line]
 * @property {number[][]} [activations] what every layer makes of these rows of inputs
 * @property {boolean} [gradients] of the loss over all training rows
 * @property {boolean} [trace] how large parameters were over the run, and from now on gradients
 * @property {boolean} [active] for how many rows the units of each ReLU are above zero
 */
/**
 * What there is of it; what does not fit the present data is missing.
 * @typedef {object} Found
 * @property {{ size: number, outputs: number, values: Float32Array, neurons?: Activation[] }} [grid] values as the
 *   pixels of a picture, from the top left to the right, `outputs` of them in each; of `neurons`, a row of the
 *   output for each pixel
 * @property {{ outputs: number, values: Float32Array }} [line]
 * @property {Activation[]} [activations]
 * @property {Parameters} [gradients]
 * @property {Record<string, Float32Array>} [active] by the layer's name, a share for each unit
 * @property {TraceFound} [trace]
 */
/**
 * @typedef {object} TraceFound roots of mean squares
 * @property {Float64Array} steps
 * @property {Parameters} weights by name, a size for each of the steps
 * @property {Parameters} gradients NaN before somebody asked
 */
/**
 * @typedef {object} Verdict
 * @property {'cpu' | 'webgpu'} chosen
 * @property {{ cpu: number | null, webgpu: number | null }} rates steps a second, as measured
 * @property {string} reason `asked`, `faster`, `earlier` (so it was when it was last timed), `only` (the other cannot), `lost`
 */

/**
 * @typedef {{ type: 'module', module: WebAssembly.Module }} ModuleCommand the compiled module, first of all
 * @typedef {{ type: 'rest', module: WebAssembly.Module }} RestCommand its second part, when there was time to load it
 * @typedef {{ type: 'load', run: number, document: object, from: { checkpoint: object, scores: ScoreChange | null } | null }} LoadCommand
 *   a new training, or one that goes on from a checkpoint; where that does not fit, a new one
 * @typedef {{ type: 'checkpoint', run: number }} CheckpointCommand what the training has become
 * @typedef {{ type: 'start', run: number }} StartCommand to the end
 * @typedef {{ type: 'pause', run: number }} PauseCommand
 * @typedef {{ type: 'step', run: number, unit: 'batch' | 'epoch' }} StepCommand one batch, or to the end of the epoch
 * @typedef {{ type: 'reset', run: number }} ResetCommand the same initial weights, under a new number
 * @typedef {{ type: 'set', run: number, fields: Record<string, unknown> }} SetCommand values by paths, without starting anew
 * @typedef {{ type: 'parameter', run: number, name: string, index: number, value: number }} ParameterCommand sets one element
 * @typedef {{ type: 'pace', stepsPerSecond: number | null }} PaceCommand how fast from now on, null is flat out
 * @typedef {{ type: 'predict', run: number, rows: number[][] }} PredictCommand these rows, now and after every change
 * @typedef {{ type: 'watch', name: string, id: number, topics: Topics | null }} WatchCommand what to send now and with
 *   every snapshot, through all trainings; it replaces what was watched under this name, null ends it
 * @typedef {ModuleCommand | RestCommand | LoadCommand | CheckpointCommand | StartCommand | PauseCommand | StepCommand | ResetCommand | SetCommand | ParameterCommand | PaceCommand | PredictCommand | WatchCommand} Command
 */
/**
 * @typedef {{ type: 'ready' }} ReadyEvent the module runs
 * @typedef {{ type: 'loaded', run: number, position: Position, learningRate: number, shapes: Record<string, number[]>, initial: Parameters, validationRows: Uint32Array, rows: DataRows | null }} LoadedEvent
 *   with the rows of data that are not in the document
 * @typedef {{ type: 'state', run: number, running: boolean, position: Position }} StateEvent
 * @typedef {{ type: 'changed', run: number, fields: Record<string, unknown>, position: Position, learningRate: number }} ChangedEvent
 *   what was set, or an element of a parameter as `0.weight[3]`, and where the run was
 * @typedef {{ type: 'metrics', run: number, train: CurveChange, validation: CurveChange, epochs: CurveChange, scores: ScoreChange, position: Position, learningRate: number, stepsPerSecond: number | null }} MetricsEvent
 *   what the curves have become since the last one; the rate of the next step
 * @typedef {{ type: 'parameters', run: number, values: Parameters }} ParametersEvent
 * @typedef {{ type: 'predictions', run: number, table: Float32Array, typed: Float32Array }} PredictionsEvent row-major
 * @typedef {{ type: 'inspection', run: number, name: string, id: number, step: number, found: Found }} InspectionEvent
 * @typedef {{ type: 'device', run: number } & Verdict} DeviceEvent where this training runs, and why
 * @typedef {{ type: 'checkpoint', run: number, checkpoint: Checkpoint | null, scores: ScoreChange }} CheckpointEvent
 *   none of finite differences; with all scores up to there
 * @typedef {{ type: 'finished', run: number }} FinishedEvent
 * @typedef {{ type: 'diverged', run: number, step: number, loss: number }} DivergedEvent
 * @typedef {{ type: 'error', run: number, fatal: boolean, message: string, problems: Problem[] }} ErrorEvent
 *   after a fatal one the worker is of no use any more
 * @typedef {ReadyEvent | LoadedEvent | StateEvent | ChangedEvent | CheckpointEvent | DeviceEvent | MetricsEvent | ParametersEvent | PredictionsEvent | InspectionEvent | FinishedEvent | DivergedEvent | ErrorEvent} Event
 */

/** @type {Check} */
const floats = (value) => value instanceof Float32Array;
/** @type {Check} */
const doubles = (value) => value instanceof Float64Array;

const position = shape({
  step: count,
  epoch: count,
  batch: count,
  batchesPerEpoch: count,
  totalSteps: count,
  finished: flag,
  over: oneOf('loss', 'patience', null),
});

const curve = shape({ length: count, bucket: count, from: count, x: doubles, y: floats, last: floats });
const scores = shape({ every: count, from: count, train: floats, validation: floats });

/** @type {Record<Command['type'], Record<string, Check>>} */
const COMMANDS = {
  module: { module: (value) => value instanceof WebAssembly.Module },
  rest: { module: (value) => value instanceof WebAssembly.Module },
  load: { run: count, document: object, from: orNull(shape({ checkpoint: object, scores: orNull(scores) })) },
  checkpoint: { run: count },
  start: { run: count },
  pause: { run: count },
  step: { run: count, unit: oneOf('batch', 'epoch') },
  reset: { run: count },
  set: { run: count, fields: object },
  parameter: { run: count, name: text, index: count, value: number },
  pace: { stepsPerSecond: orNull(number) },
  predict: { run: count, rows: listOf(listOf(number)) },
  watch: { name: text, id: count, topics: orNull(object) },
};

/** @type {Record<Event['type'], Record<string, Check>>} */
const EVENTS = {
  ready: {},
  loaded: {
    run: count,
    position,
    learningRate: number,
    shapes: recordOf(listOf(count)),
    initial: recordOf(floats),
    validationRows: (value) => value instanceof Uint32Array,
    rows: orNull(shape({ inputs: floats, targets: floats })),
  },
  state: { run: count, running: flag, position },
  changed: { run: count, fields: object, position, learningRate: number },
  device: {
    run: count,
    chosen: oneOf('cpu', 'webgpu'),
    rates: shape({ cpu: orNull(number), webgpu: orNull(number) }),
    reason: text,
  },
  metrics: {
    run: count,
    train: curve,
    validation: curve,
    epochs: curve,
    scores,
    position,
    learningRate: number,
    stepsPerSecond: orNull(number),
  },
  parameters: { run: count, values: recordOf(floats) },
  predictions: { run: count, table: floats, typed: floats },
  inspection: { run: count, name: text, id: count, step: count, found: object },
  checkpoint: { run: count, checkpoint: orNull(object), scores },
  finished: { run: count },
  diverged: { run: count, step: count, loss: number },
  error: {
    run: count,
    fatal: flag,
    message: text,
    problems: listOf(shape({ path: text, code: text, message: text })),
  },
};

/** A message that is not in the protocol. */
export class ProtocolError extends Error {}

/**
 * @param {unknown} value
 * @param {Record<string, Record<string, Check>>} kinds
 */
function read(value, kinds) {
  const message = object(value) ? /** @type {Record<string, unknown>} */ (value) : {};
  const { type } = message;
  if (typeof type !== 'string' || !Object.hasOwn(kinds, type)) {
    throw new ProtocolError(`no such message: ${String(type)}`);
  }
  const fields = /** @type {Record<string, Check>} */ (kinds[type]);
  const wrong = firstWrong(message, fields);
  if (wrong !== undefined) throw new ProtocolError(`${type}.${wrong} does not fit`);
  const extra = Object.keys(message).find((name) => name !== 'type' && !Object.hasOwn(fields, name));
  if (extra !== undefined) throw new ProtocolError(`${type}.${extra} is not in the protocol`);
}

/**
 * @param {unknown} value
 * @returns {Command}
 */
export function readCommand(value) {
  read(value, COMMANDS);
  return /** @type {Command} */ (value);
}

/**
 * @param {unknown} value
 * @returns {Event}
 */
export function readEvent(value) {
  read(value, EVENTS);
  return /** @type {Event} */ (value);
}

/**
 * The buffers that a message can give away instead of copying.
 * @param {Command | Event} message
 * @returns {ArrayBuffer[]}
 */
export function transferable(message) {
  /** @type {Set<ArrayBuffer>} */
  const buffers = new Set();
  gather(message, buffers);
  return [...buffers];
}

/**
 * @param {unknown} value
 * @param {Set<ArrayBuffer>} buffers
 */
function gather(value, buffers) {
  if (value instanceof Float32Array || value instanceof Float64Array) {
    if (value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength)
      buffers.add(value.buffer);
  } else if (Array.isArray(value)) {
    // Rows of numbers hold none.
    if (object(value[0])) for (const item of value) gather(item, buffers);
  } else if (object(value) && !ArrayBuffer.isView(value)) {
    for (const item of Object.values(/** @type {object} */ (value))) gather(item, buffers);
  }
}
