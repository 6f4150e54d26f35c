// What the plane's brush paints: a class, or the values of the target columns that are on no axis.

import { button, h, setAttribute, svg } from '../dom.js';
import { classLabel, classTitle } from '../classes.js';
import { columnsOf } from '../experiment.js';
import { t } from '../i18n.js';
import { brief } from '../numbers.js';
import { shapeOf } from '../plane.js';
import { names } from '../table.js';
import { numberField } from './fields.js';

/** @import { App } from '../app.js' */
/** @import { Table } from '../table.js' */

const MOST_CLASSES = 10;

/**
 * @typedef {object} Painted what there is to paint for
 * @property {Table} table
 * @property {number} classes 0 where the target is no class
 * @property {{ value: number }[]} points
 * @property {number[]} given the columns that the brush gives
 */

/**
 * @param {App} app
 * @param {() => void} taken called when a class is chosen by its button
 */
export function createBrush(app, taken) {
  const { store, announce } = app;
  const element = h('div', { class: 'plane-brush' });
  /** @type {Painted} */
  let painted = { table: { inputs: [], targets: [], rows: [] }, classes: 0, points: [], given: [] };
  let chosen = 0;
  /** @type {number[]} */
  let values = [];
  let key = '';

  /** How many classes there are to choose from: with cross-entropy one more than there are. */
  function offered() {
    if (painted.classes === 0) return 0;
    const { document } = store.state;
    if (document.loss.type !== 'cross_entropy') return 2;
    const present = painted.points.reduce((most, { value }) => Math.max(most, value + 1), 2);
    const named = columnsOf(document.data).names.length;
    return Math.min(MOST_CLASSES, Math.max(present + 1, named));
  }

  /** @param {number} number */
  function choose(number) {
    chosen = number;
    for (const chip of element.querySelectorAll('[data-class]')) {
      setAttribute(chip, 'aria-pressed', String(chip.getAttribute('data-class') === String(number)));
    }
  }

  function classChips() {
    const chips = Array.from({ length: offered() }, (_, number) => {
      const chip = button({
        label: classTitle(store.state.document, number),
        class: 'chip-button',
        onclick: () => {
          choose(number);
          taken();
        },
      });
      setAttribute(chip, 'data-class', number);
      chip.append(
        svg(
          'svg',
          { class: 'point-shape', viewBox: '-1.4 -1.4 2.8 2.8', 'aria-hidden': 'true' },
          svg('path', { d: shapeOf(number) }),
        ),
        classLabel(store.state.document, number),
      );
      return chip;
    });
    element.replaceChildren(
      h('div', { class: 'chips', role: 'group', 'aria-label': t('plane.brushClass') }, ...chips),
    );
    choose(Math.min(chosen, offered() - 1));
  }

  function valueFields() {
    const { given, table } = painted;
    values = given.map((_, at) => values[at] ?? 1);
    const fields = given.map((column, at) => {
      const name = String(names(table)[column]);
      const label = t('plane.brushValue', { name });
      const { input, message, update } = numberField(app, {
        label,
        read: () => values[at],
        take: (value) => (values[at] = Number(value)),
        format: brief,
      });
      update(store.state.document);
      return h('label', { class: 'option' }, label, input, message);
    });
    element.replaceChildren(...fields);
  }

  return {
    element,

    /** What a painted point has in each column that the brush gives. */
    get values() {
      return painted.classes > 0 ? [chosen] : values;
    },

    /** A class is chosen by its digit. @param {number} number */
    choose(number) {
      if (number >= offered()) return;
      choose(number);
      announce(classTitle(store.state.document, number));
    },

    /** @param {Painted} next */
    update(next) {
      painted = next;
      const { inputs, targets, classes } = next.table;
      const now = JSON.stringify([next.classes > 0 && offered(), inputs, targets, classes]);
      if (now === key) return;
      key = now;
      if (next.classes > 0) classChips();
      else valueFields();
      element.classList.toggle('empty-brush', element.childElementCount === 0);
    },
  };
}
