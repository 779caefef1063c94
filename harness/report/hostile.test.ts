import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { create } from 'xmlbuilder2';
import type { CampaignEvent, Reporter } from '../results/events.js';
import type { DifferenceLine } from '../results/failure-schema.js';
import type { Counterexample } from '../results/schema.js';
import { createColors } from './text/colors.js';
import { createDefaultReporter } from './reporters/default.js';
import { renderCounterexamplePage } from './html/counterexample-page.js';
import { createGithubReporter } from './reporters/github.js';
import { createJsonReporter } from './reporters/json.js';
import { createJunitReporter } from './reporters/junit.js';
import { createMarkdownReporter } from './reporters/markdown.js';
import { streamOutput, textOutput } from './text/output.js';
import { createProgress } from './reporters/progress.js';
import { pageCommand, replayCommand, rerunCommand } from './text/reproduce.js';
import {
  actingCharacters,
  actingLines,
  actingWithin,
  hostileCounterexample,
  hostileEvents,
  hostileText,
  withoutColors,
} from './testing/hostile.js';
import { assertionFailureSample, counterexampleSample, eventsSample, scenarioResultSample } from './testing/samples.js';
import { oneLine } from './text/columns.js';
import { traceEvents } from './trace/trace-events.js';

const runs = { numRuns: 60 };

function told(events: readonly CampaignEvent[], create: (write: (text: string) => void) => Reporter): string {
  const written: string[] = [];
  const reporter = create((text) => void written.push(text));
  for (const event of events) reporter.handle(event);
  return written.join('');
}

const unmetOf = (events: readonly CampaignEvent[]): number =>
  events.filter((event) => event.kind === 'scenarioFinished' && !event.result.met).length;

describe('hostile text in the default report', () => {
  it('acts on no terminal, begins no line and is no workflow command', () => {
    fc.assert(
      fc.property(hostileEvents, fc.boolean(), (events, verbose) => {
        const output = textOutput();
        told(events, () => createDefaultReporter({ output, verbose, runArguments: ['--strategy', 'pct'] }));
        // Rows of the table of signs begin with a scenario's name, which is intended.
        const isNamed = events.some(
          (event) => event.kind === 'scenarioFinished' && event.result.stress?.watched === true,
        );
        expect((isNamed ? actingWithin : actingLines)(output.text())).toEqual([]);
      }),
      runs,
    );
  });

  it('passes for no colour of ours', () => {
    fc.assert(
      fc.property(hostileEvents, (events) => {
        const plain = textOutput();
        told(events, () => createDefaultReporter({ output: plain, verbose: true }));
        const colored = told(events, (write) =>
          createDefaultReporter({ output: streamOutput({ write }, { FORCE_COLOR: '1' }), verbose: true }),
        );
        const withoutTrailing = (text: string): string => text.replace(/ +$/gm, '');
        expect(withoutTrailing(withoutColors(colored))).toBe(withoutTrailing(plain.text()));
      }),
      runs,
    );
  });

  it('stays on the line of the progress', () => {
    fc.assert(
      fc.property(hostileEvents, (events) => {
        let nowMs = 0;
        const lines: string[] = [];
        const stream = { isTTY: false, columns: 80, write: (text: string) => lines.push(text) };
        const progress = createProgress({
          stream: stream as unknown as NodeJS.WriteStream,
          colors: createColors(true),
          now: () => (nowMs += 20_000),
        });
        for (const event of events) progress.handle(event);
        for (const line of lines) expect(line).toMatch(/^[^\n]+\n$/);
        expect(actingLines(lines.join(''))).toEqual([]);
      }),
      runs,
    );
  });
});

describe('hostile text in the github report', () => {
  it('stays in the annotation that it belongs to', () => {
    fc.assert(
      fc.property(hostileEvents, hostileText, (events, filePrefix) => {
        const text = told(events, (write) => createGithubReporter({ write, filePrefix, printsSeed: true }));
        const [first = '', ...lines] = text.replace(/\n$/, '').split('\n');
        const last = lines.pop() ?? '';
        expect([first, last].every((line) => /^(?:threadmill {2})?seed -?\d+$/.test(line))).toBe(true);
        const notes = events.flatMap((event) =>
          event.kind === 'note' ? [event.message] : event.kind === 'scenarioFinished' ? event.result.notes : [],
        );
        expect(lines).toHaveLength(unmetOf(events) + notes.length);
        for (const line of lines) {
          // The runner reads the text in between as names and values.
          const [, level, properties = '', data = ''] = /^::(\w+) (.*?)::(.*)$/.exec(line) ?? [];
          expect(['error', 'warning']).toContain(level);
          const names = properties.split(',').map((property) => property.split('=')[0]);
          expect(['file,line,col,title', 'file,line,title', 'file,title', 'title']).toContain(names.join(','));
          expect(actingWithin(`${properties}\n${data.replaceAll('%0A', '\n')}`)).toEqual([]);
        }
      }),
      runs,
    );
  });
});

