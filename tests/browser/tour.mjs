// A way through every view of the page: each panel and tab with data that fill it, what opens over them, and what is said
// where something is wrong. By what the page is made of, not by its texts, so that it goes the same way in every language.

import { eventually } from './harness.mjs';
import { withModule } from './module.mjs';

/** @import { Page } from 'playwright-core' */
/** @typedef {(view: string) => Promise<void>} Look */

/**
 * Opens an experiment of the page's own with other settings; each with its own number of epochs, by which it is known.
 * @param {Page} page
 * @param {string} name
 * @param {{ epochs: number } & Record<string, unknown>} change
 */
async function open(page, name, change) {
  const link = await withModule(
    page,
    ({ presets, encodeLink }, [wanted, other]) => {
      const all = /** @type {{ name: string, document: object }[]} */ (presets());
      return encodeLink({ ...all.find((preset) => preset.name === wanted)?.document, ...other });
    },
    [name, change],
  );
  await page.evaluate((to) => void (location.hash = to), link);
  await page.locator('#transport').getByText(`0 / ${change.epochs}`, { exact: true }).waitFor();
}

/**
 * What a selector finds first, on its panel: a phone shows one at a time.
 * @param {Page} page
 * @param {string} selector
 */
async function reach(page, selector) {
  const found = page.locator(selector).first();
  const panel = await found.evaluate((element) => element.closest('.panel')?.id.replace('panel-', ''));
  const at = ['data', 'network', 'results'].indexOf(panel ?? '');
  const tab = page.locator('.panel-tab').nth(Math.max(0, at));
  if (at >= 0 && (await tab.isVisible())) {
    await tab.click();
    await tab.and(page.locator('[aria-current="true"]')).waitFor();
  }
  return found;
}

/** @param {Page} page @param {number} epochs */
async function train(page, epochs) {
  await page.locator('#run').click();
  await page.locator('body[data-status="finished"]').waitFor();
}

/** @param {Page} page @param {string} name */
async function tab(page, name) {
  await (await reach(page, `#tab-${name}`)).click();
  await page.locator(`#tabpanel-${name}:not([hidden]):not([aria-busy])`).waitFor();
}

/**
 * What opens over the page, and is closed again by its key.
 * @param {Page} page
 * @param {string} opener
 * @param {Look} look
 * @param {string} [shown]
 */
async function over(page, opener, look, shown = '.popup') {
  await (await reach(page, opener)).click();
  await page.locator(shown).waitFor();
  await look(opener);
  await page.keyboard.press('Escape');
  await page.locator(shown).waitFor({ state: 'detached' });
}

/** @param {Page} page @param {Look} look */
async function header(page, look) {
  await page.locator('#run').waitFor();
  await look('first visit');
  await over(page, '.experiment', look, 'dialog');
  await over(page, '#share', look, 'dialog');
  await over(page, '.chip', look);
}

/** @param {Page} page @param {Look} look */
async function table(page, look) {
  await over(page, '#panel-data .panel-head [aria-haspopup="menu"]', look);
  await over(page, '.column-header button', look);
  await over(page, '.table-part [aria-haspopup="menu"]', look);
  const opener = '#panel-data .panel-head [aria-haspopup="dialog"]';
  await over(page, opener, look);
  await (await reach(page, opener)).click();
  await page.locator('.popup textarea').fill('a,b,c\n1,2,red\n3,4,blue\n5,6,green');
  await page.locator('.import-sample').waitFor();
  await look('a text to import');
  await page.keyboard.press('Escape');
}

/** @param {Page} page @param {Look} look */
async function network(page, look) {
  await over(page, '[data-help="summary"]', look, 'dialog');
  await over(page, '[data-help="other"]', look);
  await (await reach(page, '.layer-buttons [aria-expanded]')).click();
  await look('options of a layer');
  await over(page, '.diagram [role="button"]', look);
  const optimizer = await reach(page, '#field-optimizer');
  const schedule = await reach(page, '[data-help="schedule"] select');
  const values = (/** @type {typeof optimizer} */ field) =>
    field.evaluate((select) =>
      [.../** @type {HTMLSelectElement} */ (select).options].map(({ value }) => value),
    );
  for (const value of await values(optimizer)) {
    await optimizer.selectOption(value);
    await look(`optimizer ${value}`);
  }
  for (const value of await values(schedule)) {
    await schedule.selectOption(value);
    await look(`schedule ${value}`);
  }
}

