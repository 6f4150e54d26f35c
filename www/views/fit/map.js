// Paints the map of the fit: what the network gives over two inputs, and the rows on top of it.

import { markPath } from '../../marks.js';
import { brief } from '../../numbers.js';
import { probabilities } from '../../samples.js';
import { FONT, contextOf, rgbOf, themeColor } from '../surface.js';

/** @import { CurvesGeometry } from '../../gradus.js' */

/**
 * @typedef {object} Grid
 * @property {number} size
 * @property {number} outputs
 * @property {Float32Array} values
 * @property {[number, number]} x
 * @property {[number, number]} y
 */
/**
 * @typedef {object} MapPicture
 * @property {Grid | undefined} grid
 * @property {string} loss
 * @property {number} classes 0: values
 * @property {(kind: number) => string} nameOf a class
 * @property {number} target which output, where there are several
 * @property {[number, number]} values from the lowest to the highest target
 * @property {object} points
 * @property {number} points.count
 * @property {(row: number) => number} points.x
 * @property {(row: number) => number} points.y
 * @property {(row: number) => number} points.kind the class
 * @property {(row: number) => number} points.value
 * @property {Set<number>} points.held
 */

/** How many lines of equal values there are about. */
const LINES = 8;

/**
 * @param {MapPicture | undefined} picture
 * @param {CurvesGeometry} geometry
 * @param {HTMLCanvasElement} canvas
 * @param {number} ratio
 * @param {[number, number]} [pointer]
 */
export function drawMap(picture, geometry, canvas, ratio, pointer) {
  const context = contextOf(canvas);
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (picture) {
    const field = picture.grid && fieldOf(picture.grid, picture);
    if (field) drawField(context, field, picture, geometry);
    drawPoints(context, picture, geometry);
    if (field) drawNames(context, field, geometry, picture);
  }
  if (pointer) drawCross(context, geometry, pointer);
  context.restore();
}

/**
 * @typedef {object} Field what is painted at each point of the grid, a plane for each class
 * @property {number} size
 * @property {Float32Array[]} planes probabilities, or one plane of values
 * @property {[number, number]} x
 * @property {[number, number]} y
 */

/**
 * @param {Grid} grid
 * @param {MapPicture} picture
 * @returns {Field}
 */
function fieldOf({ size, outputs, values, x, y }, { loss, classes, target }) {
  const count = size * size;
  if (classes === 0) {
    return { size, x, y, planes: [Float32Array.from({ length: count }, (_, at) => Number(values[at * outputs + target]))] }; // prettier-ignore
  }
  const planes = Array.from({ length: classes }, () => new Float32Array(count));
  for (let at = 0; at < count; at += 1) {
    const shares = probabilities(loss, values, at * outputs, outputs, target);
    planes.forEach((plane, kind) => (plane[at] = Number(shares[kind])));
  }
  return { size, x, y, planes };
}

/**
 * Each pixel between four points of the grid; a pixel where another class or another step of the value begins
 * belongs to a line.
 * @param {CanvasRenderingContext2D} context
 * @param {Field} field
 * @param {MapPicture} picture
 * @param {CurvesGeometry} geometry
 */
