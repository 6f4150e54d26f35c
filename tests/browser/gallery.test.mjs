// What the page has and keeps: lessons and examples, the experiments and weights of this browser, a first visit,
// explanations on demand, and what computes where.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { browserTest, eventually, root } from './harness.mjs';
import { pytorch } from './native.mjs';
import { TOUR } from './tour.mjs';
import { assertClose, atEpoch, button, cell, experiment, field, fill, gallery, openExample, run, savedLosses, shownWeights, tableNumbers, typeCell } from './user.mjs'; // prettier-ignore

/** @import { Page } from 'playwright-core' */

/** @param {Page} page */
const mine = (page) => gallery(page).getByRole('region', { name: 'Mine' });

/** Another tab of the same browser, after this one is closed. @param {Page} page @param {string} url */
async function reopen(page, url) {
  const context = page.context();
  // Nothing else tells when the browser has written it.
  await page.waitForTimeout(1500);
  await page.close();
  const next = await context.newPage();
  await next.goto(url);
  return next;
}

browserTest('the gallery has lessons, examples, and what has been changed here', {}, async ({ page }) => {
  await experiment(page).click();
  await gallery(page).getByRole('region', { name: 'Lessons' }).getByText('Sum of two numbers', { exact: true }).waitFor(); // prettier-ignore
  await gallery(page).getByRole('region', { name: 'Examples' }).getByText('XOR', { exact: true }).waitFor();
  await mine(page).getByText('What you change is kept here, in this browser only.').waitFor();
  await page.keyboard.press('Escape');
  await gallery(page).waitFor({ state: 'detached' });
  assert.match(
    (await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) ?? '',
    /^Experiment/,
  );

  await openExample(page, 'XOR');
  await fill(page, 'Learning rate', 0.01);
  await openExample(page, 'y = 3x, learning rate 1');
  await fill(page, 'Epochs', 7);
  await page.waitForTimeout(1500);
  await experiment(page).click();
  await eventually(async () => assert.equal(await mine(page).getByRole('listitem').count(), 2));
  assert.match(
    (await mine(page).getByRole('listitem').first().textContent()) ?? '',
    /y = 3x, learning rate 1/,
  );
  await mine(page).getByRole('button').filter({ hasText: 'XOR' }).click();
  await eventually(async () => assert.equal(await field(page, 'Learning rate').inputValue(), '0.01'));
  // Undo goes back to the experiment before, and what is changed then is that one's.
  await page.getByRole('button', { name: /^Undo/ }).click();
  await eventually(async () => assert.equal(await field(page, 'Epochs').inputValue(), '7'));
  await fill(page, 'Epochs', 9);
  await page.waitForTimeout(1500);
  await experiment(page).click();
  await eventually(async () => assert.equal(await mine(page).getByRole('listitem').count(), 2));
});

browserTest(
  'generated sets have their points for a picture, each class in its colour and shape',
  {},
  async ({ page }) => {
    await experiment(page).click();
    const picture = (/** @type {string} */ name) =>
      gallery(page)
        .getByRole('button', { name })
        .getByText(name, { exact: true })
        .locator('xpath=..')
        .locator('svg');
    const marks = async (/** @type {string} */ name) =>
      picture(name).evaluate((element) =>
        [...element.children].map((mark) => ({
          look: mark.getAttribute('class') ?? '',
          color: getComputedStyle(mark).fill,
          // Moved to where all begin, equal shapes are equal.
          shape: (mark.getAttribute('d') ?? '').replace(/[^A-Za-z]/g, ''),
        })),
      );
    const spiral = await marks('Spiral');
    assert.equal(spiral.length, 60);
    const [one, other] = ['dot-class-0', 'dot-class-1'].map((look) =>
      spiral.filter((mark) => mark.look === look),
    );
    // The rows of a generated set are of each class in turn.
    assert.deepEqual([one?.length, other?.length], [30, 30]);
    assert.notEqual(one?.[0]?.color, other?.[0]?.color);
    assert.notEqual(one?.[0]?.shape, other?.[0]?.shape);
    assert.equal(new Set((await marks('Sine')).map(({ look }) => look)).has('dot-value'), true);
  },
);

