// How wide the columns of the grid are: as wide as their names and the values in them that have been on the screen.

import { h } from '../dom.js';
import { roleOf } from '../table.js';
import { textWidth } from '../numbers.js';

/** @import { Table } from '../table.js' */

/** So many digits wide is a column at most; what is longer is cut, and its title has it whole. */
const MOST = { name: 10, value: 12 };
const LEAST = { column: 3, prediction: 7 };
/** The arrow before the name of a target, and the sign before a class. */
const SIGN = 2;
/** Signs that are narrower than a digit, and the part of its width that they have at most in the fonts of pages. */
const NARROW = /[ .,:;'()Ifijlrt-]/g;
const NARROWER = 0.6;
/** Signs that are wider than a digit, and how much bolder ones are. */
const WIDE = /[mwMW=+%@]/g;
const WIDER = 1.4;
const BOLDER = 1.15;

/** @param {string} text @param {RegExp} signs */
const count = (text, signs) => text.match(signs)?.length ?? 0;

/** How wide a text is, in digits. @param {string} text */
const widthOf = (text) =>
  textWidth(text) - (1 - NARROWER) * count(text, NARROW) + (WIDER - 1) * count(text, WIDE);

/** A name in the parts that may stand in lines of their own. @param {string} name */
const partsOf = (name) => name.split(/(?<=[\s_./=-])/);

/** A name that may have several lines. @param {string} name */
export const breakable = (name) =>
  partsOf(name).flatMap((part, at) => (at === 0 ? [part] : [h('wbr'), part]));

/** A name has two lines, and no word in both of them. @param {string} name */
const nameWidth = (name) => BOLDER * Math.max(widthOf(name) / 2, ...partsOf(name).map(widthOf));

/** @param {HTMLElement} grid */
export function createColumnWidths(grid) {
  /** @type {number[]} */
  let widths = [];
  let prediction = LEAST.prediction;
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
        return Math.max(LEAST.column, Math.min(MOST.name, nameWidth(name)) + arrow);
      });
      prediction = LEAST.prediction;
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
      const width = Math.min(MOST.value, widthOf(text)) + (isTarget(column) ? sign : 0);
      if (width <= (widths[column] ?? 0)) return;
      widths[column] = width;
      grown = true;
    },
    /** A number that is predicted: its columns are alike. @param {string} text */
    predict(text) {
      const width = Math.min(MOST.value, widthOf(text));
      if (width <= prediction) return;
      prediction = width;
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
      grid.style.setProperty('--number-digits', prediction.toFixed(2));
      grid.style.setProperty('--target-digits', (widths.at(-1) ?? 0).toFixed(2));
      return true;
    },
  };
}
