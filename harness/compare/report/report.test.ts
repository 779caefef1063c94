import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { streamOutput, textOutput } from '../../report/text/output.js';
import { actingCharacters, actingWithin, hostileText, hostileValue } from '../../report/testing/hostile.js';
import { displayWidth } from '../../report/text/columns.js';
import { comparisonSchema } from '../../results/comparison-schema.js';
import { comparisonSample } from '../testing/samples.js';
import { comparisonMarkdown } from './markdown.js';
import { formatDelayMs, formatMicroseconds, formatMiB, formatRate, formatSpread } from './numbers.js';
import { renderComparisonPage } from './page.js';
import { createCompareProgress } from './progress.js';
import { writeComparisonTable } from './table.js';

function tableOf(comparison = comparisonSample(), widthColumns?: number): string {
  const output = textOutput(widthColumns);
  writeComparisonTable(comparison, output);
  return output.text();
}

describe('the table of a comparison', () => {
  it('has verdicts first, and sets apart what broke', () => {
    const text = tableOf();
    const places = ['These hold', '✓ lock-pair', '1     lock-pair', 'These held here', 'These broke', '✗ unsync'].map(
      (part) => text.indexOf(part),
    );
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((first, second) => first - second));
    expect(text).toMatch(/controlled: violation \(count\) after 11 executions: count does not hold\s+at the end/);
    expect(text).toContain('stress: violation in 5 of 6 rounds');
    expect(text).toMatch(/^– {5}unsynchronised:published +4\.00M ±5%/m);
  });

  it.each([60, 80, 100, 200])('fits a terminal of %i columns, and never takes more than 100', (columns) => {
    for (const line of tableOf(comparisonSample(), columns).split('\n'))
      expect(displayWidth(line)).toBeLessThanOrEqual(Math.min(columns, 100));
  });

  it('has colours only where they are wanted', () => {
    const paint = (environment: NodeJS.ProcessEnv): string => {
      let text = '';
      const stream = { isTTY: true, columns: 100, write: (part: string) => (text += part) };
      writeComparisonTable(comparisonSample(), streamOutput(stream, environment));
      return text;
    };
    expect(paint({})).toContain('\u001b[31m');
    expect(paint({ NO_COLOR: '1' })).toBe(tableOf());
  });

  it('says that it was interrupted, and what it noted', () => {
    const text = tableOf(comparisonSample({ interrupted: true, notes: ['actor: given up\u001b[2J after 2'] }));
    expect(text).toContain('interrupted after 2 min 3 s; seed 42');
    expect(text).toContain('note actor: given up\\u001b[2J after 2');
  });

  it('shares ranks among those that tie', () => {
    const [first, second, ...others] = comparisonSample().bridges;
    const rank = { rank: 1, tiedWith: [] };
    const tie = [first!, second!].map((bridge) => ({ ...bridge, ranks: { ...bridge.ranks, throughput: rank } }));
    const text = tableOf(comparisonSample({ bridges: [...tie, ...others] }));
    expect(text).toMatch(/^1= {4}lock-pair/m);
    expect(text).toMatch(/^1= {4}dual-queue /m);
  });
});

describe('a comparison as Markdown', () => {
  it('has a table for each standing, each row with as many cells as its head', () => {
    const text = comparisonMarkdown(comparisonSample());
    expect(text.match(/^## .*/gm)).toEqual([
      '## These hold',
      '## These held here, and have known faults',
      '## These broke: do not choose them, however fast they are',
      '## What each promises',
    ]);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    expect(new Set(rows.map((row) => row.split(/(?<!\\)\|/).length))).toEqual(new Set([6, 9, 11]));
  });
});

