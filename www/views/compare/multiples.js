// A small chart of each run, all on the same axes, so that they can be compared.

import { h, list, setAttribute, setText } from '../../dom.js';
import { drawCurves } from '../../engine.js';
import { pointsOf, seriesOf } from '../../series.js';
import { isDark } from '../../theme.js';
import { createSurface } from '../surface.js';
import { figuresOf } from './rows.js';

/** @import { App } from '../../app.js' */
/** @import { Row } from './rows.js' */

/** @param {App} app */
export function multiples(app) {
  const { store } = app;
  const element = h('div', { class: 'multiples' });
  /** @type {Map<number, ReturnType<typeof multiple>>} */
  const cards = new Map();

  /** @param {Row[]} rows */
  function update(rows) {
    const shown = rows.filter(({ run, history }) => (run?.shown ?? true) && history.train.length > 0);
    const frame = frameOf(shown);
    list(
      element,
      shown,
      ({ id }) => String(id),
      (row) => {
        const card = multiple(row);
        cards.set(row.id, card);
        return card.element;
      },
      (_, row) => cards.get(row.id)?.update(row, frame),
    );
  }

  /** The range of all runs. @param {Row[]} rows */
  function frameOf(rows) {
    const { curves, logY } = store.state.view;
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { history, scores } of rows) {
      const { train, validation } = pointsOf(history, scores, curves);
      for (const { x, y } of [train, validation]) {
        y.forEach((value, at) => {
          if (!Number.isFinite(value) || (logY && curves.metric === 'loss' && value <= 0)) return;
          const place = x === null ? at + 1 : Number(x[at]);
          [x0, x1] = [Math.min(x0, place), Math.max(x1, place)];
          [y0, y1] = [Math.min(y0, value), Math.max(y1, value)];
        });
      }
    }
    return { x: [x0, x0, x1], y: Float32Array.of(y0, NaN, y1) };
  }

  /** @param {Row} first */
  function multiple(first) {
    const surface = createSurface(app.redraw, { role: 'img', 'aria-label': first.name });
    const title = h('figcaption', {});
    const chart = h('figure', { class: 'multiple' }, title, surface.box);
    return {
      element: chart,
      /** @param {Row} row @param {ReturnType<typeof frameOf>} frame */
      update(row, frame) {
        const { curves, logY } = store.state.view;
        setText(title, row.name);
        setAttribute(surface.canvas, 'aria-label', `${row.name}: ${figuresOf(row).slice(0, 3).join(', ')}`);
        const number = first.run?.number;
        surface.draw(
          [row.history, row.history.train.length, row.scores.train.length, frame.x.join(), frame.y.join(), JSON.stringify(curves), logY], // prettier-ignore
          (canvas, pixelRatio) => {
            const pair = pointsOf(row.history, row.scores, curves);
            const labels = ['', ''];
            const series = seriesOf(pair, { smooth: curves.smooth, labels });
            if (number !== undefined)
              for (const one of series) if (one.kind === 'train') Object.assign(one, { kind: 'run', number });
            drawCurves(canvas, {
              dark: isDark(),
              pixelRatio,
              logY: logY && curves.metric === 'loss',
              logX: curves.logX,
              xLabel: '',
              yLabel: '',
              series: [{ label: '', kind: 'guide', ...frame }, ...series],
              cursor: null,
            });
          },
        );
      },
    };
  }

  return { element, update };
}
