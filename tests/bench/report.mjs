// Results as Markdown.

import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { NOISY } from './load.mjs';

/** @import { Figure, Results } from './run.mjs' */

/** The tables stand between these lines of the document. */
const START = '<!-- figures: start -->';
const END = '<!-- figures: end -->';

/**
 * @param {string} file
 * @param {Results} results
 */
export async function writeIntoDocument(file, results) {
  const text = await readFile(file, 'utf8');
  const [before, rest] = text.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${file} has no lines ${START} and ${END}`);
  const whole = `${before}${START}\n\n${markdown(results)}\n${END}${after}`;
  await writeFile(file, await format(whole, { ...(await resolveConfig(file)), filepath: file }));
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** Three digits, or all before the point. @param {number} value */
const number = (value) =>
  (value >= 100 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en');

/** The median, and the least and greatest. @param {number[]} values */
const spread = (values) =>
  values.length > 1
    ? `${number(median(values))} (${number(Math.min(...values))}–${number(Math.max(...values))})`
    : number(median(values));

/** @param {string[]} head @param {string[][]} rows */
const table = (head, rows) =>
  [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/** @param {Figure} figure */
const counts = ({ samples, wrong, differs, failed }) => samples.length > 0 && !wrong && !differs && !failed;

/** @param {Results} results */
export function markdown(results) {
  const parts = [
    about(results),
    ...comparison(results),
    ...onWebGpu(results),
    ...everyone(results),
    ...startup(results),
    ...alone(results),
    ...notes(results),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** @param {Results} results */
function about({ about, limits }) {
  const { date, processor, cores, node, chromium, pytorch, samples, load } = about;
  const versions = [
    chromium && `Chromium ${chromium}`,
    pytorch && `PyTorch ${pytorch}`,
    `Node.js ${node}`,
  ].filter(Boolean);
  const peak = limits.map(({ gflops }) => gflops);
  const read = limits.map(({ gigabytes }) => gigabytes);
  return [
    `${date}, ${processor} (${cores} cores, load ${load} at the start), ${versions.join(', ')}. ${samples}; medians,`,
    `with the least and the greatest sample in brackets.`,
    ...(limits.length > 0
      ? [
          `One thread of WebAssembly here multiplies and adds ${spread(peak)} GFLOP/s with SIMD128`,
          `and reads ${spread(read)} GB/s from memory.`,
        ]
      : []),
  ].join('\n');
}

/**
 * The fastest of the others.
 * @param {[string, Figure][]} figures
 */
const bestPeer = (figures) =>
  figures
    .filter(([, { role }]) => role === 'peer')
    .toSorted(([, one], [, other]) => median(other.samples) - median(one.samples))[0];

/** @param {Results} results */
function comparison({ workloads, limits }) {
  const peak = median(limits.map(({ gflops }) => gflops));
  const bandwidth = median(limits.map(({ gigabytes }) => gigabytes));
  const rows = Object.entries(workloads).flatMap(([id, { unit, flopPerUnit, figures }]) => {
    const own = figures['gradus'];
    if (!own || own.samples.length === 0) return [];
    const value = median(own.samples);
    const best = bestPeer(Object.entries(figures).filter(([, figure]) => counts(figure)));
    const native = Object.values(figures).find((figure) => figure.role === 'native' && counts(figure));
    const ratio = (/** @type {Figure | undefined} */ other) =>
      other ? `**${number(value / median(other.samples))}×**` : '';
    // A row times a matrix reads each of the matrix's float32 once, for two operations.
    const limit =
      id === 'W7a'
        ? `${number((100 * 2 * value) / bandwidth)} % of reading`
        : `${number((100 * value * flopPerUnit) / 1e9 / peak)} %`;
    return [
      [
        `${id} ${unit}`,
        spread(own.samples) + (own.wrong ? ' ✗' : ''),
        best ? `${spread(best[1].samples)} ${best[0]}` : '',
        ratio(best?.[1]),
        native ? spread(native.samples) : '',
        ratio(native),
        limit,
      ],
    ];
  });
  if (rows.length === 0) return [];
  const head = [
    '',
    'gradus',
    'best peer in the browser',
    '',
    'PyTorch eager, native',
    '',
    'of the SIMD128 peak',
  ];
  return ['### Beside the best', table(head, rows)];
}

/**
 * Beside the best of those that use WebGPU, and what is asked of it.
 * @param {Results} results
 */
function onWebGpu({ workloads }) {
  const rows = Object.entries(workloads).flatMap(([id, { unit, figures }]) => {
    const using = Object.entries(figures).filter(([, figure]) => figure.traffic.length > 0 && counts(figure));
    const own = using.find(([, { role }]) => role === 'own')?.[1];
    const best = bestPeer(using);
    if (!own || !best) return [];
    const [name, peer] = best;
    const asked = (/** @type {Figure} */ { traffic }) =>
      `${number(median(traffic.map(({ submissions }) => submissions)))} / ${number(median(traffic.map(({ readings }) => readings)))}`;
    return [
      [
        `${id} ${unit}`,
        spread(own.samples),
        `${spread(peer.samples)} ${name}`,
        `**${number(median(own.samples) / median(peer.samples))}×**`,
        asked(own),
        asked(peer),
      ],
    ];
  });
  if (rows.length === 0) return [];
  const head = [
    '',
    'gradus webgpu',
    'best peer on WebGPU',
    '',
    'submissions / readings a second',
    'the same of the peer',
  ];
  return ['### Beside the best on WebGPU', table(head, rows)];
}

/** @param {Results} results */
function everyone({ workloads }) {
  const ids = Object.keys(workloads);
  const names = [...new Set(ids.flatMap((id) => Object.keys(workloads[id]?.figures ?? {})))];
  if (names.length === 0) return [];
  const rows = names.map((name) => [
    name,
    ...ids.map((id) => {
      const figure = workloads[id]?.figures[name];
      if (!figure) return '–';
      if (figure.samples.length === 0) return 'fails';
      return spread(figure.samples) + (figure.wrong ? ' ✗' : figure.differs ? ' †' : '');
    }),
  ]);
  const head = ['', ...ids.map((id) => `${id} ${workloads[id]?.unit}`)];
  return ['### Everybody', table(head, rows)];
}

/** @param {Results} results */
function startup({ startup }) {
  const rows = Object.entries(startup).map(([id, { readyMs, firstStepMs, brotli, files, failed }]) =>
    failed
      ? [id, 'fails', '', '', '']
      : [id, spread(readyMs), spread(firstStepMs), (brotli / 1000).toFixed(1), String(files)],
  );
  if (rows.length === 0) return [];
  const head = ['W8', 'ready, ms', 'first step of W1, ms', 'brotli, kB', 'files'];
  return ['### From navigation to the first step', table(head, rows)];
}

/** @param {Results} results */
function alone({ workloads, drawing, memory }) {
  /** @type {string[][]} */
  const rows = [];
  const eager = workloads['W1']?.figures['gradus eager'];
  if (eager && eager.samples.length > 0) {
    rows.push(['W1 without capture, steps/s', spread(eager.samples) + (eager.wrong ? ' ✗' : '')]);
  }
  for (const [id, { drawn, held, framesPerSecond }] of Object.entries(drawing)) {
    const loss = 100 * (1 - median(drawn) / median(held));
    rows.push(
      [`${id} in the page, curves drawn, steps/s`, spread(drawn)],
      [`${id} in the page, nothing drawn, steps/s`, spread(held)],
      [`${id}: drawing costs`, `${loss.toFixed(1)} %, at ${number(median(framesPerSecond))} frames a second`],
    );
  }
  if (memory) {
    const mebibytes = (/** @type {number} */ bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    rows.push([
      'W5: memory above its data',
      `${mebibytes(memory.grown - memory.data)} (${mebibytes(memory.grown)}, of which ${mebibytes(memory.data)} data)`,
    ]);
  }
  return rows.length > 0 ? ['### Alone', table(['', 'gradus'], rows)] : [];
}

/** @param {Results} results */
function notes({ workloads, startup }) {
  const lines = Object.entries(workloads).flatMap(([id, { figures }]) =>
    Object.entries(figures).flatMap(([name, { wrong, error, differs, failed }]) => {
      return [
        ...(failed ? [`${id}, ${name}: fails: ${failed}`] : []),
        ...(differs ? [`† ${id}, ${name}: ${differs}.`] : []),
        ...(wrong && !failed
          ? [`✗ ${id}, ${name}: not PyTorch's numbers: ${number(error ?? NaN)} times the tolerance.`]
          : []),
      ];
    }),
  );
  const cores = Object.values(workloads).flatMap(({ figures }) =>
    Object.values(figures).flatMap(({ others }) => others),
  );
  const noisy = cores.filter((used) => (used ?? 0) > NOISY).length;
  if (noisy > 0) lines.push(`Other programs used the machine during ${noisy} of ${cores.length} samples.`);
  for (const [name, { failed }] of Object.entries(startup)) if (failed) lines.push(`W8, ${name}: ${failed}`);
  return lines.length > 0 ? ['### Notes', lines.map((line) => `- ${line}`).join('\n')] : [];
}
