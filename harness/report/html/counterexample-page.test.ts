import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCounterexample } from '../testing/counterexamples.js';
import { assertionFailureSample, counterexampleSample, operationSample } from '../testing/samples.js';
import { renderCounterexamplePage } from './counterexample-page.js';
import { hasSourceLine, readSourceLines } from './source-lines.js';

const origin = { sources: new Map<string, string>(), file: 'results/corpus/a.json' };

function projectWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'threadmill-page-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

describe('renderCounterexamplePage', () => {
  it('says where steps were not kept, and tells the rounds of a loop in one row', async () => {
    const trace = [0, 1, 50, 51, 52, 53, 54].map((step) => operationSample(step, 1));
    const failure = { verdict: 'livelock', message: 'it gets nowhere', step: 55 } as const;
    const page = await renderCounterexamplePage(counterexampleSample({ trace, failure }), origin);
    expect(page).toContain('… 48 steps not kept …');
    expect(page).toContain('the same step, 4 times more');
  });

  it('says in plain markup what broke and how it came about', async () => {
    const page = await renderCounterexamplePage(counterexampleSample(), origin);
    expect(page).toContain('<title>counter: load then store: violation (count)</title>');
    expect(page).toContain('An acknowledged increment was lost.');
    expect(page).toContain('preempted: writer 0 could have continued');
    expect(page).toContain('<strong>✗ count:</strong> expected 2, found 1');
    expect(page).toContain('npx threadmill replay results/corpus/a.json');
    expect(page.match(/data-row=/g)).toHaveLength(5);
  });

  it('shows how the values of a failed assertion differ in place of the values', async () => {
    const page = await renderCounterexamplePage(counterexampleSample({ failure: assertionFailureSample }), origin);
    expect(page).toContain(
      '<pre class="lines scrolls"><span class="omitted">… 7 lines</span><span class="both">    a: 1,</span>' +
        '<span class="expected">-   b: 2</span><span class="found">+   b: 3</span></pre>',
    );
    expect(page).toContain('<b class="expected">- expected</b> <b class="found">+ found</b>');
    expect(page).not.toContain('<dl class="difference">');
    const failure = { ...assertionFailureSample, assertion: { difference: [] } };
    const short = await renderCounterexamplePage(counterexampleSample({ failure }), origin);
    expect(short).toContain('<dt>expected</dt><dd><span>{ a: 1, b: 2 }</span></dd>');
    expect(short).not.toContain('<pre class="lines');
  });

  it('shows text from elsewhere as text', async () => {
    const hostile = '</script><script>alert(1)</script>';
    const page = await renderCounterexamplePage(
      counterexampleSample({
        scenario: { name: hostile, file: `${hostile}.ts` },
        failure: {
          verdict: 'violation',
          message: hostile,
          expected: hostile,
          found: hostile,
          assertion: { difference: [{ side: 'found', text: hostile }] },
          stack: hostile,
        },
        agents: [hostile, hostile, hostile],
        trace: [operationSample(0, 1, { kind: 'history.read', recorded: hostile, source: hostile })],
      }),
      origin,
    );
    expect(page).not.toContain('<script>alert');
    expect(page.match(/<script/g)).toHaveLength(2);
  });

  it('can be made of any counterexample', async () => {
    await fc.assert(
      fc.asyncProperty(anyCounterexample, async (counterexample) => {
        const page = await renderCounterexamplePage(counterexample, origin);
        expect(page.match(/data-row=/g) ?? []).toHaveLength(counterexample.trace.length);
        expect(page.match(/id="failure"/g)).toHaveLength(1);
      }),
      // Each test bundles the script again, because the sources may have changed.
      { numRuns: 10 },
    );
  });
});

describe('readSourceLines', () => {
  const text = Array.from({ length: 40 }, (_, index) => `  line(${index + 1});`).join('\n');
  const at = (file: string, line: number, source = `line(${line});`): ReturnType<typeof operationSample> =>
    operationSample(0, 1, { site: { file, line, column: 1 }, source });
  const filesOf = (folder: string, ...names: string[]): Map<string, string> =>
    new Map(names.map((name) => [name, path.join(folder, name)]));

  it('reads some lines around those of the trace', () => {
    const files = filesOf(projectWith({ 'src/a.ts': text }), 'src/a.ts');
    const [found, ...more] = readSourceLines(files, [at('src/a.ts', 1), at('src/a.ts', 30)]);
    expect(more).toEqual([]);
    expect(found?.file).toBe('src/a.ts');
    expect(Object.keys(found?.lines ?? {}).map(Number)).toEqual([1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36]); // prettier-ignore
    expect(found?.lines[30]).toBe('  line(30);');
  });

  it('leaves out what is no longer as it was, or is not there', () => {
    const files = filesOf(projectWith({ 'src/a.ts': text }), 'src/a.ts', 'gone.ts');
    expect(readSourceLines(files, [at('src/a.ts', 3, 'other();'), at('gone.ts', 3), at('src/a.ts', -1)])).toEqual([]);
  });

  it('reads no file but those that it is given, by whatever name a trace calls others', () => {
    const folder = projectWith({ 'src/a.ts': text, '.env': text });
    const files = filesOf(folder, 'src/a.ts');
    const others = ['.env', './src/a.ts', 'src/../.env', path.join(folder, '.env'), 'threadmill:../.env', '__proto__'];
    expect(readSourceLines(files, others.map((file) => at(file, 3)))).toEqual([]); // prettier-ignore
  });

  it('never takes an empty line for the line of an operation', () => {
    const files = filesOf(projectWith({ 'src/a.ts': 'secret();\n\n  \nsecret();' }), 'src/a.ts');
    const trace = [at('src/a.ts', 2, ''), at('src/a.ts', 3, ''), at('src/a.ts', 3, '  ')];
    expect(readSourceLines(files, trace)).toEqual([]);
    expect(trace.some((operation) => hasSourceLine(operation, { file: 'src/a.ts', lines: { 2: '', 3: '  ' } }))).toBe(false); // prettier-ignore
  });
});
