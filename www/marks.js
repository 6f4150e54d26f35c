// How classes look: a colour and a shape each, so that colour is never alone. Ten of each, over and over again.

/** Colours of classes: `--class-0` and so on. */
export const CLASS_LOOKS = 10;

/** Corners of each shape around its middle, for a radius of one; a circle has none. @type {([number, number][] | null)[]} */
const SHAPES = [
  null,
  regular(4, 0),
  regular(4, 0.5).map(([x, y]) => [x * 1.1, y * 1.1]),
  regular(3, 0).map(([x, y]) => [x * 1.15, y * 1.15]),
  regular(3, 0.5).map(([x, y]) => [x * 1.15, y * 1.15]),
  cross(0),
  cross(Math.PI / 4),
  star(),
  regular(5, 0),
  regular(6, 0),
];

/**
 * @param {number} corners
 * @param {number} turn in corners; without, one points up
 * @returns {[number, number][]}
 */
function regular(corners, turn) {
  return Array.from({ length: corners }, (_, at) => {
    const angle = (2 * Math.PI * (at + turn)) / corners;
    return [Math.sin(angle), -Math.cos(angle)];
  });
}

/**
 * @param {number} angle
 * @returns {[number, number][]}
 */
function cross(angle) {
  const [long, wide] = [1.1, 0.36];
  /** @type {[number, number][]} */
  const arms = [[-wide, -long], [wide, -long], [wide, -wide], [long, -wide], [long, wide], [wide, wide], [wide, long], [-wide, long], [-wide, wide], [-long, wide], [-long, -wide], [-wide, -wide]]; // prettier-ignore
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return arms.map(([x, y]) => [x * cos - y * sin, x * sin + y * cos]);
}

/** @returns {[number, number][]} */
function star() {
  return Array.from({ length: 10 }, (_, at) => {
    const [angle, radius] = [(Math.PI * at) / 5, at % 2 === 0 ? 1.25 : 0.55];
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

/**
 * The outline of a class's mark; fill or stroke it.
 * @param {CanvasRenderingContext2D} context
 * @param {number} number the class
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function markPath(context, number, x, y, radius) {
  const corners = SHAPES[number % SHAPES.length];
  context.beginPath();
  if (!corners) {
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  corners.forEach(([dx, dy], at) => {
    if (at === 0) context.moveTo(x + dx * radius, y + dy * radius);
    else context.lineTo(x + dx * radius, y + dy * radius);
  });
  context.closePath();
}

/**
 * The same as the data of an SVG path.
 * @param {number} number
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function markData(number, x, y, radius) {
  const corners = SHAPES[number % SHAPES.length];
  if (!corners) {
    const arc = `a${radius} ${radius} 0 1 0`;
    return `M${x - radius} ${y}${arc} ${2 * radius} 0${arc} ${-2 * radius} 0z`;
  }
  return `M${corners.map(([dx, dy]) => `${(x + dx * radius).toFixed(2)} ${(y + dy * radius).toFixed(2)}`).join('L')}z`;
}
