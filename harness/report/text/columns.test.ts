import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, fitColumns, oneLine, padColumns, printableLines } from './columns.js';

describe('displayWidth', () => {
  it.each([
    ['plain', 5],
    ['', 0],
    ['漢字', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['→', 1],
  ])('of %j is %i', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('fitColumns and padColumns', () => {
  const text = fc.string({ unit: 'grapheme' });

  it('never exceed the columns given', () => {
    fc.assert(fc.property(text, fc.nat(40), (value, columns) => displayWidth(fitColumns(value, columns)) <= columns));
  });

  it('leave a text alone that fits', () => {
    fc.assert(fc.property(text, (value) => fitColumns(value, displayWidth(value)) === value));
  });

  it('fill up to exactly the columns given', () => {
    fc.assert(
      fc.property(
        text,
        fc.nat(40),
        (value, columns) => displayWidth(padColumns(fitColumns(value, columns), columns)) === columns,
      ),
    );
  });
});

describe('foreign text', () => {
  it('cannot move the cursor, change colours or add lines', () => {
    expect(oneLine('a\u001b[2J\u001b[31mb\r\n\tc\u0007')).toBe(String.raw`a\u001b[2Jb c\u0007`);
    expect(printableLines('a\u001b[31m\nb\tc\u0007')).toEqual(['a', String.raw`b  c\u0007`]);
  });
});
