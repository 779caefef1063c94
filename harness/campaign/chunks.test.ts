import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  campaignPath,
  chunkExecutions,
  chunkNumber,
  chunkSeed,
  chunksOfRange,
  executionsOfChunk,
  executionsOfRange,
  executionsUpTo,
  parseCampaignPath,
  type ChunkRange,
} from './chunks.js';

const shrinkPath = fc.array(fc.nat(), { maxLength: 8 });

describe('campaignPath', () => {
  it('is read back as it was made', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 2 ** 40 }),
        fc.nat({ max: chunkExecutions - 1 }),
        shrinkPath,
        (chunk, execution, shrinks) => {
          const pathInChunk = [execution, ...shrinks].join(':');
          const path = campaignPath(chunk, pathInChunk);
          expect(path).toMatch(/^\d+(:\d+)*$/);
          expect(parseCampaignPath(path)).toEqual({ chunk, pathInChunk });
        },
      ),
    );
  });

  it('is made again from what it is read as', () => {
    fc.assert(
      fc.property(fc.nat(), shrinkPath, (execution, shrinks) => {
        const path = [execution, ...shrinks].join(':');
        const { chunk, pathInChunk } = parseCampaignPath(path)!;
        expect(campaignPath(chunk, pathInChunk)).toBe(path);
      }),
    );
  });

  it.each(['', ':', '1:', ':1', 'a', '1.5', '-1', '1 2', '1:2:x', ' 1'])('refuses %j', (path) => {
    expect(parseCampaignPath(path)).toBeUndefined();
  });

  it('begins with the number of the execution within the campaign', () => {
    expect(campaignPath(0, '5:1:2')).toBe('5:1:2');
    expect(campaignPath(3, '5')).toBe(String(3 * chunkExecutions + 5));
  });
});

