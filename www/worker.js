import init from './gradus.js';

await init();
self.postMessage('ready');
