// Where there is no network yet to show results of: why, and the way to what is wrong.

import { button, h, icon, setText } from '../dom.js';
import { t } from '../i18n.js';
import { placedText } from './problems.js';

/** @import { App } from '../app.js' */
/** @import { Problem } from '../experiment.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

/** @param {App} app */
export function createUntrainable(app) {
  const text = h('span', {});
  const leads = button({
    text: t('results.where'),
    class: 'button small',
    onclick: () => {
      const [problem] = app.store.state.problems;
      if (problem) lead(app, problem);
    },
  });
  const element = h('section', { class: 'message', hidden: true }, icon('warning'), text, leads);

  return {
    element,
    /** Whether it is so. @param {State} state @param {Training} training */
    update({ document, problems: [problem] }, training) {
      const isSo = !training.document && problem !== undefined;
      element.hidden = !isSo;
      if (isSo) setText(text, t('transport.cannot', { problem: placedText(problem, document) }));
      return isSo;
    },
  };
}

/** @param {App} app @param {Problem} problem */
function lead({ store }, { path }) {
  const name = path.startsWith('data') ? 'data' : 'network';
  store.look({ panel: name });
  // On a phone the panel is there when the page has been drawn.
  requestAnimationFrame(() => {
    const panel = document.querySelector(`#panel-${name}`);
    if (!(panel instanceof HTMLElement)) return;
    const messages = [...panel.querySelectorAll('.field-message, .message')];
    panel.focus();
    messages.find((message) => message.checkVisibility())?.scrollIntoView({ block: 'center' });
  });
}
