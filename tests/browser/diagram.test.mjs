// The diagram: units and weights to read and to set, maps of two inputs, pictures of channels, large layers.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { browserTest, eventually, nextDownload } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch, train } from './native.mjs';
import {
  addLayer,
  atEpoch,
  button,
  fill,
  openExample,
  run,
  savedLosses,
  shownWeights,
  tableTexts,
} from './user.mjs';

/** @import { Page } from 'playwright-core' */

const SUM = pytorch(1).experiment;

/** @param {Page} page */
const diagram = (page) => page.getByRole('group', { name: /^Diagram of the network/ });
/** @param {Page} page @param {string} name */
const unit = (page, name) =>
  diagram(page)
    .getByRole('button', { name, exact: false })
    .filter({ hasNot: page.locator('svg') });
/** @param {Page} page */
const popup = (page) => page.getByRole('dialog', { name: 'Weights of a unit' });
/** @param {Page} page @param {string} name */
const number = (page, name) => popup(page).getByRole('textbox', { name, exact: true });

/** @param {Page} page */
const reading = (page) => page.locator('#panel-network .readout').textContent();

/** @param {Page} page @param {object} document */
async function follow(page, document) {
  const link = await withModule(page, ({ encodeLink }, experiment) => encodeLink(experiment), document);
  await page.evaluate((to) => void (location.hash = to), link);
}

browserTest(
  'of a unit its bias and its activation for the row are told, and the value of a weight',
  {},
  async ({ page }) => {
    const [weight] = await shownWeights(page, '2.weight');
    const bias = (await shownWeights(page, '2.bias'))[0]?.[0];
    const target = unit(page, 'ŷ, layer output');
    await target.hover();
    // What the network gives for a row is what the table predicts for it.
    const predicted = async (/** @type {number} */ row) =>
      Number((await tableTexts(page))[row]?.at(-1)).toFixed(4);
    for (const row of [0, 1]) {
      await page.getByRole('spinbutton', { name: 'row' }).fill(String(row + 1));
      await page.keyboard.press('Enter');
      await target.hover();
      await eventually(async () =>
        assert.equal(await reading(page), `ŷ: bias ${bias} · activation ${await predicted(row)}`),
      );
    }
    // Half way from the first hidden unit to the output, where its line is.
    const from = await unit(page, 'h1, layer').first().boundingBox();
    const to = await target.boundingBox();
    assert.ok(from && to && weight);
    const middle = (/** @type {{ x: number, y: number, width: number, height: number }} */ box) => [
      box.x + box.width / 2,
      box.y + box.height / 2,
    ];
    const [x1 = 0, y1 = 0] = middle(from);
    const [x2 = 0, y2 = 0] = middle(to);
    await page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2);
    await eventually(async () => assert.equal(await reading(page), `h1 → ŷ: ${weight[0]}`));
  },
);

/** Three inputs, so that units have no maps; every number can be worked out. */
const GIVEN = {
  version: 1,
  data: { kind: 'table', inputs: ['a', 'b', 'c'], targets: ['y'], rows: [[3, 1, 2, 0], [-2, 0, 4, 0]] },
  model: [{ type: 'linear', out: 2, init: { weight: [[2, -1, 0.5], [-1, 0, 1]], bias: [0.5, -4] } }, { type: 'relu' }, { type: 'linear', out: 1, init: { weight: [[1, -2]], bias: [0.25] } }],
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', lr: 0.001 },
  epochs: 10,
}; // prettier-ignore

