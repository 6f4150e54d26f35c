// The training worker. Commands come in, events go out, see protocol.js. Training goes in slices of a few
// milliseconds, and between two of them commands are handled.

import { bundledArrays, generatedRows } from './apart.js';
import init, { Trainer, useRest } from './gradus.js';
import { Pacing } from './pacing.js';
import { readCommand, transferable } from './protocol.js';
import { ScoreRecord, score } from './scores.js';
import { TraceRecord } from './trace.js';

/** @import { Accelerator, DeviceTrainer } from './accelerator.js' */
/** @import { Arrays, Slice } from './gradus.js' */
/** @import { Command, DataRows, Event, Position, Topics, Verdict } from './protocol.js' */
/** @import { ScoreChange } from './scores.js' */

/** How long one slice trains, and the least time between two posts of metrics: two frames. */
const SLICE_MS = 12;
const METRICS_MS = 32;
/**
 * Parameters and predictions may take this part of the time while training runs, and come no more often than a
 * reader can follow numbers: laying out a table of them costs the page more than its curve.
 */
const SNAPSHOT_SHARE = 0.1;
const SNAPSHOT_MS = 50;
/**
 * WebGPU is tried when a training has run for so long, and when a step takes the CPU so long: a device needs as much
 * to begin with a step's kernels.
 */
const TRY_AFTER_MS = 500;
const TRY_STEP_MS = 0.04;

/** @type {Trainer | undefined} */
let trainer;
let run = 0;
/** The step to train to; 0 when training rests. */
let goal = 0;
/** @type {number[][]} */
let typedRows = [];
/** What views want to see, by name. @type {Map<string, { id: number, topics: Topics }>} */
const watches = new Map();
/** What looks for it, once somebody has asked. @type {typeof import('./inspector.js') | undefined} */
let inspector;
let trace = new TraceRecord();
/** Whether somebody has ever asked for the trace. */
let isTraced = false;
let scores = new ScoreRecord();
/** What scores are made of. @type {{ loss: string, targets: Float32Array, count: number, train: number[], validation: Uint32Array }} */
let scored = { loss: '', targets: new Float32Array(), count: 0, train: [], validation: new Uint32Array() };
/** The rows, where the document does not have them. @type {DataRows | undefined} */
let apart;
/** What the training was made from, and what was changed since. */
let source = { document: /** @type {object} */ ({}), arrays: /** @type {Arrays | undefined} */ (undefined) };
/** @type {Record<string, unknown>} */
let changes = {};
/** Where the training runs, if not on the CPU. @type {Accelerator | undefined} */
let accelerator;
/** The training for which WebGPU has been thought about. */
let considered = 0;
/** How long the present training has run. */
let ranFor = 0;

let lastPost = -Infinity;
let nextSnapshot = 0;
/** Steps and time of the last second or so. */
let pace = { steps: 0, milliseconds: 0 };
const pacing = new Pacing();

// A message to oneself yields to commands that wait, and unlike a timer comes back at once. Where somebody has
// paused and begun again meanwhile, the turn is over.
let turn = 0;
const channel = new MessageChannel();
channel.port1.onmessage = ({ data }) => enqueue(() => (data === turn ? slice() : undefined));
const again = () => channel.port2.postMessage(turn);

// One thing after the other: predicting and creating are asynchronous.
let last = Promise.resolve();
/** @param {() => void | Promise<void>} work */
function enqueue(work) {
  last = last.then(work).catch(fail);
  return last;
}

self.onmessage = ({ data }) => enqueue(() => handle(readCommand(data)));

/** @param {Event} event */
function post(event) {
  self.postMessage(event, { transfer: transferable(event) });
}

/** @param {unknown} error */
function fail(error) {
  goal = 0;
  const problems =
    error instanceof Error && 'problems' in error && Array.isArray(error.problems) ? error.problems : [];
  const message = error instanceof Error ? error.message : String(error);
  // Without problems it is no document's fault: a trap, or an error of the program.
  post({ type: 'error', run, fatal: problems.length === 0, message, problems });
}

