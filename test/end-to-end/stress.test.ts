import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunOptions, StressOptions } from '../../harness/campaign/api.js';
import { runRecordSchema, type ScenarioResult } from '../../harness/results/schema.js';
import { stressJournalHeadSchema, stressLineSchema, type StressResult } from '../../harness/results/stress-schema.js';
import { makeUserProject, runCommand, startCommand, type RunningCommand } from './command.js';
import { Experiment } from './experiment.js';
import { descendantsOf, isAlive } from './interruption.js';
import { counterScenario, lossyCount, soundCount } from './scenarios.js';

const experiment = new Experiment();

/** Runs a scenario of these fields under stress. */
async function stressed(
  text: { readonly before?: string; readonly fields: string },
  stress: StressOptions = {},
  options: Partial<RunOptions> = {},
): Promise<ScenarioResult & { readonly stress: StressResult }> {
  const result = await experiment.run(text, {
    engine: 'stress',
    stress: { profile: 'quick', ...stress },
    runs: undefined,
    ...options,
  });
  if (result.stress === null) throw new Error('no stress result');
  return { ...result, stress: result.stress };
}

const counter = `store: () => new Int32Array(new SharedArrayBuffer(4)),`;

describe('the stress engine', () => {
  it('finds a lost update on threads that run at once, and the controlled engine tells how it comes about', async () => {
    const result = await stressed(
      {
        before: `import { count } from 'threadmill/invariants';`,
        fields: `${counter}
          writers: {
            count: 3,
            run({ store, history }) {
              const write = history.write();
              store[0]! += 1;
              write.acknowledge();
            },
          },
          invariants: [count({ of: (store: Int32Array) => store[0] })],
          expect: { verdict: 'violation', invariant: 'count' },`,
      },
      {},
      { repeat: 20 },
    );
    expect(result).toMatchObject({ verdict: 'violation', invariant: 'count', met: true });
    expect(result.stress.followUp).toMatchObject({ found: true });
    expect(result.counterexample?.preemptions).toBe(1);
    expect(result.stress.failedRepetition).toBe(result.stress.repetitions.length);
    expect(result.stress.signs.find(({ sign }) => sign === 'integrity')?.healthy).toBe(false);
  });

  it('runs as many repetitions as asked for, each from a seed of its own, and holds what is sound', async () => {
    const fields = `${counter}
      writers: { count: 2, run({ store, history }) { const write = history.write(); Atomics.add(store, 0, 1); write.acknowledge(); } },
      readers: { count: 2, async run({ store, history, pause }) { await pause(); history.read(Atomics.load(store, 0)); } },`;
    const { stress, ...result } = await stressed({ fields }, {}, { repeat: 3 });
    expect(result).toMatchObject({ verdict: 'held', met: true });
    expect(stress.repetitions.map(({ repetition }) => repetition)).toEqual([1, 2, 3]);
    expect(new Set(stress.repetitions.map(({ seed }) => seed)).size).toBe(3);
    for (const { executions, operations, acknowledgements } of stress.repetitions) {
      expect(executions).toBeGreaterThan(0);
      expect({ operations, acknowledgements }).toEqual({
        operations: 4 * executions,
        acknowledgements: 2 * executions,
      });
    }
    const parts = await Promise.all(
      [1, 2].map((index) => stressed({ fields }, {}, { repeat: 4, shard: { index, count: 2 } })),
    );
    const numbers = parts.map((part) => part.stress.repetitions.map(({ repetition }) => repetition));
    expect(numbers).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(parts[0]?.stress.repetitions[0]?.seed).toBe(stress.repetitions[0]?.seed);
  });

  it('gives one execution the sizes that the scenario sets itself', async () => {
    const { stress } = await stressed({
      before: `import fc from 'fast-check';`,
      fields: `params: { increments: fc.integer({ min: 1, max: 2 }) }, ${counter}
        writers: { count: 2, run({ store, params, writers }) { for (let i = 0; i < params.increments; i++) Atomics.add(store, 0, writers); } },
        readers: { count: 1, run: () => undefined },
        invariants: [invariant('all of it', ({ final, store }) => !final || store[0] === 500 * 4)],
        stress: ({ writers, iterations, readers }) => ({ writers, readers, params: { increments: iterations / writers } }),`,
    });
    expect(stress.repetitions).toMatchObject([{ verdict: 'held', executions: 1, writers: 4, readers: 10 }]);
  });

  it('tells a deadlock from a hang, and who waits where', async () => {
    const deadlock = await stressed({
      fields: `${counter}
        writers: { count: 2, run({ store }) { Atomics.wait(store, 0, 0); } },
        expect: 'deadlock',`,
    });
    expect(deadlock).toMatchObject({ verdict: 'deadlock', met: true, stress: { followUp: { found: true } } });
    expect(deadlock.stress.failure?.blocked).toContainEqual({
      agent: 2,
      on: 'Atomics.wait',
      site: expect.objectContaining({ file: expect.stringMatching(/^scenarios\/experiment/) as string }) as object,
    });
    const hang = await stressed({
      fields: `${counter}
        writers: { count: 1, run() { for (;;); } },
        limits: { stressTimeoutMs: 700, hangTimeoutMs: 500 },
        expect: 'hang',`,
    });
    expect(hang).toMatchObject({ verdict: 'hang', met: true });
  });

  it('waits for time-outs and for what is left to do when every run has finished', async () => {
    const result = await stressed({
      before: `import { parentPort } from 'node:worker_threads'; import { setTimeout as sleep } from 'node:timers/promises';`,
      fields: `${counter}
        writers: { count: 1, async run({ store }) {
          parentPort!.once('message', () => setTimeout(() => { Atomics.add(store, 0, 1); parentPort!.postMessage('late'); }, 20));
        } },
        readers: { count: 1, async run({ workers, store }) {
          workers[0]!.once('message', () => { Atomics.add(store, 0, 2); });
          workers[0]!.postMessage('go');
          await sleep(1);
        } },
        invariants: [invariant('all is done', ({ final, store }) => !final || store[0] === 3)],`,
    });
    expect(result).toMatchObject({ verdict: 'held' });
  });

  it('reports what the program throws, with the place, and what takes the process down', async () => {
    const thrown = await stressed({
      fields: `${counter} writers: { count: 1, run() { throw new TypeError('out of luck'); } }, expect: 'crash',`,
    });
    expect(thrown.stress.failure).toMatchObject({ verdict: 'crash', message: 'TypeError: out of luck' });
    expect(thrown.stress.failure?.stack).toMatch(/scenarios\/experiment-\d+\.scenario\.ts:\d+/);
    const unready = await stressed({
      before: `import { isMainThread } from 'node:worker_threads'; if (!isMainThread) throw new Error('not on a worker');`,
      fields: `${counter} writers: { count: 1, run: () => undefined }, expect: 'crash',`,
    });
    expect(unready.stress.failure).toMatchObject({ verdict: 'crash', message: 'Error: not on a worker' });
    const killed = await stressed({
      fields: `${counter} writers: { count: 1, run() { process.kill(process.pid, 'SIGKILL'); } }, expect: 'crash',`,
    });
    expect(killed.stress.failure?.message).toContain('was killed by SIGKILL');
  });

  it('counts outcomes and grades them; a forbidden one is a violation, under either engine', async () => {
    const fields = (grade: string): string => `
      store: () => new Int32Array(new SharedArrayBuffer(16)),
      writers: { count: 2, run({ store, index }) { Atomics.store(store, index, 1); Atomics.store(store, 2 + index, Atomics.load(store, 1 - index)); } },
      outcomes: {
        of: ({ store }) => [store[2], store[3]].join(', '),
        grades: { '0, 1': 'acceptable', '1, 0': 'acceptable', '1, 1': '${grade}' },
      },`;
    const { stress, ...held } = await stressed({ fields: fields('interesting') });
    expect(held).toMatchObject({ verdict: 'held' });
    expect(stress.outcomes.map(({ outcome, grade }) => [outcome, grade])).toEqual(
      expect.arrayContaining([
        ['0, 1', 'acceptable'],
        ['1, 1', 'interesting'],
      ]),
    );
    expect(stress.outcomes.reduce((sum, { count }) => sum + count, 0)).toBe(stress.repetitions[0]?.executions);
    const controlled = await experiment.run({ fields: fields('forbidden') }, { runs: 500 });
    expect(controlled).toMatchObject({ verdict: 'violation', invariant: 'outcomes' });
    expect(controlled.counterexample?.failure.found).toBe('1, 1');
  });

  it('watches queues, waits for locks and the event loop', async () => {
    const { stress } = await stressed(
      {
        fields: `${counter}
        writers: { count: 1, async run({ store }) { await new Promise((resolve) => setTimeout(resolve, 120)); Atomics.store(store, 0, 1); Atomics.notify(store, 0); } },
        readers: { count: 1, async run({ store, watch }) {
          let depth = 0;
          watch('things', () => depth++);
          await new Promise((resolve) => setTimeout(resolve, 50));
          Atomics.wait(store, 0, 0);
        } },
        stress: () => ({}),`,
      },
      { amplify: 0 },
    );
    const [watching] = stress.repetitions.map((repetition) => repetition.watching);
    expect(watching?.gauges).toMatchObject([{ name: 'things' }]);
    expect(watching?.gauges[0]?.samples.length).toBeGreaterThan(2);
    expect(watching?.lockWaitMs.longestOnMain).toBeGreaterThan(25);
    expect(watching?.stalls[0]).toMatchObject({ waitedFor: 'Atomics.wait' });
    expect(watching?.stalls[0]?.site).toMatch(/scenarios\/experiment-\d+\.scenario\.ts:\d+:\d+/);
    const healthy = Object.fromEntries(stress.signs.map((sign) => [sign.sign, sign.healthy]));
    expect(healthy).toEqual({
      noStallByLockWaits: false,
      integrity: true,
      queuesRiseAndFall: true,
      noWrongAgentUse: false,
    });
  });

  it('runs code without points, and without being watched', async () => {
    const { stress, ...result } = await stressed(
      {
        before: `const here: string = import.meta.url;`,
        fields: `${counter} writers: { count: 2, run({ store }) { Atomics.add(store, 0, here.length); } },`,
      },
      { instrument: false, watch: false },
    );
    expect(result).toMatchObject({ verdict: 'held' });
    expect(stress).toMatchObject({
      amplify: 0,
      instrumented: false,
      watched: false,
      repetitions: [{ watching: null }],
    });
  });
});

