import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { profileNames, profiles } from '../../harness/campaign/stress/profiles.js';
import { exitCodes } from '../../harness/cli/exit-codes.js';
import { reporterNames } from '../../harness/cli/reporters.js';
import { strategyNames } from '../../harness/schedule/strategy-names.js';
import { defaultLimits } from '../../harness/scenario/limits.js';
import { verdicts } from '../../harness/scenario/verdict.js';
import { packageDirectory, runCommand } from '../end-to-end/command.js';
import { codeSpans, fencedBlocks, readDocument, tableOf } from './markdown.js';
import { execute, Walkthrough, withoutMeasurements } from './walkthrough.js';

/** Whether to write what commands print into the documents: UPDATE_DOCUMENTATION=1 npx vitest run test/documentation */
const updating = (process.env['UPDATE_DOCUMENTATION'] ?? '') !== '';

const documents = [
  'README.md',
  ...readdirSync(path.join(packageDirectory, 'docs')).map((name) => `docs/${name}`),
].filter((file) => file.endsWith('.md'));

/** Shows programs that need packages of the registry: `docs/found/run.mjs` performs them, and no test. */
const notPerformed = ['docs/found.md'];

const walked = documents
  .filter((file) => !notPerformed.includes(file))
  .map((file) => ({ file, blocks: fencedBlocks(readDocument(file)) }))
  .filter(({ blocks }) => blocks.length > 0);

/** Files of TypeScript that the documents show, where they have been written. */
const written: string[] = [];

describe.each(walked)('$file', ({ file, blocks }) => {
  const walkthrough = new Walkthrough(updating);

  it.each(blocks.map((block) => ({ block, title: `${block.language} at line ${block.line}` })))(
    'does what it shows: $title',
    async ({ block }) => {
      const { printed, expected } = await walkthrough.perform(block);
      if (printed === undefined || expected === undefined) return;
      if (updating) update(file, expected, printed);
      else expect(withoutMeasurements(printed)).toBe(withoutMeasurements(expected));
    },
  );

  const files = blocks.flatMap(({ attributes }) => attributes.get('file') ?? []).filter((name) => name.endsWith('.ts'));
  written.push(...[...new Set(files)].map((name) => path.join(walkthrough.project, name)));
});

it('all documents have TypeScript that type-checks', async () => {
  const { project } = new Walkthrough();
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2024'],
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
  };
  expect(written.length).toBeGreaterThan(0);
  writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: written }));
  const outcome = await execute(['node_modules/typescript/bin/tsc'], project);
  expect(outcome).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

function update(file: string, shown: string, printed: string): void {
  const absolute = path.join(packageDirectory, file);
  writeFileSync(
    absolute,
    readFileSync(absolute, 'utf8').replace(`${shown}\n\`\`\``, () => `${printed}\n\`\`\``),
  );
}

describe('docs/README.md', () => {
  it('lists every document', () => {
    const index = readDocument('docs/README.md');
    const others = documents.filter((file) => file.startsWith('docs/') && file !== 'docs/README.md');
    expect(others.filter((file) => !index.includes(`](${path.basename(file)})`))).toEqual([]);
  });
});

describe('docs/found.md', () => {
  it('shows every scenario of docs/found as it is', () => {
    const folder = path.join(packageDirectory, 'docs/found');
    const shown = fencedBlocks(readDocument('docs/found.md')).flatMap(({ attributes, text }) => {
      const file = attributes.get('file');
      return file === undefined ? [] : [[file, `${text}\n`] as const];
    });
    const isShown = (file: string): boolean => file.endsWith('.scenario.ts') && !file.startsWith('fixed-');
    const actual = readdirSync(folder)
      .filter(isShown)
      .map((file) => [file, readFileSync(path.join(folder, file), 'utf8')] as const);
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(actual));
  });
});

describe('docs/writing-scenarios.md', () => {
  const text = readDocument('docs/writing-scenarios.md');

  it('has every limit with its default', () => {
    const shown = tableOf(text, 'limit').rows.map(([name = '', value = '']) => [
      codeSpans(name)[0],
      Number(value.replaceAll(',', '')),
    ]);
    expect(Object.fromEntries(shown)).toEqual(defaultLimits);
  });

  it('has every field of a scenario', async () => {
    const { project } = new Walkthrough();
    writeFileSync(
      path.join(project, 'a.scenario.ts'),
      `export default { name: 'a', nonsense: 1, store() {}, writers: { count: 1, run() {} } };`,
    );
    const { stderr } = await runCommand(['list', 'a.scenario.ts'], project);
    const known = /expected one of (.*)$/m.exec(stderr)?.[1]?.split(', ').sort();
    expect(
      tableOf(text, 'field')
        .rows.map(([name = '']) => codeSpans(name)[0])
        .sort(),
    ).toEqual(known);
  });
});

describe('docs/commands.md', () => {
  const text = readDocument('docs/commands.md');

  it('has every exit code', () => {
    const shown = tableOf(text, 'exit code').rows.flatMap(([codes = '']) => codes.split(', ').map(Number));
    const { interrupted, ...others } = exitCodes;
    expect(shown).toEqual([...Object.values(others), ...Object.values(interrupted)]);
  });

  it('has every strategy', () => {
    const shown = tableOf(text, '`--strategy`').rows.map(([name = '']) => codeSpans(name)[0]);
    expect(shown).toEqual(strategyNames);
  });

  it('has every reporter', () => {
    const shown = tableOf(text, '`--reporter`').rows.map(([name = '']) => codeSpans(name)[0]);
    expect(shown.sort()).toEqual([...reporterNames].sort());
  });
});

describe('docs/controlled.md', () => {
  it('has every verdict', () => {
    const shown = tableOf(readDocument('docs/controlled.md'), 'verdict').rows.map(([name = '']) => codeSpans(name)[0]);
    expect(shown).toEqual(verdicts);
  });
});

describe('docs/stress.md', () => {
  it('has every profile with its sizes', () => {
    const rows = tableOf(readDocument('docs/stress.md'), '`--profile`').rows.map(([name = '', ...sizes]) => [
      codeSpans(name)[0],
      ...sizes.slice(0, 3).map((size) => Number(size.replaceAll(',', ''))),
    ]);
    const known = profileNames.map((name) => {
      const { writers, iterations, readers } = profiles[name];
      return [name, writers, iterations, readers];
    });
    expect(rows).toEqual(known);
  });
});

describe('the README and the guides', () => {
  const guides = [
    'README.md',
    ...['writing-scenarios', 'replaying', 'commands', 'vitest'].map((name) => `docs/${name}.md`),
  ];

  it('speak of options that exist', async () => {
    const { project } = new Walkthrough();
    const helps = await Promise.all(
      [['--help'], ['run', '--help'], ['replay', '--help'], ['report', '--help'], ['list', '--help']].map((words) =>
        runCommand(words, project),
      ),
    );
    const offered = new Set(helps.flatMap(({ stdout }) => stdout.match(/(?<=[\s,])--[a-z][a-z-]*/g) ?? []));
    const unknown = guides.flatMap((file) => {
      const spokenOf = new Set(readDocument(file).match(/(?<=[\s`])--[a-z][a-z-]*/g));
      spokenOf.delete('--save-dev');
      return [...spokenOf].filter((option) => !offered.has(option)).map((option) => `${file}: ${option}`);
    });
    expect(unknown).toEqual([]);
  });
});
