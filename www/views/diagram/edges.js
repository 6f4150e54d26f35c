// The weights of a diagram as lines: all of them, or between large layers the strongest, which change as it trains.

import { svg, setAttribute } from '../../dom.js';
import { weightsBetween } from './columns.js';

/** @import { Column } from './columns.js' */

/** Lines between two columns: all of them, or a few of the strongest, which are thinner. */
const MOST_LINES = 300;
const STRONGEST = 160;
const THIN = 0.55;

/** @typedef {{ x: (column: number) => number, y: (column: number, unit: number) => number | undefined }} Layout */
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
  /** @type {[number, number][]} */
  const pairs = to.shown.flatMap((unit) =>
    (to.single ? [unit] : from.shown).map((source) => /** @type {[number, number]} */ ([source, unit])),
  );
  const all = pairs.length <= MOST_LINES;
  /** @type {Edge[]} */
  const edges = [];
  for (let line = 0; line < (all ? pairs.length : STRONGEST); line += 1) {
    const path = svg('path', { class: 'edge' });
    edges.push({ path, from: -1, to: -1, value: undefined });
    group.append(path);
  }
  let largest = 0;
  /** @type {(from: number, to: number) => number | undefined} */
  let valueOf = () => undefined;

  /**
   * @param {Edge} edge
   * @param {[number, number]} pair
   */
  function place(edge, [source, unit]) {
    if (edge.from === source && edge.to === unit) return;
    [edge.from, edge.to] = [source, unit];
    setAttribute(edge.path, 'd', curve(layout, at, source, unit));
  }

  /** @param {Record<string, Float32Array>} parameters */
  function update(parameters) {
    const weights = parameters[`${to.layer}.weight`];
    const where = weights && weightsBetween(from, to, weights.length);
    valueOf = (source, unit) => {
      if (!weights || !where) return undefined;
      const start = where.start(source, unit);
      let sum = 0;
      for (let place = start; place < start + where.each; place += 1) sum += Number(weights[place]);
      return sum / where.each;
    };
    const values = pairs.map(([source, unit]) => valueOf(source, unit));
    const sizes = values.map((value) =>
      value !== undefined && Number.isFinite(value) ? Math.abs(value) : 0,
    );
    largest = sizes.reduce((most, size) => Math.max(most, size), 0);
    const chosen = all ? pairs.map((_, pair) => pair) : strongest(sizes, STRONGEST);
    chosen.forEach((pair, line) => {
      const edge = /** @type {Edge} */ (edges[line]);
      place(edge, /** @type {[number, number]} */ (pairs[pair]));
      edge.value = values[pair];
      paint(edge.path, edge.value, largest, all ? 1 : THIN);
    });
  }

  return {
    group,
    all,
    update,
    edges,
    /** @param {number} source @param {number} unit */
    value: (source, unit) => valueOf(source, unit),
    get largest() {
      return largest;
    },
    connects: pairs,
  };
}

/**
 * @param {Layout} layout
 * @param {number} at
 * @param {number} source
 * @param {number} unit
 */
export function curve({ x, y }, at, source, unit) {
  const [x1, y1, x2, y2] = [x(at - 1), y(at - 1, source) ?? 0, x(at), y(at, unit) ?? 0];
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
export function paint(path, value, largest, thick = 1) {
  const known = value !== undefined && Number.isFinite(value);
  const share = known && largest > 0 ? Math.abs(value) / largest : 0;
  setAttribute(path, 'stroke-width', (thick * (0.6 + 3.4 * share)).toFixed(2));
  setAttribute(path, 'stroke-opacity', (0.25 + 0.7 * share).toFixed(2));
  setAttribute(path, 'class', value === undefined ? 'edge' : value < 0 ? 'edge negative' : 'edge positive');
}

/**
 * The places of the largest numbers, in their order.
 * @param {number[]} sizes
 * @param {number} count
 */
function strongest(sizes, count) {
  const threshold = Float64Array.from(sizes).sort()[sizes.length - count] ?? 0;
  const found = [];
  for (let at = 0; at < sizes.length && found.length < count; at += 1)
    if (Number(sizes[at]) > threshold) found.push(at);
  for (let at = 0; at < sizes.length && found.length < count; at += 1)
    if (sizes[at] === threshold) found.push(at);
  return found;
}
