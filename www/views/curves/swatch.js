// Pieces of curves, for legends.

import { h, svg } from '../../dom.js';

/**
 * A piece of a curve: `train`, `validation`, or `run 3`.
 * @param {string} id
 */
export function swatch(id) {
  const number = /^run (\d+)$/.exec(id)?.[1];
  if (number === undefined) return h('span', { class: `swatch ${id}` });
  const look = `run-c${Number(number) % 6} run-d${Number(number) % 4}`;
  return svg(
    'svg',
    { class: `run-swatch ${look}`, viewBox: '0 0 24 4', 'aria-hidden': 'true' },
    svg('path', { d: 'M0 2h24' }),
  );
}
