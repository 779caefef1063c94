import assert from 'node:assert';
import { mock as nodeMock } from 'node:test';
import { afterAll, afterEach, beforeAll, beforeEach, describe as suite, test as register } from '@vitest/runner';
import type { TestWorld } from '../test-world.js';
import type { FakeTimers } from './fake-timers.js';
import type { Waiting } from './waiting.js';

/** From this version on, a test waits for its subtests. */
const firstNodeThatAwaitsSubtests = 24;

type Callback = (...values: unknown[]) => unknown;
type Hook = 'before' | 'after' | 'beforeEach' | 'afterEach';

interface Options {
  readonly skip?: boolean | string;
  readonly todo?: boolean | string;
  readonly only?: boolean;
  readonly timeout?: number;
  readonly plan?: number;
}

interface Declared {
  readonly name: string;
  readonly options: Options;
  readonly body: Callback | undefined;
}

/** What `t.skip()` throws is nothing in Node: it only marks the test. */
const isSet = (flag: boolean | string | undefined): boolean => flag !== undefined && flag !== false;

/** Reads the arguments of `test` and `describe`: each may be left out. */
function declared(values: readonly unknown[], defaults: Options): Declared {
  const body = values.find((value): value is Callback => typeof value === 'function');
  const name = values.find((value) => typeof value === 'string') ?? (body?.name === '' ? undefined : body?.name);
  const options = values.find((value) => typeof value === 'object' && value !== null) as Options | undefined;
  return { name: name ?? '<anonymous>', options: { ...defaults, ...options }, body };
}

/** Calls what may report its end by a promise or by a callback, which comes last. */
async function call(body: Callback, values: readonly unknown[]): Promise<void> {
  if (body.length <= values.length) {
    await body(...values);
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const done = (error?: unknown): void => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the test reports
      if (error !== undefined && error !== null) reject(error);
      else resolve();
    };
    body(...values, done);
  });
}

type Tracker = typeof nodeMock;

interface TimerChoice {
  readonly apis?: readonly string[];
  readonly now?: number | Date;
}

/** Mocks as Node makes them, with timers of ours. */
function createMock(world: TestWorld, timers: FakeTimers): Tracker {
  const Tracker = nodeMock.constructor as new () => Tracker;
  const tracker = new Tracker();
  const mockTimers = {
    enable: ({ apis = ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now = 0 }: TimerChoice = {}): void => {
      const toFake = apis.flatMap((name) => [name, name.replace(/^set/, 'clear')]);
      timers.useFakeTimers({ now, toFake: toFake as never[] });
    },
    tick: (ms = 1) => timers.advanceTimersByTime(ms),
    runAll: () => void timers.clock.runToLast(),
    setTime: (ms: number) => timers.setSystemTime(ms),
    reset: () => timers.useRealTimers(),
    [Symbol.for('nodejs.dispose')]: () => timers.useRealTimers(),
  };
  Object.defineProperty(tracker, 'timers', { value: mockTimers });
  Object.defineProperty(tracker, 'module', {
    value: () =>
      world.refuse('mock.module is not available under threadmill test: pass the replacement as an argument'),
  });
  return tracker;
}

/** What a subtest or its test does before and after each of its own subtests. */
type SubtestHooks = Readonly<Record<Hook, { readonly body: Callback; readonly context: unknown }[]>>;

/** What `t` is for a test. */
class NodeTestContext {
  readonly name: string;
  readonly fullName: string;
  readonly filePath: string;
  readonly signal: AbortSignal;
  readonly mock: Tracker;
  readonly assert: typeof assert & Record<string, unknown>;
  readonly #parts: NodeTestParts;
  readonly #hooks: SubtestHooks = { before: [], after: [], beforeEach: [], afterEach: [] };
  #subtests: Promise<void> = Promise.resolve();
  #unfinished = 0;
  #hasBegunSubtests = false;
  #planned: number | undefined;
  #counted = 0;

  constructor(parts: NodeTestParts, name: string, parent: string | undefined, signal: AbortSignal, plan?: number) {
    this.#parts = parts;
    this.name = name;
    this.fullName = parent === undefined ? name : `${parent} > ${name}`;
    this.filePath = parts.world.file;
    this.signal = signal;
    this.mock = createMock(parts.world, parts.timers);
    this.#planned = plan;
    const counted = (value: unknown): unknown =>
      typeof value !== 'function'
        ? value
        : (...values: unknown[]): unknown => {
            this.#counted++;
            return (value as Callback)(...values);
          };
    this.assert = Object.fromEntries(
      Object.entries(assert).map(([key, value]: [string, unknown]) => [key, counted(value)]),
    ) as typeof this.assert;
    for (const name of ['snapshot', 'fileSnapshot'])
      this.assert[name] = () => parts.world.refuse('snapshots are not available under threadmill test');
  }

  diagnostic(): void {
    // Nothing is printed of an execution that holds.
  }

  runOnly(): void {
    // Every subtest runs.
  }

  skip(): void {
    // As in Node, it goes on.
  }

  todo(): void {
    // As in Node, it goes on.
  }

  plan(count: number): void {
    this.#planned = count;
  }

