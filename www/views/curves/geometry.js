// Where values of the axis are on the canvas, and back.

/** @import { CurvesGeometry } from '../../gradus.js' */

/**
 * @param {CurvesGeometry} geometry
 * @param {boolean} logX
 * @param {number} x a place on the canvas, in pixels
 */
export function valueAt({ plot, xMin, xMax }, logX, x) {
  const share = Math.max(0, Math.min(1, (x - plot.left) / (plot.right - plot.left)));
  return logX ? xMin * (xMax / xMin) ** share : xMin + share * (xMax - xMin);
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
