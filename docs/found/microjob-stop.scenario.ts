import { job, start, stop } from 'microjob';
import { scenario } from 'threadmill';

export default scenario({
  async run({ pause }) {
    await start({ maxWorkers: 1 });
    const running = job((n: number) => n + 1, { data: 1 }).catch(() => 'stopped');
    await pause();
    await stop();
    await running;
  },
  expect: 'deadlock',
});
