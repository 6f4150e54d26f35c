// The controls of a generated set: how many points, how far they stray, and the seed of the draw.

import { button, h, setAttribute } from '../dom.js';
import { t } from '../i18n.js';
import { brief } from '../numbers.js';
import { formRow, numberField } from './fields.js';

/** @import { App } from '../app.js' */
/** @import { Experiment, GeneratedData } from '../experiment.js' */
/** @import { State } from '../store.js' */

const MOST_POINTS = 100_000;
/** The sliders go this far; the fields take more. */
const SLIDER_POINTS = 1000;
const SLIDER_NOISE = 0.5;

/** @param {Experiment} document */
const dataOf = ({ data }) => (data.kind === 'generated' ? data : undefined);

/** @param {App} app */
export function generatedControls(app) {
  const { store } = app;

  /**
   * @param {Experiment} document
   * @param {Partial<GeneratedData>} change
   * @returns {Experiment}
   */
  function changed(document, change) {
    const data = dataOf(document);
    return data ? { ...document, data: { ...data, ...change } } : document;
  }

  /**
   * @param {'points' | 'noise'} name
   * @param {{ min: number, max: number, step: number }} range
   * @param {(value: number) => string | undefined} refuse
   */
  function amount(name, { min, max, step }, refuse) {
    const field = numberField(app, {
      label: t(`source.${name}`),
      whole: step === 1,
      read: (document) => dataOf(document)?.[name],
      write: (document, value) => changed(document, { [name]: value ?? 0 }),
      refuse,
      format: (value) => (step === 1 ? String(value) : brief(value)),
    });
    const slider = h('input', {
      type: 'range',
      min,
      max,
      step: name === 'points' ? 10 : step,
      'aria-label': t(`source.${name}`),
      oninput: () => app.edit(changed(store.state.document, { [name]: Number(slider.value) }), name),
    });
    const element = formRow(t(`source.${name}`), field.input, slider, field.input, field.message);
    setAttribute(element, 'data-help', name);
    return { field, slider, element };
  }

  const points = amount('points', { min: 10, max: SLIDER_POINTS, step: 1 }, (value) =>
    value < 2 || value > MOST_POINTS ? t('source.pointsRange', { max: MOST_POINTS }) : undefined,
  );
  const noise = amount('noise', { min: 0, max: SLIDER_NOISE, step: 0.01 }, (value) =>
    value < 0 || value > 10 ? t('source.noiseRange') : undefined,
  );
  const seed = numberField(app, {
    label: t('source.seed'),
    whole: true,
    read: (document) => dataOf(document)?.seed,
    write: (document, value) => changed(document, { seed: value ?? 0 }),
    refuse: (value) => (value < 0 ? t('source.seedRange') : undefined),
  });
  const again = button({
    text: t('source.newSeed'),
    class: 'button',
    onclick: () => {
      const data = dataOf(store.state.document);
      if (data) app.edit(changed(store.state.document, { seed: data.seed + 1 }));
    },
  });
  const seedRow = formRow(t('source.seed'), seed.input, again, seed.input, seed.message);
  setAttribute(seedRow, 'data-help', 'draw');
  const element = h('div', { class: 'form' }, points.element, noise.element, seedRow);

  /** @param {State} state */
  function update({ document }) {
    const data = dataOf(document);
    if (!data) return;
    for (const { field, slider } of [points, noise]) {
      const name = slider === points.slider ? 'points' : 'noise';
      field.update(document);
      slider.value = String(data[name]);
      setAttribute(slider, 'aria-valuetext', brief(data[name]));
    }
    seed.update(document);
  }

  return { element, update };
}
