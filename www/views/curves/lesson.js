// What a run that has diverged teaches: why it probably did, and a rate to try instead.

import { button, h, icon } from '../../dom.js';
import { calmerRate } from '../../experiment.js';
import { format, t } from '../../i18n.js';
import { plain } from '../../numbers.js';
import { withOption } from '../network.js';

/** @import { App } from '../../app.js' */
/** @import { Training } from '../../session.js' */

/** @param {App} app */
export function createLesson(app) {
  const { store } = app;
  const element = h('div', { class: 'lesson', role: 'status', hidden: true });

  /** @param {Training} now */
  function update({ divergence, document }) {
    const key = divergence ? `${divergence.step},${divergence.lr}` : '';
    if (element.dataset.key === key) return;
    element.dataset.key = key;
    element.hidden = !divergence;
    if (!divergence || !document) return element.replaceChildren();
    const { rate, large } = calmerRate(document.optimizer.type, divergence.lr);
    const why = large ? 'diverged.why' : document.standardize ? 'diverged.whyTargets' : 'diverged.whyData';
    element.replaceChildren(
      h(
        'h3',
        {},
        icon('warning'),
        h('span', {}, t('diverged.title', { step: format.whole(divergence.step) })),
      ),
      h('p', {}, t(why, { lr: plain(divergence.lr) })),
      ...(rate === undefined ? [] : [retry(rate)]),
    );
  }

  /** @param {number} lr */
  const retry = (lr) =>
    button({
      text: t('diverged.try', { lr: plain(lr) }),
      class: 'button small primary',
      onclick: () => {
        store.edit(withOption(store.state.document, 'lr', lr));
        app.session.reset();
        app.announce(t('diverged.ready', { lr: plain(lr) }));
      },
    });

  return { element, update };
}
