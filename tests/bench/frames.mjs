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

const server = await serve();
const browser = await launch();
console.log('experiment        frames  median ms  95 % ms  worst ms  steps/s');
for (const [name, parts] of EXPERIMENTS) {
  const document = {
    version: 1,
    title: name,
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
  await page.keyboard.press('Control+Enter');
  await page.waitForTimeout(1500);
  const frames = await page.evaluate(async (milliseconds) => {
    /** @type {number[]} */
    const times = [];
    const end = performance.now() + milliseconds;
    while (performance.now() < end) times.push(await new Promise(requestAnimationFrame));
    return times.slice(1).map((time, at) => time - Number(times[at]));
  }, SECONDS * 1000);
  const sorted = frames.sort((one, other) => one - other);
  const at = (/** @type {number} */ share) =>
    Number(sorted[Math.floor(share * (sorted.length - 1))]).toFixed(1);
  const speed = await page.locator('[data-figure="speed"]').textContent();
  const cells = [
    String(frames.length).padStart(8),
    at(0.5).padStart(11),
    at(0.95).padStart(9),
    at(1).padStart(10),
  ];
  console.log(name.padEnd(16) + cells.join('') + String(speed).padStart(9));
  await page.close();
}
server.close();
await closeBrowsers();
