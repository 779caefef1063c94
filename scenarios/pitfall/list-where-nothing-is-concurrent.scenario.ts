import fc from 'fast-check';
import { scenario } from 'threadmill';
import { exactlyOnce } from 'threadmill/invariants';

// One coroutine that does one thing after another needs only a list.
export default scenario({
  params: { urls: fc.integer({ min: 1, max: 5 }) },
  store: () => null,
  writers: { count: 1, run: () => undefined },
  readers: {
    count: 1,
    async run({ params, history, pause }) {
      const results: number[] = [];
      for (let url = 0; url < params.urls; url++) {
        await pause();
        const write = history.write(url);
        results.push(url);
        write.acknowledge();
      }
      history.read(results);
    },
  },
  invariants: [exactlyOnce({ delivered: (results) => results })],
  expect: 'held',
});
