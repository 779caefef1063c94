import { parentPort } from 'node:worker_threads';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { invariant, scenario } from 'threadmill';
import { lineOver, PortReader, PortWriter, Unacknowledged, WaitTimeout } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';

const patienceMs = 10;

/** What the writer records about a write that it gave up before it was sent. */
interface Unsent {
  readonly unsent: string;
}

const isUnsent = (value: unknown): value is Unsent => typeof value === 'object' && value !== null && 'unsent' in value;

const unsentNeverArrives = invariant('what was not sent never arrives', ({ history, final }) => {
  if (!final) return true;
  const reads = history.filter((event) => event.kind === 'read').map(({ value }) => value);
  return !reads.some((value) => isUnsent(value) && reads.includes(value.unsent)) || 'it arrived';
});

// The writer gives up when an answer takes too long. A write that was not yet sent certainly never arrives. A write that was
// sent may or may not arrive. In both cases nothing arrives twice, and what was acknowledged has arrived.
export default scenario({
  params: { window: fc.integer({ min: 1, max: 2 }) },
  writers: {
    count: 1,
    async run({ history }) {
      const writer = new PortWriter<string>(lineOver(parentPort!, 'items'));
      const writeOne = async (item: string): Promise<void> => {
        const write = history.write(item);
        try {
          await writer.write(item, { timeoutMs: patienceMs });
          write.acknowledge();
        } catch (error) {
          if (error instanceof WaitTimeout) history.read({ unsent: item } satisfies Unsent);
          else if (!(error instanceof Unacknowledged)) throw error;
        }
      };
      await Promise.all(['a', 'b', 'c'].map(writeOne));
      await writer.end();
    },
  },
  readers: {
    count: 1,
    async run({ params, workers, history }) {
      const take = async (item: string): Promise<void> => {
        history.read(item);
        await setTimeout(patienceMs);
      };
      const reader = new PortReader(lineOver(workers[0]!, 'items'), take, { window: params.window });
      await reader.finished;
    },
  },
  invariants: [exactlyOnce({ delivered: (value) => (isUnsent(value) ? undefined : value) }), unsentNeverArrives],
  expect: 'held',
});