browserTest('what is removed from the gallery can be brought back', {}, async ({ page }) => {
  await fill(page, 'Epochs', 12);
  await page.waitForTimeout(1500);
  await experiment(page).click();
  await mine(page).getByRole('button', { name: 'Remove Sum of two numbers' }).click();
  await mine(page).getByText('Sum of two numbers was removed').waitFor();
  await mine(page).getByRole('button', { name: 'Undo' }).click();
  await mine(page).getByRole('button').filter({ hasText: 'Sum of two numbers' }).first().waitFor();
  await mine(page).getByRole('button', { name: 'Remove Sum of two numbers' }).click();
  await page.keyboard.press('Escape');
  await experiment(page).click();
  await mine(page).getByText('What you change is kept here, in this browser only.').waitFor();
});

browserTest('a tab that is closed and opened again has the document and the weights', {}, async (opened) => {
  const { page, server } = opened;
  await typeCell(page, 1, 1, '1.5');
  await fill(page, 'Epochs', 60);
  for (let epoch = 1; epoch <= 5; epoch += 1) {
    await button(page, 'Epoch').click();
    await atEpoch(page, epoch, 60);
  }
  const { losses } = await savedLosses(page);
  const weights = await shownWeights(page, '0.weight');
  const next = await reopen(page, server.url);
  await eventually(async () => assert.equal(await field(next, 'Epochs').inputValue(), '60'));
  assert.deepEqual((await tableNumbers(next, 3))[0], [1.5, 2, 3]);
  await atEpoch(next, 5, 60);
  assert.deepEqual(await shownWeights(next, '0.weight'), weights);
  assert.deepEqual((await savedLosses(next)).losses, losses);
  // It goes on as if nothing had been.
  await run(next, 60);
  const whole = (await savedLosses(next)).losses;
  await button(next, 'Reset').click();
  await atEpoch(next, 0, 60);
  await run(next, 60);
  await eventually(async () => assert.deepEqual((await savedLosses(next)).losses, whole));
});

browserTest(
  'a run that is started before its kept weights are there goes on from them',
  {},
  async (opened) => {
    const { page, server } = opened;
    await fill(page, 'Epochs', 60);
    for (let epoch = 1; epoch <= 5; epoch += 1) {
      await button(page, 'Epoch').click();
      await atEpoch(page, epoch, 60);
      // What came before belongs to this run alone: a new one would go otherwise.
      if (epoch === 4) await fill(page, 'Learning rate', 0.002);
    }
    const { losses } = await savedLosses(page);
    // What reads them arrives only after the click.
    /** @type {(value?: unknown) => void} */
    let arrive = () => {};
    const clicked = new Promise((resolve) => (arrive = resolve));
    await page.context().route(/\/keep[^/]*\.js$/, (route) => clicked.then(() => route.continue()));
    const next = await reopen(page, server.url);
    await button(next, 'Run').click();
    arrive();
    await atEpoch(next, 60, 60);
    assert.deepEqual((await savedLosses(next)).losses.slice(0, losses.length), losses);
  },
);

browserTest(
  'an experiment too long for the small storage comes back, too',
  { open: false },
  async (opened) => {
    const { page, server } = opened;
    await page.addInitScript(() => {
      const set = Storage.prototype.setItem;
      Storage.prototype.setItem = function (key, value) {
        if (value.length > 300) throw new DOMException('full', 'QuotaExceededError');
        set.call(this, key, value);
      };
    });
    await page.goto(server.url);
    await fill(page, 'Epochs', 33);
    const next = await reopen(page, server.url);
    await eventually(async () => assert.equal(await field(next, 'Epochs').inputValue(), '33'));
  },
);

