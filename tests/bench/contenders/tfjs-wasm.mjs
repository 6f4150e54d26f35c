import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { start } from './tfjs.mjs';

export { product, trainer } from './tfjs.mjs';

/** @param {{ folder: string }} options where the backend's files are, relative to the page */
export async function init({ folder }) {
  setWasmPaths(new URL(folder, location.href).href);
  await start('wasm');
}

// The backend has no gradient of a convolution.
export const skips = ({ layers }) => layers.some(({ type }) => type === 'conv2d');
