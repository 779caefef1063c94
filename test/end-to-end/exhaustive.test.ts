import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunRecord, ScenarioResult } from '../../harness/results/schema.js';
import { runCommand, startCommand } from './command.js';
import { Experiment, scenarioText } from './experiment.js';

const everything = { exhaustive: { preemptions: null } } as const;
const writers = (count: number, body: string): string =>
  `writers: { count: ${count}, run({ store, index }) { ${body} } },`;

/** What was performed before something was divided, and to divide it. */
const ofDividing = expect.toSatisfy((executions: number) => executions > 2_000 && executions <= 2_500) as number;

async function explore(fields: string, options: object = everything, before = ''): Promise<ScenarioResult> {
  return new Experiment().run({ fields, before }, { runs: undefined, ...options });
}

describe('--exhaustive', () => {
  it.each([
    ['3 writers to one word', writers(3, 'Atomics.store(store, 0, index)'), 6],
    ['4 writers to one word', writers(4, 'Atomics.store(store, 0, index)'), 24],
    ['5 private steps each', writers(3, 'for (let step = 0; step < 5; step++) store[index] = step'), 1],
    ['2 writers that write twice', writers(2, 'store[0] = 1; store[0] = 2'), 6],
    [
      '1 writer and 3 that read',
      writers(4, 'if (index === 0) Atomics.store(store, 0, 1); else Atomics.load(store, 0)'),
      8,
    ],
    ['2 that take and release a lock once', writers(2, 'Atomics.add(store, 0, 1); Atomics.sub(store, 0, 1)'), 6],
    ['3 coroutines that pause once', `readers: { count: 3, async run({ pause }) { await pause(); } },`, 90],
  ])('explores every interleaving of %s, each once', async (_, fields, interleavings) => {
    const { verdict, executions, exhaustive } = await explore(fields);
    expect(verdict).toBe('held');
    expect(exhaustive).toMatchObject({ interleavings, isComplete: true, lost: 0, combinations: 1 });
    expect(executions).toBe(interleavings);
  });

  it('counts an order once, although what an operation may do decides what is tried', async () => {
    const wakes = 'Atomics.store(store, 0, 1); Atomics.notify(store, 0);';
    const { executions, exhaustive } = await explore(
      writers(2, `if (index === 0) { ${wakes} } else Atomics.wait(store, 0, 0)`),
    );
    expect(exhaustive).toMatchObject({ interleavings: 2, isComplete: true });
    // A wait that does not block may come before or after the notify.
    expect(executions).toBe(3);
  });

  it('finds what random schedules hardly do, and its counterexample replays', async () => {
    const experiment = new Experiment();
    const steps = 'const order = [1, 0, 1, 0, 0, 1, 1, 0, 1, 0]; let right = 0;';
    experiment.write(
      'scenarios/needle.scenario.ts',
      scenarioText('needle', {
        fields: `${writers(2, 'for (let step = 0; step < 5; step++) store[Atomics.add(store, 0, 1) + 1] = index')}
          after({ store }) { ${steps} for (const [step, index] of order.entries()) if (store[step + 1] === index) right++;
            check(right < 10, 'the needle'); },`,
      }).replace('SharedArrayBuffer(16)', 'SharedArrayBuffer(64)'),
    );
    const result = await experiment.runFile('scenarios/needle.scenario.ts', {
      ...everything,
      runs: undefined,
      save: true,
    });
    expect(result).toMatchObject({ verdict: 'crash', exhaustive: { isComplete: false } });
    const saved = experiment.saved(result);
    expect(saved).toMatchObject({ exhaustive: everything.exhaustive, failure: { message: 'Error: the needle' } });
    const file = result.counterexample?.file ?? '';
    const replayed = await runCommand(['replay', file, '--times', '5'], experiment.project);
    expect([replayed.exitCode, replayed.stdout]).toEqual([0, expect.stringContaining(saved.traceHash)]);
    const page = await runCommand(['run', 'scenarios/needle.scenario.ts', '--exhaustive'], experiment.project);
    expect(page.stdout).toContain('npx threadmill run scenarios/needle.scenario.ts --exhaustive\n');
  });

  it('explores with a bound on preemptions what takes no more', async () => {
    const lost = `${writers(2, 'store[0]! += 1')} after({ store }) { check(store[0] === 2, 'lost'); },`;
    const bounded = (preemptions: number): Promise<ScenarioResult> => explore(lost, { exhaustive: { preemptions } });
    const none = await bounded(0);
    expect(none).toMatchObject({ verdict: 'held', exhaustive: { isComplete: true, preemptions: 0, interleavings: 2 } });
    expect(await bounded(1)).toMatchObject({ verdict: 'crash' });
  });

  it('explores each combination of what is drawn, if there are few', async () => {
    const before = "import fc from 'fast-check';";
    const drawn = (params: string): string =>
      `params: { ${params} }, writers: { count: fc.integer({ min: 1, max: 3 }), run({ store }) { store[0] = 1; } },`;
    const few = await explore(drawn('flag: fc.boolean()'), everything, before);
    // One, two or six orders, twice. Those of one writer are one interleaving whatever the flag is.
    expect(few.exhaustive).toMatchObject({ combinations: 6, interleavings: 1 + 2 + 6, isComplete: true });
    expect(few.executions).toBe(2 * (1 + 2 + 6));
    const many = await explore(drawn('number: fc.nat()'), everything, before);
    expect(many).toMatchObject({ verdict: 'interrupted', notes: [expect.stringContaining('combinations')] });
    expect(many.exhaustive).toBeUndefined();
  });

  it('says so if loops that only look are cut short, and lets random schedules have them look longer', async () => {
    const spins = writers(2, 'if (index === 0) Atomics.store(store, 0, 1); else while (Atomics.load(store, 0) === 0);');
    const held = await explore(spins);
    expect(held).toMatchObject({ verdict: 'held', exhaustive: { isComplete: true, uncovered: ['loops'] } });
    expect(held.executions).toBe((held.exhaustive?.executions ?? 0) + 2_000);
    const looks =
      'for (let look = 0; look < 20 && Atomics.load(store, 0) === 0; look++) if (look === 15) check(false, "gave up");';
    const fails = await explore(writers(2, `if (index === 0) Atomics.store(store, 0, 1); else ${looks}`));
    expect(fails).toMatchObject({ verdict: 'crash', exhaustive: { isComplete: false } });
  });

  it.each([
    [
      'timers were still set',
      `${writers(1, 'store[0] = 1')} readers: { count: 1, run({ store }) { setInterval(() => check(store[0] === 0, 'late'), 5); } },`,
    ],
    [
      'broadcast channels',
      "writers: { count: 2, run({ index }) { const one = new BroadcastChannel('a'); if (index === 0) one.postMessage(1); } },",
    ],
  ])('claims nothing if an order is not explored: %s', async (note, fields) => {
    const { verdict, exhaustive, notes } = await explore(fields);
    expect([verdict, exhaustive?.isComplete]).toEqual(['interrupted', false]);
    expect(notes).toEqual([expect.stringContaining(note)]);
  });

  it('lets an agent that does a lot go on for as long as it may', async () => {
    const body =
      'if (index === 1) check(store[0] !== 5500, "the place"); else for (let step = 0; step < 6000; step++) store[step < 5400 ? 1 : 0] = step + 1;';
    const fields = `limits: { shrinkMs: 200 }, ${writers(2, body)}`;
    const result = await explore(fields, { exhaustive: { preemptions: 1 } });
    expect(result).toMatchObject({ verdict: 'crash', counterexample: { preemptions: 1 } });
  });

  it('goes on from the parameters that a failure had', async () => {
    const params = 'params: { values: fc.constant(new Map([[1n, Number.NaN]])) },';
    const fields = `${params} ${writers(2, 'store[0]! += 1')} after({ store, params }) { check(store[0] === 2 || !params.values.has(1n), 'lost'); },`;
    expect(await explore(fields, everything, "import fc from 'fast-check';")).toMatchObject({ verdict: 'crash' });
  });

  it('finds out that something is decided by nobody', async () => {
    const before = "import { appendFileSync, statSync } from 'node:fs';";
    const rounds = "appendFileSync('rounds', '.'); const rounds = 1 + (statSync('rounds').size % 3);";
    const fields = writers(2, `${rounds} for (let step = 0; step < rounds; step++) Atomics.add(store, 0, 1)`);
    const experiment = new Experiment();
    experiment.write('scenarios/a.scenario.ts', scenarioText('a', { before, fields }));
    const { exitCode, stdout } = await runCommand(['run', '--exhaustive', '--no-save'], experiment.project);
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining('the same schedule gave two different traces')]);
  });

  it('is not held if it is not finished, and says how far it came', async () => {
    const experiment = new Experiment();
    const many = writers(4, 'for (let step = 0; step < 20; step++) store[0] = step');
    experiment.write('scenarios/many.scenario.ts', scenarioText('many', { fields: many }));
    const { exitCode, stdout } = await runCommand(
      ['run', '--exhaustive', '--runs', '50', '--no-save'],
      experiment.project,
    );
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/interrupted after 50 executions \(50 interleavings, less than 0.1 % of all\)/);
  });

  it('goes on where it was after any end', async () => {
    const experiment = new Experiment();
    const fields = writers(3, 'for (let step = 0; step < [6, 5, 2][index]!; step++) Atomics.add(store, 0, 1)');
    experiment.write('scenarios/long.scenario.ts', scenarioText('long', { fields }));
    const kept = path.join(experiment.project, 'results/exhaustive');
    const args = ['run', '--exhaustive', '--json', 'record.json'];
    const command = startCommand(args, experiment.project);
    const isKept = (): boolean => existsSync(kept) && readdirSync(kept).some((name) => /^[^.].*\.json$/.test(name));
    while (!isKept() && command.process.exitCode === null) await sleep(20);
    command.process.kill('SIGKILL');
    await command.outcome;
    const { exitCode, stdout } = await runCommand(args, experiment.project);
    const record = JSON.parse(readFileSync(path.join(experiment.project, 'record.json'), 'utf8')) as RunRecord;
    // 13! / (6! 5! 2!)
    const interleavings = 36_036;
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/held, all 36,036 interleavings/)]);
    expect(stdout).toMatch(/continues after [1-9]\d* executions of an earlier run/);
    // It was divided once.
    expect(record.scenarios[0]).toMatchObject({
      exhaustive: { executions: interleavings, interleavings, isComplete: true, redundant: ofDividing },
    });
    expect(readdirSync(kept)).toEqual([]);
  });

  it.each([
    ['no shares', { shares: [] }],
    ['a share of what there is not', { combinations: 1, uncovered: [], givenUp: 0, shares: [{ combination: 7 }] }],
    ['nothing', null],
  ])('begins again if %s is left of what was kept', async (_, progress) => {
    const experiment = new Experiment();
    const fields = writers(3, 'for (let step = 0; step < [3, 2, 2][index]!; step++) Atomics.add(store, 0, 1)');
    experiment.write('scenarios/short.scenario.ts', scenarioText('short', { fields }));
    await runCommand(['run', '--exhaustive', '--runs', '50'], experiment.project);
    const folder = path.join(experiment.project, 'results/exhaustive');
    const file = path.join(folder, readdirSync(folder)[0]!);
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { progress: { shares: object[] } | null };
    // Only one thing is wrong.
    const shares = progress?.shares.map((share) => ({ ...kept.progress!.shares[0], ...share }));
    writeFileSync(file, JSON.stringify({ ...kept, progress: progress && { ...progress, shares } }));
    const { exitCode, stdout } = await runCommand(['run', '--exhaustive'], experiment.project);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('held, all 210 interleavings')]);
    expect(stdout).not.toContain('continues after');
  });

  it('divides what takes long among explorers, with the same result whatever their number', async () => {
    const steps = `for (let step = 0; step < [4, 4, 2][index]!; step++)`;
    const holding = writers(3, `${steps} Atomics.add(store, 0, 1)`);
    const failing = writers(
      3,
      `const seen: number[] = [];
       ${steps} seen.push(Atomics.add(store, 0, 1));
       check(seen.join() !== '0,3');`,
    );
    const found = async (fields: string, explorers: number): Promise<unknown[]> => {
      const { verdict, exhaustive, counterexample, executionsToFind } = await explore(fields, {
        ...everything,
        explorers,
        save: true,
      });
      return [verdict, exhaustive, counterexample, executionsToFind];
    };
    const held = await found(holding, 1);
    // 10! / (4! 4! 2!)
    expect(held).toMatchObject([
      'held',
      { interleavings: 3_150, executions: 3_150, redundant: ofDividing, isComplete: true },
      null,
      null,
    ]);
    expect(await found(holding, 3)).toEqual(held);
    const violated = await found(failing, 1);
    expect(violated).toMatchObject(['crash', { redundant: ofDividing, isComplete: false }, {}, expect.any(Number)]);
    const again = await found(failing, 3);
    expect([again[0], again[2], again[3]]).toEqual([violated[0], violated[2], violated[3]]);
  });

  it('is divided among shards, which are merged', async () => {
    const experiment = new Experiment();
    const steps = 'for (let step = 0; step < [3, 2, 2][index]!; step++)';
    const fields = writers(3, `${steps} Atomics.add(store, 0, 1)`);
    experiment.write('scenarios/shared.scenario.ts', scenarioText('shared', { fields }));
    for (const shard of ['1/2', '2/2']) {
      const args = ['run', '--exhaustive', '--seed', '1', '--shard', shard, '--json', `${shard[0]}.json`];
      const { exitCode, stdout } = await runCommand(args, experiment.project);
      expect([exitCode, stdout]).toEqual([0, expect.stringMatching(`held, all \\d+ interleavings of shard ${shard}`)]);
    }
    const { exitCode, stdout } = await runCommand(['merge', '1.json', '2.json'], experiment.project);
    // 7! / (3! 2! 2!)
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('held, all 210 interleavings')]);
    const alone = await runCommand(['merge', '2.json'], experiment.project);
    expect([alone.exitCode, alone.stdout]).toEqual([1, expect.stringContaining('interleavings of shard 2/2')]);
  });

  it.each([
    [['--exhaustive', '--seed', '1', '--path', '1:0'], '--path'],
    [['--exhaustive', '--strategy', 'pct'], '--strategy'],
    [['--exhaustive', '--repeat', '2'], '--repeat'],
    [['--exhaustive', '--engine', 'stress'], '--engine stress'],
    [['--preemptions', '1'], '--exhaustive'],
  ])('%j is refused', async (args, named) => {
    const { exitCode, stderr } = await runCommand(['run', ...args], new Experiment().project);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(named)]);
  });
});

