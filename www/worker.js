// The training worker. Commands come in, events go out, see protocol.js. Training goes in slices of a few
// milliseconds, and between two of them commands are handled.

import init, { Trainer } from './gradus.js';
import { readCommand, transferable } from './protocol.js';

/** @import { Command, Event, Position } from './protocol.js' */

/** How long one slice trains, and the least time between two posts of metrics: a frame. */
const SLICE_MS = 12;
const FRAME_MS = 16;
/**
 * Parameters and predictions may take this part of the time while training runs, and come no more often than a
 * reader can follow numbers: laying out a table of them costs the page more than its curve.
 */
const SNAPSHOT_SHARE = 0.1;
const SNAPSHOT_MS = 50;

/** @type {Trainer | undefined} */
let trainer;
let run = 0;
/** The step to train to; 0 when training rests. */
let goal = 0;
/** @type {number[][]} */
let typedRows = [];
/** What is on the pad to draw on. @type {Float32Array} */
let drawn = new Float32Array();

let lastPost = -Infinity;
let nextSnapshot = 0;
/** Steps and time of the last second or so. */
let pace = { steps: 0, milliseconds: 0 };

// A message to oneself yields to commands that wait, and unlike a timer comes back at once.
const channel = new MessageChannel();
channel.port1.onmessage = () => enqueue(slice);
const again = () => channel.port2.postMessage(null);

// One thing after the other: predicting and creating are asynchronous.
let last = Promise.resolve();
/** @param {() => void | Promise<void>} work */
function enqueue(work) {
  last = last.then(work).catch(fail);
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
    case 'load':
      return load(command.run, command.document);
    case 'reset':
      run = command.run;
      rest();
      current().reset();
      return loaded();
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
      trainer.set(command.path, command.value);
      return post({ type: 'state', run, running: goal > 0, position: trainer.position() });
    case 'predict':
      typedRows = command.rows;
      return predict();
    case 'draw':
      drawn = command.pixels;
      return predict();
  }
}

/**
 * @param {number} number
 * @param {object} document
 */
async function load(number, document) {
  run = number;
  rest();
  const created = await Trainer.create(document, await bundledArrays(document));
  trainer?.free();
  trainer = created;
  drawn = new Float32Array();
  typedRows = 'predict' in document && Array.isArray(document.predict) ? document.predict : [];
  return loaded();
}

/**
 * The rows of a set that comes with the page: the module is built without them.
 * @param {object} document
 */
async function bundledArrays(document) {
  const { data } = /** @type {{ data?: { kind?: unknown, name?: unknown } }} */ (document);
  if (data?.kind !== 'bundled') return undefined;
  try {
    const { bundledRows } = await import('./bundled.js');
    return await bundledRows(String(data.name));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const problem = { path: 'data', code: 'unreachable', params: { detail: message }, message };
    throw Object.assign(new Error(message), { problems: [problem] });
  }
}

function current() {
  if (!trainer) throw new Error('no training is loaded');
  return trainer;
}

function rest() {
  goal = 0;
}

async function loaded() {
  const trainer = current();
  post({
    type: 'loaded',
    run,
    position: trainer.position(),
    shapes: trainer.shapes(),
    initial: trainer.initialParameters(),
    validationRows: trainer.validationRows(),
  });
  await snapshot();
}

/** @param {number} to */
function begin(to) {
  const position = current().position();
  if (position.finished) return post({ type: 'finished', run });
  const idle = goal === 0;
  goal = to;
  if (!idle) return;
  lastPost = -Infinity;
  nextSnapshot = 0;
  pace = { steps: 0, milliseconds: 0 };
  post({ type: 'state', run, running: true, position });
  again();
}

async function slice() {
  if (goal === 0) return;
  const before = current().position().step;
  const start = performance.now();
  // The first slice is short, so that the page hears of the first step at once.
  const { loss, diverged } = current().trainFor(lastPost < 0 ? 1 : SLICE_MS, goal - before);
  const position = current().position();
  const now = performance.now();
  pace = { steps: pace.steps + position.step - before, milliseconds: pace.milliseconds + now - start };
  if (pace.milliseconds > 1000) pace = { steps: pace.steps / 2, milliseconds: pace.milliseconds / 2 };

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
  if (now - lastPost >= FRAME_MS) {
    metrics(position);
    if (now >= nextSnapshot) {
      await snapshot();
      const cost = performance.now() - now;
      nextSnapshot = now + Math.max(SNAPSHOT_MS, cost / SNAPSHOT_SHARE);
    }
  }
  again();
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
  const stepsPerSecond = milliseconds >= 1 ? (1000 * steps) / milliseconds : null;
  post({
    type: 'metrics',
    run,
    ...current().changes(),
    position,
    stepsPerSecond,
  });
}

async function snapshot() {
  post({ type: 'parameters', run, values: current().parameters() });
  await predict();
}

async function predict() {
  const typed = typedRows.length > 0 ? await current().predict(typedRows) : new Float32Array();
  const pad = drawn.length > 0 ? await current().predict(drawn) : new Float32Array();
  post({ type: 'predictions', run, table: current().predictions(), typed, drawn: pad });
}
