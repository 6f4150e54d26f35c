// A small picture of numbers, in the page's ink.

import { rgbOf } from './surface.js';

const canvas = document.createElement('canvas');

/**
 * Its address, for an image: a canvas in the page is a layer of its own, and dozens of them make every frame dear.
 * @param {ArrayLike<number>} values row by row
 * @param {{ width: number, height: number, top: number }} size `top` is the value of full ink
 */
export function pictureOf(values, { width, height, top }) {
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d');
  if (!context) return '';
  const ink = rgbOf('ink');
  const image = context.createImageData(width, height);
  for (let at = 0; at < width * height; at += 1) {
    const share = Math.max(0, Math.min(1, (values[at] ?? 0) / (top || 1)));
    image.data.set([...ink, Math.round(255 * share)], 4 * at);
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}
