import { Tinypool } from 'tinypool-2.2.0';
import { scenario } from 'threadmill';

export default scenario({
  async run({ pause }) {
    const filename = new URL('./tasks.cjs', import.meta.url).href;
    const pool = new Tinypool({ filename, minThreads: 1, maxThreads: 1 });
    const task = pool.run(1).catch(() => undefined);
    await pause();
    await pool.destroy();
    await task;
  },
  expect: 'crash',
});
