// The diagram as a file: drawn once more from what stands on the page, and its weights as numbers with the names of
// their units.

import { t } from '../../i18n.js';
import { shortest32 } from '../../numbers.js';
import { csvField } from '../save.js';
import { FONT, contextOf, themeColor } from '../surface.js';
import { unitsOf, weightsBetween } from './columns.js';

/** @import { Parameters } from '../../protocol.js' */
/** @import { LegendItem, Saved } from '../save.js' */
/** @import { Column } from './columns.js' */

/** How negative lines are dashed, as the styles do it. */
const DASH = [5, 3];

/**
 * @param {object} shown
 * @param {SVGSVGElement} shown.drawing
 * @param {HTMLCanvasElement} shown.maps
 * @param {{ width: number, height: number }} shown.layout
 * @param {Column[]} shown.columns
 * @param {Parameters} shown.parameters
 * @returns {Saved}
 */
export function savedDiagram({ drawing, maps, layout: { width, height }, columns, parameters }) {
  return {
    name: 'gradus-diagram',
    size: [Math.ceil(width), Math.ceil(height)],
    draw: (canvas, ratio) => paint(drawing, maps, [width, height], contextOf(canvas), ratio),
    legend,
    csv: () => [
      'parameter,index,from,to,value',
      ...columns.flatMap((_, at) => linesOf(columns, at, parameters)),
    ],
  };
}

/** @returns {LegendItem[]} */
const legend = () => [
  { text: t('diagram.positive'), color: themeColor('positive'), width: 2.5 },
  { text: t('diagram.negative'), color: themeColor('negative'), width: 2.5, dash: DASH },
];

/**
 * @param {SVGSVGElement} drawing
 * @param {HTMLCanvasElement} maps
 * @param {[number, number]} size
 * @param {CanvasRenderingContext2D} context
 * @param {number} ratio
 */
function paint(drawing, maps, [width, height], context, ratio) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const path of drawing.querySelectorAll('.edges:not(.hot) > path')) paintLine(path, context);
  const units = [...drawing.querySelectorAll('.unit')];
  for (const unit of units) {
    outline(unit, context);
    context.fillStyle = themeColor('raised');
    context.fill();
  }
  context.drawImage(maps, 0, 0, width, height);
  context.strokeStyle = themeColor('control');
  for (const unit of units) {
    outline(unit, context);
    context.lineWidth = unit.classList.contains('in-block') ? 0.5 : 1.4;
    context.stroke();
  }
  const { fontSize } = getComputedStyle(/** @type {Element} */ (drawing.querySelector('.labels')));
  for (const text of drawing.querySelectorAll('.labels > text')) paintText(text, fontSize, context);
}

/** @param {Element} element @param {string[]} names */
const numbersOf = (element, ...names) => names.map((name) => Number(element.getAttribute(name)));

/** @param {Element} path @param {CanvasRenderingContext2D} context */
function paintLine(path, context) {
  const numbers = (path.getAttribute('d') ?? '').match(/-?[\d.]+(e-?\d+)?/g)?.map(Number) ?? [];
  const [x = 0, y = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0, toX = 0, toY = 0] = numbers;
  const [width = 1, opacity = 1] = numbersOf(path, 'stroke-width', 'stroke-opacity');
  const sign = ['positive', 'negative'].find((name) => path.classList.contains(name));
  context.beginPath();
  context.moveTo(x, y);
  context.bezierCurveTo(x1, y1, x2, y2, toX, toY);
  context.globalAlpha = opacity;
  context.lineWidth = width;
  context.setLineDash(sign === 'negative' ? DASH : []);
  context.strokeStyle = themeColor(sign ?? 'line-strong');
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** @param {Element} unit @param {CanvasRenderingContext2D} context */
function outline(unit, context) {
  context.beginPath();
  if (unit.tagName === 'circle') {
    const [x = 0, y = 0, r = 0] = numbersOf(unit, 'cx', 'cy', 'r');
    context.arc(x, y, r, 0, 2 * Math.PI);
  } else {
    const [x = 0, y = 0, width = 0, height = 0] = numbersOf(unit, 'x', 'y', 'width', 'height');
    context.rect(x, y, width, height);
  }
}

/** @param {Element} text @param {string} size @param {CanvasRenderingContext2D} context */
function paintText(text, size, context) {
  const [x = 0, y = 0] = numbersOf(text, 'x', 'y');
  const anchor = text.getAttribute('text-anchor');
  context.font = `${size} ${FONT}`;
  context.fillStyle = themeColor(text.classList.contains('unit-name') ? 'ink' : 'ink-2');
  context.textBaseline = 'alphabetic';
  context.textAlign = anchor === 'middle' ? 'center' : anchor === 'end' ? 'right' : 'left';
  // What is cut has its whole text behind what is shown.
  context.fillText(text.firstChild?.textContent ?? '', x, y);
}

/**
 * The parameters that lead to a column: of each the units it lies between, as far as it belongs to two.
 * @param {Column[]} columns
 * @param {number} at
 * @param {Parameters} parameters
 */
function linesOf(columns, at, parameters) {
  const [before, to] = [columns[at - 1], columns[at]];
  if (!before || !to) return [];
  const line = (/** @type {string} */ name, /** @type {number} */ index, /** @type {string} */ from, /** @type {number} */ unit) =>
    [name, index, csvField(from), csvField(to.unit(unit)), shortest32(Number(parameters[name]?.[index]))].join(); // prettier-ignore
  const [weight, bias] = [`${to.layer}.weight`, `${to.layer}.bias`];
  const length = parameters[weight]?.length ?? 0;
  const each = weightsBetween(before, to, length)?.each;
  const weights = Array.from({ length }, (_, index) => {
    const from = each ? before.unit(Math.floor(index / each) % before.size) : '';
    return line(weight, index, from, Math.floor((index * to.size) / length));
  });
  return [...weights, ...(parameters[bias] ? unitsOf(to).map((unit) => line(bias, unit, '', unit)) : [])];
}
