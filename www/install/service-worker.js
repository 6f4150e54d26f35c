// Keeps the page for later visits without a network. The build puts the files and their version in front:
// const VERSION = '…', FILES = ['index.html', …];

const worker = /** @type {any} */ (self);
const CACHE = `gradus-${VERSION}`;

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
  if (!FILES.includes(name)) return;
  event.respondWith(
    caches
      .open(CACHE)
      .then((cache) => cache.match(new URL(name, scope)))
      .then((kept) => kept ?? fetch(request)),
  );
});
