// Links: the whole experiment, its curve bit for bit, and what a link that cannot be opened does.

import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';
import { browserTest, eventually, launch, nextDownload } from './harness.mjs';
import { decode, encode, number32, pytorch, train } from './native.mjs';
import {
  atEpoch,
  button,
  choose,
  experiment,
  field,
  fill,
  openExample,
  run,
  savedLosses,
  sharedLink,
  tableNumbers,
  typeCell,
} from './user.mjs';

/** @import { Page } from 'playwright-core' */

const alert = (/** @type {Page} */ page) => page.getByRole('alert').filter({ hasText: 'cannot be opened' });

/** A link as someone hostile would make it. @param {string | Buffer} json */
const forged = (json) => `#v=1&z=${deflateRawSync(json).toString('base64url')}`;

/** What a reader does with a link in a page that is open already. @param {Page} page @param {string} hash */
const follow = (page, hash) => page.evaluate((to) => void (location.hash = to), hash);

browserTest('a link with generated data counts its points', {}, async ({ page }) => {
  const data = { kind: 'generated', name: 'spiral', points: 300, noise: 0.1, seed: 1 };
  const model = [{ type: 'linear', out: 8 }, { type: 'tanh' }, { type: 'linear', out: 1 }];
  const more = { loss: { type: 'bce_with_logits' }, optimizer: { type: 'sgd', lr: 0.1 }, validation: 0.2 };
  await follow(page, forged(JSON.stringify({ version: 1, data, model, ...more })));
  await page.getByText('300 rows', { exact: true }).waitFor();
  await page.getByText('240 rows to train, 60 to validate', { exact: true }).waitFor();
  await run(page, 50);
});

browserTest('a copied link gives someone else the same curve, bit for bit', {}, async (opened) => {
  const { page, server } = opened;
  await typeCell(page, 1, 1, '1.25');
  await button(page, 'Add a row').click();
  await typeCell(page, 5, 1, '9');
  await typeCell(page, 5, 2, '10');
  await typeCell(page, 5, 3, '19');
  await fill(page, 'Layer 1, units', 5);
  await choose(page, 'Layer 1, activation', 'Tanh');
  await choose(page, 'Optimizer', 'Adam');
  await fill(page, 'Learning rate', 0.02);
  await fill(page, 'Batch size', 2);
  await fill(page, 'Epochs', 30);
  await fill(page, 'Seed', 7);
  await fill(page, 'Validation', 20);
  await run(page, 30);
  const here = await savedLosses(page);

  await button(page, 'Share').click();
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByRole('button', { name: 'Copy the link' }).click();
  await dialog.getByText('Copied', { exact: true }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.startsWith(`${server.url}#v=1&`), link);

  const context = await (
    await launch()
  ).newContext({ locale: 'en-US', viewport: { width: 1440, height: 900 } });
  try {
    const other = await context.newPage();
    await other.goto(link);
    await eventually(async () => assert.equal(await field(other, 'Seed').inputValue(), '7'));
    const rows = [[1.25, 2, 3], [3, 4, 7], [5, 6, 11], [7, 8, 15], [9, 10, 19]]; // prettier-ignore
    assert.deepEqual(await tableNumbers(other, 3), rows);
    const fields = [
      'Layer 1, units',
      'Layer 2, units',
      'Learning rate',
      'Batch size',
      'Epochs',
      'Validation',
    ];
    const values = await Promise.all(fields.map((name) => field(other, name).inputValue()));
    assert.deepEqual(values, ['5', '1', '0.02', '2', '30', '20']);
    const chosen = (/** @type {string} */ name) =>
      other.getByRole('combobox', { name, exact: true }).locator('option:checked').textContent();
    assert.equal(await chosen('Layer 1, activation'), 'Tanh');
    assert.equal(await chosen('Layer 2, activation'), 'no activation');
    assert.equal(await chosen('Optimizer'), 'Adam');
    await run(other, 30);
    // 4 rows train, in batches of 2: 2 steps in each of 30 epochs.
    assert.equal(here.losses.length, 60);
    assert.deepEqual(await savedLosses(other), here);
  } finally {
    await context.close();
  }

  const native = train(decode(new URL(link).hash));
  assert.deepEqual(here.losses, native.loss_history.map(number32));
  assert.deepEqual(here.validation, native.validation_loss.map(number32));
});

