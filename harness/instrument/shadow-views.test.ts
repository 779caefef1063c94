import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installViewShadows } from './shadow-views.js';
import { recordingPoints, type RecordingPoints } from './testing/recording-points.js';

type Method = (...args: unknown[]) => unknown;
type View = NodeJS.TypedArray;

const typedArrayPrototype = Object.getPrototypeOf(Int32Array.prototype) as object;
const constructors = [
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

let points: RecordingPoints;
let restore: () => void;

beforeEach(() => {
  points = recordingPoints();
  points.live = false;
  restore = installViewShadows(points);
});
afterEach(() => restore());

/** The accesses, in the form `r3` (element 3 was read) and `w3`. */
function accesses(bytes: number): string[] {
  return points.operations.map(({ operation, byteOffset }) => `${operation.charAt(0)}${byteOffset / bytes}`);
}

function live<Result>(body: () => Result): Result {
  points.live = true;
  try {
    return body();
  } finally {
    points.live = false;
  }
}

function outcomeOf(body: () => unknown): unknown {
  try {
    const result = body();
    if (ArrayBuffer.isView(result))
      return { type: result.constructor.name, elements: Array.from(result as Int32Array, String) };
    if (typeof result === 'object' && result !== null && Symbol.iterator in result)
      return { tag: Object.prototype.toString.call(result), items: Array.from(result as Iterable<unknown>, String) };
    if (typeof result === 'function' || (typeof result === 'object' && result !== null)) return typeof result;
    return { value: Object.is(result, -0) ? '-0' : result };
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

const argumentValues = fc.oneof(
  fc.integer({ min: -6, max: 6 }),
  fc.bigInt({ min: -6n, max: 6n }),
  fc.constantFrom<unknown>(
    undefined,
    null,
    NaN,
    -0,
    1.5,
    '2',
    'x',
    Infinity,
    -Infinity,
    true,
    Symbol.iterator,
    {},
    300,
  ),
  fc.constantFrom<unknown>(
    '$true',
    '$odd',
    '$item',
    '$compare',
    '$throw',
    '$array',
    '$shared',
    '$unshared',
    '$same',
    '$logs',
    '$wide',
  ),
);

function argument(value: unknown, view: View, log: unknown[]): unknown {
  const noting =
    (body: (...args: unknown[]) => unknown): Method =>
    (...args) => {
      log.push(args.map((one) => (one === view ? 'view' : String(one))));
      return body(...args);
    };
  const big = String(view[0]).length > 0 && typeof view[0] === 'bigint';
  switch (value) {
    case '$true':
      return noting(() => true);
    case '$odd':
      return noting((item) => Number(item) % 2 === 1);
    case '$item':
      return noting((first) => first);
    case '$compare':
      return (first: unknown, second: unknown) => Number(second) - Number(first);
    case '$throw':
      return noting(() => {
        throw new Error('from the callback');
      });
    case '$array':
      return big ? [7n, 8n] : [7, 8.5];
    case '$shared':
      return Reflect.construct(view.constructor as typeof Int32Array, [new SharedArrayBuffer(16)]);
    case '$unshared':
      return big ? new BigInt64Array(2) : new Float64Array([1.5, 300]);
    case '$same':
      return view.subarray(1, 3);
    case '$wide':
      return new Array<number>(9).fill(1);
    case '$logs':
      return {
        length: 1,
        get 0() {
          log.push('get 0');
          return big ? 3n : 3;
        },
        [Symbol.toPrimitive]: () => (log.push('convert'), big ? 2n : 2),
      };
    default:
      return value;
  }
}

const methodNames = Reflect.ownKeys(typedArrayPrototype).filter(
  (key): key is string | symbol =>
    key !== 'constructor' && typeof Object.getOwnPropertyDescriptor(typedArrayPrototype, key)?.value === 'function',
);

describe('typed array methods do what they did', () => {
  test.each(constructors.map((Constructor) => ({ Constructor, name: Constructor.name })))(
    'on a shared $name',
    ({ Constructor, name }) => {
      fc.assert(
        fc.property(
          fc.constantFrom(...methodNames),
          fc.array(argumentValues, { maxLength: 3 }),
          fc.integer({ min: 0, max: 5 }),
          (method, args, length) => {
            const [bare, shadowed] = [false, true].map((isLive) => {
              const view = Reflect.construct(Constructor, [
                new SharedArrayBuffer(Constructor.BYTES_PER_ELEMENT * length),
              ]) as View & Record<number, unknown>;
              for (let index = 0; index < length; index++)
                view[index] = name.startsWith('Big') ? BigInt((index * 3) % 5) : (index * 3) % 5;
              const log: unknown[] = [];
              const values = args.map((value) => argument(value, view, log));
              const body = (): unknown => outcomeOf(() => (Reflect.get(view, method) as Method).apply(view, values));
              return { outcome: isLive ? live(body) : body(), log, memory: Array.from(view as Int32Array, String) };
            });
            expect(shadowed).toEqual(bare);
          },
        ),
        { numRuns: 2_000 },
      );
    },
  );

  test('names, lengths, descriptors and identities stay', () => {
    const installed = methodNames.map((key) => Object.getOwnPropertyDescriptor(typedArrayPrototype, key));
    restore();
    methodNames.forEach((key, index) => {
      const before = Object.getOwnPropertyDescriptor(typedArrayPrototype, key);
      const [real, mine] = [before?.value as Method, installed[index]?.value as Method];
      expect([mine.name, mine.length]).toEqual([real.name, real.length]);
      expect({ ...installed[index], value: 0 }).toEqual({ ...before, value: 0 });
      expect('prototype' in mine).toBe('prototype' in real);
    });
    restore = installViewShadows(points);
    expect(Reflect.get(typedArrayPrototype, Symbol.iterator)).toBe(Reflect.get(typedArrayPrototype, 'values'));
  });

  test('putting the originals back leaves nothing behind', () => {
    restore();
    const before = methodNames.map((key) => Reflect.get(typedArrayPrototype, key) as unknown);
    installViewShadows(points)();
    expect(methodNames.map((key) => Reflect.get(typedArrayPrototype, key) as unknown)).toEqual(before);
  });

  test('on receivers that are no typed arrays', () => {
    for (const key of methodNames) {
      const method = Reflect.get(typedArrayPrototype, key) as Method;
      const call = (): unknown => outcomeOf(() => Reflect.apply(method, [1, 2], [() => true]));
      expect(live(call), String(key)).toEqual(call());
    }
  });

  test('species', () => {
    class Mine extends Int32Array {}
    const view = new Mine(new SharedArrayBuffer(12) as unknown as ArrayBuffer);
    live(() => {
      expect(view.map((value) => value + 1)).toBeInstanceOf(Mine);
      expect(view.slice(1)).toBeInstanceOf(Mine);
      expect(view.filter(() => true)).toBeInstanceOf(Mine);
      expect(view.toReversed()).not.toBeInstanceOf(Mine);
    });
  });
});

describe('one point per element', () => {
  const cases: readonly [string, (view: Int32Array) => unknown, string][] = [
    ['fill', (view) => view.fill(9, 1, 3), 'w1 w2'],
    ['slice', (view) => view.slice(1, 3), 'r1 r2'],
    ['set from an array', (view) => view.set([8, 9], 1), 'w1 w2'],
    ['set from itself reads first', (view) => view.set(view.subarray(0, 2), 1), 'r0 r1 w1 w2'],
    ['copyWithin', (view) => view.copyWithin(0, 2), 'r2 w0 r3 w1'],
    ['copyWithin backwards', (view) => view.copyWithin(1, 0, 2), 'r1 w2 r0 w1'],
    ['reverse', (view) => view.reverse(), 'r0 r3 w0 w3 r1 r2 w1 w2'],
    ['sort', (view) => view.sort(), 'r0 r1 r2 r3 w0 w1 w2 w3'],
    ['toSorted', (view) => view.toSorted(), 'r0 r1 r2 r3'],
    ['indexOf stops where it finds', (view) => view.indexOf(2), 'r0 r1'],
    ['lastIndexOf', (view) => view.lastIndexOf(3), 'r3 r2'],
    ['includes', (view) => view.includes(1), 'r0'],
    ['join', (view) => view.join(), 'r0 r1 r2 r3'],
    ['toString', (view) => String(view), 'r0 r1 r2 r3'],
    ['at', (view) => view.at(-1), 'r3'],
    ['at, outside', (view) => view.at(4), ''],
    ['with', (view) => view.with(1, 5), 'r0 r2 r3'],
    ['find', (view) => view.find((value) => value === 2), 'r0 r1'],
    ['findLast', (view) => view.findLast((value) => value === 3), 'r3 r2'],
    ['reduce', (view) => view.reduce((sum, value) => sum + value), 'r0 r1 r2 r3'],
    ['reduceRight', (view) => view.reduceRight((sum, value) => sum + value, 0), 'r3 r2 r1 r0'],
    ['spread', (view) => [...view], 'r0 r1 r2 r3'],
    [
      'for-of, left early',
      (view) => {
        for (const value of view) if (value === 2) break;
      },
      'r0 r1',
    ],
    [
      'destructuring',
      (view) => {
        const [first, , third] = view;
        return [first, third];
      },
      'r0 r1 r2',
    ],
    ['entries', (view) => [...view.entries()], 'r0 r1 r2 r3'],
    ['keys', (view) => [...view.keys()], ''],
    ['subarray', (view) => view.subarray(1), ''],
    ['Array.from', (view) => Array.from(view), 'r0 r1 r2 r3'],
    ['Int32Array.from', (view) => Int32Array.from(view), 'r0 r1 r2 r3'],
    ['forEach', (view) => view.forEach(() => undefined), 'r0 r1 r2 r3'],
    ['some', (view) => view.some((value) => value === 2), 'r0 r1'],
    ['every', (view) => view.every((value) => value < 2), 'r0 r1'],
    ['map', (view) => view.map((value) => value), 'r0 r1 r2 r3'],
    ['filter', (view) => view.filter((value) => value > 2), 'r0 r1 r2 r3'],
  ];

  test.each(cases)('%s', (_name, body, expected) => {
    const view = new Int32Array(new SharedArrayBuffer(16));
    view.set([1, 2, 3, 4]);
    points.site = 42;
    live(() => body(view));
    expect(accesses(4).join(' ')).toBe(expected);
    expect(points.operations.every(({ site }) => site === 42)).toBe(true);
    expect(points.points).toBe(points.operations.length);
  });

  test('a bulk write can be torn, and the iteration sees what others write', () => {
    const view = new Int32Array(new SharedArrayBuffer(16));
    const seen: number[] = [];
    let writes = 0;
    points.atPoint = () => {
      if (++writes === 3) seen.push(...Array.from({ length: 4 }, (_, index) => view[index] ?? -1));
    };
    live(() => view.fill(7));
    expect(seen).toEqual([7, 7, 0, 0]);
  });

  test('unshared arrays, and all arrays while not live, are left alone', () => {
    const shared = new Int32Array(new SharedArrayBuffer(16));
    for (const [, body] of cases) body(shared);
    for (const [, body] of cases) live(() => body(new Int32Array([1, 2, 3, 4])));
    expect(points.points).toBe(0);
  });

  test('an iterator that is still used when the array has grown', () => {
    const buffer = new SharedArrayBuffer(4, { maxByteLength: 8 });
    const view = new Int32Array(buffer);
    live(() => {
      const iterator = view[Symbol.iterator]();
      iterator.next();
      buffer.grow(8);
      expect(iterator.next()).toEqual({ value: 0, done: false });
      expect(iterator.next()).toEqual({ value: undefined, done: true });
    });
  });
});

describe('DataView', () => {
  const accessors = Object.getOwnPropertyNames(DataView.prototype).filter((name) => /^[gs]et/.test(name));
  const offset = fc.oneof(
    fc.integer({ min: -2, max: 18 }),
    fc.constantFrom<unknown>(undefined, null, '3', 'x', 1.5, NaN, Infinity, -0.5, 3n, Symbol.iterator, '$logs'),
  );

  test('accessors do what they did', () => {
    expect(accessors.length).toBeGreaterThanOrEqual(20);
    fc.assert(
      fc.property(
        fc.constantFrom(...accessors),
        fc.boolean(),
        offset,
        argumentValues,
        fc.constantFrom<unknown>(true, false, undefined, 1, ''),
        (name, isShared, at, value, littleEndian) => {
          const [bare, shadowed] = [false, true].map((isLive) => {
            const buffer = isShared ? new SharedArrayBuffer(16) : new ArrayBuffer(16);
            const bytes = new Uint8Array(buffer as ArrayBuffer);
            bytes.forEach((_, index) => (bytes[index] = index * 16 + 1));
            const log: unknown[] = [];
            const view = new DataView(buffer as ArrayBuffer);
            const noted = (what: string, inner: unknown): unknown => ({
              [Symbol.toPrimitive]: () => (log.push(what), inner),
            });
            const args = [
              at === '$logs' ? noted('offset', 2) : at,
              noted('value', typeof value === 'string' ? 5 : value),
              littleEndian,
            ];
            if (name.startsWith('get')) args.splice(1, 1);
            const body = (): unknown => outcomeOf(() => (Reflect.get(view, name) as Method).apply(view, args));
            return { outcome: isLive ? live(body) : body(), log, memory: Array.from(bytes) };
          });
          expect(shadowed).toEqual(bare);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('one point per access, with its place and value', () => {
    const view = new DataView(new SharedArrayBuffer(16), 4);
    points.site = 7;
    live(() => {
      view.setInt32(4, 258, true);
      view.setInt32(4, 258, true);
      view.getUint8(5);
      view.getBigInt64(4);
      expect(() => view.getInt32(10)).toThrow(RangeError);
    });
    expect(points.operations).toEqual([
      { operation: 'write', site: 7, byteOffset: 4, value: 258, changed: true },
      { operation: 'write', site: 7, byteOffset: 4, value: 258, changed: false },
      { operation: 'read', site: 7, byteOffset: 5, value: 1, changed: false },
      { operation: 'read', site: 7, byteOffset: 4, value: 0x0201000000000000n, changed: false },
    ]);
  });
});