/** @param {Page} page @param {Look} look */
async function curves(page, look) {
  await open(page, 'sum-batches', { epochs: 31, validation: 0.25 });
  await train(page, 31);
  await tab(page, 'curves');
  await (await reach(page, '.curves')).focus();
  await page.keyboard.press('Home');
  await look('curves');
  await over(page, '.curves-tab [aria-haspopup="menu"]', look);
  const [pin, compare] = await page.locator('.curves-tab > .toolbar > .button').all();
  await pin?.click();
  await page.locator('.runs').waitFor();
  if (!(await page.locator('.sweep-form').isVisible())) await compare?.click();
  await (await reach(page, '.sweep-form select')).selectOption('batch_size');
  await (await reach(page, '.sweep-form .icon-play')).click();
  await page.locator('.runs tbody').nth(4).waitFor();
  await (await reach(page, '.comparison .toolbar input[type="checkbox"]')).check();
  await page.locator('.multiple').nth(2).waitFor();
  await page.locator('.sweep-progress').waitFor({ state: 'hidden' });
  await look('runs beside each other');
  // What is changed on the way is marked in the curve.
  await (await reach(page, '#field-epochs')).fill('32');
  await (await reach(page, '#field-lr')).fill('0.002');
  await (await reach(page, '#field-lr')).press('Enter');
  await (await reach(page, '#field-batch')).fill('3');
  await (await reach(page, '#field-batch')).press('Enter');
  await page.locator('#batch').click();
  await (await reach(page, '.curves')).focus();
  await page.keyboard.press('End');
  await look('a change on the way');
  await open(page, 'y3x-1', { epochs: 900 });
  await page.locator('#run').click();
  await page.locator('.lesson').waitFor();
  await look('a loss that is not finite');
}

/** @param {Page} page @param {Look} look */
async function values(page, look) {
  await open(page, 'sine', { epochs: 33, predict: [[0.1]] });
  await reach(page, '.source');
  await look('generated data');
  await train(page, 33);
  await tab(page, 'fit');
  await (await reach(page, '.fit-tab canvas')).focus();
  await page.keyboard.press('ArrowRight');
  for (const mode of await page.locator('.fit-tab .segment').all()) {
    if (await mode.isVisible()) await mode.click();
    await look('a fit of values');
  }
  await tab(page, 'confusion');
  await look('no confusion of values');
  await tab(page, 'weights');
  for (const mode of await page.locator('.weights-tab > .segments .segment').all()) {
    await mode.click();
    await look('weights');
  }
  await tab(page, 'inspect');
  await page.locator('.layer-unit').first().waitFor();
  await page.locator('.layer-unit').last().hover();
  await look('values of layers');
  await tab(page, 'predict');
  await look('predictions');
}

/** @param {Page} page @param {Look} look */
async function classes(page, look) {
  await open(page, 'blobs', { epochs: 34, validation: 0.2, predict: [[0.1, 0.2]] });
  await train(page, 34);
  await reach(page, '.source');
  const [asTable, asPlane] = await page.locator('.source .segment').all();
  await asTable?.click();
  await look('rows of classes');
  await over(page, '.column-header.target button', look);
  await asPlane?.click();
  await (await reach(page, '.plane-part canvas')).focus();
  await page.keyboard.press('ArrowLeft');
  await look('the plane');
  await tab(page, 'fit');
  await (await reach(page, '.fit-tab canvas')).focus();
  await page.keyboard.press('ArrowRight');
  await look('a fit of classes');
  await tab(page, 'confusion');
  await (await reach(page, '.confusion button')).click();
  await look('confusion');
  await tab(page, 'predict');
  await look('predicted classes');
}

/** @param {Page} page @param {Look} look */
async function pictures(page, look) {
  const model = [
    { type: 'conv2d', out: 2, kernel: 3, padding: 1 },
    { type: 'relu' },
    { type: 'max_pool2d', kernel: 2 },
    { type: 'flatten' },
    { type: 'dropout', p: 0.2 },
    { type: 'linear', out: 10 },
  ];
  await open(page, 'digits', { epochs: 1, model });
  await (await reach(page, '.picture-item')).waitFor();
  await look('pictures');
  await (await reach(page, '.pad-part canvas')).click();
  await page.locator('.label-bars li').first().waitFor();
  await look('the pad');
  await tab(page, 'inspect');
  await page.locator('.channel-map').first().waitFor();
  await look('maps of layers');
}

/** @param {Page} page @param {Look} look */
async function wrong(page, look) {
  await open(page, 'sum', { epochs: 36 });
  await (await reach(page, '[role="gridcell"]')).click();
  await page.keyboard.type('many');
  await page.keyboard.press('Enter');
  await look('a cell without a number');
  await page.keyboard.press('ControlOrMeta+Z');
  await reach(page, '.layer .size');
  const outputs = page.locator('.layer .size').last();
  await outputs.fill('3');
  await outputs.press('Enter');
  await eventually(() => page.locator('.layer-problem button').first().waitFor({ timeout: 1000 }));
  await look('a network that does not fit');
}

/**
 * Its parts, each from a page that was just opened: they call `look` with the name of each view while it is shown.
 * @type {Record<string, (page: Page, look: Look) => Promise<void>>}
 */
export const TOUR = {
  'the header': header,
  'the table': table,
  'the network': network,
  'curves and runs': curves,
  'data with values': values,
  'data with classes': classes,
  'data that are pictures': pictures,
  'what is wrong': wrong,
};
