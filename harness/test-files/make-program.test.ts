import { beforeAll, describe, expect, it } from 'vitest';
import { collectGarbage } from '../engine/collect-garbage.js';
import { buildLibrary } from './build-library.js';
import { prepareTestProgram } from './make-program.js';
import type { CollectedTest, MakeTestProgram, StandIns, TestModules } from './test-world.js';

/** The modules of vitest, as far as these tests use them. */
interface Vitest {
  readonly describe: (name: string, body: () => void) => void;
  readonly test: ((name: string, body: () => unknown) => void) &
    Record<'skip' | 'only', (name: string, body: () => unknown) => void>;
  readonly beforeEach: (body: () => unknown) => void;
  readonly afterAll: (body: () => unknown) => void;
  expect: ((value: unknown) => { toBe(other: unknown): void; toEqual(other: unknown): void }) & {
    addEqualityTesters(testers: unknown[]): void;
    extend(matchers: object): void;
  };
  readonly vi: {
    spyOn(object: object, name: string): { mockReturnValue(value: unknown): void };
    stubGlobal(name: string, value: unknown): void;
  };
}

let library = '';
beforeAll(async () => {
  library = await buildLibrary();
});

interface Outcome {
  readonly collected: readonly CollectedTest[];
  readonly failures: readonly unknown[];
  readonly standIns: StandIns;
}

/** Evaluates a file on real timers, and runs one test of it. */
async function perform(test: string | null, file: (vitest: Vitest) => unknown, repeat = 1): Promise<Outcome> {
  const collected: CollectedTest[] = [];
  const failures: unknown[] = [];
  const standIns: StandIns = {};
  const selection = { test, name: 'a.test.ts', limits: {}, freshPackages: [] };
  const make: MakeTestProgram = prepareTestProgram(library, selection, (found) => collected.push(...found));
  for (let execution = 0; execution < repeat; execution++) {
    const patiences = new Map<unknown, NodeJS.Timeout>();
    const program: { modules: TestModules; scenario: { run?: unknown }; dispose(): void } = make({
      globals: globalThis,
      standIns,
      evaluate: () => file(program.modules.vitest as Vitest),
      waitedMs: () => performance.now(),
      addPatience: (patience, ms) => patiences.set(patience, setTimeout(patience.run, ms)),
      removePatience: (patience) => clearTimeout(patiences.get(patience)),
      fail: (error) => failures.push(error),
      refuse: (message) => {
        throw new Error(message);
      },
      file: '/project/a.test.ts',
      codeFile: '/project/code.js',
    });
    await (program.scenario.run as () => Promise<void>)();
    program.dispose();
    for (const timer of patiences.values()) clearTimeout(timer);
  }
  return { collected, failures, standIns };
}

describe('a file of tests', () => {
  const file =
    (seen: string[]) =>
    ({ describe, test, beforeEach, afterAll }: Vitest): void => {
      beforeEach(() => seen.push('before'));
      afterAll(() => seen.push('after'));
      test('one', () => seen.push('one'));
      describe('suite', () => {
        test('one', () => seen.push('one of suite'));
        test('one', () => seen.push('another'));
        test.skip('two', () => seen.push('two')); // what the file under test says: it must be collected as skipped
      });
    };

  it('is collected without running a test, each with a name of its own', async () => {
    const seen: string[] = [];
    const { collected } = await perform(null, file(seen));
    expect(collected.map(({ name, mode }) => `${mode} ${name}`)).toEqual([
      'run one',
      'run suite > one',
      'run suite > one (2)',
      'skip suite > two',
    ]);
    expect(seen).toEqual([]);
  });

  it.each([
    ['one', ['before', 'one', 'after']],
    ['suite > one (2)', ['before', 'another', 'after']],
  ])('runs one test with its hooks: %s', async (name, expected) => {
    const seen: string[] = [];
    await perform(name, file(seen));
    expect(seen).toEqual(expected);
  });

  it('honours only', async () => {
    const { collected } = await perform(null, ({ test }) => {
      test('one', () => undefined);
      test.only('two', () => undefined); // what the file under test says: the other must be left out
    });
    expect(collected.map(({ mode }) => mode)).toEqual(['skip', 'run']);
  });

  it('has no test that it does not have', async () => {
    await expect(perform('three', file([]))).rejects.toThrow('the file has no test called "three"');
  });

  it('cannot be collected if it throws', async () => {
    const throwing = (): never => {
      throw new Error('at once');
    };
    await expect(perform(null, throwing)).rejects.toThrow('at once');
  });
});

describe('an execution', () => {
  it('fails with what was thrown itself, before it is described', async () => {
    const thrown = Object.assign(new Error('no'), { expected: { a: 1 }, actual: { a: 2 } });
    const { failures } = await perform('a', ({ test }) => {
      test('a', () => {
        throw thrown;
      });
    });
    expect(failures).toEqual([thrown]);
    expect(failures[0]).toBe(thrown);
  });

  it('leaves nothing behind for the next: spies, globals, equality, matchers', async () => {
    const object = { answer: (): number => 1 };
    const found: unknown[] = [];
    const { failures } = await perform(
      'a',
      ({ test, expect, vi }) => {
        test('a', () => {
          found.push(object.answer(), Reflect.has(globalThis, 'stubbed'));
          vi.spyOn(object, 'answer').mockReturnValue(2);
          vi.stubGlobal('stubbed', 1);
          let isEqual = true;
          try {
            expect({ a: 1 }).toEqual({ a: 2 });
          } catch {
            isEqual = false;
          }
          found.push(isEqual);
          expect.addEqualityTesters([() => true]);
          expect({ a: 1 }).toEqual({ a: 2 });
        });
      },
      3,
    );
    expect(failures).toEqual([]);
    expect(found).toEqual([1, false, false, 1, false, false, 1, false, false]);
    expect(object.answer()).toBe(1);
  });

  it('has the matchers that it was taught, each time anew', async () => {
    let taught = 0;
    const { failures } = await perform(
      'a',
      ({ test, expect }) => {
        const number = ++taught;
        expect.extend({ toBeTaught: () => ({ pass: number === taught, message: () => 'of another execution' }) });
        test('a', () => {
          (expect(1) as unknown as { toBeTaught(): void }).toBeTaught();
        });
      },
      3,
    );
    expect({ failures, taught }).toEqual({ failures: [], taught: 3 });
  });

  it('keeps nothing of the one before', async () => {
    let ofTheFirst: WeakRef<object> | undefined;
    await perform('a', ({ test, expect }) => {
      const held = {};
      ofTheFirst = new WeakRef(held);
      expect.extend({ toBeHeld: () => ({ pass: Object.keys(held).length === 0, message: () => '' }) });
      test('a', () => {
        (expect(held) as unknown as { toBeHeld(): void }).toBeHeld();
      });
    });
    await perform('a', ({ test, expect }) => {
      test('a', () => {
        expect(1).toBe(1);
      });
    });
    // A WeakRef holds what it refers to until the end of the task that has used it.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(ofTheFirst?.deref()).toBeUndefined();
  });
});
