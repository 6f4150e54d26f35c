// The bar at the bottom: reset, run or pause, one epoch, one batch, how fast; and where training is.

import { button, h, icon, setAttribute, setText } from '../dom.js';
import { format, t } from '../i18n.js';
import { fixed, shortest32 } from '../numbers.js';
import { wrongText } from './editor.js';
import { placedText } from './problems.js';

/** @import { App } from '../app.js' */
/** @import { Training } from '../session.js' */
/** @import { State } from '../store.js' */

/** Steps a second, from slow motion on; at the end flat out. */
export const PACES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, null];

/** Whether that is one of them. @param {unknown} number @returns {number is number} */
export const isPace = (number) => Number.isInteger(number) && Number(number) in PACES;

/** @param {App} app */
export function transportBar(app) {
  const { session } = app;
  const reset = button({
    id: 'reset',
    text: t('transport.reset'),
    icon: 'reset',
    onclick: () => app.reset(),
  });
  const run = button({
    id: 'run',
    text: t('transport.run'),
    icon: 'play',
    class: 'button primary',
    onclick: () => app.toggleRun(),
  });
  const epoch = button({
    id: 'epoch',
    text: t('transport.epoch'),
    icon: 'epoch',
    onclick: () => session.step('epoch'),
  });
  const batch = button({
    id: 'batch',
    text: t('transport.batch'),
    icon: 'batch',
    onclick: () => session.step('batch'),
  });
  const pace = h('input', {
    type: 'range',
    id: 'pace',
    'aria-label': t('transport.pace'),
    min: 0,
    max: PACES.length - 1,
    step: 1,
    oninput: () => app.store.look({ pace: Number(pace.value) }),
  });
  const paceText = h('output', { class: 'pace-text', for: 'pace' });
  let asked = PACES.length - 1;
  setAttribute(run, 'title', t('transport.runHint'));
  setAttribute(run, 'aria-keyshortcuts', 'Control+Enter');
  setAttribute(reset, 'title', t('transport.resetHint'));
  setAttribute(epoch, 'title', t('transport.epochHint'));
  setAttribute(batch, 'title', t('transport.batchHint'));
  const why = h('p', { class: 'why', id: 'why-not', hidden: true });
  const figure = (/** @type {string} */ name) => {
    const value = h('b', { 'data-figure': name });
    return {
      value,
      element: h('span', { class: `figure figure-${name}` }, `${t(`transport.figure.${name}`)} `, value),
    };
  };
  const [at, loss, speed] = [figure('epoch'), figure('loss'), figure('speed')];
  const element = h(
    'div',
    { class: 'transport', role: 'group', 'aria-label': t('transport.label') },
    h('div', { class: 'transport-buttons' }, reset, run, epoch, batch),
    h('div', { class: 'pace' }, h('label', { for: 'pace' }, t('transport.pace')), pace, paceText),
    why,
    h('div', { class: 'figures' }, at.element, loss.element, speed.element),
  );
  let running = false;

  /**
   * @param {State} state
   * @param {Training} training
   */
  function update(
    { document, problems, view },
    { status, position, history, stepsPerSecond, document: trained },
  ) {
    if (running !== (status === 'running')) {
      running = status === 'running';
      run.replaceChildren(
        icon(running ? 'pause' : 'play'),
        h('span', { class: 'button-text' }, t(running ? 'transport.pause' : 'transport.run')),
      );
    }
    if (view.pace !== asked) {
      asked = view.pace;
      session.pace(PACES[asked] ?? null);
    }
    const rate = PACES[view.pace] ?? null;
    const text =
      rate === null ? t('transport.flatOut') : t('transport.rate', { rate: format.whole(rate), count: rate });
    pace.value = String(view.pace);
    setText(paceText, text);
    setAttribute(pace, 'aria-valuetext', text);
    const [problem] = problems;
    const { pending } = view;
    // Commands wait for their turn: a training that is still loading can be started.
    const able = !problem && status !== 'starting' && status !== 'failed';
    const over = status === 'finished' || status === 'diverged';
    // A button that is disabled loses the focus: what a keyboard reader holds stays enabled.
    setDisabled(run, !able);
    // Cells that are wrong are where Run leads.
    const stepwise = able && !pending && !over && !running;
    setDisabled(epoch, !stepwise);
    setDisabled(batch, !stepwise);
    setDisabled(reset, !able && status !== 'failed');
    const wrong = problem ? placedText(problem, document) : pending && !running ? wrongText(pending) : '';
    const told = {
      starting: 'transport.starting',
      failed: 'transport.failed',
      finished: position?.over ? 'transport.anew' : 'transport.finished',
      diverged: 'transport.anew',
    }[/** @type {string} */ (status)];
    const reason = wrong ? t('transport.cannot', { problem: wrong }) : told ? t(told) : '';
    setAttribute(run, 'aria-describedby', wrong || over ? 'why-not' : null);
    why.hidden = reason === '';
    if (!why.hidden) setText(why, reason);
    setAttribute(why, 'class', `why${wrong || status === 'failed' ? '' : ' quiet'}${over ? ' over' : ''}`);
    const [done, epochs] = [position?.epoch ?? 0, trained?.epochs ?? document.epochs];
    setText(at.value, `${format.count(done)} / ${format.count(epochs)}`);
    setAttribute(at.value, 'title', `${format.whole(done)} / ${format.whole(epochs)}`);
    const { last } = history.train;
    setText(loss.value, last === undefined ? '–' : fixed(last));
    setAttribute(loss.value, 'title', last === undefined ? null : shortest32(last));
    setText(speed.value, stepsPerSecond === null ? '–' : format.pace(stepsPerSecond));
  }

  return { element, update };
}

/**
 * @param {HTMLButtonElement} button
 * @param {boolean} disabled
 */
function setDisabled(button, disabled) {
  if (disabled && document.activeElement === button) {
    setAttribute(button, 'aria-disabled', 'true');
    button.disabled = false;
    button.addEventListener('blur', () => button.getAttribute('aria-disabled') && (button.disabled = true), {
      once: true,
    });
  } else {
    setAttribute(button, 'aria-disabled', null);
    button.disabled = disabled;
  }
}
