import assert from 'node:assert';
import { Tinypool } from 'tinypool-2.2.0';
import { scenario } from 'threadmill';

export default scenario({
  async run() {
    const filename = new URL('./tasks.cjs', import.meta.url).href;
    const pool = new Tinypool({ filename, minThreads: 0, maxThreads: 1 });
    const task = pool.run(1);
    await pool.recycleWorkers();
    assert.equal(await task, 1);
    await pool.destroy();
  },
  expect: 'deadlock',
});
