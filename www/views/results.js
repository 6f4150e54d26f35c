// The results panel: tabs for what there is to see of a training (ARIA's tabs pattern). All but the curves are
// loaded when they are first shown.

import { button, h, setAttribute } from '../dom.js';
import { t, withTexts } from '../i18n.js';
import { curvesTab } from './curves/curves.js';
import { createUntrainable } from './untrainable.js';

/** @import { App } from '../app.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

/**
 * @typedef {object} TabView
 * @property {HTMLElement} element
 * @property {(state: State, training: Training) => void} update
 * @property {() => void} [leave] it is not shown any more
 */
/** @typedef {'curves' | 'fit' | 'confusion' | 'weights' | 'inspect' | 'predict'} Tab */

/** @type {[Tab, (app: App) => Promise<TabView> | TabView][]} */
const TABS = [
  ['curves', curvesTab],
  ['fit', async (app) => (await withTexts(import('./fit/fit.js'))).fitTab(app)],
  ['confusion', async (app) => (await withTexts(import('./confusion.js'))).confusionTab(app)],
  ['weights', async (app) => (await withTexts(import('./weights.js'))).weightsTab(app)],
  ['inspect', async (app) => (await withTexts(import('./inspect.js'))).inspectTab(app)],
  ['predict', async (app) => (await withTexts(import('./predict.js'))).predictTab(app)],
];

/** What shows nothing but a network: without one it is not there. @type {Set<Tab>} */
const OF_NETWORK = new Set(['fit', 'confusion', 'weights', 'inspect']);

/** @param {App} app */
export function resultsPanel(app) {
  const untrainable = createUntrainable(app);
  const parts = TABS.map(([name, make]) => {
    const tab = button({
      text: t(`results.${name}`),
      class: 'tab',
      id: `tab-${name}`,
      onclick: () => choose(name),
    });
    setAttribute(tab, 'role', 'tab');
    setAttribute(tab, 'aria-controls', `tabpanel-${name}`);
    const panel = h('div', {
      class: 'tab-panel',
      role: 'tabpanel',
      id: `tabpanel-${name}`,
      'aria-labelledby': `tab-${name}`,
      'aria-busy': true,
    });
    /** @type {TabView | undefined} */
    const view = undefined;
    return { name, make, tab, panel, view: /** @type {TabView | undefined} */ (view), asked: false };
  });
  const strip = h(
    'div',
    { class: 'tabs', role: 'tablist', 'aria-labelledby': 'heading-results', onkeydown },
    ...parts.map(({ tab }) => tab),
  );
  const element = h(
    'section',
    { class: 'panel', id: 'panel-results', 'aria-labelledby': 'heading-results', tabindex: '-1' },
    h(
      'div',
      { class: 'panel-head' },
      h('h2', { id: 'heading-results', class: 'visually-hidden' }, t('results.title')),
      strip,
    ),
    ...parts.map(({ panel }) => panel),
  );

  /** @param {Tab} name */
  function choose(name) {
    app.store.look({ tab: name });
  }

  /** @param {KeyboardEvent} event */
  function onkeydown(event) {
    const at = parts.findIndex(({ name }) => name === app.store.state.view.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: parts.length - 1 }[event.key];
    const part = to === undefined ? undefined : parts.at(to % parts.length);
    if (!part) return;
    event.preventDefault();
    choose(part.name);
    part.tab.focus();
  }

  /** @param {typeof parts[number]} part */
  async function load(part) {
    part.asked = true;
    try {
      const made = part.make(app);
      const view = made instanceof Promise ? await made : made;
      part.view = view;
      part.panel.replaceChildren(view.element);
    } catch (error) {
      const again = button({
        text: t('results.again'),
        class: 'button small',
        onclick: () => void load(part),
      });
      const text = t('results.unreachable', {
        message: error instanceof Error ? error.message : String(error),
      });
      part.panel.replaceChildren(h('div', { class: 'message', role: 'alert' }, h('span', {}, text), again));
    }
    setAttribute(part.panel, 'aria-busy', null);
    app.redraw();
  }

  /** @type {Tab | undefined} */
  let last;
  /**
   * @param {State} state
   * @param {Training} training
   */
  function update(state, training) {
    const shown = state.view.tab;
    for (const part of parts) {
      const chosen = part.name === shown;
      setAttribute(part.tab, 'aria-selected', String(chosen));
      part.tab.tabIndex = chosen ? 0 : -1;
      part.panel.hidden = !chosen;
      if (!chosen && part.name === last) part.view?.leave?.();
      if (!chosen) continue;
      if (!part.asked) void load(part);
      part.view?.update(state, training);
      const isMissing = untrainable.update(state, training);
      if (isMissing && part.panel.firstChild !== untrainable.element) part.panel.prepend(untrainable.element);
      if (part.view) part.view.element.hidden = isMissing && OF_NETWORK.has(part.name);
      // Where the tabs do not fit, the chosen one comes into view.
      if (last !== shown)
        strip.scrollTo({ left: part.tab.offsetLeft - strip.offsetLeft - strip.clientWidth / 3 });
    }
    last = shown;
  }

  return { element, update };
}
