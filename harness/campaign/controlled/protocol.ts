import type { EncodedFailure } from './found-failure.js';
import type { TreeState } from '../../exhaustive/exploration-tree.js';
import type { ExhaustedPart, ExhaustiveState } from './exhaust-part.js';
import type { ExecutionResult } from '../../engine/execution-result.js';
import type { FatalReply } from '../../engine/controlled/watchdog-protocol.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { Expectation } from '../../scenario/verdict.js';
import type { StoreCopy } from '../../scenario/store-copy.js';
import type { Limits } from '../../scenario/limits.js';
import type { Profile } from '../../schedule/profile.js';
import type { Plan } from '../../schedule/schedule.js';
import type { ScheduleShape } from '../../schedule/strategy.js';
import type { StrategyName } from '../../schedule/strategy-names.js';
import type { CollectedTest, TestSelection } from '../../test-files/test-world.js';

/** What is known of a scenario once its file has been evaluated. */
export interface ScenarioFacts {
  readonly name: string;
  readonly expected: Expectation;
  readonly invariants: readonly string[];
  readonly limits: Limits;
  readonly freshPackages: readonly string[];
  /** What it costs to give the store to one writer; null if that is little. */
  readonly storeCopy: StoreCopy | null;
  readonly maximumWriters: number;
  /** What evaluating the file changed in the realm, as far as this was checked. */
  readonly realmChanges: readonly string[];
  /** The tests of the file, if it was loaded to collect them. */
  readonly tests?: readonly CollectedTest[];
}

/** How an explorer gets a scenario out of a file of tests. */
export interface TestLoad {
  /** The library's script. */
  readonly library: string;
  readonly selection: TestSelection;
}

/** The invocations of a probe's executions: those with the simplest schedule, and those with random ones. */
export const simplestProbe = 0;
export const randomProbe = 1;

/** The requests an explorer takes, one at a time. */
export type ExplorerRequest =
  | {
      readonly kind: 'load';
      readonly compiled: CompiledScenario;
      readonly file: string;
      /** For a file of tests: the library they get, and what to do with them. */
      readonly tests?: TestLoad | undefined;
      /** Whether to check the shape of what the file exports, and what the file changes in the realm. */
      readonly inspect: boolean;
    }
  /** Measures executions with the simplest schedule, and with so many random ones. */
  | { readonly kind: 'probe'; readonly randomSchedules: number }
  | ExploreRequest
  | ExhaustRequest
  /** Divides all interleavings of one combination of inputs into so many shares at least, if there are so many. */
  | { readonly kind: 'divide'; readonly combination: number; readonly shares: number }
  | { readonly kind: 'replay'; readonly plan: Plan; readonly withTrace: boolean };

/** Explores every interleaving, or a share of them, a part at a time. */
export interface ExhaustRequest {
  readonly kind: 'exhaust';
  /** Where to go on; null: where the last part of this process ended. */
  readonly from: ExhaustiveState | null;
  /** How often an agent that could go on may be kept from it; null without a bound. */
  readonly preemptions: number | null;
  /** When the part ends: after so many executions, or so much real time. */
  readonly executions: number;
  readonly partMs: number;
  /** Whether to say where it ended. */
  readonly withState: boolean;
}

export interface ExploreRequest {
  readonly kind: 'explore';
  /** Instead of what would be drawn. */
  readonly given?: Plan | undefined;
  /** The chunk's own seed. */
  readonly seed: number;
  readonly executions: number;
  /** Within the chunk; replays one execution instead of exploring. */
  readonly path: string | null;
  readonly strategy: StrategyName;
  readonly shape: ScheduleShape;
  /** Real time left for finding a failure; null for no limit. */
  readonly remainingMs: number | null;
  /** Whether a failure is shrunk. */
  readonly shrinks: boolean;
  /** Real time left for shrinking a failure and replaying it. */
  readonly shrinkMs: number;
  /** Executions that may be spent on shrinking a failure. */
  readonly shrinkExecutions: number;
  /** Results of executions that would end the process, by their number in this request. */
  readonly known: Readonly<Record<number, ExecutionResult>>;
  /** Whether to announce each execution before it begins, to find the one that ends the process. */
  readonly careful: boolean;
}

/** What an explorer writes, one line each. */
export type ExplorerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loaded'; readonly facts: ScenarioFacts }
  | { readonly kind: 'invalid'; readonly message: string }
  | {
      readonly kind: 'probed';
      readonly profile: Profile;
    }
  | { readonly kind: 'at'; readonly invocation: number }
  | { readonly kind: 'progress'; readonly executions: number; readonly shrinking: boolean }
  | {
      /** A failure, as soon as it is found, and again when it has become smaller. */
      readonly kind: 'found';
      /** The number of the execution that failed. */
      readonly invocation: number;
      readonly executions: number;
      readonly failure: EncodedFailure;
    }
  | {
      readonly kind: 'explored';
      readonly executions: number;
      readonly steps: number;
      readonly switches: number;
      readonly hadChoice: boolean;
      readonly hadPoint: boolean;
      readonly interleavings: readonly number[];
      readonly failure: EncodedFailure | null;
    }
  | {
      readonly kind: 'exhausted';
      readonly part: ExhaustedPart;
      /** Where it ended; null if that was not asked for. */
      readonly tree: TreeState | null;
      /** Writers, readers and parameters that were drawn: how many combinations, or null if there are more than can be explored. */
      readonly combinations: number | null;
    }
  /** Where the exploration of each share begins, and how many executions it took to know. */
  | { readonly kind: 'divided'; readonly trees: readonly TreeState[]; readonly executions: number }
  | { readonly kind: 'replayed'; readonly executionResult: ExecutionResult }
  /** The plan does not fit the scenario: the rest of a sentence that begins with where it was saved. */
  | { readonly kind: 'refused'; readonly problem: string }
  | {
      readonly kind: 'broken';
      readonly message: string;
      /** What the scenario changed in the realm, as far as this was checked. */
      readonly realmChanges: readonly string[];
    }
  | FatalReply;
