import type { ExpectStatic } from '@vitest/expect';
import {
  collectTests,
  getFn,
  getHooks,
  setFn,
  setHooks,
  startTests,
  type File,
  type Suite,
  type SuiteHooks,
  type Task,
  type Test,
  type TestContext,
  type VitestRunner,
  type VitestRunnerConfig,
} from '@vitest/runner';
import type { CollectedTest, TestWorld } from '../test-world.js';
import { beginCounting, checkCount } from './expect.js';

/** As in vitest. */
const testTimeoutMs = 5_000;
const hookTimeoutMs = 10_000;
/** How the stacks begin that @vitest/runner keeps of where something was declared. */
const unnamed = 'Error: STACK_TRACE_ERROR';

/** What the runner of one execution needs. */
export interface RunnerParts {
  readonly world: TestWorld;
  readonly expect: ExpectStatic;
  /** Makes the `expect` of a test's context. */
  readonly expectOf: (test: Test) => ExpectStatic;
}

/** Runs one test of a file with its hooks, by @vitest/runner; or collects them all. */
export class TestRunner implements VitestRunner {
  readonly config: VitestRunnerConfig;
  readonly pool = 'threadmill';
  readonly #parts: RunnerParts;
  /** The one to run; undefined to collect. */
  readonly #chosen: string | undefined;
  /** Those whose context gave them an `expect` of their own. */
  readonly #ownExpects = new Map<Test, ExpectStatic>();
  #file: File | undefined;
  #hasFailed = false;

  constructor(parts: RunnerParts, chosen: string | undefined) {
    this.#parts = parts;
    this.#chosen = chosen;
    this.config = {
      root: '/',
      setupFiles: [],
      name: undefined,
      passWithNoTests: true,
      testNamePattern: undefined,
      allowOnly: true,
      sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
      chaiConfig: undefined,
      // The runner counts those that run, over all executions: it must never wait for one that was abandoned.
      maxConcurrency: Infinity,
      testTimeout: testTimeoutMs,
      hookTimeout: hookTimeoutMs,
      retry: 0,
      includeTaskLocation: chosen === undefined,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    };
  }

