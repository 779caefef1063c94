/**
 * The first half of the third pattern of "How to Avoid Synchronization Primitives in Python asyncio", as printed: tasks that
 * append what they fetch to one shared list, and a gather that waits for them. `Promise.all` corresponds to asyncio.gather,
 * also in what it does when a task fails.
 *
 * - The list is in the order in which the tasks ended, not in the order in which they were given
 *   (scenarios/task-group/published/results-in-the-wrong-order.scenario.ts).
 * - When one task fails, so does the gather, and the others run on: they append to a list that the caller no longer expects to
 *   change (result-after-the-failure.scenario.ts). Their own errors are lost.
 *
 * @example
 * const results: string[] = [];
 * await publishedGather(results, [async () => 'a', async () => 'b']);
 * assert.deepEqual(results, ['a', 'b']);
 */
export async function publishedGather<Result>(
  results: Result[],
  fetches: readonly (() => Promise<Result>)[],
): Promise<void> {
  await Promise.all(fetches.map((fetch) => publishedFetchAndAppend(results, fetch)));
}

/**
 * One of these tasks.
 *
 * @example
 * const results: number[] = [];
 * await publishedFetchAndAppend(results, async () => 1);
 * assert.deepEqual(results, [1]);
 */
export async function publishedFetchAndAppend<Result>(results: Result[], fetch: () => Promise<Result>): Promise<void> {
  results.push(await fetch());
}
