import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import * as at from './layout.js';
import { memory } from './testing/agents.js';
import type * as traceModule from './trace.js';
import { hashText } from '../hash-text.js';
import { appendToTrace, keptTraceEntries, lastTraceEntries, traceHash, type TraceEntry } from './trace.js';

const siteHashes = Int32Array.from({ length: 8 }, (_, site) => hashText(`file.ts:${site}:1`));

const entryArbitrary: fc.Arbitrary<TraceEntry> = fc.record({
  agent: fc.nat({ max: 64 }),
  turnReason: fc.nat({ max: 3 }),
  operation: fc.nat({ max: 0xfff }),
  site: fc.nat({ max: 7 }),
  resource: fc.nat({ max: 5_000 }),
  offset: fc.nat(),
  step: fc.nat({ max: 1_000_000 }),
  value: fc.double(),
});
const entries = fc.array(entryArbitrary, { maxLength: 40, size: 'max' });

type Trace = Pick<typeof traceModule, 'appendToTrace' | 'keptTraceEntries' | 'lastTraceEntries' | 'traceHash'>;
const real: Trace = { appendToTrace, keptTraceEntries, lastTraceEntries, traceHash };

function begin(): void {
  memory.words.fill(0, at.STEP, at.INVOCATION);
}

function append(trace: Trace, entry: TraceEntry, hashes = siteHashes): void {
  const { words } = memory;
  words[at.STEP] = entry.step;
  words[at.TURN_REASON] = entry.turnReason;
  trace.appendToTrace(
    memory,
    hashes,
    entry.agent,
    entry.operation,
    entry.site,
    entry.resource,
    entry.offset,
    entry.value,
  );
}

function hashOf(trace: Trace, list: readonly TraceEntry[], hashes = siteHashes): string {
  begin();
  for (const entry of list) append(trace, entry, hashes);
  return trace.traceHash(memory, hashes);
}

/** The same code with room for only a few operations, so that laps are short. */
async function withCapacity(capacity: number): Promise<Trace> {
  vi.resetModules();
  vi.doMock('./layout.js', async (original) => ({ ...(await original<typeof at>()), traceCapacity: capacity }));
  try {
    return await import('./trace.js');
  } finally {
    vi.doUnmock('./layout.js');
  }
}

beforeEach(begin);
afterAll(() => {
  vi.resetModules();
});

describe('traceHash', () => {
  it('is 16 hexadecimal digits, the same for the same operations', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const hash = hashOf(real, list);
        expect(hash).toMatch(/^[0-9a-f]{16}$/);
        expect(hashOf(real, list)).toBe(hash);
        // Reading it changes nothing.
        expect(traceHash(memory, siteHashes)).toBe(hash);
      }),
    );
  });

  it('stays what it is from version to version: saved counterexamples depend on it', () => {
    const list: TraceEntry[] = [
      { agent: 0, turnReason: 0, operation: 4, site: 1, resource: 1, offset: 0, step: 0, value: 0 },
      { agent: 1, turnReason: 1, operation: 5, site: 2, resource: 1, offset: 4, step: 1, value: 0.5 },
    ];
    expect(hashOf(real, list)).toBe('a09048e4e19044fe');
  });

  it('changes with each field of each operation', () => {
    fc.assert(
      fc.property(
        fc.array(entryArbitrary, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.constantFrom('agent', 'turnReason', 'operation', 'site', 'resource', 'offset', 'step', 'value'),
        entryArbitrary,
        (list, index, field, other) => {
          const place = index % list.length;
          const entry = list[place]!;
          fc.pre(!Object.is(entry[field], other[field]));
          expect(hashOf(real, list.with(place, { ...entry, [field]: other[field] }))).not.toBe(hashOf(real, list));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('changes when operations change places, go, or come twice', () => {
    fc.assert(
      fc.property(fc.array(entryArbitrary, { minLength: 2, maxLength: 10 }), fc.nat(), (list, index) => {
        const place = index % (list.length - 1);
        const hash = hashOf(real, list);
        const swapped = list.with(place, list[place + 1]!).with(place + 1, list[place]!);
        if (JSON.stringify(swapped) !== JSON.stringify(list)) expect(hashOf(real, swapped)).not.toBe(hash);
        expect(hashOf(real, list.toSpliced(place, 1))).not.toBe(hash);
        expect(hashOf(real, list.toSpliced(place, 0, list[place]!))).not.toBe(hash);
      }),
    );
  });

  it('knows places in the source by their text, not by their number', () => {
    const list: TraceEntry[] = [
      { agent: 0, turnReason: 0, operation: 4, site: 1, resource: 1, offset: 0, step: 0, value: 0 },
    ];
    const shifted = Int32Array.from([0, 0, siteHashes[1]!]);
    expect(hashOf(real, [{ ...list[0]!, site: 2 }], shifted)).toBe(hashOf(real, list));
  });

  it('is the same in many laps of the ring as in one', async () => {
    for (const capacity of [1, 2, 3, 7, 8]) {
      const small = await withCapacity(capacity);
      fc.assert(
        fc.property(entries, (list) => {
          const hash = hashOf(small, list);
          expect(memory.words[at.TRACE_LAPS]).toBe(Math.max(0, Math.ceil(list.length / capacity) - 1));
          expect(hashOf(real, list)).toBe(hash);
        }),
        { numRuns: 40 },
      );
    }
  });
});

describe('keptTraceEntries', () => {
  it('gives back all, or the first and the last operations, however often the ring went round', async () => {
    for (const capacity of [1, 3, 8, at.traceCapacity]) {
      const trace = capacity === at.traceCapacity ? real : await withCapacity(capacity);
      fc.assert(
        fc.property(entries, fc.nat({ max: 12 }), fc.nat({ max: 30 }), (list, head, tail) => {
          begin();
          for (const entry of list) append(trace, entry);
          const kept = trace.keptTraceEntries(memory, head, tail);
          const whole = list.length <= Math.min(head + tail, capacity);
          const headCount = whole ? 0 : Math.min(head, capacity);
          const tailCount = Math.min(list.length, head + tail, headCount + capacity) - headCount;
          expect(kept).toEqual([...list.slice(0, headCount), ...list.slice(list.length - tailCount)]);
        }),
        { numRuns: 60 },
      );
    }
  });
});

describe('lastTraceEntries', () => {
  it('gives back the last operations as they were appended, across the wrap of the ring', async () => {
    for (const capacity of [1, 3, 8, at.traceCapacity]) {
      const trace = capacity === at.traceCapacity ? real : await withCapacity(capacity);
      fc.assert(
        fc.property(entries, fc.nat({ max: 50 }), (list, limit) => {
          begin();
          for (const entry of list) append(trace, entry);
          const count = Math.min(limit, capacity, list.length);
          expect(trace.lastTraceEntries(memory, limit)).toEqual(count === 0 ? [] : list.slice(-count));
        }),
        { numRuns: 60 },
      );
    }
  });

  it('knows nothing of the execution before', () => {
    append(real, { agent: 1, turnReason: 0, operation: 1, site: 1, resource: 1, offset: 1, step: 1, value: 1 });
    begin();
    expect(lastTraceEntries(memory, 10)).toEqual([]);
  });

  it('the reason of a turn goes to the first operation of that turn alone', () => {
    const entry = { agent: 1, operation: 1, site: 1, resource: 1, offset: 1, step: 1, value: 1 };
    append(real, { ...entry, turnReason: 2 });
    appendToTrace(memory, siteHashes, 1, 1, 1, 1, 1, 1);
    expect(lastTraceEntries(memory, 2).map(({ turnReason }) => turnReason)).toEqual([2, 0]);
  });
});