describe('chunkNumber', () => {
  const shardCounts = fc.integer({ min: 1, max: 64 });

  it('is never the same for two chunks of all shards and repetitions', () => {
    const chunk = (shardCount: number): fc.Arbitrary<ChunkRange & { readonly index: number }> =>
      fc.record({
        repetition: fc.nat({ max: 1_000 }),
        shardIndex: fc.nat({ max: shardCount - 1 }),
        shardCount: fc.constant(shardCount),
        // One repetition has at most half a billion executions of one scenario.
        index: fc.nat({ max: Math.floor((1 << 22) / shardCount) - 1 }),
      });
    const two = shardCounts.chain((shardCount) => fc.tuple(chunk(shardCount), chunk(shardCount)));
    fc.assert(
      fc.property(two, ([first, second]) => {
        const same =
          first.repetition === second.repetition &&
          first.shardIndex === second.shardIndex &&
          first.index === second.index;
        expect(chunkNumber(first, first.index) === chunkNumber(second, second.index)).toBe(same);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves each repetition room of its own', () => {
    const perRepetition = 1 << 22;
    fc.assert(
      fc.property(fc.nat({ max: 1_000 }), shardCounts, (repetition, shardCount) => {
        const first = chunkNumber({ repetition, shardIndex: 0, shardCount }, 0);
        const lastIndex = Math.floor(perRepetition / shardCount) - 1;
        const last = chunkNumber({ repetition, shardIndex: shardCount - 1, shardCount }, lastIndex);
        expect(first).toBe(repetition * perRepetition);
        expect(last).toBeLessThan(chunkNumber({ repetition: repetition + 1, shardIndex: 0, shardCount }, 0));
      }),
    );
  });

  it('together, the shards explore what one process would', () => {
    fc.assert(
      fc.property(shardCounts, fc.nat({ max: 3 }), (shardCount, repetition) => {
        const sharded = Array.from({ length: shardCount * 4 }, (_, place) =>
          chunkNumber({ repetition, shardIndex: place % shardCount, shardCount }, Math.floor(place / shardCount)),
        );
        const alone = Array.from({ length: shardCount * 4 }, (_, index) =>
          chunkNumber({ repetition, shardIndex: 0, shardCount: 1 }, index),
        );
        expect(new Set(sharded)).toEqual(new Set(alone));
      }),
    );
  });
});

describe('a repetition that is divided among shards', () => {
  const division = fc.record({
    executions: fc.integer({ min: 1, max: 100_000 }),
    shardCount: fc.integer({ min: 1, max: 12 }),
    repetition: fc.nat({ max: 3 }),
  });

  /** Every chunk of every shard, with how many executions it has. */
  function chunksOfAll(executions: number, shardCount: number, repetition: number): [chunk: number, size: number][] {
    return Array.from({ length: shardCount }, (_, shardIndex) => {
      const range = { repetition, shardIndex, shardCount };
      return Array.from({ length: chunksOfRange(range, executions) }, (__, index): [number, number] => [
        chunkNumber(range, index),
        executionsOfChunk(range, index, executions),
      ]);
    }).flat();
  }

  it('has the chunks that it has undivided, each once and of the same size', () => {
    fc.assert(
      fc.property(division, ({ executions, shardCount, repetition }) => {
        const byNumber = (left: [number, number], right: [number, number]): number => left[0] - right[0];
        expect(chunksOfAll(executions, shardCount, repetition).sort(byNumber)).toEqual(
          chunksOfAll(executions, 1, repetition),
        );
      }),
    );
  });

  it('has all its executions in the shares of its shards', () => {
    fc.assert(
      fc.property(division, ({ executions, shardCount, repetition }) => {
        let shares = 0;
        for (let shardIndex = 0; shardIndex < shardCount; shardIndex++) {
          const range = { repetition, shardIndex, shardCount };
          const share = executionsOfRange(range, executions);
          let sum = 0;
          for (let index = 0; index < chunksOfRange(range, executions); index++) {
            sum += executionsOfChunk(range, index, executions);
          }
          expect(share).toBe(sum);
          shares += share;
        }
        expect(shares).toBe(executions);
      }),
    );
  });

  it('never ends where only time bounds it', () => {
    const range = { repetition: 0, shardIndex: 2, shardCount: 4 };
    expect(chunksOfRange(range, Infinity)).toBe(Infinity);
    expect(executionsOfRange(range, Infinity)).toBe(Infinity);
    expect(executionsOfChunk(range, 1_000_000, Infinity)).toBe(chunkExecutions);
  });

  it('numbers executions alike, however it is divided', () => {
    fc.assert(
      fc.property(division, fc.nat({ max: 500 }), fc.nat({ max: chunkExecutions - 1 }), shrinkPath, (...drawn) => {
        const [{ shardCount, repetition }, place, execution, shrinks] = drawn;
        const range = { repetition, shardIndex: place % shardCount, shardCount };
        const chunk = chunkNumber(range, Math.floor(place / shardCount));
        const path = campaignPath(chunk, [execution, ...shrinks].join(':'));
        expect(executionsUpTo(path)).toBe(place * chunkExecutions + execution + 1);
      }),
    );
  });
});

describe('chunkSeed', () => {
  it('is a 32-bit integer, the same for the same chunk, and different for its neighbours', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 1 << 22 }), (seed, chunk) => {
        const own = chunkSeed(seed, chunk);
        expect(own).toBe(own | 0);
        expect(chunkSeed(seed, chunk)).toBe(own);
        expect(chunkSeed(seed, chunk + 1)).not.toBe(own);
        expect(chunkSeed((seed + 1) | 0, chunk)).not.toBe(own);
      }),
    );
  });

  it('is no other chunk’s within a million executions, so no two shards have one in common', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const chunks = Math.ceil(1_000_000 / chunkExecutions);
        expect(new Set(Array.from({ length: chunks }, (_, chunk) => chunkSeed(seed, chunk))).size).toBe(chunks);
      }),
      { numRuns: 20 },
    );
  });
});
