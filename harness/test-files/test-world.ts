import type { AnyScenario } from '../scenario/any-scenario.js';
import type { Limits } from '../scenario/limits.js';

/** The names of what fake timers replace. */
export const replaceable = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
] as const;

/** What answers in place of the engine's own clocks and timers while the program has them faked; empty otherwise. */
export type StandIns = Partial<Record<(typeof replaceable)[number], unknown>>;

/** Something that is called once the time for it is over. Only time in which nothing else could happen counts. */
export interface Patience {
  readonly run: () => void;
}

/** What the modules of a test runner need of the execution in which a file of tests is evaluated. */
export interface TestWorld {
  /** What the program sees as its globals. */
  readonly globals: Readonly<Record<string, unknown>>;
  readonly standIns: StandIns;
  /** Evaluates the file, anew. */
  readonly evaluate: () => unknown;
  /** Virtual milliseconds in which nothing could happen. Reading it is no operation. */
  readonly waitedMs: () => number;
  readonly addPatience: (patience: Patience, ms: number) => void;
  readonly removePatience: (patience: Patience) => void;
  /** Ends the execution, which fails with what was thrown. */
  readonly fail: (error: unknown) => void;
  /** Ends the execution because it needs what cannot be had. */
  readonly refuse: (message: string) => never;
  /** The file of tests, absolute. */
  readonly file: string;
  /** How stacks name the code of the file, absolute. */
  readonly codeFile: string;
}

/** The modules by which the program under test reaches its test runner. */
export interface TestModules {
  readonly vitest: unknown;
  /** `node:test` */
  readonly test: unknown;
}

/** One execution of a file of tests, as a scenario. */
export interface TestProgram {
  readonly scenario: AnyScenario;
  readonly modules: TestModules;
  /** Undoes what mocks and stubs did to objects that outlive the execution. */
  dispose(): void;
}

/** Which test an execution runs. */
export interface TestSelection {
  /** As `CollectedTest` has it; null: none is run, they are only collected. */
  readonly test: string | null;
  /** Of the scenario that is made of it. */
  readonly name: string;
  readonly limits: Partial<Limits>;
  readonly freshPackages: readonly string[];
}

/** What is known of a test once its file has been evaluated. */
export interface CollectedTest {
  /** `suite > test`, unique in its file. */
  readonly name: string;
  readonly mode: 'run' | 'skip' | 'todo';
  /** Where it is declared in the compiled code; null if that is not known. */
  readonly position: { readonly line: number; readonly column: number } | null;
}

/** Receives what an execution that only collects has found. */
export type OnCollected = (tests: readonly CollectedTest[]) => void;

export type MakeTestProgram = (world: TestWorld) => TestProgram;
