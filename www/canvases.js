// Canvases that are drawn beside the page's own: plain ones, or, below one whose drawing is noted down (recorder.js),
// such that their drawing is noted down, too.

/** @typedef {{ child: (width: number, height: number) => HTMLCanvasElement, elements: () => string[] }} Recording */

/** @type {WeakMap<HTMLCanvasElement, Recording>} */
export const recordings = new WeakMap();

/**
 * A canvas to draw something apart on, and then with `drawImage` onto `canvas`.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function canvasFor(canvas, width, height) {
  const recording = recordings.get(canvas);
  if (recording) return recording.child(width, height);
  const plain = document.createElement('canvas');
  plain.width = Math.round(width);
  plain.height = Math.round(height);
  return plain;
}