browserTest('without maps each unit shows its activation for the chosen row', {}, async ({ page }) => {
  await follow(page, GIVEN);
  await page.getByText('Fill: activation for the row').waitFor();
  // By hand: h1 = 2·3 − 1 + 0.5·2 + 0.5, h2 = max(0, −3 + 2 − 4), ŷ = h1 − 2·h2 + 0.25; the second row likewise.
  const rows = [
    { a: 'a: 3', h1: '0.5000 · activation 6.5000', h2: '-4.0000 · activation 0.0000', y: '0.2500 · activation 6.7500' },
    { a: 'a: -2', h1: '0.5000 · activation 0.0000', h2: '-4.0000 · activation 2.0000', y: '0.2500 · activation -3.7500' },
  ]; // prettier-ignore
  for (const [row, { a, h1, h2, y }] of rows.entries()) {
    await page.getByRole('spinbutton', { name: 'row' }).fill(String(row + 1));
    await page.keyboard.press('Enter');
    await unit(page, 'h1, layer').focus();
    await eventually(async () => assert.equal(await reading(page), `h1: bias ${h1}`));
    await page.keyboard.press('ArrowDown');
    assert.equal(await reading(page), `h2: bias ${h2}`);
    await page.keyboard.press('ArrowRight');
    assert.equal(await reading(page), `ŷ: bias ${y}`);
    await diagram(page).getByRole('img', { name: 'a', exact: true }).hover();
    await eventually(async () => assert.equal(await reading(page), a));
  }
  // The row is the one that the Layers tab shows.
  await page.getByRole('tab', { name: 'Layers' }).click();
  await eventually(async () => assert.equal(await page.getByRole('textbox', { name: 'Row', exact: true }).inputValue(), '2')); // prettier-ignore
  // Full colour for the largest of a layer; hatched, that is of two colours, where it is negative; nothing for zero.
  const colours = () =>
    page.locator('.diagram-maps').evaluate((canvas) => {
      const pen = /** @type {HTMLCanvasElement} */ (canvas).getContext('2d');
      return [...document.querySelectorAll('.diagram circle.unit')].map((circle) => {
        const [x = 0, y = 0] = ['cx', 'cy'].map((name) => Number(circle.getAttribute(name)));
        const { data } = /** @type {CanvasRenderingContext2D} */ (pen).getImageData(x - 4, y - 4, 8, 8);
        const found = Array.from({ length: 64 }, (_, at) => data.slice(4 * at, 4 * at + 3).join());
        return new Set(found).size;
      });
    });
  await eventually(async () => {
    const [a, b, c, h1, h2, y] = await colours();
    assert.deepEqual([b, c, h1, h2], [1, 1, 1, 1]);
    assert.ok(Number(a) > 1 && Number(y) > 1, `${a}, ${y}`);
  });
});

browserTest('lines say the sign by colour and dashes, and the size by their width', {}, async ({ page }) => {
  await follow(page, GIVEN);
  const lines = () =>
    diagram(page)
      .locator('.edge')
      .evaluateAll((paths) =>
        paths.map((path) => {
          const { stroke, strokeDasharray } = getComputedStyle(path);
          return { kind: path.getAttribute('class'), width: path.getAttribute('stroke-width'), stroke, dashed: strokeDasharray !== 'none' };
        }),
      ); // prettier-ignore
  // From 0.6 for nothing to 4 for the largest between two layers, which is 2.
  const widths = [2, -1, 0.5, -1, 0, 1, 1, -2].map((weight) =>
    (0.6 + (3.4 * Math.abs(weight)) / 2).toFixed(2),
  );
  await eventually(async () => {
    const found = await lines();
    assert.deepEqual(found.map(({ width }) => width), widths); // prettier-ignore
    const negative = [1, 3, 7];
    found.forEach(({ kind, dashed }, at) => {
      assert.equal(kind, negative.includes(at) ? 'edge negative' : 'edge positive');
      assert.equal(dashed, negative.includes(at));
    });
    assert.equal(new Set(found.map(({ stroke }) => stroke)).size, 2);
  });
  // A line is read where the pointer is, and drawn once more above the others, which fade.
  const [from, to] = [
    await unit(page, 'h2, layer').boundingBox(),
    await unit(page, 'ŷ, layer').boundingBox(),
  ];
  assert.ok(from && to);
  await page.mouse.move((from.x + to.x + to.width) / 2, (from.y + to.y + to.height) / 2);
  await eventually(async () => assert.equal(await reading(page), 'h2 → ŷ: -2.0000'));
  assert.equal(await diagram(page).locator('.edges.hot > .negative').count(), 1);
  // Of a unit, all that lead to it and from it.
  await unit(page, 'h2, layer').focus();
  assert.equal(await diagram(page).locator('.edges.hot > path').count(), 4);
});

