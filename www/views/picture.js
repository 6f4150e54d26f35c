// A small picture of numbers, in the page's ink.

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values row by row
 * @param {{ width: number, height: number, top: number }} size `top` is the value of full ink
 */
export function paintPicture(canvas, values, { width, height, top }) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return;
  const ink = getComputedStyle(document.documentElement).getPropertyValue('--ink').trim();
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(ink.slice(at, at + 2), 16));
  const image = context.createImageData(width, height);
  for (let at = 0; at < width * height; at += 1) {
    const share = Math.max(0, Math.min(1, (values[at] ?? 0) / (top || 1)));
    image.data.set([red ?? 0, green ?? 0, blue ?? 0, Math.round(255 * share)], 4 * at);
  }
  context.putImageData(image, 0, 0);
}