  /** Finds the tests. */
  async collect(): Promise<readonly CollectedTest[]> {
    const [file] = await collectTests([this.#parts.world.codeFile], this);
    if (file === undefined) return [];
    throwFailureOf(file);
    return namedTests(file).map(({ name, test }) => ({
      name,
      mode: isLeftOut(test) ? (test.mode === 'todo' ? 'todo' : 'skip') : 'run',
      position: test.location ?? null,
    }));
  }

  /** Runs the chosen one. */
  async run(): Promise<void> {
    const [file] = await startTests([this.#parts.world.codeFile], this);
    // What was not thrown where it could be seen, such as what expect.soft says.
    if (!this.#hasFailed && file !== undefined) throwFailureOf(file);
  }

  onCollectStart(file: File): void {
    this.#file = file;
  }

  async importFile(): Promise<void> {
    const { world } = this.#parts;
    // By now the runner knows by which name stacks mention the file, and programs see its own.
    if (this.#file !== undefined) this.#file.filepath = world.file;
    await world.evaluate();
  }

  onCollected([file]: File[]): void {
    if (file === undefined || this.#chosen === undefined) return;
    throwFailureOf(file);
    const tests = namedTests(file);
    const chosen = tests.find(({ name }) => name === this.#chosen)?.test;
    if (chosen === undefined) throw new Error(`the file has no test called "${this.#chosen}"`);
    for (const { test } of tests) {
      if (test !== chosen) test.mode = 'skip';
    }
    // A failure under one schedule is a failure, whatever others do.
    chosen.retry = 0;
    if (chosen.mode !== 'run') chosen.mode = 'run';
    const around = suitesAround(chosen);
    leaveOut(file, around);
    for (const suite of around) {
      suite.mode = 'run';
      this.#watchHooks(suite);
    }
    const fn = getFn(chosen);
    if (chosen.fails !== true) setFn(chosen, this.#watched(fn) as () => Promise<void>);
  }

  onBeforeTryTask(test: Test): void {
    beginCounting(this.#parts.expect, test.fullTestName);
  }

  onAfterTryTask(test: Test): void {
    try {
      checkCount(this.#ownExpects.get(test) ?? this.#parts.expect);
    } catch (error) {
      if (test.fails !== true) this.#fail(error);
      throw error;
    }
  }

  extendTaskContext(context: TestContext): TestContext {
    const expect = (): ExpectStatic => {
      const own = this.#ownExpects.get(context.task) ?? this.#parts.expectOf(context.task);
      this.#ownExpects.set(context.task, own);
      return own;
    };
    return Object.defineProperty(context, 'expect', { get: expect });
  }

  /** Ends the execution at the first thing that fails: what happens after it says nothing. */
  #watched<Values extends unknown[]>(call: (...values: Values) => unknown): (...values: Values) => Promise<unknown> {
    return async (...values) => {
      try {
        return await call(...values);
      } catch (error) {
        if (!isSkip(error)) this.#fail(error);
        throw error;
      }
    };
  }

  #fail(error: unknown): void {
    this.#hasFailed = true;
    const first: unknown = Array.isArray(error) ? error[0] : error;
    if (first instanceof Error && first.stack?.startsWith(unnamed) === true) {
      // A time-out has the stack of where its test is declared, which was made under another name.
      first.stack = `${first.name}: ${first.message}${first.stack.slice(unnamed.length)}`;
    }
    this.#parts.world.fail(first);
  }

  #watchHooks(suite: Suite): void {
    const hooks = getHooks(suite);
    const watched = Object.fromEntries(
      Object.entries(hooks).map(([name, list]: [string, ((...values: unknown[]) => unknown)[]]) => [
        name,
        // What the runner knows of a hook is in its properties.
        list.map((hook) => Object.assign(this.#watched(hook), hook)),
      ]),
    );
    setHooks(suite, watched as unknown as SuiteHooks);
  }
}

/** What a test throws to say that it is skipped. */
function isSkip(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Reflect.get(error, 'code') === 'VITEST_PENDING';
}

/** Whether a test is not to be run, by itself or by a suite around it. */
function isLeftOut(test: Test): boolean {
  return test.mode !== 'run' && test.mode !== 'queued';
}

/** Every test of a file with a name that no other has. */
function namedTests(file: File): readonly { readonly name: string; readonly test: Test }[] {
  const counts = new Map<string, number>();
  const found: { readonly name: string; readonly test: Test }[] = [];
  const add = (task: Task): void => {
    if (task.type === 'suite') {
      task.tasks.forEach(add);
      return;
    }
    const plain = task.fullTestName.replaceAll(/\s+/g, ' ').trim();
    const count = (counts.get(plain) ?? 0) + 1;
    counts.set(plain, count);
    found.push({ name: count === 1 ? plain : `${plain} (${count})`, test: task });
  };
  file.tasks.forEach(add);
  return found;
}

/** The suites that a test is in, its file included. */
function suitesAround(test: Test): ReadonlySet<Suite> {
  const suites = new Set<Suite>([test.file]);
  for (let suite = test.suite; suite !== undefined; suite = suite.suite) suites.add(suite);
  return suites;
}

/** Leaves out every suite except these. */
function leaveOut(suite: Suite, except: ReadonlySet<Suite>): void {
  if (!except.has(suite)) suite.mode = 'skip';
  for (const task of suite.tasks) if (task.type === 'suite') leaveOut(task, except);
}

/** @throws the first failure that the runner has recorded in a suite or its tests, if there is one */
function throwFailureOf(task: Task): void {
  const [first] = task.result?.state === 'fail' ? (task.result.errors ?? []) : [];
  if (task.type === 'suite') task.tasks.forEach(throwFailureOf);
  if (first === undefined) return;
  // What the runner keeps is a copy that can be sent, with methods as texts.
  const told = Object.entries(first).filter(([key]) => errorFields.has(key));
  throw Object.assign(new Error(first.message), Object.fromEntries(told));
}

const errorFields = new Set(['name', 'stack', 'code', 'expected', 'actual', 'showDiff']);
