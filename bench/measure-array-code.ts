import * as fastCheck from 'fast-check';
import { build } from 'esbuild';
import { join } from 'node:path';
import vm from 'node:vm';
import { Bench } from 'tinybench';
import { bundleParameters } from '../harness/instrument/compiled.js';
import { createElementRuntime } from '../harness/instrument/element-runtime.js';
import type { Points } from '../harness/instrument/points.js';
import { compileBenchScenario } from './in-process-engine.js';
import { measurementsOf, type Measurement } from './measurement.js';

const length = 10_000;

interface ArrayCode {
  readonly sum: (numbers: ArrayLike<number>) => number;
  readonly reverse: (numbers: ArrayLike<number>) => void;
}

/** An idle engine: instrumented code runs as it does outside of executions. */
const idlePoints: Points = {
  live: false,
  at: () => undefined,
  placeOf: () => 0,
  point: () => undefined,
  record: () => undefined,
  wait: () => 'ok',
  waitAsync: () => ({ async: false, value: 'timed-out' }),
  notify: () => 0,
};

async function instrumentedCode(): Promise<ArrayCode> {
  const compiled = await compileBenchScenario('array-code');
  const evaluate = new vm.Script(compiled.own.code).runInThisContext() as (...values: unknown[]) => ArrayCode;
  const modules: Readonly<Record<string, unknown>> = { threadmill: { scenario: () => null }, 'fast-check': fastCheck };
  return evaluate(
    ...bundleParameters.map((name) => {
      if (name === '$threadmill') return createElementRuntime(idlePoints);
      if (name === 'require') return (id: string) => modules[id];
      return (globalThis as Record<string, unknown>)[name];
    }),
  );
}

async function bareCode(): Promise<ArrayCode> {
  const built = await build({
    entryPoints: [join('bench', 'scenarios', 'array-code.scenario.ts')],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    external: ['threadmill'],
  });
  const module = { exports: {} };
  const evaluate = new vm.Script(
    `(function(module,require){${built.outputFiles[0]?.text ?? ''}\n})`,
  ).runInThisContext() as (...values: unknown[]) => void;
  evaluate(module, () => ({ scenario: () => null }));
  return module.exports as ArrayCode;
}

/** The cost of instrumentation for code with and without shared memory, while the harness is idle. */
export async function measureArrayCode(): Promise<Measurement[]> {
  const bench = new Bench({ time: 1_500, warmupTime: 500 });
  const names: string[] = [];
  for (const [how, code] of [
    ['bare', await bareCode()],
    ['instrumented', await instrumentedCode()],
  ] as const) {
    const inputs = {
      'plain array': Array.from({ length }, (_, index) => index),
      'unshared typed array': new Int32Array(length),
      'shared typed array': new Int32Array(new SharedArrayBuffer(4 * length)),
    };
    for (const [what, numbers] of Object.entries(inputs)) {
      for (const operation of ['sum', 'reverse'] as const) {
        const name = `${what} ${operation}, ${how}`;
        names.push(name);
        bench.add(name, () => {
          code[operation](numbers);
        });
      }
    }
  }
  await bench.run();
  return measurementsOf(bench, 'elements a second', new Map(names.map((name) => [name, length])));
}