  waitFor(
    look: () => unknown,
    options: { readonly interval?: number; readonly timeout?: number } = {},
  ): Promise<unknown> {
    return this.#parts.waiting.waitFor(look, options);
  }

  before(body: Callback): void {
    this.#hooks.before.push({ body, context: this });
  }

  after(body: Callback): void {
    this.#hooks.after.push({ body, context: this });
  }

  beforeEach(body: Callback): void {
    this.#hooks.beforeEach.push({ body, context: this });
  }

  afterEach(body: Callback): void {
    this.#hooks.afterEach.push({ body, context: this });
  }

  /** Subtests run one after another. */
  readonly test = (...values: readonly unknown[]): Promise<void> => {
    const { name, options, body } = declared(values, {});
    this.#counted++;
    if (body === undefined || isSet(options.skip) || isSet(options.todo)) return Promise.resolve();
    this.#unfinished++;
    const run = this.#subtests.then(async () => {
      const subtest = new NodeTestContext(this.#parts, name, this.fullName, this.signal, options.plan);
      if (!this.#hasBegunSubtests) await this.#call('before');
      this.#hasBegunSubtests = true;
      await this.#call('beforeEach', subtest);
      await subtest.perform(body);
      await this.#call('afterEach', subtest);
      this.#unfinished--;
    });
    // A test that does not await it fails all the same.
    this.#subtests = run.catch((error: unknown) => {
      this.#parts.world.fail(error);
    });
    return run;
  };

  async #call(hook: Hook, context: unknown = this): Promise<void> {
    for (const { body } of this.#hooks[hook]) await call(body, [context]);
  }

  /** Runs the test itself. */
  async perform(body: Callback): Promise<void> {
    try {
      await call(body, [this]);
      if (this.#unfinished > 0 && nodeMajor < firstNodeThatAwaitsSubtests) {
        throw new Error(
          `"${this.fullName}" has finished before ${this.#unfinished} of its subtests: Node cancels them. Await t.test().`,
        );
      }
      await this.#subtests;
      if (this.#planned !== undefined && this.#counted !== this.#planned)
        throw new Error(`plan expected ${this.#planned} assertions but received ${this.#counted}`);
    } finally {
      await this.#call('after');
      this.mock.restoreAll();
    }
  }
}

const nodeMajor = Number(process.versions.node.split('.')[0]);

/** What the module needs. */
interface NodeTestParts {
  readonly world: TestWorld;
  readonly timers: FakeTimers;
  readonly waiting: Waiting;
}

/** The `node:test` of one execution. */
export interface NodeTest {
  readonly module: unknown;
  readonly dispose: () => void;
}

/** Makes `node:test` on @vitest/runner. */
export function createNodeTest(parts: NodeTestParts): NodeTest {
  const { world, timers } = parts;
  const testWith =
    (defaults: Options) =>
    (...values: readonly unknown[]): Promise<void> => {
      const { name, options, body } = declared(values, defaults);
      const { skip, todo, only, timeout = Infinity } = options;
      const run =
        body === undefined
          ? undefined
          : ({ signal, task }: { readonly signal: AbortSignal; readonly task: { readonly fullTestName: string } }) => {
              const parent = task.fullTestName.slice(0, -` > ${name}`.length);
              const context = new NodeTestContext(
                parts,
                name,
                parent === '' ? undefined : parent,
                signal,
                options.plan,
              );
              return context.perform(body);
            };
      register(name, { skip: isSet(skip), todo: isSet(todo), only: only === true, timeout } as object, run as never);
      return Promise.resolve();
    };
  const suiteWith =
    (defaults: Options) =>
    (...values: readonly unknown[]): Promise<void> => {
      const { name, options, body } = declared(values, defaults);
      const { skip, todo, only } = options;
      const factory = (): unknown => body?.({ name, fullName: name, filePath: world.file, signal: neverAborted });
      suite(name, { skip: isSet(skip), todo: isSet(todo), only: only === true } as object, factory as never);
      return Promise.resolve();
    };
  const variants = (make: (defaults: Options) => Callback): Callback =>
    Object.assign(make({}), { skip: make({ skip: true }), todo: make({ todo: true }), only: make({ only: true }) });
  const hook =
    (add: (body: () => Promise<void>, timeout: number) => void) =>
    (body: Callback, { timeout = Infinity }: Pick<Options, 'timeout'> = {}): void => {
      // The argument that @vitest/runner passes is its own.
      add(() => call(body, [{ name: '', signal: neverAborted }]), timeout);
    };
  const test = variants(testWith);
  const describe = variants(suiteWith);
  const mock = createMock(world, timers);
  const module = Object.assign(variants(testWith), {
    test,
    it: test,
    describe,
    suite: describe,
    before: hook(beforeAll),
    after: hook(afterAll),
    beforeEach: hook(beforeEach),
    afterEach: hook(afterEach),
    mock,
    assert: { register: () => undefined },
    run: () => world.refuse('run() of node:test is not available under threadmill test: name the files instead'),
    snapshot: { setDefaultSnapshotSerializers: () => undefined, setResolveSnapshotPath: () => undefined },
  });
  Object.assign(module, { default: module });
  return { module, dispose: () => mock.restoreAll() };
}

const neverAborted = new AbortController().signal;
