// What classes are called: by the words that the data has for them, otherwise by their numbers.

import { columnsOf } from './experiment.js';
import { t } from './i18n.js';

/** @import { Data } from './experiment.js' */

/**
 * Where there is little room: `setosa`, or `2`.
 * @param {{ data: Data }} document
 * @param {number} number
 */
export const classLabel = ({ data }, number) => columnsOf(data).names[number] ?? String(number);

/**
 * Where nothing else says what the number is: `setosa`, or `class 2`.
 * @param {{ data: Data }} document
 * @param {number} number
 */
export const classTitle = ({ data }, number) =>
  columnsOf(data).names[number] ?? t('class.numbered', { class: number });
