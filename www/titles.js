// Titles that the page has given an experiment, by its example, its set or its file: with other data they are no longer
// right. What somebody wrote stays.

import { BUNDLED, GENERATED } from './experiment.js';
import { t } from './i18n.js';

/** As the field for it takes. */
const MAX_TITLE = 200;
const EXTENSION = /\.(csv|tsv|txt)$/i;

/** Those of the files that were read since the page was opened. @type {Set<string>} */
const ofFiles = new Set();

/** @param {string} name of a file */
export function titleOfFile(name) {
  const title = name.replace(EXTENSION, '').slice(0, MAX_TITLE);
  ofFiles.add(title);
  return title;
}

/**
 * The title with other data.
 * @param {string} title before
 * @param {string} fresh what the page calls it now
 * @param {{ document: { title: string } }[]} examples
 */
export function titleAfter(title, fresh, examples) {
  const ofSets = [...GENERATED, ...Object.keys(BUNDLED)].map((set) => t(`source.${set}`));
  const given = ['', ...examples.map(({ document }) => document.title), ...ofSets, ...ofFiles];
  return given.includes(title) ? fresh : title;
}
