// Texts in the reader's language. Every text that a person reads comes from locales/.

import { formats } from './numbers.js';

/** @typedef {string | Record<string, string>} Message a text, or one for each plural form */
/** @typedef {Record<string, Message>} Messages */
/** @typedef {'en' | 'zh-CN'} Language */

const STORAGE_KEY = 'gradus:language';

/** @type {Record<Language, () => Promise<{ default: Messages }>>} */
const LOADERS = {
  en: () => import('./locales/en.json'),
  'zh-CN': () => import('./locales/zh-CN.json'),
};

/**
 * The texts of what is loaded when it is first opened: the build takes them out of each file, see build.mjs.
 * @type {Record<Language, () => Promise<{ default: Messages }>>}
 */
const LATER = {
  en: () => import('./locales/en.json?later'),
  'zh-CN': () => import('./locales/zh-CN.json?later'),
};
let later = false;

/** @type {Messages} */
let messages = {};
/** @type {Language} */
let language = 'en';
let plurals = new Intl.PluralRules('en');
export let format = formats('en');

/** The language of an earlier choice, or the first one of the browser's that there is. */
export function preferredLanguage() {
  const kept = remembered(STORAGE_KEY);
  if (kept === 'en' || kept === 'zh-CN') return kept;
  for (const wanted of navigator.languages ?? [navigator.language]) {
    if (/^zh\b/i.test(wanted)) return 'zh-CN';
    if (/^en\b/i.test(wanted)) return 'en';
  }
  return 'en';
}

/** @param {Language} wanted */
export async function useLanguage(wanted) {
  const parts = later ? [LOADERS[wanted](), LATER[wanted]()] : [LOADERS[wanted]()];
  messages = Object.assign({}, ...(await Promise.all(parts)).map((part) => part.default));
  language = wanted;
  plurals = new Intl.PluralRules(wanted);
  format = formats(wanted);
  document.documentElement.lang = wanted;
}

/** The texts of what is not there from the beginning; before any of it is built. */
export async function moreTexts() {
  if (later) return;
  const part = (await LATER[language]()).default;
  later = true;
  messages = { ...messages, ...part };
}

export const currentLanguage = () => language;

/**
 * @param {string} key
 * @param {Record<string, unknown>} [params] `count` chooses the plural form
 */
export function t(key, params = {}) {
  const message = messages[key];
  if (message === undefined) return key;
  return interpolate(message, params);
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
export const rememberLanguage = (wanted) => remember(STORAGE_KEY, wanted);