browserTest('a reload of the shared address keeps the experiment and its curve', {}, async ({ page }) => {
  await fill(page, 'Learning rate', 0.002);
  await run(page, 50);
  const before = await savedLosses(page);
  await button(page, 'Share').click();
  await button(page, 'Copy the link').click();
  await button(page, 'Close').click();
  await page.reload();
  await eventually(async () => assert.equal(await field(page, 'Learning rate').inputValue(), '0.002'));
  await run(page, 50);
  await eventually(async () => assert.deepEqual(await savedLosses(page), before));
});

browserTest(
  'a link made by the native program opens and gives its curve',
  { open: false },
  async (opened) => {
    const { page, server } = opened;
    const { experiment: document } = pytorch(8);
    await page.goto(server.url + encode(document));
    await page.getByRole('button', { name: `Experiment: ${document.title}` }).waitFor();
    await run(page, 20);
    const { losses } = await savedLosses(page);
    assert.deepEqual(losses, train(document).loss_history.map(number32));
  },
);

browserTest('the link of the page is the link of the native program', {}, async ({ page }) => {
  for (const name of ['XOR', 'Three groups of points', 'One point, given weights']) {
    await openExample(page, name);
    const { hash } = new URL(await sharedLink(page));
    assert.equal(encode(decode(hash)), hash);
  }
});

browserTest('following a link opens it, and Back goes to the experiment before', {}, async ({ page }) => {
  const name = () => experiment(page).getAttribute('aria-label');
  await openExample(page, 'XOR');
  const xor = new URL(await sharedLink(page)).hash;
  await openExample(page, 'y = 3x, learning rate 1');
  const line = new URL(await sharedLink(page)).hash;

  await follow(page, xor);
  await eventually(async () => assert.equal(await name(), 'Experiment: XOR'));
  await follow(page, line);
  await eventually(async () => assert.equal(await name(), 'Experiment: y = 3x, learning rate 1'));
  await page.goBack();
  await eventually(async () => assert.equal(await name(), 'Experiment: XOR'));
  await page.goForward();
  await eventually(async () => assert.equal(await name(), 'Experiment: y = 3x, learning rate 1'));
  await run(page, 10);
});

const XOR = encode(pytorch(7).experiment);

browserTest('what a link asks for and the page has not is told by name', { open: false }, async (opened) => {
  const { page, server } = opened;
  await page.goto(`${server.url}${XOR}&teleport=1`);
  const notice = page.getByRole('status').filter({ hasText: 'does not have' });
  await notice.waitFor();
  assert.match((await notice.textContent()) ?? '', /teleport/);
  assert.equal(
    await experiment(page).getAttribute('aria-label'),
    `Experiment: ${pytorch(7).experiment.title}`,
  );
});

/** @type {[string, string, RegExp][]} */
const UNOPENABLE = [
  ['malformed', '#v=1&z=%%%not-base64%%%', /not a link that Gradus made/],
  ['truncated', XOR.slice(0, XOR.length / 2), /not a link that Gradus made/],
  ['of another version', XOR.replace('v=1', 'v=2'), /[Vv]ersion/],
  ['of a later document', forged('{"version":2,"data":{},"model":[]}'), /[Vv]ersion/],
  ['without a document', forged('[]'), /object/],
  ['with a layer of 10⁹ units', forged(JSON.stringify({ ...pytorch(1).experiment, model: [{ type: 'linear', out: 1e9 }] })), /Layer 1: .*4,096/], // prettier-ignore
  ['that unpacks to 300 MB', forged(Buffer.alloc(300e6, 0x20)), /characters|bytes|large/],
  ['with deep nesting', forged('['.repeat(1e6)), /JSON|depth|deep/],
];

