import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foundSample, planSample } from '../testing/doubles.js';
import { decodeFailure, encodeFailure, type EncodedFailure } from './found-failure.js';

const anyParams = fc.dictionary(
  fc.string(),
  fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true, withTypedArray: true }),
);

describe('a failure on its way from an explorer', () => {
  it('comes as it was sent through a line of JSON, whatever its parameters are', () => {
    fc.assert(
      fc.property(anyParams, (drawn) => {
        const params = structuredClone(drawn);
        const failure = foundSample('3:0', { plan: planSample({ params }), shrinkingEnded: 'timeLimit' });
        const line = JSON.stringify(encodeFailure(failure));
        expect(line).not.toContain('\n');
        expect(decodeFailure(JSON.parse(line) as EncodedFailure)).toEqual(failure);
      }),
    );
  });
});
