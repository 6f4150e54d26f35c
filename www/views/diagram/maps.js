// Small pictures of what units do: their output over two inputs, the channels of a picture, or one value. Blue is
// positive; negative is orange and hatched.

/** @import { Activation } from '../../gradus.js' */

/** @typedef {{ x: number, y: number, size: number }} Place the middle, in the diagram's units */

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
   * @param {number} wide values in a line
   * @param {number} high
   * @param {(at: number) => number} value
   * @param {Palette} palette
   */
  function draw({ x, y, size }, wide, high, value, palette) {
    if (!pen || !context || wide * high === 0) return;
    if (small.width !== wide || small.height !== high) [small.width, small.height] = [wide, high];
    const image = pen.createImageData(wide, high);
    let most = 0;
    for (let at = 0; at < wide * high; at += 1) {
      const magnitude = Math.abs(value(at));
      if (Number.isFinite(magnitude) && magnitude > most) most = magnitude;
    }
    for (let at = 0; at < wide * high; at += 1) {
      const share = most === 0 ? 0 : Math.max(-1, Math.min(1, value(at) / most)) || 0;
      const hatched = share < 0 && (Math.floor(at / wide) + (at % wide)) % 3 === 0;
      const strength = hatched ? Math.abs(share) / 2 : Math.abs(share);
      const [r, g, b] = share < 0 ? palette.negative : palette.positive;
      const [r0, g0, b0] = palette.zero;
      image.data[4 * at] = r0 + (r - r0) * strength;
      image.data[4 * at + 1] = g0 + (g - g0) * strength;
      image.data[4 * at + 2] = b0 + (b - b0) * strength;
      image.data[4 * at + 3] = 255;
    }
    pen.putImageData(image, 0, 0);
    context.drawImage(small, x - size / 2, y - size / 2, size, size);
  }

  /**
   * One value, from -1 to 1, inside the circle of its unit.
   * @param {Place} place
   * @param {number} share
   * @param {Palette} palette
   */
  function disc({ x, y, size }, share, { positive, negative, zero }) {
    if (!context || !Number.isFinite(share)) return;
    const [colour, strength] = [share < 0 ? negative : positive, Math.abs(share)];
    const css = (/** @type {number} */ much) =>
      `rgb(${zero.map((from, at) => from + (Number(colour[at]) - from) * much).join(' ')})`;
    context.save();
    context.beginPath();
    context.arc(x, y, size / 2, 0, 2 * Math.PI);
    context.clip();
    context.fillStyle = css(strength);
    context.fillRect(x - size / 2, y - size / 2, size, size);
    if (share < 0) {
      context.beginPath();
      context.strokeStyle = css(strength / 3);
      context.lineWidth = size / 12;
      for (let at = -size; at < size; at += size / 4) {
        context.moveTo(x + at, y + size / 2);
        context.lineTo(x + at + size, y - size / 2);
      }
      context.stroke();
    }
    context.restore();
  }

  return { clear, draw, disc };
}

/** @typedef {[number, number, number]} Colour */
/** @typedef {{ positive: Colour, negative: Colour, zero: Colour }} Palette */

/** @param {Element} element @returns {Palette} */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => /** @type {Colour} */ (
    [1, 3, 5].map((at) => Number.parseInt(style.getPropertyValue(name).trim().slice(at, at + 2), 16))
  ); // prettier-ignore
  return { positive: colour('--positive'), negative: colour('--negative'), zero: colour('--raised') };
}

/**
 * The values of a layer for every point of a grid: how many units, and which is whose.
 * @param {Activation[]} layers
 * @param {number | undefined} layer
 */
export const layerOf = (layers, layer) => layers.find(({ name }) => name === String(layer));