browserTest(
  'a weight set before the first step is part of the experiment, and can be undone',
  {},
  async ({ page }) => {
    const before = await shownWeights(page, '0.weight');
    await unit(page, 'h2, layer').first().click();
    await number(page, 'x1').fill('0.5');
    await page.keyboard.press('Enter');
    await number(page, 'bias').fill('-0.25');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await popup(page).waitFor({ state: 'detached' });
    await eventually(async () => assert.deepEqual((await shownWeights(page, '0.weight'))[1]?.[0], '0.5000'));
    await page.locator('.layer-note', { hasText: 'given numbers' }).waitFor();
    const run0 = train(SUM);
    const weight = /** @type {number[]} */ (run0.initial_parameters['0.weight']);
    const bias = /** @type {number[]} */ (run0.initial_parameters['0.bias']);
    const pairs = Array.from({ length: 8 }, (_, row) => [weight[2 * row], weight[2 * row + 1]]);
    /** @type {any} */ (pairs[1])[0] = 0.5;
    const init = { weight: pairs, bias: bias.with(1, -0.25) };
    const document = {
      ...SUM,
      model: [{ type: 'linear', out: 8, init }, { type: 'relu' }, { type: 'linear', out: 1 }],
    };
    await run(page, 50);
    assert.deepEqual((await savedLosses(page)).losses, train(document).loss_history);
    await page.getByRole('button', { name: /^Undo/ }).click();
    await page.getByRole('button', { name: /^Undo/ }).click();
    await eventually(async () => assert.deepEqual(await shownWeights(page, '0.weight'), before));
  },
);

browserTest(
  'a press elsewhere takes a weight over, and what is no number waits for Escape',
  {},
  async ({ page }) => {
    await unit(page, 'h2, layer').first().click();
    await number(page, 'x1').fill('0.5');
    await page.locator('#panel-network h2').click();
    await popup(page).waitFor({ state: 'detached' });
    await eventually(async () => assert.deepEqual((await shownWeights(page, '0.weight'))[1]?.[0], '0.5000'));
    await unit(page, 'h2, layer').first().click();
    await number(page, 'x1').fill('half');
    await page.locator('#panel-network h2').click();
    await popup(page).getByRole('alert').waitFor();
    assert.equal(await number(page, 'x1').inputValue(), 'half');
    // The press has taken the focus elsewhere.
    await page.keyboard.press('Escape');
    await popup(page).waitFor({ state: 'detached' });
    assert.deepEqual((await shownWeights(page, '0.weight'))[1]?.[0], '0.5000');
  },
);

browserTest(
  'figures of before a weight was set are said to be so, until the next step',
  {},
  async ({ page }) => {
    await fill(page, 'Epochs', 20);
    await button(page, 'Epoch').click();
    await atEpoch(page, 1, 20);
    await unit(page, 'ŷ, layer output').click();
    await number(page, 'bias').fill('100');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    const note = page.getByText(
      'Figures of step 1, before a weight was set: the next step shows what it does.',
    );
    await note.waitFor();
    await button(page, 'Batch').click();
    await atEpoch(page, 2, 20);
    await note.waitFor({ state: 'hidden' });
  },
);

