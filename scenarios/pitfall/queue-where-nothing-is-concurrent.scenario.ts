import fc from 'fast-check';
import { scenario } from 'threadmill';
import { AsyncQueue } from 'threadmill/bridges';

// One coroutine fetches items one after another, puts each into a queue, and takes them out when it has all. Nothing is taken
// meanwhile, so if there are more items than the queue holds, it waits for itself.
export default scenario({
  params: { urls: fc.integer({ min: 1, max: 5 }) },
  readers: {
    count: 1,
    async run({ params, history, pause }) {
      const results = new AsyncQueue<number>(2);
      for (let url = 0; url < params.urls; url++) {
        await pause();
        const write = history.write(`result ${url}`);
        await results.put(url);
        write.acknowledge();
      }
      history.read(results.drain());
    },
  },
  expect: 'deadlock',
});
