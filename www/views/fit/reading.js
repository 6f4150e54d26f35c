// What the fit says in words and figures: at the pointer, and of every row.

import { classLabel, classTitle } from '../../classes.js';
import { format, t } from '../../i18n.js';
import { brief, shortest32 } from '../../numbers.js';
import { classCount, probabilities } from '../../samples.js';
import { csvField } from '../save.js';
import { chosen } from './shown.js';

/** @import { CurvesGeometry } from '../../gradus.js' */
/** @import { Shown } from './shown.js' */

/**
 * What is at the pointer.
 * @param {Shown} now
 * @param {CurvesGeometry | undefined} geometry
 * @param {[number, number] | undefined} pointer
 */
export function reading({ mode, document, samples, training, outputs, inspection }, geometry, pointer) {
  if (!geometry || !pointer) return undefined;
  const { plot, xMin, xMax, yMin, yMax } = geometry;
  const [px, py] = pointer;
  if (px < plot.left || px > plot.right || py < plot.top || py > plot.bottom) return undefined;
  const x = xMin + ((px - plot.left) / (plot.right - plot.left)) * (xMax - xMin);
  const y = yMax - ((py - plot.top) / (plot.bottom - plot.top)) * (yMax - yMin);
  const classes = classCount(document, outputs);
  const { type } = document.loss;
  const name = samples.targetNames[chosen.target] ?? '';
  /** @type {(values: ArrayLike<number>, start: number, count: number) => string} */
  const result = (values, start, count) => {
    if (classes === 0) return `${name} = ${brief(Number(values[start + chosen.target]))}`;
    const shares = probabilities(type, values, start, count, chosen.target);
    const best = shares.indexOf(Math.max(...shares));
    return t('fit.at.class', { class: classTitle(document, best), share: format.share(shares[best] ?? NaN) });
  };
  if (mode === 'scatter') {
    const { targets, columns, count } = samples;
    const at = (/** @type {number} */ row) => [Number(targets[row * columns + chosen.target]), Number(training.tablePredictions[row * outputs + chosen.target])]; // prettier-ignore
    let [nearest, least] = [-1, Infinity];
    for (let row = 0; row < count; row += 1) {
      const [truth = NaN, given = NaN] = at(row);
      const distance = ((truth - x) / (xMax - xMin)) ** 2 + ((given - y) / (yMax - yMin)) ** 2;
      if (distance < least) [nearest, least] = [row, distance];
    }
    if (nearest < 0) return undefined;
    const [truth = NaN, given = NaN] = at(nearest);
    return t('fit.at.row', { row: nearest + 1, true: brief(truth), predicted: brief(given) });
  }
  if (mode === 'line') {
    const [line, topic] = [inspection?.line, inspection?.topics.line];
    if (!line || !topic) return undefined;
    const at = Math.round(((x - topic.from) / (topic.to - topic.from)) * (topic.count - 1));
    if (at < 0 || at >= topic.count) return undefined;
    return `${samples.names[0]} = ${brief(x)}: ${result(line.values, at * line.outputs, line.outputs)}`;
  }
  const [grid, topic] = [inspection?.grid, inspection?.topics.grid];
  if (!grid || !topic) return undefined;
  const place = (/** @type {number} */ value, /** @type {[number, number]} */ [low, high]) =>
    Math.max(0, Math.min(grid.size - 1, Math.round(((value - low) / (high - low)) * (grid.size - 1))));
  const cell = (grid.size - 1 - place(y, topic.y)) * grid.size + place(x, topic.x);
  const [across, up] = chosen.columns;
  const where = `${samples.names[across]} = ${brief(x)}, ${samples.names[up]} = ${brief(y)}`;
  return `${where}: ${result(grid.values, cell * grid.outputs, grid.outputs)}`;
}

/** Every row with what it should be and what the network makes of it. @param {Shown} now */
export function csvOf({ document, samples, training, outputs }) {
  const { names, targetNames, count, inputs, targets, width, columns } = samples;
  const results = Array.from({ length: outputs }, (_, at) =>
    document.loss.type === 'cross_entropy'
      ? `output ${classLabel(document, at)}`
      : `output ${targetNames[at] ?? at}`,
  );
  const lines = [['row', 'validation', ...names, ...targetNames, ...results].map(csvField).join()];
  for (let row = 0; row < count; row += 1) {
    const cells = [
      ...inputs.subarray(row * width, (row + 1) * width),
      ...targets.subarray(row * columns, (row + 1) * columns),
      ...training.tablePredictions.subarray(row * outputs, (row + 1) * outputs),
    ];
    lines.push([row + 1, Number(training.validationRows.has(row)), ...cells.map(shortest32)].join());
  }
  return lines;
}
