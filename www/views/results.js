// The results panel: tabs for the curves, the weights and predictions (ARIA's tabs pattern).

import { button, h, setAttribute } from '../dom.js';
import { t } from '../i18n.js';
import { curvesTab } from './curves.js';
import { predictTab } from './predict.js';
import { weightsTab } from './weights.js';

/** @import { App } from '../app.js' */
/** @import { Training } from '../session.js' */
/** @import { State, View } from '../store.js' */

const TABS = /** @type {const} */ (['curves', 'weights', 'predict']);

/** @param {App} app */
export function resultsPanel(app) {
  const views = { curves: curvesTab(app), weights: weightsTab(app), predict: predictTab(app) };
  const tabs = TABS.map((name) => {
    const tab = button({
      text: t(`results.${name}`),
      class: 'tab',
      id: `tab-${name}`,
      onclick: () => choose(name),
    });
    setAttribute(tab, 'role', 'tab');
    setAttribute(tab, 'aria-controls', `tabpanel-${name}`);
    return tab;
  });
  const panels = TABS.map((name) =>
    h(
      'div',
      { class: 'tab-panel', role: 'tabpanel', id: `tabpanel-${name}`, 'aria-labelledby': `tab-${name}` },
      views[name].element,
    ),
  );
  const element = h(
    'section',
    { class: 'panel', id: 'panel-results', 'aria-labelledby': 'heading-results', tabindex: '-1' },
    h(
      'div',
      { class: 'panel-head' },
      h('h2', { id: 'heading-results' }, t('results.title')),
      h('div', { class: 'tabs', role: 'tablist', 'aria-labelledby': 'heading-results', onkeydown }, ...tabs),
    ),
    ...panels,
  );

  /** @param {View['tab']} name */
  function choose(name) {
    app.store.look({ tab: name });
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const at = TABS.indexOf(app.store.state.view.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const name = /** @type {View['tab']} */ (TABS.at(to % TABS.length));
    choose(name);
    tabs[TABS.indexOf(name)]?.focus();
  }

  /**
   * @param {State} state
   * @param {Training} training
   */
  function update(state, training) {
    TABS.forEach((name, at) => {
      const chosen = state.view.tab === name;
      const tab = /** @type {HTMLElement} */ (tabs[at]);
      setAttribute(tab, 'aria-selected', String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      /** @type {HTMLElement} */ (panels[at]).hidden = !chosen;
    });
    views[state.view.tab].update(state, training);
  }

  return { element, update };
}
