import path from 'node:path';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { Kernel } from '../../kernel/kernel.js';
import * as at from '../../kernel/layout.js';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import type { MakeTestProgram, StandIns, TestModules, TestProgram, TestWorld } from '../../test-files/test-world.js';
import type { EventLoop } from './event-loop.js';
import { UncontrolledOperation } from './shadows/uncontrolled-operation.js';

/** A file of tests on the main agent: each execution makes its test runner anew, and evaluates the file as part of its program. */
export class TestFile {
  readonly standIns: StandIns = {};
  readonly #makeTestProgram: MakeTestProgram;
  readonly #kernel: Kernel;
  readonly #loop: EventLoop;
  #make: (() => TestProgram) | undefined;
  #program: TestProgram | undefined;

  constructor(makeTestProgram: MakeTestProgram, kernel: Kernel, loop: EventLoop) {
    this.#makeTestProgram = makeTestProgram;
    this.#kernel = kernel;
    this.#loop = loop;
  }

  /** The modules of the current execution. */
  readonly modules = (): TestModules => {
    if (this.#program === undefined) throw new Error('no execution of a file of tests has begun');
    return this.#program.modules;
  };

  /** Sets what executions are made of. */
  attach({ file, own }: CompiledScenario, parts: Pick<TestWorld, 'globals' | 'evaluate' | 'fail'>): void {
    const { standIns } = this;
    const { numbers } = this.#kernel;
    this.#make = () =>
      this.#makeTestProgram({
        ...parts,
        refuse: (message) => {
          throw new UncontrolledOperation(message);
        },
        standIns,
        waitedMs: () => numbers[at.WAITED_MS]!,
        addPatience: (patience, ms) => this.#loop.addPatience(patience, ms),
        removePatience: (patience) => this.#loop.removePatience(patience),
        file,
        codeFile: path.resolve(own.fileName),
      });
  }

  /** Makes the program of the next execution. */
  begin(): AnyScenario {
    if (this.#make === undefined) throw new Error('nothing is known of the tests');
    this.#program = this.#make();
    return this.#program.scenario;
  }

  /** Undoes what the last execution left behind. */
  dispose(): void {
    this.#program?.dispose();
    this.#program = undefined;
  }
}
