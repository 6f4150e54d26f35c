// Drawings for files, with what their lines mean; and drawings as SVG: what is drawn on a canvas, by the module or by the page, is noted down instead. The canvas's own
// context keeps the state (styles, transforms); only what would put pixels there is replaced.

import { canvasFor, recordings } from './canvases.js';
import { markPath } from './marks.js';
import { FONT, contextOf, themeColor } from './views/surface.js';

/** @import { LegendItem, Picture } from './views/save.js' */

const shown = (/** @type {number} */ value) => String(Math.round(value * 100) / 100);
const escaped = (/** @type {string} */ text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * A canvas whose drawing is noted down, and what has become of it.
 * @param {number} width
 * @param {number} height
 * @param {string} surface the colour below everything
 */
export function createRecorder(width, height, surface) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  /** @type {string[]} */
  let elements = [];
  let path = '';

  /** @param {number} x @param {number} y */
  function at(x, y) {
    const { a, b, c, d, e, f } = context.getTransform();
    return `${shown(a * x + c * y + e)} ${shown(b * x + d * y + f)}`;
  }
  const scale = () => {
    const { a, b } = context.getTransform();
    return Math.hypot(a, b);
  };

  /** @param {string} name @param {string | CanvasGradient | CanvasPattern} style */
  function color(name, style) {
    const parts = /^rgba\((\d+), (\d+), (\d+), ([\d.]+)\)$/.exec(String(style));
    const alpha = (parts ? Number(parts[4]) : 1) * context.globalAlpha;
    const plain = parts ? `rgb(${parts[1]},${parts[2]},${parts[3]})` : String(style);
    return `${name}="${plain}"${alpha < 1 ? ` ${name}-opacity="${shown(alpha)}"` : ''}`;
  }

  /** @param {string} shape */
  const filled = (shape) => elements.push(`<path d="${shape}" ${color('fill', context.fillStyle)}/>`);
  /** @param {string} shape */
  function stroked(shape) {
    const dash = context.getLineDash().map((part) => shown(part * scale()));
    const dashed = dash.length > 0 ? ` stroke-dasharray="${dash.join(' ')}"` : '';
    const look = `stroke-width="${shown(context.lineWidth * scale())}" stroke-linejoin="${context.lineJoin}"`;
    elements.push(
      `<path d="${shape}" fill="none" ${color('stroke', context.strokeStyle)} ${look}${dashed}/>`,
    );
  }
  /** @type {(x: number, y: number, w: number, h: number) => string} */
  const box = (x, y, w, h) => `M${at(x, y)}L${at(x + w, y)}L${at(x + w, y + h)}L${at(x, y + h)}Z`;

  Object.assign(context, {
    clearRect() {
      elements = [];
    },
    beginPath() {
      path = '';
    },
    /** @type {(x: number, y: number) => void} */
    moveTo(x, y) {
      path += `M${at(x, y)}`;
    },
    /** @type {(x: number, y: number) => void} */
    lineTo(x, y) {
      path += `${path ? 'L' : 'M'}${at(x, y)}`;
    },
    /** @type {(x1: number, y1: number, x2: number, y2: number, x: number, y: number) => void} */
    bezierCurveTo(x1, y1, x2, y2, x, y) {
      path += `C${at(x1, y1)} ${at(x2, y2)} ${at(x, y)}`;
    },
    closePath() {
      path += 'Z';
    },
    /** @type {(x: number, y: number, w: number, h: number) => void} */
    rect(x, y, w, h) {
      path += box(x, y, w, h);
    },
    /** @type {(x: number, y: number, r: number, from: number, to: number) => void} */
    arc(x, y, r) {
      // Only whole circles are drawn.
      const radius = shown(r * scale());
      path += `M${at(x - r, y)}A${radius} ${radius} 0 1 0 ${at(x + r, y)}A${radius} ${radius} 0 1 0 ${at(x - r, y)}Z`;
    },
    fill() {
      filled(path);
    },
    stroke() {
      stroked(path);
    },
    /** @type {(x: number, y: number, w: number, h: number) => void} */
    fillRect(x, y, w, h) {
      filled(box(x, y, w, h));
    },
    /** @type {(x: number, y: number, w: number, h: number) => void} */
    strokeRect(x, y, w, h) {
      stroked(box(x, y, w, h));
    },
    /** @type {(text: string, x: number, y: number) => void} */
    fillText(text, x, y) {
      const [, size = '12', family = 'sans-serif'] = /([\d.]+)px\s+(.*)$/.exec(context.font) ?? [];
      const pixels = Number(size) * scale();
      const below = { middle: 0.35, top: 0.8, hanging: 0.8, bottom: -0.2 }[String(context.textBaseline)] ?? 0;
      const anchor = { center: 'middle', right: 'end', end: 'end' }[String(context.textAlign)] ?? 'start';
      const [left = '0', top = '0'] = at(x, y).split(' ');
      const place = `x="${left}" y="${shown(Number(top) + below * pixels)}" text-anchor="${anchor}"`;
      const font = `font-size="${shown(pixels)}" font-family="${escaped(family)}"`;
      const weight = /\b(bold|[67]00)\b/.test(context.font) ? ' font-weight="600"' : '';
      elements.push(
        `<text ${place} ${font}${weight} ${color('fill', context.fillStyle)}>${escaped(text)}</text>`,
      );
    },
    /** @type {(image: HTMLCanvasElement, x: number, y: number, w: number, h: number) => void} */
    drawImage(image, x, y, w, h) {
      const [left, top] = at(x, y).split(' ');
      const drawing = recordings.get(image);
      if (drawing) {
        const factor = (w * scale()) / image.width;
        const place = `transform="translate(${left} ${top}) scale(${shown(factor)})"`;
        elements.push(`<g ${place}>`, ...drawing.elements(), '</g>');
        return;
      }
      const smooth = context.imageSmoothingEnabled ? '' : ' style="image-rendering:pixelated"';
      const size = `width="${shown(w * scale())}" height="${shown(h * scale())}" preserveAspectRatio="none"`;
      elements.push(`<image x="${left}" y="${top}" ${size}${smooth} href="${image.toDataURL()}"/>`);
    },
  });

  recordings.set(canvas, {
    child: (childWidth, childHeight) => createRecorder(childWidth, childHeight, surface).canvas,
    elements: () => elements,
  });

  return {
    canvas,
    /** The drawing so far. */
    svg() {
      const head = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`;
      const below = `<rect width="${width}" height="${height}" fill="${surface}"/>`;
      return [head, below, ...elements, '</svg>', ''].join('\n');
    },
  };
}

/** How high a line of the legend is, and how wide a letter at most. */
const LINE = 22;
const LETTER = 7.2;

/** Where each item of a legend stands. @param {LegendItem[]} items @param {number} width */
function placesOf(items, width) {
  let [x, y] = [12, 0];
  return items.map((item) => {
    const size = 34 + [...item.text].reduce((sum, sign) => sum + (sign > '\u2e80' ? 12.5 : LETTER), 0);
    if (x > 12 && x + size > width) [x, y] = [12, y + LINE];
    const place = { item, x, y };
    x += size;
    return place;
  });
}

/** @param {Picture} picture */
export function heightOf({ size: [width, height], legend }) {
  const last = placesOf(legend?.() ?? [], width).at(-1);
  return height + (last ? last.y + LINE + 8 : 0);
}

/**
 * The drawing, and its legend below.
 * @param {Picture} picture
 * @param {HTMLCanvasElement} canvas
 * @param {number} ratio
 */
export function paintWhole({ size: [width, height], draw, legend }, canvas, ratio) {
  const drawing = canvasFor(canvas, width * ratio, height * ratio);
  draw(drawing, ratio);
  const context = contextOf(canvas);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(drawing, 0, 0, drawing.width, drawing.height);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = `12px ${FONT}`;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const { item, x, y } of placesOf(legend?.() ?? [], width)) {
    const middle = height + y + LINE / 2;
    context.strokeStyle = item.color;
    context.lineWidth = item.width ?? 1.5;
    if (item.mark === undefined) {
      context.setLineDash(item.dash ?? []);
      context.beginPath();
      context.moveTo(x, middle);
      context.lineTo(x + 18, middle);
      context.stroke();
      context.setLineDash([]);
    } else {
      markPath(context, item.mark, x + 9, middle, 4.5);
      context.fillStyle = item.hollow ? themeColor('surface') : item.color;
      context.fill();
      context.stroke();
    }
    context.fillStyle = themeColor('ink');
    context.fillText(item.text, x + 24, middle);
  }
}
