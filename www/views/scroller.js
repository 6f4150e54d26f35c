// A place that scrolls sideways, with a shadow at each edge behind which there is more.

import { h } from '../dom.js';

/** @param {HTMLElement} content */
export function scroller(content) {
  const inner = h('div', { class: 'scroll-x', onscroll: look }, content);
  const frame = h('div', { class: 'scroll-frame' }, inner);
  function look() {
    const { scrollLeft, scrollWidth, clientWidth } = inner;
    frame.classList.toggle('more-before', scrollLeft > 1);
    frame.classList.toggle('more-after', scrollLeft + clientWidth < scrollWidth - 1);
  }
  const sizes = new ResizeObserver(look);
  sizes.observe(inner);
  sizes.observe(content);
  return frame;
}
