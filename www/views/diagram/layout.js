// Where the columns of a diagram and their units lie, how large they are, and what room their texts have.

import { textWidth } from '../../numbers.js';
import { unitsOf } from './columns.js';
import { wrapTitle } from './labels.js';

/** @import { Column } from './columns.js' */

/** @typedef {ReturnType<typeof layoutOf>} Layout */

/** In units of the text: at 13 px, pixels. */
const LETTER = 6.7;
const LINE = 14;
const BELOW_TITLES = 16;
const BOTTOM = 8;
const LEAST_HEIGHT = 4 * 26;
/** Beside the first and the last column: for names, which have no more than this part of the width. */
const LEAST_MARGIN = 64;
const MOST_MARGIN = 0.28;
/** Between a unit and its name, and between two titles. */
const BESIDE = 6;
const BETWEEN_TITLES = 8;
/** How far the titles of the first and the last column reach outwards. */
const OUTWARDS = 60;
/** How many lie one above the other, at most, at which distance; and how large they are, with a map and without. */
const PITCHES = /** @type {const} */ ([
  { most: 8, plain: [26, 16], map: [36, 32] },
  { most: 16, plain: [26, 16], map: [26, 22] },
  { most: 32, plain: [17, 11], map: [17, 14] },
  { most: Infinity, plain: [11, 8], map: [11, 9] },
]);
/** Of more, names would lie on one another. */
const MOST_NAMES = 32;
/** More units than these are cells of one block, as large as it has room for: about as high as a column of eight. */
const MOST_APART = 64;
const BLOCK = { width: 56, height: 8 * 26 };
const CELLS = [12, 9, 6, 4, 3];

/** Whether the units of a column are so many that they lie side by side. @param {Column | undefined} column */
export const isBlock = (column) => Number(column?.size) > MOST_APART;

/**
 * How many units of a column lie side by side, and in how many lines.
 * @param {Column | undefined} column
 */
export function gridOf(column) {
  const size = column?.size ?? 1;
  if (!isBlock(column)) return { across: 1, lines: Math.max(1, size), cell: 0 };
  const acrossAt = (/** @type {number} */ cell) => Math.ceil(size / Math.floor(BLOCK.height / cell));
  const cell = CELLS.find((large) => acrossAt(large) * large <= BLOCK.width) ?? Number(CELLS.at(-1));
  const across = acrossAt(cell);
  return { across, lines: Math.ceil(size / across), cell };
}

/**
 * @param {Column[]} columns
 * @param {object} options
 * @param {number} options.width
 * @param {number} options.scale of the page's text
 * @param {boolean} options.withMaps whether each unit has a map of its output
 */
export function layoutOf(columns, { width, scale, withMaps }) {
  const last = columns.length - 1;

  /** Distance and size of what a column shows. @param {Column | undefined} column */
  function pitchOf(column) {
    const { cell, lines } = gridOf(column);
    if (cell > 0) return { apart: cell * scale, large: (cell - (cell > 4 ? 1 : 0)) * scale };
    const pitch = PITCHES.find(({ most }) => lines <= most) ?? PITCHES[3];
    const [apart, large] = withMaps || column?.kind === 'pictures' ? pitch.map : pitch.plain;
    return { apart: apart * scale, large: large * scale };
  }

  /** From the middle of a unit to its name. @param {Column} column */
  const besideOf = (column) => pitchOf(column).large / 2 + BESIDE * scale;

  /** Whether the names of a column's units stand beside them. @param {number} at */
  function hasNames(at) {
    const column = columns[at];
    return (at === 0 || at === last) && column?.kind === 'units' && column.size <= MOST_NAMES;
  }

  /** @param {number} at */
  function marginOf(at) {
    const least = LEAST_MARGIN * scale;
    const column = columns[at];
    if (!column || !hasNames(at)) return least;
    const widest = Math.max(...unitsOf(column).map((unit) => textWidth(column.unit(unit))));
    const wanted = besideOf(column) + widest * LETTER * scale;
    return Math.max(least, Math.min(wanted, MOST_MARGIN * width));
  }

  const [left, right] = [marginOf(0), marginOf(last)];
  const apart = (width - left - right) / Math.max(1, last);
  const titles = columns.map(({ title }, at) => {
    const room = at === 0 || at === last ? OUTWARDS * scale + apart / 2 : apart;
    return wrapTitle(title, Math.floor((room - BETWEEN_TITLES * scale) / (LETTER * scale)));
  });
  const top = (Math.max(1, ...titles.map(({ length }) => length)) * LINE + BELOW_TITLES) * scale;
  const inside = Math.max(
    LEAST_HEIGHT * scale,
    ...columns.map((column) => gridOf(column).lines * pitchOf(column).apart),
  );

  return {
    width,
    height: top + inside + BOTTOM * scale,
    scale,
    withMaps,
    titles,
    line: LINE * scale,
    outwards: OUTWARDS * scale,
    pitchOf,
    besideOf,
    hasNames,
    /** How many letters of a name there is room for. @param {number} at */
    lettersAt(at) {
      const column = columns[at];
      if (!column) return 0;
      return Math.floor(((at === 0 ? left : right) - besideOf(column)) / (LETTER * scale));
    },
    middle: (/** @type {number} */ at) => left + at * apart,
    /** @param {number} at @param {number} unit */
    x(at, unit) {
      const { across, cell } = gridOf(columns[at]);
      return left + at * apart + ((unit % across) - (across - 1) / 2) * cell * scale;
    },
    /** Units are spread over the height, cells of a block stay together. @param {number} at @param {number} unit */
    y(at, unit) {
      const { across, lines, cell } = gridOf(columns[at]);
      const step = cell * scale || inside / lines;
      return top + inside / 2 + (Math.floor(unit / across) + 0.5 - lines / 2) * step;
    },
  };
}