/** @param {Command} command */
async function handle(command) {
  switch (command.type) {
    case 'module':
      await init({ module_or_path: command.module });
      return post({ type: 'ready' });
    case 'rest':
      return useRest(command.module);
    case 'load':
      return load(command.run, command.document, command.from);
    case 'reset':
      run = command.run;
      rest();
      current().reset();
      return loaded();
    case 'pace':
      pacing.wanted = command.stepsPerSecond;
      pacing.begin(performance.now());
      turn += 1;
      return goal > 0 ? again() : undefined;
    case 'watch': {
      const { name, id, topics } = command;
      if (topics) watches.set(name, { id, topics });
      else watches.delete(name);
      inspector ??= await import('./inspector.js');
      if (topics?.trace && !isTraced) {
        isTraced = true;
        if (trainer) trace.noteNow(trainer);
      }
      return topics && trainer ? inspect(name) : undefined;
    }
  }
  if (command.run !== run || !trainer) return;
  switch (command.type) {
    case 'start':
      return begin(Infinity);
    case 'step': {
      const { step, batch, batchesPerEpoch } = trainer.position();
      return begin(step + (command.unit === 'batch' ? 1 : batchesPerEpoch - batch));
    }
    case 'pause':
      if (goal === 0) return;
      goal = 0;
      return stop();
    case 'set':
      trainer.change(command.fields);
      Object.assign(changes, command.fields);
      if ('device' in command.fields) chooseDevice();
      return changed(command.fields);
    case 'checkpoint': {
      const checkpoint = checkpointOf(trainer);
      return post({ type: 'checkpoint', run, checkpoint, scores: scores.since(0) });
    }
    case 'parameter': {
      const { name, index, value } = command;
      trainer.setParameter(name, index, value);
      changed({ [`${name}[${index}]`]: value });
      return goal > 0 ? undefined : snapshot();
    }
    case 'predict':
      typedRows = command.rows;
      return predict();
  }
}

/** @param {Trainer} trainer */
function checkpointOf(trainer) {
  try {
    return trainer.checkpoint();
  } catch {
    // Finite differences have none.
    return null;
  }
}

/** @param {Record<string, unknown>} fields */
function changed(fields) {
  const position = current().position();
  post({ type: 'changed', run, fields, position, learningRate: current().learningRate() });
  post({ type: 'state', run, running: goal > 0, position });
}

/**
 * @param {number} number
 * @param {object} document
 * @param {Extract<Command, { type: 'load' }>['from']} from
 */
async function load(number, document, from) {
  run = number;
  rest();
  const arrays = await bundledArrays(document);
  const resumed = from && Trainer.resume(document, arrays, /** @type {any} */ (from.checkpoint));
  // A checkpoint that does not fit is no reason not to train.
  const created = (await resumed?.catch(() => undefined)) ?? (await Trainer.create(document, arrays));
  trainer?.free();
  trainer = created;
  source = { document, arrays };
  changes = {};
  accelerator = undefined;
  considered = 0;
  ranFor = 0;
  pace = { steps: 0, milliseconds: 0 };
  typedRows = 'predict' in document && Array.isArray(document.predict) ? document.predict : [];
  prepareScores(/** @type {{ loss?: { type: string } }} */ (document).loss?.type ?? 'mse');
  apart = arrays ?? generatedRows(document);
  return loaded(from?.scores);
}

function current() {
  if (!trainer) throw new Error('no training is loaded');
  return trainer;
}

function rest() {
  goal = 0;
}

/** @param {string} loss */
function prepareScores(loss) {
  const trainer = current();
  const targets = trainer.targets();
  const validation = trainer.validationRows();
  const held = new Set(validation);
  const count = trainer.rowCount();
  const train = Array.from({ length: count }, (_, row) => row).filter((row) => !held.has(row));
  scored = { loss, targets, count, train, validation };
}

/** @param {ScoreChange | null} [known] the scores of the epochs that are over */
async function loaded(known) {
  const trainer = current();
  const { epoch, step } = trainer.position();
  scores = new ScoreRecord(epoch, scored.validation.length > 0, known);
  trace = new TraceRecord();
  post({
    type: 'loaded',
    run,
    position: trainer.position(),
    learningRate: trainer.learningRate(),
    shapes: trainer.shapes(),
    initial: trainer.initialParameters(),
    validationRows: trainer.validationRows(),
    rows: apart ? { inputs: apart.inputs.slice(), targets: apart.targets.slice() } : null,
  });
  if (step > 0) metrics(trainer.position());
  await snapshot();
}

