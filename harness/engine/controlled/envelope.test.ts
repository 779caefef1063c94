import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Kernel } from '../../kernel/kernel.js';
import { memory, plainSchedule, PlayedTurnstile, wideLimits } from '../../kernel/testing/agents.js';
import { BufferNumbers } from './buffer-numbers.js';
import { learnBuffers, seal, sharedBuffersIn } from './envelope.js';

/** A value that structured cloning accepts, with the shared buffers in it. */
interface Built {
  readonly value: unknown;
  readonly buffers: readonly object[];
}

const leaf: fc.Arbitrary<Built> = fc.oneof(
  fc
    .constantFrom<unknown>(1, 'text', null, undefined, new Date(0), new Int8Array(4), new ArrayBuffer(8), 5n)
    .map((value) => ({
      value,
      buffers: [],
    })),
  fc.nat({ max: 3 }).map((kind): Built => {
    const buffer = new SharedArrayBuffer(16);
    return {
      value: [buffer, new Int32Array(buffer), new DataView(buffer, 4), new BigInt64Array(buffer, 8, 1)][kind],
      buffers: [buffer],
    };
  }),
);
const nested = (item: fc.Arbitrary<Built>): fc.Arbitrary<Built> =>
  fc.tuple(fc.array(item, { maxLength: 3 }), fc.nat({ max: 4 }), fc.boolean()).map(([items, kind, cyclic]) => {
    const values = items.map(({ value }) => value);
    const buffers = items.flatMap((built) => built.buffers);
    const containers: (() => unknown)[] = [
      () => [...values],
      () => Object.fromEntries(values.map((value, index) => [`key${index}`, value])),
      () => new Map(values.map((value, index) => [index, value])),
      () => new Map(values.map((value, index) => [value ?? index, index])),
      () => new Set(values),
    ];
    const value = containers[kind]!();
    if (cyclic && Array.isArray(value)) value.push(value);
    return { value, buffers };
  });
const built = nested(fc.oneof(leaf, nested(fc.oneof(leaf, nested(leaf)))));

describe('sharedBuffersIn', () => {
  it('finds every shared buffer that structured cloning reaches, once each', () => {
    fc.assert(
      fc.property(built, ({ value, buffers }) => {
        const found = sharedBuffersIn(value);
        expect(new Set(found)).toEqual(new Set(buffers));
        expect(found).toHaveLength(new Set(buffers).size);
        expect(new Set(found).size).toBe(found.length);
        for (const buffer of buffers) expect(found.includes(buffer)).toBe(true);
      }),
    );
  });

  it('finds nothing where cloning does not look', () => {
    const shared = new SharedArrayBuffer(4);
    const parent = { inherited: shared };
    const hidden = Object.defineProperty({ [Symbol('s')]: shared }, 'hidden', { value: shared, enumerable: false });
    expect(sharedBuffersIn([Object.create(parent), hidden, shared.byteLength])).toEqual([]);
  });

  it('gives up on messages without end, in words', () => {
    const many = Array.from({ length: 100_001 }, () => ({}));
    expect(() => sharedBuffersIn(many)).toThrow(/more than 100000 objects/);
  });
});

describe('envelopes', () => {
  it('teach the receiver the numbers of the sender', () => {
    const kernel = new Kernel(memory, 0, new PlayedTurnstile());
    kernel.begin(plainSchedule, 2, wideLimits);
    const [sender, receiver] = [new BufferNumbers(kernel), new BufferNumbers(kernel)];
    const first = new SharedArrayBuffer(4);
    const second = new SharedArrayBuffer(4);
    expect(receiver.of(new SharedArrayBuffer(4))).toBe(1);
    const sent = { first, second: new Int8Array(second) };
    const envelope = seal(1, sent, sender, [], []);
    // In another thread these would be other objects over the same memory.
    const arrived = structuredClone(sent);
    learnBuffers(arrived, envelope.bufferNumbers, receiver);
    expect(receiver.of(arrived.first)).toBe(sender.of(first));
    expect(receiver.of(arrived.second.buffer)).toBe(sender.of(second));
    expect(new Set(envelope.bufferNumbers).size).toBe(2);
    expect(envelope.bufferNumbers).not.toContain(1);
  });

  it('of plain values carry no buffers', () => {
    const numbers = new BufferNumbers(new Kernel(memory, 0, new PlayedTurnstile()));
    for (const value of [1, 'a', null, undefined, { a: [1] }])
      expect(seal(1, value, numbers, [], []).bufferNumbers).toEqual([]);
  });
});
