// The pictures of the fit: a map of two inputs, a curve over one, predicted against true.

import { classLabel } from '../../classes.js';
import { drawCurves } from '../../engine.js';
import { t } from '../../i18n.js';
import { classCount, probabilities, rangeOf, targetClass } from '../../samples.js';
import { isDark } from '../../theme.js';
import { drawMap } from './map.js';
import { chosen, extent } from './shown.js';

/** @import { CurvesGeometry, CurvesSpec } from '../../gradus.js' */
/** @import { Training } from '../../session.js' */
/** @import { MapPicture } from './map.js' */
/** @import { Shown } from './shown.js' */

/**
 * @param {Shown} now
 * @param {HTMLCanvasElement} canvas
 * @param {number} ratio
 * @param {[number, number]} [pointer]
 * @returns {CurvesGeometry}
 */
export function paint(now, canvas, ratio, pointer) {
  const { mode } = now;
  const { series, xLabel, yLabel } =
    mode === 'map' ? mapAxes(now) : mode === 'line' ? lineSeries(now) : scatter(now);
  const geometry = drawCurves(canvas, {
    dark: isDark(),
    pixelRatio: ratio,
    logY: false,
    xLabel,
    yLabel,
    series,
    cursor: null,
  });
  drawMap(mode === 'map' ? mapOf(now) : undefined, geometry, canvas, ratio, pointer);
  return geometry;
}

/** @param {Shown} now */
function mapAxes({ samples }) {
  const [across, up] = chosen.columns;
  const [x, y] = [extent(samples, across), extent(samples, up)];
  /** @type {CurvesSpec['series']} */
  const series = [{ label: '', kind: 'guide', x: [x[0], x[0], x[1]], y: Float32Array.of(y[0], NaN, y[1]) }];
  return { series, xLabel: samples.names[across] ?? '', yLabel: samples.names[up] ?? '' };
}

/** @param {Shown} now @returns {MapPicture} */
function mapOf({ document, samples, training, outputs, inspection }) {
  const [across, up] = chosen.columns;
  const { inputs, targets, width, columns, count } = samples;
  const classes = classCount(document, outputs);
  return {
    grid:
      inspection?.grid && inspection.topics.grid
        ? { ...inspection.grid, ...ends(inspection.topics.grid) }
        : undefined,
    loss: document.loss.type,
    classes,
    nameOf: (kind) => classLabel(document, kind),
    target: chosen.target,
    values: rangeOf(targets, chosen.target, columns),
    points: {
      count,
      x: (row) => Number(inputs[row * width + across]),
      y: (row) => Number(inputs[row * width + up]),
      kind: (row) => (classes > 0 ? targetClass(document, samples, row, chosen.target) : 0),
      value: (row) => Number(targets[row * columns + chosen.target]),
      held: training.validationRows,
    },
  };
}

/** @param {{ x: [number, number], y: [number, number] }} topic */
const ends = ({ x, y }) => ({ x, y });

/** @param {Shown} now */
function lineSeries({ document, samples, training, outputs, inspection }) {
  const { inputs, targets, columns, names, targetNames } = samples;
  const { target } = chosen;
  const classes = classCount(document, outputs);
  /** @type {CurvesSpec['series']} */
  const series = [];
  const [line, topic] = [inspection?.line, inspection?.topics.line];
  if (line && topic) {
    const x = Float64Array.from({ length: topic.count }, (_, at) => topic.from + ((topic.to - topic.from) * at) / (topic.count - 1)); // prettier-ignore
    const several = document.loss.type === 'cross_entropy';
    for (let at = 0; at < (several ? line.outputs : 1); at += 1) {
      const y = Float32Array.from({ length: topic.count }, (_, place) => {
        const start = place * line.outputs;
        if (classes === 0) return Number(line.values[start + target]);
        const shares = probabilities(document.loss.type, line.values, start, line.outputs, target);
        return Number(several ? shares[at] : shares[1]);
      });
      series.push({ label: '', x, y, ...(several ? { kind: 'run', number: at } : { kind: 'train' }) });
    }
  }
  // Classes stand at 0 and 1: the probability of 1, or whether it is the class that has the row's.
  const value = (/** @type {number} */ row) =>
    classes === 0 ? Number(targets[row * columns + target]) : targetClass(document, samples, row, target);
  series.push(...cloud(samples.count, training, (row) => Number(inputs[row]), value));
  const name = targetNames[target] ?? '';
  const yLabel = classes === 0 ? name : t('fit.probability');
  return { series, xLabel: names[0] ?? '', yLabel };
}

/** @param {Shown} now */
function scatter({ samples, training, outputs }) {
  const { targets, columns, count } = samples;
  const { target } = chosen;
  const truth = (/** @type {number} */ row) => Number(targets[row * columns + target]);
  const given = (/** @type {number} */ row) => Number(training.tablePredictions[row * outputs + target]);
  const [low, high] = rangeOf(targets, target, columns, 0.04);
  /** @type {CurvesSpec['series']} */
  const series = [{ label: '', kind: 'guide', x: [low, high], y: Float32Array.of(low, high) }];
  series.push(...cloud(count, training, truth, given));
  return { series, xLabel: t('fit.true'), yLabel: t('fit.predicted') };
}

/**
 * Rows as marks: those that train, and those held out.
 * @param {number} count
 * @param {Training} training
 * @param {(row: number) => number} x
 * @param {(row: number) => number} y
 * @returns {CurvesSpec['series']}
 */
function cloud(count, { validationRows }, x, y) {
  const rows = Array.from({ length: count }, (_, row) => row).sort((a, b) => x(a) - x(b));
  return /** @type {const} */ (['points', 'heldOut']).map((kind) => {
    const own = rows.filter((row) => validationRows.has(row) === (kind === 'heldOut'));
    return { label: '', kind, x: Float64Array.from(own, x), y: Float32Array.from(own, y) };
  });
}
