// How wide the columns of the grid are: as wide as their names and the values in them that have been on the screen.

import { roleOf } from '../table.js';
import { textWidth } from '../numbers.js';

/** @import { Table } from '../table.js' */

/** So many digits wide is a column at most; what is longer is cut, and its title has it whole. */
const MOST = { name: 9, value: 12 };
const LEAST = 3;
/** The arrow before the name of a target, and the sign before a class. */
const SIGN = 2;
/** Signs that are narrower than a digit, and the part of its width that they have at most in the fonts of pages. */
const NARROW = /[ .,:;'()Ifijlrt-]/g;
const NARROWER = 0.6;

/** How wide a value is, in digits. @param {string} text */
const valueWidth = (text) => textWidth(text) - (1 - NARROWER) * (text.match(NARROW)?.length ?? 0);

/** A name in the parts that may stand in lines of their own. @param {string} name */
export const partsOf = (name) => name.split(/(?<=[\s_./-])/);

/** A name has two lines. @param {string} name */
const nameWidth = (name) => Math.max(textWidth(name) / 2, ...partsOf(name).map(textWidth));

/** @param {HTMLElement} grid */
export function createColumnWidths(grid) {
  /** @type {number[]} */
  let widths = [];
  let targets = 0;
  let sign = 0;
  let grown = false;

  /** @param {number} column */
  const isTarget = (column) => column >= widths.length - targets;

  return {
    /**
     * Other columns: what is known of them are their names.
     * @param {Table} table
     * @param {boolean} classes whether the targets are class indices
     */
    begin(table, classes) {
      widths = [...table.inputs, ...table.targets].map((name, column) => {
        const arrow = roleOf(table, column) === 'target' ? SIGN : 0;
        return Math.max(LEAST, Math.min(MOST.name, nameWidth(name)) + arrow);
      });
      targets = table.targets.length;
      sign = classes ? SIGN : 0;
      grown = true;
    },
    /**
     * A value that is shown.
     * @param {number} column
     * @param {string} text
     */
    see(column, text) {
      const width = Math.min(MOST.value, valueWidth(text)) + (isTarget(column) ? sign : 0);
      if (width <= (widths[column] ?? 0)) return;
      widths[column] = width;
      grown = true;
    },
    /** Gives the grid the widths; whether they are others than before. */
    apply() {
      if (!grown) return false;
      grown = false;
      const tracks = widths.map((width) => `minmax(calc(${width.toFixed(2)}ch + var(--cell-space)), 1fr)`);
      const sum = widths.reduce((total, width) => total + width, 0);
      grid.style.setProperty('--columns', tracks.join(' '));
      grid.style.setProperty('--digits', sum.toFixed(2));
      grid.style.setProperty('--count', String(widths.length));
      grid.style.setProperty('--target-digits', (widths.at(-1) ?? 0).toFixed(2));
      return true;
    },
  };
}
