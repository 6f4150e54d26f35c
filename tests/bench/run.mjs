// `cargo xtask bench`: this project's build beside other libraries, see docs/benchmarks.md.

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { brotliSize } from '../../www/sizes.mjs';
import { bundle, launch, open, serve, slug } from './browser.mjs';
import { contenders } from './contenders.mjs';
import { drawingCost } from './drawing.mjs';
import { limits } from './limits.mjs';
import { NOISY, watched } from './load.mjs';
import { openProgram, writeWorkloads } from './program.mjs';
import { markdown, writeIntoDocument } from './report.mjs';
import { IDS, build } from './workloads.mjs';

/** @import { Contender, InPage } from './contenders.mjs' */
/** @import { Limits } from './limits.mjs' */
/** @import { Prepared } from './page.mjs' */
/** @import { Traffic } from './traffic.mjs' */
/** @import { Workload } from './workloads.mjs' */

/**
 * @typedef {object} Figure what one library reached on one workload
 * @property {Contender['role']} role
 * @property {number[]} samples in the workload's unit
 * @property {(number | null)[]} others cores that other programs used during each sample; null where nobody knows
 * @property {Traffic[]} traffic what was asked of WebGPU a second, during each sample; nothing where it is not used
 * @property {boolean} [wrong] whether its losses, or products, are not PyTorch's
 * @property {number} [error] how far from it, as a part of the tolerance
 * @property {string} [differs] what it computes instead
 * @property {string} [failed]
 */
/** @typedef {{ steps: number, ms: number } & Partial<Traffic>} Sample in so many milliseconds */
/** @typedef {{ role: Contender['role'], readyMs: number[], firstStepMs: number[], brotli: number, files: number, failed?: string }} Startup */
/** @typedef {Awaited<ReturnType<typeof drawingCost>>} Drawing */
/**
 * @typedef {object} Results
 * @property {Record<string, string | number>} about
 * @property {Limits[]} limits
 * @property {Record<string, { title: string, unit: string, flopPerUnit: number, figures: Record<string, Figure> }>} workloads
 * @property {Record<string, Startup>} startup
 * @property {Record<string, Drawing>} drawing
 * @property {{ grown: number, data: number } | undefined} memory
 */
/** @typedef {{ trained: [number, number][], frozen: [number, number][] }} Reference */
/**
 * @typedef {object} Open a library that is ready to be measured
 * @property {(id: string, seconds: number) => Promise<Prepared>} prepare
 * @property {(seconds: number, warmUp: number) => Promise<Sample>} measure
 * @property {() => Promise<void>} close
 * @property {string} version
 */

const HELP = `cargo xtask bench [--quick] [--workloads W1,W5,W8] [--only REGEX] [--write]
  --quick      one short sample of each: whether everything works, no figures to keep
  --workloads  some of ${IDS.join(', ')}, W8 (start-up) and extras (drawing, memory); all by default
  --only       the libraries whose name the regular expression finds
  --write      puts the tables into docs/benchmarks.md, too
  PYTHON=…         a Python with PyTorch, to compare with and to compute the losses anew
  PLAYGROUND_NN=…  tensorflow/playground's src/nn.ts, to compare with`;

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    workloads: { type: 'string' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(HELP);
  process.exit();
}

const here = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
const root = join(here, '../..');
const results = join(here, 'results');
const work = join(results, 'work');
const wanted = flags.workloads?.split(',') ?? [...IDS, 'W8', 'extras'];
const unknown = wanted.find((id) => ![...IDS, 'W8', 'extras'].includes(id));
if (unknown) throw new Error(`there is no workload ${unknown}\n${HELP}`);

/** Samples: `rounds` in each of `sessions`, each session with new browsers, since code is laid out anew. */
const plan = flags.quick
  ? { sessions: 1, rounds: 1, seconds: 0.3, warmUp: 0.3, startups: 2, drawings: 1 }
  : { sessions: 3, rounds: 3, seconds: 0.8, warmUp: 1, startups: 7, drawings: 5 };

/** @param {string} text */
const say = (text) => console.error(text);

/** @type {Results} */
const found = {
  about: {
    date: new Date().toISOString().slice(0, 10),
    processor: os.cpus()[0]?.model ?? 'unknown',
    cores: os.cpus().length,
    node: process.version,
    samples: `${plan.sessions} sessions × ${plan.rounds} rounds × ${plan.seconds} s`,
    load: (os.loadavg()[0] ?? 0).toFixed(1),
  },
  limits: [],
  workloads: {},
  startup: {},
  drawing: {},
  memory: undefined,
};

