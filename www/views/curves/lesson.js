// What a run that has diverged teaches: why it did, and a rate to try instead.

import { button, h, icon } from '../../dom.js';
import { format, t } from '../../i18n.js';
import { plain, significant } from '../../numbers.js';
import { withOption } from '../network.js';

/** @import { App } from '../../app.js' */
/** @import { Training } from '../../session.js' */

/** @param {App} app */
export function createLesson(app) {
  const { store } = app;
  const element = h('div', { class: 'lesson', role: 'status', hidden: true });

  /** @param {Training} now */
  function update({ divergence }) {
    const key = divergence ? `${divergence.step},${divergence.lr}` : '';
    if (element.dataset.key === key) return;
    element.dataset.key = key;
    element.hidden = !divergence;
    if (!divergence) return element.replaceChildren();
    const lr = significant(divergence.lr / 10, 6);
    const retry = button({
      text: t('diverged.try', { lr: plain(lr) }),
      class: 'button small primary',
      onclick: () => {
        store.edit(withOption(store.state.document, 'lr', lr));
        app.session.reset();
        app.announce(t('diverged.ready', { lr: plain(lr) }));
      },
    });
    element.replaceChildren(
      h(
        'h3',
        {},
        icon('warning'),
        h('span', {}, t('diverged.title', { step: format.whole(divergence.step) })),
      ),
      h('p', {}, t('diverged.why', { lr: plain(divergence.lr) })),
      retry,
    );
  }

  return { element, update };
}
