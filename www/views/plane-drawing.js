// Draws the plane on a canvas: axes with figures, the points, the keyboard's cursor. Each look of a point is drawn
// once and then copied, so that thousands of points take a few milliseconds.

import { brief } from '../numbers.js';
import { shapeOf, ticks } from '../plane.js';
import { isDark } from '../theme.js';
import { FONT, between, themeColor } from './surface.js';

/** @import { Bounds, Place, Scale } from '../plane.js' */
/** @import { Point } from './plane.js' */

/**
 * @typedef {object} Picture
 * @property {{ left: number, top: number, width: number, height: number }} box
 * @property {Scale} scale
 * @property {Bounds} bounds
 * @property {string[]} names of the axes
 * @property {Point[]} points that lie there
 * @property {Point[]} fresh those that are being painted or dragged
 * @property {number} classes 0: the points have values
 * @property {Set<number>} hollow which rows are drawn hollow
 * @property {Place} [mark] where the keyboard is
 * @property {Point} [ring] which point is ringed
 */

/** Looks of values, from the lowest to the highest; the middle one is neither. */
const LEVELS = 17;
/** From so many points on they are small squares. */
const CROWD = 30_000;

/**
 * Two canvases: the points that lie there, which are drawn anew when `key` changes, and on top of them what moves.
 * @param {HTMLCanvasElement} canvas
 */
export function createDrawing(canvas) {
  const still = document.createElement('canvas');
  let last = '';

  /**
   * @param {Picture} picture
   * @param {unknown} key says whether the points, or which of them are left out, have changed
   */
  return (picture, key) => {
    const ratio = globalThis.devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    const now = JSON.stringify([key, width, height, picture.bounds, picture.names, isDark()]);
    const level = levelsOf([...picture.points, ...picture.fresh]);
    if (now !== last) {
      last = now;
      const context = cleared(still, width, height, ratio);
      drawAxes(context, picture);
      drawPoints(context, picture.points, picture, level, ratio);
    }
    const context = cleared(canvas, width, height, ratio);
    context.drawImage(still, 0, 0, width / ratio, height / ratio);
    drawPoints(context, picture.fresh, picture, level, ratio);
    drawMarks(context, picture);
  };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {number} ratio
 */
function cleared(canvas, width, height, ratio) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 */
function drawMarks(context, picture) {
  if (picture.ring) {
    context.beginPath();
    context.arc(picture.scale.x(picture.ring.x), picture.scale.y(picture.ring.y), 9, 0, 2 * Math.PI);
    context.strokeStyle = themeColor('ink');
    context.lineWidth = 1.5;
    context.stroke();
  }
  if (picture.mark) drawCursor(context, picture, picture.mark);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 */
function drawAxes(context, { box, scale, bounds, names }) {
  const [right, bottom] = [box.left + box.width, box.top + box.height];
  context.font = `11px ${FONT}`;
  context.fillStyle = themeColor('ink-2');
  context.lineWidth = 1;
  const line = (/** @type {number[]} */ [x0, y0, x1, y1], /** @type {boolean} */ strong) => {
    context.strokeStyle = themeColor(strong ? 'line-strong' : 'line');
    context.beginPath();
    context.moveTo(Math.round(x0 ?? 0) + 0.5, Math.round(y0 ?? 0) + 0.5);
    context.lineTo(Math.round(x1 ?? 0) + 0.5, Math.round(y1 ?? 0) + 0.5);
    context.stroke();
  };
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const value of ticks(bounds.left, bounds.right, box.width / 64)) {
    const x = scale.x(value);
    line([x, box.top, x, bottom], value === 0);
    context.fillText(brief(value), Math.min(x, right - 8), bottom + 4);
  }
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const value of ticks(bounds.bottom, bounds.top, box.height / 48)) {
    const y = scale.y(value);
    line([box.left, y, right, y], value === 0);
    context.fillText(brief(value), box.left - 5, Math.max(y, box.top + 5), box.left - 8);
  }
  context.strokeStyle = themeColor('line-strong');
  context.strokeRect(box.left + 0.5, box.top + 0.5, box.width, box.height);
  context.fillStyle = themeColor('ink');
  context.textBaseline = 'bottom';
  context.fillText(names[0] ?? '', right, bottom + MARGIN_NAME, box.width);
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.fillText(names[1] ?? '', box.left + 5, box.top + 4, box.width);
}
const MARGIN_NAME = 31;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point[]} points
 * @param {Picture} picture
 * @param {(value: number) => number} levelOf
 * @param {number} ratio
 */
