// The header: the experiment, undo and redo, sharing, language and theme; on a phone also which panel is shown.

import { button, h, icon, setAttribute, setText } from '../dom.js';
import { allLanguages, currentLanguage, t, withTexts } from '../i18n.js';
import { isDark, toggleTheme } from '../theme.js';
import { openMenu } from './popup.js';
import { openShare } from './share.js';

/** @import { App } from '../app.js' */
/** @import { Training } from '../session.js' */
/** @import { State, View } from '../store.js' */

const PANELS = /** @type {const} */ (['data', 'network', 'results']);

/** @param {App} app */
export function header(app) {
  const { store } = app;
  const title = h('span', { class: 'title-text' });
  const experiment = h(
    'button',
    {
      type: 'button',
      class: 'button experiment',
      'aria-haspopup': 'dialog',
      onclick: openExamples,
    },
    title,
    icon('chevron'),
  );
  const undo = button({
    icon: 'undo',
    label: t('header.undo'),
    class: 'icon-button',
    onclick: () => app.undo(),
  });
  const redo = button({
    icon: 'redo',
    label: t('header.redo'),
    class: 'icon-button',
    onclick: () => app.redo(),
  });
  const share = button({ id: 'share', text: t('header.share'), onclick: () => openShare(app) });
  setAttribute(share, 'aria-haspopup', 'dialog');
  const language = languageButton(app);
  const theme = button({
    icon: isDark() ? 'sun' : 'moon',
    label: t('header.theme'),
    class: 'icon-button framed',
    onclick: changeTheme,
  });
  const chipText = h('span', { class: 'long' });
  const chipShort = h('span', { class: 'short' });
  const chip = h(
    'button',
    {
      type: 'button',
      class: 'chip wide-only',
      title: t('header.deviceHint'),
      'aria-haspopup': 'dialog',
      'aria-expanded': 'false',
      onclick: async () => {
        const { openDevice } = await withTexts(import('./device.js'));
        openDevice(app, chip);
      },
    },
    h('span', { class: 'dot', 'aria-hidden': 'true' }),
    chipText,
    chipShort,
  );
  const help = button({
    icon: 'help',
    label: t('header.help'),
    class: 'icon-button framed',
    id: 'help',
    onclick: async () => {
      const { toggleHelp } = await withTexts(import('./help.js'));
      toggleHelp(help);
    },
  });
  setAttribute(help, 'aria-pressed', 'false');
  const tabs = PANELS.map((name) =>
    button({ text: t(`${name}.title`), class: 'panel-tab', onclick: () => show(name) }),
  );
  const element = h(
    'div',
    { class: 'header' },
    h('h1', { class: 'brand' }, t('app.name')),
    experiment,
    h('div', { class: 'undo-group' }, undo, redo),
    h('span', { class: 'gap' }),
    chip,
    share,
    language,
    theme,
    help,
    h('nav', { class: 'panel-tabs', 'aria-label': t('header.panels') }, ...tabs),
  );

  /** @param {View['panel']} name */
  function show(name) {
    store.look({ panel: name });
    globalThis.document.querySelector('main')?.scrollTo({ top: 0 });
  }

  function changeTheme() {
    toggleTheme();
    theme.replaceChildren(icon(isDark() ? 'sun' : 'moon'));
    app.announce(t(isDark() ? 'header.dark' : 'header.light'));
    app.redraw();
  }

  async function openExamples() {
    const { openGallery } = await withTexts(import('./gallery.js'));
    openGallery(app);
  }

  /**
   * @param {State} state
   * @param {Training} training
   */
  function update({ document, canUndo, canRedo, view }, training) {
    const webgpu = training.device?.chosen === 'webgpu';
    const where = t(webgpu ? 'header.device.webgpu' : 'header.device.cpu');
    setText(chipText, where);
    setText(chipShort, t(webgpu ? 'header.device.webgpu.short' : 'header.device.cpu.short'));
    setAttribute(chip, 'aria-label', t('header.runsOn', { device: where }));
    setAttribute(chip, 'title', t(webgpu ? 'header.webgpuHint' : 'header.deviceHint'));
    const name = app.titleOf(document);
    setText(title, name);
    setAttribute(experiment, 'aria-label', t('header.experiment', { name }));
    undo.disabled = !canUndo;
    redo.disabled = !canRedo;
    PANELS.forEach((panel, at) =>
      setAttribute(/** @type {Element} */ (tabs[at]), 'aria-current', panel === view.panel ? 'true' : null),
    );
    const page = `${name} – ${t('app.name')}`;
    if (globalThis.document.title !== page) globalThis.document.title = page;
  }

  return { element, update };
}

/**
 * Leads to the other language; where there are more, to a choice of them.
 * @param {App} app
 */
function languageButton(app) {
  const languages = allLanguages();
  const present = currentLanguage();
  const [other, ...more] = languages.filter((each) => each !== present);
  const choose = () =>
    openMenu(
      element,
      languages.map((each) => ({
        text: each.name,
        checked: each === present,
        onchoose: () => app.switchLanguage(each),
      })),
      t('header.language'),
    );
  const toggles = other !== undefined && more.length === 0;
  const element = button({
    id: 'language',
    text: toggles ? languages.map(({ short }) => short).join(' / ') : t('language.name'),
    class: 'button wide-only',
    onclick: toggles ? () => app.switchLanguage(other) : choose,
  });
  element.append(h('span', { class: 'short' }, toggles ? other.short : t('language.short')));
  if (!toggles) {
    element.append(icon('chevron'));
    setAttribute(element, 'aria-haspopup', 'menu');
  }
  setAttribute(
    element,
    'title',
    toggles ? languages.map(({ name }) => name).join(' / ') : t('header.language'),
  );
  return element;
}
