// The texts of all languages: the same keys with the same placeholders, and those that the page asks for.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';

const www = new URL('../../www/', import.meta.url);
/** @typedef {Record<string, string | Record<string, string>>} Messages */

/** The languages by their tags: all the files there are. @type {Map<string, Messages>} */
const locales = new Map();
for (const name of await readdir(new URL('locales/', www)))
  locales.set(
    name.replace(/\.json$/, ''),
    JSON.parse(await readFile(new URL(`locales/${name}`, www), 'utf8')),
  );
const en = /** @type {Messages} */ (locales.get('en'));

/** @param {string | Record<string, string> | undefined} message */
const placeholders = (message) => {
  const form = typeof message === 'string' ? message : (message?.other ?? '');
  return [...new Set(form.match(/\{\w+\}/g))].sort();
};

test('every language has the same texts with the same placeholders', () => {
  assert.ok(locales.size > 1);
  for (const [tag, messages] of locales) {
    assert.deepEqual(Object.keys(messages).sort(), Object.keys(en).sort(), tag);
    for (const key of Object.keys(en))
      assert.deepEqual(placeholders(messages[key]), placeholders(en[key]), `${key} in ${tag}`);
  }
});

test('every language says what it is', () => {
  const texts = (/** @type {string} */ key) =>
    [...locales.values()].map((messages) => String(messages[`language.${key}`]));
  // Nobody could tell two of the same name.
  for (const key of ['name', 'short']) assert.equal(new Set(texts(key)).size, locales.size, key);
  for (const tag of locales.keys()) assert.deepEqual(Intl.getCanonicalLocales(tag), [tag]);
  for (const encoding of texts('encoding')) assert.ok(new TextDecoder(encoding));
});

test('every plural has a form for everything', () => {
  for (const messages of locales.values())
    for (const [key, message] of Object.entries(messages))
      if (typeof message !== 'string') assert.ok(message.other, key);
});

/** What stands between quotes and looks like a key, but is a field of an experiment. */
const FIELDS = ['optimizer.type', 'optimizer.lr', 'optimizer.betas', 'schedule.type', 'loss.type'];

/** @param {string} folder @param {string} ending */
async function sourceOf(folder, ending) {
  const at = new URL(folder, www);
  const files = (await readdir(at, { recursive: true })).filter((name) => name.endsWith(ending));
  return (await Promise.all(files.map((name) => readFile(new URL(name, at), 'utf8')))).join('\n');
}
const page = await sourceOf('./', '.js');
const crate = await sourceOf('../crate/src/', '.rs');

/** @param {string} text */
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Which keys a template stands for: `loss.${type}`. @param {string} template */
const patternOf = (template) =>
  new RegExp(
    `^${template
      .split(/\$\{[^}]*\}/)
      .map(escaped)
      .join('(.+)')}$`,
  );

/** Those that name a group of texts: in front, or with `named('type', …)`. */
const templates = [
  ...[...page.matchAll(/`([a-z]\w*\.[^`\s]*\$\{[^`]*)`/g)].map(([, template = '']) => template),
  ...[...page.matchAll(/\bnamed\('(\w+)',/g)].map(([, group]) => `${group}.\${name}`),
];
const quoted = new Set([...page.matchAll(/'([^'\n]*)'/g)].map(([, text = '']) => text));

/**
 * What a choice in a template falls back to, filled in: the keys that are asked for whatever the name is.
 * @param {string} template
 */
function fallbacks(template) {
  return [...template.matchAll(/\$\{[^}]*(?:\?\?|\|\||:)\s*'([^']+)'\s*\}/g)].map(([hole, fallback = '']) =>
    template.replace(hole, fallback),
  );
}

test('every text that the page asks for is there', () => {
  const groups = new Set(Object.keys(en).map((key) => key.split('.')[0]));
  const asked = [...quoted].filter((text) => /^\w+\.[\w.-]+$/.test(text) && groups.has(text.split('.')[0]));
  const found = [...page.matchAll(/(?<![\w.])(?:t|has)\(\s*`([^`]+)`/g)].map(([, template = '']) => template);
  assert.ok(asked.length > 400 && found.length > 60, `${asked.length} and ${found.length} were found`);
  assert.deepEqual(
    asked.filter((key) => !(key in en) && !FIELDS.includes(key)),
    [],
  );
  for (const template of found) {
    const keys = Object.keys(en).filter((key) => patternOf(template).test(key));
    assert.ok(keys.length > 0, template);
    for (const key of fallbacks(template)) assert.ok(key in en, key);
  }
});

test('every text is asked for', () => {
  // The names that a template is filled with stand somewhere, too.
  const known = (/** @type {string} */ name) =>
    name.split('.').every((part) => new RegExp(`\\b${escaped(part)}\\b`).test(`${page}${crate}`));
  const patterns = [...new Set(templates)].map(patternOf);
  /** @type {(key: string) => boolean} */
  const isAsked = (key) =>
    quoted.has(key) ||
    patterns.some((pattern) => pattern.exec(key)?.slice(1).every(known)) ||
    // Also for fingers.
    (key.endsWith('.touch') && isAsked(key.replace(/\.touch$/, '')));
  assert.deepEqual(
    Object.keys(en).filter((key) => !isAsked(key)),
    [],
  );
});

test('every reason for which a link or a file cannot be read has a text', async () => {
  for (const [kind, file] of [
    ['bad_link', 'link.rs'],
    ['bad_json', 'json.rs'],
  ]) {
    const source = await readFile(new URL(`../crate/src/experiment/${file}`, www), 'utf8');
    const reasons = [...source.matchAll(/Reason::(?:new|naming)\(\s*"(\w+)"/g)].map(([, code]) => code);
    const texts = Object.keys(en).filter((key) => key.startsWith(`problem.${kind}.`));
    assert.deepEqual(texts.sort(), [...new Set(reasons)].map((code) => `problem.${kind}.${code}`).sort());
  }
});
