import { chai } from '@vitest/expect';
import * as runner from '@vitest/runner';
import type { OnCollected, TestProgram, TestSelection, TestWorld } from '../test-world.js';
import type { MatcherRegistry } from '../matcher-registry.js';
import { createExpect } from './expect.js';
import { FakeTimers } from './fake-timers.js';
import { createNodeTest, type NodeTest } from './node-test.js';
import { TestRunner } from './test-runner.js';
import { createVi, type Vi } from './vi.js';
import { Waiting } from './waiting.js';

/** What files of tests may import from `vitest`. */
function vitestModule(expect: unknown, { vi }: Vi, refuse: (message: string) => never): object {
  const { describe, it, suite, test, beforeAll, beforeEach, afterAll, afterEach, aroundAll, aroundEach } = runner;
  const { onTestFailed, onTestFinished } = runner;
  const bench = (): never => refuse('benchmarks are not tests: threadmill test does not run bench()');
  return {
    ...{ describe, it, suite, test, beforeAll, beforeEach, afterAll, afterEach, aroundAll, aroundEach },
    ...{ onTestFailed, onTestFinished, expect, vi, vitest: vi, chai, assert: chai.assert, bench },
    should: chai.should,
    expectTypeOf: () => typeless,
    assertType: () => undefined,
    inject: () => undefined,
    createExpect: () => expect,
  };
}

/** Answers every question about types with itself: they are checked when the program is compiled, if at all. */
const typeless: unknown = new Proxy(() => typeless, { get: (_, key) => (key === 'then' ? undefined : typeless) });

/** Names that vitest makes global when it is told to. */
const globalNames = ['describe', 'it', 'suite', 'test', 'expect', 'vi', 'vitest', 'chai', 'assert', 'beforeAll'];
const moreGlobalNames = ['beforeEach', 'afterAll', 'afterEach', 'onTestFailed', 'onTestFinished', 'expectTypeOf'];

/** Makes everything of one execution: this script is evaluated anew for each. */
export function createTestProgram(
  world: TestWorld,
  selection: TestSelection,
  onCollected: OnCollected,
  matchers: MatcherRegistry,
): TestProgram {
  const timers = new FakeTimers(world);
  const waiting = new Waiting(world, timers);
  const parts = { waiting, matchers, refuse: world.refuse };
  const expect = createExpect(parts);
  matchers.begin(expect, world.refuse);
  const vi = createVi(world, timers, waiting, selection.test === null);
  const expectOf = (test: runner.Test): typeof expect => createExpect(parts, test);
  const testRunner = new TestRunner({ world, expect, expectOf }, selection.test ?? undefined);
  const vitest = vitestModule(expect, vi, world.refuse);
  let nodeTest: NodeTest | undefined;
  const lent = [...globalNames, ...moreGlobalNames].filter((name) => !Object.hasOwn(globalThis, name));
  const run = async (): Promise<void> => {
    for (const name of lent) {
      Object.defineProperty(globalThis, name, { value: Reflect.get(vitest, name), configurable: true, writable: true });
    }
    if (selection.test === null) onCollected(await testRunner.collect());
    else await testRunner.run();
  };
  return {
    scenario: { name: selection.name, run, limits: selection.limits, freshPackages: selection.freshPackages },
    modules: {
      vitest,
      get test() {
        // Node runs hooks in the order of their declarations.
        testRunner.config.sequence.hooks = 'list';
        return (nodeTest ??= createNodeTest({ world, timers, waiting })).module;
      },
    },
    dispose: () => {
      for (const name of lent) Reflect.deleteProperty(globalThis, name);
      nodeTest?.dispose();
      vi.dispose();
    },
  };
}
