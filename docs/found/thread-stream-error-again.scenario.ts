import { setImmediate as round } from 'node:timers/promises';
import ThreadStream from 'thread-stream-4.2.1';
import { scenario } from 'threadmill';

export default scenario({
  async run() {
    const stream = new ThreadStream({ filename: new URL('./full.mjs', import.meta.url).href, sync: false });
    stream.on('error', () => undefined);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    await new Promise((resolve) => stream.once('ready', resolve));
    stream.write('first');
    await round();
    stream.write('second');
    await closed;
  },
  expect: 'crash',
});
