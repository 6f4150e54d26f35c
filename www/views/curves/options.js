// What the curves show and on which scales: loss or score, by step or by epoch, smoothed, logarithmic.

import { h, setText } from '../../dom.js';
import { t } from '../../i18n.js';
import { selectField } from '../fields.js';

/** @import { App } from '../../app.js' */
/** @import { CurvesView, State } from '../../store.js' */

/**
 * @param {App} app
 * @param {object} hears
 * @param {(part: Partial<CurvesView>) => void} hears.change
 * @param {() => void} hears.perChanged called before the units of the axis change
 */
export function createOptions({ store }, { change, perChanged }) {
  const metric = selectField({
    label: t('curves.metric'),
    choices: [
      { value: 'loss', text: t('curves.y') },
      { value: 'score', text: '' },
    ],
    onchange: (value) => change({ metric: value === 'score' ? 'score' : 'loss' }),
  });
  const per = selectField({
    label: t('curves.per'),
    choices: [
      { value: 'step', text: t('curves.perStep') },
      { value: 'epoch', text: t('curves.perEpoch') },
    ],
    onchange: (value) => {
      perChanged();
      change({ per: value === 'epoch' ? 'epoch' : 'step' });
    },
  });
  const smooth = h('input', {
    type: 'range',
    min: '0',
    max: '0.98',
    step: '0.02',
    oninput: () => change({ smooth: Number(smooth.value) }),
  });
  const logY = h('input', { type: 'checkbox', onchange: () => store.look({ logY: logY.checked }) });
  const logX = h('input', { type: 'checkbox', onchange: () => change({ logX: logX.checked }) });
  const element = h(
    'div',
    { class: 'curve-options' },
    metric.select,
    per.select,
    h('label', { class: 'check smooth' }, h('span', {}, t('curves.smooth')), smooth),
  );
  const scales = [
    h('label', { class: 'check' }, logY, h('span', {}, t('curves.log'))),
    h('label', { class: 'check' }, logX, h('span', {}, t('curves.logX'))),
  ];

  /** @param {State['view']} view @param {string} score what the score is called */
  function update({ logY: isLogY, curves }, score) {
    logY.checked = isLogY;
    logX.checked = curves.logX;
    smooth.value = String(curves.smooth);
    setText(/** @type {HTMLElement} */ (metric.select.options[1]), score);
    metric.update(curves.metric);
    per.update(curves.per);
  }

  return { element, scales, update };
}
