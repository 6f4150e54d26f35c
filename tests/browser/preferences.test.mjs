// Language and theme: what the system says, what the reader chose, and what the browser may keep.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePage } from '../../www/bundle.mjs';
import { browserTest, dist, eventually, root, serve } from './harness.mjs';
import { TOUR } from './tour.mjs';
import { button, run } from './user.mjs';

/** @import { Page } from 'playwright-core' */

const html = (/** @type {Page} */ page) => page.locator('html');
const theme = (/** @type {Page} */ page) => page.getByRole('button', { name: 'Light or dark' });
const language = (/** @type {Page} */ page) => page.getByRole('button', { name: '中 / EN' });

/** @param {Page} page @param {{ lang?: string, theme?: string }} expected */
async function isIn(page, expected) {
  await page.getByRole('button', { name: /^(Run|运行)$/ }).waitFor();
  // Another language is a file that is loaded first.
  await eventually(async () => {
    if (expected.lang) assert.equal(await html(page).getAttribute('lang'), expected.lang);
    if (expected.theme) assert.equal(await html(page).getAttribute('data-theme'), expected.theme);
  });
  if (expected.lang) {
    const name = expected.lang === 'en' ? 'Data' : '数据';
    await page.getByRole('heading', { name, exact: true }).waitFor();
  }
}

for (const [locale, lang] of /** @type {const} */ ([
  ['zh-CN', 'zh-CN'],
  ['zh-TW', 'zh-CN'],
  ['en-GB', 'en'],
  ['fr-FR', 'en'],
])) {
  browserTest(`a browser in ${locale} opens the page in ${lang}`, { locale }, async ({ page }) => {
    await isIn(page, { lang });
  });
}

browserTest('the first language that there is of several is taken', { open: false }, async (opened) => {
  const { page, server } = opened;
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'languages', { get: () => ['fr-FR', 'zh-Hans', 'en'] });
  });
  await page.goto(server.url);
  await isIn(page, { lang: 'zh-CN' });
});

browserTest('a chosen language is remembered, and the experiment stays', {}, async ({ page }) => {
  await isIn(page, { lang: 'en' });
  await run(page, 50);
  await language(page).click();
  await isIn(page, { lang: 'zh-CN' });
  // The run is still there, in Chinese.
  await page.getByText('50 / 50').waitFor();
  await page.reload();
  await isIn(page, { lang: 'zh-CN' });
  await language(page).click();
  await isIn(page, { lang: 'en' });
  await page.reload();
  await isIn(page, { lang: 'en' });
});

/**
 * The page of the repository with one more file in its locales/, built.
 * @param {string} tag
 * @param {Record<string, string>} texts that are not the English ones
 */
async function withLanguage(tag, texts) {
  const folder = await mkdtemp(join(tmpdir(), 'gradus-'));
  const [source, built] = [join(folder, 'www'), join(folder, 'dist')];
  await cp(join(root, 'www'), source, { recursive: true });
  for (const name of ['node_modules', 'crate']) await symlink(join(root, name), join(folder, name));
  const english = JSON.parse(await readFile(join(source, 'locales/en.json'), 'utf8'));
  await writeFile(join(source, `locales/${tag}.json`), JSON.stringify({ ...english, ...texts }));
  await cp(dist, built, { recursive: true });
  await bundlePage(source, built, { release: true });
  const server = await serve(built);
  const close = async () => {
    server.close();
    await rm(folder, { recursive: true });
  };
  return { server, close };
}

browserTest('a file in locales/ is a language', { open: false, locale: 'fr-CA' }, async (opened) => {
  const { page, errors } = opened;
  const { server, close } = await withLanguage('fr', {
    'language.name': 'Français',
    'language.short': 'FR',
    'data.title': 'Données',
    'header.language': 'Langue',
    'help.help': 'Montrez un bouton.',
  });
  try {
    await page.goto(server.url);
    // The reader's own one, and no other is loaded.
    await page.getByRole('heading', { name: 'Données' }).waitFor();
    assert.equal(await html(page).getAttribute('lang'), 'fr');
    const loaded = () => [...server.requested].filter((name) => /^(en|fr|zh-CN)-/.test(name));
    assert.deepEqual(
      loaded().map((name) => name.split('-')[0]),
      ['fr'],
    );
    await button(page, 'Explain the controls').click();
    await page.getByText('Montrez un bouton.').waitFor();
    await page.keyboard.press('Escape');
    // With more than two it is a choice.
    await button(page, 'Français').click();
    const menu = page.getByRole('menu', { name: 'Langue' });
    const item = (/** @type {string} */ name) => menu.getByRole('menuitemradio', { name });
    assert.deepEqual(await menu.getByRole('menuitemradio').allTextContents(), [
      'Français',
      '中文',
      'English',
    ]);
    assert.equal(await item('Français').getAttribute('aria-checked'), 'true');
    await item('中文').click();
    await isIn(page, { lang: 'zh-CN' });
    await page.reload();
    await isIn(page, { lang: 'zh-CN' });
    await button(page, '中文').click();
    await page.getByRole('menuitemradio', { name: 'English' }).click();
    await isIn(page, { lang: 'en' });
  } finally {
    await close();
  }
  errors.splice(
    0,
    errors.length,
    ...errors.filter((error) => !error.startsWith(`request to ${server.origin}`)),
  );
});

