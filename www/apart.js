// The rows of a training whose document does not have them: fetched, or made by the module.

import { generate } from './gradus.js';

/**
 * The rows of a set that comes with the page: the module is built without them.
 * @param {object} document
 */
export async function bundledArrays(document) {
  const { data } = /** @type {{ data?: { kind?: unknown, name?: unknown } }} */ (document);
  if (data?.kind !== 'bundled') return undefined;
  try {
    const { bundledRows } = await import('./bundled.js');
    return await bundledRows(String(data.name));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const problem = { path: 'data', code: 'unreachable', params: { detail: message }, message };
    throw Object.assign(new Error(message), { problems: [problem] });
  }
}

/** @param {object} document */
export function generatedRows(document) {
  const { data } = /** @type {{ data?: Record<string, unknown> }} */ (document);
  if (data?.kind !== 'generated') return undefined;
  return generate(String(data.name), Number(data.points), Number(data.noise), Number(data.seed));
}
