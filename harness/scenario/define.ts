import type { Worker } from 'node:worker_threads';
import type { History } from './history.js';
import type { Invariant, InvariantCheck, Moment } from './invariant.js';
import type { Limits } from './limits.js';
import type { Outcomes } from './outcomes.js';
import type { Expectation } from './verdict.js';

/**
 * A fast-check arbitrary, described by its methods. fast-check declares its class twice, for CommonJS and for ES modules. The
 * two are incompatible with each other; both are assignable to this.
 */
export interface ArbitraryOf<Value> {
  generate(random: never, biasFactor: number | undefined): { readonly value: Value; readonly value_: Value };
  canShrinkWithoutContext(value: unknown): value is Value;
}

/** Parameters as a scenario declares them: fixed values, or fast-check arbitraries that draw one value per execution. */
export type ParamsShape = Record<string, unknown>;

/** The drawn values that `run` and `store` receive. */
export type ParamsOf<Shape extends ParamsShape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends ArbitraryOf<infer Value> ? Value : Shape[Name];
};

/**
 * The main agent's end of one writer, as `new Worker()` would have returned it: its messages arrive at `parentPort`. What would
 * end the thread, or inspect it, throws: the harness owns the thread.
 */
export type WorkerHandle = MessageListening & Worker;

/** Any value can be sent; Node's own declarations do not say so. */
interface MessageListening {
  on(event: 'message', listener: (message: unknown) => void): WorkerHandle;
  once(event: 'message', listener: (message: unknown) => void): WorkerHandle;
  off(event: 'message', listener: (message: unknown) => void): WorkerHandle;
}

/** What every writer and reader receives. */
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
  /**
   * Lets the stress engine watch a depth, such as that of a queue. It calls `depth` now and then during the execution, on the
   * agent that calls this, and reports the values over time. The controlled engine ignores it.
   */
  readonly watch: (name: string, depth: () => number) => void;
}

/** What the `run` of a scenario without writers and readers receives. */
export type ProgramContext<Params, Store> = Pick<
  RunContext<Params, Store>,
  'store' | 'params' | 'history' | 'pause' | 'watch'
>;

/** How much a profile of the stress engine asks of one execution. */
export interface StressProfile {
  readonly writers: number;
  /** What all writers do together, in the scenario's own unit: writes, messages, sections. */
  readonly iterations: number;
  readonly readers: number;
}

/** The sizes of one execution under stress, in place of those drawn. */
export interface StressSizes<Params> {
  /** 1 to 64. Drawn by default. */
  readonly writers?: number;
  /** 1 to 1,000. Drawn by default. */
  readonly readers?: number;
  /** Drawn by default. */
  readonly params?: Partial<Params>;
}

/** What readers also receive: they run on the main agent, which has the worker handles. */
export interface ReaderContext<Params, Store> extends RunContext<Params, Store> {
  /** One handle per writer, in order. */
  readonly workers: readonly WorkerHandle[];
}

/** What `after` receives: the store and the history, as invariants do, and what was drawn for the execution. */
export interface AfterContext<Params, Store> extends Moment<Store> {
  readonly params: Params;
  /** How many writers the execution had. */
  readonly writers: number;
  /** How many readers the execution had. */
  readonly readers: number;
}

/** What a store is made from. */
export interface StoreContext<Params> {
  readonly params: Params;
  /** How many writers the execution will have. */
  readonly writers: number;
  /** How many readers the execution will have. */
  readonly readers: number;
}

/** Invariants by their names: checks as `invariant()` takes them, or invariants, which take on the name. */
export type NamedInvariants<Store> = Readonly<Record<string, InvariantCheck<Store> | Invariant<Store>>>;

/** A scenario file's default export, before it is checked. */
export interface ScenarioDefinition<Shape extends ParamsShape, Store> {
  /** The scenario's name in reports, unique in the project. Default: its file's path below `scenarios/`, such as `counter/plain`. */
  readonly name?: string;
  readonly params?: Shape;
  /** Makes the store, on the main agent, once per execution. It is structured-cloned to the workers. Default: no store. */
  readonly store?: (context: StoreContext<ParamsOf<Shape>>) => Store;
  /**
   * The program: one coroutine on the main agent, which starts whatever it likes. A scenario has either this, or writers,
   * readers, or both.
   */
  readonly run?: (context: ProgramContext<ParamsOf<Shape>, Store>) => void | Promise<void>;
  /** What runs on threads of its own. Default: none, and no thread is started. */
  readonly writers?: {
    /** Worker agents: 1 to 64, or an arbitrary that draws such a number. */
    readonly count: number | ArbitraryOf<number>;
    readonly run: (context: RunContext<ParamsOf<Shape>, Store>) => void | Promise<void>;
  };
  /** What runs on the main agent. Default: none. */
  readonly readers?: {
    /** Coroutines on the main agent: 1 to 1,000, or an arbitrary that draws such a number. */
    readonly count: number | ArbitraryOf<number>;
    readonly run: (context: ReaderContext<ParamsOf<Shape>, Store>) => void | Promise<void>;
  };
  /**
   * Runs on the main agent when every writer and reader, or the program, has finished and no agent has anything left to do: messages are
   * delivered, timers have fired. It checks the result, with any assertion library, and may await: what it throws
   * is the failure. The final check of the invariants comes after it. Its operations count for `limits`, as a reader's do. Default:
   * nothing.
   */
  readonly after?: (context: AfterContext<ParamsOf<Shape>, Store>) => unknown;
  /**
   * What must be true in every execution: a list, or an object in which each has its name. In an object, a plain check function
   * is enough, and it knows the store's type: `{ 'never negative': ({ store }) => store[0]! >= 0 }`.
   */
  readonly invariants?: readonly Invariant<NoInfer<Store>>[] | NamedInvariants<NoInfer<Store>>;
  /** The outcomes an execution may have, and the grade of each: a forbidden one is a violation of `outcomes`. */
  readonly outcomes?: Outcomes<NoInfer<Store>>;
  /**
   * How large one execution of the stress engine is, given what its profile asks for. By default there are many small
   * executions, as they are drawn.
   */
  readonly stress?: (profile: StressProfile) => StressSizes<ParamsOf<Shape>>;
  /** Default `held`. */
  readonly expect?: Expectation;
  readonly limits?: Partial<Limits>;
  /** npm packages whose module state must also be fresh in each execution (slower). Default none. */
  readonly freshPackages?: readonly string[];
  /**
   * npm packages, and files of the project such as `'./src/file.js'`, that Node loads itself, unchanged and once for all executions:
   * nothing in them is a scheduling point. Packages with native addons are recognised without it. The list must be written out
   * where it stands, since it is read before the file is evaluated. Default none.
   */
  readonly external?: readonly string[];
}

/**
 * Declares a scenario. Make it the default export of a scenario file.
 *
 * The harness checks the definition when it loads the file. This function only gives the definition its types, since it runs
 * again in every agent of every execution.
 */
export function scenario<const Shape extends ParamsShape, Store = undefined>(
  definition: ScenarioDefinition<Shape, Store>,
): ScenarioDefinition<Shape, Store> {
  return definition;
}
