import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceLimits, lineDifference } from './line-difference.js';

const texts = fc.array(fc.constantFrom('a', 'b', 'c', ' d'), { maxLength: 40 });
const sides = (lines: ReturnType<typeof lineDifference>, wanted: readonly string[]): string[] =>
  lines.filter(({ side }) => wanted.includes(side)).map(({ text }) => text);

describe('lineDifference', () => {
  it('gives both texts back, but for what they share away from a difference', () => {
    fc.assert(
      fc.property(texts, texts, (expected, found) => {
        const lines = lineDifference(expected.join('\n'), found.join('\n'));
        fc.pre(lines.length < differenceLimits.lines);
        for (const [side, whole] of [
          ['expected', expected.length === 0 ? [''] : expected],
          ['found', found.length === 0 ? [''] : found],
        ] as const) {
          const rebuilt: string[] = [];
          for (const line of lines) {
            if (line.side === side || line.side === 'both') rebuilt.push(line.text);
            const missing = line.side === 'omitted' ? parseInt(line.text) : 0;
            rebuilt.push(...whole.slice(rebuilt.length, rebuilt.length + missing));
          }
          expect(rebuilt).toEqual(whole);
        }
        const changed = [...sides(lines, ['expected']), ...sides(lines, ['found'])];
        expect(changed.length > 0).toBe(expected.join('\n') !== found.join('\n'));
      }),
    );
  });

  it('is never longer than its limits, whatever it is given', () => {
    const line = fc.string({ maxLength: 400 });
    const long = fc.array(fc.oneof(fc.constantFrom('same', 'other'), line), { maxLength: 200, size: 'max' });
    fc.assert(
      fc.property(long, long, (expected, found) => {
        const lines = lineDifference(expected.join('\n'), found.join('\n'));
        expect(lines.length).toBeLessThanOrEqual(differenceLimits.lines);
        for (const { text } of lines) expect(text.length).toBeLessThanOrEqual(differenceLimits.lineLength + 1);
      }),
    );
  });

  it('shows the beginnings of both texts where one has replaced the other', () => {
    const many = (word: string): string => Array.from({ length: 2_000 }, (_, line) => `${word} ${line}`).join('\n');
    const lines = lineDifference(many('old'), many('new'));
    expect(lines[0]).toEqual({ side: 'expected', text: 'old 0' });
    expect(lines.find(({ side }) => side === 'found')).toEqual({ side: 'found', text: 'new 0' });
    expect(lines.at(-1)).toEqual({ side: 'omitted', text: '1971 lines' });
  });
});
