// The key to the fit's pictures: what marks, colours and lines stand for.

import { classTitle } from '../../classes.js';
import { h, svg } from '../../dom.js';
import { columnsOf } from '../../experiment.js';
import { t } from '../../i18n.js';
import { markData } from '../../marks.js';
import { classCount } from '../../samples.js';
import { themeColor } from '../surface.js';
import { chosen } from './shown.js';

/** @import { Experiment } from '../../experiment.js' */
/** @import { Samples } from '../../samples.js' */
/** @import { Shown } from './shown.js' */

/** What there is in a picture, with its name. @param {Shown} now */
export function keysOf({ mode, samples, document, training, outputs }) {
  const classes = classCount(document, outputs);
  const held = training.validationRows.size > 0;
  const kinds =
    mode === 'map' && classes > 0 ? Array.from({ length: Math.min(classes, 10) }, (_, at) => at) : [];
  const rows =
    mode === 'map' ? ['filled', ...(held ? ['hollow'] : [])] : ['points', ...(held ? ['heldOut'] : [])];
  const lines = { map: classes > 0 ? [] : ['values'], line: ['curve'], scatter: ['diagonal'] }[mode];
  const items = [...kinds.map((kind) => `class-${kind}`), ...lines, ...rows];
  return items.map((item) => ({ item, text: keyText(item, document, samples) }));
}

/** @param {string} item @param {Experiment} document @param {Samples} samples */
function keyText(item, document, samples) {
  const number = /^class-(\d+)$/.exec(item)?.[1];
  if (number !== undefined) {
    const named = columnsOf(document.data).names[Number(number)] !== undefined;
    return named || document.loss.type === 'cross_entropy'
      ? classTitle(document, Number(number))
      : `${samples.targetNames[chosen.target] ?? ''} = ${number}`;
  }
  return t(`fit.key.${item}`, { name: samples.targetNames[chosen.target] ?? '' });
}

/**
 * The same for a saved picture.
 * @param {string} item
 */
export function lookOf(item) {
  const number = /^class-(\d+)$/.exec(item)?.[1];
  if (number !== undefined) return { color: themeColor(item), mark: Number(number) };
  if (item === 'curve') return { color: themeColor('train'), width: 2 };
  if (item === 'diagonal' || item === 'values') return { color: themeColor('control'), width: 1 };
  const color = themeColor({ points: 'train', heldOut: 'validation' }[item] ?? 'ink-2');
  return { color, mark: item === 'heldOut' ? 1 : 0, hollow: item === 'hollow' };
}

/** @param {string} item */
export function keyMark(item) {
  const number = /^class-(\d+)$/.exec(item)?.[1];
  const swatch = { curve: 'swatch train', diagonal: 'swatch guide', values: 'swatch values' }[item];
  if (swatch) return h('span', { class: swatch });
  const hollow = item === 'hollow';
  const shape = number !== undefined ? Number(number) : item === 'heldOut' ? 1 : 0;
  const kind = number !== undefined ? `of-class-${shape % 10}` : `of-${item}`;
  return svg(
    'svg',
    { class: `mark ${kind}${hollow ? ' hollow' : ''}`, viewBox: '0 0 14 14', 'aria-hidden': 'true' },
    svg('path', { d: markData(shape, 7, 7, 4.5) }),
  );
}