function drawField(context, field, { classes, values }, geometry) {
  const { left, top, right, bottom } = geometry.plot;
  const [width, height] = [Math.round(right - left), Math.round(bottom - top)];
  if (width < 2 || height < 2) return;
  const image = new ImageData(width, height);
  const surface = rgbOf('surface');
  const ink = rgbOf('ink-2');
  const { size, planes } = field;
  const colors = planes.map((_, kind) => rgbOf(`class-${kind % 10}`));
  const [low, high] = [rgbOf('negative'), rgbOf('positive')];
  const [from, to] = values;
  const step = niceStep((to - from) / LINES);
  const across = places(width, geometry.xMin, geometry.xMax, field.x, size);
  const down = places(height, geometry.yMax, geometry.yMin, [field.y[1], field.y[0]], size);
  /** The kinds of the row above. */
  const above = new Int32Array(width);
  const { data } = image;
  const least = 1 / planes.length;
  for (let row = 0; row < height; row += 1) {
    const line = Number(down.index[row]) * size;
    const v = Number(down.part[row]);
    let before = 0;
    for (let column = 0; column < width; column += 1) {
      const corner = line + Number(across.index[column]);
      const u = Number(across.part[column]);
      let best = -1;
      let most = -Infinity;
      for (let kind = 0; kind < planes.length; kind += 1) {
        const plane = /** @type {Float32Array} */ (planes[kind]);
        const top = (1 - u) * plane[corner] + u * plane[corner + 1];
        const bottom = (1 - u) * plane[corner + size] + u * plane[corner + size + 1];
        const value = (1 - v) * top + v * bottom;
        if (value > most) {
          best = kind;
          most = value;
        }
      }
      let color = surface;
      let strength = 0;
      if (best >= 0 && classes > 0) {
        color = /** @type {[number, number, number]} */ (colors[best]);
        strength = 0.12 + (0.4 * (most - least)) / (1 - least);
      } else if (best >= 0) {
        best = Math.floor(most / step);
        const share = Math.max(0, Math.min(1, (most - from) / (to - from || 1)));
        color = share < 0.5 ? low : high;
        strength = 0.65 * Math.abs(2 * share - 1);
      }
      const edge = (column > 0 && before !== best) || (row > 0 && above[column] !== best);
      before = best;
      above[column] = best;
      const at = 4 * (row * width + column);
      for (let part = 0; part < 3; part += 1) {
        const below = surface[part] + (color[part] - surface[part]) * strength;
        data[at + part] = edge ? below + (ink[part] - below) * 0.85 : below;
      }
      data[at + 3] = 255;
    }
  }
  const picture = document.createElement('canvas');
  picture.width = width;
  picture.height = height;
  contextOf(picture).putImageData(image, 0, 0);
  context.drawImage(picture, left, top, right - left, bottom - top);
}

/**
 * Which points of the grid the pixels of an axis lie between, and how far they are from the first of the two.
 * @param {number} pixels
 * @param {number} first the axis at the first pixel's edge
 * @param {number} last
 * @param {[number, number]} grid where the grid begins and ends
 * @param {number} size
 */
function places(pixels, first, last, [from, to], size) {
  const [index, part] = [new Int32Array(pixels), new Float32Array(pixels)];
  for (let at = 0; at < pixels; at += 1) {
    const value = first + ((at + 0.5) / pixels) * (last - first);
    // While the picture for new axes is computed, the edge of the old one goes on.
    const place = Math.max(0, Math.min(size - 1, ((value - from) / (to - from)) * (size - 1)));
    index[at] = Math.min(size - 2, Math.floor(place));
    part[at] = place - Number(index[at]);
  }
  return { index, part };
}

/**
 * 1, 2 or 5 times a power of ten, at least `rough`.
 * @param {number} rough
 */
function niceStep(rough) {
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((digit) => digit * power >= rough) ?? 10);
}

