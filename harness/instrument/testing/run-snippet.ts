import { inspect } from 'node:util';
import { transformSync } from 'esbuild';
import { prologue } from '../bundle.js';
import { createElementRuntime } from '../element-runtime.js';
import type { Position } from '../lines.js';
import { numberSites } from '../site-marks.js';
import { transform } from '../transform.js';
import { recordingPoints, type RecordedOperation } from './recording-points.js';

/** The observations from running a snippet; values are printed, which calls no traps of proxies. */
export interface SnippetResult {
  readonly result: string;
  readonly error: string | undefined;
  readonly log: readonly string[];
}

/** The operations of an instrumented run, with places instead of site numbers. */
export interface SnippetRun extends SnippetResult {
  readonly operations: readonly (Omit<RecordedOperation, 'site'> & Partial<Position>)[];
  readonly points: number;
  /** The places that calls announced in advance. */
  readonly announcements: readonly Position[];
  readonly code: string;
}

type Body = (log: (value: unknown) => unknown, make: (length: number) => unknown) => Promise<unknown>;

const header = 'module.exports = async function (log, make) {';

function moduleText(snippet: string, strict: boolean): string {
  return `${strict ? "'use strict';" : ''}${header}\n${snippet}\n};`;
}

function strip(code: string): string {
  return transformSync(code, { loader: 'ts', target: 'node20', logLevel: 'silent' }).code;
}

async function run(body: Body, make: (length: number) => unknown): Promise<SnippetResult> {
  const log: string[] = [];
  const note = (value: unknown): unknown => {
    log.push(inspect(value, { depth: 6 }));
    return value;
  };
  try {
    return { result: inspect(await body(note, make), { depth: 6 }), error: undefined, log };
  } catch (error) {
    return { result: '', error: describe(error), log };
  }
}

/** Messages quote source text, which instrumentation changes, so only the rest is compared. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  return `${error.name}: ${/ is not (?:iterable|a function)/.test(error.message) ? 'wrong kind of value' : error.message}`;
}

/** Global code is sloppy, even if this module is strict. */
function evaluate(code: string): (...args: unknown[]) => void {
  return (0, eval)(code) as (...args: unknown[]) => void;
}

/** Runs the body of an async function `(log, make)` unchanged. Its first line is line 2 of its file. */
export async function runBare(
  snippet: string,
  strict: boolean,
  make: (length: number) => unknown,
): Promise<SnippetResult> {
  const module = { exports: undefined as unknown };
  evaluate(`(function(module){${strip(moduleText(snippet, strict))}\n})`)(module);
  return run(module.exports as Body, make);
}

/** Runs the same, instrumented. */
export async function runInstrumented(
  snippet: string,
  strict: boolean,
  make: (length: number) => unknown,
): Promise<SnippetRun> {
  const transformed = transform({ file: '/project/snippet.cts', source: moduleText(snippet, strict) });
  const places: Position[] = [{ line: 0, column: 0 }, ...transformed.sites.map(({ position }) => position)];
  const code = numberSites(transformed.code, 1);
  const points = recordingPoints();
  const announcements: Position[] = [];
  let site = 0;
  Object.defineProperty(points, 'site', {
    get: () => site,
    set: (value: number) => {
      site = value;
      announcements.push(places[value] ?? { line: 0, column: 0 });
    },
  });
  const module = { exports: undefined as unknown };
  evaluate(`(function(module,$threadmill){${prologue}(function(){${strip(code)}\n})()})`)(
    module,
    createElementRuntime(points),
  );
  const result = await run(module.exports as Body, make);
  const operations = points.operations.map(({ site, ...rest }) => ({ ...rest, ...places[site] }));
  return { ...result, operations, points: points.points, announcements, code };
}