const python = process.env.PYTHON;
const everyone = contenders({ root, here, python, playground: process.env.PLAYGROUND_NN });
const only = new RegExp(flags.only ?? '');
const chosen = everyone.filter(({ id }) => only.test(id));
const pages = chosen.filter((contender) => contender.kind === 'page');

await mkdir(work, { recursive: true });
await bundle(pages, here, join(work, 'pages'));
const server = await serve(pages, join(work, 'pages'));
if (python) await writeWorkloads(join(work, 'data'));
const reference = await readReference();

for (const id of wanted.filter((id) => IDS.includes(id))) await compare(id);
if (wanted.includes('W8')) await startUp();
if (wanted.includes('extras')) await extras();
server.close();
await save();
console.log(markdown(found));
if (flags.write) await writeIntoDocument(join(root, 'docs/benchmarks.md'), found);
process.exit();

/**
 * The losses that everybody's are compared with, PyTorch's in float64: stored, or computed now.
 * @returns {Promise<Record<string, Reference>>}
 */
async function readReference() {
  const stored = JSON.parse(await readFile(join(here, 'reference.json'), 'utf8'));
  if (!python) return stored.losses;
  const program = [`${here}/torch_program.py`, join(work, 'data'), '--reference'];
  const { stdout } = await promisify(execFile)(python, program);
  await writeFile(join(results, 'reference.json'), `${JSON.stringify(JSON.parse(stdout), null, 1)}\n`);
  return JSON.parse(stdout).losses;
}

async function save() {
  await writeFile(join(results, 'latest.json'), `${JSON.stringify(found, null, 1)}\n`);
  await writeFile(join(results, 'latest.md'), markdown(found));
}

/**
 * @param {Contender} contender
 * @returns {Promise<Open>}
 */
function openContender(contender) {
  return contender.kind === 'page'
    ? open(server.addressOf(contender.id))
    : openProgram(contender.command, join(work, 'data'));
}

/**
 * Everybody on one workload, in turns.
 * @param {string} id
 */
async function compare(id) {
  const workload = build(id);
  const { title, unit } = workload;
  say(`\n${id}: ${title} (${unit})`);
  const takePart = chosen.filter(({ role, only }) => role !== 'empty' && (only?.includes(id) ?? true));
  /** @type {Record<string, Figure>} */
  const figures = {};
  const stepsPerUnit = workload.kind === 'training' ? workload.stepsPerUnit : 1e9 / workload.flop;
  found.workloads[id] = { title, unit, flopPerUnit: workload.flop * stepsPerUnit, figures };
  for (const { id, role } of takePart) figures[id] = { role, samples: [], others: [], traffic: [] };

  for (let session = 0; session < plan.sessions; session += 1) {
    await measureLimits();
    /** @type {{ contender: Contender, figure: Figure, opened: Open }[]} */
    const ready = [];
    for (const contender of takePart) {
      const figure = figures[contender.id];
      if (!figure || figure.failed) continue;
      try {
        const opened = await openContender(contender);
        found.about[contender.kind === 'page' ? 'chromium' : 'pytorch'] = opened.version;
        const prepared = await opened.prepare(id, plan.seconds);
        if ('skipped' in prepared) {
          delete figures[contender.id];
          await opened.close();
          continue;
        }
        judge(figure, prepared, workload);
        ready.push({ contender, figure, opened });
      } catch (error) {
        figure.failed = firstLine(error);
        say(`  ${contender.id}: ${figure.failed}`);
      }
    }
    for (let round = 0; round < plan.rounds; round += 1) {
      for (let turn = 0; turn < ready.length; turn += 1) {
        // Another one begins each round, so that nobody always follows the same.
        const next = ready[(turn + session + 2 * round) % ready.length];
        if (!next || next.figure.failed) continue;
        const { contender, figure, opened } = next;
        try {
          const {
            steps,
            ms,
            others,
            submissions = 0,
            readings = 0,
          } = await sample(opened, round === 0 ? plan.warmUp : 0);
          figure.samples.push((1000 * steps) / ms / stepsPerUnit);
          figure.others.push(others ?? null);
          const perSecond = (/** @type {number} */ count) => (1000 * count) / ms;
          if (submissions > 0)
            figure.traffic.push({ submissions: perSecond(submissions), readings: perSecond(readings) });
        } catch (error) {
          figure.failed = firstLine(error);
          say(`  ${contender.id}: ${figure.failed}`);
        }
      }
      const latest = ready.map(({ contender, figure }) => `${contender.id} ${short(figure.samples.at(-1))}`);
      say(`  ${session + 1}.${round + 1}  ${latest.join(', ')}`);
    }
    for (const { opened } of ready) await opened.close();
  }
  await save();
}

