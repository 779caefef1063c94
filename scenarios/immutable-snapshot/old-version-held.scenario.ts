import fc from 'fast-check';
import { scenario } from 'threadmill';
import { createVersionPool, VersionPool } from 'threadmill/bridges';
import { whole } from './words.js';

const wordsEach = 2;
let readers: VersionPool | undefined;

// Coroutines hold on to a version while they await, and look at it before and after. Meanwhile writers publish as many versions
// as there is memory for, and then wait.
export default scenario({
  name: 'immutable-snapshot: a version that is held stays as it is',
  params: { publications: fc.integer({ min: 1, max: 3 }) },
  store: () => ({
    pool: createVersionPool(3),
    memory: new Int32Array(new SharedArrayBuffer(3 * wordsEach * 4)),
  }),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    run({ store: { pool, memory }, params }) {
      const writer = new VersionPool(pool);
      for (let publication = 0; publication < params.publications; publication++) {
        writer.publishFromThread((from, to) => {
          const next = memory[from * wordsEach]! + 1;
          for (let word = 0; word < wordsEach; word++) memory[to * wordsEach + word] = next;
        });
      }
    },
  },
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store: { pool, memory }, history, pause }) {
      readers ??= new VersionPool(pool);
      const pinned = readers.pin();
      const look = (): number[] => [...memory.subarray(pinned.slot * wordsEach, (pinned.slot + 1) * wordsEach)];
      const before = look();
      await pause();
      const after = look();
      pinned.release();
      history.read([...before, ...after]);
    },
  },
  invariants: [whole],
});
