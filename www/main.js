// Starts the page: the language, the module and the worker load at the same time.

import { LANGUAGES } from 'gradus:languages';
import { startApp } from './app.js';
import { h } from './dom.js';
import { compile, instantiate, missingFeature } from './engine.js';
import { startLanguage, t } from './i18n.js';
import { startTheme } from './theme.js';
import { createNotices } from './views/notices.js';
import './views/sliders.js';

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
function place(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

const places = { header: place('header'), main: place('main'), transport: place('transport') };
const createWorker = () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

async function start() {
  startTheme(() => {});
  const language = startLanguage(LANGUAGES);
  const missing = missingFeature();
  if (missing) {
    await language;
    return fail(t(`start.${missing}`), t('start.browsers'));
  }
  // The first worker starts while the module compiles.
  /** @type {Worker | undefined} */
  let early = createWorker();
  const compiled = compile();
  await language;
  showLoading();
  try {
    const module = await compiled;
    await instantiate(module);
    startApp({
      places,
      module,
      notices: createNotices(place('notices'), place('live')),
      createWorker: () => {
        const worker = early ?? createWorker();
        early = undefined;
        return worker;
      },
    });
    document.body.removeAttribute('data-loading');
  } catch (error) {
    console.error(error);
    fail(t('start.failed'), error instanceof Error ? error.message : String(error));
  }
}

function showLoading() {
  places.main.replaceChildren(h('p', { class: 'loading', role: 'status' }, t('start.loading')));
}

/**
 * @param {string} text
 * @param {string} detail
 */
function fail(text, detail) {
  document.body.removeAttribute('data-loading');
  places.main.replaceChildren(
    h(
      'div',
      { class: 'fatal', role: 'alert' },
      h('h1', {}, t('app.name')),
      h('p', {}, text),
      h('p', { class: 'field-note' }, detail),
    ),
  );
}

void start();
