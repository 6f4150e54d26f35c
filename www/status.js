// What the page says about its training: to screen readers what has become of it, and where that needs to be read, as
// a notice.

import { t } from './i18n.js';
import { shortest32 } from './numbers.js';
import { placedAll } from './views/problems.js';

/** @import { Experiment } from './experiment.js' */
/** @import { Status, Training, Trouble } from './session.js' */
/** @import { createNotices } from './views/notices.js' */

/**
 * @param {ReturnType<typeof createNotices>} notices
 * @param {object} page
 * @param {() => void} page.begun called when a training has begun
 * @param {() => Experiment} page.document
 */
export function createStatus(notices, page) {
  /** @type {Status} */
  let said = 'starting';

  /** Says once what is new. @param {Training} training */
  function follow({ status, position, begun, history, divergence }) {
    if (status === said) return;
    const before = said;
    said = status;
    // What was kept is back, which is said of the experiment as a whole: nothing has happened.
    const isBack = before === 'starting' || before === 'loading';
    if (isBack && begun > 0 && position?.step === begun) return;
    const params = {
      epoch: position?.epoch ?? 0,
      step: divergence?.step ?? position?.step ?? 0,
      loss: shortest32(history.train.last ?? NaN),
    };
    if (status === 'running' || status === 'paused' || status === 'finished' || status === 'diverged') {
      // A short run is over before it is seen running.
      page.begun();
      const over = status === 'finished' && position?.over;
      notices.announce(t(over ? `status.over.${over}` : `status.${status}`, params));
      if (over) notices.notify({ kind: 'info', text: t(`status.over.${over}`, params), topic: 'over' });
      // The results explain it; where they are not on the screen, a notice does.
      if (status === 'diverged' && !document.querySelector('#panel-results')?.checkVisibility())
        notices.notify({ kind: 'error', text: t('status.diverged', params), topic: 'over' });
    } else if (status === 'ready' && !isBack) {
      notices.announce(t('status.reset'));
    }
  }

  /** @param {Trouble} event */
  function trouble(event) {
    const tell = (/** @type {'info' | 'error'} */ kind, /** @type {string} */ text) =>
      notices.notify({ kind, text, topic: 'worker' });
    switch (event.type) {
      case 'restarted':
        return tell('info', t(event.step > 0 ? 'notice.resumed' : 'notice.restarted', { step: event.step }));
      case 'deviceLost':
        return notices.notify({ kind: 'info', text: t('notice.deviceLost') });
      case 'failed':
        return tell('error', t('notice.failed', { message: event.message }));
      case 'refused':
        return tell('error', placedAll(event.problems, page.document()));
    }
  }

  return { follow, trouble };
}