function makeProject(files: Readonly<Record<string, string>>): string {
  const project = makeUserProject();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    writeFileSync(path.join(project, file), text);
  }
  return project;
}

/** All repetitions in the journal of a project. */
function journalOf(project: string): number[] {
  const folder = path.join(project, 'results/stress');
  const [file] = existsSync(folder) ? readdirSync(folder) : [];
  if (file === undefined) return [];
  const [head = '', ...lines] = readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n');
  stressJournalHeadSchema.parse(JSON.parse(head));
  return lines.map((line) => stressLineSchema.parse(JSON.parse(line)).repetition.repetition);
}

describe.skipIf(process.platform === 'win32')('a stress run that is killed', () => {
  const start = async (): Promise<{ project: string; command: RunningCommand; children: readonly number[] }> => {
    const project = makeProject({ 'scenarios/sound.scenario.ts': counterScenario('sound', soundCount) });
    const command = startCommand(
      ['run', '--engine', 'stress', '--profile', 'quick', '--duration', '2m', '--json', 'out.json'],
      project,
    );
    while (journalOf(project).length < 2) await delay(100);
    const children = descendantsOf(command.process.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);
    return { project, command, children };
  };

  it('by Ctrl-C tells what is finished, and leaves no process', async () => {
    const { project, command, children } = await start();
    command.process.kill('SIGINT');
    const { exitCode, stdout } = await command.outcome;
    expect(exitCode).toBe(130);
    expect(stdout).toContain('interrupted');
    const record = runRecordSchema.parse(JSON.parse(readFileSync(path.join(project, 'out.json'), 'utf8')));
    expect(record.interrupted).toBe(true);
    expect(record.scenarios[0]?.stress?.repetitions.map(({ repetition }) => repetition)).toEqual(journalOf(project));
    expect(children.filter(isAlive)).toEqual([]);
  });

  it('in its stress process alone runs that repetition again, and blames nobody', async () => {
    const { project, command, children } = await start();
    const nameOf = (child: number): string =>
      execFileSync('ps', ['-o', 'args=', '-p', String(child)], { encoding: 'utf8' });
    const victim = children.find((child) => nameOf(child).includes('stress/main'));
    if (victim === undefined) throw new Error('there is no stress process');
    process.kill(victim, 'SIGKILL');
    const finished = journalOf(project).length;
    while (journalOf(project).length < finished + 2 && command.process.exitCode === null) await delay(100);
    command.process.kill('SIGINT');
    await command.outcome;
    const record = runRecordSchema.parse(JSON.parse(readFileSync(path.join(project, 'out.json'), 'utf8')));
    expect(record.scenarios[0]?.verdict).toBe('interrupted');
    expect(journalOf(project)).toEqual(journalOf(project).map((_, index) => index + 1));
  });

  it('by SIGKILL has its repetitions on disk, and leaves no process', async () => {
    const { project, command, children } = await start();
    command.process.kill('SIGKILL');
    await command.outcome;
    const deadlineMs = performance.now() + 10_000;
    while (children.some(isAlive) && performance.now() < deadlineMs) await delay(50);
    expect(children.filter(isAlive)).toEqual([]);
    expect(journalOf(project).length).toBeGreaterThanOrEqual(2);
  });
});