describe('a comparison as a page', () => {
  it('says what there is to say without any script, and loads nothing', async () => {
    const text = await renderComparisonPage(comparisonSample());
    const body = text.slice(text.indexOf('<main>'), text.indexOf('</main>'));
    expect(body).toContain('✗ broke');
    expect(body.indexOf('These hold')).toBeLessThan(body.indexOf('These broke'));
    expect(body).toContain('count does not hold at the end');
    for (const [, id] of body.matchAll(/<canvas id="([^"]+)"/g)) expect(text).toContain(`"${id ?? ''}"`);
    expect(text).not.toMatch(/(?:src|href)="?https?:/);
    // A bridge that broke does not set the scale of the others, unless it is switched on.
    expect(body).toContain('data-bridge="lock-pair" checked');
    expect(body).toContain('data-bridge="unsynchronised:published">');
  });
});

describe('numbers', () => {
  it('have three digits and a unit', () => {
    expect([1_892_951, 999_600, 440_210, 47_031, 1_000, 27, 0.5, 0].map(formatRate)).toEqual([
      '1.89M',
      '1.00M',
      '440k',
      '47.0k',
      '1.00k',
      '27.0',
      '0.50',
      '0',
    ]);
    expect([12.34, 999.9, 13_373, 1_200_000].map(formatMicroseconds)).toEqual([
      '12.3 µs',
      '1.00 ms',
      '13.4 ms',
      '1.20 s',
    ]);
    expect([0.04, 6.12, 23.4, 1_500].map(formatDelayMs)).toEqual(['0.0 ms', '6.1 ms', '23.4 ms', '1.50 s']);
    expect([26.84, 112.3].map(formatMiB)).toEqual(['26.8 MiB', '112 MiB']);
  });

  it('say how far they spread', () => {
    const spread = { median: 100, lower: 90, upper: 110, minimum: 0, maximum: 200, samples: [] };
    expect(formatSpread(spread)).toBe('±10%');
    expect(formatSpread({ ...spread, median: 0, lower: 0, upper: 0 })).toBe('±0%');
    expect(formatSpread({ ...spread, median: 0, lower: 0, upper: 1 })).toBe('±∞');
  });
});

describe('progress', () => {
  it('is a plain line now and then where there is no terminal', () => {
    const written: string[] = [];
    let nowMs = 0;
    const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
    const progress = createCompareProgress({ stream, colors: textOutput().colors, now: () => nowMs });
    const step = { phase: 'measuring', id: 'actor', share: 0.426, detail: 'process 3 of 9, 4 writers' } as const;
    for (nowMs = 0; nowMs <= 20_000; nowMs += 1_000) progress.show(step);
    expect(written).toEqual(Array.from({ length: 2 }, () => ' 42 %  measuring actor  process 3 of 9, 4 writers\n'));
  });
});

describe('hostile text in a comparison', () => {
  const hostileComparison = hostileValue(comparisonSchema);

  it('is harmless in the table and in the progress', () => {
    fc.assert(
      fc.property(hostileComparison, hostileText, hostileText, (comparison, id, detail) => {
        expect(actingWithin(tableOf(comparison))).toEqual([]);
        let nowMs = 0;
        const lines: string[] = [];
        const stream = { isTTY: false, write: (text: string) => lines.push(text) } as unknown as NodeJS.WriteStream;
        const progress = createCompareProgress({ stream, colors: textOutput().colors, now: () => (nowMs += 20_000) });
        progress.show({ phase: 'measuring', id, share: 0.5, detail });
        expect(lines.join('')).toMatch(/^[^\n]+\n$/);
        expect(actingWithin(lines.join(''))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('is text in Markdown and in the page', async () => {
    await fc.assert(
      fc.asyncProperty(hostileComparison, async (comparison) => {
        const markdown = comparisonMarkdown(comparison);
        expect(actingCharacters(markdown)).toEqual([]);
        const links: string[] = [];
        void marked.walkTokens(marked.lexer(markdown), ({ type, raw }) => {
          if (['link', 'image', 'def', 'html'].includes(type) && !/^<\/?span>$/.test(raw)) links.push(raw);
        });
        expect(links).toEqual([]);
        const page = await renderComparisonPage(comparison);
        expect(page.match(/<script|<\/script/gi)).toHaveLength(4);
        expect(page).not.toMatch(/<img|<!--/i);
        expect(actingCharacters(page.replace(/<style>[^]*?<\/style>|<script>[^]*<\/script>/g, ''))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
