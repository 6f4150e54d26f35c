// What views want to see of the running network, in the worker: loaded when the first of them asks.

/** @import { Trainer } from './gradus.js' */
/** @import { Found, GridTopic, LineTopic, Topics } from './protocol.js' */
/** @import { TraceRecord } from './trace.js' */

/** Rows that go through the network at once. */
const CHUNK = 512;

/**
 * @param {Trainer} trainer
 * @param {Topics} topics
 * @param {TraceRecord} trace
 * @returns {Promise<Found>}
 */
export async function inspect(trainer, topics, trace) {
  /** @type {Found} */
  const found = {};
  if (topics.gradients) found.gradients = trainer.gradients();
  if (topics.active) found.active = active(trainer);
  if (topics.trace) found.trace = trace.found();
  try {
    if (topics.grid) found.grid = await grid(trainer, topics.grid);
    if (topics.line) {
      const values = await trainer.predict(lineRows(topics.line));
      found.line = { outputs: values.length / topics.line.count, values };
    }
    // Numbers in one piece are what a first visit's part of the module takes.
    if (topics.activations)
      found.activations = trainer.activations(Float32Array.from(topics.activations.flat()));
  } catch (error) {
    // The rows that were asked for are of the data before: the view asks anew when it has heard of these.
    if (!(error instanceof Error && 'problems' in error)) throw error;
  }
  return found;
}

/**
 * The outputs over a rectangle of two inputs, like the pixels of a picture: from the top left to the right.
 * @param {Trainer} trainer
 * @param {GridTopic} topic
 */
async function grid(trainer, topic) {
  const rows = gridRows(topic);
  const count = topic.size * topic.size;
  if (!topic.neurons) {
    const values = await trainer.predict(rows);
    return { size: topic.size, outputs: values.length / count, values };
  }
  const neurons = trainer.activations(rows);
  const values = (neurons.at(-1)?.values ?? rows).slice();
  return { size: topic.size, outputs: values.length / count, values, neurons };
}

/** @param {GridTopic} topic */
export function gridRows({ columns: [across, up], rows: others, x, y, size }) {
  const width = others.length;
  const rows = new Float32Array(size * size * width);
  const step = 1 / Math.max(1, size - 1);
  for (let line = 0; line < size; line += 1) {
    for (let place = 0; place < size; place += 1) {
      const start = (line * size + place) * width;
      rows.set(others, start);
      rows[start + across] = x[0] + (x[1] - x[0]) * place * step;
      rows[start + up] = y[1] + (y[0] - y[1]) * line * step;
    }
  }
  return rows;
}

/** @param {LineTopic} topic */
export function lineRows({ column, from, to, count, rows: others }) {
  const rows = new Float32Array(count * others.length);
  for (let at = 0; at < count; at += 1) {
    rows.set(others, at * others.length);
    rows[at * others.length + column] = from + ((to - from) * at) / Math.max(1, count - 1);
  }
  return rows;
}

/**
 * For each ReLU, the share of the data's rows for which each of its units is above zero; for pictures, of each
 * channel in any place.
 * @param {Trainer} trainer
 */
function active(trainer) {
  /** @type {Record<string, Float32Array>} */
  const shares = {};
  const count = trainer.rowCount();
  for (let from = 0; from < count; from += CHUNK) {
    const rows = Math.min(CHUNK, count - from);
    for (const { name, kind, shape, values } of trainer.rowActivations(from, rows)) {
      if (kind !== 'ReLU') continue;
      const units = shape[1] ?? 1;
      const places = shape.slice(2).reduce((product, size) => product * size, 1);
      const share = (shares[name] ??= new Float32Array(units));
      for (let row = 0; row < rows; row += 1) {
        for (let unit = 0; unit < units; unit += 1) {
          const start = (row * units + unit) * places;
          for (let place = start; place < start + places; place += 1) {
            if (Number(values[place]) <= 0) continue;
            share[unit] = Number(share[unit]) + 1;
            break;
          }
        }
      }
    }
  }
  for (const share of Object.values(shares)) share.forEach((value, unit) => (share[unit] = value / count));
  return shares;
}
