import { describe, expect, it } from 'vitest';
import { Experiment, idleWriter, replay, summary } from './experiment.js';

const held = { verdict: 'held', message: '' };
const experiment = new Experiment();
const imports = `import zlib from 'node:zlib'; import { Readable } from 'node:stream'; import { pipeline } from 'node:stream/promises';
import { buffer, text } from 'node:stream/consumers'; import { promisify } from 'node:util';`;

describe('compression', () => {
  it('streams and functions with a callback do their work within the execution, on every agent', async () => {
    const fields = `
      writers: {
        count: 1,
        async run() {
          const packed = await promisify(zlib.brotliCompress)('a'.repeat(1_000));
          check(String(await promisify(zlib.brotliDecompress)(packed)) === 'a'.repeat(1_000), 'brotli');
        },
      },
      readers: {
        count: 2,
        async run({ pause }) {
          const source = async function* () { yield 'one'; await pause(); yield 'two'; };
          const packed = await buffer(Readable.from(source()).pipe(zlib.createGzip()));
          check(zlib.gunzipSync(packed).toString() === 'onetwo', 'gzip');
          const stream = new Response(packed).body.pipeThrough(new DecompressionStream('gzip'));
          check((await text(stream)) === 'onetwo', 'gunzip');
          const failure = await promisify(zlib.gunzip)('no such data').catch((error) => error.code);
          check(failure === 'Z_DATA_ERROR', failure);
        },
      },`;
    expect(summary(await experiment.run({ before: imports, fields }))).toEqual(held);
  });

  it('which of two is done first is up to the schedule, and a replay does the same', async () => {
    const fields = `${idleWriter}
      readers: {
        count: 1,
        async run() {
          const order = [];
          await Promise.all(['a', 'b'].map(async (name) => { await promisify(zlib.deflate)(name); order.push(name); }));
          check(order.join('') === 'ab', order.join(''));
        },
      },`;
    const result = await experiment.run({ before: imports, fields }, { save: true });
    expect(summary(result)).toEqual({ verdict: 'crash', message: expect.stringContaining('ba') as string });
    expect(JSON.stringify(experiment.saved(result))).toContain('background work');
    const file = result.counterexample?.file ?? '';
    expect(await replay({ projectDirectory: experiment.project, file, times: 20 })).toMatchObject({ agreeing: 20 });
  });

  it('a stream that nobody ends is a deadlock', async () => {
    const fields = `${idleWriter}
      readers: { count: 1, async run() { const stream = zlib.createGzip(); stream.write('text'); await buffer(stream); } },`;
    expect(await experiment.run({ before: imports, fields })).toMatchObject({ verdict: 'deadlock' });
  });
});
