// What wasm-bindgen writes; parts.js is built around it.
export * from './gradus.js';
export { default } from './gradus.js';
