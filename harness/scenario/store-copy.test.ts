import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copiedBytes, describeStoreCopy, measureStoreCopy } from './store-copy.js';

const bytesPerMiB = 1024 * 1024;

describe('what copying a store costs', () => {
  it('counts each buffer once, by whatever views and places it is reached', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 5 }), fc.nat(3), (sizes, extra) => {
        const buffers = sizes.map((size) => new ArrayBuffer(size));
        const views = buffers.flatMap((buffer) => Array.from({ length: extra }, () => new Uint8Array(buffer)));
        const bytes = copiedBytes({ buffers: new Set(buffers), views: new Map([['all', views]]) });
        const sum = sizes.reduce((total, size) => total + size, 0);
        expect(bytes).toBeGreaterThanOrEqual(sum);
        expect(bytes).toBeLessThan(sum + 1_000);
      }),
    );
  });

  it('does not count shared memory', () => {
    const store = { shared: new Int32Array(new SharedArrayBuffer(64 * bytesPerMiB)) };
    expect(copiedBytes(store)).toBeLessThan(100);
    expect(measureStoreCopy(store)).toBeNull();
  });

  it('goes on as it began where there is too much to look at', () => {
    expect(copiedBytes(new Array(1_000_000).fill(1))).toBeGreaterThan(4_000_000);
  });

  it('says how much, for how many, how long, and what to do', () => {
    const copy = measureStoreCopy({ table: new Uint8Array(3 * bytesPerMiB) });
    expect(copy).toEqual({ mebibytes: expect.closeTo(3, 1) as number, durationMs: expect.any(Number) as number });
    expect(describeStoreCopy({ mebibytes: 286.1, durationMs: 300.4 }, 2)).toBe(
      'each execution copies 286 MiB of the store to each of 2 writers, which takes about 601 ms: put this data in a SharedArrayBuffer, which is not copied, make it smaller, or create it in the writers',
    );
  });
});