describe('a scenario of which random schedules show little', () => {
  it('is proven without asking', async () => {
    const fields = writers(3, 'Atomics.store(store, 0, index)');
    const { verdict, exhaustive, executions } = await explore(fields, { runs: 500 });
    expect(verdict).toBe('held');
    expect(exhaustive).toMatchObject({ interleavings: 6, isComplete: true });
    expect([executions, exhaustive?.executions]).toEqual([500, 6]);
  });
});

describe('the interleavings that random schedules show', () => {
  const fields = writers(3, 'for (let step = 0; step < 4; step++) Atomics.add(store, step % 2, 1)');

  it('are counted alike, whatever the number of explorers', async () => {
    const counts = await Promise.all(
      [1, 2, 3].map(async (explorers) => (await explore(fields, { runs: 400, explorers })).interleavings),
    );
    expect(counts[0]).toMatchObject({ executions: 400, lastExecutions: 200 });
    expect(counts[0]?.distinct).toBeGreaterThan(100);
    expect(counts[0]?.newInLast).toBeGreaterThan(10);
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[2]).toEqual(counts[0]);
  });

  it('are no more than there are', async () => {
    const fewer = fields.replace('step < 4', 'step < 3');
    const all = await explore(fewer);
    const some = await explore(fewer, { runs: 1_500, explorers: 2 });
    expect(all.exhaustive).toMatchObject({ isComplete: true });
    expect(some.interleavings?.distinct).toBeLessThanOrEqual(all.exhaustive?.interleavings ?? 0);
    expect(some.interleavings?.distinct).toBeGreaterThan(0.3 * (all.exhaustive?.interleavings ?? Infinity));
  });
});
