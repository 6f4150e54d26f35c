// What the page calls the fields of a document, and how it writes their values.

import { format, has, t } from '../i18n.js';
import { plain } from '../numbers.js';

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
export function choiceName(path, value) {
  if (path === 'activation') return t(`activation.${value}`);
  if (path === 'shuffle') return value === 'on' ? t('sweep.on') : t('sweep.off');
  return valueShown(path, value);
}

/** A value as documents have it. @param {unknown} value */
export const valueText = (value) =>
  value === null ? '–' : typeof value === 'number' ? plain(value) : String(value);
