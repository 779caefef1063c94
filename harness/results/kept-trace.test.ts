import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapsOf, headLength, keepTrace, previousOperation } from './kept-trace.js';
import type { Operation } from './schema.js';

/** The trace of an execution as recorded: history entries have the number of the operation that follows them. */
const whole = fc.array(fc.boolean(), { maxLength: 200 }).map((notes): Operation[] => {
  let step = 0;
  return notes.map((isNote) => ({
    step: isNote ? step : step++,
    agent: 0,
    kind: isNote ? 'history.read' : 'Atomics.load',
  }));
});

describe('keepTrace', () => {
  it('keeps the beginning and the end of what is too long, and tells what is missing between', () => {
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: 250 }), (trace, length) => {
        const kept = keepTrace(trace, length);
        expect(kept).toHaveLength(Math.min(trace.length, length));
        if (trace.length <= length) {
          expect(kept).toEqual(trace);
          expect(gapsOf(kept)).toEqual([]);
          return;
        }
        const head = headLength(length);
        expect(kept.slice(0, head)).toEqual(trace.slice(0, head));
        expect(kept.slice(head)).toEqual(trace.slice(head - length));
        const before = head === 0 ? -1 : trace[head - 1]!.step;
        const missing = kept[head]!.step - before - 1;
        expect(gapsOf(kept)).toEqual(missing > 0 ? [{ place: head, steps: missing }] : []);
        if (missing > 0) expect(previousOperation(kept, head)).toBeUndefined();
        if (head > 1) expect(previousOperation(kept, 1)).toBe(kept[0]);
      }),
    );
  });

  it('may be done again to what was kept, with the same outcome as at once', () => {
    fc.assert(
      fc.property(whole, fc.integer({ min: 1, max: 250 }), fc.integer({ min: 1, max: 250 }), (trace, first, second) => {
        fc.pre(second <= first);
        expect(keepTrace(keepTrace(trace, first), second)).toEqual(keepTrace(trace, second));
      }),
    );
  });
});
