// The texts of all languages: the same keys with the same placeholders, and every key that the page uses.

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

test('every text that the page asks for is there, and every text is asked for', async () => {
  const files = (await readdir(www, { recursive: true })).filter((name) => name.endsWith('.js'));
  const source = (await Promise.all(files.map((name) => readFile(new URL(name, www), 'utf8')))).join('\n');
  const whole = [...source.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key]) => /** @type {string} */ (key));
  for (const key of whole) assert.ok(key in en, key);
  // Keys made from a name: `loss.${type}`, `named('type', …)`, and choices between two.
  const stems = [...source.matchAll(/[`']([\w.]+\.)\$\{/g)].map(([, stem]) => /** @type {string} */ (stem));
  const quoted = new Set([...source.matchAll(/'([\w.]+)'/g)].map(([, text]) => text));
  const unused = Object.keys(en).filter((key) => {
    return (
      !quoted.has(key) &&
      ![...stems, 'got.', 'type.', 'what.'].some((stem) => key.startsWith(stem)) &&
      !/^\w+\.title$/.test(key)
    );
  });
  assert.deepEqual(unused, []);
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
