import fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import type { CampaignEvent } from '../../results/events.js';
import { createMarkdownReporter, markdownLimits } from './markdown.js';
import { markdownBlock, markdownText } from '../text/markdown-text.js';
import {
  assertionFailureSample,
  counterexampleSample,
  eventsSample,
  heldResultSample,
  runRecordSample,
  scenarioResultSample,
} from '../testing/samples.js';
import { oneLine } from '../text/columns.js';

function report(events: readonly CampaignEvent[]): string {
  const pieces: string[] = [];
  const reporter = createMarkdownReporter({ write: (text) => void pieces.push(text) });
  for (const event of events) reporter.handle(event);
  return pieces.join('');
}

/** The text that a browser shows for HTML that this project made. */
function shown(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

const tablesOf = (text: string): Tokens.Table[] =>
  marked.lexer(text).filter((token: Token): token is Tokens.Table => token.type === 'table');

const nasty = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('\\`*_[]<>&|~$#!"\'-+=1. ()\n:;ax')) }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '</details>',
    '![x](y)',
    '| a | b |',
    '- a',
    '1. a',
    '&amp;',
    '```',
    '---',
  ),
);

describe('markdownText', () => {
  it('shows any text as it is, wherever it stands', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const wanted = oneLine(text);
        const inline = shown(marked.parseInline(`a ${markdownText(text)} b`, { async: false }));
        expect(inline.replace(/\s+/g, ' ')).toBe(`a ${wanted} b`.replace(/\s+/g, ' '));
        const alone = marked.lexer(markdownText(text));
        expect(alone.every(({ type }) => type === 'paragraph' || type === 'space')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves the cells of a table as many as they are', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const [table] = tablesOf(`| a | b |\n| --- | --- |\n| ${markdownText(text)} | end |`);
        expect(table?.rows.map((row) => row.length)).toEqual([2]);
        expect(table?.rows[0]?.[1]?.text).toBe('end');
      }),
    );
  });
});

describe('markdownBlock', () => {
  it('ends where it ends, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 1 }), (texts) => {
        const tokens = marked.lexer([...markdownBlock('text', texts), 'after'].join('\n'));
        expect(tokens.map(({ type }) => type)).toEqual(['code', 'paragraph']);
      }),
    );
  });
});

describe('the markdown reporter', () => {
  const results = [heldResultSample({ notes: ['old.json no longer fails'] }), scenarioResultSample()];

  it('tells the verdict, the seed, and of each unmet scenario what broke, where, and how to see it again', () => {
    const text = report(eventsSample(results));
    expect(text).toMatch(/^## ✗ threadmill: 1 of 2 scenarios did not meet its expectation\n/);
    expect(text).toContain('seed <code>42</code>');
    expect(text).toContain('### ✗ counter: load then store');
    expect(text).toContain('**violation (count)**, expected held, after 3 executions');
    expect(text).toContain('An acknowledged increment was lost.');
    const plain = shown(text);
    expect(plain).toContain('where: scenarios/counter/load-then-store.scenario.ts:22:20');
    expect(text).toContain('npx threadmill replay results/corpus/counter-load-then-store--count--0a1b2c3d.json');
    expect(text).toContain('--seed 42 --path 3:0:1');
    expect(text).toContain('── preempted: writer 0 could have continued');
    expect(plain).toContain('counter: Atomics.add: old.json no longer fails');
  });

  it('has a table with the unmet scenarios first', () => {
    const text = report(eventsSample(results));
    expect(text.indexOf('| ✗ counter: load then store |')).toBeLessThan(text.indexOf('| ✓ counter: Atomics.add |'));
    expect(tablesOf(report(eventsSample([heldResultSample()])))[0]?.rows).toHaveLength(1);
  });

  it('folds long lists, tells a few failures, and stays small', () => {
    const many = Array.from({ length: 400 }, (_, index) =>
      scenarioResultSample({ name: `unmet ${index}`, notes: ['a note'] }),
    );
    const text = report(eventsSample([...many, ...Array.from({ length: 400 }, () => heldResultSample())]));
    expect(text.match(/^### /gm)).toHaveLength(markdownLimits.stories);
    expect(text).toContain('380 more are in the table');
    expect(text).toContain('380 more that did not meet</summary>');
    expect(text).toContain('<summary>400 scenarios met their expectations</summary>');
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? 0);
    expect(text.length).toBeLessThan(300_000);
  });

  it('says that what was expected was not found', () => {
    const missed = heldResultSample({ expected: { verdict: 'violation', invariant: 'count' }, met: false });
    expect(report(eventsSample([missed]))).toContain('**held** over 2,000 executions, expected violation (count)');
  });

  it('shows every line of a deadlock', () => {
    const failure = { verdict: 'deadlock' as const, message: 'Nobody can run:\n  writer 0 waits\n  writer 1 waits' };
    const result = scenarioResultSample({ verdict: 'deadlock', invariant: null });
    const text = report(eventsSample([result], counterexampleSample({ failure })));
    expect(text).toContain('```text\nNobody can run:\n  writer 0 waits\n  writer 1 waits\n```');
  });

  it('shows how the values of a failed assertion differ in place of the values', () => {
    const result = scenarioResultSample({ invariant: 'after' });
    const text = report(eventsSample([result], counterexampleSample({ failure: assertionFailureSample })));
    expect(text).toContain(
      'they differ\n```diff\n--- expected\n+++ found\n… 7 lines\n    a: 1,\n-   b: 2\n+   b: 3\n```\n\n- where: ',
    );
    const failure = { ...assertionFailureSample, assertion: { difference: [] } };
    const short = shown(report(eventsSample([result], counterexampleSample({ failure }))));
    expect(short).toContain('expected { a: 1, b: 2 }');
    expect(short).toContain('found { a: 1, b: 3 }');
  });

  it('says that a run was cut short, and of what shard it is', () => {
    const record = runRecordSample([heldResultSample()], { interrupted: true, met: false });
    const sharded = { ...record, options: { ...record.options, shard: '2/4' } };
    const text = report([
      { kind: 'note', message: 'a | b' },
      { kind: 'runFinished', record: sharded, recordFile: null },
    ]);
    expect(text).toContain('## ✗ threadmill: 1 scenario met its expectation, but the run is incomplete');
    expect(text).toContain('interrupted');
    expect(text).toContain('shard <code>2/4</code>');
    expect(text).toContain('- a &#124; b');
  });
});