/** What is the same in every language: names of things, of PyTorch's classes, of formats, and what the data say. */
const NAMES =
  /(?<![a-z])(Gradus|English|EN|WebAssembly|SIMD|CPU|WebGPU|PyTorch|torchsummary|CSV|SVG|PNG|\.[ct]sv|UCI|MB|Ctrl|Shift|Alt|Enter|Delete|Del|Leaky|ReLU|GELU|ELU|SiLU|Softplus|softmax|Huber|RMSprop|Adagrad|AMSGrad|sigmoid|Tanh|logits|SGD|MSE|Nesterov|Adam|AdamW|Dropout|Xavier|Kaiming|beta|eps|alpha|gamma|x\.mean|x\.std|lr|sin|[02]\.(weight|bias)|(Linear|ReLU)-\d|NaN|float32|class|digit|red|blue|green|many)(?![a-z])/gi;

/** All texts that are to be seen or to be heard. @param {Page} page */
const textsOf = (page) =>
  page.evaluate(() => {
    const spoken = ['aria-label', 'aria-valuetext', 'aria-description', 'title', 'placeholder', 'data-unit'];
    const elements = [...document.body.querySelectorAll('*')].filter((element) => element.checkVisibility() || element instanceof HTMLOptionElement || element.closest('#live')); // prettier-ignore
    return elements.flatMap((element) => [
      ...[...element.childNodes].filter((node) => node instanceof Text).map(({ data }) => data),
      ...spoken.map((name) => element.getAttribute(name) ?? ''),
    ]);
  });

for (const [name, visit] of Object.entries(TOUR)) {
  browserTest(`every text changes with the language: ${name}`, { locale: 'zh-CN' }, async ({ page }) => {
    await isIn(page, { lang: 'zh-CN' });
    await visit(page, async (view) => {
      const foreign = (await textsOf(page)).filter((text) => /[a-z]{2,}/i.test(text.replace(NAMES, '')));
      assert.deepEqual([...new Set(foreign)], [], view);
    });
  });
}

browserTest('the theme is the system’s, until one is chosen, which is remembered', {}, async ({ page }) => {
  await isIn(page, { theme: 'light' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await eventually(() => isIn(page, { theme: 'dark' }));
  await theme(page).click();
  await isIn(page, { theme: 'light' });
  await page.reload();
  await isIn(page, { theme: 'light' });
  await theme(page).click();
  await page.emulateMedia({ colorScheme: 'light' });
  await page.reload();
  await isIn(page, { theme: 'dark' });
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red = 255] = (background.match(/\d+/g) ?? []).map(Number);
  assert.ok(red < 64, background);
});

browserTest('what the browser kept may be nonsense', { open: false }, async ({ page, server }) => {
  await page.addInitScript(() => {
    localStorage.setItem('gradus:language', '{"');
    localStorage.setItem('gradus:theme', '\u0000purple');
    localStorage.setItem('gradus:document', '[[[');
  });
  await page.goto(server.url);
  await isIn(page, { lang: 'en', theme: 'light' });
  await run(page, 50);
});

browserTest('a browser that may keep nothing works', { open: false }, async ({ page, server }) => {
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'localStorage', {
      get: () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    });
  });
  await page.goto(server.url);
  await isIn(page, { lang: 'en', theme: 'light' });
  await theme(page).click();
  await language(page).click();
  await isIn(page, { lang: 'zh-CN', theme: 'dark' });
  await language(page).click();
  await run(page, 50);
  await button(page, 'Reset').click();
});