browserTest(
  'a browser without room says so once, and the page goes on, also after a reload',
  { open: false },
  async (opened) => {
    const { page, server } = opened;
    await page.addInitScript(() => {
      const full = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
      Storage.prototype.setItem = full;
      IDBObjectStore.prototype.put = full;
    });
    await page.goto(server.url);
    await fill(page, 'Epochs', 50);
    await fill(page, 'Seed', 3);
    const notice = page.getByRole('alert').filter({ hasText: 'no room left' });
    await notice.waitFor();
    await notice.getByRole('button', { name: 'Dismiss' }).click();
    await fill(page, 'Seed', 0);
    await run(page, 50);
    assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
    assert.equal(await notice.count(), 0);

    // The entry of the history needs no room: a reload finds the experiment there, and nowhere else.
    await typeCell(page, 1, 1, '2');
    await fill(page, 'Epochs', 51);
    await eventually(async () => assert.equal(await page.evaluate('history.state.document.epochs'), 51));
    await page.waitForTimeout(500);
    await page.reload();
    await eventually(async () => assert.equal(await field(page, 'Epochs').inputValue(), '51'));
    assert.deepEqual((await tableNumbers(page, 3))[0], [2, 2, 3]);
    await run(page, 51);
    const next = await reopen(page, server.url);
    await eventually(async () => assert.equal(await field(next, 'Epochs').inputValue(), '50'));
  },
);

browserTest(
  'a browser that keeps nothing at all trains as well',
  { open: false },
  async ({ page, server }) => {
    await page.addInitScript(() => {
      const denied = () => {
        throw new DOMException('denied', 'SecurityError');
      };
      Object.defineProperty(globalThis, 'localStorage', { get: denied });
      Object.defineProperty(globalThis, 'indexedDB', { get: denied });
    });
    await page.goto(server.url);
    await fill(page, 'Epochs', 60);
    await fill(page, 'Epochs', 50);
    await run(page, 50);
    assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
    await experiment(page).click();
    await mine(page).getByText('What you change is kept here, in this browser only.').waitFor();
  },
);

browserTest(
  'what the browser has kept and cannot be read is no reason not to start',
  { open: false },
  async (opened) => {
    const { page, server } = opened;
    await page.addInitScript(() => {
      localStorage.setItem('gradus:last', '{"id":"x","document":{"version":1,"data":7}}');
    });
    await page.goto(server.url);
    await run(page, 50);
    assertClose((await savedLosses(page)).losses, pytorch(1).loss_history);
  },
);

browserTest('a worker that dies goes on with the weights that were kept', {}, async ({ page, errors }) => {
  await fill(page, 'Epochs', 60);
  for (let epoch = 1; epoch <= 4; epoch += 1) {
    await button(page, 'Epoch').click();
    await atEpoch(page, epoch, 60);
  }
  await page.waitForTimeout(1500);
  const weights = await shownWeights(page, '0.weight');
  const [worker] = page.workers();
  await worker?.evaluate(() => void setTimeout(() => {
    throw new Error('crash for a test');
  })); // prettier-ignore
  await page.getByRole('status').filter({ hasText: 'training goes on after step 4' }).waitFor(); // prettier-ignore
  await atEpoch(page, 4, 60);
  assert.deepEqual(await shownWeights(page, '0.weight'), weights);
  errors.splice(0, errors.length, ...errors.filter((error) => !error.includes('crash for a test')));
});

browserTest('a first visit is explained in three sentences, once', {}, async ({ page, server }) => {
  const welcome = page.getByRole('status').filter({ hasText: 'This page trains a small neural network' });
  await welcome.waitFor();
  const text = (await welcome.locator('p').textContent()) ?? '';
  assert.equal(text.match(/[.!?](\s|$)/g)?.length, 3, text);
  await button(page, '中 / EN').click();
  await page.getByRole('status').filter({ hasText: '本页' }).waitFor();
  await page.getByRole('button', { name: '中 / EN' }).click();
  await welcome.getByRole('button', { name: 'Dismiss' }).click();
  await page.goto(server.url);
  await button(page, 'Run').waitFor();
  await page.waitForTimeout(300);
  assert.equal(await welcome.count(), 0);
});

/**
 * The controls in sight whose explanation is none of those that were written, with help on.
 * @param {Page} page
 * @param {string[]} texts
 */
