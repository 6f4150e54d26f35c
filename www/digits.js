// From strokes on a pad to a picture as the UCI digits are: the drawing fills a 32 by 32 bitmap from top to bottom, in
// the middle and somewhat narrower; 4 by 4 dots make a pixel of the 8 by 8, which counts those that are on, from 0 to
// 16. The set's digits have about the same ink whatever their shape (312 dots on average, a 1 has 313, a 0 has 317): a
// 1 is thick. So is the pen here.

/** @typedef {{ x: number, y: number }} Dot */

export const SIDE = 8;
export const INK = 16;
const DOTS = 32;
/** The widest digits leave the outer columns empty. */
const WIDEST = 27;
const DOTS_OF_INK = 312;
/** The radius of the pen in dots: at first, and how far it goes for that ink. */
const RADIUS = { first: 2.5, least: 1.6, most: 5 };

/**
 * @param {Dot[][]} strokes in any unit, x to the right and y down
 * @returns {Float32Array} 64 pixels, row by row
 */
export function pixelsOf(strokes) {
  const pixels = new Float32Array(SIDE * SIDE);
  if (strokes.every((stroke) => stroke.length === 0)) return pixels;
  const first = penFor(distances(fitted(strokes, RADIUS.first)));
  const away = distances(fitted(strokes, first));
  const radius = penFor(away);
  away.forEach((distance, dot) => {
    if (distance > radius) return;
    const at = ((dot / DOTS) >> 2) * SIDE + ((dot % DOTS) >> 2);
    pixels[at] = (pixels[at] ?? 0) + 1;
  });
  return pixels;
}

/**
 * The radius that gives so much ink.
 * @param {Float64Array} away how far each dot is from the strokes
 */
function penFor(away) {
  const wanted = Float64Array.from(away).sort()[DOTS_OF_INK - 1] ?? 0;
  return Math.max(RADIUS.least, Math.min(RADIUS.most, wanted));
}

/** How far each dot of the bitmap is from the strokes. @param {Dot[][]} strokes */
const distances = (strokes) =>
  Float64Array.from({ length: DOTS * DOTS }, (_, dot) => {
    const p = { x: (dot % DOTS) + 0.5, y: Math.floor(dot / DOTS) + 0.5 };
    let least = Infinity;
    for (const line of strokes)
      line.forEach((to, at) => {
        least = Math.min(least, distance(line[Math.max(0, at - 1)] ?? to, to, p));
      });
    return least;
  });

/**
 * The strokes in the bitmap's dots, with room for a pen of that radius.
 * @param {Dot[][]} strokes
 * @param {number} radius
 */
function fitted(strokes, radius) {
  const dots = strokes.flat();
  const [left, right] = ends(dots.map(({ x }) => x));
  const [top, bottom] = ends(dots.map(({ y }) => y));
  const [width, height] = [right - left, bottom - top];
  const size = Math.max(width, height);
  // A single dot has no size, and stays one; a flat line stays flat.
  const scale = size > 0 ? (DOTS - 2 * radius) / (height > width / 4 ? height : width) : 1;
  const narrow = Math.min(1, (WIDEST - 2 * radius) / (width * scale || 1));
  const place = (/** @type {Dot} */ { x, y }) => ({
    x: DOTS / 2 + (x - (left + right) / 2) * scale * narrow,
    y: DOTS / 2 + (y - (top + bottom) / 2) * scale,
  });
  return strokes.filter((stroke) => stroke.length > 0).map((stroke) => thinned(stroke.map(place)));
}

/**
 * Without dots that are nearer to the one before than half a dot.
 * @param {Dot[]} line
 */
const thinned = (line) => {
  /** @type {Dot[]} */
  const kept = [];
  for (const dot of line) {
    const before = kept.at(-1);
    if (!before || Math.hypot(dot.x - before.x, dot.y - before.y) >= 0.5) kept.push(dot);
  }
  return kept;
};

/** @param {number[]} values */
const ends = (values) => [Math.min(...values), Math.max(...values)];

/**
 * From the part of a line between `a` and `b` to `p`.
 * @param {Dot} a
 * @param {Dot} b
 * @param {Dot} p
 */
function distance(a, b, p) {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((p.x - a.x) * dx + (p.y - a.y) * dy) / length;
  const part = Math.min(1, Math.max(0, along));
  return Math.hypot(a.x + part * dx - p.x, a.y + part * dy - p.y);
}

/**
 * Probabilities of classes.
 * @param {Float32Array} outputs
 */
export function softmax(outputs) {
  const highest = Math.max(...outputs);
  const weights = Array.from(outputs, (output) => Math.exp(output - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
