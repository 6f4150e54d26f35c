// A chart that is read at one place of its axis, with the mouse, a finger or the arrow keys: a slider, whose value is
// what is there in words.

import { setAttribute } from '../dom.js';
import { placeByKey } from './curves/keys.js';
import { createSurface } from './surface.js';

/**
 * @typedef {object} Axis
 * @property {ArrayLike<number>} places what can be read, in the order of the axis
 * @property {(x: number) => number} valueAt what is at a place on the canvas, in pixels
 */

/**
 * @param {() => void} redraw
 * @param {string} label
 */
export function createReader(redraw, label) {
  const surface = createSurface(redraw, {
    tabindex: '0',
    role: 'slider',
    'aria-label': label,
    'aria-orientation': 'horizontal',
    // Until it is drawn for the first time.
    'aria-valuenow': 0,
    'aria-valuemax': 0,
    onpointermove: readAt,
    onpointerdown: readAt,
    // A finger that is lifted has left, too; the value it has found stays.
    onpointerleave: (/** @type {PointerEvent} */ event) => event.pointerType === 'mouse' && point(undefined),
    onblur: () => point(undefined),
    onkeydown,
  });
  /** @type {Axis} */
  let axis = { places: [], valueAt: () => 0 };
  /** @type {number | undefined} */
  let cursor;
  /** What the words were of. @type {number | undefined} */
  let told;

  /** @param {number | undefined} value */
  function point(value) {
    cursor = value;
    redraw();
  }

  /** @param {PointerEvent} event */
  function readAt({ offsetX }) {
    if (axis.places.length > 0) point(axis.valueAt(offsetX));
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const last = axis.places.length - 1;
    if (event.key === 'Escape') point(undefined);
    if (last < 0) return;
    const page = Math.max(1, Math.round(last / 10));
    const to = placeByKey(event.key, at(), { first: 0, last, one: 1, page });
    if (to === undefined) return;
    event.preventDefault();
    point(axis.places[to]);
  }

  /** Which of the places is read. */
  function at() {
    const wanted = cursor;
    if (wanted === undefined || axis.places.length === 0) return undefined;
    const away = Array.from(axis.places, (place) => Math.abs(place - wanted));
    return away.indexOf(Math.min(...away));
  }

  return {
    surface,
    /**
     * What is read of it now: the index of a place.
     * @param {Axis} now
     */
    read(now) {
      axis = now;
      return at();
    },
    /**
     * Says it. While it changes by itself, a reader is told only where they have moved.
     * @param {string} text
     * @param {boolean} isMoving
     */
    tell(text, isMoving) {
      const { canvas } = surface;
      const count = axis.places.length;
      setAttribute(canvas, 'aria-valuemin', Math.min(1, count));
      setAttribute(canvas, 'aria-valuemax', count);
      setAttribute(canvas, 'aria-valuenow', (at() ?? count - 1) + 1);
      if (isMoving && told === cursor && canvas.hasAttribute('aria-valuetext')) return;
      told = cursor;
      setAttribute(canvas, 'aria-valuetext', text);
    },
  };
}
