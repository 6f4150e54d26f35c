// The "Save" menu of a view: what it shows as SVG, PNG or CSV.

import { formatDelimited } from '../delimited.js';
import { button, icon, setAttribute } from '../dom.js';
import { t } from '../i18n.js';
import { download } from './files.js';
import { openMenu } from './popup.js';
import { contextOf, themeColor } from './surface.js';

/**
 * @typedef {object} Saved
 * @property {string} name of the file, without what follows the dot
 * @property {[number, number]} [size] in CSS pixels
 * @property {(canvas: HTMLCanvasElement, ratio: number) => void} [draw] on a canvas of `size` times `ratio`
 * @property {() => LegendItem[]} [legend] below the drawing
 * @property {() => string[]} [csv] lines
 */
/**
 * What a line or a mark of a drawing means.
 * @typedef {object} LegendItem
 * @property {string} text
 * @property {string} color
 * @property {number} [width] of a line
 * @property {number[]} [dash]
 * @property {number} [mark] instead of a line, the mark of this class
 * @property {boolean} [hollow]
 */

/** A saved picture is as sharp as on a good screen. */
const RATIO = 2;

/**
 * @param {() => Saved | undefined | Promise<Saved | undefined>} saved what there is to save now
 */
export function saveButton(saved) {
  const open = button({
    text: t('save.button'),
    label: t('save.label'),
    class: 'button small quiet',
    onclick: async () => {
      const { name, size, draw, legend, csv } = (await saved()) ?? { name: '' };
      const pictures = draw && size ? { size, draw, name, legend } : undefined;
      openMenu(
        open,
        [
          ...(pictures
            ? [
                { text: 'SVG', hint: t('save.svg'), onchoose: () => void saveSvg(pictures) },
                { text: 'PNG', hint: t('save.png'), onchoose: () => void savePng(pictures) },
              ]
            : []),
          ...(csv ? [{ text: 'CSV', hint: t('save.csv'), onchoose: () => saveCsv(name, csv()) }] : []),
        ],
        t('save.label'),
      );
    },
  });
  open.append(icon('chevron'));
  setAttribute(open, 'aria-haspopup', 'menu');
  return open;
}

/** @typedef {Required<Pick<Saved, 'name' | 'size' | 'draw'>> & Pick<Saved, 'legend'>} Picture */

/** @param {Picture} picture */
async function saveSvg(picture) {
  const { createRecorder, heightOf, paintWhole } = await import('../recorder.js');
  const [width] = picture.size;
  const recorder = createRecorder(width, heightOf(picture), themeColor('surface'));
  paintWhole(picture, recorder.canvas, 1);
  download(`${picture.name}.svg`, recorder.svg(), 'image/svg+xml');
}

/** @param {Picture} picture */
async function savePng(picture) {
  const { heightOf, paintWhole } = await import('../recorder.js');
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.size[0] * RATIO);
  canvas.height = Math.round(heightOf(picture) * RATIO);
  const context = contextOf(canvas);
  context.fillStyle = themeColor('surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  paintWhole(picture, canvas, RATIO);
  canvas.toBlob((blob) => blob && download(`${picture.name}.png`, blob, 'image/png'));
}

/**
 * @param {string} name
 * @param {string[]} lines
 */
const saveCsv = (name, lines) => download(`${name}.csv`, `${lines.join('\n')}\n`, 'text/csv');

/**
 * A field of CSV: in quotes where it has to be.
 * @param {unknown} value
 */
export const csvField = (value) => formatDelimited([[String(value)]], ',');
