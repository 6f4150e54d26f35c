// The style sheets: each class belongs to one of them, so that a name that two views have taken by chance does not
// dress one of them as the other.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { browserTest, root } from './harness.mjs';

/** Adapts to screens and preferences what the others style: that is its purpose. */
const ADAPTS = 'adapts.css';

/** @typedef {{ sheet: string, selector: string }} Rule */

/**
 * A selector's compounds, without what stands in the parentheses of its pseudo-classes.
 * @param {string} selector
 */
const compoundsOf = (selector) =>
  withoutParentheses(selector)
    .split(/\s*[>+~\s]\s*/)
    .filter(Boolean);

/** @param {string} text @returns {string} */
function withoutParentheses(text) {
  const shorter = text.replace(/\([^()]*\)/g, '');
  return shorter === text ? text : withoutParentheses(shorter);
}

/** @param {string} text the selectors of a rule */
function selectorsOf(text) {
  let depth = 0;
  const parts = [''];
  for (const sign of text) {
    depth += Number('(['.includes(sign)) - Number(')]'.includes(sign));
    if (sign === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += sign;
  }
  return parts.map((part) => part.trim());
}

/** @param {string} compound */
const classesIn = (compound) => [...compound.matchAll(/\.([\w-]+)/g)].map(([, name]) => name ?? '');

/**
 * What is wrong: a class that stands alone in rules of two sheets, and an element with classes of two sheets.
 * @param {Rule[]} rules
 */
function collisions(rules) {
  /** @type {Map<string, Set<string>>} */
  const owners = new Map();
  for (const { sheet, selector } of rules) {
    const [first = '', ...rest] = compoundsOf(selector);
    const [name, ...more] = classesIn(first);
    // With a pseudo-class of classes it is about a variant only.
    if (rest.length > 0 || more.length > 0 || !name || /:(is|where)\(\./.test(selector)) continue;
    owners.set(name, (owners.get(name) ?? new Set()).add(sheet));
  }
  const twice = [...owners].flatMap(([name, sheets]) =>
    sheets.size > 1 ? [`.${name} is styled in ${[...sheets].join(' and ')}`] : [],
  );
  const mixed = rules.flatMap(({ sheet, selector }) =>
    compoundsOf(selector).flatMap((compound) => {
      const own = classesIn(compound).map((name) => [...(owners.get(name) ?? [])]);
      const all = new Set(own.flatMap((sheets) => (sheets.length === 1 ? sheets : [])));
      return all.size > 1 ? [`${selector} in ${sheet} has classes of ${[...all].join(' and ')}`] : [];
    }),
  );
  return [...twice, ...mixed];
}

browserTest('no class is styled in two sheets', { open: false }, async ({ page, server }) => {
  const folder = join(root, 'www/styles');
  const names = (await readdir(folder)).filter((name) => name !== ADAPTS);
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  await page.goto(server.url);
  // The browser reads them as it does.
  const selectors = await page.evaluate(
    (sheets) =>
      sheets.map((text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        /** @type {(rules: CSSRuleList) => string[]} */
        const inside = (rules) =>
          [...rules].flatMap((rule) => [
            ...(rule instanceof CSSStyleRule ? [rule.selectorText] : []),
            ...('cssRules' in rule && rule.cssRules instanceof CSSRuleList ? inside(rule.cssRules) : []),
          ]);
        return inside(sheet.cssRules);
      }),
    texts,
  );
  const rules = names.flatMap((sheet, at) =>
    (selectors[at] ?? []).flatMap(selectorsOf).map((selector) => ({ sheet, selector })),
  );
  assert.ok(rules.length > 300, `${rules.length} rules were read`);
  assert.deepEqual(collisions(rules), []);
  // What it is to find: the same name in another view, alone or beside one of its own.
  const found = collisions([
    { sheet: 'a.css', selector: '.bar' },
    { sheet: 'b.css', selector: '.bar:hover' },
    { sheet: 'a.css', selector: '.map' },
    { sheet: 'b.css', selector: '.unit' },
    { sheet: 'b.css', selector: '.diagram > .unit.map:not(.x .y)' },
    { sheet: 'b.css', selector: '.chart .map' },
  ]);
  assert.deepEqual(found, [
    '.bar is styled in a.css and b.css',
    '.diagram > .unit.map:not(.x .y) in b.css has classes of b.css and a.css',
  ]);
});
