// The module in the page, for what a script would do with it.

/** @import { Page } from 'playwright-core' */

/**
 * Runs a function in the page with the module's exports, and an argument.
 * @template T
 * @param {Page} page
 * @param {(gradus: any, argument: any) => T} body
 * @param {unknown} [argument]
 * @param {string} [file] the module; the one with WebGPU is `./gpu/gradus.js`
 * @returns {Promise<Awaited<T>>}
 */
export async function withModule(page, body, argument, file = './gradus.js') {
  const call = `(async (argument) => {
    const gradus = await import('${file}');
    await gradus.default();
    return (${body})(gradus, argument);
  })(${JSON.stringify(argument ?? null)})`;
  return /** @type {Awaited<T>} */ (await page.evaluate(call));
}
