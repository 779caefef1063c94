import assert from 'node:assert';
import { Piscina } from 'piscina-5.3.2';
import { scenario } from 'threadmill';

export default scenario({
  async run({ pause }) {
    const filename = new URL('./tasks.cjs', import.meta.url).href;
    const pool = new Piscina({ filename, minThreads: 0, maxThreads: 1 });
    const controller = new AbortController();
    const first = pool.run(1, { name: 'never', signal: controller.signal }).catch(() => 'aborted');
    const second = pool.run(2);
    await pause();
    controller.abort();
    assert.equal(await first, 'aborted');
    assert.equal(await second, 2);
    await pool.destroy();
  },
  expect: 'deadlock',
});