/** @param {number} to */
function begin(to) {
  const position = current().position();
  if (position.finished) return post({ type: 'finished', run });
  const idle = goal === 0;
  if (trace.notes.length === 0) trace.note(current(), position, scores.every, isTraced);
  goal = to;
  if (!idle) return;
  lastPost = -Infinity;
  nextSnapshot = 0;
  pace = { steps: 0, milliseconds: 0 };
  pacing.begin(performance.now());
  turn += 1;
  post({ type: 'state', run, running: true, position });
  // Who asks for WebGPU gets it from the first step on, if there is any.
  const opening = wish() === 'webgpu' ? considerDevice() : undefined;
  if (opening) opening.then(again);
  else again();
}

async function slice() {
  if (goal === 0) return;
  const start = performance.now();
  const due = pacing.due(start);
  if (due === 0) {
    const own = turn;
    setTimeout(() => own === turn && again(), pacing.wait(start));
    return;
  }
  const before = current().position().step;
  // The first slice is short, so that the page hears of the first step at once.
  const { loss, diverged } = await trainUntil(start + (lastPost < 0 ? 1 : SLICE_MS), before + due);
  const position = current().position();
  const now = performance.now();
  ranFor += now - start;
  pace = { steps: pace.steps + position.step - before, milliseconds: pace.milliseconds + now - start };
  if (pace.milliseconds > 1000) pace = { steps: pace.steps / 2, milliseconds: pace.milliseconds / 2 };

  pacing.steps += position.step - before;
  const over = diverged || position.finished || position.step >= goal;
  if (over) {
    goal = 0;
    await stop();
    if (diverged) {
      post({ type: 'diverged', run, step: position.step, loss });
    } else if (position.finished) {
      post({ type: 'finished', run });
    }
    return;
  }
  if (now - lastPost >= METRICS_MS) {
    metrics(position);
    if (now >= nextSnapshot) {
      await snapshot();
      const cost = performance.now() - now;
      nextSnapshot = now + Math.max(SNAPSHOT_MS, cost / SNAPSHOT_SHARE);
    }
  }
  considerDevice();
  again();
}

/**
 * Tries WebGPU where the document asks for it, or where it may be faster: in between, while training goes on.
 * @returns {Promise<void> | undefined} until then, where there is something to wait for
 */
function considerDevice() {
  const stepMs = pace.milliseconds / pace.steps;
  if (considered === run || wish() === 'cpu' || accelerator) return undefined;
  if (wish() === 'auto' && (ranFor < TRY_AFTER_MS || !(stepMs > TRY_STEP_MS))) return undefined;
  considered = run;
  // Whatever goes wrong there: training goes on here.
  const [host, asked] = [hostOf(run), wish() === 'webgpu'];
  return import('./trial.js').then(({ tryDevice }) => tryDevice(host, asked)).catch(() => undefined);
}

/**
 * What a trial asks of the training `number`, and does to it.
 * @param {number} number
 * @returns {import('./trial.js').Host}
 */
const hostOf = (number) => ({
  isPresent: () => number === run && trainer !== undefined,
  wanted: () => wish() !== 'cpu',
  trainer: current,
  source: () => source,
  changes: () => changes,
  rows: () => scored.train.length,
  cpuRate,
  enqueue,
  move(moved, there) {
    current().free();
    trainer = /** @type {Trainer} */ (/** @type {unknown} */ (moved));
    accelerator = there;
    pace = { steps: 0, milliseconds: 0 };
  },
  tell: (verdict) => number === run && tell(verdict),
});

/** The device that the document asks for: `auto`, `cpu` or `webgpu`. */
const wish = () => /** @type {{ device?: string }} */ ({ ...source.document, ...changes }).device ?? 'auto';

