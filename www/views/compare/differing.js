// In which fields of their documents runs differ, and what the page calls them.

import { same } from '../../difference.js';
import { format, has, t } from '../../i18n.js';
import { plain } from '../../numbers.js';

/** @import { Experiment } from '../../experiment.js' */
/** @import { Row } from './rows.js' */

/** Fields that are not called by their own name somewhere on the page. */
const TEXTS = /** @type {Record<string, string>} */ ({
  'optimizer.type': 'training.optimizer',
  'optimizer.lr': 'training.lr',
  'schedule.type': 'training.schedule',
  'loss.type': 'training.loss',
  activation: 'sweep.activation',
  epochs: 'training.epochs',
  batch_size: 'training.batch',
  seed: 'training.seed',
  shuffle: 'runs.shuffle',
  standardize: 'data.standardize',
  data: 'data.title',
  validation: 'data.validation',
  model: 'network.title',
});

/** Fields whose own names say little without the name of what they are a part of. */
const PARTS = /^(schedule|stop)\./;

/** How the page calls a field of the document: as the forms do. @param {string} path */
export function fieldName(path) {
  const [, layer, option] = /^model\[(\d+)\]\.(\w+)$/.exec(path) ?? [];
  if (option) return t('option.of', { layer: Number(layer) + 1, option: t(`option.${option}`) });
  const [, beta] = /^optimizer\.betas\[(\d)\]$/.exec(path) ?? [];
  if (beta) return t(`optimizer.beta${Number(beta) + 1}`);
  if (path === 'optimizer.betas') return ['beta1', 'beta2'].map((beta) => t(`optimizer.${beta}`)).join(', ');
  const key = TEXTS[path] ?? path;
  const name = has(key) ? t(key) : path;
  const whole = key === path ? PARTS.exec(path)?.[1] : undefined;
  return whole ? t('runs.part', { whole: t(`training.${whole}`), part: name }) : name;
}

/** The same above a column of the table, where there is little room. @param {string} path */
export const fieldHead = (path) => (has(`runs.short.${path}`) ? t(`runs.short.${path}`) : fieldName(path));

/** A value for people, as the forms show it. @param {string} path @param {unknown} value */
export function valueShown(path, value) {
  if (typeof value === 'boolean') return value ? '✓' : '–';
  if (typeof value === 'number' && path === 'validation') return format.share(value);
  // A seed is a name rather than an amount.
  if (Number.isInteger(value) && path !== 'seed') return format.whole(Number(value));
  if (path === 'loss.type') return t(`loss.${value}`);
  if (path === 'optimizer.type') return t(`optimizer.${value}`);
  if (path === 'schedule.type') return t(`schedule.${value ?? 'constant'}`);
  return valueText(value);
}

/** A choice of a comparison, as the forms call it. @param {string} path @param {string} value */
export const choiceName = (path, value) =>
  path === 'activation'
    ? t(`activation.${value}`)
    : path === 'shuffle'
      ? t(`sweep.${value}`)
      : valueShown(path, value);

/** A value as documents have it. @param {unknown} value */
export const valueText = (value) =>
  value === null ? '–' : typeof value === 'number' ? plain(value) : String(value);

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
