import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import zlib from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operationCodes } from '../../../kernel/operations.js';
import { inMacrotask, SingleAgent } from '../testing/single-agent.js';
import { ShadowCompression } from './compression.js';

const agent = new SingleAgent();
const compression = new ShadowCompression(agent.points, agent.loop);

/** How often the trace of the last execution has background work. */
let works = 0;
const play = async (program: () => void, schedule?: Parameters<typeof agent.play>[1]): Promise<void> => {
  const { loop } = agent;
  works = 0;
  const add = loop.addCoroutine.bind(loop);
  loop.addCoroutine = (task) => {
    if (task.operation === operationCodes['background work']) works++;
    add(task);
  };
  try {
    await inMacrotask(() => {
      agent.play(program, schedule);
    });
  } finally {
    loop.addCoroutine = add;
  }
};

beforeAll(() => {
  expect(compression.install(zlib)).toBe(true);
});

afterAll(() => {
  compression.dispose();
});

describe('ShadowCompression', () => {
  // Compresses badly: many chunks come out.
  const data = randomBytes(100_000);

  it.each([
    ['gzip', 'gunzip'],
    ['deflate', 'inflate'],
    ['deflateRaw', 'inflateRaw'],
    ['brotliCompress', 'brotliDecompress'],
    ['gzip', 'unzip'],
  ] as const)('%s and %s are done within the execution', async (compress, decompress) => {
    let result: Buffer | undefined;
    await play(() => {
      zlib[compress](data, (error, compressed) => {
        if (error !== null) throw error;
        zlib[decompress](compressed, (failure, plain) => {
          if (failure !== null) throw failure;
          result = plain;
        });
      });
    });
    expect(result?.equals(data)).toBe(true);
    expect(works).toBeGreaterThan(4);
  });

  it('streams go on as the loop does, and tasks of others come between', async () => {
    const seen: string[] = [];
    await play(() => {
      const { setImmediate } = agent.timers.globals as { setImmediate: typeof globalThis.setImmediate };
      const tick = (): void => {
        seen.push('immediate');
        if (!seen.includes('end')) setImmediate(tick);
      };
      setImmediate(tick);
      pipeline(
        Readable.from([data, data]),
        zlib.createGzip(),
        zlib.createGunzip(),
        async (source: AsyncIterable<Buffer>) => {
          for await (const chunk of source) seen.push(`chunk of ${chunk.length}`);
        },
        (error?: Error | null) => seen.push(error?.message ?? 'end'),
      );
    });
    const lengths = seen.filter((text) => text.startsWith('chunk')).map((text) => Number(text.slice(9)));
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(200_000);
    expect(seen.indexOf('immediate')).toBeLessThan(seen.indexOf('end'));
    expect(seen.at(-2)).toBe('end');
  });

  it('data that is wrong is an error event, as in Node', async () => {
    let event: unknown;
    await play(() => {
      zlib
        .createGunzip()
        .on('error', (error) => (event = error))
        .end('no such data');
      expect(event).toBeUndefined();
    });
    expect(event).toMatchObject({ code: 'Z_DATA_ERROR', message: 'incorrect header check' });
  });

  it('a stream can be destroyed at work', async () => {
    const seen: string[] = [];
    await play(() => {
      const stream = zlib.createGzip();
      stream.on('close', () => seen.push('close')).on('data', () => seen.push('data'));
      stream.write(data, () => seen.push('written'));
      stream.destroy();
    });
    expect(seen).toContain('close');
    expect(seen).not.toContain('data');
    expect(works).toBe(1);
  });

  it('flush and params wait for what was written', async () => {
    const parts: Buffer[] = [];
    await play(() => {
      const stream = zlib.createDeflate({ level: 0 });
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.write('some');
      stream.params(9, zlib.constants.Z_DEFAULT_STRATEGY, () => {
        stream.write('thing');
        stream.flush(() => stream.end());
      });
    });
    expect(zlib.inflateSync(Buffer.concat(parts)).toString()).toBe('something');
  });

  it('what a stream calls runs in the context in which it was called', async () => {
    const storage = new AsyncLocalStorage<number>();
    const seen: unknown[] = [];
    await play(() => {
      for (const number of [1, 2])
        storage.run(number, () => {
          zlib.gzip('text', () => seen.push(storage.getStore()));
        });
    });
    expect(seen.sort()).toEqual([1, 2]);
  });

  it('the schedule decides which of several is done first', async () => {
    const orders = new Set<string>();
    for (const choices of [
      [0, 0, 0, 0, 0, 0],
      [1, 1, 1, 1, 1, 1],
    ]) {
      const order: string[] = [];
      await play(
        () => {
          for (const name of ['a', 'b']) zlib.deflate('text', () => order.push(name));
        },
        { choices },
      );
      orders.add(order.join(''));
    }
    expect(orders).toEqual(new Set(['ab', 'ba']));
  });

  it('CompressionStream is made of such streams', async () => {
    let length = 0;
    await play(() => {
      const stream = new CompressionStream('gzip');
      const writer = stream.writable.getWriter();
      void writer.write(data).then(() => writer.close());
      void (async () => {
        for await (const chunk of stream.readable) length += (chunk as Uint8Array).length;
      })();
    });
    expect(length).toBeGreaterThan(100_000);
  });

  it('outside an execution, streams are left to Node', async () => {
    agent.points.live = false;
    works = 0;
    const zipped = await new Promise<Buffer>((resolve, reject) => {
      zlib.gzip('text', (error, result) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
    expect(zlib.gunzipSync(zipped).toString()).toBe('text');
    expect(works).toBe(0);
  });

  it('a module without such streams is left alone', () => {
    const other = new ShadowCompression(agent.points, agent.loop);
    class Odd {
      readonly _handle = {};
      close(): this {
        return this;
      }
    }
    Object.assign(Odd.prototype, { _transform: () => undefined });
    expect(other.install({ Odd })).toBe(false);
  });

  it('streams are what they were once it is disposed of', () => {
    const before = Object.getPrototypeOf((zlib.createGzip() as unknown as { _handle: object })._handle) as {
      init: unknown;
    };
    const controlled = before.init;
    const other = new ShadowCompression(agent.points, agent.loop);
    other.install(zlib);
    expect(before.init).not.toBe(controlled);
    other.dispose();
    expect(before.init).toBe(controlled);
  });
});
