// Where values of the axis are on the canvas, and back.

/** @import { CurvesGeometry } from '../../gradus.js' */

/**
 * @param {CurvesGeometry} geometry
 * @param {boolean} logX
 * @param {number} x a place on the canvas, in pixels
 */
export function valueAt(geometry, logX, x) {
  const { left, right } = geometry.plot;
  return valueBeyond(geometry, logX, Math.max(left, Math.min(right, x)));
}

/**
 * The same outside of the plot, too.
 * @param {CurvesGeometry} geometry
 * @param {boolean} logX
 * @param {number} x
 */
function valueBeyond({ plot, xMin, xMax }, logX, x) {
  const share = (x - plot.left) / (plot.right - plot.left);
  return logX ? xMin * (xMax / xMin) ** share : xMin + share * (xMax - xMin);
}

/** @typedef {{ from: number, to: number }} Moved where a finger was, and where it is, in pixels */

/** Fingers that are nearer to each other stretch no more, in pixels. */
const NEAREST = 16;

/**
 * The range of the axis that has under each finger what was there before it moved: of one, or of the first two.
 * @param {CurvesGeometry} geometry before
 * @param {boolean} logX
 * @param {Moved[]} fingers
 * @returns {[number, number]}
 */
export function rangeUnder(geometry, logX, fingers) {
  const [first = { from: 0, to: 0 }, second = first] = fingers;
  const apart = (/** @type {number} */ distance) => Math.max(NEAREST, Math.abs(distance));
  const factor = second === first ? 1 : apart(second.from - first.from) / apart(second.to - first.to);
  const middle = (/** @type {'from' | 'to'} */ when) => (first[when] + second[when]) / 2;
  const { left, right } = geometry.plot;
  const before = (/** @type {number} */ x) => middle('from') + factor * (x - middle('to'));
  return [valueBeyond(geometry, logX, before(left)), valueBeyond(geometry, logX, before(right))];
}

/**
 * @param {CurvesGeometry} geometry
 * @param {boolean} logX
 * @param {number} value
 */
export function placeOf({ plot, xMin, xMax }, logX, value) {
  const share = logX ? Math.log(value / xMin) / Math.log(xMax / xMin) : (value - xMin) / (xMax - xMin || 1);
  return plot.left + share * (plot.right - plot.left);
}

/**
 * A chart's geometry in CSS pixels, when it was drawn larger.
 * @param {CurvesGeometry} geometry
 * @param {number} scale
 * @returns {CurvesGeometry}
 */
export function scaled(geometry, scale) {
  const { left, top, right, bottom } = geometry.plot;
  return {
    ...geometry,
    plot: { left: left * scale, top: top * scale, right: right * scale, bottom: bottom * scale },
  };
}
