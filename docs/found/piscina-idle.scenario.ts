import { Piscina } from 'piscina-5.1.0';
import { scenario } from 'threadmill';

export default scenario({
  async run() {
    const filename = new URL('./tasks.cjs', import.meta.url).href;
    const pool = new Piscina({ filename, minThreads: 0, maxThreads: 2, idleTimeout: 10, recordTiming: false });
    await Promise.all([1, 2, 3, 4].map((n) => pool.run(n)));
    await Promise.all([5, 6, 7].map((n) => pool.run(n)));
    await pool.destroy();
  },
  expect: 'violation',
});
