// Texts in the reader's language. Every text that a person reads comes from locales/.

import { formats } from './numbers.js';

/** @typedef {string | Record<string, string>} Message a text, or one for each plural form */
/** @typedef {Record<string, Message>} Messages */
/** @typedef {() => Promise<{ default: Messages }>} Part */
/**
 * @typedef {object} Language
 * @property {string} tag of BCP 47, the name of its file
 * @property {string} name in the language itself
 * @property {string} short
 * @property {Part} first what a first visit needs
 * @property {Part} later the texts of what is loaded when it is first opened
 */

const STORAGE_KEY = 'gradus:language';

/** Those that there are; readers of none of them get the last. @type {Language[]} */
let languages = [];
/** @type {Language | undefined} */
let language;
let later = false;
/** @type {Messages} */
let messages = {};
let plurals = new Intl.PluralRules('en');
export let format = formats('en');

/**
 * The page in the language of an earlier choice, or in the first one of the browser's that there is.
 * @param {Language[]} all
 */
export function startLanguage(all) {
  languages = all;
  const kept = remembered(STORAGE_KEY);
  const chosen = languages.find(({ tag }) => tag === kept);
  return useLanguage(chosen ?? preferred() ?? /** @type {Language} */ (languages.at(-1)));
}

/** `zh-TW` is for readers of `zh-CN`, too, where it has no file of its own. */
function preferred() {
  for (const wanted of navigator.languages ?? [navigator.language])
    for (const alike of [inFull, firstPart]) {
      const found = languages.find(({ tag }) => alike(tag) === alike(wanted));
      if (found) return found;
    }
  return undefined;
}

const inFull = (/** @type {string} */ tag) => tag.toLowerCase();
const firstPart = (/** @type {string} */ tag) => inFull(tag).split('-')[0];

/** @param {Language} wanted */
export async function useLanguage(wanted) {
  const parts = later ? [wanted.first(), wanted.later()] : [wanted.first()];
  messages = Object.assign({}, ...(await Promise.all(parts)).map((part) => part.default));
  language = wanted;
  plurals = new Intl.PluralRules(wanted.tag);
  format = formats(wanted.tag);
  document.documentElement.lang = wanted.tag;
}

/**
 * A part of the page that is not there from the beginning, with its texts.
 * @template T
 * @param {Promise<T>} part
 */
export async function withTexts(part) {
  const [loaded] = await Promise.all([part, moreTexts()]);
  return loaded;
}

async function moreTexts() {
  if (later || !language) return;
  const part = (await language.later()).default;
  later = true;
  messages = { ...messages, ...part };
}

export const allLanguages = () => languages;
export const currentLanguage = () => language;

/**
 * @param {string} key
 * @param {Record<string, unknown>} [params] `count` chooses the plural form
 */
export function t(key, params = {}) {
  const message = messages[key];
  if (message !== undefined) return interpolate(message, params);
  console.error(`There is no text ${key}.`);
  return key;
}

/** @param {string} key */
export const has = (key) => messages[key] !== undefined;

/**
 * @param {Message} message
 * @param {Record<string, unknown>} params
 */
function interpolate(message, params) {
  const form =
    typeof message === 'string'
      ? message
      : (message[plurals.select(Number(params.count))] ?? message.other ?? '');
  return form.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? show(params[name]) : whole));
}

/** @param {unknown} value */
function show(value) {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) >= 1000)
    return format.whole(value);
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/**
 * What the browser keeps for this page; nothing where it may keep nothing.
 * @param {string} key
 */
export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Private windows and embedded pages may not keep anything: then the choice lasts as long as the page.
  }
}

/** @param {Language} wanted */
export const rememberLanguage = (wanted) => remember(STORAGE_KEY, wanted.tag);
