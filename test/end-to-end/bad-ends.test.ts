import { describe, expect, it } from 'vitest';
import { Experiment, scenarioText, summary, idleWriter } from './experiment.js';

const experiment = new Experiment();

describe('programs that end badly', () => {
  const readerThat = (body: string): string => `${idleWriter} readers: { count: 1, async run() { ${body} } },`;
  const writerThat = (body: string): string => `writers: { count: 1, async run({ store }) { void store; ${body} } },`;

  it.each([
    ['process.exit in a writer', writerThat('process.exit(3);'), /^process\.exit\(3\) was called$/],
    ['process.exit in a reader', readerThat('process.exit();'), /^process\.exit\(\) was called$/],
    ['an uncaught error', writerThat(`throw new TypeError('broken');`), /^TypeError: broken$/],
    ['something thrown that is no error', writerThat(`throw 'words';`), /^string thrown: words$/],
    ['null thrown', readerThat('throw null;'), /^null thrown$/],
    [
      'something thrown that cannot be converted',
      writerThat('throw { get message() { throw 1; }, toString() { throw 2; } };'),
      /^object thrown: \{ message: \[Getter\]/,
    ],
    [
      'unbounded recursion in a writer',
      writerThat('const f = (): number => 1 + f(); f();'),
      /^RangeError: Maximum call stack/,
    ],
    [
      'unbounded recursion in a reader',
      readerThat('const f = (): number => 1 + f(); f();'),
      /^RangeError: Maximum call stack/,
    ],
    [
      'an error in a timer',
      readerThat(`setTimeout(() => { throw new Error('later'); }, 5); await new Promise(() => {});`),
      /^Error: later$/,
    ],
    [
      'an error in a microtask',
      readerThat(`queueMicrotask(() => { throw new Error('soon'); }); await null;`),
      /^Error: soon$/,
    ],
    [
      'an error in process.nextTick',
      writerThat(`process.nextTick(() => { throw new Error('next'); }); await null;`),
      /^Error: next$/,
    ],
    [
      'a worker out of memory',
      `limits: { workerHeapMiB: 24 }, ${writerThat('const kept: number[][] = []; for (;;) kept.push(new Array(10_000).fill(kept.length + 0.5));')}`,
      /^writer 0 used more than limits\.workerHeapMiB \(24 MiB\): its thread ran out of memory\. .*\(default 512 MiB\)$/,
    ],
  ])('%s is a crash', async (_, fields, message) => {
    const result = await experiment.run({ fields }, { runs: 20 });
    expect(summary(result)).toEqual({ verdict: 'crash', message: expect.stringMatching(message) as string });
  });

  it('a loop without a scheduling point is a hang that names its last one', async () => {
    const result = await experiment.run(
      {
        fields: `limits: { hangTimeoutMs: 200 }, writers: { count: 1, run({ store }) { Atomics.load(store, 0); for (;;); } },`,
      },
      { runs: 5 },
    );
    expect(summary(result)).toEqual({
      verdict: 'hang',
      message: expect.stringMatching(
        /^writer 0 reached no scheduling point for 200 ms .*experiment-\d+\.scenario\.ts:\d+:\d+$/,
      ) as string,
    });
  });

  it.each([
    ['fetch', readerThat(`await fetch('http://127.0.0.1:45999/');`), /node:net/],
    [
      'fs.promises',
      readerThat(`const { readFile } = await import('node:fs/promises'); await readFile('/etc/hostname');`),
      /node:fs\/promises/,
    ],
    [
      'node:fs with a callback',
      readerThat(
        `const { readFile } = await import('node:fs'); await new Promise((resolve) => readFile('/etc/hostname', resolve));`,
      ),
      /node:fs/,
    ],
    [
      'dns',
      readerThat(`const { lookup } = await import('node:dns/promises'); await lookup('localhost');`),
      /dns\.lookup/,
    ],
    [
      'crypto.subtle',
      readerThat(`await crypto.subtle.digest('SHA-256', new Uint8Array(1));`),
      /crypto\.subtle\.digest/,
    ],
    [
      'random bytes with a callback',
      readerThat(
        `const { randomBytes } = await import('node:crypto'); await new Promise((resolve) => randomBytes(4, resolve));`,
      ),
      /crypto\.randomBytes with a callback/,
    ],
    [
      'WebAssembly',
      readerThat('await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));'),
      /WebAssembly\.compile/,
    ],
    [
      'fs.promises in a writer',
      writerThat(`const { readFile } = await import('node:fs/promises'); await readFile('/etc/hostname');`),
      /node:fs\/promises/,
    ],
    [
      'a child process',
      readerThat(
        `const { exec } = await import('node:child_process'); await new Promise((resolve) => exec('true', resolve));`,
      ),
      /node:child_process/,
    ],
  ])('waiting for %s is uncontrolled, by name', async (_, fields, message) => {
    const result = await experiment.run({ fields }, { runs: 20 });
    expect(summary(result)).toEqual({ verdict: 'uncontrolled', message: expect.stringMatching(message) as string });
  });

  it('code that swallows every exception in a spin loop gets a verdict, and the run goes on', async () => {
    experiment.write(
      'scenarios/swallow/a.scenario.ts',
      scenarioText('swallows', {
        fields: `
          limits: { hangTimeoutMs: 300, stepsWithoutProgress: 500 },
          writers: { count: 2, run({ store }) { for (;;) { try { Atomics.load(store, 0); } catch { /* on and on */ } } } },
          readers: { count: 1, run() { throw new Error('over'); } },
          expect: 'crash',`,
      }),
    );
    experiment.write(
      'scenarios/swallow/b.scenario.ts',
      scenarioText('after it', { fields: `writers: { count: 2, run({ store }) { Atomics.add(store, 0, 1); } },` }),
    );
    const first = await experiment.runFile('scenarios/swallow/a.scenario.ts', { runs: 5 });
    expect(['crash', 'hang', 'livelock']).toContain(first.verdict);
    const second = await experiment.runFile('scenarios/swallow/b.scenario.ts', { runs: 50 });
    expect(second).toMatchObject({ verdict: 'held', executions: 50 });
  });

  it('says who waits where in a deadlock', async () => {
    const result = await experiment.run({
      fields: `
        writers: { count: 2, run({ store, index }) { if (index === 1) Atomics.wait(store, 2, 0); } },
        readers: { count: 2, async run({ index }) { if (index === 0) await new Promise(() => {}); } },
        expect: 'deadlock',`,
    });
    const { verdict, message } = summary(result);
    expect(verdict).toBe('deadlock');
    const file = result.file.replaceAll('.', '\\.');
    expect(message).toMatch(new RegExp(`^writer 1 waits in Atomics\\.wait on #0\\[2\\] at ${file}:\\d+:\\d+$`, 'm'));
    expect(message).toMatch(/^1 reader awaits a promise that nothing settles/m);
    expect(message).not.toContain('writer 0');
  });

  it('prints the loop of a livelock', async () => {
    const result = await experiment.run(
      {
        fields: `
        limits: { stepsWithoutProgress: 300 },
        writers: { count: 1, run({ store }) { while (Atomics.load(store, 1) === 0 && store[3] === 0); } },
        expect: 'livelock',`,
      },
      { runs: 5 },
    );
    const { verdict, message } = summary(result);
    expect(verdict).toBe('livelock');
    const [head, ...loop] = message.split('\n');
    expect(head).toBe('300 steps changed nothing (limits.stepsWithoutProgress); this repeats:');
    expect(loop.map((line) => line.replace(/ at .*/, ''))).toEqual(
      expect.arrayContaining(['  writer 0: Atomics.load #0[1] 0', '  writer 0: read #0[3] 0']),
    );
    expect(loop).toHaveLength(2);
  });
});
