import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { counterexampleSample } from '../report/testing/samples.js';
import type { Counterexample } from '../results/schema.js';
import type { ReplayResult } from './api.js';
import type * as replaying from './replay.js';
import { fromSource, makeProject } from './testing/from-source.js';

let replay: typeof replaying.replay;

beforeAll(async () => {
  ({ replay } = (await (await fromSource())('campaign/replay.js')) as typeof replaying);
});

const name = 'scenarios/a.scenario.ts';
const lossy = 'const seen = Atomics.load(store, 0); Atomics.store(store, 0, seen + 1);';

/** Two writers that count once each. */
const scenario = (count: string, writers = 2): string => `import { appendFileSync, readFileSync } from 'node:fs';
export default {
  name: 'a',
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: { count: ${writers}, run({ store }) { ${count} } },
  invariants: { count: { begin: () => ({ finish: ({ store }) => store[0] === ${writers} ? undefined : { message: 'lost' } }) } },
};
`;

/** A counterexample in which the second writer comes between the first one's two accesses. */
function save(project: string, file: string, changes: Partial<Counterexample> = {}): void {
  const schedule = { order: [1], preemptions: [{ step: 1, to: 0 }], choices: [], randomSeed: 0 };
  const own = { scenario: { name: 'a', file: name }, writers: 2, readers: 0, params: {}, schedule };
  writeFileSync(path.join(project, file), JSON.stringify(counterexampleSample({ ...own, ...changes })));
}

/** Replays it in a project with this scenario. */
async function replayOf(count: string, times = 1): Promise<{ projectDirectory: string; result: ReplayResult }> {
  const projectDirectory = makeProject({ [name]: scenario(count) });
  save(projectDirectory, 'a.json');
  return { projectDirectory, result: await replay({ projectDirectory, file: 'a.json', times }) };
}

describe('replay', () => {
  it('gives the same each time, and says that it is what was saved', async () => {
    const { projectDirectory, result } = await replayOf(lossy);
    const { replayed, saved } = result;
    expect(result).toMatchObject({ times: 1, agreeing: 0, firstDifference: null });
    expect(saved.traceHash).toBe(counterexampleSample().traceHash);
    expect(replayed).toMatchObject({
      failure: { verdict: 'violation', invariant: 'count' },
      preemptions: 1,
      path: '3:0:1',
      seed: 42,
    });
    save(projectDirectory, 'b.json', replayed!);
    expect(await replay({ projectDirectory, file: 'b.json', times: 3 })).toEqual({
      saved: replayed,
      replayed,
      times: 3,
      agreeing: 3,
      traceHashes: [{ traceHash: replayed!.traceHash, count: 3 }],
      firstDifference: null,
    });
  });

  it('has nothing to show if it holds by now', async () => {
    const { result } = await replayOf('Atomics.add(store, 0, 1);');
    expect(result).toMatchObject({ replayed: null, agreeing: 0, traceHashes: [expect.objectContaining({ count: 1 })] });
  });

  it('says where two replays first differ', async () => {
    const file = path.join(makeProject({ counted: '' }), 'counted');
    const text = JSON.stringify(file);
    // What it does depends on how often it has been done.
    const { result } = await replayOf(
      `appendFileSync(${text}, 'x'); Atomics.store(store, 1, readFileSync(${text}, 'utf8').length); ${lossy}`,
      3,
    );
    expect(result.traceHashes).toHaveLength(3);
    expect(result.firstDifference?.first).toMatchObject({ kind: 'Atomics.store' });
    expect(result.firstDifference?.second).toMatchObject({ kind: 'Atomics.store' });
    expect(result.firstDifference?.first).not.toEqual(result.firstDifference?.second);
  });

  it('refuses a scenario file that is none any more', async () => {
    const projectDirectory = makeProject({ [name]: scenario(lossy).replace('run(', 'walk(') });
    save(projectDirectory, 'a.json');
    await expect(replay({ projectDirectory, file: 'a.json' })).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/^scenarios\/a\.scenario\.ts: writers/) as string,
    });
  });

  it('refuses a counterexample that is none of the scenario, and what cannot be counted', async () => {
    const projectDirectory = makeProject({ [name]: scenario(lossy, 3) });
    const file = 'a.json';
    save(projectDirectory, file);
    await expect(replay({ projectDirectory, file })).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/^a\.json .*2 writers.*scenario.*3/) as string,
    });
    for (const times of [0, 1.5]) {
      await expect(replay({ projectDirectory, file, times })).rejects.toMatchObject({
        name: 'UsageError',
        message: expect.stringContaining('--times: found') as string,
      });
    }
    writeFileSync(path.join(projectDirectory, 'other.json'), '{}');
    await expect(replay({ projectDirectory, file: 'other.json' })).rejects.toMatchObject({ name: 'UsageError' });
  });
});
