// The weights of a diagram as lines: all of them, or between large layers the strongest, which change as it trains.

import { svg, setAttribute } from '../../dom.js';
import { unitsOf, weightsBetween } from './columns.js';

/** @import { Column } from './columns.js' */

/** Lines between two columns, or of one unit: all of them, or a few of the strongest, which are thinner. */
const MOST_LINES = 300;
const STRONGEST = 160;
const THIN = 0.55;
/** How finely sizes are told apart before the few at the border are sorted. */
const BINS = 1024;

/**
 * @typedef {object} Layout
 * @property {(column: number, unit: number) => number} x
 * @property {(column: number, unit: number) => number} y
 */
/** @typedef {{ path: SVGPathElement, from: number, to: number, value: number | undefined }} Edge */

/**
 * The lines that lead to one column.
 * @param {object} options
 * @param {Column} options.from
 * @param {Column} options.to
 * @param {number} options.at which column it is
 * @param {Layout} options.layout
 */
export function createEdges({ from, to, at, layout }) {
  const group = svg('g', { class: 'edges' });
  // A pair of units has the number that its weight has among the weights.
  const count = to.single ? to.size : from.size * to.size;
  const sourceOf = (/** @type {number} */ pair) => (to.single ? pair : pair % from.size);
  const targetOf = (/** @type {number} */ pair) => (to.single ? pair : Math.floor(pair / from.size));
  const all = count <= MOST_LINES;
  /** @type {Edge[]} */
  const edges = [];
  for (let line = 0; line < (all ? count : STRONGEST); line += 1) {
    const path = svg('path', { class: 'edge' });
    edges.push({ path, from: -1, to: -1, value: undefined });
    group.append(path);
  }
  let largest = 0;
  /** @type {(pair: number) => number | undefined} */
  let valueOf = () => undefined;
  const sizeOf = (/** @type {number} */ pair) => {
    const size = Math.abs(valueOf(pair) ?? 0);
    return size < Infinity ? size : 0;
  };

  /**
   * @param {Edge} edge
   * @param {number} source
   * @param {number} unit
   */
  function place(edge, source, unit) {
    if (edge.from === source && edge.to === unit) return;
    [edge.from, edge.to] = [source, unit];
    setAttribute(edge.path, 'd', curve(layout, at, source, unit));
  }

  /** @param {Record<string, Float32Array>} parameters */
  function update(parameters) {
    const weights = parameters[`${to.layer}.weight`];
    const where = weights && weightsBetween(from, to, weights.length);
    valueOf = (pair) => {
      if (!weights || !where) return undefined;
      let sum = 0;
      for (let place = pair * where.each; place < (pair + 1) * where.each; place += 1)
        sum += Number(weights[place]);
      return sum / where.each;
    };
    largest = largestOf(count, sizeOf);
    strongest(count, edges.length, sizeOf).forEach((pair, line) => {
      const edge = /** @type {Edge} */ (edges[line]);
      place(edge, sourceOf(pair), targetOf(pair));
      edge.value = valueOf(pair);
      paint(edge.path, edge.value, largest, all ? 1 : THIN);
    });
  }

  /** @param {number} source @param {number} unit */
  const pairOf = (source, unit) => (to.single ? unit : unit * from.size + source);

  /**
   * The strongest of some pairs as lines of their own.
   * @param {number[]} pairs
   */
  function linesOf(pairs) {
    const size = (/** @type {number} */ place) => sizeOf(Number(pairs[place]));
    const few = pairs.length <= MOST_LINES ? pairs.length : STRONGEST;
    return strongest(pairs.length, few, size).map((place) => {
      const pair = Number(pairs[place]);
      const path = svg('path', { d: curve(layout, at, sourceOf(pair), targetOf(pair)) });
      paint(path, valueOf(pair), largest);
      return path;
    });
  }

  return {
    group,
    count,
    update,
    edges,
    /** @param {number} source @param {number} unit */
    value: (source, unit) => valueOf(pairOf(source, unit)),
    /** @param {number} source @param {number} unit */
    lineBetween: (source, unit) => linesOf([pairOf(source, unit)]),
    /** The lines that end in a unit. @param {number} unit */
    linesTo: (unit) => linesOf(to.single ? [unit] : unitsOf(from).map((source) => pairOf(source, unit))),
    /** The lines that begin in a unit of the column before. @param {number} source */
    linesFrom: (source) => linesOf(to.single ? [source] : unitsOf(to).map((unit) => pairOf(source, unit))),
  };
}