describe('hostile text in the junit report', () => {
  it('is text of an XML document that says of each scenario what it should', () => {
    fc.assert(
      fc.property(hostileEvents, (events) => {
        const xml = told(events, (write) => createJunitReporter({ write, runArguments: ['--strategy', 'pct'] }));
        expect(actingLines(xml)).toEqual([]);
        const root = create(xml).root();
        const cases = root.filter((node) => node.node.nodeName === 'testcase', false, true);
        const names = cases.map((found) =>
          (found.node as unknown as { getAttribute(name: string): string }).getAttribute('name'),
        );
        const finished = events.flatMap((event) => (event.kind === 'scenarioFinished' ? [event.result] : []));
        expect(names).toEqual(finished.map(({ name }) => oneLine(name)));
        const elements = new Set(xml.match(/<\/?[\w!]+/g)?.map((tag) => tag.replace(/^<\/?/, '')));
        const known = ['testsuites', 'testsuite', 'properties', 'property', 'testcase', 'failure', 'error', 'system'];
        expect(known).toEqual(expect.arrayContaining([...elements]));
      }),
      runs,
    );
  });
});

describe('hostile text in the summary in Markdown', () => {
  it('makes no heading, no cell, no link, no mention and no element', () => {
    fc.assert(
      fc.property(hostileEvents, (events) => {
        const text = told(events, (write) => createMarkdownReporter({ write }));
        expect(actingCharacters(text)).toEqual([]);
        const tokens = marked.lexer(text);
        const all: Token[] = [];
        void marked.walkTokens(tokens, (token) => void all.push(token));
        expect(all.filter(({ type }) => type === 'link' || type === 'image' || type === 'def')).toEqual([]);
        expect(all.filter(({ type }) => type === 'heading')).toHaveLength(1 + unmetOf(events));
        for (const table of all.filter((token): token is Tokens.Table => token.type === 'table'))
          for (const row of table.rows) expect(row).toHaveLength(7);
        const html = all.filter(({ type }) => type === 'html').map(({ raw }) => raw.replace(/&#\d+;/g, ''));
        const tags = html.join('').match(/<[^>]*>/g) ?? [];
        expect(tags.filter((tag) => !/^<\/?(?:details|summary|code|span)>$/.test(tag))).toEqual([]);
        const outsideOfCode = text.replace(/^(`{3,})[^]*?^\1$/gm, '');
        expect(outsideOfCode).not.toMatch(/@\w|(?<!&)#\d|:\/\/|www\.|:\w+:/);
      }),
      runs,
    );
  });
});

describe('hostile text in a page', () => {
  it('is text, whatever it looks like', async () => {
    const benign = await renderCounterexamplePage(
      fc.sample(
        hostileCounterexample.filter(({ trace }) => trace.length === 0),
        1,
      )[0]!,
      { sources: new Map(), file: 'a.json' },
    );
    const own = (page: string): string => page.replace(/<style>[^]*?<\/style>|<script>[^]*<\/script>/g, '');
    const tagsOf = (page: string): string[] => own(page).match(/<\/?[a-z!][\w-]*/gi) ?? [];
    const known = new Set([
      ...tagsOf(benign),
      ...['<li', '</li', '<ol', '</ol', '<ul', '</ul', '<b', '</b', '<i', '</i'],
    ]);
    for (const more of ['dl', 'dt', 'dd', 'div', 'pre', 'button', 'code', 'strong', 'section', 'span'])
      known.add(`<${more}`).add(`</${more}`);
    await fc.assert(
      fc.asyncProperty(hostileCounterexample, hostileText, async (counterexample, file) => {
        const page = await renderCounterexamplePage(counterexample, { sources: new Map(), file });
        expect(tagsOf(page).filter((tag) => !known.has(tag))).toEqual([]);
        expect(page.match(/<script|<\/script/gi)).toHaveLength(4);
        expect(actingCharacters(own(page))).toEqual([]);
        const [, data = ''] = /<script type="application\/json"[^>]*>([^]*?)<\/script>/.exec(page) ?? [];
        expect(textsIn(JSON.parse(data)).flatMap(actingCharacters)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('hostile lines of a difference', () => {
  const differences = fc.array(
    fc.record({ side: fc.constantFrom('expected', 'found', 'both', 'omitted'), text: hostileText }),
    {
      minLength: 1,
      maxLength: 5,
    },
  );
  const counterexampleWith = (difference: DifferenceLine[]): Counterexample =>
    counterexampleSample({ failure: { ...assertionFailureSample, assertion: { difference } } });

  it('are one line each in every report', () => {
    fc.assert(
      fc.property(differences, (difference) => {
        const events = eventsSample([scenarioResultSample({ invariant: 'after' })], counterexampleWith(difference));
        const output = textOutput();
        told(events, () => createDefaultReporter({ output }));
        expect(actingLines(output.text())).toEqual([]);
        expect(linesOfDifference(output.text())).toBe(difference.length);
        const annotation = told(events, (write) => createGithubReporter({ write }));
        expect(annotation).toMatch(/^::error [^\n]*\n$/);
        expect(actingWithin(annotation.replace(/^::error .*?::/, '').replaceAll('%0A', '\n'))).toEqual([]);
        expect(linesOfDifference(annotation.replaceAll('%0A', '\n'))).toBe(difference.length);
        const xml = told(events, (write) => createJunitReporter({ write }));
        expect(actingLines(xml)).toEqual([]);
        const failure = create(xml)
          .root()
          .find((node) => node.node.nodeName === 'failure', false, true);
        expect(linesOfDifference(failure?.node.textContent ?? '')).toBe(difference.length);
        const markdown = told(events, (write) => createMarkdownReporter({ write }));
        expect(actingCharacters(markdown)).toEqual([]);
        const blocks = marked.lexer(markdown).filter((token): token is Tokens.Code => token.type === 'code');
        const [block] = blocks.filter(({ lang }) => lang === 'diff');
        // Two fences and two lines of legend.
        expect(block?.raw.trimEnd().split('\n')).toHaveLength(difference.length + 4);
      }),
      runs,
    );
  });

  it('are text of one line each on a page', async () => {
    await fc.assert(
      fc.asyncProperty(differences, async (difference) => {
        const page = await renderCounterexamplePage(counterexampleWith(difference), {
          sources: new Map(),
          file: 'a.json',
        });
        const [, lines = ''] = /<pre class="lines scrolls">([^]*?)<\/pre>/.exec(page) ?? [];
        expect(lines.match(/<[^>]*>/g)).toEqual(
          difference.flatMap(({ side }) => [`<span class="${side}">`, '</span>']),
        );
        expect(lines).not.toContain('\n');
        expect(actingCharacters(lines)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

/** The number of lines below the legend of a difference, up to the next label. */
function linesOfDifference(text: string): number {
  const [, below = ''] = /- expected {2}\+ found\n([^]*?)\n +agents {2}/.exec(text) ?? [];
  return below.split('\n').length;
}

describe('hostile text in JSON', () => {
  it('is the same text, written so that it can be printed', () => {
    fc.assert(
      fc.property(hostileEvents, (events) => {
        const text = told(events, createJsonReporter);
        expect(actingLines(text)).toEqual([]);
        const finished = events.find((event) => event.kind === 'runFinished');
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(finished?.record)));
      }),
      runs,
    );
  });

  it('is shown for what it is in a trace', () => {
    fc.assert(
      fc.property(hostileCounterexample, (counterexample) => {
        const file: unknown = JSON.parse(JSON.stringify(traceEvents(counterexample)));
        expect(textsIn(file).flatMap(actingCharacters)).toEqual([]);
      }),
      runs,
    );
  });
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, nested]) => [name, ...textsIn(nested)]);
}

const hasBash = spawnSync('bash', ['-c', 'true']).status === 0;

describe('hostile names of files in the commands of a report', () => {
  // File names are well-formed and have no NUL: no other text can be an argument of a program.
  const fileName = hostileText.map((text) => text.replace(/\0|\p{Cs}/gu, '')).filter((text) => text !== '');

  it.skipIf(!hasBash)('are one argument, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fileName, hostileCounterexample), { minLength: 20, maxLength: 20 }), (inputs) => {
        const commands = inputs.flatMap(([file, counterexample]) => {
          const scenario = { name: 'a', file };
          return [
            replayCommand(file),
            pageCommand(file),
            rerunCommand({ ...counterexample, path: file, scenario }, []),
          ];
        });
        expect(actingLines(commands.map((command) => `  ${command}`).join('\n'))).toEqual([]);
        const script = `PATH=\nnpx() { printf '%s\\0' "$#" "$@"; }\n${commands.join('\n')}\n`;
        const { stdout, stderr } = spawnSync('bash', ['--norc'], {
          input: script,
          encoding: 'utf8',
        });
        expect(stderr).toBe('');
        const asFile = (file: string): string => (file.startsWith('-') ? `./${file}` : file);
        const wanted = inputs.flatMap(([file, { seed, exhaustive }]) => [
          ...['3', 'threadmill', 'replay', asFile(file)],
          ...['3', 'threadmill', 'report', asFile(file)],
          ...(exhaustive === undefined
            ? ['7', 'threadmill', 'run', asFile(file), '--seed', String(seed), '--path', file]
            : exhaustive.preemptions === null
              ? ['4', 'threadmill', 'run', asFile(file), '--exhaustive']
              : [
                  '6',
                  'threadmill',
                  'run',
                  asFile(file),
                  '--exhaustive',
                  '--preemptions',
                  String(exhaustive.preemptions),
                ]),
        ]);
        expect(stdout.split('\0')).toEqual([...wanted, '']);
      }),
      { numRuns: 10 },
    );
  });
});
