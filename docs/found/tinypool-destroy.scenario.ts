import assert from 'node:assert';
import { Tinypool } from 'tinypool-2.2.0';
import { scenario } from 'threadmill';

export default scenario({
  store: () => ({ pool: undefined as Tinypool | undefined }),
  async run({ store, pause }) {
    const filename = new URL('./tasks.cjs', import.meta.url).href;
    const pool = new Tinypool({ filename, minThreads: 1, maxThreads: 1, isolateWorkers: true });
    store.pool = pool;
    // What destroy may throw besides is in tinypool-answer.scenario.ts.
    process.on('uncaughtException', () => undefined);
    const task = pool.run(1).catch(() => undefined);
    await pause();
    await pool.destroy();
    await task;
  },
  after({ store }) {
    assert.equal(store.pool?.threads.length, 0);
  },
  expect: { verdict: 'violation', invariant: 'after' },
});
