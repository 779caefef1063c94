import * as fastCheck from 'fast-check';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ControlledEngine } from '../../harness/engine/controlled/engine.js';
import { compileScenario } from '../../harness/instrument/bundle.js';
import type { CompiledScenario } from '../../harness/instrument/compiled.js';
import { defaultLimits } from '../../harness/scenario/limits.js';
import { failureMessage } from '../../harness/report/text/failure-message.js';

/** One test as the scenario of a batch requires it. */
export interface BatchTest {
  readonly name: string;
  readonly text: string;
  readonly isAsync: boolean;
}

const limits = { ...defaultLimits, steps: 100_000_000, stepsWithoutProgress: 100_000_000 };
const schedule = { order: [], preemptions: [], choices: [], randomSeed: 0 };

/** A scenario whose only reader performs the test that its parameter names. */
function scenarioText(tests: readonly { file: string; isAsync: boolean }[]): string {
  const requires = tests.map(({ file, isAsync }) => `[() => require(${JSON.stringify(`./${file}`)}), ${isAsync}]`);
  return `const tests = [${requires.join(',\n')}];
const RealPromise = Promise;
module.exports = {
  name: 'batch', store: () => 0, writers: { count: 1, run() {} },
  readers: { count: 1, run({ params }) {
    const [load, isAsync] = tests[params.test];
    // As in the bare run, an unhandled rejection of a test is not a failure.
    process.on('unhandledRejection', () => undefined);
    const state = load();
    const look = () => { if (state.outcome !== true) throw state.outcome };
    if (!isAsync) return undefined;
    if (state.outcome !== undefined) return look();
    return new RealPromise((resolve, reject) => {
      state.onDone = () => { if (state.outcome === true) resolve(); else reject(state.outcome) };
    });
  } },
};
`;
}

/** Runs batches of tests in one controlled engine. Each test is an execution of a scenario that is compiled with the batch. */
export class InstrumentedRunner {
  readonly #test262: string;
  readonly #folder: string;
  readonly #engine = new ControlledEngine(1_000);
  #batches = 0;

  /**
   * @param test262 where the tests come from
   * @param folder to write sources to; a folder of each batch is removed again
   */
  constructor(test262: string, folder: string) {
    this.#test262 = test262;
    this.#folder = folder;
  }

  /**
   * Performs the tests in order and reports each: null if it passed, otherwise what went wrong.
   *
   * @param onResult called once for each test, before the next begins
   */
  async run(tests: readonly BatchTest[], onResult: (name: string, error: string | null) => void): Promise<void> {
    const directory = path.join(this.#folder, `batch-${process.pid}-${this.#batches++}`);
    mkdirSync(directory, { recursive: true });
    // Has no `type`, like the folder of test262, where the content of a file decides its kind.
    writeFileSync(path.join(directory, 'package.json'), '{}');
    const files = tests.map(({ name, text, isAsync }, index) => {
      const beside = path.join(directory, path.dirname(name));
      if (!existsSync(beside)) {
        mkdirSync(beside, { recursive: true });
        copyFixtures(path.join(this.#test262, path.dirname(name)), beside);
      }
      const file = `${path.dirname(name)}/test-${index}.cjs`;
      writeFileSync(path.join(directory, file), text);
      return { file, isAsync };
    });
    const entry = path.join(directory, 'batch.scenario.cjs');
    writeFileSync(entry, scenarioText(files));
    try {
      await this.#perform(tests, entry, directory, onResult);
    } finally {
      // Not earlier, because tests import files by names that are only known when they run.
      rmSync(directory, { recursive: true });
    }
  }

  async #perform(
    tests: readonly BatchTest[],
    entry: string,
    directory: string,
    onResult: (name: string, error: string | null) => void,
  ): Promise<void> {
    let compiled: CompiledScenario;
    try {
      compiled = await compileScenario({ file: entry, projectDirectory: directory });
      await inMacrotask(() => {
        this.#engine.load(compiled, fastCheck);
      });
    } catch (error) {
      // One of the tests cannot be compiled. Find out which.
      const only = tests[0];
      if (tests.length === 1 && only !== undefined) onResult(only.name, `does not compile: ${String(error)}`);
      else {
        const middle = tests.length >> 1;
        await this.run(tests.slice(0, middle), onResult);
        await this.run(tests.slice(middle), onResult);
      }
      return;
    }
    this.#engine.configure(limits);
    for (const [test, { name }] of tests.entries()) {
      await inMacrotask(() => {
        this.#engine.execute({ writers: 0, readers: 1, params: { test }, schedule }, 0);
      });
      const { verdict, failure } = this.#engine.executionResult(false);
      onResult(name, verdict === 'held' ? null : `${verdict}: ${failure === null ? '' : failureMessage(failure)}`);
    }
  }
}

/** Executions start from a macrotask: microtasks cannot be drained from within one. */
function inMacrotask(body: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        body();
        resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

/** Copies the files that tests import beside the tests. */
function copyFixtures(from: string, to: string): void {
  for (const name of readdirSync(from))
    if (name.includes('_FIXTURE.')) copyFileSync(path.join(from, name), path.join(to, name));
}
