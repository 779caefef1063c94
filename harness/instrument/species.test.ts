import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installViewShadows } from './shadow-views.js';
import { recordingPoints, type RecordingPoints } from './testing/recording-points.js';
import { seenOf, type Log } from './testing/seen.js';

type AnyFunction = (...args: unknown[]) => unknown;

let points: RecordingPoints;
let restore: () => void;

beforeEach(() => {
  points = recordingPoints();
  points.live = false;
  restore = installViewShadows(points);
});
afterEach(() => restore());

/** The body does the same, with the same result, with and without the shadows. */
function expectSame(body: (log: Log) => unknown, name?: string): void {
  points.live = true;
  const shadowed = seenOf(body);
  points.live = false;
  expect(shadowed, name).toEqual(seenOf(body));
}

const shared = (): Int32Array => {
  const array = new Int32Array(new SharedArrayBuffer(16));
  array.set([4, 3, 2, 1]);
  return array;
};

class Sub extends Int32Array {}

/** An array over a resizable buffer that is now out of bounds. */
function outOfBounds(): Int32Array {
  const buffer = new ArrayBuffer(32, { maxByteLength: 64 });
  const array = new Int32Array(buffer, 0, 8);
  buffer.resize(4);
  return array;
}

function detached(): Int32Array {
  const array = new Int32Array(4);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** An object whose species is a constructor that returns what a function returns. */
function speciesOf(make: (length: number) => unknown): object {
  return {
    [Symbol.species]: function (length: number) {
      return make(length);
    },
  };
}

/** Values of `constructor`, made new for each use: some have effects. */
const constructors: Readonly<Record<string, (log: Log) => unknown>> = {
  'an object without a species': () => ({}),
  undefined: () => undefined,
  null: () => null,
  'a number': () => 5,
  'a species that is null': () => ({ [Symbol.species]: null }),
  'a species that is undefined': () => ({ [Symbol.species]: undefined }),
  'a species that is a number': () => ({ [Symbol.species]: 5 }),
  'a species that is an arrow': () => ({ [Symbol.species]: () => [] }),
  'a species that is a class': () => ({ [Symbol.species]: Sub }),
  'a species that is bound': () => ({ [Symbol.species]: Sub.bind(null) }),
  'a species that is a proxy': (log) => ({
    [Symbol.species]: new Proxy(Sub, {
      construct: (target, args, newTarget: AnyFunction) => {
        log(args);
        return Reflect.construct(target, args, newTarget) as object;
      },
      get: (target, key, receiver) => {
        log(key);
        return Reflect.get(target, key, receiver) as unknown;
      },
    }),
  }),
  'a function with a species': () => Object.assign(() => 1, { [Symbol.species]: Int16Array }),
  'a getter of the species': (log) => ({
    get [Symbol.species]() {
      log('species');
      return Float64Array;
    },
  }),
  'a getter of the species that throws': (log) => ({
    get [Symbol.species]() {
      log('species');
      throw new RangeError('no species');
    },
  }),
  'a species that makes objects': () => ({ [Symbol.species]: Map }),
  'a species that makes other numbers': () => ({ [Symbol.species]: BigInt64Array }),
  'a species that makes bytes': () => ({ [Symbol.species]: Uint8ClampedArray }),
  'a species that makes long arrays': () => speciesOf((length) => new Int32Array(length + 3)),
  'a species that makes short arrays': () => speciesOf((length) => new Int32Array(Math.max(length - 1, 0))),
  'a species that makes what is out of bounds': () => speciesOf(outOfBounds),
  'a species that makes what is detached': () => speciesOf(detached),
  'a species that throws': () =>
    speciesOf(() => {
      throw new SyntaxError('no');
    }),
};

const methods: Readonly<Record<string, readonly unknown[]>> = {
  slice: [1],
  map: [(x: number) => x + 1],
  filter: [(x: number) => x > 1],
  subarray: [1, 3],
};

describe.each(Object.keys(constructors))('arrays whose constructor is %s', (name) => {
  test.each(Object.keys(methods))('%s', (method) => {
    expectSame((log) => {
      const array = shared();
      const value = constructors[name]?.(log);
      Object.defineProperty(array, 'constructor', {
        get: () => {
          log('constructor');
          return value;
        },
      });
      const args = (methods[method] ?? []).map((arg) =>
        typeof arg === 'function'
          ? (...values: readonly unknown[]) => {
              log(values.slice(0, 2));
              return (arg as AnyFunction)(...values);
            }
          : arg,
      );
      return Reflect.apply(Reflect.get(array, method) as AnyFunction, array, args);
    });
  });
});

test('a constructor getter that throws', () => {
  for (const method of Object.keys(methods))
    expectSame(() => {
      const array = Object.defineProperty(shared(), 'constructor', {
        get: () => {
          throw new RangeError('no constructor');
        },
      });
      return Reflect.apply(Reflect.get(array, method) as AnyFunction, array, methods[method] ?? []);
    }, method);
});

test('what a species makes of shared memory is written element by element', () => {
  const array = shared();
  const target = shared();
  Object.defineProperty(array, 'constructor', { value: speciesOf(() => target) });
  points.live = true;
  const copy = array.slice(2);
  points.live = false;
  expect([...copy]).toEqual([2, 1, 2, 1]);
  expect(points.operations.map(({ operation, byteOffset }) => `${operation} ${byteOffset}`)).toEqual([
    'read 8',
    'write 0',
    'read 12',
    'write 4',
  ]);
});

test('a program that replaces the built-in constructors gets the built-in arrays still', () => {
  const real = globalThis.Int32Array;
  const array = shared();
  try {
    Object.assign(globalThis, { Int32Array: Map });
    Object.defineProperty(array, 'constructor', { value: undefined });
    for (const method of ['slice', 'toSorted', 'toReversed'] as const) expectSame(() => array[method](), method);
  } finally {
    Object.assign(globalThis, { Int32Array: real });
  }
});

const sources: Readonly<Record<string, () => unknown>> = {
  'out of bounds': outOfBounds,
  detached,
  'of a resizable buffer': () => new Int32Array(new ArrayBuffer(8, { maxByteLength: 16 })),
  'out of bounds, of BigInts': () => new BigInt64Array(outOfBounds().buffer, 0, 0),
  shared,
};

test.each(Object.keys(sources))('set from an array that is %s', (name) => {
  for (const offset of [undefined, 0, 1, 3, 99, -1, Infinity, NaN, '1']) {
    expectSame(() => {
      const array = shared();
      Reflect.apply(Reflect.get(array, 'set') as AnyFunction, array, [sources[name]?.(), offset]);
      return array;
    }, String(offset));
  }
});

test.each(Object.keys(sources))('set from shared memory on an array that is %s', (name) => {
  for (const offset of [undefined, 0, 1, 99, -1, Infinity]) {
    expectSame(() => {
      const array = sources[name]?.() as Int32Array;
      Reflect.apply(Reflect.get(array, 'set') as AnyFunction, array, [shared().subarray(2), offset]);
      return array;
    }, String(offset));
  }
});
