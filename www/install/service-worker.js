// Keeps the page for later visits without a network. The build puts the files and their version in front:
// const VERSION = '…', FILES = ['index.html', …];

const worker = /** @type {any} */ (self);
const CACHE = `gradus-${VERSION}`;
/** What is kept only once it was needed: most machines have no use for WebGPU. */
const LATER = /^gpu\//;

worker.addEventListener('install', (/** @type {any} */ event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      // Asked anew, so that all of them are of one version.
      cache.addAll(
        FILES.map((name) => new Request(new URL(name, worker.registration.scope), { cache: 'no-cache' })),
      ),
    ),
  );
});

worker.addEventListener('activate', (/** @type {any} */ event) => {
  const old = (/** @type {string} */ name) => name.startsWith('gradus-') && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

// The reader has agreed to the new version.
worker.addEventListener(
  'message',
  (/** @type {MessageEvent} */ { data }) => data === 'take over' && worker.skipWaiting(),
);

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  const scope = new URL(worker.registration.scope);
  if (request.method !== 'GET' || url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname))
    return;
  const name = url.pathname.slice(scope.pathname.length) || 'index.html';
  if (FILES.includes(name) || LATER.test(name)) event.respondWith(answer(request, new URL(name, scope)));
});

/**
 * @param {Request} request
 * @param {URL} url
 */
async function answer(request, url) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(url);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(url, response.clone());
  return response;
}
