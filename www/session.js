// The page's side of the training worker: one training at a time, what is known of it, and a new worker when the
// old one dies.

import { difference, same } from './difference.js';
import { History } from './history.js';
import { readEvent } from './protocol.js';
import { Scores } from './scores.js';

/** @import { Experiment, Problem } from './experiment.js' */
/** @import { Checkpoint } from './gradus.js' */
/** @import { Command, DataRows, Event, Found, Parameters, Position, Topics, Verdict } from './protocol.js' */
/** @import { ScoreChange } from './scores.js' */

/** @typedef {Extract<Event, { type: 'checkpoint' }>} CheckpointEvent */
/** @typedef {'starting' | 'loading' | 'ready' | 'running' | 'paused' | 'finished' | 'diverged' | 'failed'} Status */
/**
 * What is known of the present training. `version` counts its changes; the large parts have their own counters.
 * @typedef {object} Training
 * @property {Status} status
 * @property {Experiment | undefined} document the last document that could be trained
 * @property {Position | undefined} position
 * @property {number} begun the step that it goes on from, of what was kept; 0 for a new one
 * @property {number | undefined} learningRate of the next step
 * @property {number | null} stepsPerSecond
 * @property {History} history
 * @property {Scores} scores
 * @property {Record<string, number[]>} shapes
 * @property {Parameters} initial
 * @property {Set<number>} validationRows rows of the table that are held out
 * @property {Parameters} parameters
 * @property {Float32Array} tablePredictions
 * @property {Float32Array} typedPredictions
 * @property {number[][]} typedRows what `typedPredictions` were asked for
 * @property {DataRows | null} rows of data that are not in the document
 * @property {Record<string, Inspection>} inspections what `watch` asked for, by name
 * @property {Mark[]} marks what was changed while it ran
 * @property {{ step: number, lr: number } | undefined} divergence
 * @property {Verdict | undefined} device where it runs and why, once measured
 * @property {number} version
 */
/** @typedef {Found & { step: number, topics: Topics }} Inspection what there was of `topics` after this step */
/**
 * What was changed while a training ran: values by the paths of the document, or by names such as `0.weight[3]`.
 * @typedef {{ step: number, epoch: number, fields: Record<string, unknown> }} Mark after this step
 */
/**
 * A training as it can be gone on from.
 * @typedef {object} Kept
 * @property {Experiment} document
 * @property {Checkpoint} checkpoint
 * @property {ScoreChange} [scores] of all epochs; earlier versions of the page kept none
 * @property {History['ends']['pieces']} pieces
 * @property {Mark[]} marks
 * @property {Training['divergence']} divergence
 */
/** @typedef {{ type: 'restarted', step: number } | { type: 'deviceLost' } | { type: 'failed', message: string } | { type: 'refused', problems: Problem[] }} Trouble */

/** A worker that dies this often without having trained in between is not started again. */
const MAX_DEATHS = 3;

/** Changes of the same fields that follow each other this quickly are one. */
const MARK_MS = 1000;
const MOST_MARKS = 200;
/** Fields that do not change how training goes on. */
const UNMARKED = ['epochs', 'stop', 'device'];

const NO_FLOATS = new Float32Array();

/**
 * @param {object} options
 * @param {() => Worker} options.createWorker
 * @param {() => void} options.changed called after every change
 * @param {() => void} [options.progressed] called instead after what comes many times a second while it trains
 * @param {(trouble: Trouble) => void} options.trouble
 */