browserTest('the output’s bias is set while training runs, and the run goes on', {}, async ({ page }) => {
  await fill(page, 'Epochs', 20);
  await page.getByRole('slider', { name: 'Pace' }).fill('0');
  for (let step = 0; step < 3; step += 1) await button(page, 'Batch').click();
  await atEpoch(page, 3, 20);
  await unit(page, 'ŷ, layer output').click();
  await popup(page).getByText(/Training goes on from what is set here/).waitFor(); // prettier-ignore
  await number(page, 'bias').fill('100');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await button(page, 'Batch').click();
  await atEpoch(page, 4, 20);
  const { losses } = await savedLosses(page);
  assert.equal(losses.length, 4);
  // Before, the outputs were near targets between 3 and 15: with 100 more the mean square is about 10⁴.
  assert.ok(Number(losses[2]) < 200 && Number(losses[3]) > 5000, String(losses));
});

browserTest(
  'a weight set while training runs is set back by undo, until the next reset',
  {},
  async ({ page }) => {
    const undo = page.getByRole('button', { name: /^Undo/ });
    const redo = page.getByRole('button', { name: /^Redo/ });
    await page.getByRole('slider', { name: 'Pace' }).fill('0');
    for (let step = 0; step < 3; step += 1) await button(page, 'Batch').click();
    await atEpoch(page, 3, 50);
    assert.equal(await undo.isDisabled(), true);
    await unit(page, 'ŷ, layer output').click();
    const before = await number(page, 'bias').inputValue();
    await number(page, 'bias').fill('100');
    await page.keyboard.press('Enter');
    await page.getByText('2.bias[0] = 100', { exact: true }).first().waitFor();
    // By key, with the field still in focus; and once more, by button.
    await page.keyboard.press('ControlOrMeta+Z');
    await eventually(async () => assert.equal(await number(page, 'bias').inputValue(), before));
    await page.getByText(`2.bias[0] = ${before}`).first().waitFor();
    await page.keyboard.press('ControlOrMeta+Shift+Z');
    await eventually(async () => assert.equal(await number(page, 'bias').inputValue(), '100'));
    await page.keyboard.press('Escape');
    await undo.click();
    // The very float32: the run goes on as if nothing had been.
    await button(page, 'Batch').click();
    await atEpoch(page, 4, 50);
    const { losses } = await savedLosses(page);
    assert.deepEqual(losses, train(SUM).loss_history.slice(0, 4));
    assert.equal(await redo.isDisabled(), false);
    // What was done to a training is over with it.
    await redo.click();
    await button(page, 'Reset').click();
    await atEpoch(page, 0, 50);
    await eventually(async () =>
      assert.deepEqual([await undo.isDisabled(), await redo.isDisabled()], [true, true]),
    );
  },
);

browserTest('the keyboard goes from unit to unit and opens their weights', {}, async ({ page }) => {
  await unit(page, 'h1, layer').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const name = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  assert.match((await name()) ?? '', /^h3/);
  await page.keyboard.press('ArrowRight');
  assert.match((await name()) ?? '', /^ŷ/);
  await page.keyboard.press('Enter');
  await eventually(async () => assert.equal(await popup(page).getByRole('textbox').count(), 9));
  await number(page, 'bias').fill('a few');
  await page.keyboard.press('Enter');
  await popup(page).getByRole('alert').filter({ hasText: '“a few” is not a number.' }).waitFor(); // prettier-ignore
  await page.keyboard.press('Escape');
  await popup(page).waitFor({ state: 'detached' });
  assert.match((await name()) ?? '', /^ŷ/);
});

