// The page's side of working without a network: its service worker, and what a reader is told of a new version.

import { t } from './i18n.js';

/** @import { createNotices } from './views/notices.js' */

/** @param {ReturnType<typeof createNotices>['notify']} notify */
export async function startOffline(notify) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  const updating = Boolean(serviceWorker.controller);
  try {
    const registration = await serviceWorker.register(new URL('./service-worker.js', import.meta.url));
    if (registration.waiting && updating) offer(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const fresh = registration.installing;
      fresh?.addEventListener('statechange', () => {
        if (fresh.state === 'installed' && serviceWorker.controller) offer(fresh);
      });
    });
  } catch {
    // Embedded pages, private windows and hosts without HTTPS have none: then a visit needs the network.
  }

  /** @param {ServiceWorker} fresh */
  function offer(fresh) {
    notify({
      kind: 'info',
      text: t('notice.update'),
      action: {
        text: t('notice.reload'),
        onclick: () => {
          serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
          fresh.postMessage('take over');
        },
      },
    });
  }
}
