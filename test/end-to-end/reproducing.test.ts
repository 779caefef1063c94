import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { afterEach, describe, expect, it } from 'vitest';
import { Experiment, replay } from './experiment.js';

const experiment = new Experiment();

const lostUpdate = {
  before: `import fc from 'fast-check';`,
  fields: `
    params: { increments: fc.integer({ min: 1, max: 5 }) },
    writers: {
      count: fc.integer({ min: 2, max: 4 }),
      run({ store, params }) {
        for (let i = 0; i < params.increments; i++) Atomics.store(store, 0, Atomics.load(store, 0) + 1);
      },
    },
    readers: { count: 2, async run({ store, pause }) { Atomics.load(store, 0); await pause(); Atomics.load(store, 0); } },
    invariants: [invariant('all counted', ({ store, final, history }) => !final || history.length > 0 || store[0] === store[1] || (store[0] ?? 0) % 2 === 0)],
    expect: 'violation',`,
};
describe('reproducing', () => {
  const burners: ChildProcess[] = [];
  afterEach(() => {
    for (const burner of burners.splice(0)) burner.kill('SIGKILL');
  });

  it('the same seed and path give the trace that was saved', async () => {
    const result = await experiment.run(lostUpdate, { runs: 2_000, save: true });
    const saved = experiment.saved(result);
    expect(saved.preemptions).toBeLessThanOrEqual(1);
    const again = await experiment.runFile(result.file, { seed: saved.seed, path: saved.path });
    expect(again.counterexample).toMatchObject({ traceHash: saved.traceHash, steps: saved.steps });
  });

  it.each([
    ['on a quiet machine', 0],
    ['while every core is kept busy', availableParallelism()],
  ])('fifty replays agree %s', async (_, busy) => {
    const result = await experiment.run(lostUpdate, { runs: 2_000, save: true });
    const saved = experiment.saved(result);
    for (let index = 0; index < busy; index++)
      burners.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    const outcome = await replay({
      projectDirectory: experiment.project,
      file: result.counterexample?.file ?? '',
      times: 50,
    });
    expect(outcome).toMatchObject({ agreeing: 50, traceHashes: [{ traceHash: saved.traceHash, count: 50 }] });
  });
});
