import fc from 'fast-check';

const coroutines = 3;
const increments = 10;

/** The result of a number of executions. */
export interface CounterExecutions {
  readonly executions: number;
  /** The number of executions that lost at least one update. */
  readonly lost: number;
}

/**
 * Explores the load/store counter, three coroutines with ten increments each, with fast-check's own scheduler. It is the
 * same program as Threadmill's counter, except that the coroutines there are threads.
 *
 * The property always passes, so that all executions are performed and none is shrunk.
 *
 * @example
 * const { executions, lost } = await counterWithFastCheckScheduler(1_000, 42);
 */
export async function counterWithFastCheckScheduler(executions: number, seed: number): Promise<CounterExecutions> {
  let performed = 0;
  let lost = 0;
  const property = fc.asyncProperty(fc.scheduler(), async (scheduler) => {
    let counter = 0;
    const load = scheduler.scheduleFunction(() => Promise.resolve(counter));
    const store = scheduler.scheduleFunction((value: number) => {
      counter = value;
      return Promise.resolve();
    });
    const increment = async (): Promise<void> => {
      for (let done = 0; done < increments; done++) await store((await load()) + 1);
    };
    await scheduler.waitFor(Promise.all(Array.from({ length: coroutines }, increment)));
    performed++;
    if (counter !== coroutines * increments) lost++;
  });
  await fc.assert(property, { numRuns: executions, seed });
  return { executions: performed, lost };
}
