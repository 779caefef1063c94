/** Texts of scenario files, as a user might write them. */

/** Two threads that count with these statements; `expect` as given. */
export function counterScenario(name: string, count: string, expected = 'held'): string {
  return `import fc from 'fast-check';
import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';

export default scenario({
  name: '${name}',
  params: { increments: fc.integer({ min: 1, max: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 2,
    run({ store, params, history }) {
      for (let i = 0; i < params.increments; i++) {
        const write = history.write();
        ${count}
        write.acknowledge();
      }
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0] })],
  expect: '${expected}',
});
`;
}

export const lossyCount = 'Atomics.store(store, 0, Atomics.load(store, 0) + 1);';
export const soundCount = 'Atomics.add(store, 0, 1);';
