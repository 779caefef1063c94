import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { lineOver, remoteIntake, serveIntake, Stage } from 'threadmill/bridges';
import { bounded, exactlyOnce, fifoPerProducer } from 'threadmill/invariants';

interface Delivery {
  readonly item: string;
  /** How many items wait for the two stages on the main agent. */
  readonly depth: number;
}

const delivered = (value: unknown): unknown => (value as Delivery).item;

// Each worker has the first stage, the main agent the other two; the last one is slow. It holds up the stage before it, that
// one the ports, and those the workers: nothing piles up, and every item comes out once and in order before the end.
export default scenario({
  params: { items: fc.integer({ min: 1, max: 4 }) },
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ params, index, history }) {
      const next = remoteIntake<string>(lineOver(parentPort!, 'items'));
      const first = new Stage({ name: 'first', capacity: 1, process: (count: number) => `${index}.${count}`, next });
      for (let count = 0; count < params.items; count++) {
        const write = history.write(`${index}.${count}`);
        await first.send(count);
        write.acknowledge();
      }
      await first.end();
    },
  },
  readers: {
    count: 1,
    async run({ workers, history, pause }) {
      const stages: Stage<string, string>[] = [];
      const depth = (): number => stages.reduce((sum, stage) => sum + stage.depth, 0);
      const last = new Stage({
        name: 'last',
        capacity: 1,
        process: async (item: string) => {
          await pause();
          return item;
        },
        next: (item) => history.read({ item, depth: depth() } satisfies Delivery),
      });
      const middle = new Stage({ name: 'middle', capacity: 1, process: (item: string) => item, next: last });
      stages.push(middle, last);
      await serveIntake(
        workers.map((worker) => lineOver(worker, 'items')),
        middle,
        { window: 1 },
      );
    },
  },
  invariants: [
    exactlyOnce({ delivered }),
    fifoPerProducer({ delivered }),
    bounded({ read: (value) => (value as Delivery).depth, limit: 2 }),
  ],
  expect: 'held',
});
