import { UnfinishedModule } from '../unfinished-module.js';

/** The most tasks of the event loop that the modules of a scenario may need before it begins. */
const maximumTasks = 10_000;

/** What an agent can do before it takes part in an execution. */
export interface EarlyTurns {
  readonly drainMicrotasks: () => void;
  /** Runs the next immediate or timer as if its time had come. Returns false if there is none. */
  readonly runTask: () => boolean;
  /** Where modules wait. */
  readonly awaited: ReadonlySet<string>;
}

/**
 * The value of a promise that needs only microtasks, immediates and timers of this agent: top-level await in a scenario file. The
 * caller's stack must hold no microtask.
 *
 * @throws UnfinishedModule if it needs anything else, and what it is rejected with
 */
export function settleEarly<Value>(promise: Promise<Value>, { drainMicrotasks, runTask, awaited }: EarlyTurns): Value {
  let settled: { readonly value: Value } | { readonly error: unknown } | undefined;
  promise.then(
    (value) => {
      settled = { value };
    },
    (error: unknown) => {
      settled = { error };
    },
  );
  const isSettled = (): boolean => settled !== undefined;
  drainMicrotasks();
  for (let tasks = 0; !isSettled() && tasks < maximumTasks && runTask(); tasks++) drainMicrotasks();
  if (settled === undefined) throw new UnfinishedModule([...awaited].at(-1));
  if ('error' in settled) throw settled.error;
  return settled.value;
}