const unexplained = (page, texts) =>
  page.evaluate(async (written) => {
    const help = /** @type {HTMLElement} */ (document.querySelector('#help'));
    const bubble = () => document.querySelector('.help-bubble');
    // What explains is loaded when it is asked for.
    const turn = async (/** @type {boolean} */ on) => {
      help.click();
      while (Boolean(bubble()) !== on) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await turn(true);
    const controls = [
      ...document.querySelectorAll(
        'button, input, select, textarea, canvas, [tabindex="0"], [role="gridcell"], [role="option"]',
      ),
    ];
    const found = controls.filter((control) => {
      if (!control.checkVisibility() || control.matches('[role="region"], .scroll-x')) return false;
      bubble()?.replaceChildren();
      control.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }));
      return !written.includes(bubble()?.textContent ?? '');
    });
    await turn(false);
    return found.map((control) => `${control.outerHTML.slice(0, 120)}: ${control.parentElement?.className}`);
  }, texts);

for (const [name, visit] of Object.entries(TOUR)) {
  browserTest(`every control is explained on demand: ${name}`, {}, async ({ page }) => {
    const locale = JSON.parse(await readFile(join(root, 'www/locales/en.json'), 'utf8'));
    const texts = Object.keys(locale).flatMap((key) =>
      key.startsWith('help.') ? [String(locale[key])] : [],
    );
    await visit(page, async (view) => assert.deepEqual(await unexplained(page, texts), [], view));
  });
}

browserTest('controls explain themselves instead of acting', {}, async ({ page }) => {
  await openExample(page, 'XOR');
  await button(page, 'Explain the controls').click();
  const bubble = page.locator('.help-bubble');
  await bubble.waitFor();
  // By pointer: the explanation comes instead of the action.
  await field(page, 'Learning rate').click();
  await eventually(async () => assert.match((await bubble.textContent()) ?? '', /How far each step goes/));
  await button(page, 'Run').click();
  await eventually(async () =>
    assert.match((await bubble.textContent()) ?? '', /Trains until all epochs are done/),
  );
  await page.waitForTimeout(200);
  await atEpoch(page, 0, 60);
  // By key.
  await page.getByRole('combobox', { name: 'Optimizer' }).focus();
  await eventually(async () =>
    assert.match((await bubble.textContent()) ?? '', /turns gradients into new weights/),
  );
  // What opens something opens it, so that what is in it can be explained.
  await button(page, 'Share').click();
  await page.getByRole('button', { name: 'Copy the link' }).hover();
  await eventually(async () => assert.match((await bubble.textContent()) ?? '', /Copies it/));
  assert.ok(await bubble.isVisible());
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // Nothing stands over the explanation.
  await button(page, 'Export').click();
  const item = page.getByRole('menuitem').first();
  await item.click();
  await eventually(async () => assert.match((await bubble.textContent()) ?? '', /^Saves the rows/));
  const popup = page.locator('.popup').filter({ has: bubble });
  assert.ok(await popup.isVisible());
  await field(page, 'Learning rate').click();
  await popup.waitFor({ state: 'detached' });
  await eventually(async () => assert.match((await bubble.textContent()) ?? '', /How far each step goes/));
  await page.keyboard.press('Escape');
  await bubble.waitFor({ state: 'detached' });
  await run(page, 60);
});

browserTest('the device panel says what runs where and why, with the speed', {}, async ({ page }) => {
  await fill(page, 'Epochs', 200_000);
  await button(page, 'Run').click();
  await button(page, 'Pause').waitFor();
  await page.getByRole('button', { name: /^Training runs on/ }).click();
  const panel = page.getByRole('dialog', { name: 'Where it computes' });
  await panel.getByText('the processor, in WebAssembly with SIMD').waitFor();
  await panel.getByText(/^[\d,.]+M? steps\/s$/).waitFor();
  await panel.getByText('no adapter on this machine').or(panel.getByText('not in this browser')).waitFor();
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
});

browserTest(
  'where WebGPU gives an adapter, the device panel names it',
  { webgpu: true },
  async ({ page }) => {
    await page.getByRole('button', { name: /^Training runs on/ }).click();
    const panel = page.getByRole('dialog', { name: 'Where it computes' });
    await eventually(async () => {
      const text = (await panel.textContent()) ?? '';
      assert.ok(!/no adapter|not in this browser|looking…/.test(text), text);
    });
    assert.ok(await cell(page, 1, 1).isVisible());
  },
);
