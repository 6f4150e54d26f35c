// The map of one unit, larger: beside the unit that is pointed at or focused, and with its weights.

import { h, setText } from '../../dom.js';
import { t } from '../../i18n.js';
import { brief } from '../../numbers.js';
import { createMaps } from './maps.js';

/** @import { Map } from './maps.js' */

/** Its side, in pixels of the page: the styles know it, too. */
const SIDE = 144;

export function createCloseUp() {
  const canvas = h('canvas', { class: 'close-up-map', 'aria-hidden': 'true' });
  const caption = h('figcaption', {});
  const element = h('figure', { class: 'close-up', hidden: true }, canvas, caption);
  const maps = createMaps(canvas);

  /**
   * @param {Map | undefined} map nothing hides it
   * @param {string} name
   */
  function show(map, name) {
    element.hidden = !map;
    if (!map) return;
    maps.clear(SIDE, SIDE);
    maps.draw({ x: SIDE / 2, y: SIDE / 2, size: SIDE }, map);
    const [low, high] = endsOf(map);
    setText(caption, t('diagram.range', { name, low: brief(low), high: brief(high) }));
  }

  return { element, show };
}

/** The least and the largest value of a map. @param {Map} map */
function endsOf({ wide, high, all, start, stride, middle = 0 }) {
  let [least, largest] = [Infinity, -Infinity];
  for (let at = 0, place = start; at < wide * high; at += 1, place += stride) {
    const value = Number(all[place]) + middle;
    [least, largest] = [Math.min(least, value), Math.max(largest, value)];
  }
  return /** @type {const} */ ([least, largest]);
}
