// The fit: decision regions, the curve of one input, predicted against true.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { pytorch } from './native.mjs';
import {
  HALVES,
  THIRDS,
  colorAt,
  leans,
  markAt,
  openDocument,
  panel,
  picture,
  savedTable,
  tab,
} from './results.mjs';
import { assertClose, button, grid, run } from './user.mjs';
import { hears, watchWorker, watched } from './worker.mjs';

/** @import { Page } from 'playwright-core' */

const SUM = pytorch(1).experiment;

/** @param {Page} page */
const canvas = (page) =>
  page.getByRole('tabpanel', { name: 'Fit' }).getByRole('img').and(page.locator('canvas'));
/** @param {Page} page */
const readout = (page) => page.locator('.fit-readout');

browserTest('two inputs and one logit are a map of two classes', {}, async ({ page }) => {
  await openDocument(page, HALVES);
  await tab(page, 'Fit');
  // Orange is class 0, to the left; blue is class 1: red above blue, and the other way round.
  await eventually(async () => leans(await colorAt(canvas(page), 0.3, 0.3), 0, 2));
  await eventually(async () => leans(await colorAt(canvas(page), 0.85, 0.3), 2, 0));
  await page.getByText('side = 0', { exact: true }).waitFor();
  // The keyboard reads what the network gives: at x1 = 0 the probability is a half.
  await canvas(page).focus();
  await page.keyboard.press('ArrowRight');
  await eventually(async () => assert.match((await readout(page).textContent()) ?? '', /x1 = [\d.]+, x2 = -?[\d.]+: class 1 \((5|6)\d(\.\d)?%\)/)); // prettier-ignore
  await page.keyboard.press('End');
  await eventually(async () => assert.match((await readout(page).textContent()) ?? '', /class 1 \(9\d(\.\d)?%\)/)); // prettier-ignore
  await page.keyboard.press('Home');
  await eventually(async () => assert.match((await readout(page).textContent()) ?? '', /x1 = -1\.\d+, .*class 0 \(9\d(\.\d)?%\)/)); // prettier-ignore
});

browserTest(
  'rows of the map are full where they train, and hollow where they are held out',
  {},
  async ({ page }) => {
    const { data } = HALVES;
    await openDocument(page, { ...HALVES, validation: 0.3 });
    await tab(page, 'Fit');
    const held = await eventually(async () => {
      const marked = await grid(page).locator('.row-header.held-out').allTextContents();
      assert.equal(marked.length, 2);
      return marked.map((text) => Number(text) - 1);
    });
    // Two places that the map reads out say where every other one is.
    const box = await canvas(page).boundingBox();
    const [width, height] = [Number(box?.width), Number(box?.height)];
    const readAt = async (/** @type {number} */ x, /** @type {number} */ y) => {
      await canvas(page).hover({ position: { x, y } });
      return eventually(async () => {
        const [, ...found] = /^x1 = (\S+), x2 = (\S+):/.exec((await readout(page).textContent()) ?? '') ?? [];
        assert.equal(found.length, 2);
        return found.map(Number);
      });
    };
    const [from, to] = [[0.2 * width, 0.7 * height], [0.8 * width, 0.2 * height]]; // prettier-ignore
    const [low, high] = [await readAt(from[0] ?? 0, from[1] ?? 0), await readAt(to[0] ?? 0, to[1] ?? 0)];
    const place = (/** @type {0 | 1} */ axis, /** @type {number} */ value) => {
      const [a = 0, b = 0, start = 0, end = 0] = [low[axis], high[axis], from[axis], to[axis]];
      return start + ((value - a) / (b - a)) * (end - start);
    };
    await page.mouse.move(0, 0);
    await eventually(async () => {
      const looks = await Promise.all(
        data.rows.map(([x1 = 0, x2 = 0, kind = 0]) =>
          markAt(canvas(page), { x: place(0, x1), y: place(1, x2) }, kind),
        ),
      );
      const expected = data.rows.map(([, , kind], row) => ({
        middle: held.includes(row) ? 'surface' : `class-${kind}`,
        drawn: true,
      }));
      assert.deepEqual(looks, expected);
    });
  },
);

browserTest('every one of more classes has its region, named inside it', {}, async ({ page }) => {
  await openDocument(page, THIRDS);
  await tab(page, 'Fit');
  const at = (/** @type {number} */ x, /** @type {number} */ y) => colorAt(canvas(page), x, y);
  // Left orange, right blue, below green.
  await eventually(async () => leans(await at(0.22, 0.12), 0, 2));
  leans(await at(0.9, 0.12), 2, 0);
  leans(await at(0.55, 0.72), 1, 0);
  for (const kind of [0, 1, 2]) await panel(page).getByText(`class ${kind}`, { exact: true }).waitFor();
});

browserTest('rows that are held out are marked as such', {}, async ({ page }) => {
  await openDocument(page, { ...HALVES, validation: 0.3 });
  await tab(page, 'Fit');
  await page.getByText('held out', { exact: true }).waitFor();
  await openDocument(page, HALVES);
  await eventually(async () => assert.equal(await page.getByText('held out', { exact: true }).count(), 0));
});

browserTest('the map follows the training', {}, async ({ page }) => {
  const learning = {
    ...HALVES,
    model: [{ type: 'linear', out: 1 }],
    optimizer: { type: 'sgd', lr: 0.5 },
    epochs: 200,
  };
  await openDocument(page, learning);
  await tab(page, 'Fit');
  await eventually(async () => assert.notEqual((await picture(canvas(page))).length, 0));
  const before = await picture(canvas(page));
  await run(page, 200);
  await eventually(async () => assert.notEqual(await picture(canvas(page)), before));
  await eventually(async () => leans(await colorAt(canvas(page), 0.3, 0.3), 0, 2));
  await eventually(async () => assert.match((await readout(page).textContent()) ?? '', /^accuracy: \d/));
});

