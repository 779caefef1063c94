import { describe, expect, it } from 'vitest';
import { strategyNames } from '../../harness/schedule/strategy-names.js';
import { runCommand } from './command.js';
import { Experiment, replay } from './experiment.js';

const experiment = new Experiment();

/** Reads, lets others run, writes: an update is lost if another reader does the same in between. */
const lossy = `import { invariant, scenario } from 'threadmill';
export default scenario({
  name: 'lossy',
  store: () => ({ count: 0 }),
  readers: {
    count: 2,
    async run({ store, pause, workers, writers }) {
      if (writers !== 0 || workers.length !== 0) throw new Error('there is a writer');
      const before = store.count;
      await pause();
      store.count = before + 1;
    },
  },
  invariants: [invariant<{ count: number }>('both are counted', ({ store, final }) => !final || store.count === 2)],
});
`;

/** No store either. The type of \`store\` is inferred, and the file type-checks without annotations. */
const bare = `import { isMainThread } from 'node:worker_threads';
import { scenario } from 'threadmill';
export default scenario({
  name: 'bare',
  readers: {
    count: 2,
    async run({ store, pause }) {
      const nothing: undefined = store;
      await pause();
      if (nothing !== undefined || !isMainThread) throw new Error('that is no bare scenario');
    },
  },
});
`;

describe('a scenario without writers', () => {
  it.each(strategyNames)('is explored by %s, found to fail, and replayed', async (strategy) => {
    experiment.write('scenarios/lossy.scenario.ts', lossy);
    const result = await experiment.runFile('scenarios/lossy.scenario.ts', { strategy, save: true });
    expect(result).toMatchObject({
      verdict: 'violation',
      invariant: 'both are counted',
      counterexample: { writers: 0 },
    });
    const file = result.counterexample?.file ?? '';
    const { agreeing, replayed } = await replay({ projectDirectory: experiment.project, file, times: 2 });
    expect({ agreeing, verdict: replayed?.failure.verdict }).toEqual({ agreeing: 2, verdict: 'violation' });
  });

  it('may have no store, under either engine', async () => {
    experiment.write('scenarios/bare.scenario.ts', bare);
    const controlled = await experiment.runFile('scenarios/bare.scenario.ts');
    expect(controlled).toMatchObject({ verdict: 'held', executions: 60 });
    const stress = { profile: 'quick' } as const;
    const stressed = await experiment.runFile('scenarios/bare.scenario.ts', {
      engine: 'stress',
      stress,
      runs: undefined,
    });
    expect(stressed).toMatchObject({ verdict: 'held' });
    expect(stressed.stress?.repetitions[0]).toMatchObject({ writers: 0, readers: 2 });
  });

  it('that waits for what never comes is a deadlock', async () => {
    const result = await experiment.run({
      fields: `readers: { count: 1, async run() { await new Promise(() => undefined); } },`,
    });
    expect(result.verdict).toBe('deadlock');
  });
});

it('a scenario without a name has that of its file', async () => {
  const text = `import { scenario } from 'threadmill';\nexport default scenario({ readers: { count: 1, run() {} } });\n`;
  experiment.write('scenarios/deep/unnamed.scenario.ts', text);
  const { stdout } = await runCommand(['list', 'scenarios/deep'], experiment.project);
  expect(stdout).toMatch(/^deep\/unnamed {2}held/);
});

describe('a scenario without a store', () => {
  it('gives its writers none', async () => {
    experiment.write(
      'scenarios/no-store.scenario.ts',
      `import { scenario } from 'threadmill';
export default scenario({
  name: 'no store',
  writers: { count: 2, run({ store }) { if (store !== undefined) throw new Error('there is a store'); } },
});
`,
    );
    expect((await experiment.runFile('scenarios/no-store.scenario.ts')).verdict).toBe('held');
  });
});

it('a scenario with neither writers nor readers is refused', async () => {
  experiment.write(
    'scenarios/nobody.scenario.ts',
    `import { scenario } from 'threadmill';\nexport default scenario({});\n`,
  );
  const { exitCode, stderr } = await runCommand(['list', 'scenarios/nobody.scenario.ts'], experiment.project);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(
    'nobody.scenario.ts: run: found nothing, expected run, a function, or else writers, readers, or both',
  );
});
