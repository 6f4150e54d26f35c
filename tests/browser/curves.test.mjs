// The curves: losses and scores, per step and per epoch, smoothed, on log scales, zoomed, and read by pointer and keys.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch } from './native.mjs';
import { HALVES, openDocument, picture, pixelsOf, savedTable, savedText, tokenOf } from './results.mjs';
import { assertClose, button, choose, fill, reset, run, savedLosses } from './user.mjs';

/** @import { Page } from 'playwright-core' */

const SUM = pytorch(1).experiment;
const BATCHES = pytorch(2).experiment;

/** @param {Page} page */
const chart = (page) => page.locator('canvas.curves');
/** @param {Page} page */
const value = async (page) => (await chart(page).getAttribute('aria-valuetext')) ?? '';

browserTest('per epoch, the loss is the mean of the epoch’s batches', {}, async ({ page }) => {
  await openDocument(page, BATCHES);
  await run(page, BATCHES.epochs);
  await choose(page, 'By step or by epoch', 'by epoch');
  await page.getByRole('slider', { name: /^Loss by epoch/ }).press('Home');
  // Two batches an epoch.
  const losses = pytorch(2).loss_history.map(Number);
  const mean = (Number(losses[0]) + Number(losses[1])) / 2;
  await eventually(async () => {
    const [, loss] = /^step 1 – 2: loss ([\d.e-]+)$/.exec(await value(page)) ?? [];
    assertClose([Number(loss)], [mean]);
  });
  await chart(page).press('ArrowRight');
  const second = (Number(losses[2]) + Number(losses[3])) / 2;
  await eventually(async () => {
    const [, loss] = /^step 3 – 4: loss ([\d.e-]+)$/.exec(await value(page)) ?? [];
    assertClose([Number(loss)], [second]);
  });
});

browserTest('accuracy of train and validation rows, epoch by epoch', {}, async ({ page }) => {
  await openDocument(page, { ...HALVES, validation: 0.3 });
  // Seven rows, one of them wrong for good; 0.3 · 7 = 2.1: two are held out.
  const held = await withModule(
    page,
    async ({ Trainer }, document) => [...(await Trainer.create(document)).validationRows()],
    { ...HALVES, validation: 0.3 },
  );
  assert.equal(held.length, 2);
  const wrong = held.includes(6) ? 1 : 0;
  await run(page, 5);
  await choose(page, 'What is drawn', 'accuracy');
  const { head, rows } = await savedTable(page);
  assert.deepEqual(head, ['epoch', 'train_accuracy', 'validation_accuracy']);
  assert.deepEqual(rows.map(([epoch]) => Number(epoch)), [1, 2, 3, 4, 5]); // prettier-ignore
  for (const [, train, validation] of rows)
    assertClose([Number(train), Number(validation)], [(5 - (1 - wrong)) / 5, (2 - wrong) / 2]);
  const tile = page.locator('[data-tile="score"]');
  assert.equal(await tile.textContent(), wrong ? '50%' : '100%');
  await chart(page).press('Home');
  await eventually(async () => assert.match(await value(page), /^step 1: accuracy \d+%, validation \d+%$/));
});

browserTest('R² where values are learned: 1 minus what is left of the variance', {}, async ({ page }) => {
  // Predictions 2x for targets 1, 4, 5: residuals 1, 0, -1 of a mean of 10 / 3.
  const data = { kind: 'table', inputs: ['x'], targets: ['y'], rows: [[1, 1], [2, 4], [3, 5]] }; // prettier-ignore
  const model = [{ type: 'linear', out: 1, init: { weight: [[2]], bias: [0] } }];
  await openDocument(page, { ...HALVES, data, model, loss: { type: 'mse' } });
  await run(page, 5);
  await choose(page, 'What is drawn', 'R²');
  const { head, rows } = await savedTable(page);
  assert.equal(head[1], 'train_r2');
  const mean = 10 / 3;
  const variance = [1, 4, 5].reduce((sum, y) => sum + (y - mean) ** 2, 0);
  assertClose([Number(rows[0]?.[1])], [1 - 2 / variance]);
});

browserTest('the scores of a link are the same at any pace', {}, async ({ page }) => {
  const document = { ...BATCHES, epochs: 900 };
  const scores = async () => {
    await choose(page, 'What is drawn', 'R²');
    return savedText(page);
  };
  await openDocument(page, document);
  await run(page, 900);
  const whole = await scores();
  // Every epoch up to the 512th, then every second: 900 epochs leave every second.
  assert.equal(whole.trim().split('\n').length, 1 + 450);
  await button(page, 'Reset').click();
  await page.getByText('epoch 0 / 900', { exact: true }).waitFor();
  for (let time = 0; time < 3; time += 1) await button(page, 'Epoch').click();
  await button(page, 'Run').click();
  await page.getByText('epoch 900 / 900', { exact: true }).waitFor();
  await button(page, 'Run').waitFor();
  assert.equal(await savedText(page), whole);
});