browserTest('one input is a curve', {}, async ({ page }) => {
  // y = 3x exactly.
  const rows = [1, 2, 3, 4].map((x) => [x, 3 * x]);
  const model = [{ type: 'linear', out: 1, init: { weight: [[3]], bias: [0] } }];
  await openDocument(page, {
    ...SUM,
    data: { kind: 'table', inputs: ['x'], targets: ['y'], rows },
    model,
    predict: [],
  });
  await tab(page, 'Fit');
  await page.getByRole('button', { name: 'Curve', exact: true }).waitFor();
  await canvas(page).focus();
  await page.keyboard.press('ArrowRight');
  await eventually(async () => {
    const [, x, y] = /x = ([\d.]+): y = ([\d.]+)/.exec((await readout(page).textContent()) ?? '') ?? [];
    // The readout is at one of 240 points: within a hundredth of the range.
    assert.ok(Math.abs(3 * Number(x) - Number(y)) < 0.1, `${x} ${y}`);
  });
});

browserTest(
  'values of more inputs: predicted against true, which a table of all rows has too',
  {},
  async ({ page }) => {
    await openDocument(page, SUM);
    await run(page, 50);
    await tab(page, 'Fit');
    await button(page, 'Predicted and true').click();
    await page.getByText('predicted = true', { exact: true }).waitFor();
    const { head, rows } = await savedTable(page);
    assert.deepEqual(head, ['row', 'validation', 'x1', 'x2', 'y', 'output y']);
    assert.deepEqual(
      rows.map((cells) => cells.slice(0, 5).map(Number)),
      [[1, 0, 1, 2, 3], [2, 0, 3, 4, 7], [3, 0, 5, 6, 11], [4, 0, 7, 8, 15]], // prettier-ignore
    );
    // PyTorch's model after the same run, at the same rows: the predictions for the table are its own.
    const { final_parameters: p } = pytorch(1);
    const relu = (/** @type {number} */ x) => Math.max(0, x);
    const flat = (/** @type {any} */ value) => [value].flat(3).map(Number);
    const [w1, b1, w2, b2] = ['0.weight', '0.bias', '2.weight', '2.bias'].map((name) => flat(p[name]));
    const expected = [
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ].map(
      ([x1 = 0, x2 = 0]) => // prettier-ignore
    (b1 ?? []).reduce((sum, bias, unit) => sum + Number(w2?.[unit]) * relu(Number(w1?.[2 * unit]) * x1 + Number(w1?.[2 * unit + 1]) * x2 + bias), Number(b2?.[0])), // prettier-ignore
    );
    assertClose(
      rows.map((cells) => Number(cells[5])),
      expected,
      { rtol: 1e-3 },
    );
    // The nearest row answers to the arrow keys.
    await canvas(page).focus();
    await page.keyboard.press('ArrowLeft');
    await eventually(async () => assert.match((await readout(page).textContent()) ?? '', /row \d: true [\d.]+, predicted [\d.]+/)); // prettier-ignore
  },
);

browserTest(
  'of more than two inputs, two are chosen, and the others stand at their means',
  {},
  async ({ page }) => {
    const rows = [[0, 0, 4, 1], [1, 2, 6, 0], [2, 4, 5, 1]]; // prettier-ignore
    const data = { kind: 'table', inputs: ['a', 'b', 'c'], targets: ['t'], rows };
    // The logit is c - 5, and 5 is the mean of c.
    const model = [{ type: 'linear', out: 1, init: { weight: [[0, 0, 1]], bias: [-5] } }];
    await openDocument(page, { ...HALVES, data, model });
    await tab(page, 'Fit');
    await page
      .getByText('The other inputs are at their means; rows stand where these two put them.')
      .waitFor();
    await canvas(page).focus();
    await page.keyboard.press('ArrowRight');
    await eventually(async () => assert.match((await readout(page).textContent()) ?? '', /a = .*, b = .*: class 0 \(50%\)/)); // prettier-ignore
    await page.getByRole('combobox', { name: 'Up' }).selectOption({ label: 'c' });
    await canvas(page).focus();
    await page.keyboard.press('ArrowUp');
    for (let time = 0; time < 12; time += 1) await page.keyboard.press('ArrowUp');
    await eventually(async () =>
      assert.match((await readout(page).textContent()) ?? '', /c = (5|6)\.\d+: class 1/),
    );
  },
);

browserTest(
  'the training goes on for long between two maps that take long, and pauses among them',
  { open: false },
  async ({ page, server }) => {
    await watchWorker(page);
    await page.goto(server.url);
    // So wide that a map takes long.
    const wide = { type: 'linear', out: 256 };
    const model = [wide, { type: 'relu' }, wide, { type: 'relu' }, { type: 'linear', out: 1 }];
    await openDocument(page, { ...HALVES, model, epochs: 500_000_000 });
    await tab(page, 'Fit');
    await button(page, 'Run').click();
    // The first comes at once, for whoever has just begun.
    const before = await hears(page, 'snapshots', 2);
    const after = await hears(page, 'snapshots', 1);
    assert.ok(after.messages - before.messages >= 6, JSON.stringify([before, after]));
    assert.ok(after.step > before.step, JSON.stringify([before, after]));
    await button(page, 'Pause').click();
    await button(page, 'Run').waitFor();
    const { step } = await watched(page);
    await page.waitForTimeout(200);
    assert.equal((await watched(page)).step, step);
  },
);
