// The page: one store, one session, the views, and what several views can do.

import { setAttribute } from './dom.js';
import { check, decodeLink, loadRest, presets, problemsOf, readText, summaryOf } from './engine.js';
import { createFrames } from './frames.js';
import { has, remember, remembered, rememberLanguage, t, useLanguage } from './i18n.js';
import { createKeeper, freshName, lastKept } from './keeper.js';
import { createLater } from './later.js';
import { isUnderway, runs } from './runs.js';
import { createSession } from './session.js';
import { startShortcuts } from './shortcuts.js';
import { createStatus } from './status.js';
import { createStore, isEditable } from './store.js';
import { startTheme } from './theme.js';
import { dataPanel } from './views/data.js';
import { openText } from './views/files.js';
import { header } from './views/header.js';
import { networkPanel } from './views/network.js';
import { placedAll } from './views/problems.js';
import { resultsPanel } from './views/results.js';
import { isPace, transportBar } from './views/transport.js';
import { keepLeft, keepWaiting, keptWaiting, pendingOf, takeLeft } from './waiting.js';

/** @import { Experiment, Problem } from './experiment.js' */
/** @import { Language } from './i18n.js' */
/** @import { Session, Training } from './session.js' */
/** @import { Pending, State, Store } from './store.js' */
/** @import { createNotices } from './views/notices.js' */

/**
 * What views get.
 * @typedef {object} App
 * @property {Store} store
 * @property {Session} session
 * @property {{ name: string, document: Experiment }[]} presets
 * @property {ReturnType<typeof createNotices>['notify']} notify
 * @property {ReturnType<typeof createNotices>['withdraw']} withdraw
 * @property {ReturnType<typeof createNotices>['announce']} announce
 * @property {(document: Experiment, merge?: string, pending?: Pending) => boolean} edit says why, if the edit is refused
 * @property {() => void} redraw in the next frame
 * @property {(document: Experiment) => ReturnType<typeof summaryOf>} summary
 * @property {(document: Experiment) => string} titleOf
 * @property {(name: string, document: Experiment) => string} presetTitle
 * @property {(document: Experiment, id?: string) => void} open `id` of one that is kept
 * @property {ReturnType<typeof createKeeper>} keeper
 * @property {() => void} openFile
 * @property {(fragment: string) => void} shareLink puts the link into the address bar
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} toggleRun
 * @property {() => boolean} waits whether cells of the table wait to be put right, so that nothing is to be trained:
 *   then it leads to the first of them
 * @property {() => void} reset
 * @property {(language: Language) => void} switchLanguage
 * @property {(changed: () => void, failed: (message: string) => void) => Session} spawn another session, with a worker
 *   of its own
 */
/** After which time the page is kept for visits without a network. */
const OFFLINE_MS = 3000;

/** So long after the last edit, the history's entry gets the document. */
const KEEP_MS = 300;

/** Set once a reader has seen what the page is. */
const WELCOMED = 'gradus:welcomed';

/** @typedef {{ element: HTMLElement, update: (state: State, training: Training) => void }} View */
/** @typedef {{ header: HTMLElement, main: HTMLElement, transport: HTMLElement }} Places */

/**
 * @param {object} options
 * @param {Places} options.places
 * @param {ReturnType<typeof createNotices>} options.notices
 * @param {() => Worker} options.createWorker
 * @param {WebAssembly.Module} options.module
 */
