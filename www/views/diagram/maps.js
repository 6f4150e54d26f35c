// Small pictures of what units do: their output over two inputs, the channels of a picture, or one value. Blue is
// positive; negative is orange and hatched.

import { isDark } from '../../theme.js';
import { between } from '../surface.js';

/** @typedef {{ x: number, y: number, size: number }} Place the middle, in the diagram's units */
/**
 * One map among others: every `stride`th value from `start` on, in lines from the top.
 * @typedef {object} Map
 * @property {number} wide
 * @property {number} high
 * @property {ArrayLike<number>} all
 * @property {number} start
 * @property {number} stride
 * @property {number} [middle] what has been taken off the values
 */

/** Shades of a sign, from nothing to full. */
const SHADES = 255;
/** From this size on the fill of a negative value is hatched. */
const HATCHED = 5;

/** @param {HTMLCanvasElement} canvas */
export function createMaps(canvas) {
  const small = document.createElement('canvas');
  const pen = small.getContext('2d', { willReadFrequently: false });
  const context = canvas.getContext('2d');

  /**
   * @param {number} width
   * @param {number} height
   */
  function clear(width, height) {
    const ratio = globalThis.devicePixelRatio || 1;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    context?.setTransform(ratio, 0, 0, ratio, 0, 0);
    context?.clearRect(0, 0, width, height);
    if (context) context.imageSmoothingEnabled = false;
  }

  /**
   * @param {Place} place
   * @param {Map} map
   */
  function draw({ x, y, size }, { wide, high, all, start, stride }) {
    const count = wide * high;
    if (!pen || !context || count === 0) return;
    const shades = shadesNow();
    if (small.width !== wide || small.height !== high) [small.width, small.height] = [wide, high];
    const image = pen.createImageData(wide, high);
    const pixels = new Uint32Array(image.data.buffer);
    let most = 0;
    for (let at = 0, place = start; at < count; at += 1, place += stride) {
      const magnitude = Math.abs(Number(all[place]));
      if (magnitude > most && magnitude < Infinity) most = magnitude;
    }
    const scale = most === 0 ? 0 : SHADES / most;
    for (let line = 0, at = 0, place = start; line < high; line += 1) {
      for (let column = 0; column < wide; column += 1, at += 1, place += stride) {
        // No number at all is as nothing.
        const shade = Math.max(-SHADES, Math.min(SHADES, Math.round(Number(all[place]) * scale))) || 0;
        const hatched = shade < 0 && (line + column) % 3 === 0;
        pixels[at] = Number(shades[SHADES + (hatched ? shade >> 1 : shade)]);
      }
    }
    pen.putImageData(image, 0, 0);
    context.drawImage(small, x - size / 2, y - size / 2, size, size);
  }

  /**
   * One value, from -1 to 1, inside the circle of its unit or over its cell.
   * @param {Place} place
   * @param {number} share
   * @param {boolean} round
   */
  function fill({ x, y, size }, share, round) {
    if (!context || !Number.isFinite(share)) return;
    const css = (/** @type {number} */ value) => `rgb(${colourOf(value).join(' ')})`;
    context.save();
    context.beginPath();
    if (round) context.arc(x, y, size / 2, 0, 2 * Math.PI);
    else context.rect(x - size / 2, y - size / 2, size, size);
    context.fillStyle = css(share);
    context.fill();
    if (share < 0 && size >= HATCHED) {
      context.clip();
      context.beginPath();
      context.strokeStyle = css(share / 3);
      context.lineWidth = size / 12;
      for (let at = -size; at < size; at += size / 4) {
        context.moveTo(x + at, y + size / 2);
        context.lineTo(x + at + size, y - size / 2);
      }
      context.stroke();
    }
    context.restore();
  }

  return { clear, draw, fill };
}

/** The colour of a value from -1 to 1. @param {number} value */
const colourOf = (value) => between('raised', value < 0 ? 'negative' : 'positive', Math.abs(value));

/** @type {{ dark: boolean, shades: Uint32Array } | undefined} */
let known;

/** Pixels from full negative over nothing to full positive, in the theme's colours. */
function shadesNow() {
  if (known?.dark === isDark()) return known.shades;
  const bytes = new Uint8ClampedArray(4 * (2 * SHADES + 1));
  for (let shade = -SHADES; shade <= SHADES; shade += 1)
    bytes.set([...colourOf(shade / SHADES), 255], 4 * (SHADES + shade));
  known = { dark: isDark(), shades: new Uint32Array(bytes.buffer) };
  return known.shades;
}
