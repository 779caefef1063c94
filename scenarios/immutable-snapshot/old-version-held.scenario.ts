import fc from 'fast-check';
import { scenario } from 'threadmill';
import { createVersionPool, VersionPool } from 'threadmill/bridges';
import { whole } from './words.js';

const slots = 3;
const wordsEach = 2;
let readers: VersionPool | undefined;

// One coroutine holds one version until all writers have ended, the other holds one version after another. Both look at theirs
// again before they release it. The writers have memory for one version more: often they must wait for a release, and only
// the second coroutine can let them continue.
export default scenario({
  params: { publications: fc.integer({ min: 1, max: 3 }), reads: fc.integer({ min: 1, max: 2 }) },
  store: () => ({
    pool: createVersionPool(slots),
    memory: new Int32Array(new SharedArrayBuffer(slots * wordsEach * 4)),
    ended: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    run({ store: { pool, memory, ended }, params }) {
      const writer = new VersionPool(pool);
      for (let publication = 0; publication < params.publications; publication++) {
        writer.publishFromThread((from, to) => {
          const next = memory[from * wordsEach]! + 1;
          for (let word = 0; word < wordsEach; word++) memory[to * wordsEach + word] = next;
        });
      }
      Atomics.add(ended, 0, 1);
      Atomics.notify(ended, 0);
    },
  },
  readers: {
    count: 2,
    async run({ store: { pool, memory, ended }, params, history, index, writers, pause }) {
      const versions = (readers ??= new VersionPool(pool));
      const hold = async (meanwhile: () => Promise<void>): Promise<void> => {
        const pinned = versions.pin();
        const look = (): number[] => [...memory.subarray(pinned.slot * wordsEach, (pinned.slot + 1) * wordsEach)];
        const before = look();
        await meanwhile();
        history.read([...before, ...look()]);
        pinned.release();
      };
      const allEnded = async (): Promise<void> => {
        let found: number;
        while ((found = Atomics.load(ended, 0)) < writers) await Atomics.waitAsync(ended, 0, found).value;
      };
      if (index === 0) await hold(allEnded);
      else for (let read = 0; read < params.reads; read++) await hold(pause);
    },
  },
  invariants: [whole],
});