export function startApp({ places, notices, createWorker, module }) {
  const examples = presets();
  const first = /** @type {{ document: Experiment }} */ (examples[0]).document;
  const left = leftInEntry();
  const own = left?.document ?? documentOfLink();
  const last = own ? undefined : lastKept();
  const brought = last?.document ? keptDocument(last.document) : undefined;
  const returns = Boolean(history.state?.id ?? last);
  const store = createStore({ document: own ?? brought ?? first, check });
  const frames = createFrames(draw);
  const redraw = frames.next;
  const status = createStatus(notices, { begun: welcomed, document: () => store.state.document });
  const session = createSession({
    createWorker,
    changed: redraw,
    progressed: frames.soon,
    trouble: status.trouble,
  });
  session.boot(module);
  // Cells that waited beside the document wait again, so that nothing that was typed is lost.
  /** @type {ReturnType<typeof keptWaiting>} */
  const waiting = left ? { pending: left.pending } : last ? keptWaiting(last.id) : {};
  if (left || brought) store.look({ pending: waiting.pending });
  if (isPace(left?.pace)) store.look({ pace: left.pace });
  whenThereIsTime(() => loadRest().then((rest) => rest && session.complete(rest), console.warn));
  const keeper = createKeeper({
    store,
    session,
    id: left?.id ?? history.state?.id ?? (own ? undefined : last?.id) ?? freshName(),
    moved(id) {
      runs.open(id);
      keeper.wait(resume(id));
    },
    full: () => notices.notify({ kind: 'error', text: t('notice.full') }),
  });
  runs.open(keeper.id);

  /** @type {View[]} */
  let views = [];
  let showWrongCell = () => {};

  function draw() {
    forgetActs();
    const { state } = store;
    const { training } = session;
    setAttribute(places.main, 'data-panel', state.view.panel);
    setAttribute(document.body, 'data-status', training.status);
    for (const view of views) view.update(state, training);
    keeper.follow();
    status.follow(training);
  }

  let acted = session.run;
  function forgetActs() {
    if (session.run === acted) return;
    acted = session.run;
    store.forgetActs();
  }

  let trained = { revision: -1, id: keeper.id };
  /** It is not known yet whose document it is. */
  let opening = false;
  function train() {
    const { document, problems, revision } = store.state;
    const { id } = keeper;
    if (opening || problems.length > 0 || (trained.revision === revision && trained.id === id)) return;
    // However alike they are, an experiment does not go on with what another one has learned.
    if (trained.id === id) session.use(document);
    else session.load(document);
    trained = { revision, id };
  }

  /** What this entry of the browser's history was left with, after a reload or Back. */
  function leftInEntry() {
    const { document: kept, id, pending, pace } = takeLeft(history.state?.id) ?? history.state ?? {};
    const document = kept && keptDocument(kept);
    return document && { document, id, pending: pendingOf(pending), pace };
  }

  /** What the browser has kept of the experiment that is open: its weights, and a document that was too long. */
  async function bringBack() {
    const { id } = keeper;
    if (!returns) return;
    try {
      const { get } = await import('./keep.js');
      const whole = !own && !brought ? await get(id) : undefined;
      const document = whole && keptDocument(whole.document);
      if (document && store.state.revision === 0) {
        open(document, id);
        store.look({ pending: waiting.pending });
      }
      const step = await resume(id);
      if (step !== undefined) notices.announce(t('status.resumed', { step }));
    } catch {
      // Where nothing can be read, nothing was kept.
    }
  }

  /**
   * An experiment has its weights and its runs again, where they were kept: the step from which it goes on.
   * @param {string} id
   */
  async function resume(id) {
    const [{ getWeights }, { bringRuns }] = await Promise.all([import('./keep.js'), import('./pins.js')]);
    const weights = await getWeights(id).catch(() => undefined);
    const resumed = weights && keeper.id === id && session.resume(weights);
    await bringRuns(id, (kept) => keptDocument(kept, fitsTogether)).then(redraw, () => {});
    return resumed ? weights.checkpoint.place.step : undefined;
  }

  let toldOfRuns = false;
  runs.listen((run, what) => {
    // What a comparison has not finished is not kept.
    if (isUnderway(run)) return;
    if (what !== 'removed' && !run.key && run.home === keeper.id) keeper.keepSoon();
    import('./pins.js')
      .then(({ follow }) => follow(run, what))
      .then((kept) => {
        if (kept || toldOfRuns) return;
        toldOfRuns = true;
        notices.notify({ kind: 'error', text: t('notice.runNotKept', { name: run.name }) });
      })
      // Where nothing can be kept, runs last as long as the page.
      .catch(() => {});
  });

  /** Three sentences for who has never been here. */
  function welcome() {
    if (remembered(WELCOMED)) return;
    notices.notify({ kind: 'info', text: t('welcome.text'), ondismiss: welcomed, class: 'welcome' });
  }

  function welcomed() {
    if (remembered(WELCOMED)) return;
    remember(WELCOMED, 'yes');
    document.querySelector('.notice.welcome')?.remove();
  }

  /** The document that the address bar asks for. */
  function documentOfLink() {
    if (!location.hash.includes('=')) return undefined;
    try {
      const { document, refused } = decodeLink(location.hash);
      if (refused.length > 0) notices.notify({ kind: 'info', text: t('notice.refused', { names: refused }) });
      return document;
    } catch (error) {
      const problem = placedAll(problemsOf(error));
      notices.notify({ kind: 'error', text: t('notice.badLink', { problem }), topic: 'open' });
      return undefined;
    }
  }

  /**
   * Takes a document from outside.
   * @param {Experiment} document
   * @param {string} [id]
   */
  function open(document, id) {
    keeper.settle();
    opening = true;
    const problems = store.edit(document);
    opening = false;
    if (problems.length > 0) {
      notices.notify({
        kind: 'error',
        text: placedAll(problems, document),
        topic: 'open',
      });
      return;
    }
    keeper.opened(id);
    train();
    keeping.atOnce();
    notices.withdraw('import');
    notices.announce(t('status.opened', { name: app.titleOf(store.state.document) }));
  }

  /** @type {App} */
  const app = {
    store,
    keeper,
    session,
    presets: examples,
    notify: notices.notify,
    withdraw: notices.withdraw,
    announce: notices.announce,
    edit(document, merge, pending) {
      const problems = store.edit(document, merge, pending);
      if (problems.length === 0) return true;
      notices.notify({
        kind: 'error',
        text: t('notice.refusedEdit', { problem: placedAll(problems, document) }),
        topic: 'edit',
      });
      // The control shows what was refused.
      redraw();
      return false;
    },
    redraw,
    summary: summaryOf,
    presetTitle: (name, document) => (has(`preset.${name}`) ? t(`preset.${name}`) : document.title),
    titleOf(document) {
      const preset = examples.find((example) => example.document.title === document.title);
      return preset ? app.presetTitle(preset.name, preset.document) : document.title || t('app.untitled');
    },
    open,
    openFile() {
      openText('.json,application/json', (text, name) => {
        try {
          open(readText(text));
        } catch (error) {
          const problem = placedAll(problemsOf(error));
          notices.notify({ kind: 'error', text: t('notice.badFile', { name, problem }), topic: 'open' });
        }
      });
    },
    shareLink(fragment) {
      if (fragment === location.hash) return;
      keeping.atOnce();
      history.pushState(null, '', fragment);
    },
    undo() {
      forgetActs();
      const done = store.undo();
      if (done) notices.announce(told('status.undone', done));
    },
    redo() {
      forgetActs();
      const done = store.redo();
      if (done) notices.announce(told('status.redone', done));
    },
    toggleRun() {
      if (session.training.status === 'running') session.pause();
      else if (!app.waits() && store.state.problems.length === 0) session.start();
    },
    waits() {
      const waits = store.state.view.pending !== undefined;
      if (waits) showWrongCell();
      return waits;
    },
    reset: () => session.reset(),
    spawn(changed, failed) {
      const other = createSession({
        createWorker,
        changed,
        trouble: (event) =>
          event.type !== 'restarted' && failed(event.type === 'failed' ? event.message : ''),
      });
      other.boot(module);
      return other;
    },
    async switchLanguage(language) {
      await useLanguage(language);
      rememberLanguage(language);
      mount();
      /** @type {HTMLElement | null} */ (document.querySelector('#language'))?.focus();
    },
  };

  /** Builds every view, in the present language. */
  function mount() {
    notices.clear();
    const [top, data, network, results, bottom] = [
      header(app),
      dataPanel(app),
      networkPanel(app),
      resultsPanel(app),
      transportBar(app),
    ];
    views = [top, data, network, results, bottom];
    showWrongCell = data.showWrongCell;
    places.header.replaceChildren(top.element);
    places.main.replaceChildren(data.element, network.element, results.element);
    places.transport.replaceChildren(bottom.element);
    const skip = document.querySelector('.skip');
    if (skip) skip.textContent = t('app.skip');
    draw();
    welcome();
  }

  const entryNow = () => ({
    document: store.state.document,
    id: keeper.id,
    pending: store.state.view.pending,
    pace: store.state.view.pace,
  });

  /** A reload and Back find the document as it was left in the history's entry. */
  const keeping = createLater(() => {
    const entry = entryNow();
    keepWaiting(entry.id, entry.pending);
    // They wait beside the document that the next visit opens.
    if (entry.pending) keeper.flush();
    try {
      history.replaceState(entry, '');
    } catch {
      // Too large for this browser: then Back leaves the page as it is.
    }
  }, KEEP_MS);
  /** @type {unknown[]} */
  let kept = [];

  store.subscribe(({ revision, view }) => {
    train();
    redraw();
    const now = [revision, view.pending, view.pace];
    if (now.every((value, at) => value === kept[at])) return;
    kept = now;
    keeping.ask();
  });
  window.addEventListener('pagehide', () => {
    keeping.settle();
    if (kept.length > 0) keepLeft(entryNow());
  });
  // Nothing was left when the page comes back as it was.
  window.addEventListener('pageshow', ({ persisted }) => persisted && takeLeft());
  window.addEventListener('hashchange', () => {
    const entry = leftInEntry();
    const document = entry?.document ?? documentOfLink();
    if (!document) return;
    open(document, entry?.id);
    if (entry?.pending) store.look({ pending: entry.pending });
  });
  document.querySelector('.skip')?.addEventListener('click', (event) => {
    // Not by the fragment: that is where links to experiments are.
    event.preventDefault();
    places.main.focus();
  });
  startShortcuts(app);
  startTheme(redraw);
  const shown = [...document.querySelectorAll('#notices .notice')];
  mount();
  document.querySelector('#notices')?.append(...shown);
  if (waiting.left) notices.notify({ kind: 'info', text: t('notice.cellsLeft', { count: waiting.left }) });
  train();
  keeping.atOnce();
  keeper.wait(bringBack());
  // When the page has what it needs, it makes itself at home for visits without a network.
  if (RELEASE)
    setTimeout(
      () => void import('./offline.js').then(({ startOffline }) => startOffline(notices.notify)),
      OFFLINE_MS,
    );
  return app;
}

/**
 * A document that the browser has kept. As it was left, in the middle of an edit, it need not fit together.
 * @param {unknown} kept
 * @param {(problems: Problem[]) => boolean} [accepted]
 */
function keptDocument(kept, accepted = isEditable) {
  const { document, problems } = check(/** @type {Experiment} */ (kept));
  return accepted(problems) ? document : undefined;
}

/** What was trained does. @param {Problem[]} problems */
const fitsTogether = (problems) => problems.length === 0;

/** @param {string} key @param {string | true} done what it was, where the store knows */
const told = (key, done) => (done === true ? t(key) : `${t(key)} · ${done}`);

/** How long a page that nobody touches waits. */
const QUIET_MS = 3000;

/**
 * After the first training has started, before anything is clicked: when a key or a pointer is first used, or soon.
 * @param {() => void} work
 */
function whenThereIsTime(work) {
  const events = ['pointermove', 'pointerdown', 'keydown'];
  const timer = setTimeout(begin, QUIET_MS);
  for (const name of events) addEventListener(name, begin);
  function begin() {
    clearTimeout(timer);
    for (const name of events) removeEventListener(name, begin);
    work();
  }
}