browserTest('smoothing and log scales change the picture, never the numbers', {}, async ({ page }) => {
  await openDocument(page, BATCHES);
  await run(page, BATCHES.epochs);
  const { losses } = await savedLosses(page);
  let before = await picture(chart(page));
  const changes = async (/** @type {string} */ what) => {
    await eventually(async () => assert.notEqual(await picture(chart(page)), before, what));
    before = await picture(chart(page));
  };
  await page.getByRole('slider', { name: 'smoothing' }).fill('0.8');
  await changes('smoothing');
  await page.getByRole('checkbox', { name: 'log scale' }).check();
  await changes('log scale');
  await page.getByRole('checkbox', { name: 'log x' }).check();
  await changes('log x');
  assert.deepEqual((await savedLosses(page)).losses, losses);
});

browserTest('a part of the curve is shown: by keys, by buttons, by dragging', {}, async ({ page }) => {
  await openDocument(page, { ...SUM, epochs: 400 });
  await run(page, 400);
  const live = page.locator('#live');
  await chart(page).focus();
  await chart(page).press('Home');
  await chart(page).press('+');
  // Half of 400 steps, from the start, where the cursor is.
  await eventually(async () => assert.match((await live.textContent()) ?? '', /^Shown from 0 to 200$/));
  await button(page, 'Zoom in').click();
  await eventually(async () => assert.match((await live.textContent()) ?? '', /^Shown from \d+ to \d+$/));
  await chart(page).press('0');
  await eventually(async () => assert.equal(await live.textContent(), 'The whole run is shown'));
  const box = await chart(page).boundingBox();
  assert.ok(box);
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, y);
  await page.mouse.move(box.x + box.width * 0.75, y);
  await page.mouse.up();
  await eventually(async () => {
    const [, from, to] = /^Shown from ([\d.]+) to ([\d.]+)$/.exec((await live.textContent()) ?? '') ?? [];
    assert.ok(
      Number(from) > 150 && Number(from) < 250 && Number(to) > 240 && Number(to) < 340,
      `${from} ${to}`,
    );
  });
  // Arrow keys take the part along.
  await chart(page).press('End');
  await eventually(async () => assert.match(await value(page), /^step 400: /));
  await button(page, 'Whole curve').click();
  await eventually(async () => assert.equal(await live.textContent(), 'The whole run is shown'));
});

browserTest('the value under the pointer is the loss of that step', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await run(page, 50);
  const { losses } = await savedLosses(page);
  await chart(page).hover();
  const tip = page.locator('.tip');
  await tip.waitFor();
  const text = (await tip.textContent()) ?? '';
  const [, step, loss] = /^step (\d+) · epoch \d+train ([\d.e-]+)$/.exec(text) ?? [];
  assert.equal(Math.fround(Number(loss)), losses[Number(step) - 1], text);
});

browserTest('the curve says where the rate was changed', {}, async ({ page }) => {
  await openDocument(page, { ...SUM, epochs: 60 });
  for (let time = 0; time < 3; time += 1) {
    await button(page, 'Epoch').click();
    await page.getByText(`epoch ${time + 1} / 60`, { exact: true }).waitFor();
  }
  const mark = await tokenOf(page, 'warn');
  assert.equal(await pixelsOf(chart(page), mark), 0);
  await fill(page, 'Learning rate', 0.002);
  await run(page, 60);
  await eventually(async () => assert.ok((await pixelsOf(chart(page), mark)) > 40));
  await chart(page).focus();
  await chart(page).press('Home');
  for (let time = 0; time < 2; time += 1) await chart(page).press('ArrowRight');
  await eventually(async () =>
    assert.match(await value(page), /^step 3: loss [\d.]+; Learning rate = 0\.002$/),
  );
});

