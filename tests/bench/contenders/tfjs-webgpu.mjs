import '@tensorflow/tfjs-backend-webgpu';
import { start } from './tfjs.mjs';

export { product, trainer } from './tfjs.mjs';

export const init = () => start('webgpu');
