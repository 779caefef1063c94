import assert from 'node:assert';
import ThreadStream from 'thread-stream-4.2.1';
import { scenario } from 'threadmill';

export default scenario({
  async run({ pause }) {
    const received = new SharedArrayBuffer(4);
    const filename = new URL('./count.mjs', import.meta.url).href;
    const stream = new ThreadStream({ filename, workerData: { received }, sync: false, bufferSize: 8 });
    let gaveUp = false; // the schedule may stop the worker for 10 seconds, which the package reports
    stream.on('error', () => (gaveUp = true));
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.write('123456789abc'); // more than the buffer holds
    await pause();
    await pause();
    try {
      stream.flushSync();
    } catch {
      gaveUp = true;
    }
    for (const text of ['d', 'e', 'f', 'g']) {
      stream.write(text);
      await pause();
    }
    stream.end();
    await closed;
    if (!gaveUp) assert.equal(new Int32Array(received)[0], 16);
  },
  expect: 'violation',
});