function drawPoints(context, points, { scale, classes, hollow }, levelOf, ratio) {
  const level = classes > 0 ? (/** @type {number} */ value) => value : levelOf;
  const looks = new Map();
  const crowd = points.length > CROWD;
  const size = classes > 0 ? 13 : 15;
  for (const { index, x, y, value } of points) {
    const kind = level(value);
    const held = hollow.has(index);
    const key = held ? -1 - kind : kind;
    if (!looks.has(key)) {
      const fill = classes > 0 ? themeColor(`class-${kind % 10}`) : levelColour(kind);
      looks.set(key, crowd ? fill : look(kind, classes > 0, held, fill, themeColor('surface'), size, ratio));
    }
    const drawn = looks.get(key);
    if (crowd) {
      context.fillStyle = drawn;
      context.fillRect(scale.x(x) - 1, scale.y(y) - 1, held ? 1 : 2, 2);
    } else context.drawImage(drawn, scale.x(x) - size / 2, scale.y(y) - size / 2, size, size);
  }
}

/**
 * Values by how far they are from 0 where they lie on both sides of it, otherwise from the middle.
 * @param {Point[]} points
 */
function levelsOf(points) {
  let [low, high] = [Infinity, -Infinity];
  for (const { value } of points) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === high) return () => LEVELS - 1;
  const middle = low < 0 && high > 0 ? 0 : (low + high) / 2;
  const reach = Math.max(high - middle, middle - low) || 1;
  const half = (LEVELS - 1) / 2;
  return (/** @type {number} */ value) => Math.round(half + (half * (value - middle)) / reach);
}

/** @param {number} kind */
function levelColour(kind) {
  const half = (LEVELS - 1) / 2;
  const part = Math.abs(kind - half) / half;
  const mixed = between('ink-2', kind < half ? 'negative' : 'positive', 0.25 + 0.75 * part);
  return `rgb(${mixed.map((value) => Math.round(value)).join(' ')})`;
}

/**
 * One look of a point: a class has its shape; low values are squares, high ones are circles, the further out the
 * larger.
 * @param {number} kind
 * @param {boolean} isClass
 * @param {boolean} held
 * @param {string} fill
 * @param {string} around
 * @param {number} size
 * @param {number} ratio
 */
function look(kind, isClass, held, fill, around, size, ratio) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.ceil(size * ratio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const half = (LEVELS - 1) / 2;
  const radius = isClass ? 4.2 : 2.4 + (2.6 * Math.abs(kind - half)) / half;
  const path = new Path2D(isClass ? shapeOf(kind) : shapeOf(kind < half ? 2 : 0));
  context.setTransform(ratio * radius, 0, 0, ratio * radius, (ratio * size) / 2, (ratio * size) / 2);
  context.lineJoin = 'round';
  if (held) {
    context.fillStyle = around;
    context.strokeStyle = fill;
    context.lineWidth = 1.6 / radius;
    context.fill(path);
    context.stroke(path);
  } else {
    context.fillStyle = fill;
    context.strokeStyle = around;
    context.lineWidth = 1.2 / radius;
    context.stroke(path);
    context.fill(path);
  }
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Picture} picture
 * @param {Place} place
 */
function drawCursor(context, { box, scale }, place) {
  const [x, y] = [scale.x(place.x), scale.y(place.y)];
  context.strokeStyle = themeColor('accent');
  context.lineWidth = 1.5;
  context.beginPath();
  for (const [fromX, fromY, toX, toY] of [
    [box.left, y, x - 6, y],
    [x + 6, y, box.left + box.width, y],
    [x, box.top, x, y - 6],
    [x, y + 6, x, box.top + box.height],
  ]) {
    context.moveTo(fromX ?? 0, fromY ?? 0);
    context.lineTo(toX ?? 0, toY ?? 0);
  }
  context.stroke();
  context.strokeRect(x - 6, y - 6, 12, 12);
}
