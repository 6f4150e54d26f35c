// What tests of the results share: documents with known answers, and ways to see what a canvas shows.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { withModule } from './module.mjs';
import { atEpoch, saveAs, transport } from './user.mjs';

/** @import { Locator, Page } from 'playwright-core' */

/** @param {Page} page @param {string} name */
export async function tab(page, name) {
  await page.getByRole('tab', { name, exact: true }).click();
  await page.getByRole('tabpanel', { name, exact: true }).and(page.locator(':not([aria-busy])')).waitFor();
}

/** Opens a document by its link. @param {Page} page @param {Record<string, unknown>} document */
export async function openDocument(page, document) {
  const link = await withModule(page, ({ encodeLink }, experiment) => encodeLink(experiment), document);
  await page.evaluate((to) => void (location.hash = to), link);
  const epochs = Number(document.epochs ?? 50);
  if (epochs < 1e7) return atEpoch(page, 0, epochs);
  await transport(page)
    .getByText(`epoch 0 / ${epochs / 1e6}M`, { exact: true })
    .waitFor();
}

/** The part of the page that shows results. @param {Page} page */
export const panel = (page) => page.locator('#panel-results');

/**
 * The saved CSV as rows of fields. (No field in these tests has quotes.)
 * @param {Page} page
 * @param {string} [kind]
 */
export async function savedText(page, kind = 'CSV') {
  return readFile(await (await saveAs(page, kind)).path(), 'utf8');
}

/** @param {Page} page */
export async function savedTable(page) {
  const [head = [], ...rows] = (await savedText(page))
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return { head, rows };
}

/**
 * The colour in the middle of a canvas's part, as shares of its size: `[red, green, blue]`.
 * @param {Locator} canvas
 * @param {number} x
 * @param {number} y
 * @returns {Promise<number[]>}
 */
export const colorAt = (canvas, x, y) =>
  canvas.evaluate(
    (element, [left, top]) => {
      const target = /** @type {HTMLCanvasElement} */ (element);
      const context = /** @type {CanvasRenderingContext2D} */ (target.getContext('2d'));
      const place = [Number(left) * target.width, Number(top) * target.height].map(Math.round);
      return [...context.getImageData(place[0] ?? 0, place[1] ?? 0, 1, 1).data].slice(0, 3);
    },
    [x, y],
  );

/**
 * How many pixels of a canvas have nearly this colour.
 * @param {Locator} canvas
 * @param {string} color as CSS has it
 */
export const pixelsOf = (canvas, color) =>
  canvas.evaluate((element, wanted) => {
    const probe = document.createElement('canvas');
    const context = /** @type {CanvasRenderingContext2D} */ (probe.getContext('2d'));
    context.fillStyle = wanted;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    const target = /** @type {HTMLCanvasElement} */ (element);
    const shown = /** @type {CanvasRenderingContext2D} */ (target.getContext('2d'));
    const { data } = shown.getImageData(0, 0, target.width, target.height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3);
      found += Number(Math.abs(r - red) + Math.abs(g - green) + Math.abs(b - blue) < 24);
    }
    return found;
  }, color);

/** A colour of the theme by its name, as CSS has it. @param {Page} page @param {string} name */
export const tokenOf = (page, name) =>
  page.evaluate((token) => getComputedStyle(document.body).getPropertyValue(`--${token}`), name);

/**
 * How the mark of a row is drawn: the colour in its middle, and whether its class's colour is anywhere in it.
 * @param {Locator} canvas
 * @param {{ x: number, y: number }} place in the canvas
 * @param {number} kind the class
 */
export const markAt = (canvas, place, kind) =>
  canvas.evaluate((element, [x, y, number]) => {
    const target = /** @type {HTMLCanvasElement} */ (element);
    const context = /** @type {CanvasRenderingContext2D} */ (target.getContext('2d'));
    const ratio = target.width / target.clientWidth;
    const styles = getComputedStyle(document.documentElement);
    const named = ['surface', `class-${number}`].map((name) => {
      const hex = styles.getPropertyValue(`--${name}`).trim();
      return { name, rgb: [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) };
    });
    const near = (/** @type {number} */ across, /** @type {number} */ down) => {
      const [left = 0, top = 0] = [x + across, y + down].map((part) => Math.round(part * ratio));
      const { data } = context.getImageData(left, top, 1, 1);
      const found = named.find(({ rgb }) => rgb.every((part, at) => Math.abs(part - Number(data[at])) < 24));
      return data[3] === 0 ? 'surface' : (found?.name ?? [...data].join());
    };
    const around = Array.from({ length: 15 * 15 }, (_, at) => near((at % 15) - 7, Math.floor(at / 15) - 7));
    return { middle: near(0, 0), drawn: around.includes(`class-${number}`) };
  }, /** @type {const} */ ([place.x, place.y, kind]));

/** Everything a canvas shows, to compare with what it shows later. @param {Locator} canvas */
export const picture = (canvas) =>
  canvas.evaluate((element) => /** @type {HTMLCanvasElement} */ (element).toDataURL());

/**
 * Two classes on either side of x1 = 0, told apart at once by given weights: the logit is 4 · x1.
 */
export const HALVES = {
  version: 1,
  data: {
    kind: 'table',
    inputs: ['x1', 'x2'],
    targets: ['side'],
    rows: [
      [-1, -1, 0],
      [-1, 1, 0],
      [-0.5, 0, 0],
      [0.5, 0, 1],
      [1, -1, 1],
      [1, 1, 1],
      // On the wrong side.
      [0.8, 0.1, 0],
    ],
  },
  model: [{ type: 'linear', out: 1, init: { weight: [[4, 0]], bias: [0] } }],
  loss: { type: 'bce_with_logits' },
  optimizer: { type: 'sgd', lr: 1e-9 },
  epochs: 5,
};

/** Three classes by the angle, each output is the distance along its own direction. */
export const THIRDS = {
  ...HALVES,
  data: {
    kind: 'table',
    inputs: ['x1', 'x2'],
    targets: ['kind'],
    rows: [
      [-1, 0.6, 0],
      [-0.9, 0.7, 0],
      [1, 0.6, 1],
      [0.9, 0.5, 1],
      [0, -1, 2],
      [0.1, -0.9, 2],
    ],
  },
  model: [
    {
      type: 'linear',
      out: 3,
      init: {
        weight: [
          [-4, 2],
          [4, 2],
          [0, -4],
        ],
        bias: [0, 0, 0],
      },
    },
  ],
  loss: { type: 'cross_entropy' },
};

/** Asserts that a colour is more of one channel than of another. @param {number[]} color @param {number} more @param {number} less */
export function leans(color, more, less) {
  assert.ok(Number(color[more]) > Number(color[less]) + 10, `${color}`);
}
