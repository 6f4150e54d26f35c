// Several values of a number from the same initial weights, in a worker of their own.

import assert from 'node:assert/strict';
import { browserTest, eventually } from './harness.mjs';
import { withModule } from './module.mjs';
import { pytorch } from './native.mjs';
import { openDocument, savedTable } from './results.mjs';
import { assertClose, atEpoch, button, fill, sharedLink } from './user.mjs';

/** @import { Page } from 'playwright-core' */

const SUM = pytorch(1).experiment;

/** @param {Page} page @param {string} values */
async function sweep(page, values) {
  if ((await page.getByRole('group', { name: /^Try several values/ }).count()) === 0)
    await button(page, 'Compare').click();
  const field = page.getByRole('textbox', { name: 'Values' });
  await field.fill(values);
  await field.press('Enter');
  await button(page, 'Run them').click();
}

/** @param {Page} page */
const finished = (page) =>
  page
    .locator('#live')
    .getByText(/The comparison is finished/)
    .waitFor();

browserTest(
  'rates are tried from the same weights: every curve is that of a run of its own',
  {},
  async ({ page }) => {
    await openDocument(page, SUM);
    await sweep(page, '0.0005, 0.001 0.002');
    await finished(page);
    const { head, rows } = await savedTable(page);
    assert.deepEqual(head.slice(0, 2), ['run', 'step']);
    for (const lr of [0.0005, 0.001, 0.002]) {
      const losses = rows.filter(([run]) => run === `lr ${lr}`).map((cells) => Math.fround(Number(cells[3])));
      const own = await withModule(
        page,
        async ({ Trainer }, document) => Array.from(await (await Trainer.create(document)).run(50)),
        { ...SUM, optimizer: { type: 'sgd', lr } },
      );
      assert.deepEqual(losses, own, `lr ${lr}`);
      // And the rate of the document is PyTorch's own run.
      if (lr === 0.001) assertClose(losses, pytorch(1).loss_history);
    }
    // The training on the page was not touched.
    await atEpoch(page, 0, 50);
  },
);

browserTest('the comparison is part of the document, so a link has it', {}, async ({ page }) => {
  // A straight line: each step multiplies the error by 1 - 2 · lr · λ, and λ, the mean of x1² + x2², is 51.
  await openDocument(page, { ...SUM, model: [{ type: 'linear', out: 1 }] });
  await sweep(page, '0.1, 0.001');
  await finished(page);
  const link = await sharedLink(page);
  const { compare } = await withModule(
    page,
    ({ decodeLink }, fragment) => decodeLink(fragment),
    link.slice(link.indexOf('#')),
  );
  assert.deepEqual(compare, [
    { label: 'lr 0.1', set: { 'optimizer.lr': 0.1 } },
    { label: 'lr 0.001', set: { 'optimizer.lr': 0.001 } },
  ]);
  await page.goto('about:blank');
  await page.goto(link);
  await button(page, 'Compare').click();
  await button(page, 'Run the 2 comparisons of this experiment').click();
  await finished(page);
  // 0.1 is too large for this: it diverges, and the table says so.
  await page
    .getByText(/diverged/)
    .first()
    .waitFor();
});

browserTest('any number is swept; each run has a small chart on the same axes', {}, async ({ page }) => {
  await openDocument(page, { ...SUM, batch_size: 2 });
  await button(page, 'Compare').click();
  await page.getByRole('combobox', { name: 'Number' }).selectOption({ label: 'Batch size' });
  const field = page.getByRole('textbox', { name: 'Values' });
  await eventually(async () => assert.equal(await field.inputValue(), '1, 2, 4'));
  await button(page, 'Run them').click();
  await finished(page);
  await page.getByRole('checkbox', { name: 'a chart for each' }).check();
  for (const name of ['Batch size 1', 'Batch size 2', 'Batch size 4'])
    await page.getByRole('img', { name: new RegExp(`^${name}: [\\d.]+`) }).waitFor();
});

browserTest(
  'a comparison that takes long shows how far it is, and can be cancelled',
  {},
  async ({ page }) => {
    await openDocument(page, { ...SUM, epochs: 500_000_000 });
    await sweep(page, '0.0001, 0.0002');
    const bar = page.getByRole('progressbar', { name: 'Progress of the comparison' });
    await bar.waitFor();
    await page.getByText(/^1 of 2: lr 0\.0001, epoch [\d.,]+[MK]? \/ 500M$/).waitFor();
    await button(page, 'Cancel').click();
    await bar.waitFor({ state: 'hidden' });
    await page
      .getByText(/cancelled/)
      .first()
      .waitFor();
  },
);

