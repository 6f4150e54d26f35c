// Fingers on the curves: one moves the part that is shown, two stretch it. Where all is shown, one finger reads.

import { rangeUnder } from './geometry.js';

/** @import { CurvesGeometry } from '../../gradus.js' */
/** @import { Moved } from './geometry.js' */

/** A finger that moves less than this, in pixels, is one that taps. */
const TAP = 6;

/**
 * @param {object} chart
 * @param {() => CurvesGeometry | undefined} chart.geometry as it is drawn now
 * @param {() => boolean} chart.isPart whether there is more than is shown
 * @param {() => boolean} chart.isLog whether its axis is logarithmic
 * @param {(range: [number, number]) => void} chart.move shows another part
 * @param {() => void} chart.moved called once the fingers have left
 */
export function createFingers({ geometry, isPart, isLog, move, moved }) {
  /** By the number of their pointer. @type {Map<number, Moved>} */
  const fingers = new Map();
  /** What was drawn when the last finger came or left. @type {CurvesGeometry | undefined} */
  let before;
  let isMoving = false;

  function begin() {
    before = geometry();
    for (const finger of fingers.values()) finger.from = finger.to;
  }

  return {
    /** @param {PointerEvent} event */
    down({ pointerId, offsetX }) {
      fingers.set(pointerId, { from: offsetX, to: offsetX });
      begin();
    },

    /** Whether the fingers move what is shown, and none reads it. @param {PointerEvent} event */
    move({ pointerId, offsetX }) {
      const finger = fingers.get(pointerId);
      if (!finger || !before) return false;
      finger.to = offsetX;
      const all = [...fingers.values()];
      if (all.length === 1 && !isPart()) return false;
      isMoving ||= all.some(({ from, to }) => Math.abs(to - from) >= TAP);
      if (isMoving) move(rangeUnder(before, isLog(), all));
      return isMoving || all.length > 1;
    },

    /** It has been lifted, or scrolls the page. @param {PointerEvent} event */
    up({ pointerId }) {
      if (!fingers.delete(pointerId)) return;
      begin();
      if (fingers.size > 0 || !isMoving) return;
      isMoving = false;
      moved();
    },
  };
}
