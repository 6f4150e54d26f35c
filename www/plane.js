// Geometry of the plane: which part of it is shown, ticks, rounding, and what is near a place. And the shapes of the
// points, as paths that SVG and canvas both take.

/** @typedef {{ left: number, right: number, bottom: number, top: number }} Bounds */
/** @typedef {{ x: number, y: number }} Place */

const EMPTY = { left: -1, right: 1, bottom: -1, top: 1 };

/**
 * What shows all points, with some room around them; both ends are round numbers.
 * @param {Iterable<Place>} points
 * @returns {Bounds}
 */
export function boundsOf(points) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, y);
    top = Math.max(top, y);
  }
  if (left > right) return EMPTY;
  const [x0, x1] = roomy(left, right);
  const [y0, y1] = roomy(bottom, top);
  return { left: x0, right: x1, bottom: y0, top: y1 };
}

/**
 * @param {number} low
 * @param {number} high
 */
function roomy(low, high) {
  const size = high - low || Math.max(1, Math.abs(high));
  const step = tickStep(size, 10);
  return [Math.floor((low - 0.04 * size) / step) * step, Math.ceil((high + 0.04 * size) / step) * step];
}

/**
 * The bounds to show next: those from before, as long as they show everything and, where they may shrink, not much too
 * much.
 * @param {Bounds | undefined} before
 * @param {Bounds} needed
 * @param {boolean} mayShrink not while somebody paints: nothing is to jump under the brush
 * @returns {Bounds}
 */
export function steadyBounds(before, needed, mayShrink) {
  if (!before) return needed;
  const shows =
    before.left <= needed.left &&
    before.right >= needed.right &&
    before.bottom <= needed.bottom &&
    before.top >= needed.top;
  const roomyX = before.right - before.left > 2 * (needed.right - needed.left);
  const roomyY = before.top - before.bottom > 2 * (needed.top - needed.bottom);
  return shows && !(mayShrink && roomyX && roomyY) ? before : needed;
}

/** Up to which ratio of their ranges two axes measure the same. */
const ALIKE = 2;

/**
 * The bounds of a box in which a unit is as long up as across, so that a circle is round, where the axes have ranges
 * that are alike; one of them then shows more than it must.
 * @param {Bounds} bounds
 * @param {{ width: number, height: number }} box
 * @returns {Bounds}
 */
export function evenedBounds(bounds, { width, height }) {
  const [across, up] = [bounds.right - bounds.left, bounds.top - bounds.bottom];
  if (Math.max(across / up, up / across) > ALIKE) return bounds;
  const unitsPerPixel = Math.max(across / width, up / height);
  const moreX = (unitsPerPixel * width - across) / 2;
  const moreY = (unitsPerPixel * height - up) / 2;
  return {
    left: bounds.left - moreX,
    right: bounds.right + moreX,
    bottom: bounds.bottom - moreY,
    top: bounds.top + moreY,
  };
}

/**
 * 1, 2 or 5 times a power of ten, so that about `count` of them make `size`.
 * @param {number} size
 * @param {number} count
 */
export function tickStep(size, count) {
  const rough = size / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = rough / power;
  return (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10) * power;
}

/**
 * Round numbers from `low` to `high`.
 * @param {number} low
 * @param {number} high
 * @param {number} count about how many
 */
export function ticks(low, high, count) {
  const step = tickStep(high - low, count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/**
 * A coordinate with no more digits than a hand can place: a thousandth of what is shown.
 * @param {number} value
 * @param {number} size of what is shown
 */
export function rounded(value, size) {
  const decimals = Math.max(0, Math.min(12, 3 - Math.floor(Math.log10(size) + 1e-9)));
  const text = value.toFixed(decimals);
  return Number(text) + 0;
}

/**
 * From the plane to pixels of a box and back.
 * @param {Bounds} bounds
 * @param {{ left: number, top: number, width: number, height: number }} box
 */
export function scaleOf(bounds, box) {
  const { left, right, bottom, top } = bounds;
  const [kx, ky] = [box.width / (right - left), box.height / (top - bottom)];
  return {
    /** @param {number} x */
    x: (x) => box.left + (x - left) * kx,
    /** @param {number} y */
    y: (y) => box.top + (top - y) * ky,
    /**
     * @param {number} px
     * @param {number} py
     * @returns {Place} inside of the bounds
     */
    place: (px, py) => ({
      x: rounded(Math.min(right, Math.max(left, left + (px - box.left) / kx)), right - left),
      y: rounded(Math.min(top, Math.max(bottom, top - (py - box.top) / ky)), top - bottom),
    }),
  };
}

/** @typedef {ReturnType<typeof scaleOf>} Scale */

/**
 * The points within `radius` pixels of a pixel, the nearest first.
 * @param {{ index: number, x: number, y: number }[]} points
 * @param {Scale} scale
 * @param {{ px: number, py: number }} at
 * @param {number} radius
 */
export function near(points, scale, { px, py }, radius) {
  const found = [];
  for (const point of points) {
    const distance = Math.hypot(scale.x(point.x) - px, scale.y(point.y) - py);
    if (distance <= radius) found.push({ point, distance });
  }
  return found.sort((a, b) => a.distance - b.distance).map(({ point }) => point);
}

/**
 * @param {number} corners
 * @param {number} turn in full turns
 * @param {number} [inner] the radius of corners between them, of a star
 */
function polygon(corners, turn, inner) {
  const count = inner ? 2 * corners : corners;
  const points = Array.from({ length: count }, (_, at) => {
    const angle = 2 * Math.PI * (turn + at / count);
    const radius = inner && at % 2 === 1 ? inner : 1.15;
    return `${(radius * Math.sin(angle)).toFixed(3)} ${(-radius * Math.cos(angle)).toFixed(3)}`;
  });
  return `M${points.join('L')}Z`;
}

const PLUS = 'M-.4-1.1H.4V-.4H1.1V.4H.4V1.1H-.4V.4H-1.1V-.4H-.4Z';
const CROSS = 'M-1.05-.6-.6-1.05 0-.45.6-1.05 1.05-.6.45 0 1.05.6.6 1.05 0 .45-.6 1.05-1.05.6-.45 0Z';

/** Shapes of the classes 0 to 9, of radius 1 around the origin; further classes begin again. */
export const SHAPES = [
  'M1 0A1 1 0 1 1-1 0 1 1 0 1 1 1 0Z',
  polygon(4, 0),
  'M-.88-.88H.88V.88H-.88Z',
  polygon(3, 0),
  polygon(3, 0.5),
  PLUS,
  CROSS,
  polygon(5, 0, 0.5),
  polygon(5, 0),
  polygon(6, 0),
];

/** @param {number} number of a class */
export const shapeOf = (number) => /** @type {string} */ (SHAPES[number % SHAPES.length]);
