import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createShadowAtomics } from './shadow-atomics.js';
import { recordingPoints } from './testing/recording-points.js';

type Method = (...args: unknown[]) => unknown;

const constructors = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** Two equal ones: one for the real Atomics, one for the shadow. */
const buffers: Readonly<Record<string, () => ArrayBufferLike>> = {
  shared: () => new SharedArrayBuffer(32),
  growable: () => new SharedArrayBuffer(32, { maxByteLength: 64 }),
  unshared: () => new ArrayBuffer(32),
  resizable: () => new ArrayBuffer(32, { maxByteLength: 64 }),
};

function outcomeOf(body: () => unknown): { result?: unknown; error?: string } {
  try {
    const result = body();
    return { result: Object.is(result, -0) ? '-0' : result };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** An object whose conversion is logged in `log`, and may fail. */
const conversion = fc.record({
  $convertsTo: fc.oneof(fc.integer({ min: -2, max: 9 }), fc.bigInt({ min: -2n, max: 9n }), fc.constant('throw')),
});

const index = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 3 }) },
  fc.constantFrom<unknown>(
    -1,
    4,
    40,
    1.7,
    -0,
    -0.5,
    NaN,
    Infinity,
    '1',
    '',
    'x',
    null,
    undefined,
    true,
    2n,
    Symbol.iterator,
    2 ** 53,
    {},
    [2],
  ),
  conversion,
);
const operand = fc.oneof(
  fc.integer(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.constantFrom<unknown>(
    0,
    -0,
    1.9,
    NaN,
    -Infinity,
    2 ** 40,
    300,
    '5',
    'x',
    null,
    undefined,
    true,
    false,
    Symbol.iterator,
    [],
    0n,
    2n ** 63n,
  ),
  conversion,
);

interface Call {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Real waiting would block; the points that replace it have their own tests. */
const nonWaiting = Reflect.ownKeys(Atomics).filter(
  (key): key is string => typeof key === 'string' && !['wait', 'waitAsync', 'notify', 'pause'].includes(key),
);

const calls = fc.array(
  fc.record<Call>({
    method: fc.constantFrom(...nonWaiting),
    args: fc.oneof(
      { weight: 8, arbitrary: fc.tuple(index, operand, operand) },
      fc.tuple(index),
      fc.tuple(),
      fc.tuple(index, operand),
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

function materialize(argument: unknown, log: unknown[], grow: () => void): unknown {
  if (typeof argument !== 'object' || argument === null || !('$convertsTo' in argument)) return argument;
  const value = argument.$convertsTo;
  return {
    [Symbol.toPrimitive]: (hint: string) => {
      log.push([hint, String(value)]);
      grow();
      if (value === 'throw') throw new Error('conversion failed');
      return value;
    },
  };
}

describe('the shadow does what Atomics does', () => {
  test.each(
    Object.entries(buffers).flatMap(([kind, make]) =>
      constructors.map((Constructor) => ({ kind, make, Constructor, name: Constructor.name })),
    ),
  )('$name over $kind memory', ({ make, Constructor }) => {
    fc.assert(
      fc.property(calls, fc.boolean(), fc.boolean(), (sequence, live, grows) => {
        const points = recordingPoints();
        points.live = live;
        const shadow = createShadowAtomics(points);
        const sides = [Atomics, shadow].map((atomics) => {
          const buffer = make();
          const view = Reflect.construct(Constructor, [buffer]) as NodeJS.TypedArray;
          const log: unknown[] = [];
          const grow = (): void => {
            if (grows && buffer instanceof SharedArrayBuffer && buffer.growable) buffer.grow(64);
          };
          const outcomes = sequence.map(({ method, args }) => {
            const converted = args.map((argument) => materialize(argument, log, grow));
            return outcomeOf(() =>
              (Reflect.get(atomics, method) as Method)(...(method === 'isLockFree' ? converted : [view, ...converted])),
            );
          });
          return { outcomes, log, memory: [...new Uint8Array(buffer as ArrayBuffer)] };
        });
        expect(sides[1]).toEqual(sides[0]);
        expect(points.operations).toHaveLength(points.points);
      }),
      { numRuns: 300 },
    );
  });

  test('on things that are no typed arrays', () => {
    const shadow = createShadowAtomics(recordingPoints());
    const wrong: unknown[] = [
      undefined,
      null,
      1,
      'x',
      {},
      [],
      [1],
      new DataView(new SharedArrayBuffer(8)),
      new SharedArrayBuffer(8),
      Symbol.iterator,
    ];
    for (const key of Reflect.ownKeys(Atomics)) {
      if (typeof key !== 'string' || key === 'pause') continue;
      for (const value of wrong) {
        expect(
          outcomeOf(() => (Reflect.get(shadow, key) as Method)(value, 0, 0, 0)),
          key,
        ).toEqual(outcomeOf(() => (Reflect.get(Atomics, key) as Method)(value, 0, 0, 0)));
      }
    }
  });

  test('wait, waitAsync and notify refuse what the real ones refuse, after the same conversions', () => {
    const points = recordingPoints();
    const shadow = createShadowAtomics(points);
    const views = [
      () => new Int32Array(new SharedArrayBuffer(8)),
      () => new BigInt64Array(new SharedArrayBuffer(16)),
      () => new Int32Array(8),
      () => new BigInt64Array(2),
      () => new Uint32Array(new SharedArrayBuffer(8)),
      () => new Int16Array(new SharedArrayBuffer(8)),
      () => new Float64Array(new SharedArrayBuffer(8)),
    ];
    for (const make of views) {
      for (const method of ['wait', 'waitAsync', 'notify']) {
        // The value never matches, so the real one does not block; only what both reject can be compared.
        for (const at of [0, 1, -1, 2, 9, '1', 'x', null, Symbol.iterator, 1n, 0.5]) {
          for (const value of [7, 7n, 'x', Symbol.iterator, undefined]) {
            for (const timeout of [0, Symbol.iterator, 1n]) {
              const [real, shadowed] = [Atomics, shadow].map((atomics) => {
                const log: unknown[] = [];
                const noted = (name: string, inner: unknown): unknown => ({
                  [Symbol.toPrimitive]: () => (log.push(name), inner),
                });
                const { error } = outcomeOf(() =>
                  (Reflect.get(atomics, method) as Method)(
                    make(),
                    noted('index', at),
                    noted('value', value),
                    noted('timeout', timeout),
                  ),
                );
                return { error, log };
              });
              expect(shadowed).toEqual(real);
            }
          }
        }
      }
    }
  });

  test('keys, descriptors, names, lengths and tag are those of Atomics', () => {
    const shadow = createShadowAtomics(recordingPoints());
    expect(Reflect.ownKeys(shadow)).toEqual(Reflect.ownKeys(Atomics));
    expect(Object.prototype.toString.call(shadow)).toBe('[object Atomics]');
    expect(Object.getPrototypeOf(shadow)).toBe(Object.prototype);
    for (const key of Reflect.ownKeys(Atomics)) {
      const real = Object.getOwnPropertyDescriptor(Atomics, key);
      const mine = Object.getOwnPropertyDescriptor(shadow, key);
      expect({ ...mine, value: 0 }).toEqual({ ...real, value: 0 });
      if (typeof real?.value !== 'function') continue;
      const [realMethod, method] = [real.value as Method, mine?.value as Method];
      expect([method.name, method.length, Object.keys(Object.getOwnPropertyDescriptors(method))]).toEqual([
        realMethod.name,
        realMethod.length,
        Object.keys(Object.getOwnPropertyDescriptors(realMethod)),
      ]);
      expect(() => void Reflect.construct(method, [])).toThrow(TypeError);
    }
  });
});

describe('what is reported', () => {
  const shared = (): Int32Array => new Int32Array(new SharedArrayBuffer(16));

  test('each operation once, with the site it was called at, what was there and whether memory changed', () => {
    const points = recordingPoints();
    const atomics = createShadowAtomics(points);
    const view = shared();
    const at = (site: number): void => {
      points.site = site;
    };
    at(1);
    atomics.store(view, 1, 5);
    at(2);
    atomics.load(view, 1);
    at(3);
    atomics.add(view, 1, 2);
    at(4);
    atomics.add(view, 1, 0);
    at(5);
    atomics.sub(view, 1, 1);
    at(6);
    atomics.and(view, 1, 6);
    at(7);
    atomics.or(view, 1, 1);
    at(8);
    atomics.xor(view, 1, 1);
    at(9);
    atomics.exchange(view, 1, 9);
    at(10);
    atomics.compareExchange(view, 1, 8, 3);
    at(11);
    atomics.compareExchange(view, 1, 9, 3);
    at(12);
    atomics.store(view, 1, 3);
    expect(
      points.operations.map(({ operation, site, byteOffset, value, changed }) => [
        operation,
        site,
        byteOffset,
        value,
        changed,
      ]),
    ).toEqual([
      ['Atomics.store', 1, 4, 5, true],
      ['Atomics.load', 2, 4, 5, false],
      ['Atomics.add', 3, 4, 5, true],
      ['Atomics.add', 4, 4, 7, false],
      ['Atomics.sub', 5, 4, 7, true],
      ['Atomics.and', 6, 4, 6, false],
      ['Atomics.or', 7, 4, 6, true],
      ['Atomics.xor', 8, 4, 7, true],
      ['Atomics.exchange', 9, 4, 6, true],
      ['Atomics.compareExchange', 10, 4, 9, false],
      ['Atomics.compareExchange', 11, 4, 9, true],
      ['Atomics.store', 12, 4, 3, false],
    ]);
    expect(points.points).toBe(12);
  });

  test('the operation happens after its point: what others write there is seen', () => {
    const points = recordingPoints();
    const atomics = createShadowAtomics(points);
    const view = shared();
    points.atPoint = () => Atomics.add(view, 0, 10);
    expect(atomics.load(view, 0)).toBe(10);
    expect(atomics.add(view, 0, 1)).toBe(20);
    expect(atomics.compareExchange(view, 0, 31, 1)).toBe(31);
    expect(points.operations.map(({ value }) => value)).toEqual([10, 20, 31]);
  });

  test('wait, waitAsync and notify get their arguments converted', () => {
    const points = recordingPoints();
    const atomics = createShadowAtomics(points) as unknown as Record<string, Method>;
    const view = shared();
    const wide = new BigInt64Array(new SharedArrayBuffer(16));
    expect(atomics['wait']?.(view, '1', 2 ** 32 + 5)).toBe('timed-out');
    atomics['wait']?.(wide, 1, 2n ** 64n - 1n, -5);
    atomics['wait']?.(view, 0, 0, NaN);
    expect(atomics['waitAsync']?.(view, 0.9, 1, '7')).toEqual({ async: false, value: 'timed-out' });
    expect(atomics['notify']?.(view, 1)).toBe(0);
    atomics['notify']?.(view, 1, undefined);
    atomics['notify']?.(view, 1, 2.5);
    atomics['notify']?.(view, 1, -1);
    atomics['notify']?.(wide, 1, null);
    atomics['notify']?.(view, 1, Infinity);
    expect(points.waits).toEqual([
      ['wait', 1, 5, Infinity],
      ['wait', 1, -1n, 0],
      ['wait', 0, 0, Infinity],
      ['waitAsync', 0, 1, 7],
      ['notify', 1, Infinity],
      ['notify', 1, Infinity],
      ['notify', 1, 2],
      ['notify', 1, 0],
      ['notify', 1, 0],
      ['notify', 1, Infinity],
    ]);
  });

  test('nothing while not live, nothing on memory of one agent alone', () => {
    const points = recordingPoints();
    const atomics = createShadowAtomics(points);
    atomics.add(new Int32Array(4), 0, 1);
    points.live = false;
    atomics.add(shared(), 0, 1);
    expect(atomics.wait(shared(), 0, 1, 0)).toBe('not-equal');
    expect(atomics.notify(shared(), 0)).toBe(0);
    expect([points.points, points.operations, points.waits]).toEqual([0, [], []]);
  });
});
