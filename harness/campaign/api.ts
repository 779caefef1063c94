import type { Counterexample, Operation } from '../results/schema.js';
import type { Expectation } from '../scenario/verdict.js';
import type { CampaignEvent } from '../results/events.js';
import type { StrategyName } from '../schedule/strategy-names.js';
import type { RunRecord } from '../results/schema.js';
import type { ProfileName } from './stress/profiles.js';

export const engineNames = ['controlled', 'stress'] as const;
export type EngineName = (typeof engineNames)[number];

/** Options of the stress engine only. */
export interface StressOptions {
  /** Default `article`: 8 writers, 5,000 iterations, 100 readers. */
  readonly profile?: ProfileName | undefined;
  /** How long each scenario is repeated. Default: 10 minutes for `soak`, no limit for the others. */
  readonly durationMs?: number | undefined;
  /** How much agents are disturbed at their scheduling points, 0 to 1. Default 0.5, or 0 without points. */
  readonly amplify?: number | undefined;
  /** Whether scheduling points are inserted into the code. Default true. */
  readonly instrument?: boolean | undefined;
  /** Whether event loop, locks, queues and memory are watched. Default true. */
  readonly watch?: boolean | undefined;
}

export interface RunOptions {
  /** Absolute. Results are kept in its `results/` folder; sites are printed relative to it. */
  readonly projectDirectory: string;
  /** Files or globs, relative to the project. Empty: every scenario file under `scenarios/`. */
  readonly files: readonly string[];
  /**
   * Explores tests, of files of vitest and node:test, instead of scenarios: all, or those with these names, or in suites with
   * these names. Without `files`, every file of tests of the project.
   */
  readonly tests?: { readonly names: readonly string[] } | undefined;
  /** A 32-bit integer. Default: a new one for each run. */
  readonly seed?: number | undefined;
  /** Replays one execution instead of exploring; needs a seed and exactly one scenario. */
  readonly path?: string | undefined;
  /** Executions per scenario and repetition, of all shards together. Default 2,000, or no limit if `budgetMs` is given. */
  readonly runs?: number | undefined;
  /** Real time per scenario. */
  readonly budgetMs?: number | undefined;
  /**
   * Real time for all scenarios together, loading included. Those that expect a failure end when they have found it, or
   * after `runs` executions; those that should hold divide what is left, and end after `runs` executions at the latest.
   */
  readonly totalBudgetMs?: number | undefined;
  /** Default `controlled`. */
  readonly engine?: EngineName | undefined;
  /** For the stress engine only. */
  readonly stress?: StressOptions | undefined;
  /** Default `mix`. */
  readonly strategy?: StrategyName | undefined;
  /**
   * Explores every interleaving instead of drawing schedules: all, or with a bound those with at most so many preemptions. `runs` is then
   * the most executions (default 1,000,000). Excludes `path`, `strategy`, `repeat`, `shard` and the stress engine.
   */
  readonly exhaustive?: { readonly preemptions: number | null } | undefined;
  /** How often the whole campaign of each scenario is repeated, each with other schedules. Default 1. */
  readonly repeat?: number | undefined;
  /** This process explores part `index` (from 1) of `count`. No execution is in two parts. */
  readonly shard?: { readonly index: number; readonly count: number } | undefined;
  /** Explorer processes, at most 256. Default one per core. */
  readonly explorers?: number | undefined;
  /** Whether to write the run record and new counterexamples into `results/`. Default true. */
  readonly save?: boolean | undefined;
  /** Ends the run early; what is finished is kept. */
  readonly signal?: AbortSignal | undefined;
}

export type Run = (options: RunOptions, onEvent: (event: CampaignEvent) => void) => Promise<RunRecord>;

export interface ReplayOptions {
  readonly projectDirectory: string;
  /** The saved counterexample. */
  readonly file: string;
  /** How many replays must agree. Default 1. */
  readonly times?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ReplayResult {
  /** The file's own content. */
  readonly saved: Counterexample;
  /** What the first replay gave; null if it held. */
  readonly replayed: Counterexample | null;
  readonly times: number;
  /** How many replays gave the saved trace hash. */
  readonly agreeing: number;
  /** Every trace hash seen, with its count. */
  readonly traceHashes: readonly { readonly traceHash: string; readonly count: number }[];
  /** Where two replays first differed, if they did. */
  readonly firstDifference: { readonly first: Operation | null; readonly second: Operation | null } | null;
}

export type Replay = (options: ReplayOptions) => Promise<ReplayResult>;

export interface ListedScenario {
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  readonly expected: Expectation;
  readonly invariants: readonly string[];
}

export type List = (options: {
  readonly projectDirectory: string;
  readonly files: readonly string[];
}) => Promise<readonly ListedScenario[]>;
