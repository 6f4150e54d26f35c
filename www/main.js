import init from './gradus.js';

const app = /** @type {HTMLElement} */ (document.querySelector('#app'));
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
worker.addEventListener('message', async (event) => {
  await init();
  app.dataset.state = event.data;
});
