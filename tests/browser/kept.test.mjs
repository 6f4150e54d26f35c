// What a reload brings back of a training: the run that was there, and never one before it.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { atEpoch, button, field, fill, openExample, reset, run, savedLosses, shownWeights, transport } from './user.mjs'; // prettier-ignore

/** @import { Page } from 'playwright-core' */

/** A reload, once the browser has written what it keeps: nothing else tells when. @param {Page} page */
async function reload(page) {
  await page.waitForTimeout(1500);
  await page.reload();
}

/**
 * The training as it is comes back with its losses and weights, and the same rate.
 * @param {Page} page
 * @param {number} done
 * @param {number} of
 */
async function assertComesBack(page, done, of) {
  const { losses } = await savedLosses(page);
  const weights = await shownWeights(page, '0.weight');
  const rate = await field(page, 'Learning rate').inputValue();
  await reload(page);
  await atEpoch(page, done, of);
  assert.equal(await field(page, 'Learning rate').inputValue(), rate);
  assert.deepEqual((await savedLosses(page)).losses, losses);
  assert.deepEqual(await shownWeights(page, '0.weight'), weights);
}

for (const [name, value] of /** @type {const} */ ([
  ['Learning rate', 0.002],
  ['Seed', 7],
])) {
  browserTest(`a second run to the same step, with another ${name.toLowerCase()}`, {}, async ({ page }) => {
    await run(page, 50);
    await page.waitForTimeout(1500);
    await fill(page, name, value);
    await reset(page, 50);
    await run(page, 50);
    await assertComesBack(page, 50, 50);
  });
}

browserTest('a second run with the rate that the first one only ended with', {}, async ({ page }) => {
  await run(page, 50);
  await fill(page, 'Learning rate', 0.002);
  await fill(page, 'Epochs', 60);
  await run(page, 60);
  await page.waitForTimeout(1500);
  await reset(page, 60);
  await run(page, 60);
  await assertComesBack(page, 60, 60);
});

browserTest('a rate that was changed after the end', {}, async ({ page }) => {
  await run(page, 50);
  await page.waitForTimeout(1500);
  await fill(page, 'Learning rate', 0.002);
  await assertComesBack(page, 50, 50);
});

browserTest('a run that was given up by Reset does not come back', {}, async ({ page }) => {
  await run(page, 50);
  await page.waitForTimeout(1500);
  await reset(page, 50);
  await reload(page);
  await button(page, 'Run').waitFor();
  await page.waitForTimeout(500);
  await atEpoch(page, 0, 50);
  assert.match((await transport(page).textContent()) ?? '', /loss –/);
});

browserTest(
  'a run in its middle goes on where it was, also with a rate of just now',
  {},
  async ({ page }) => {
    await page.getByRole('slider', { name: 'Pace' }).fill('2');
    await button(page, 'Run').click();
    const epoch = async () => Number(/epoch (\d+)/.exec((await transport(page).textContent()) ?? '')?.[1]);
    const isFar = () => eventually(async () => assert.ok((await epoch()) >= 10, `${await epoch()}`));
    await isFar();
    await page.waitForTimeout(1200);
    await fill(page, 'Learning rate', 0.002);
    await page.reload();
    await isFar();
    assert.equal(await field(page, 'Learning rate').inputValue(), '0.002');
    const done = await epoch();
    assert.equal((await savedLosses(page)).losses.length, done);
  },
);

browserTest('another experiment begins anew, also where only its rate is another', {}, async ({ page }) => {
  await openExample(page, 'y = 3x, learning rate 0.01');
  await run(page, 10);
  await openExample(page, 'y = 3x, learning rate 0.1');
  await atEpoch(page, 0, 10);
  // An undo goes back to the one before, and to what it has learned.
  await button(page, 'Undo (Ctrl+Z)').click();
  await atEpoch(page, 10, 10);
});

/**
 * What the page says and shows by the way while a reload brings its training back.
 * @param {Page} page
 * @param {number} done
 * @param {number} of
 */
