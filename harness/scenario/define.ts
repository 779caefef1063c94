import type { Arbitrary } from 'fast-check';
import type { History } from './history.js';
import type { Invariant } from './invariant.js';
import type { Limits } from './limits.js';
import type { Expectation } from './verdict.js';

/** Parameters as a scenario declares them: fixed values, or fast-check arbitraries that draw one per execution. */
export type ParamsShape = Record<string, unknown>;

/** The drawn values that `run` and `store` receive. */
export type ParamsOf<Shape extends ParamsShape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends Arbitrary<infer Value> ? Value : Shape[Name];
};

/** The main agent's end of one worker agent, as `new Worker()` would return it: its messages arrive at `parentPort`. */
export interface WorkerHandle {
  postMessage(message: unknown, transferList?: readonly object[]): void;
  on(event: 'message', listener: (message: unknown) => void): this;
  once(event: 'message', listener: (message: unknown) => void): this;
  off(event: 'message', listener: (message: unknown) => void): this;
}

/** What every writer and reader is called with. */
export interface RunContext<Params, Store> {
  readonly store: Store;
  readonly params: Params;
  readonly history: History;
  /** Which writer (or reader) this is, from 0. */
  readonly index: number;
  /** How many writers the execution has. */
  readonly writers: number;
  /** How many readers the execution has. */
  readonly readers: number;
  /** Lets every other coroutine of this agent, and every other agent, go first if the schedule says so. */
  readonly pause: () => Promise<void>;
}

/** What readers get besides: they live on the main agent, where worker handles are. */
export interface ReaderContext<Params, Store> extends RunContext<Params, Store> {
  /** One handle per writer, in order. */
  readonly workers: readonly WorkerHandle[];
}

/** A scenario file's default export, before it is checked. */
export interface ScenarioDefinition<Shape extends ParamsShape, Store> {
  /** Unique in the project; what reports call the scenario. */
  readonly name: string;
  readonly params?: Shape;
  /** Makes the store, on the main agent, once per execution. It is structured-cloned to the workers. */
  readonly store: (context: { readonly params: ParamsOf<Shape> }) => Store;
  readonly writers: {
    /** Worker agents: 1 to 64, or an arbitrary that draws such a number. */
    readonly count: number | Arbitrary<number>;
    readonly run: (context: RunContext<ParamsOf<Shape>, Store>) => void | Promise<void>;
  };
  readonly readers?: {
    /** Coroutines on the main agent: 1 to 1,000, or an arbitrary that draws such a number. */
    readonly count: number | Arbitrary<number>;
    readonly run: (context: ReaderContext<ParamsOf<Shape>, Store>) => void | Promise<void>;
  };
  readonly invariants?: readonly Invariant<NoInfer<Store>>[];
  /** Default `held`. */
  readonly expect?: Expectation;
  readonly limits?: Partial<Limits>;
  /** npm packages whose module state must be fresh in each execution too (slower). Default none. */
  readonly freshPackages?: readonly string[];
}

/**
 * Declares a scenario. A scenario file exports it as its default export.
 *
 * The definition is checked when the harness loads the file; this function only gives it its types, since it runs
 * again in every agent of every execution.
 */
export function scenario<const Shape extends ParamsShape, Store>(
  definition: ScenarioDefinition<Shape, Store>,
): ScenarioDefinition<Shape, Store> {
  return definition;
}
