import assert from 'node:assert';
import { Piscina } from 'piscina-5.0.0';
import { scenario } from 'threadmill';

export default scenario({
  async run({ pause }) {
    const filename = new URL('./tasks.cjs', import.meta.url).href;
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const tasks = [
      pool.run(1, { name: 'never', signal: first.signal }),
      pool.run(2, { signal: second.signal }),
      pool.run(3),
    ];
    await pause();
    second.abort();
    first.abort();
    const results = await Promise.allSettled(tasks);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected', 'fulfilled'],
    );
    await pool.destroy();
  },
  expect: 'deadlock',
});
