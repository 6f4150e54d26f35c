// What a page asks of WebGPU while it is measured: how often it submits work, and how often it reads something back.

/** @typedef {{ submissions: number, readings: number }} Traffic */

/**
 * Counts from now on, whoever asks.
 * @returns {Traffic | undefined} the counts, which grow; undefined where there is no WebGPU
 */
export function countTraffic() {
  const { GPUQueue, GPUBuffer } = /** @type {any} */ (globalThis);
  if (!GPUQueue || !GPUBuffer) return undefined;
  const traffic = { submissions: 0, readings: 0 };
  count(GPUQueue.prototype, 'submit', () => (traffic.submissions += 1));
  count(GPUBuffer.prototype, 'mapAsync', () => (traffic.readings += 1));
  return traffic;
}

/**
 * @param {any} prototype
 * @param {string} name
 * @param {() => void} called
 */
function count(prototype, name, called) {
  const method = prototype[name];
  prototype[name] = function (/** @type {unknown[]} */ ...values) {
    called();
    return method.apply(this, values);
  };
}
