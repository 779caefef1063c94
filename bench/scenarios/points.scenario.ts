import fc from 'fast-check';
import { scenario } from 'threadmill';

const operations = 300_000;
const mask = 1_023;

/** A single writer, so that nothing ever switches. `kind` is the operation that it repeats. */
export default scenario({
  name: 'bench: scheduling points',
  params: { kind: fc.constantFrom('load', 'add', 'read', 'write') },
  store: () => new Int32Array(new SharedArrayBuffer(4 * (mask + 1))),
  writers: {
    count: 1,
    run({ store, params }) {
      const { kind } = params;
      if (kind === 'load') for (let done = 0; done < operations; done++) Atomics.load(store, done & mask);
      else if (kind === 'add') for (let done = 0; done < operations; done++) Atomics.add(store, done & mask, 1);
      else if (kind === 'write') for (let done = 0; done < operations; done++) store[done & mask] = done;
      else {
        let sum = 0;
        for (let done = 0; done < operations; done++) sum = (sum + store[done & mask]!) | 0;
        if (sum !== 0) throw new Error('nobody wrote');
      }
    },
  },
});
