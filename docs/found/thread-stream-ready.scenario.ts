import { once } from 'node:events';
import { setImmediate as round } from 'node:timers/promises';
import ThreadStream from 'thread-stream-4.2.0';
import { scenario } from 'threadmill';

export default scenario({
  async run() {
    const stream = new ThreadStream({ filename: new URL('./null.mjs', import.meta.url).href, sync: false });
    stream.on('error', () => undefined); // it reports that its thread is stopped below
    const ready = once(stream, 'ready');
    for (const line of ['a', 'b', 'c']) {
      stream.write(line);
      await round();
    }
    await ready;
    await stream.worker.terminate();
  },
  limits: { waitsWithoutProgress: 20 },
  expect: 'livelock',
});
