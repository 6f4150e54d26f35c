// Reading numbers that people type, and writing numbers for people to read.

/** @typedef {{ value: number } | { error: 'empty' | 'word' | 'comma' | 'huge' | 'infinite' }} Parsed */

const LARGEST = 3.4028234663852886e38;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** A number with a comma, and one whose comma could as well stand before thousands. */
const WITH_COMMA = /^[+-]?\d*,\d+(e[+-]?\d+)?$/i;
const THOUSANDS = /^[+-]?[1-9]\d{0,2},\d{3}$/;
const NOT_FINITE = /^[+-]?(nan|inf|infinity|∞)$/i;
/** No number has so many letters. */
const LONGEST = 400;

/**
 * A number as it is typed or pasted: also with full-width digits (as Chinese input methods make them) and with a
 * real minus sign. A comma is a decimal one, unless it could stand before thousands: then nobody knows.
 * @param {string} text
 * @returns {Parsed}
 */
export function parseNumber(text) {
  if (text.length > LONGEST) return { error: text.trim() === '' ? 'empty' : 'word' };
  const typed = text.normalize('NFKC').replace(/[−–]/g, '-').replace(/。/g, '.').trim();
  if (typed === '') return { error: 'empty' };
  if (THOUSANDS.test(typed)) return { error: 'comma' };
  if (NOT_FINITE.test(typed)) return { error: 'infinite' };
  const plain = withPoint(typed);
  if (!NUMBER.test(plain)) return { error: 'word' };
  const value = Number(plain);
  return Math.abs(value) <= LARGEST ? { value } : { error: 'huge' };
}

/**
 * A number with a comma, whatever that means, with a point; any other text as it is.
 * @param {string} text
 */
export const withPoint = (text) => (WITH_COMMA.test(text) ? text.replace(',', '.') : text);

/**
 * Whether a text is a number whose comma can only be a decimal one.
 * @param {string} text
 */
export const hasDecimalComma = (text) => WITH_COMMA.test(text) && !THOUSANDS.test(text);

/**
 * The shortest decimal that is this very float32.
 * @param {number} value
 */
export function shortest32(value) {
  if (!Number.isFinite(value)) return nonFinite(value);
  for (let digits = 1; digits <= 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return plain(short);
  }
  return plain(value);
}

/**
 * The shortest decimal of a double, with a plain minus, as it would be typed.
 * @param {number} value
 */
export function plain(value) {
  return Object.is(value, -0) ? '0' : String(value).replace('e+', 'e');
}

/**
 * `decimals` decimals where that says something, otherwise scientific: never a false 0.0000.
 * @param {number} value
 * @param {number} [decimals]
 */
export function fixed(value, decimals = 4) {
  if (!Number.isFinite(value)) return nonFinite(value);
  const size = Math.abs(value);
  if (size === 0) return (0).toFixed(decimals);
  if (size >= 1e6 || size < 0.5 * 10 ** -decimals) return scientific(value, 2);
  const whole = Math.max(1, Math.floor(Math.log10(size)) + 1);
  return value.toFixed(Math.max(0, Math.min(decimals, 8 - whole)));
}

/**
 * For tables of data: at most four decimals, none that are only zeros.
 * @param {number} value
 */
export function brief(value) {
  const text = fixed(value);
  return text.includes('e') || !text.includes('.') ? text : text.replace(/\.?0+$/, '').replace(/^-0$/, '0');
}

/**
 * @param {number} value
 * @param {number} decimals
 */
function scientific(value, decimals) {
  return value.toExponential(decimals).replace('e+', 'e');
}

/** @param {number} value */
function nonFinite(value) {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
}

/**
 * `value` rounded to so many significant digits.
 * @param {number} value
 * @param {number} digits
 */
export function significant(value, digits) {
  return Number(value.toPrecision(digits));
}

/**
 * How wide a text is, in letters: Chinese ones are as wide as two.
 * @param {string} text
 */
export const textWidth = (text) =>
  [...text].reduce((sum, letter) => sum + (/[\u1100-\uffef]/.test(letter) ? 2 : 1), 0);

/**
 * Whole numbers, percentages and names in a reader's language.
 * @param {string} language
 */
export function formats(language) {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const short = (/** @type {number} */ digits) =>
    new Intl.NumberFormat(language, { notation: 'compact', maximumSignificantDigits: digits });
  const [pace, large] = [short(3), short(5)];
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const list = new Intl.ListFormat(language, { type: 'conjunction' });
  return {
    /** @param {number} value */
    whole: (value) => whole.format(value),
    /** A figure that has no room for more than nine signs. @param {number} value */
    count: (value) => (value < 1e7 ? whole : large).format(value),
    /** Three digits, and from a million on a word for the rest. @param {number} value */
    pace: (value) => (value < 1e6 ? whole : pace).format(significant(value, 3)),
    /** @param {number} value */
    share: (value) => share.format(value),
    /** @param {string[]} values */
    list: (values) => list.format(values),
  };
}