browserTest(
  'Tab past the last weight goes on behind the diagram, not past the rest of the panel',
  {},
  async ({ page }) => {
    const active = () => page.evaluate(() => document.activeElement?.getAttribute('data-place'));
    const h1 = unit(page, 'h1, layer').first();
    await h1.focus();
    await page.keyboard.press('Enter');
    await eventually(async () => assert.equal(await active(), '0.bias[0]'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal(await active(), '0.weight[1]');
    // What is wrong is said, and stays to be set right.
    await page.keyboard.type('zz');
    await page.keyboard.press('Tab');
    await popup(page).getByRole('alert').filter({ hasText: '“zz” is not a number.' }).waitFor();
    assert.equal(await active(), '0.weight[1]');
    await number(page, 'x2').fill('0.5');
    await page.keyboard.press('Tab');
    await popup(page).waitFor({ state: 'detached' });
    const row = page.getByRole('spinbutton', { name: 'row' });
    assert.equal(await row.evaluate((field) => field === document.activeElement), true);
    await eventually(async () => assert.equal((await shownWeights(page, '0.weight'))[0]?.[1], '0.5000'));
    // Backwards it ends where it began.
    await h1.focus();
    await page.keyboard.press('Enter');
    await eventually(async () => assert.equal(await active(), '0.bias[0]'));
    for (let back = 0; back < 3; back += 1) await page.keyboard.press('Shift+Tab');
    await popup(page).waitFor({ state: 'detached' });
    assert.match(
      (await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) ?? '',
      /^h1, /,
    );
  },
);

/** How many different colours the maps have. @param {Page} page */
const colours = (page) =>
  page.locator('.diagram-maps').evaluate((canvas) => {
    const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
    const { data } = /** @type {CanvasRenderingContext2D} */ (
      /** @type {HTMLCanvasElement} */ (canvas).getContext('2d')
    ).getImageData(0, 0, width, height);
    const found = new Set();
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3]) found.add(`${data[at]},${data[at + 1]},${data[at + 2]}`);
    return found.size;
  });

browserTest(
  'with two inputs every unit has a map of its output, which changes as it trains',
  {},
  async ({ page }) => {
    await openExample(page, 'XOR');
    await eventually(async () => assert.ok((await colours(page)) > 50, String(await colours(page))));
    const picture = () =>
      page
        .locator('.diagram-maps')
        .evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
    const before = await picture();
    await run(page, 60);
    await eventually(async () => assert.notEqual(await picture(), before));
  },
);

/** The map that is shown larger: beside the diagram, or with the weights of a unit. @param {Page} page @param {string} [inside] */
const closeUp = (page, inside = '.diagram-stage') => page.locator(`${inside} > .close-up`);

browserTest(
  'the map of a unit is larger beside it when it is pointed at or focused, and nothing moves',
  {},
  async ({ page }) => {
    await eventually(async () => assert.ok((await colours(page)) > 50));
    const legend = page.locator('.diagram-box .legend');
    const place = await legend.boundingBox();
    await unit(page, 'h1, layer').first().hover();
    await closeUp(page)
      .getByText(/^h1: from \S+ to \S+$/)
      .waitFor();
    assert.deepEqual(await legend.boundingBox(), place);
    // Larger than in the diagram, and finer: as many points as for the fit of a few units.
    const box = await closeUp(page).locator('canvas').boundingBox();
    const small = await unit(page, 'h1, layer').first().boundingBox();
    assert.ok(box && small && box.width > 4 * small.width, `${box?.width}, ${small?.width}`);
    // It lies beside the unit, not over it.
    const whole = await closeUp(page).boundingBox();
    assert.ok(whole && (whole.x >= small.x + small.width || whole.x + whole.width <= small.x));
    await page.keyboard.press('Escape');
    await closeUp(page).waitFor({ state: 'hidden' });
    await unit(page, 'h1, layer').first().focus();
    await page.keyboard.press('ArrowDown');
    await closeUp(page)
      .getByText(/^h2: from /)
      .waitFor();
    await page.keyboard.press('Enter');
    await closeUp(page, '.unit-form')
      .getByText(/^h2: from /)
      .waitFor();
    await popup(page).getByRole('combobox', { name: 'Unit' }).selectOption('h3');
    await closeUp(page, '.unit-form')
      .getByText(/^h3: from /)
      .waitFor();
    await closeUp(page).waitFor({ state: 'hidden' });
  },
);