/** @param {CurvesGeometry} geometry */
function scaleOf({ plot, xMin, xMax, yMin, yMax }) {
  return {
    x: (/** @type {number} */ x) => plot.left + ((x - xMin) / (xMax - xMin)) * (plot.right - plot.left),
    y: (/** @type {number} */ y) => plot.bottom - ((y - yMin) / (yMax - yMin)) * (plot.bottom - plot.top),
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {MapPicture} picture
 * @param {CurvesGeometry} geometry
 */
function drawPoints(context, { points, classes, values: [from, to] }, geometry) {
  const scale = scaleOf(geometry);
  const surface = themeColor('surface');
  const radius = points.count > 1000 ? 2.5 : 4;
  for (let row = 0; row < points.count; row += 1) {
    const [x, y] = [scale.x(points.x(row)), scale.y(points.y(row))];
    // Values have a colour of the map's scale, and the larger the further from the middle.
    const share = (points.value(row) - from) / (to - from || 1);
    const kind = classes > 0 ? points.kind(row) : 0;
    const color = themeColor(classes > 0 ? `class-${kind % 10}` : share < 0.5 ? 'negative' : 'positive');
    markPath(context, kind, x, y, classes > 0 ? radius : radius * (0.6 + 0.8 * Math.abs(share - 0.5)));
    context.lineWidth = 1.5;
    if (points.held.has(row)) {
      context.fillStyle = surface;
      context.fill();
      context.strokeStyle = color;
      context.stroke();
    } else {
      context.strokeStyle = surface;
      context.stroke();
      context.fillStyle = color;
      context.fill();
    }
  }
}

/**
 * The class of each region, or the values along the lines, where it lies deepest inside.
 * @param {CanvasRenderingContext2D} context
 * @param {Field} field
 * @param {CurvesGeometry} geometry
 * @param {MapPicture} picture
 */
function drawNames(context, field, geometry, { classes, nameOf, values: [from, to] }) {
  const { size, planes } = field;
  const kinds = new Int32Array(size * size);
  const step = niceStep((to - from) / LINES);
  for (let at = 0; at < kinds.length; at += 1) {
    if (classes === 0) kinds[at] = Math.floor(Number(planes[0]?.[at]) / step);
    else {
      for (let kind = 1; kind < planes.length; kind += 1)
        if (Number(planes[kind]?.[at]) > Number(planes[Number(kinds[at])]?.[at])) kinds[at] = kind;
    }
  }
  const depth = depths(kinds, size);
  /** @type {Map<number, number>} */
  const deepest = new Map();
  for (let at = 0; at < kinds.length; at += 1) {
    const kind = Number(kinds[at]);
    if (Number(depth[at]) > Number(depth[deepest.get(kind) ?? -1] ?? 0)) deepest.set(kind, at);
  }
  const scale = scaleOf(geometry);
  context.font = `600 12px ${FONT}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 3;
  for (const [kind, at] of deepest) {
    // A sliver has no room for its name.
    if (Number(depth[at]) < size / 32) continue;
    const x = scale.x(field.x[0] + ((at % size) / (size - 1)) * (field.x[1] - field.x[0]));
    const y = scale.y(field.y[1] - (Math.floor(at / size) / (size - 1)) * (field.y[1] - field.y[0]));
    const text = classes > 0 ? nameOf(kind) : brief((kind + 0.5) * step);
    const { width } = { width: 7 * text.length + 8 };
    context.globalAlpha = 0.8;
    context.fillStyle = themeColor('surface');
    context.fillRect(x - width / 2, y - 8, width, 16);
    context.globalAlpha = 1;
    context.fillStyle = themeColor('ink');
    context.fillText(text, x, y);
  }
}

/**
 * How far it is from each point to another kind or to the edge.
 * @param {Int32Array} kinds
 * @param {number} size
 */
function depths(kinds, size) {
  const depth = new Float32Array(kinds.length);
  /** @type {(at: number, row: number, column: number, by: number) => void} */
  const look = (at, row, column, by) => {
    let least = Number(depth[at]);
    for (const [down, right] of /** @type {const} */ ([
      [by, 0],
      [0, by],
    ])) {
      // prettier-ignore
      const [r, c] = [row + down, column + right];
      const inside = r >= 0 && c >= 0 && r < size && c < size;
      const other = r * size + c;
      least = Math.min(least, inside && kinds[other] === kinds[at] ? Number(depth[other]) + 1 : 1);
    }
    depth[at] = least;
  };
  depth.fill(Infinity);
  for (let at = 0; at < kinds.length; at += 1) look(at, Math.floor(at / size), at % size, -1);
  for (let at = kinds.length - 1; at >= 0; at -= 1) look(at, Math.floor(at / size), at % size, 1);
  return depth;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {CurvesGeometry} geometry
 * @param {[number, number]} pointer
 */
function drawCross(context, { plot }, [x, y]) {
  if (x < plot.left || x > plot.right || y < plot.top || y > plot.bottom) return;
  context.strokeStyle = themeColor('ink-2');
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, plot.top);
  context.lineTo(Math.round(x) + 0.5, plot.bottom);
  context.moveTo(plot.left, Math.round(y) + 0.5);
  context.lineTo(plot.right, Math.round(y) + 0.5);
  context.stroke();
  context.setLineDash([]);
}
