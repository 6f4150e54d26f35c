// The figures below the curves: losses, score, where the run is and how fast.

import { h, setAttribute, setText } from '../../dom.js';
import { format, t } from '../../i18n.js';
import { fixed, shortest32 } from '../../numbers.js';

/** @import { Training } from '../../session.js' */

export function createTiles() {
  const tile = (/** @type {string} */ name) => {
    const value = h('dd', { 'data-tile': name });
    const title = name === 'score' ? '' : t(`tile.${name}`);
    return { value, element: h('div', { class: 'tile' }, h('dt', {}, title), value) };
  };
  const [train, validation, score] = [tile('train'), tile('validation'), tile('score')];
  const [epoch, step, speed] = [tile('epoch'), tile('step'), tile('speed')];
  const all = [train, validation, score, epoch, step, speed];
  const list = h('dl', { class: 'tiles' }, ...all.map(({ element: item }) => item));
  const note = h('p', { class: 'field-note', hidden: true });
  const element = h('div', { class: 'tiles-part' }, list, note);

  /** The figures are of the last step: a weight that was set since is not in them. @param {Training} training */
  function tellOfWeights({ marks, position, status }) {
    const set = marks.some(
      ({ step, fields }) => step === position?.step && Object.keys(fields).some((name) => name.includes('[')),
    );
    note.hidden = !set || status === 'running';
    if (!note.hidden) setText(note, t('tile.before', { step: format.whole(Number(position?.step)) }));
  }

  return {
    element,
    /** @param {Training} training @param {'accuracy' | 'r2'} kind of score */
    update(training, kind) {
      const { history, scores, position, stepsPerSecond } = training;
      tellOfWeights(training);
      const last = scores.at(Infinity);
      // What it does on rows that it has not seen says more.
      const value = last?.validation ?? last?.train ?? NaN;
      const name = t(last?.validation === undefined ? 'tile.score' : 'tile.validationScore', {
        score: t(`score.${kind}`),
      });
      setText(/** @type {Element} */ (score.element.firstElementChild), name);
      setText(
        score.value,
        Number.isNaN(value) ? '–' : kind === 'accuracy' ? format.share(value) : fixed(value),
      );
      setAttribute(
        score.value,
        'title',
        last ? t('tile.scoreAt', { epoch: format.whole(last.epoch) }) : null,
      );
      const loss = history.train.last;
      setText(train.value, loss === undefined ? '–' : fixed(loss));
      setAttribute(train.value, 'title', loss === undefined ? null : shortest32(loss));
      const held = history.validation.last;
      setText(validation.value, held === undefined ? '–' : fixed(held));
      setAttribute(validation.value, 'title', held === undefined ? null : shortest32(held));
      for (const [tile, count] of /** @type {const} */ ([
        [epoch, position?.epoch ?? 0],
        [step, position?.step ?? 0],
      ])) {
        setText(tile.value, format.count(count));
        setAttribute(tile.value, 'title', format.whole(count));
      }
      setText(speed.value, stepsPerSecond === null ? '–' : format.pace(stepsPerSecond));
    },
  };
}
