// The "Save" menu of a view: what it shows as SVG, PNG or CSV.

import { button, icon, setAttribute } from '../dom.js';
import { t } from '../i18n.js';
import { download } from './files.js';
import { openMenu } from './popup.js';

/**
 * @typedef {object} Saved
 * @property {string} name of the file, without what follows the dot
 * @property {[number, number]} [size] in CSS pixels
 * @property {(canvas: HTMLCanvasElement, ratio: number) => void} [draw] on a canvas of `size` times `ratio`
 * @property {() => string[]} [csv] lines
 */

/** A saved picture is as sharp as on a good screen. */
const RATIO = 2;

/**
 * @param {() => Saved | undefined} saved what there is to save now
 */
export function saveButton(saved) {
  const open = button({
    text: t('save.button'),
    label: t('save.label'),
    class: 'button small quiet',
    onclick: () => {
      const { name, size, draw, csv } = saved() ?? { name: '' };
      const pictures = draw && size ? { size, draw, name } : undefined;
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

/** @typedef {{ name: string, size: [number, number], draw: NonNullable<Saved['draw']> }} Picture */

const surface = () => getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();

/** @param {Picture} picture */
async function saveSvg({ name, size: [width, height], draw }) {
  const { createRecorder } = await import('../recorder.js');
  const recorder = createRecorder(width, height, surface());
  draw(recorder.canvas, 1);
  download(`${name}.svg`, recorder.svg(), 'image/svg+xml');
}

/** @param {Picture} picture */
async function savePng({ name, size: [width, height], draw }) {
  const [drawing, whole] = [document.createElement('canvas'), document.createElement('canvas')];
  for (const canvas of [drawing, whole]) {
    canvas.width = Math.round(width * RATIO);
    canvas.height = Math.round(height * RATIO);
  }
  draw(drawing, RATIO);
  const context = /** @type {CanvasRenderingContext2D} */ (whole.getContext('2d'));
  context.fillStyle = surface();
  context.fillRect(0, 0, whole.width, whole.height);
  context.drawImage(drawing, 0, 0);
  whole.toBlob((blob) => blob && download(`${name}.png`, blob, 'image/png'));
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
export function csvField(value) {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
