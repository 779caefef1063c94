import fc from 'fast-check';
import { expect, it } from 'vitest';
import { moveMarks, numberSites, siteMark } from './site-marks.js';

it('numbers take the place of their marks, in order from the first, and move nothing', () => {
  const pieces = fc.array(fc.tuple(fc.string(), fc.integer({ min: 0, max: 999_999 })), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 1_000_000_000 }), (parts, first) => {
      // Programs cannot have such names: they are refused.
      const clean = parts.map(([text, index]) => [text.replaceAll('$tmS', ''), index] as const);
      const marked = clean.map(([text, index]) => `${text},${siteMark(index)},`).join('');
      const numbered = clean.map(([text, index]) => `${text},${String(first + index).padEnd(siteMark(index).length)},`);
      expect(numberSites(marked, first)).toBe(numbered.join(''));
      expect(numberSites(marked, first)).toHaveLength(marked.length);
    }),
  );
});

it('moved marks get the numbers that are as much higher', () => {
  const indices = fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(indices, fc.integer({ min: 0, max: 400_000 }), (marks, by) => {
      const marked = marks.map((index) => `a(${siteMark(index)});`).join('');
      expect(numberSites(moveMarks(marked, by), 1)).toBe(numberSites(marked, 1 + by));
    }),
  );
});