browserTest(
  'a finger finds the larger map with the weights, where it covers nothing',
  { viewport: { width: 390, height: 800 }, hasTouch: true },
  async ({ page }) => {
    await page.getByRole('navigation', { name: 'Panels' }).getByText('Network').tap();
    await unit(page, 'h1, layer').first().tap();
    await closeUp(page, '.unit-form')
      .getByText(/^h1: from /)
      .waitFor();
    assert.equal(await closeUp(page).isVisible(), false);
  },
);

browserTest(
  'the diagram is saved in the theme’s colours, and its weights with the names of units',
  { colorScheme: 'dark' },
  async ({ page }) => {
    await follow(page, GIVEN);
    await page.getByText('Fill: activation for the row').waitFor();
    const save = async (/** @type {string} */ kind) => {
      await page.locator('#panel-network').getByRole('button', { name: 'Save this view' }).click();
      const download = nextDownload(page);
      await page.getByRole('menuitem', { name: new RegExp(`^${kind}`) }).click();
      return readFile(await (await download).path());
    };
    assert.equal(
      (await save('CSV')).toString(),
      `parameter,index,from,to,value
0.weight,0,a,h1,2
0.weight,1,b,h1,-1
0.weight,2,c,h1,0.5
0.weight,3,a,h2,-1
0.weight,4,b,h2,0
0.weight,5,c,h2,1
0.bias,0,,h1,0.5
0.bias,1,,h2,-4
2.weight,0,h1,ŷ,1
2.weight,1,h2,ŷ,-2
2.bias,0,,ŷ,0.25
`,
    );
    const svg = (await save('SVG')).toString();
    const found = await page.evaluate((text) => {
      const drawing = new DOMParser().parseFromString(text, 'image/svg+xml');
      const count = (/** @type {string} */ what) => drawing.querySelectorAll(what).length;
      return {
        // Eight lines, and one in the legend for each sign.
        positive: count('path[stroke="#5aa7ff"]:not([stroke-dasharray])'),
        negative: count('path[stroke="#f0964a"][stroke-dasharray="5 3"]'),
        maps: count('image'),
        texts: [...drawing.querySelectorAll('text')].map(({ textContent }) => textContent),
      };
    }, svg);
    assert.deepEqual(found, {
      positive: 6,
      negative: 4,
      maps: 1,
      texts: ['a', 'b', 'c', 'Input', '2 · ReLU', 'ŷ', 'output', 'positive', 'negative'],
    });
    assert.match(svg, /<rect [^>]*fill="#14171a"/);
    assert.equal((await save('PNG')).subarray(1, 4).toString('latin1'), 'PNG');
  },
);

const PICTURES = {
  version: 1,
  data: {
    kind: 'table',
    inputs: Array.from({ length: 16 }, (_, at) => `p${at}`),
    targets: ['kind'],
    input_shape: [1, 4, 4],
    rows: Array.from({ length: 8 }, (_, row) => [...Array.from({ length: 16 }, (_, at) => Number((row % 2 ? at % 4 : Math.floor(at / 4)) === row % 4)), row % 2]),
  },
  model: [{ type: 'conv2d', out: 4, kernel: 2 }, { type: 'relu' }, { type: 'max_pool2d', kernel: 2 }, { type: 'flatten' }, { type: 'linear', out: 2 }],
  loss: { type: 'cross_entropy' },
  optimizer: { type: 'adam', lr: 0.01 },
  epochs: 10,
}; // prettier-ignore

browserTest('convolutions show what their channels make of a chosen row', {}, async ({ page }) => {
  await follow(page, PICTURES);
  const row = page.getByRole('spinbutton', { name: 'row' });
  await row.waitFor();
  await eventually(async () => assert.ok((await colours(page)) > 4));
  const picture = () =>
    page.locator('.diagram-maps').evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
  const first = await picture();
  await row.fill('2');
  await page.keyboard.press('Enter');
  await eventually(async () => assert.notEqual(await picture(), first));
  // A line to a channel stands for the kernel's four weights.
  await unit(page, 'c1,1').click();
  await eventually(async () => assert.equal(await popup(page).getByRole('textbox').count(), 5));
});