async function saidAfterReload(page, done, of) {
  await page.addInitScript(() => {
    const said = /** @type {string[]} */ ([]);
    Object.assign(window, { said });
    const watch = new MutationObserver(() => {
      for (const element of document.querySelectorAll('#live, .notice p'))
        if (element.textContent && !said.includes(element.textContent)) said.push(element.textContent);
    });
    watch.observe(document, { subtree: true, childList: true, characterData: true });
  });
  await reload(page);
  await atEpoch(page, done, of);
  await page.waitForTimeout(1000);
  return page.evaluate(() => /** @type {any} */ (window).said);
}

browserTest('the pace outlasts a reload', {}, async ({ page }) => {
  await page.getByRole('slider', { name: 'Pace' }).fill('3');
  await page.locator('.pace-text', { hasText: '10 steps/s' }).waitFor();
  await page.waitForTimeout(1000);
  await reload(page);
  await page.locator('.pace-text', { hasText: '10 steps/s' }).waitFor();
  // What is asked of the worker, not only what is shown: the first epochs do not rush by.
  await button(page, 'Run').click();
  await page.waitForTimeout(1500);
  const done = Number(/epoch (\d+)/.exec((await transport(page).textContent()) ?? '')?.[1]);
  assert.ok(done > 2 && done < 40, `after 1.5 s at ten steps a second: ${done}`);
});

browserTest('a finished run: what is said is that it is back', {}, async ({ page }) => {
  await run(page, 50);
  assert.deepEqual(await saidAfterReload(page, 50, 50), ['The training is as it was left, after step 50']);
});

browserTest('a run that ended early: it is not said again', {}, async ({ page }) => {
  await fill(page, 'at a loss of', 100);
  await button(page, 'Run').click();
  const notice = page.getByText(/the loss is low enough/).first();
  await notice.waitFor();
  const epoch = Number(/epoch (\d+)/.exec((await transport(page).textContent()) ?? '')?.[1]);
  const said = await saidAfterReload(page, epoch, 50);
  assert.deepEqual(said, [`The training is as it was left, after step ${epoch}`]);
});

browserTest('a run that has diverged, with what it teaches', {}, async ({ page }) => {
  await fill(page, 'Learning rate', 10);
  await button(page, 'Run').click();
  const title = page.getByText(/^The loss stopped being finite at step/);
  await title.waitFor();
  const text = await title.textContent();
  const { losses } = await savedLosses(page);
  await reload(page);
  await title.waitFor();
  assert.equal(await title.textContent(), text);
  assert.deepEqual((await savedLosses(page)).losses, losses);
});

browserTest('the accuracy of a finished classification, and its curve', {}, async ({ page }) => {
  await openExample(page, 'Spiral');
  await fill(page, 'Epochs', 20);
  await run(page, 20);
  const accuracy = page.locator('[data-tile="score"]');
  await eventually(async () => assert.match((await accuracy.textContent()) ?? '', /\d/));
  const text = await accuracy.textContent();
  await reload(page);
  await atEpoch(page, 20, 20);
  await eventually(async () => assert.equal(await accuracy.textContent(), text));
});

browserTest('an edit of the last moment, and one that does not fit yet', {}, async ({ page }) => {
  await page.waitForTimeout(500);
  await fill(page, 'Epochs', 33);
  await page.reload();
  await eventually(async () => assert.equal(await field(page, 'Epochs').inputValue(), '33'));
  // Two outputs for one target: nothing can be trained, and nothing of it is lost.
  await fill(page, 'Layer 2, units', 2);
  await page
    .locator('#why-not')
    .getByText(/^Cannot run: /)
    .waitFor();
  await reload(page);
  await page
    .locator('#why-not')
    .getByText(/^Cannot run: /)
    .waitFor();
  assert.equal(await field(page, 'Layer 2, units').inputValue(), '2');
  await fill(page, 'Layer 2, units', 1);
  await run(page, 33);
});
