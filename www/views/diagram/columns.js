// What a diagram of a network consists of: columns of units or, for pictures, of channels, and the weights between
// two of them.

import { classTitle } from '../../classes.js';
import { columnsOf as columnsOfData, inputShapeOf, isClassification } from '../../experiment.js';
import { has, t } from '../../i18n.js';

/** @import { Experiment, Layer } from '../../experiment.js' */

/**
 * @typedef {object} Column units or channels, one above the other
 * @property {'units' | 'pictures'} kind
 * @property {number} size how many there are
 * @property {string} title
 * @property {number | undefined} layer the layer with the weights that lead here, in the document's model
 * @property {number | undefined} output the layer whose output this is, behind activations and the like
 * @property {boolean} linked whether each weight leads from one of the column before to one of this one
 * @property {boolean} single whether each is made of its counterpart in the column before, without weights
 * @property {(unit: number) => string} unit its name
 */

/**
 * @param {Experiment} document
 * @returns {Column[]}
 */
export function columnsOf(document) {
  const shape = inputShapeOf(document) ?? [2];
  const pictures = shape.length === 3;
  const { inputs } = columnsOfData(document.data);
  /** @type {Column[]} */
  const columns = [
    {
      ...column(
        pictures ? 'pictures' : 'units',
        pictures ? Number(shape[0]) : shape.reduce((all, size) => all * size, 1),
      ),
      title: t('network.input'),
      unit: (at) => (pictures ? `${t('diagram.channel')} ${at + 1}` : (inputs[at] ?? `x${at + 1}`)),
    },
  ];
  let linked = true;
  const weighted = document.model.filter(hasColumn).length;
  let count = 0;
  document.model.forEach((layer, index) => {
    const previous = /** @type {Column} */ (columns.at(-1));
    if (!hasColumn(layer) || (layer.type === 'max_pool2d' && previous.kind === 'units')) {
      if (layer.type === 'flatten') linked = true;
      else previous.output = index;
      if (columns.length > 1 && layer.type !== 'flatten') previous.title += ` · ${nameOf(layer)}`;
      return;
    }
    count += 1;
    const [number, last] = [count, count === weighted];
    const kind = layer.type === 'linear' ? 'units' : 'pictures';
    const single = layer.type === 'max_pool2d';
    const size = single ? previous.size : Number(layer.out ?? 1);
    const letter = kind === 'units' ? 'h' : 'c';
    const at = weighted > 2 ? `${number},` : '';
    columns.push({
      ...column(kind, size),
      title: single ? nameOf(layer) : String(size),
      layer: index,
      output: index,
      linked: linked || kind === 'pictures',
      single,
      unit: (unit) => (last ? outputName(document, unit) : `${letter}${at}${unit + 1}`),
    });
    linked = kind === 'units';
  });
  const last = /** @type {Column} */ (columns.at(-1));
  if (columns.length > 1 && last.title === String(last.size)) last.title = t('diagram.output');
  return columns;
}

/**
 * What the units of a layer's output are called, or its channels, behind activations and the like, too. Numbers, where
 * no column of the diagram is made of them.
 * @param {Column[]} columns
 * @param {number} layer in the document's model
 * @param {number} count of units
 * @returns {Column['unit']}
 */
export function unitNames(columns, layer, count) {
  const column = columns.findLast((one) => (one.layer ?? -1) <= layer);
  return column?.size === count ? column.unit : (unit) => String(unit + 1);
}

/** @param {Layer} layer */
const hasColumn = ({ type }) => ['linear', 'conv2d', 'max_pool2d'].includes(type);

/** @param {Layer} layer */
const nameOf = ({ type }) => t(has(`layer.${type}`) ? `layer.${type}` : `activation.${type}`);

/**
 * @param {'units' | 'pictures'} kind
 * @param {number} size
 */
function column(kind, size) {
  return { kind, size, layer: undefined, output: undefined, linked: true, single: false };
}

/** Its units, by number. @param {Column} column */
export const unitsOf = ({ size }) => Array.from({ length: size }, (_, unit) => unit);

/**
 * @param {Experiment} document
 * @param {number} unit
 */
function outputName(document, unit) {
  if (document.loss.type === 'cross_entropy') return classTitle(document, unit);
  const name = columnsOfData(document.data).targets[unit] ?? `y${unit + 1}`;
  if (isClassification(document)) return name;
  // A hat is for a letter, with its number; over the first one of a word it would be a mark of that letter.
  return /^[\p{Script=Latin}\p{Script=Greek}]\d*$/u.test(name)
    ? name.replace(/^./u, '$&\u0302').normalize()
    : t('output.predicted', { name });
}

/**
 * Where the weights that lead from one unit to another lie: one, or, from and to channels, as many as the kernel or
 * the picture has places.
 * @param {Column} from
 * @param {Column} to
 * @param {number} length of the weight
 */
export function weightsBetween(from, to, length) {
  const each = length / (from.size * to.size);
  if (!to.linked || to.layer === undefined || to.single || !Number.isInteger(each) || each < 1)
    return undefined;
  return {
    name: `${to.layer}.weight`,
    each,
    start: (/** @type {number} */ a, /** @type {number} */ b) => (b * from.size + a) * each,
  };
}
