// In which fields of their documents runs differ, and what the page calls them.

import { same } from '../../difference.js';
import { has, t } from '../../i18n.js';
import { plain } from '../../numbers.js';

/** @import { Experiment } from '../../experiment.js' */
/** @import { Row } from './rows.js' */

/** Fields that are not called by their own name somewhere on the page. */
const TEXTS = /** @type {Record<string, string>} */ ({
  'optimizer.type': 'training.optimizer',
  'optimizer.lr': 'training.lr',
  'schedule.type': 'training.schedule',
  schedule: 'training.schedule',
  'loss.type': 'training.loss',
  epochs: 'training.epochs',
  batch_size: 'training.batch',
  seed: 'training.seed',
  stop: 'training.stop',
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
  if (path === 'optimizer.betas') return ['beta1', 'beta2'].map((beta) => t(`optimizer.${beta}`)).join(', ');
  const key = TEXTS[path] ?? path;
  const name = has(key) ? t(key) : path;
  const whole = key === path ? PARTS.exec(path)?.[1] : undefined;
  return whole ? t('runs.part', { whole: t(`training.${whole}`), part: name }) : name;
}

/**
 * The fields in which runs differ, with each run's value.
 * @param {Row[]} rows
 * @returns {{ path: string, values: Map<number, string> }[]}
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
  /** @type {{ path: string, values: Map<number, string> }[]} */
  const found = [];
  for (const [path, values] of all) {
    const first = values.get(rows[0]?.id ?? 0);
    if (values.size === rows.length && [...values.values()].every((value) => same(value, first))) continue;
    found.push({ path, values: texts(path, values) });
  }
  return found;
}

/**
 * @param {string} path
 * @param {Map<number, unknown>} values
 * @returns {Map<number, string>}
 */
function texts(path, values) {
  /** Data are too long to be shown: equal ones have the same letter. @type {unknown[]} */
  const kinds = [];
  return new Map(
    [...values].map(([id, value]) => {
      if (path !== 'data')
        return [id, value === null ? '–' : typeof value === 'number' ? plain(value) : String(value)];
      let kind = kinds.findIndex((other) => same(other, value));
      if (kind < 0) kind = kinds.push(value) - 1;
      return [id, String.fromCharCode(65 + kind)];
    }),
  );
}

/** Fields that say nothing about the training. */
const APART = new Set(['version', 'title', 'predict', 'compare', 'device', 'extra']);

/**
 * The fields of a document one by one: the optimizer, the schedule and the loss in their parts, the network as one text.
 * @param {Experiment} document
 * @returns {Generator<[string, unknown]>}
 */
function* flattened(document) {
  for (const [name, value] of Object.entries(document)) {
    if (APART.has(name)) continue;
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
