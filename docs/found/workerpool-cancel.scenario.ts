import assert from 'node:assert';
import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool-10.0.2';
import { scenario } from 'threadmill';

export default scenario({
  async run({ pause }) {
    const script = fileURLToPath(new URL('./workerpool-tasks.cjs', import.meta.url));
    const pool = workerpool.pool(script, { maxWorkers: 1, workerType: 'thread' });
    const slow = pool.exec('slow');
    await pause();
    const cancelled = slow.cancel().catch(() => undefined);
    assert.equal(await pool.exec('add', [1, 2]), 3);
    await cancelled;
    await pool.terminate();
  },
  expect: 'crash',
});