/** The reader asks for another device: also in the middle of a run, which then goes on there. */
function chooseDevice() {
  considered = 0;
  if (wish() === 'cpu' && accelerator) {
    accelerator = undefined;
    pace = { steps: 0, milliseconds: 0 };
  }
  if (wish() === 'cpu') tell({ chosen: 'cpu', rates: { cpu: cpuRate(), webgpu: null }, reason: 'asked' });
}

/** @param {Verdict} verdict */
const tell = (verdict) => post({ type: 'device', run, ...verdict });

const cpuRate = () => (pace.milliseconds >= 1 ? (1000 * pace.steps) / pace.milliseconds : null);

/**
 * A slice on the device, or here where there is none, or where it is lost meanwhile: the training is then at the last
 * step that came back.
 * @param {Trainer} trainer
 * @param {number} milliseconds
 * @param {number} most
 * @returns {Promise<Slice>}
 */
async function trainSlice(trainer, milliseconds, most) {
  if (!accelerator) return trainer.trainFor(milliseconds, most);
  const { device } = accelerator;
  try {
    const onDevice = /** @type {DeviceTrainer} */ (/** @type {unknown} */ (trainer));
    return await onDevice.trainOn(device, milliseconds, most);
  } catch (error) {
    if (!device.trouble) throw error;
    const { forgetDevice } = await import('./accelerator.js');
    forgetDevice();
    accelerator = undefined;
    pace = { steps: 0, milliseconds: 0 };
    tell({ chosen: 'cpu', rates: { cpu: null, webgpu: null }, reason: 'lost' });
    return trainer.trainFor(milliseconds, most);
  }
}

/**
 * Trains about to a time, to a step, to the goal or to the end, with the scores on the way.
 * @param {number} end
 * @param {number} last
 */
async function trainUntil(end, last) {
  const trainer = current();
  const most = Math.min(goal, last);
  for (;;) {
    const { step, epoch, batch, batchesPerEpoch } = trainer.position();
    // The next epoch may have another number of batches.
    const toScore = batch > 0 ? batchesPerEpoch - batch : (scores.next(epoch) - epoch) * batchesPerEpoch;
    const slice = await trainSlice(trainer, end - performance.now(), Math.min(most - step, toScore));
    const now = trainer.position();
    if (now.batch === 0 && scores.wants(now.epoch) && !slice.diverged) {
      const { loss, targets, count, train, validation } = scored;
      const outputs = trainer.predictions();
      const held = validation.length > 0 ? score(loss, outputs, targets, count, validation) : undefined;
      scores.add(score(loss, outputs, targets, count, train), held);
      trace.note(trainer, now, scores.every, isTraced);
    }
    if (slice.diverged || now.finished || now.step >= most || performance.now() >= end) return slice;
  }
}

/** Posts what has not been posted yet, and that training rests. */
async function stop() {
  const position = current().position();
  metrics(position);
  await snapshot();
  post({ type: 'state', run, running: false, position });
}

/** @param {Position} position */
function metrics(position) {
  lastPost = performance.now();
  const { steps, milliseconds } = pace;
  // Clocks in browsers are coarse: what took less than a millisecond has no known speed.
  const fastest = milliseconds >= 1 ? (1000 * steps) / milliseconds : null;
  const stepsPerSecond =
    fastest !== null && pacing.wanted !== null ? Math.min(fastest, pacing.wanted) : fastest;
  post({
    type: 'metrics',
    run,
    ...current().changes(),
    scores: scores.changes(),
    position,
    learningRate: current().learningRate(),
    stepsPerSecond,
  });
}

async function snapshot() {
  post({ type: 'parameters', run, values: current().parameters() });
  await predict();
  for (const name of watches.keys()) await inspect(name);
}

/** @param {string} name */
async function inspect(name) {
  const watch = watches.get(name);
  if (!watch || !trainer || !inspector) return;
  const found = await inspector.inspect(trainer, watch.topics, trace);
  post({ type: 'inspection', run, name, id: watch.id, step: trainer.position().step, found });
}

async function predict() {
  const typed = typedRows.length > 0 ? await current().predict(typedRows) : new Float32Array();
  post({ type: 'predictions', run, table: current().predictions(), typed });
}
