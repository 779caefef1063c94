import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { lineOver, remoteIntake, serveIntake, Stage, StageFailed } from 'threadmill/bridges';

// A stage on the main agent cannot process one item. Earlier items come out, later ones do not, and the sending worker gets an
// error with the name of the stage, while it sends or at the end.
export default scenario({
  params: { good: fc.integer({ min: 0, max: 2 }), isBad: fc.boolean(), after: fc.integer({ min: 0, max: 2 }) },
  writers: {
    count: 1,
    async run({ params: { good, isBad, after }, history }) {
      const next = remoteIntake<string>(lineOver(parentPort!, 'items'));
      const first = new Stage({ name: 'first', capacity: 1, process: (item: string) => item, next });
      const items = Array.from({ length: good + after }, (_, count) => `item ${count}`);
      if (isBad) items.splice(good, 0, 'bad');
      try {
        for (const item of items) {
          history.write(item);
          await first.send(item);
        }
        await first.end();
        history.read('ended');
      } catch (error) {
        if (!(error instanceof StageFailed)) throw error;
        history.read(`${error.stage} failed`);
      }
    },
  },
  readers: {
    count: 1,
    async run({ workers, history, pause }) {
      const last = new Stage({ name: 'last', process: (item: string) => item, next: (item) => history.read(item) });
      const upper = new Stage({
        name: 'upper',
        capacity: 1,
        process: async (item: string) => {
          await pause();
          if (item === 'bad') throw new RangeError('no good');
          return item;
        },
        next: last,
      });
      const served = serveIntake([lineOver(workers[0]!, 'items')], upper, { window: 2 });
      await served.catch(() => undefined);
      await last.end().catch(() => undefined);
    },
  },
  invariants: {
    'the sender knows which stage failed, and the rest comes out': ({ history, final }) => {
      if (!final) return undefined;
      const reads = history.filter((event) => event.kind === 'read').map(({ value }) => String(value));
      const begun = history.filter((event) => event.kind === 'writeBegan').map(({ value }) => String(value));
      const bad = begun.indexOf('bad');
      const good = bad === -1 ? begun : begun.slice(0, bad);
      const expected = [...good, bad === -1 ? 'ended' : 'upper failed'].sort().join(', ');
      const found = reads.sort().join(', ');
      return found === expected || { expected, found };
    },
  },
  expect: 'held',
});
