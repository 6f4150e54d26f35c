// Draws the curves of the present run and of others, and marks where something was changed on the way.

import { drawCurves } from '../../engine.js';
import { t } from '../../i18n.js';
import { axisOf, pointsOf, seriesOf } from '../../series.js';
import { isDark } from '../../theme.js';
import { contextOf, themeColor } from '../surface.js';
import { placeOf } from './geometry.js';
import { scoreName } from './reading.js';

/** @import { CurvesGeometry } from '../../gradus.js' */
/** @import { Scene } from './reading.js' */

const NONE = { x: new Float64Array(), y: new Float32Array() };

/**
 * @param {HTMLCanvasElement} target
 * @param {number} pixelRatio
 * @param {Scene} scene
 * @param {object} options
 * @param {boolean} options.logY
 * @param {[number, number] | undefined} options.zoom
 * @param {number | null} options.at where the cursor is on the axis
 */
export function paintCurves(target, pixelRatio, scene, { logY, zoom, at }) {
  const { training, view: curves, others } = scene;
  const labels = [t('curves.train'), t('curves.validation')];
  const { smooth: weight } = curves;
  const options = { smooth: weight, labels, ...(zoom ? { range: zoom } : {}) };
  const series = seriesOf(pointsOf(training.history, training.scores, curves), options);
  for (const { name, history, scores, number } of others) {
    const { train, validation } = pointsOf(history, scores, curves);
    // One line a run: how well it does on what it has not seen, where scores are compared and that is known.
    const best = curves.metric === 'score' && validation.y.length > 0 ? validation : train;
    series.push(...seriesOf({ train: best, validation: NONE }, { ...options, number, labels: [name, name] }));
  }
  const geometry = drawCurves(target, {
    dark: isDark(),
    pixelRatio,
    logY: logY && curves.metric === 'loss',
    logX: curves.logX,
    xLabel: t(curves.per === 'epoch' ? 'tile.epoch' : 'curves.x'),
    yLabel: curves.metric === 'score' ? t(`score.${scoreName(training)}`) : t('curves.y'),
    series,
    cursor: at,
  });
  drawMarks(target, pixelRatio, geometry, scene);
  return geometry;
}

/**
 * A line where something was changed while the run went on.
 * @param {HTMLCanvasElement} target
 * @param {number} ratio
 * @param {CurvesGeometry} geometry
 * @param {Scene} scene
 */
function drawMarks(target, ratio, geometry, { training, view }) {
  const axis = axisOf(training.history, view);
  const { plot } = geometry;
  const context = contextOf(target);
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.strokeStyle = context.fillStyle = themeColor('warn');
  context.lineWidth = 1;
  for (const { step } of training.marks) {
    const x = Math.round(placeOf(geometry, view.logX, axis.at(step))) + 0.5;
    if (!(x >= plot.left && x <= plot.right)) continue;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(x, plot.top);
    context.lineTo(x, plot.bottom);
    context.stroke();
    context.beginPath();
    context.moveTo(x - 4, plot.top - 6);
    context.lineTo(x + 4, plot.top - 6);
    context.lineTo(x, plot.top);
    context.closePath();
    context.fill();
  }
  context.restore();
}
