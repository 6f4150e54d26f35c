// The module in the page, for what a script would do with it.

/** @import { Page } from 'playwright-core' */

/**
 * Runs a function in the page with the module's exports, and an argument.
 * @template T
 * @param {Page} page
 * @param {(gradus: any, argument: any) => T} body
 * @param {unknown} [argument]
 * @returns {Promise<Awaited<T>>}
 */
export async function withModule(page, body, argument) {
  const call = `(async (argument) => {
    const gradus = await import('./gradus.js');
    await gradus.default();
    return (${body})(gradus, argument);
  })(${JSON.stringify(argument)})`;
  return /** @type {Awaited<T>} */ (await page.evaluate(call));
}
