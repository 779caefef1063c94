import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { executionsForBound, failureRateBound } from '../../harness/results/failure-rate.js';
import { runRecordSchema } from '../../harness/results/schema.js';
import { makeUserProject, packageDirectory, runCommand } from '../end-to-end/command.js';
import { counterScenario, lossyCount, soundCount } from '../end-to-end/scenarios.js';
import { fencedBlocks, readDocument, tables } from './markdown.js';

const text = readDocument('docs/ci.md');
const blocks = fencedBlocks(text);
const workflow = readYaml('.github/workflows/threadmill.yml') as GithubWorkflow;
const pipeline = readYaml('.gitlab-ci.yml') as Record<string, unknown> & {
  explore: { script: string[]; parallel: { matrix: { SHARD: string[] }[] }; variables: { EFFORT: string } };
  verdict: { script: string[]; after_script: string[] };
};

interface GithubWorkflow {
  env: Record<string, string>;
  jobs: Record<'explore' | 'verdict', { strategy?: { matrix: { shard: number[] } }; steps: { run?: string }[] }>;
}

function readYaml(file: string): unknown {
  const block = blocks.find(({ attributes }) => attributes.get('file') === file);
  const document = parseDocument(block?.text ?? '', { strict: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}

const scriptsOf = (job: 'explore' | 'verdict'): string[] =>
  workflow.jobs[job].steps.flatMap(({ run }) => (run?.includes('threadmill') === true ? [run] : []));

/** All commands of the page, with the values of variables. */
const commands = [
  ...blocks.filter(({ language }) => language === 'sh').flatMap((block) => block.text.split('\n')),
  ...[...scriptsOf('explore'), ...pipeline.explore.script].flatMap((script) =>
    ['--runs 40000', '--budget 10m'].map((effort) => script.replace('$EFFORT', effort)),
  ),
  ...scriptsOf('verdict'),
  ...pipeline.verdict.script,
  ...pipeline.verdict.after_script,
];

describe('docs/ci.md', () => {
  it('has workflows that explore four shards and merge them', () => {
    expect(workflow.env['EFFORT']).toContain("'--budget 10m' || '--runs 40000'");
    expect(workflow.jobs.explore.strategy?.matrix.shard).toEqual([1, 2, 3, 4]);
    expect(pipeline.explore.parallel.matrix).toEqual([{ SHARD: ['1', '2', '3', '4'] }]);
    expect(pipeline.explore.variables.EFFORT).toBe('--runs 40000');
  });

  it('speaks of commands and options that exist', async () => {
    const project = makeUserProject();
    const used = new Map<string, Set<string>>();
    for (const command of commands) {
      const [, name = ''] = /^npx threadmill (\w+)/.exec(command) ?? [];
      expect(name, command).not.toBe('');
      const options = used.get(name) ?? new Set();
      for (const option of command.match(/(?<=\s)--[a-z][a-z-]*/g) ?? []) options.add(option);
      used.set(name, options);
    }
    expect([...used.keys()].sort()).toEqual(['history', 'merge', 'run']);
    for (const [name, options] of used) {
      const { stdout } = await runCommand([name, '--help'], project);
      expect([...options].filter((option) => !new RegExp(`^ +${option}\\b`, 'm').test(stdout))).toEqual([]);
    }
  });

  it('states numbers that are right', () => {
    const confidences = [0.9, 0.95, 0.99];
    const bounds = tables(text).find(({ columns }) => columns[0] === 'clean executions');
    expect(bounds?.rows.length).toBeGreaterThan(3);
    for (const [executions = '', ...stated] of bounds?.rows ?? []) {
      const rates = confidences.map((confidence) => failureRateBound(asNumber(executions), confidence));
      expect(stated).toEqual(rates.map((rate) => `1 in ${Math.floor(1 / rate).toLocaleString('en-US')}`));
    }
    const needed = tables(text).find(({ columns }) => columns[0] === 'once in');
    expect(needed?.rows.length).toBeGreaterThan(3);
    for (const [once = '', ...stated] of needed?.rows ?? []) {
      expect(stated).toEqual(
        confidences.map((confidence) => executionsForBound(1 / asNumber(once), confidence).toLocaleString('en-US')),
      );
    }
    const [, scenarios] = /which for (\d+) scenarios is twice as much/.exec(text) ?? [];
    expect((3 + Math.log(Number(scenarios))) / 3).toBeCloseTo(2, 1);
  });
});

function asNumber(stated: string): number {
  return Number(stated.replaceAll(',', ''));
}

describe.skipIf(process.platform === 'win32')('the workflows of docs/ci.md', () => {
  /** Runs a script of a workflow as CI does. */
  function bash(script: string, directory: string, environment: Record<string, string> = {}): string {
    const main = path.join(packageDirectory, 'dist/harness/cli/main.js');
    const npx = `npx() { shift; "${process.execPath}" "${main}" "$@"; }`;
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', `${npx}\n${script}`], {
      cwd: directory,
      encoding: 'utf8',
      env: { ...process.env, GITHUB_STEP_SUMMARY: '', GITHUB_WORKSPACE: '', ...environment },
    });
    expect(status, `${script}\n${stdout}${stderr}`).toBe(0);
    return stdout;
  }

  function makeProject(): string {
    const project = makeUserProject();
    mkdirSync(path.join(project, 'scenarios'));
    writeFileSync(path.join(project, 'scenarios/a.scenario.ts'), counterScenario('sound', soundCount));
    // Only some shards have work. The others do not find the failure, and exit with 1.
    writeFileSync(path.join(project, 'scenarios/b.scenario.ts'), counterScenario('lossy', lossyCount, 'violation'));
    return project;
  }

  const readRecord = (file: string): unknown => runRecordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const whole = {
    met: true,
    options: { shard: null },
    scenarios: [
      { name: 'sound', executions: 200 },
      { name: 'lossy', verdict: 'violation', met: true },
    ],
  };
  const effort = '--runs 200 --explorers 1';

  it('do what they are for on GitHub', () => {
    const page = path.join(mkdtempSync(path.join(tmpdir(), 'threadmill-page-')), 'summary.md');
    const verdict = makeProject();
    const values = (shard: number): Record<string, string> => ({
      'github.run_number': '7',
      'github.run_id': '99',
      'matrix.shard': String(shard),
    });
    const fill = (script: string, shard: number): string =>
      script.replace(/\$\{\{ ([\w.]+) \}\}/g, (_, name: string) => {
        const value = values(shard)[name];
        if (value === undefined) throw new Error(`nothing says what ${name} is`);
        return value;
      });
    for (const shard of workflow.jobs.explore.strategy?.matrix.shard ?? []) {
      const project = makeProject();
      for (const script of scriptsOf('explore')) bash(fill(script, shard), project, { EFFORT: effort });
      const artifact = path.join(verdict, `shards/shard-${shard}`);
      mkdirSync(artifact, { recursive: true });
      copyFileSync(path.join(project, `shard-${shard}.json`), path.join(artifact, `shard-${shard}.json`));
      const corpus = path.join(project, 'results/corpus');
      if (existsSync(corpus)) cpSync(corpus, path.join(artifact, 'results/corpus'), { recursive: true });
    }
    const printed = scriptsOf('verdict').map((script) => bash(fill(script, 0), verdict, { GITHUB_STEP_SUMMARY: page }));
    expect(readRecord(path.join(verdict, 'results/runs/99.json'))).toMatchObject(whole);
    expect(readFileSync(page, 'utf8')).toContain('## ✓ threadmill: 2 scenarios met their expectations');
    expect(readFileSync(path.join(verdict, 'junit.xml'), 'utf8')).toContain('tests="2" failures="0"');
    expect(printed.at(-1)).toMatch(/^sound +1 +200 +200 +1 in 67 /m);
  });

  it('do what they are for on GitLab', () => {
    const project = makeProject();
    const environment = { EFFORT: effort, CI_PIPELINE_IID: '7' };
    for (const { SHARD } of pipeline.explore.parallel.matrix) {
      for (const shard of SHARD) {
        for (const script of pipeline.explore.script) bash(script, project, { ...environment, SHARD: shard });
      }
    }
    for (const script of [...pipeline.verdict.script, ...pipeline.verdict.after_script])
      bash(script, project, environment);
    expect(readRecord(path.join(project, 'results/runs/7.json'))).toMatchObject(whole);
    expect(readFileSync(path.join(project, 'summary.md'), 'utf8')).toContain('✓ lossy');
  });
});
