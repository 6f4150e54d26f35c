// Who takes part.

/**
 * @typedef {object} InPage a library in a browser's page
 * @property {string} id
 * @property {'page'} kind
 * @property {'own' | 'peer' | 'empty'} role
 * @property {string} module in contenders/
 * @property {Record<string, unknown>} [options] for its `init` and `trainer`
 * @property {Record<string, string>} [folders] folders that it loads files from, by their name in the page's address
 * @property {Record<string, string>} [alias] files that stand for what it imports
 * @property {string[]} [only] the workloads that it takes part in; all, if it does not say
 */
/**
 * @typedef {object} Program a program beside the browser
 * @property {string} id
 * @property {'program'} kind
 * @property {'native'} role
 * @property {string[]} command
 * @property {string[]} [only]
 */
/** @typedef {InPage | Program} Contender */

/**
 * @param {object} settings
 * @param {string} settings.root the repository
 * @param {string} settings.here tests/bench
 * @param {string | undefined} settings.python a Python that has PyTorch
 * @param {string | undefined} settings.playground tensorflow/playground's nn.ts
 * @returns {Contender[]}
 */
export function contenders({ root, here, python, playground }) {
  const gradus = {
    kind: /** @type {const} */ ('page'),
    role: /** @type {const} */ ('own'),
    module: 'gradus.mjs',
  };
  const peer = { kind: /** @type {const} */ ('page'), role: /** @type {const} */ ('peer') };
  const dist = { 'dist/': `${root}/dist` };
  /** @type {Contender[]} */
  const all = [
    { ...gradus, id: 'gradus', options: { folder: 'dist/' }, folders: dist },
    { ...gradus, id: 'gradus eager', options: { folder: 'dist/', eager: true }, folders: dist, only: ['W1'] },
    {
      ...gradus,
      id: 'gradus core',
      options: { folder: 'dist-core/' },
      folders: { 'dist-core/': `${root}/dist-core` },
      only: ['W8'],
    },
    {
      ...gradus,
      id: 'gradus webgpu',
      module: 'gradus-webgpu.mjs',
      options: { folder: 'dist/gpu/' },
      folders: dist,
      only: ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7a', 'W7b', 'W7c'],
    },
    {
      ...peer,
      id: 'tfjs wasm',
      module: 'tfjs-wasm.mjs',
      options: { folder: 'backend/' },
      folders: { 'backend/': `${here}/node_modules/@tensorflow/tfjs-backend-wasm/dist` },
    },
    { ...peer, id: 'tfjs webgpu', module: 'tfjs-webgpu.mjs' },
    { ...peer, id: 'jax-js wasm', module: 'jax.mjs', options: { device: 'wasm' } },
    { ...peer, id: 'jax-js webgpu', module: 'jax.mjs', options: { device: 'webgpu' } },
    { ...peer, id: 'convnetjs', module: 'convnetjs.mjs' },
    { kind: 'page', role: 'empty', id: 'empty page', module: 'empty.mjs', only: ['W8'] },
  ];
  if (playground) {
    const alias = { 'playground-nn': playground };
    all.push({ ...peer, id: 'playground nn', module: 'playground.mjs', alias });
  }
  if (python) {
    const command = [python, `${here}/torch_program.py`];
    const only = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7a', 'W7b', 'W7c'];
    all.push({ id: 'PyTorch eager', kind: 'program', role: 'native', command, only });
  }
  return all;
}
