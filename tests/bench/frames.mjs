// How even the page's frames are while it trains at full speed: `node tests/bench/frames.mjs`, after
// `cargo xtask build --release`, with Chromium's path in CHROMIUM. A measurement, no test: it depends on the machine.

import { closeBrowsers, launch, serve } from '../browser/harness.mjs';

const SECONDS = 8;

/** @type {[string, object][]} */
const EXPERIMENTS = [
  [
    'spiral',
    {
      data: { kind: 'generated', name: 'spiral', points: 400, noise: 0.1 },
      model: [
        { type: 'linear', out: 16 },
        { type: 'tanh' },
        { type: 'linear', out: 16 },
        { type: 'tanh' },
        { type: 'linear', out: 1 },
      ],
      loss: { type: 'bce_with_logits' },
    },
  ],
  [
    'digits',
    {
      data: { kind: 'bundled', name: 'digits' },
      model: [
        { type: 'conv2d', out: 8, kernel: 3 },
        { type: 'relu' },
        { type: 'flatten' },
        { type: 'linear', out: 10 },
      ],
      loss: { type: 'cross_entropy' },
    },
  ],
];

/** So many rows to type in, and how a quick typist does it. */
const ROWS = 10_000;
const CELLS = 30;
const KEY_MS = 60;

/** @type {[string, object]} */
const TABLE = [
  'typing',
  {
    data: {
      kind: 'table',
      inputs: ['a', 'b'],
      targets: ['y'],
      rows: Array.from({ length: ROWS }, (_, at) => [(at % 97) / 97, (at % 89) / 89, (at % 7) / 7]),
    },
    model: [{ type: 'linear', out: 8 }, { type: 'relu' }, { type: 'linear', out: 1 }],
    loss: { type: 'mse' },
  },
];

/**
 * A page with an experiment in it.
 * @param {[string, object]} experiment
 */
async function open([title, parts]) {
  const document = {
    version: 1,
    title,
    ...parts,
    optimizer: { type: 'adam', lr: 0.003 },
    batch_size: 32,
    epochs: 1_000_000,
  };
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(server.url);
  await page.waitForSelector('#run:enabled');
  const link = await page.evaluate(async (experiment) => {
    const { encodeLink } = await import(/** @type {string} */ ('./gradus.js'));
    return encodeLink(experiment);
  }, document);
  await page.evaluate((to) => void (location.hash = to), link);
  await page.waitForTimeout(1500);
  return page;
}

/**
 * How long each frame took while something was done.
 * @param {import('playwright-core').Page} page
 * @param {() => Promise<void>} work
 */
async function framesOf(page, work) {
  const times = await page.evaluateHandle(() => {
    /** @type {number[]} */
    const all = [];
    const tick = (/** @type {number} */ now) => {
      all.push(now);
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    return all;
  });
  await work();
  const all = await times.evaluate((found) => [...found]);
  return all.slice(1).map((time, at) => time - Number(all[at]));
}

/** @param {string} name @param {number[]} frames @param {string} more */
function tell(name, frames, more) {
  const sorted = frames.toSorted((one, other) => one - other);
  const at = (/** @type {number} */ share) =>
    Number(sorted[Math.floor(share * (sorted.length - 1))]).toFixed(1);
  const cells = [
    String(frames.length).padStart(8),
    at(0.5).padStart(11),
    at(0.95).padStart(9),
    at(1).padStart(10),
  ];
  console.log(name.padEnd(28) + cells.join('') + more.padStart(9));
}

/** @param {import('playwright-core').Page} page */
const speed = async (page) => String(await page.locator('[data-figure="speed"]').textContent());

/**
 * Types numbers down a column: every cell is taken over, and after it the training goes on.
 * @param {import('playwright-core').Page} page
 * @param {boolean} trains
 */
async function type(page, trains) {
  const cell = (/** @type {number} */ row) => page.locator(`[data-row="${row}"][data-column="0"]`);
  await cell(2).click();
  for (let row = 0; row < CELLS; row += 1) {
    if (trains) await page.keyboard.press('Control+Enter');
    await page.waitForTimeout(trains ? 300 : 0);
    await page.keyboard.type(`0.${123 + row}`, { delay: KEY_MS });
    await page.keyboard.press('Enter', { delay: KEY_MS });
  }
  await page.waitForTimeout(1000);
}

const server = await serve();
const browser = await launch();
console.log('what                          frames  median ms  95 % ms  worst ms  steps/s');
for (const experiment of EXPERIMENTS) {
  const page = await open(experiment);
  await page.keyboard.press('Control+Enter');
  await page.waitForTimeout(1500);
  const frames = await framesOf(page, () => page.waitForTimeout(SECONDS * 1000));
  tell(experiment[0], frames, await speed(page));
  await page.close();
}
for (const trains of [false, true]) {
  const page = await open(TABLE);
  const frames = await framesOf(page, () => type(page, trains));
  tell(
    `${ROWS.toLocaleString('en')} rows, typing${trains ? ', training' : ''}`,
    frames,
    trains ? await speed(page) : '',
  );
  await page.close();
}
server.close();
await closeBrowsers();