export function createSession({ createWorker, changed, progressed = changed, trouble }) {
  let run = 0;
  let deaths = 0;
  let gone = false;
  let heardFirstStep = false;
  /** @type {WebAssembly.Module | undefined} */
  let module;
  /** @type {WebAssembly.Module | undefined} */
  let rest;
  let worker = start();
  /** What views want to see, by name. @type {Map<string, { id: number, topics: Topics }>} */
  const watches = new Map();
  let watchId = 0;
  /** Steps a second that the reader wants; null is flat out. @type {number | null} */
  let stepsPerSecond = null;
  let markedAt = -Infinity;
  /** The last that was saved. @type {Kept | undefined} */
  let saved;
  /** What the next `loaded` goes on from. @type {Kept | undefined} */
  let resuming;
  /** Who waits for a checkpoint, in the order of asking. @type {((found: CheckpointEvent | null) => void)[]} */
  let saving = [];
  /** What the reader has asked of the training since it was loaded, which the worker may not have heard yet. */
  let asked = { start: false, reset: false };
  /** @type {Training} */
  let training = { ...empty(), status: 'starting', document: undefined, device: undefined };

  function start() {
    const fresh = createWorker();
    fresh.onmessage = ({ data }) => fresh === worker && hear(readEvent(data));
    fresh.onerror = (event) => {
      event.preventDefault();
      if (fresh === worker) restart(event.message ?? '');
    };
    fresh.onmessageerror = () => fresh === worker && restart('');
    return fresh;
  }

  /** @param {number} [batchesPerEpoch] */
  function empty(batchesPerEpoch = 1) {
    return {
      position: undefined,
      begun: 0,
      /** @type {number | undefined} */
      learningRate: undefined,
      stepsPerSecond: null,
      history: new History(batchesPerEpoch),
      scores: new Scores(),
      shapes: {},
      initial: {},
      /** @type {Set<number>} */
      validationRows: new Set(),
      parameters: {},
      tablePredictions: NO_FLOATS,
      typedPredictions: NO_FLOATS,
      /** @type {number[][]} */
      typedRows: [],
      /** @type {DataRows | null} */
      rows: null,
      /** @type {Record<string, Inspection>} */
      inspections: {},
      /** @type {Mark[]} */
      marks: [],
      divergence: undefined,
      version: 0,
    };
  }

  /**
   * @param {Partial<Training>} change
   * @param {() => void} [tell]
   */
  function update(change, tell = changed) {
    training = { ...training, ...change, version: training.version + 1 };
    tell();
  }

  /** @param {Command} command */
  const send = (command) => worker.postMessage(command);

  /** @param {string} message */
  function restart(message) {
    worker.terminate();
    deaths += 1;
    if (deaths > MAX_DEATHS) {
      gone = true;
      update({ status: 'failed' });
      trouble({ type: 'failed', message });
      return;
    }
    replace();
    const { document } = training;
    const from = document && saved && goingOn(saved, document);
    if (document) load(document, from);
    trouble({ type: 'restarted', step: from?.checkpoint.place.step ?? 0 });
  }

  function replace() {
    worker = start();
    if (module) send({ type: 'module', module });
    if (rest) send({ type: 'rest', module: rest });
    if (stepsPerSecond !== null) send({ type: 'pace', stepsPerSecond });
    for (const [name, watch] of watches) send({ type: 'watch', name, ...watch });
  }

  /**
   * @param {Experiment} document
   * @param {Kept} [from]
   */
  function load(document, from) {
    // A worker that was given up is tried once more, now that somebody asks for it.
    if (gone) {
      gone = false;
      deaths = 0;
      replace();
    }
    run += 1;
    asked = { start: false, reset: false };
    // What is shown of the training before stays until the new one is there.
    update({ document, status: 'loading', device: undefined, typedRows: document.predict ?? [] });
    resuming = from;
    saved = from;
    giveUpSaving();
    const begun = from ? { checkpoint: from.checkpoint, scores: from.scores ?? null } : null;
    send({ type: 'load', run, document, from: begun });
  }

  /** A training that is over is not kept any more. */
  function giveUpSaving() {
    for (const resolve of saving) resolve(null);
    saving = [];
  }

  /** @param {Event} event */
  function hear(event) {
    if (event.type === 'ready') return;
    if (event.type === 'error' && event.fatal) return restart(event.message);
    if (event.run !== run) return;
    switch (event.type) {
      case 'device': {
        const { chosen, rates, reason } = event;
        update({ device: { chosen, rates, reason } });
        if (reason === 'lost') trouble({ type: 'deviceLost' });
        return;
      }
      case 'checkpoint':
        return saving.shift()?.(event);
      case 'loaded': {
        const begun = event.position.step > 0;
        const from = begun ? resuming : undefined;
        resuming = undefined;
        const fresh = empty(event.position.batchesPerEpoch);
        if (from) fresh.history.ends.pieces = from.pieces.map((piece) => ({ ...piece }));
        return update({
          ...fresh,
          marks: from?.marks ?? [],
          divergence: from?.divergence,
          status: begun ? statusAfter(event.position, from?.divergence !== undefined) : 'ready',
          typedRows: training.document?.predict ?? [],
          position: event.position,
          begun: event.position.step,
          learningRate: event.learningRate,
          shapes: event.shapes,
          initial: event.initial,
          validationRows: new Set(event.validationRows),
          rows: event.rows,
          parameters: event.initial,
        });
      }
      case 'changed':
        return hearChange(event);
      case 'state': {
        const { running, position } = event;
        training.history.ends.observe(position);
        const diverged = training.status === 'diverged';
        return update({ position, status: running ? 'running' : statusAfter(position, diverged) });
      }
      case 'metrics':
        return hearMetrics(event);
      case 'parameters':
        return update({ parameters: event.values }, progressed);
      case 'predictions':
        return update({ tablePredictions: event.table, typedPredictions: event.typed }, progressed);
      case 'inspection': {
        const { name, id, step, found } = event;
        const watch = watches.get(name);
        if (watch?.id !== id) return;
        const inspection = { ...found, step, topics: watch.topics };
        return update({ inspections: { ...training.inspections, [name]: inspection } }, progressed);
      }
      case 'finished':
        return update({ status: 'finished' });
      case 'diverged': {
        const lr = training.document?.optimizer.lr ?? 0;
        return update({ status: 'diverged', divergence: { step: event.step, lr } });
      }
      case 'error':
        update({ status: 'failed' });
        return trouble({ type: 'refused', problems: event.problems });
    }
  }

  /** @param {Extract<Event, { type: 'changed' }>} event */
  function hearChange({ fields, position: { step, epoch, batch, batchesPerEpoch }, learningRate }) {
    update({ learningRate });
    const now = performance.now();
    const last = training.marks.at(-1);
    const names = Object.keys(fields).join();
    const again = last && now - markedAt < MARK_MS && names === Object.keys(last.fields).join();
    markedAt = now;
    // Before the first step everything is as if it had always been so.
    if (step === 0 || UNMARKED.includes(names)) return;
    // Other batches wait for the next epoch.
    const waits =
      batch > 0 && Object.keys(fields).every((name) => name === 'batch_size' || name === 'shuffle');
    const mark = again
      ? { ...last, fields }
      : waits
        ? { step: step + batchesPerEpoch - batch, epoch: epoch + 1, fields }
        : { step, epoch, fields };
    update({ marks: [...(again ? training.marks.slice(0, -1) : training.marks), mark].slice(-MOST_MARKS) });
  }

  /** @param {Extract<Event, { type: 'metrics' }>} event */
  function hearMetrics({ train, validation, epochs, scores, position, learningRate, stepsPerSecond }) {
    const { history } = training;
    const steps = train.length - history.train.length;
    history.ends.observe(position);
    history.train.take(train);
    history.validation.take(validation);
    history.epochs.take(epochs);
    training.scores.take(scores);
    if (steps > 0) {
      deaths = 0;
      if (!heardFirstStep) performance.mark('gradus:first-step');
      heardFirstStep = true;
    }
    update({ position, learningRate, stepsPerSecond }, progressed);
  }

  return {
    get training() {
      return training;
    },

    /** Which training it is: another one after every reset. */
    get run() {
      return run;
    },

    /** @param {WebAssembly.Module} compiled */
    boot(compiled) {
      module = compiled;
      send({ type: 'module', module });
    },

    /** The module's second part. @param {WebAssembly.Module} compiled */
    complete(compiled) {
      rest = compiled;
      send({ type: 'rest', module: rest });
    },

    /**
     * Trains this document from now on: as far as possible without starting anew.
     * @param {Experiment} document
     */
    use(document) {
      const before = training.document;
      if (!before || training.status === 'failed') return load(document);
      const { reset, set, predict } = difference(before, document);
      if (reset) return load(document);
      if (training.document !== document) update({ document });
      if (Object.keys(set).length > 0) send({ type: 'set', run, fields: set });
      if (predict) {
        update({ typedRows: document.predict });
        send({ type: 'predict', run, rows: document.predict });
      }
    },

    /** Trains this document from its first step, also where it could go on. */
    load,

    start() {
      if (training.status === 'finished' || training.status === 'diverged') this.reset();
      asked.start = true;
      send({ type: 'start', run });
    },

    /** How fast, from now on. @param {number | null} wanted steps a second, null is flat out */
    pace(wanted) {
      stepsPerSecond = wanted;
      send({ type: 'pace', stepsPerSecond });
    },

    /**
     * Sets one element of a parameter; training goes on from there.
     * @param {string} name
     * @param {number} index
     * @param {number} value
     */
    setParameter(name, index, value) {
      send({ type: 'parameter', run, name, index, value });
    },

    /** What the training has become, to keep; undefined where it cannot be. @returns {Promise<Kept | undefined>} */
    async save() {
      const { document } = training;
      const found = await new Promise((/** @type {(found: CheckpointEvent | null) => void} */ resolve) => {
        saving.push(resolve);
        send({ type: 'checkpoint', run });
      });
      if (!found?.checkpoint || !document || document !== training.document) return undefined;
      const { checkpoint, scores } = found;
      const { marks, divergence } = training;
      const pieces = training.history.ends.pieces.map((piece) => ({ ...piece }));
      saved = { document, checkpoint, scores, pieces, marks, divergence };
      return saved;
    },

    /**
     * Goes on from a training that was kept, if it was one of this experiment and nothing has been done since but to
     * start: that then goes on from there.
     * @param {Kept} kept
     */
    resume(kept) {
      const { document, position } = training;
      const { start, reset } = asked;
      if (!document || reset || (!start && (position?.step ?? 0) > 0)) return false;
      const from = goingOn(kept, document);
      if (!from) return false;
      load(document, from);
      if (start) this.start();
      return true;
    },

    pause() {
      asked.start = false;
      send({ type: 'pause', run });
    },

    /** @param {'batch' | 'epoch'} unit */
    step(unit) {
      send({ type: 'step', run, unit });
    },

    /**
     * What a view wants to see of the network from now on, with every snapshot: it comes in
     * `training.inspections[name]`. Each name has its own; undefined ends it. Asking for the same again costs
     * nothing, so views ask whenever they are drawn.
     * @param {string} name
     * @param {Topics | undefined} topics
     */
    watch(name, topics) {
      if (same(watches.get(name)?.topics ?? null, topics ?? null)) return;
      watchId += 1;
      if (topics) watches.set(name, { id: watchId, topics });
      else watches.delete(name);
      send({ type: 'watch', name, id: watchId, topics: topics ?? null });
    },

    /** Ends the worker, for good. */
    close() {
      worker.terminate();
    },

    reset() {
      if (training.status === 'failed' && training.document) return load(training.document);
      run += 1;
      asked = { start: false, reset: true };
      saved = undefined;
      giveUpSaving();
      send({ type: 'reset', run });
    },
  };
}

/** Whether something was changed while it ran: then no link, and no new start, gives its curve. @param {Training} training */
export const hasChanges = ({ marks }) => marks.length > 0;

/**
 * What a training that does not run is at a position.
 * @param {Position} position
 * @param {boolean} diverged
 * @returns {Status}
 */
function statusAfter({ finished, step }, diverged) {
  if (diverged) return 'diverged';
  if (finished) return 'finished';
  return step > 0 ? 'paused' : 'ready';
}

/**
 * What a kept training is for a document: what was changed after it was kept, and does not need a new one, is changed
 * from there on.
 * @param {Kept} kept
 * @param {Experiment} document
 * @returns {Kept | undefined}
 */
function goingOn(kept, document) {
  const { reset, set } = difference(kept.document, document);
  if (reset) return undefined;
  const fields = Object.fromEntries(Object.entries(set).filter(([name]) => !UNMARKED.includes(name)));
  if (Object.keys(fields).length === 0) return kept;
  const { step, epoch } = kept.checkpoint.place;
  return { ...kept, marks: [...kept.marks, { step, epoch, fields }] };
}

/** @typedef {ReturnType<typeof createSession>} Session */