browserTest(
  'neither the curve nor its link is promised again once something was changed on the way',
  {},
  async ({ page }) => {
    const note = page.locator('.seed-note');
    await openDocument(page, { ...SUM, epochs: 60 });
    await button(page, 'Epoch').click();
    await page.getByText('epoch 1 / 60', { exact: true }).waitFor();
    await eventually(async () =>
      assert.match((await note.textContent()) ?? '', /very curve in every browser/),
    );
    await fill(page, 'Learning rate', 0.002);
    await eventually(async () =>
      assert.match((await note.textContent()) ?? '', /Vertical marks .* from the start/),
    );
    await button(page, 'Share').click();
    const dialog = page.getByRole('dialog', { name: 'Share' });
    await dialog
      .getByText(/whoever opens the link trains with the present settings from the start/)
      .waitFor();
    assert.equal(await dialog.getByText(/gets the same curve/).count(), 0);
    await button(page, 'Close').click();
    // From the start it is true again.
    await reset(page, 60);
    await eventually(async () =>
      assert.match((await note.textContent()) ?? '', /very curve in every browser/),
    );
    await button(page, 'Share').click();
    await dialog.getByText(/gets the same curve/).waitFor();
  },
);

const FINGERS = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
  chromiumOnly: 'fingers are put on the page through the DevTools protocol',
};

/** The curve of 400 steps on a phone, and fingers to put on it, at shares of its width. @param {Page} page */
async function touched(page) {
  await openDocument(page, { ...SUM, epochs: 400 });
  await button(page, 'Results').tap();
  await run(page, 400);
  const session = await page.context().newCDPSession(page);
  const send = async (
    /** @type {'touchStart' | 'touchMove' | 'touchEnd'} */ type,
    /** @type {number[]} */ xs,
  ) => {
    const box = await chart(page).boundingBox();
    assert.ok(box);
    const y = box.y + 0.6 * box.height;
    const touchPoints = xs.map((x, id) => ({ x: box.x + x * box.width, y, id }));
    await session.send('Input.dispatchTouchEvent', { type, touchPoints });
  };
  /** @param {number[]} from @param {number[]} to */
  return async (from, to = from) => {
    await send('touchStart', from);
    for (let step = 1; step <= 5; step += 1)
      await send('touchMove', from.map((x, at) => x + ((Number(to[at]) - x) * step) / 5)); // prettier-ignore
    await send('touchEnd', []);
  };
}

/** Which steps the page says it shows. @param {Page} page */
async function range(page) {
  const said = (await page.locator('#live').textContent()) ?? '';
  const [, from, to] = /^Shown from ([\d.]+) to ([\d.]+)$/.exec(said) ?? [];
  return [Number(from), Number(to)];
}

browserTest('fingers move what is shown of a curve, and stretch it', FINGERS, async ({ page }) => {
  const touch = await touched(page);
  await touch([0.8]);
  const said = await value(page);
  const step = Number(/^step (\d+): /.exec(said)?.[1]);
  assert.ok(step > 280 && step < 340, said);
  // A quarter of the run, around the value that is read.
  for (let time = 0; time < 2; time += 1) await button(page, 'Zoom in').tap();
  await eventually(async () => {
    const [from = 0, to = 0] = await range(page);
    assert.ok(to - from === 100 && Math.abs((from + to) / 2 - step) <= 1, `${from} ${to}`);
  });
  const [, before = 0] = await range(page);
  await touch([0.3], [0.6]);
  await eventually(async () => {
    const [from = 0, to = 0] = await range(page);
    assert.ok(Math.abs(to - from - 100) < 0.1 && before - to > 25 && before - to < 45, `${from} ${to}`);
  });
  await touch([0.4, 0.6], [0.3, 0.7]);
  await eventually(async () => {
    const [from = 0, to = 0] = await range(page);
    assert.ok(Math.abs(to - from - 50) < 2, `${from} ${to}`);
  });
  // To either end, as large as it is.
  for (let time = 0; time < 8; time += 1) await touch([0.2], [0.9]);
  await eventually(async () => assert.equal((await range(page))[0], 0));
  await touch([0.3]);
  await eventually(async () => assert.match(await value(page), /^step \d\d?: /));
});

browserTest('what is read of a curve is in sight when its top is not', FINGERS, async ({ page }) => {
  const touch = await touched(page);
  await touch([0.8]);
  const tip = page.locator('.tip');
  await tip.waitFor();
  const top = await chart(page).evaluate((canvas) => {
    const panel = /** @type {Element} */ (canvas.closest('.panel'));
    const scrolling = [panel, panel.parentElement ?? panel].find(
      (one) => one.scrollHeight > one.clientHeight + 9,
    );
    scrolling?.scrollBy(0, canvas.getBoundingClientRect().top - scrolling.getBoundingClientRect().top + 120);
    return Number(scrolling?.getBoundingClientRect().top);
  });
  await eventually(async () => {
    const [box, whole] = [await tip.boundingBox(), await chart(page).boundingBox()];
    assert.ok(box && whole && whole.y < top - 100, 'the chart has been scrolled');
    assert.ok(
      box.y >= top && box.y + box.height <= whole.y + whole.height,
      JSON.stringify([box, whole, top]),
    );
  });
});