browserTest(
  'what was compared is still there after a reload, and stays with its experiment',
  {},
  async ({ page }) => {
    await openDocument(page, SUM);
    await sweep(page, '0.0005, 0.002');
    await finished(page);
    const legend = page.locator('.curve-legend');
    const shown = () => legend.locator('.key').allTextContents();
    await page.waitForTimeout(600);
    await page.reload();
    await eventually(async () => assert.deepEqual(await shown(), ['train', 'lr 0.0005', 'lr 0.002']));
    // The next comparison takes the place of this one.
    await sweep(page, '0.003');
    await finished(page);
    await eventually(async () => assert.deepEqual(await shown(), ['train', 'lr 0.003']));
    await page.waitForTimeout(600);
    await page.reload();
    await eventually(async () => assert.deepEqual(await shown(), ['train', 'lr 0.003']));
    await openDocument(page, { ...SUM, epochs: 60 });
    await eventually(async () => assert.deepEqual(await shown(), ['train']));
  },
);

browserTest('a comparison ends where another experiment is opened', {}, async ({ page }) => {
  await openDocument(page, { ...SUM, epochs: 500_000_000 });
  await sweep(page, '0.0001, 0.0002');
  const bar = page.getByRole('progressbar', { name: 'Progress of the comparison' });
  await bar.waitFor();
  await openDocument(page, SUM);
  await bar.waitFor({ state: 'hidden' });
  assert.equal(await page.getByRole('table', { name: /^Runs/ }).count(), 0);
});

const SCHEDULED = {
  ...SUM,
  batch_size: 2,
  model: [
    { type: 'linear', out: 8 },
    { type: 'leaky_relu', negative_slope: 0.01 },
    { type: 'linear', out: 1 },
  ],
  optimizer: { type: 'adam', lr: 0.01 },
  schedule: { type: 'step', step_size: 10, gamma: 0.1 },
};

for (const [locale, compare, number, texts] of /** @type {const} */ ([
  ['en-US', 'Compare', 'Number', ['Learning rate', 'weight decay', 'eps', 'Epochs', 'Batch size', 'Schedule: every … epochs', 'Schedule: times (gamma)', 'Layer 2, negative slope']], // prettier-ignore
  ['zh-CN', '比较', '参数', ['学习率', '权重衰减', 'eps', '轮次', '批大小', '学习率调度：每隔（轮）', '学习率调度：乘以 gamma', '第 2 层，负斜率']], // prettier-ignore
]))
  browserTest(`numbers are called as in the forms: ${locale}`, { locale }, async ({ page }) => {
    const link = await withModule(page, ({ encodeLink }, document) => encodeLink(document), SCHEDULED);
    await page.evaluate((to) => void (location.hash = to), link);
    await button(page, compare).click();
    const options = page.getByRole('combobox', { name: number, exact: true }).locator('option');
    await eventually(async () =>
      assert.deepEqual((await options.allTextContents()).toSorted(), [...texts].toSorted()),
    );
  });

browserTest('values that are wrong are told, and nothing is run', {}, async ({ page }) => {
  await openDocument(page, SUM);
  await button(page, 'Compare').click();
  const field = page.getByRole('textbox', { name: 'Values' });
  await field.fill('0.1, fast');
  await field.press('Enter');
  await page.getByRole('alert').getByText('“fast” is not a number.').waitFor();
  await field.fill('0.1, -1');
  await field.press('Enter');
  await button(page, 'Run them').click();
  await page.getByRole('alert').filter({ hasText: /-1/ }).waitFor();
  assert.equal(await page.getByRole('table', { name: /^Runs/ }).count(), 0);
});

browserTest(
  'what keeps the network from being trained is told beside the comparison, too',
  {},
  async ({ page }) => {
    await openDocument(page, { ...SUM, compare: [{ label: 'slow', set: { 'optimizer.lr': 0.0001 } }] });
    await button(page, 'Compare').click();
    const form = page.getByRole('group', { name: /^Try several values/ });
    const buttons = form.getByRole('button');
    await buttons.nth(1).waitFor();
    await fill(page, 'Layer 2, units', 3);
    const reason = form.getByText(/^Cannot run: .*3/);
    await reason.waitFor();
    for (const one of await buttons.all()) assert.ok(await one.isDisabled());
    await fill(page, 'Layer 2, units', 1);
    await reason.waitFor({ state: 'hidden' });
    for (const one of await buttons.all()) assert.ok(await one.isEnabled());
  },
);
