// What is looked at of the fit, and what has to be computed for it.

import { rangeOf, meansOf, classCount } from '../../samples.js';

/** @import { Experiment } from '../../experiment.js' */
/** @import { CurvesGeometry } from '../../gradus.js' */
/** @import { Topics } from '../../protocol.js' */
/** @import { Samples } from '../../samples.js' */
/** @import { Inspection, Training } from '../../session.js' */

/** @typedef {'map' | 'line' | 'scatter'} Mode */

/** What was chosen here, across languages. @type {{ mode: Mode | undefined, columns: [number, number], target: number }} */
export const chosen = { mode: undefined, columns: [0, 1], target: 0 };

/**
 * @typedef {object} Shown
 * @property {Mode} mode
 * @property {Experiment} document
 * @property {Samples} samples
 * @property {Training} training
 * @property {number} outputs of the network
 * @property {Inspection} [inspection]
 */

/** Points along each side of a map: of one that follows the training, and of one at rest. */
const MOVING = 64;
const RESTING = 128;
/** Points of a curve. */
const POINTS = 240;
/** With more inputs there is no sense in looking at two of them. */
const MOST_INPUTS = 32;

/**
 * What can be looked at, the best first.
 * @param {Experiment} document
 * @param {Samples} samples
 * @returns {Mode[]}
 */
export function modesOf(document, samples) {
  /** @type {Mode[]} */
  const able = [];
  if (samples.width === 1) able.push('line');
  if (samples.width >= 2 && samples.width <= MOST_INPUTS) able.push('map');
  if (classCount(document, 2) === 0) able.push('scatter');
  return able;
}

/** Where the axes end. @param {Samples} samples @param {number} column */
export const extent = ({ inputs, width }, column) => rangeOf(inputs, column, width, 0.06);

/** @param {Shown} now @param {CurvesGeometry} [drawn] @returns {Topics | undefined} */
export function topicsOf({ mode, samples, training }, drawn) {
  const moving = training.status === 'running';
  if (mode === 'line') {
    const [from, to] = extent(samples, 0);
    return { line: { column: 0, rows: meansOf(samples), from, to, count: POINTS } };
  }
  if (mode !== 'map') return undefined;
  const [across, up] = chosen.columns;
  const x = extent(samples, across);
  /** @type {[number, number]} */
  const y = drawn ? [drawn.yMin, drawn.yMax] : extent(samples, up);
  const size = moving ? MOVING : RESTING;
  return { grid: { columns: [across, up], rows: meansOf(samples), x, y, size, neurons: false } };
}
