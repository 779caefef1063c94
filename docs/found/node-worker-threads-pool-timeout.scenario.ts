import assert from 'node:assert';
import { DynamicPool } from 'node-worker-threads-pool';
import { scenario } from 'threadmill';

export default scenario({
  async run() {
    const pool = new DynamicPool(1);
    const first = pool.exec({ task: () => 1, timeout: 100 }).catch(() => 'timeout');
    const second = pool.exec({ task: () => 2 });
    await first;
    assert.equal(await second, 2);
    await pool.destroy();
  },
  expect: 'deadlock',
});
