// What the diagram asks of the running network, and what the answer says of each unit: its output over two inputs, what
// a channel makes of the chosen row, or the one value that a unit gives for it.

import { inputShapeOf } from '../../experiment.js';
import { inputsOf, rangeOf, samplesOf } from '../../samples.js';

/** @import { Experiment } from '../../experiment.js' */
/** @import { Activation } from '../../gradus.js' */
/** @import { GridTopic, Topics } from '../../protocol.js' */
/** @import { Samples } from '../../samples.js' */
/** @import { Inspection, Training } from '../../session.js' */
/** @import { Column } from './columns.js' */
/** @import { Map } from './maps.js' */

/** Points along each side of a map: of one that is looked at, where there are few units, and where there are more. */
const SIDES = [48, 24, 14];
const FEW_UNITS = 8;
/** Beyond the data, on each side of a map. */
const MARGIN = 0.08;

/** Two inputs and no pictures: then every unit has a map of them. @param {Experiment} document */
export const hasMaps = (document) => String(inputShapeOf(document)) === '2';

/**
 * The rows that there are to choose from.
 * @param {Training} training
 */
export const rowCount = (training) => samplesOf(training)?.count ?? 0;

/**
 * What to ask for, to show it: the values for a row, and maps where there are two inputs.
 * @param {Training} training
 * @param {Column[]} columns
 * @param {number} chosen row
 * @param {boolean} near whether a map is looked at closely
 * @returns {Topics | undefined}
 */
export function topicsOf(training, columns, chosen, near) {
  const { document } = training;
  const samples = samplesOf(training);
  if (!document) return undefined;
  /** @type {Topics} */
  const topics = {};
  if (samples && samples.count > 0)
    topics.activations = [Array.from(inputsOf(samples, Math.min(chosen, samples.count - 1)))];
  if (hasMaps(document)) {
    const step = columns.some(({ size }) => size > FEW_UNITS) ? 2 : 1;
    const size = Number(SIDES[near ? step - 1 : step]);
    topics.grid = { columns: [0, 1], rows: [0, 0], ...rangesOf(samples), size, neurons: true };
  }
  return topics;
}

/** @type {WeakMap<Samples, { x: [number, number], y: [number, number] }>} */
const ranges = new WeakMap();

/**
 * From the least to the largest of both inputs, and a little more.
 * @param {Samples | undefined} samples
 */
function rangesOf(samples) {
  const none = /** @type {[number, number]} */ ([-1, 1]);
  if (!samples || samples.count === 0) return { x: none, y: none };
  const known = ranges.get(samples);
  if (known) return known;
  const { inputs, width } = samples;
  const found = { x: rangeOf(inputs, 0, width, MARGIN), y: rangeOf(inputs, 1, width, MARGIN) };
  ranges.set(samples, found);
  return found;
}

/** @typedef {ReturnType<typeof activityOf>} Activity */

/**
 * @param {Inspection | undefined} inspection
 * @param {Column[]} columns
 * @param {Experiment} document
 */
export function activityOf(inspection, columns, document) {
  const { grid: asked, activations: [row] = [] } = inspection?.topics ?? {};
  const neurons = hasMaps(document) ? inspection?.grid?.neurons : undefined;
  const layers = inspection?.activations;

  /**
   * The map of a unit, or the picture of a channel.
   * @param {number} at which column
   * @param {number} unit
   * @returns {Map | undefined}
   */
  function map(at, unit) {
    const column = columns[at];
    if (column?.kind === 'pictures') return channel(column, at, unit);
    if (!column || !asked || !neurons) return undefined;
    const side = { wide: asked.size, high: asked.size };
    if (at === 0) return { ...side, ...coordinates(asked, unit), start: 0, stride: 1 };
    const found = layerOf(neurons, column);
    return found && { ...side, all: found.values, start: unit, stride: column.size };
  }

  /** @param {Column} column @param {number} at @param {number} unit @returns {Map | undefined} */
  function channel(column, at, unit) {
    if (!layers || !row) return undefined;
    const found = at > 0 ? layerOf(layers, column) : { shape: [1, ...inputShapeOf(document)], values: row };
    const [, , high = 1, wide = 1] = found?.shape ?? [];
    return found && { wide, high, all: found.values, start: unit * high * wide, stride: 1 };
  }

  /**
   * What the units of a column are for the chosen row.
   * @param {number} at
   * @returns {ArrayLike<number> | undefined}
   */
  function values(at) {
    const column = columns[at];
    if (!layers || column?.kind !== 'units') return undefined;
    if (at === 0) return row?.length === column.size ? row : undefined;
    return layerOf(layers, column)?.values;
  }

  return { map, values };
}

/**
 * The output of a column, if the network that was asked is the one that is drawn.
 * @param {Activation[]} layers
 * @param {Column} column
 */
function layerOf(layers, { output, kind, size }) {
  const found = layers.find(({ name }) => name === String(output));
  return found?.shape[1] === size && found.shape.length === (kind === 'pictures' ? 4 : 2) ? found : undefined;
}

/** What `coordinates` has found. @type {WeakMap<GridTopic, { all: Float32Array, middle: number }[]>} */
const known = new WeakMap();

/**
 * The values of an input at the pixels of the grid, around their middle.
 * @param {GridTopic} grid
 * @param {number} input
 */
function coordinates(grid, input) {
  const found = known.get(grid) ?? [];
  known.set(grid, found);
  const [low, high] = input === 0 ? grid.x : grid.y;
  const middle = low < 0 && high > 0 ? 0 : (low + high) / 2;
  const valueAt = (/** @type {number} */ pixel) => {
    const place = input === 0 ? pixel % grid.size : Math.floor(pixel / grid.size);
    const share = place / (grid.size - 1);
    return low + (high - low) * (input === 0 ? share : 1 - share) - middle;
  };
  return (found[input] ??= {
    all: Float32Array.from({ length: grid.size ** 2 }, (_, pixel) => valueAt(pixel)),
    middle,
  });
}
