import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createShadowAtomics } from './shadow-atomics.js';
import { installViewShadows } from './shadow-views.js';
import { recordingPoints } from './testing/recording-points.js';
import { seenOf, type Log } from './testing/seen.js';

type AnyFunction = (...args: unknown[]) => unknown;

/** Calls of everything that converts arguments, on views of a buffer that grows during a conversion. */
const growing = [
  'at',
  'copyWithin',
  'fill',
  'includes',
  'indexOf',
  'join',
  'lastIndexOf',
  'set',
  'slice',
  'subarray',
  'with',
];
const dataViewMethods = ['getInt8', 'getInt32', 'getFloat64', 'setInt8', 'setInt32', 'setFloat64'];
const atomicMethods = ['add', 'compareExchange', 'exchange', 'load', 'store', 'notify'];

test('buffers that grow while arguments are converted', () => {
  const points = recordingPoints();
  points.live = false;
  const restore = installViewShadows(points);
  const argument = fc.oneof(
    fc.integer({ min: -3, max: 9 }),
    fc.record({ grow: fc.constantFrom(8, 16, 24), value: fc.integer({ min: -2, max: 7 }) }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...growing, ...dataViewMethods, ...atomicMethods),
      fc.boolean(),
      fc.array(argument, { maxLength: 3 }),
      (name, tracks, args) => {
        const body =
          (atomics: typeof Atomics) =>
          (log: Log): unknown => {
            const buffer = new SharedArrayBuffer(8, { maxByteLength: 24 });
            const bytes = tracks ? new Int32Array(buffer) : new Int32Array(buffer, 0, 2);
            bytes.set([1, 2]);
            const values = args.map((arg) =>
              typeof arg === 'number'
                ? arg
                : {
                    valueOf: () => {
                      log(arg.grow);
                      if (arg.grow > buffer.byteLength) buffer.grow(arg.grow);
                      return arg.value;
                    },
                  },
            );
            if (atomicMethods.includes(name))
              return Reflect.apply(Reflect.get(atomics, name) as AnyFunction, atomics, [bytes, ...values]);
            const view = dataViewMethods.includes(name) ? new DataView(buffer, 0, tracks ? undefined : 8) : bytes;
            const call = Reflect.get(view, name) as AnyFunction;
            const result = Reflect.apply(call, view, name === 'set' ? [[7], ...values] : values);
            log([...bytes]);
            return result;
          };
        points.live = true;
        const shadowed = seenOf(body(createShadowAtomics(points)));
        points.live = false;
        expect(shadowed).toEqual(seenOf(body(Atomics)));
      },
    ),
    { numRuns: 2_000 },
  );
  restore();
});
