import fc from 'fast-check';
import { scenario, type Expectation, type ScenarioDefinition, type StressProfile, type StressSizes } from 'threadmill';
import { WatcherLagging } from 'threadmill/bridges';
import { firstVersion, hostileInvariants, nextVersion, seenAs, type VersionedValue } from './versioned.js';

/** What the published watcher and the hardened one have in common. */
export interface SharedWatcher {
  readonly value: VersionedValue;
  setIf(
    next: VersionedValue,
    predicate: (current: VersionedValue) => boolean,
    options?: { readonly timeoutMs?: number },
  ): boolean;
  waitUntil(predicate: (value: VersionedValue) => boolean): Promise<VersionedValue>;
  onChange(callback: (from: VersionedValue, to: VersionedValue) => void): unknown;
}

/** One of the two. */
export interface SharedWatcherVariant<Store> {
  readonly share: (initial: VersionedValue, watchers: number) => Store;
  readonly watch: (store: Store) => SharedWatcher;
  /** Ends a watcher that was made on a worker, or on the main agent. */
  readonly end: (watcher: SharedWatcher) => void;
  /** Without a scheduling point, and so without a lock; `undefined` if that is not possible now. */
  readonly valueOf: (store: Store) => VersionedValue | undefined;
}

const sizes = ({ writers, iterations, readers }: StressProfile): StressSizes<{ writes: number }> => ({
  writers,
  readers,
  params: { writes: Math.ceil(iterations / writers) },
});

const params = { writes: fc.integer({ min: 1, max: 2 }) };

/**
 * Several setters, on threads and on the event loop, each take the value one version further. A callback and a wait look at
 * every value. Each set must count once, and no consumer may see a version go back or a torn value.
 */
export function hostile<Store>(
  { share, watch, end, valueOf }: SharedWatcherVariant<Store>,
  expect: Expectation,
): ScenarioDefinition<typeof params, Store> {
  const advance = (watcher: SharedWatcher, payload: number, options?: { readonly timeoutMs: number }): number => {
    while (true) {
      const { value } = watcher;
      const next = nextVersion(value, payload);
      if (watcher.setIf(next, ([version]) => version === value[0], options)) return next[0];
    }
  };
  /** An event loop that waits for room keeps others from making it, so it comes back later. */
  const advanceOnLoop = async (watcher: SharedWatcher, pause: () => Promise<void>): Promise<number> => {
    while (true) {
      try {
        return advance(watcher, -1);
      } catch (error) {
        if (!(error instanceof WatcherLagging)) throw error;
        await pause();
      }
    }
  };
  return scenario({
    params,
    store: ({ writers, readers }) => share(firstVersion, writers + readers),
    writers: {
      count: 2,
      run({ store, params: { writes }, history, index }) {
        const watcher = watch(store);
        for (let write = 0; write < writes; write++) {
          const began = history.write();
          // A thread may wait until those that lag behind have made room.
          began.acknowledge(advance(watcher, index, { timeoutMs: 60_000 }));
        }
        end(watcher);
      },
    },
    readers: {
      count: 2,
      async run({ store, params: { writes }, history, index, writers, pause }) {
        const watcher = watch(store);
        if (index === 0) watcher.onChange((_, to) => history.read(seenAs(to)));
        await pause();
        if (index === 1) {
          const began = history.write();
          began.acknowledge(await advanceOnLoop(watcher, pause));
        }
        await watcher.waitUntil((value) => {
          if (index === 1) history.read(seenAs(value));
          return value[0] === writers * writes + 1;
        });
        end(watcher);
      },
    },
    invariants: hostileInvariants(valueOf),
    // Small executions break soonest.
    ...(expect === 'held' ? { stress: sizes } : {}),
    expect,
  });
}