/** @param {number} [value] */
function short(value = NaN) {
  return Number(value.toPrecision(4)).toLocaleString('en');
}

/** @param {unknown} error */
function firstLine(error) {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

/**
 * Whether what a library computed is right: its losses within 2 % of how far training has moved PyTorch's, and
 * within 0.1 % of them, but float32 itself is no nearer than 5 in a million; products within 2 in a million for each
 * of their sums' terms, which are at most 1.
 * @param {Figure} figure
 * @param {Exclude<Prepared, { skipped: true }>} prepared
 * @param {Workload} workload
 */
function judge(figure, prepared, workload) {
  if (workload.kind === 'product') {
    figure.error = ('error' in prepared ? prepared.error : NaN) / (2e-6 * workload.k);
  } else if ('losses' in prepared) {
    const { trained = [], frozen = [] } = reference[workload.id] ?? {};
    const errors = prepared.losses.map(([, loss], at) => {
      const expected = trained[at]?.[1] ?? NaN;
      const moved = Math.abs(expected - (frozen[at]?.[1] ?? NaN));
      const size = Math.abs(expected);
      return Math.abs(loss - expected) / Math.max(5e-6 * size, Math.min(0.02 * moved, 1e-3 * size));
    });
    figure.error = errors.length > 0 ? Math.max(...errors) : Infinity;
    if (prepared.differs) figure.differs = prepared.differs;
  }
  figure.wrong = !figure.differs && !(Number(figure.error) <= 1);
}

/**
 * A noisy sample is taken once more, and the calmer one counts.
 * @param {Open} opened
 * @param {number} warmUp
 */
async function sample(opened, warmUp) {
  const take = async (/** @type {number} */ warmUp) => {
    const { result, others } = await watched(() => opened.measure(plan.seconds, warmUp));
    return { ...result, others };
  };
  const first = await take(warmUp);
  if (flags.quick || first.others === undefined || first.others <= NOISY) return first;
  const second = await take(0);
  return (second.others ?? 0) < first.others ? second : first;
}

async function measureLimits() {
  const browser = await launch();
  found.limits.push(await limits(await browser.newPage(), flags.quick ? 0.05 : 0.2));
  await browser.close();
}

/** W8: from navigation to the library's readiness and to the first step of W1, each time with an empty profile. */
async function startUp() {
  say('\nW8: start-up');
  const takePart = pages.filter(({ only }) => only?.includes('W8') ?? true);
  for (const { id, role } of takePart) {
    found.startup[id] = { role, readyMs: [], firstStepMs: [], brotli: 0, files: 0 };
  }
  for (let round = 0; round < plan.startups; round += 1) {
    for (let turn = 0; turn < takePart.length; turn += 1) {
      const { id } = /** @type {InPage} */ (takePart[(turn + 2 * round) % takePart.length]);
      const startup = found.startup[id];
      if (!startup || startup.failed) continue;
      try {
        server.fetched.delete(slug(id));
        const opened = await open(`${server.addressOf(id)}?first-step`);
        startup.readyMs.push(opened.readyMs);
        startup.firstStepMs.push(opened.firstStepMs);
        await opened.close();
        const files = [...(server.fetched.get(slug(id))?.values() ?? [])];
        startup.files = files.length;
        if (startup.brotli === 0) startup.brotli = files.reduce((sum, file) => sum + brotliSize(file), 0);
      } catch (error) {
        startup.failed = firstLine(error);
        say(`  ${id}: ${startup.failed}`);
      }
    }
    const latest = takePart.map(({ id }) => `${id} ${short(found.startup[id]?.firstStepMs.at(-1))}`);
    say(`  ${round + 1}  ${latest.join(', ')}`);
  }
  await save();
}

/** What only concerns this project: memory, and what drawing costs. */
async function extras() {
  if (pages.some(({ id }) => id === 'gradus')) {
    say('\nmemory of W5');
    const opened = await open(server.addressOf('gradus'));
    found.memory = await opened.memory('W5');
    await opened.close();
  }
  for (const id of /** @type {const} */ (['W1', 'W3'])) {
    say(`\ndrawing while ${id} trains`);
    found.drawing[id] = await drawingCost(id, { seconds: flags.quick ? 1 : 4, times: plan.drawings });
  }
}
