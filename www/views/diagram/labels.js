// The texts of a diagram: a title above each column, and names beside what goes in and comes out.

import { svg } from '../../dom.js';
import { textWidth } from '../../numbers.js';
import { unitsOf } from './columns.js';

/** @import { Column } from './columns.js' */
/** @import { Layout } from './layout.js' */

/**
 * @param {Column[]} columns
 * @param {Layout} layout
 */
export function createLabels(columns, layout) {
  return columns.flatMap((column, at) => [
    ...(layout.hasNames(at) ? unitsOf(column).map((unit) => nameOf(column, at, unit)) : []),
    ...titleOf(column, at),
  ]);

  /**
   * @param {Column} column
   * @param {number} at
   * @param {number} unit
   */
  function nameOf(column, at, unit) {
    const beside = layout.besideOf(column);
    const props = {
      class: 'unit-name',
      x: layout.middle(at) + (at === 0 ? -beside : beside),
      y: layout.y(at, unit) + 4 * layout.scale,
      'text-anchor': at === 0 ? 'end' : 'start',
    };
    const name = column.unit(unit);
    return text(props, shorten(name, layout.lettersAt(at)), name);
  }

  /** @param {Column} column @param {number} at */
  function titleOf(column, at) {
    const [first, last] = [at === 0, at === columns.length - 1];
    const middle = layout.middle(at);
    const x = first
      ? Math.max(0, middle - layout.outwards)
      : last
        ? Math.min(layout.width, middle + layout.outwards)
        : middle;
    const lines = layout.titles[at] ?? [];
    return lines.map((line, index) => {
      const props = {
        class: 'column-title',
        x,
        y: (index + 1) * layout.line,
        'text-anchor': first ? 'start' : last ? 'end' : 'middle',
      };
      return text(props, line, lines.some((one) => one.endsWith('…')) ? column.title : line);
    });
  }
}

/**
 * A text that is read whole where the pointer rests, if it has been cut.
 * @param {Record<string, unknown>} props
 * @param {string} shown
 * @param {string} [whole]
 */
const text = (props, shown, whole = shown) =>
  svg('text', props, shown, ...(whole === shown ? [] : [svg('title', {}, whole)]));

/**
 * A title in as many lines as it needs: its parts are not taken apart, but cut where one is wider than a line.
 * @param {string} title
 * @param {number} letters in a line
 */
export function wrapTitle(title, letters) {
  /** @type {string[]} */
  const lines = [];
  for (const part of title.split(' · ')) {
    const joined = lines.length > 0 ? `${lines.at(-1)} · ${part}` : part;
    if (lines.length > 0 && textWidth(joined) <= letters) lines[lines.length - 1] = joined;
    else lines.push(shorten(part, letters));
  }
  return lines;
}

/**
 * @param {string} name
 * @param {number} most letters that there is room for
 */
function shorten(name, most) {
  if (textWidth(name) <= most) return name;
  const letters = [...name];
  while (letters.length > 1 && textWidth(letters.join('')) > most - 1) letters.pop();
  return `${letters.join('').trimEnd()}…`;
}
