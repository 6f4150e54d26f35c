// The main flow in WebKit: what tests/browser/flow.test.mjs does in the other browsers.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { By, Key } from 'selenium-webdriver';
import { eventually, serve } from '../browser/harness.mjs';
import { decode, number32, train } from '../browser/native.mjs';
import { startWebKit } from './webkit.mjs';

/** @type {Awaited<ReturnType<typeof startWebKit>>} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;
before(async () => {
  [browser, server] = await Promise.all([startWebKit(), serve()]);
});
after(async () => {
  await browser?.close();
  server?.close();
});

/** @param {string} selector */
const find = (selector) => browser.driver.findElement(By.css(selector));
/** @param {string} selector */
const click = (selector) => eventually(async () => (await find(selector)).click());
/** @param {string} selector */
const textOf = async (selector) => (await find(selector)).getProperty('textContent');
/** @param {string} selector @param {string} text */
const says = (selector, text) => eventually(async () => assert.equal(await textOf(selector), text));
/** @param {string} label @param {string} text */
const holds = (label, text) =>
  eventually(async () =>
    assert.equal(await (await find(`[aria-label="${label}"]`)).getAttribute('value'), text),
  );
/** @param {...string} keys */
const press = (...keys) =>
  browser.driver
    .actions()
    .sendKeys(...keys)
    .perform();

/** Opens an address as a new visit would, also where only the fragment is another. @param {string} address */
async function open(address) {
  await browser.driver.get('about:blank');
  await browser.driver.get(address);
  await eventually(async () => assert.ok(await (await find('#run')).isEnabled()));
}

async function run() {
  await click('#run');
  await says('[data-figure="epoch"]', '50 / 50');
}

/** The curve as the page saves it; what it would write into a file is kept instead. */
async function savedLosses() {
  await browser.driver.executeScript(() => {
    URL.createObjectURL = (/** @type {Blob} */ file) => {
      void file.text().then((text) => (document.body.dataset.saved = text));
      return '#';
    };
    document.addEventListener(
      'click',
      (event) => event.target instanceof HTMLAnchorElement && event.preventDefault(),
    );
  });
  await click('[role="tabpanel"] [aria-label="Save this view"]');
  await eventually(async () => {
    for (const item of await browser.driver.findElements(By.css('[role="menuitem"]')))
      if (((await item.getProperty('textContent')) ?? '').startsWith('CSV')) return item.click();
    assert.fail('no menu');
  });
  const text = await eventually(async () => {
    const saved = await (await find('body')).getAttribute('data-saved');
    assert.ok(saved);
    return saved;
  });
  const [head, ...lines] = text.trim().split('\n');
  assert.equal(head, 'step,epoch,train_loss,validation_loss');
  return lines.map((line) => Math.fround(Number(line.split(',')[2])));
}

/** How many of the chart's points are of a curve's colour: axes and labels are grey. @returns {Promise<number>} */
const coloured = () =>
  browser.driver.executeScript(() => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('canvas.curves'));
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((blue, at) => at % 4 === 2 && blue - Number(data[at - 2]) > 60).length;
  });

/** @returns {Promise<string>} */
const paper = () => browser.driver.executeScript(() => getComputedStyle(document.body).backgroundColor);

const FIRST_CELL = '[data-row="0"][data-column="0"]';

/** @param {string} value */
async function editFirstCell(value) {
  await click(FIRST_CELL);
  await press(value, Key.ENTER);
  await says(FIRST_CELL, value);
}

test('from an edited cell to a curve that a link repeats, bit for bit', { timeout: 120_000 }, async () => {
  await open(server.url);
  await editFirstCell('1.25');
  const rate = await find('#field-lr');
  await rate.clear();
  await rate.sendKeys('0.002', Key.ENTER);
  assert.ok((await coloured()) < 100);
  await run();
  await eventually(async () => assert.ok((await coloured()) > 300, 'no curve is drawn'));
  const here = await savedLosses();
  assert.equal(here.length, 50);
  assert.ok(Number(here.at(-1)) < 0.1 * Number(here[0]), 'the loss does not fall');

  await click('#share');
  const link = await eventually(async () => String(await (await find('#share-link')).getAttribute('value')));
  await open(link);
  await holds('Learning rate', '0.002');
  await says(FIRST_CELL, '1.25');
  await run();
  assert.deepEqual(await savedLosses(), here);
  assert.deepEqual(here, train(decode(new URL(link).hash)).loss_history.map(number32));
});

test(
  'language and theme change, and a reload keeps them and the experiment',
  { timeout: 120_000 },
  async () => {
    await open(server.url);
    const light = await paper();
    await editFirstCell('2.5');
    await run();
    await click('[aria-label="Light or dark"]');
    assert.equal(await (await find('html')).getAttribute('data-theme'), 'dark');
    const dark = await paper();
    assert.notEqual(dark, light);
    await click('#language');
    await says('#panel-data h2', '数据');

    await browser.driver.navigate().refresh();
    await says('#panel-data h2', '数据');
    assert.equal(await paper(), dark);
    await says(FIRST_CELL, '2.5');
    // It goes on from the weights that the browser has kept.
    await says('[data-figure="epoch"]', '50 / 50');
  },
);
