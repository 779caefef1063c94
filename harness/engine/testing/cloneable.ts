import fc from 'fast-check';

/** Everything that structured cloning accepts, as programs use it. */
export const cloneable = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    withBoxedValues: true,
    stringUnit: 'grapheme',
  }),
  fc.jsonValue(),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(undefined, null, true, false, 0, -0, NaN, Infinity, '', '\uD800', [undefined], [-0], {
    a: undefined,
  }),
  fc.constant(Object.fromEntries([['__proto__', 1]])),
  fc.sparseArray(fc.integer()),
);
