import * as fakeTimers from '@sinonjs/fake-timers';
import * as expect from '@vitest/expect';
import * as display from '@vitest/utils/display';
import * as errors from '@vitest/utils/error';
import * as helpers from '@vitest/utils/helpers';
import * as sourceMap from '@vitest/utils/source-map';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { HarnessError } from '../errors.js';
import { MatcherRegistry } from './matcher-registry.js';
import type { sharedModules } from './shared-modules.js';
import type { MakeTestProgram, OnCollected, TestProgram, TestSelection, TestWorld } from './test-world.js';

type CreateTestProgram = (
  world: TestWorld,
  selection: TestSelection,
  onCollected: OnCollected,
  matchers: MatcherRegistry,
) => TestProgram;

/** What the library's script finds in place of globals: time that is no part of the execution. */
const parameters = ['module', 'exports', 'require', 'globalThis', 'performance', 'Date', 'setTimeout', 'clearTimeout'];

const nodeRequire = createRequire(import.meta.url);
const shared: Readonly<Record<(typeof sharedModules)[number], unknown>> = {
  '@vitest/expect': expect,
  '@sinonjs/fake-timers': fakeTimers,
  '@vitest/utils/error': errors,
  '@vitest/utils/helpers': helpers,
  '@vitest/utils/display': display,
  '@vitest/utils/source-map': sourceMap,
};
const requireShared = (id: string): unknown =>
  Object.hasOwn(shared, id) ? Reflect.get(shared, id) : (nodeRequire(id) as unknown);

/** Chai is taught what vitest's `expect` can do once in each process. */
let matcherRegistry: MatcherRegistry | undefined;

/** The library's own timers: its waits have patience, and ask for nothing that the schedule would decide. */
function quietGlobals(world: TestWorld): readonly unknown[] {
  const quietSetTimeout = (run: () => void, ms = 0): object => {
    const patience = { run };
    world.addPatience(patience, ms);
    return patience;
  };
  const quietClearTimeout = (patience: unknown): void => {
    if (typeof patience === 'object' && patience !== null) world.removePatience(patience as { run: () => void });
  };
  const clock = { now: world.waitedMs };
  const QuietDate = new Proxy(Date, {
    get: (real, key) => (key === 'now' ? world.waitedMs : (Reflect.get(real, key, real) as unknown)),
  });
  const values = { performance: clock, Date: QuietDate, setTimeout: quietSetTimeout, clearTimeout: quietClearTimeout };
  const quietGlobal: object = Object.defineProperties(Object.create(globalThis) as object, {
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, configurable: true }])),
  });
  return [quietGlobal, clock, QuietDate, quietSetTimeout, quietClearTimeout];
}

/**
 * Makes the program of each execution of a file of tests.
 *
 * @param script the library, from `buildLibrary`
 * @throws HarnessError if the script is not the library
 */
export function prepareTestProgram(
  script: string,
  selection: TestSelection,
  onCollected: OnCollected,
): MakeTestProgram {
  const matchers = (matcherRegistry ??= new MatcherRegistry());
  const evaluate = new vm.Script(`(function (${parameters.join(', ')}) {${script}\n})`, {
    filename: 'threadmill-tests.js',
  }).runInThisContext() as (...values: unknown[]) => void;
  return (world) => {
    const module: { exports: { createTestProgram?: CreateTestProgram } } = { exports: {} };
    evaluate(module, module.exports, requireShared, ...quietGlobals(world));
    const { createTestProgram } = module.exports;
    if (createTestProgram === undefined) throw new HarnessError('the library of test runners is not complete');
    return createTestProgram(world, selection, onCollected, matchers);
  };
}
