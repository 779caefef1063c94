import { BlockList } from 'node:net';
import { createSecretKey } from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePayload, encodePayload, UncloneablePayload } from './payload.js';

describe('encodePayload and decodePayload', () => {
  it('make the same of a value as structured cloning does', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        (value) => {
          expect(decodePayload(encodePayload(value))).toStrictEqual(structuredClone(value));
        },
      ),
    );
  });

  it('carry undefined, cycles, errors and equal references', () => {
    expect(decodePayload(encodePayload(undefined))).toBeUndefined();
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const copy = decodePayload(encodePayload(circle)) as typeof circle;
    expect(copy.self).toBe(copy);
    const error = decodePayload(encodePayload(new RangeError('too far', { cause: 1 })));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: 'too far', cause: 1 });
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['something within', { deep: [new Map([[1, { callback: () => 1 }]])] }],
    ['a promise', Promise.resolve(1)],
    ['a WeakMap', new WeakMap()],
    ['a proxy', new Proxy({}, {})],
    ['shared memory', new SharedArrayBuffer(4)],
    ['a view of shared memory', { words: new Int32Array(new SharedArrayBuffer(4)) }],
    ['a port', new MessageChannel().port1],
    ['a Blob', new Blob(['a'])],
    ['a File within', [new Set([{ file: new File(['a'], 'a') }])]],
    ['a stream', new Map([[1, new ReadableStream()]])],
    ['a list of addresses', new BlockList()],
    ['a key', createSecretKey(Buffer.from('secret'))],
  ])('refuse %s', (_, value) => {
    expect(() => encodePayload(value)).toThrow(UncloneablePayload);
    expect(() => encodePayload(value)).toThrow(/^The payload cannot be sent to another agent: .*could not be cloned/);
  });

  it('say why, if the value itself throws', () => {
    const cause = new Error('not today');
    const value = {
      get price(): number {
        throw cause;
      },
    };
    expect(() => encodePayload(value)).toThrow('The payload cannot be sent to another agent: not today');
    expect(() => encodePayload(value)).toThrow(expect.objectContaining({ cause }));
  });

  it('bring a whole buffer along with a view, and no more with a copy of the view', () => {
    const view = new Uint8Array(1_000).subarray(0, 3);
    expect(encodePayload(view).length).toBeGreaterThan(1_000);
    expect(encodePayload(new Uint8Array(view)).length).toBeLessThan(50);
  });

  it('give copies: neither the bytes nor what was encoded is shared with what was decoded', () => {
    const value = new Uint8Array([1, 2, 3]);
    const bytes = encodePayload(value);
    const decoded = decodePayload(bytes);
    bytes.fill(0);
    value.fill(9);
    expect(decoded).toEqual(new Uint8Array([1, 2, 3]));
  });

  it('decode bytes wherever they lie in their buffer', () => {
    const bytes = encodePayload([1.5, 'a', 2n]);
    for (const offset of [0, 1, 7]) {
      const room = new Uint8Array(bytes.length + 8);
      room.set(bytes, offset);
      expect(decodePayload(room.subarray(offset, offset + bytes.length))).toEqual([1.5, 'a', 2n]);
    }
  });

  it('refuse bytes that are in shared memory, or were not made by them', () => {
    const bytes = encodePayload('a');
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    expect(() => decodePayload(shared)).toThrow(TypeError);
    expect(() => decodePayload(Uint8Array.of(1, 2, 3))).toThrow('Unable to deserialize cloned data');
    const whole = encodePayload({ key: 'value' });
    expect(() => decodePayload(whole.subarray(0, whole.length - 3))).toThrow('Unable to deserialize cloned data');
  });
});