/** The texts of a kind, with where they are. @param {Page} page @param {string} kind */
const texts = (page, kind) =>
  page.locator(`.diagram .${kind}`).evaluateAll((found) =>
    found.map((text) => ({
      shown: text.firstChild?.textContent ?? '',
      whole: text.querySelector('title')?.textContent,
      box: text.getBoundingClientRect().toJSON(),
    })),
  );

browserTest(
  'what goes in and comes out has the names of the data, as far as there is room',
  {},
  async ({ page }) => {
    const inputs = ['sepal length', 'sepal width', 'petal length', 'petal width'];
    await openExample(page, 'Iris');
    const classes = ['setosa', 'versicolor', 'virginica'];
    const shown = async () => (await texts(page, 'unit-name')).map((text) => text.shown);
    await eventually(async () => assert.deepEqual(await shown(), [...inputs, ...classes]));
    // A name that is too long is read whole where the pointer rests.
    const long = 'circumference of the trunk';
    await follow(page, {
      ...SUM,
      data: { kind: 'table', inputs: [long, 'x2'], targets: ['y'], rows: [[1, 2, 3]] },
    });
    await eventually(async () => assert.match((await shown())[0] ?? '', /^circumf.*…$/));
    assert.equal((await texts(page, 'unit-name'))[0]?.whole, long);
    await unit(page, 'h1, layer').first().click();
    await number(page, long).waitFor();
  },
);

browserTest('titles of columns do not lie on one another', {}, async ({ page }) => {
  const [convolution, ...rest] = PICTURES.model;
  const model = [convolution, { type: 'batch_norm' }, ...rest.slice(0, 2), { type: 'dropout', p: 0.2 }, { type: 'flatten' }, { type: 'linear', out: 8 }, { type: 'batch_norm' }, { type: 'relu' }, { type: 'dropout', p: 0.2 }, { type: 'linear', out: 2 }]; // prettier-ignore
  await follow(page, { ...PICTURES, model });
  for (const width of [1440, 1120, 360]) {
    await page.setViewportSize({ width, height: 900 });
    if (width === 360) await page.getByRole('navigation', { name: 'Panels' }).getByText('Network').click();
    await eventually(async () => {
      const found = await texts(page, 'column-title');
      assert.ok(
        found.length > 8 && found.some(({ shown, whole }) => (whole ?? shown).includes('Batch norm')),
      );
      for (const [at, { shown, box }] of found.entries())
        for (const other of found.slice(at + 1)) {
          const apart =
            box.right <= other.box.left || other.box.right <= box.left || box.bottom <= other.box.top + 4;
          assert.ok(apart, `${width}: ${shown} lies on ${other.shown}`);
        }
    });
  }
});

browserTest('the value of a unit fills its circle, the more the larger it is', {}, async ({ page }) => {
  await follow(page, PICTURES);
  const circles = page.locator('.diagram circle.unit');
  await eventually(async () => assert.equal(await circles.count(), 2));
  const values = () =>
    page.locator('.diagram-maps').evaluate((canvas) => {
      const pen = /** @type {HTMLCanvasElement} */ (canvas).getContext('2d');
      return [...document.querySelectorAll('.diagram circle.unit')].map((circle) => {
        const [x, y, r] = ['cx', 'cy', 'r'].map((name) => Number(circle.getAttribute(name)));
        const at = (/** @type {number} */ away) => [...(pen?.getImageData(x + away * r, y + away * r, 1, 1).data ?? [])];
        return { middle: at(0), corner: at(0.85) };
      });
    }); // prettier-ignore
  await eventually(async () => {
    const found = await values();
    for (const { middle, corner } of found) assert.deepEqual([middle[3], corner[3]], [255, 0]);
    assert.notDeepEqual(found[0]?.middle, found[1]?.middle);
  });
});

