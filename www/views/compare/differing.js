// In which fields of their documents runs differ.

import { same } from '../../difference.js';
import { withSchedule } from '../../edits.js';
import { OPTIMIZERS } from '../../experiment.js';

/** @import { Experiment } from '../../experiment.js' */
/** @import { Row } from './rows.js' */

/**
 * The fields in which runs differ, with each run's value: null where it has none.
 * @param {Row[]} rows
 * @returns {{ path: string, values: Map<number, unknown> }[]}
 */
export function differences(rows) {
  /** @type {Map<string, Map<number, unknown>>} */
  const all = new Map();
  for (const { id, document } of rows) {
    for (const [path, value] of flattened(document)) {
      const values = all.get(path) ?? new Map();
      values.set(id, value);
      all.set(path, values);
    }
  }
  /** @type {{ path: string, values: Map<number, unknown> }[]} */
  const found = [];
  for (const [path, some] of all) {
    const values = new Map(rows.map(({ id }) => [id, some.get(id) ?? null]));
    const [first] = values.values();
    if ([...values.values()].every((value) => same(value, first))) continue;
    found.push({ path, values: path === 'data' ? lettersOf(values) : values });
  }
  return found;
}

/**
 * Those that say more than the type of an optimizer or of a schedule does: options that only some of the types have, at
 * what these begin with, would hide the figures.
 * @param {Row[]} rows
 * @param {{ path: string, values: Map<number, unknown> }[]} differing
 */
export const telling = (rows, differing) =>
  differing.filter(({ path, values }) => {
    const having = rows.filter(({ id }) => values.get(id) !== null);
    return having.length === rows.length || having.some(({ document }) => !isUsual(document, path));
  });

/**
 * @param {Experiment} document
 * @param {string} path
 */
function isUsual(document, path) {
  const { optimizer, schedule } = document;
  const [whole, name = ''] = path.split('.');
  if (whole === 'optimizer') return same(optimizer[name], OPTIMIZERS[optimizer.type]?.[name]);
  if (whole !== 'schedule' || !schedule || name === 'type') return false;
  return schedule[name] === withSchedule(document, schedule.type).schedule?.[name];
}

/**
 * Data are too long to be shown: equal ones have the same letter.
 * @param {Map<number, unknown>} values
 * @returns {Map<number, unknown>}
 */
function lettersOf(values) {
  /** @type {unknown[]} */
  const kinds = [];
  return new Map(
    [...values].map(([id, value]) => {
      let kind = kinds.findIndex((other) => same(other, value));
      if (kind < 0) kind = kinds.push(value) - 1;
      return [id, String.fromCharCode(65 + kind)];
    }),
  );
}

/** Fields that say nothing about the training. */
const APART = new Set(['version', 'title', 'predict', 'compare', 'device', 'extra']);
/** Fields with parts, all of which are missing where there is none. */
const OPTIONAL = new Set(['schedule', 'stop']);

/**
 * The fields of a document one by one: the optimizer, the schedule and the loss in their parts, the network as one text.
 * @param {Experiment} document
 * @returns {Generator<[string, unknown]>}
 */
function* flattened(document) {
  for (const [name, value] of Object.entries(document)) {
    if (APART.has(name) || (OPTIONAL.has(name) && value === null)) continue;
    if (name === 'model') yield ['model', modelText(document)];
    else if (name !== 'data' && value !== null && typeof value === 'object' && !Array.isArray(value))
      for (const [inner, part] of Object.entries(value))
        yield [`${name}.${inner}`, part !== null && typeof part === 'object' ? JSON.stringify(part) : part];
    else yield [name, value];
  }
}

/** @param {Experiment} document */
function modelText({ model }) {
  return model
    .map(({ type, ...options }) => {
      const { init, bias: _, ...rest } = options;
      const shown = Object.values(rest).filter((value) => typeof value === 'number');
      const how = init !== undefined && init !== 'default' ? [typeof init === 'string' ? init : 'given'] : [];
      return [type, ...shown, ...how].join(' ');
    })
    .join(' → ');
}
