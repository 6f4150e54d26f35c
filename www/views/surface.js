// A canvas that fills its box, as crisp as the screen, redrawn when what it shows or its size changes.

import { h } from '../dom.js';
import { isDark } from '../theme.js';

/** The page's text on most screens, in pixels. */
const TEXT = 13;

/**
 * @param {() => void} resized
 * @param {Record<string, unknown>} props of the canvas
 */
export function createSurface(resized, props = {}) {
  const canvas = h('canvas', { class: 'surface', ...props });
  const box = h('div', { class: 'chart' }, canvas);
  // Asking in every frame would make the browser lay the page out once more each time.
  const room = { width: 0, height: 0, scale: 1 };
  new ResizeObserver(() => {
    room.width = box.clientWidth;
    room.height = box.clientHeight;
    // Where the page's text is larger, the drawing's is.
    room.scale = Number.parseFloat(getComputedStyle(box).fontSize) / TEXT;
    resized();
  }).observe(box);
  let last = /** @type {unknown[]} */ ([]);

  return {
    box,
    canvas,
    room,
    /** The size for a saved picture. @returns {[number, number]} */
    get size() {
      return [room.width || 440, room.height || 320];
    },
    /**
     * Draws, if there is room and anything is new.
     * @param {unknown[]} what all that the drawing depends on
     * @param {(canvas: HTMLCanvasElement, ratio: number) => void} draw
     */
    draw(what, draw) {
      if (room.width === 0 || room.height === 0) return;
      const ratio = globalThis.devicePixelRatio || 1;
      const now = [...what, room.width, room.height, room.scale, ratio, isDark()];
      if (now.length === last.length && now.every((value, at) => Object.is(value, last[at]))) return;
      last = now;
      const [width, height] = [Math.round(room.width * ratio), Math.round(room.height * ratio)];
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
      draw(canvas, ratio);
    },
  };
}

/** @type {{ dark: boolean, colors: Map<string, string> }} */
let cache = { dark: false, colors: new Map() };

/**
 * A colour of the page's own.
 * @param {string} name without the dashes: `ink-2`
 */
export function themeColor(name) {
  if (cache.dark !== isDark()) cache = { dark: isDark(), colors: new Map() };
  const known = cache.colors.get(name);
  if (known) return known;
  const color = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  cache.colors.set(name, color);
  return color;
}

/**
 * Red, green and blue of a colour of the page's own, 0 to 255.
 * @param {string} name
 * @returns {[number, number, number]}
 */
export function rgbOf(name) {
  const hex = themeColor(name).replace('#', '');
  const part = (/** @type {number} */ at) => Number.parseInt(hex.slice(at, at + 2), 16);
  return [part(0), part(2), part(4)];
}

/**
 * Red, green and blue between two colours of the page's own.
 * @param {string} from
 * @param {string} to
 * @param {number} share of the second, 0 to 1
 */
export function between(from, to, share) {
  const second = rgbOf(to);
  return rgbOf(from).map((value, at) => value + (Number(second[at]) - value) * share);
}

/** @param {HTMLCanvasElement} canvas */
export function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
}

export const FONT = 'system-ui, sans-serif';

/** How the lines of other runs are dashed, as the charts do it: crate/src/plot/curves.rs. */
const DASHES = [[6, 3.5], [1.5, 2.5], [12, 4], [3, 5]]; // prettier-ignore

/** And that of the validation. */
export const VALIDATION_DASH = [8, 3];

/**
 * The look of another run's line.
 * @param {number} number
 */
export const runLook = (number) => ({
  color: themeColor(`run-${number % 6}`),
  dash: DASHES[number % 4] ?? [],
});
