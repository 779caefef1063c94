import { describe, expect, it } from 'vitest';
import { Experiment, idleWriter, replay, summary } from './experiment.js';

const experiment = new Experiment();
const limits = 'limits: { memoryMiB: 48 },';
const writerThat = (body: string): string => `writers: { count: 1, run({ store }) { ${body} } },`;
const readerThat = (body: string): string => `${idleWriter} readers: { count: 1, run({ store }) { ${body} } },`;

const exceeded =
  /^the execution used more than limits\.memoryMiB \(48 MiB\): found [\d,]+ MiB in the heaps, strings and array buffers of all its agents\. Release .*raise limits\.memoryMiB \(default 1,024 MiB\)$/;

/** Keeps more and more memory, with a scheduling point each time. */
const keeping = (what: string): string =>
  `const kept: unknown[] = []; for (;;) { kept.push(${what}); store[0] = kept.length; }`;

describe('the memory of an execution has a bound', () => {
  it.each([
    [
      'heaps and strings',
      readerThat(keeping(`[new Array(500_000).fill(kept.length), Buffer.alloc(4_000_000, 'x').toString('latin1')]`)),
    ],
    ['shared memory', readerThat(keeping('Buffer.from(new SharedArrayBuffer(8_000_000)).fill(1)'))],
    [
      'what all its agents use together',
      `writers: { count: 3, run({ store }) { const kept = new Uint8Array(24_000_000).fill(1); for (let turn = 0; turn < 200_000; turn++) Atomics.add(store, 0, kept[0]!); } },`,
    ],
    [
      'what no scheduling point interrupts',
      readerThat(`void store; ${keeping('new Uint8Array(50_000_000).fill(1)').replace('store[0] = kept.length;', '')}`),
    ],
  ])('%s', async (_, fields) => {
    const result = await experiment.run({ fields: limits + fields }, { runs: 1 });
    expect(summary(result)).toEqual({ verdict: 'crash', message: expect.stringMatching(exceeded) as string });
  });

  it.each([
    [
      'its own and of earlier executions',
      writerThat('for (let turn = 0; turn < 4; turn++) store[0] = new Uint8Array(20_000_000).fill(1)[turn]!;'),
      10,
    ],
    [
      'a store of earlier executions',
      `store: () => new Uint8Array(10_000_000).fill(1), writers: { count: 1, run({ store }) { store[0] = 2; } },`,
      10,
    ],
  ])('garbage of %s does not count', async (_, fields, runs) => {
    const result = await experiment.run({ fields: limits + fields }, { runs });
    expect(summary(result)).toEqual({ verdict: 'held', message: '' });
  });

  it('array buffers, and the crash replays wherever it is noticed', async () => {
    const fields = limits + writerThat(keeping('new Uint8Array(1_000_000).fill(1)'));
    const result = await experiment.run({ fields }, { runs: 1, save: true });
    const file = result.counterexample?.file ?? '';
    const { agreeing, replayed } = await replay({ projectDirectory: experiment.project, file, times: 2 });
    expect(summary(result)).toEqual({ verdict: 'crash', message: expect.stringMatching(exceeded) as string });
    expect(agreeing).toBe(2);
    expect(replayed?.failure.message).toMatch(exceeded);
  });

  it('under stress too', async () => {
    const fields = limits + writerThat(keeping('new Uint8Array(50_000_000).fill(1)'));
    const result = await experiment.run(
      { fields },
      { engine: 'stress', runs: undefined, explorers: undefined, stress: {} },
    );
    expect(summary(result).verdict).toBe('crash');
    expect(result.stress?.failure?.message).toMatch(/^the execution used more than limits\.memoryMiB/);
  });

  it('of a file that makes too much before anything runs is told as the fault of the file', async () => {
    const fields = idleWriter;
    const before = 'const kept: unknown[] = []; for (;;) kept.push(new Uint8Array(100_000_000).fill(1));';
    await expect(experiment.run({ before, fields })).rejects.toThrow(
      /^scenarios\/.*\.scenario\.ts: evaluating the file and making its store took [\d,]+ MiB, far more than limits\.memoryMiB/,
    );
  });

  it('and a store that is large to copy is told of', async () => {
    const fields = `store: () => new Uint8Array(4 * 1024 * 1024), writers: { count: 2, run({ history }) { history.write().acknowledge(); } },`;
    const result = await experiment.run({ fields }, { runs: 3 });
    expect(result.verdict).toBe('held');
    expect(result.notes).toEqual([
      expect.stringMatching(
        /^each execution copies 4 MiB of the store to each of 2 writers, which takes about \d+ ms: /,
      ),
    ]);
  });
});