/** Where the units of a column are, from the first on. @param {Page} page @param {number} column @param {number} size */
async function boxesOf(page, column, size) {
  const nodes = diagram(page).locator(`.node[data-spot^="${column},"] > .unit`);
  await eventually(async () => assert.equal(await nodes.count(), size));
  return nodes.evaluateAll((found) =>
    found.map((node) => {
      const { left, top, width, height } = node.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2, width, height };
    }),
  );
}

browserTest('64 units a layer can be read: apart, large enough, each with its name', {}, async ({ page }) => {
  await fill(page, 'Layer 1, units', 64);
  const boxes = await boxesOf(page, 1, 64);
  for (const [at, box] of boxes.entries()) {
    assert.ok(box.width >= 8 && box.height >= 8, `unit ${at + 1} is ${box.width} × ${box.height}`);
    const before = boxes[at - 1];
    if (before) assert.ok(box.y - before.y >= box.height + 1, `unit ${at + 1} lies on the one above`);
  }
  await unit(page, 'h1, layer').first().focus();
  await page.keyboard.press('End');
  await eventually(async () => assert.match((await reading(page)) ?? '', /^h64: bias .* · activation /));
  // 64 · 64 lines could not be told apart: that most are left out is said.
  await addLayer(page);
  await fill(page, 'Layer 2, units', 64);
  await boxesOf(page, 2, 64);
  await page.getByText('Only the 352 strongest of 4,288 lines are drawn.').waitFor();
  assert.equal(await diagram(page).locator('.edge').count(), 352);
  await run(page, 50);
});

browserTest('more than 64 units are cells of one block, each with its numbers', {}, async ({ page }) => {
  await fill(page, 'Layer 1, units', 128);
  const boxes = await boxesOf(page, 1, 128);
  const [first] = boxes;
  assert.ok(first);
  // No higher than eight units are, and every cell in a place of its own.
  const height = Math.max(...boxes.map(({ y }) => y)) - first.y + first.height;
  assert.ok(height <= 8 * 26, String(height));
  assert.equal(new Set(boxes.map(({ x, y }) => `${Math.round(x)},${Math.round(y)}`)).size, 128);
  await eventually(async () => assert.ok((await colours(page)) > 50));
  await unit(page, 'h100, layer').hover();
  await eventually(async () => assert.match((await reading(page)) ?? '', /^h100: bias .* · activation /));
  // Arrows go as the cells lie, and leave the block at its sides.
  const active = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  const across = boxes.filter(({ y }) => y === first.y).length;
  await unit(page, 'h1, layer').first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  assert.match((await active()) ?? '', new RegExp(`^h${across + 2}, `));
  for (let step = 2; step <= across; step += 1) await page.keyboard.press('ArrowRight');
  assert.match((await active()) ?? '', /^ŷ, /);
  await unit(page, 'h128, layer').click();
  await eventually(async () => assert.equal(await popup(page).getByRole('combobox', { name: 'Unit' }).inputValue(), '127')); // prettier-ignore
});

browserTest(
  'an output has a hat where it is a letter, and is said to be predicted where it is a word',
  {},
  async ({ page }) => {
    const rows = [[1, 2, 3, 4], [3, 4, 5, 6]]; // prettier-ignore
    const data = { kind: 'table', inputs: ['a'], targets: ['y2', 'price', 'z'], rows };
    await follow(page, { ...SUM, data, predict: [], model: [{ type: 'linear', out: 3 }] });
    for (const name of ['ŷ2', 'pred. price']) await unit(page, `${name}, layer output`).waitFor();
    const shown = diagram(page).locator('.unit-name', { hasText: 'pred. price' });
    assert.equal(await shown.count(), 1);
  },
);