/**
 * @param {Layout} layout
 * @param {number} at
 * @param {number} source
 * @param {number} unit
 */
function curve({ x, y }, at, source, unit) {
  const [x1, y1, x2, y2] = [x(at - 1, source), y(at - 1, source), x(at, unit), y(at, unit)];
  const bend = (x2 - x1) * 0.45;
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/**
 * How far a point is above or below such a curve.
 * @param {[number, number, number, number]} ends x1, y1, x2, y2
 * @param {number} px
 * @param {number} py
 */
export function distance([x1, y1, x2, y2], px, py) {
  const share = (px - x1) / (x2 - x1);
  if (share < 0 || share > 1) return Infinity;
  // The x of a Bézier curve rises with its parameter, so that halving finds it.
  let [low, high] = [0, 1];
  for (let round = 0; round < 12; round += 1) {
    const t = (low + high) / 2;
    const there = 3 * (1 - t) ** 2 * t * 0.45 + 3 * (1 - t) * t ** 2 * 0.55 + t ** 3;
    if (there < share) low = t;
    else high = t;
  }
  const t = (low + high) / 2;
  return Math.abs(y1 + (y2 - y1) * (3 * t ** 2 - 2 * t ** 3) - py);
}

/**
 * Colour and dashes say the sign, width the size.
 * @param {SVGPathElement} path
 * @param {number | undefined} value
 * @param {number} largest
 * @param {number} [thick]
 */
function paint(path, value, largest, thick = 1) {
  const known = value !== undefined && Number.isFinite(value);
  const share = known && largest > 0 ? Math.abs(value) / largest : 0;
  setAttribute(path, 'stroke-width', (thick * (0.6 + 3.4 * share)).toFixed(2));
  setAttribute(path, 'stroke-opacity', (0.25 + 0.7 * share).toFixed(2));
  setAttribute(path, 'class', value === undefined ? 'edge' : value < 0 ? 'edge negative' : 'edge positive');
}

/** @param {number} length @param {(place: number) => number} sizeOf */
function largestOf(length, sizeOf) {
  let largest = 0;
  for (let place = 0; place < length; place += 1) largest = Math.max(largest, sizeOf(place));
  return largest;
}

/**
 * The places of the largest of many numbers, in their order: counted into bins, so that only those of one bin have to
 * be sorted.
 * @param {number} length
 * @param {number} count
 * @param {(place: number) => number} sizeOf
 */
function strongest(length, count, sizeOf) {
  if (count >= length) return Array.from({ length }, (_, place) => place);
  const largest = largestOf(length, sizeOf);
  const binOf = (/** @type {number} */ place) =>
    largest > 0 ? Math.floor((sizeOf(place) / largest) * BINS) : 0;
  const bins = new Uint32Array(BINS + 1);
  for (let place = 0; place < length; place += 1) bins[binOf(place)] = Number(bins[binOf(place)]) + 1;
  let [border, above] = [BINS, 0];
  while (above + Number(bins[border]) < count) above += Number(bins[border--]);
  /** @type {number[]} */
  const found = [];
  /** @type {number[]} */
  const atBorder = [];
  for (let place = 0; place < length; place += 1) {
    const bin = binOf(place);
    if (bin > border) found.push(place);
    else if (bin === border) atBorder.push(place);
  }
  atBorder.sort((one, other) => sizeOf(other) - sizeOf(one));
  return [...found, ...atBorder.slice(0, count - above)].sort((one, other) => one - other);
}
