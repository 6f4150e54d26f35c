// What the page uses of the module: gradus.js is generated when the module is built.

import type { Experiment, Problem } from './experiment.js';
import type { Position } from './protocol.js';

export type ModuleSource = { module_or_path: WebAssembly.Module | URL | string };
/** Every function that can fail throws an error with the problems of the document, if it has some. */
export type ModuleError = Error & { problems?: Problem[] };

export default function init(source?: ModuleSource): Promise<unknown>;

export function readDocument(source: string | object): Experiment;
export function writeDocument(document: object): string;
export function encodeLink(document: object): string;
export function decodeLink(fragment: string): Experiment;
export function presets(): { name: string; document: Experiment }[];

export type LayerSummary = {
  type: string;
  inputShape: number[];
  outputShape: number[];
  parameters: number;
  problem?: Problem;
};
export function summary(document: object): { layers: LayerSummary[]; parameters: number };

export class Trainer {
  private constructor();
  static create(
    document: object | string,
    data?: { inputs?: Float32Array; targets?: Float32Array },
  ): Promise<Trainer>;
  run(steps: number): Promise<Float32Array>;
  trainFor(
    milliseconds: number,
    maxSteps: number,
  ): { losses: Float32Array; validation: Float32Array; diverged: boolean };
  position(): Position;
  set(path: string, value: number): void;
  reset(): void;
  predict(rows: number[][] | Float32Array): Promise<Float32Array>;
  predictions(): Float32Array;
  parameters(): Record<string, Float32Array>;
  initialParameters(): Record<string, Float32Array>;
  shapes(): Record<string, number[]>;
  free(): void;
}

export type CurvesSpec = {
  dark: boolean;
  pixelRatio: number;
  logY: boolean;
  xLabel: string;
  yLabel: string;
  series: {
    label: string;
    x: Float32Array | number[] | null;
    y: Float32Array | number[];
    kind: 'train' | 'validation' | 'pinned';
  }[];
  cursor: number | null;
};
export type Curves = {
  plot: { left: number; top: number; right: number; bottom: number };
  xMin: number;
  xMax: number;
  yMin: number;
  yMax: number;
  points: { label: string; x: number; y: number }[];
};
export function drawCurves(canvas: HTMLCanvasElement, spec: CurvesSpec): Curves;