browserTest(
  'a page opened with such a link says why not, and shows an example',
  { open: false },
  async (opened) => {
    const { page, server } = opened;
    for (const [what, hash, reason] of UNOPENABLE) {
      await page.goto('about:blank');
      await page.goto(server.url + hash);
      await alert(page).waitFor();
      assert.match((await alert(page).textContent()) ?? '', reason, what);
      assert.equal(await experiment(page).getAttribute('aria-label'), 'Experiment: Sum of two numbers');
    }
  },
);

browserTest('such a link in the middle of work says why not, and the work stays', {}, async ({ page }) => {
  await openExample(page, 'y = 3x, learning rate 0.1');
  await fill(page, 'Learning rate', 0.05);
  await fill(page, 'Epochs', 20);
  let epoch = 0;
  for (const [what, hash, reason] of UNOPENABLE) {
    await button(page, 'Batch').click();
    epoch += 1;
    await follow(page, hash);
    await alert(page).waitFor();
    assert.match((await alert(page).textContent()) ?? '', reason, what);
    await alert(page).getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(await experiment(page).getAttribute('aria-label'), 'Experiment: y = 3x, learning rate 0.1');
    assert.equal(await field(page, 'Learning rate').inputValue(), '0.05');
    await atEpoch(page, epoch, 20);
  }
  await run(page, 20);
});

browserTest(
  'in Chinese it is said in Chinese why a link cannot be opened',
  { open: false, locale: 'zh-CN' },
  async ({ page, server }) => {
    const links = [
      ...UNOPENABLE.map(([, hash]) => hash),
      '#v=1&z=%7',
      '#v=1',
      `${XOR}&v=1`,
      forged('{"version":1,'),
      forged('{"version":1,"version":1}'),
      forged(JSON.stringify({ ...pytorch(1).experiment, epochs: 'many', seed: null, model: [{ type: 'linear', out: [8], init: 1 }] })), // prettier-ignore
    ];
    for (const hash of links) {
      await page.goto('about:blank');
      await page.goto(server.url + hash);
      const told = page.getByRole('alert').filter({ hasText: '无法打开' });
      await told.waitFor();
      const text = (await told.textContent()) ?? '';
      // What stays is a name, a place in the document, or what the reader's document says.
      const words = text.replace(/Gradus|JSON|model\[0\]\.(out|init)|many|version|null/g, '');
      assert.doesNotMatch(words, /[A-Za-z]{2,}/, `${hash.slice(0, 40)}: ${text}`);
    }
  },
);

browserTest('a title with markup is text', { open: false }, async ({ page, server }) => {
  const title = '<img src=x onerror="document.title=1"><b>bold</b>';
  await page.goto(server.url + forged(JSON.stringify({ ...pytorch(1).experiment, title })));
  await page.getByRole('button', { name: `Experiment: ${title}`, exact: true }).waitFor();
  await eventually(async () => assert.equal(await page.locator('b', { hasText: /^bold$/ }).count(), 0));
});

browserTest('a long link warns and offers the file, which opens as it was', {}, async ({ page }) => {
  await openExample(page, 'Three groups of points');
  const rows = Array.from({ length: 400 }, (_, at) => `${Math.sin(at)},${Math.cos(at * at)},${at % 3}`);
  await button(page, 'Import…').click();
  await field(page, 'Cells or CSV text').fill(rows.join('\n'));
  await button(page, 'Use this text').click();
  await page.getByText('400 rows', { exact: false }).first().waitFor();
  await button(page, 'Share').click();
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByText(/cut links longer than 2,000 characters/).waitFor();
  const download = nextDownload(page);
  await dialog.getByRole('button', { name: 'Download as a file' }).click();
  const path = await (await download).path();
  await button(page, 'Close').click();

  await openExample(page, 'XOR');
  await experiment(page).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open a file…' }).click();
  await (
    await chooser
  ).setFiles({
    name: 'saved.json',
    mimeType: 'application/json',
    buffer: await import('node:fs/promises').then(({ readFile }) => readFile(path)),
  });
  // Other rows are no more the example's.
  await page.getByRole('button', { name: 'Experiment: Untitled experiment' }).waitFor();
  await page.getByText('400 rows', { exact: false }).first().waitFor();
});