describe('threadmill run --engine stress', () => {
  it('tells a story of what breaks, and fails', async () => {
    const project = makeProject({ 'scenarios/lossy.scenario.ts': counterScenario('lossy', lossyCount) });
    const { exitCode, stdout } = await runCommand(
      ['run', '--engine', 'stress', '--profile', 'quick', '--repeat', '30', '--seed', '1', '--no-save'],
      project,
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ lossy {2}violation \(count\), expected held/);
    expect(stdout).toMatch(/under stress in repetition \d+, execution [\d,]+, amplify 0\.5/);
    expect(stdout).toMatch(/The same failure in [\d,]+ executions? of the controlled engine, shrunk:/);
    expect(stdout).toContain('── preempted');
    expect(stdout).toMatch(/npx threadmill run scenarios\/lossy\.scenario\.ts --seed 1 --path [\d:]+/);
    expect(stdout).toMatch(/no lock stalls {2}integrity {2}queues rise and fall {2}no wrong-agent use\nlossy .*✓ +✗/);
  });

  it.each([
    [['--profile', 'quick'], '--profile is for the stress engine. Add --engine stress'],
    [['--no-watch'], '--no-watch is for the stress engine'],
    [['--engine', 'stress', '--runs', '5'], '--runs is for the controlled engine'],
    [['--engine', 'stress', '--no-instrument', '--amplify', '0.5'], '--amplify needs the scheduling points'],
    [['--engine', 'stress', '--amplify', '2'], 'Expected a number from 0 to 1'],
  ])('refuses %j', async (given, message) => {
    const { exitCode, stderr } = await runCommand(['run', ...given], makeProject({}));
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(message) as string });
  });
});
