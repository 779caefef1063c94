import { describe, expect, it } from 'vitest';
import type { ExecutionResult } from '../../engine/execution-result.js';
import { counterexampleSample, operationSample } from '../../report/testing/samples.js';
import type { CorpusEntry } from '../../results/read-counterexample.js';
import type { Counterexample } from '../../results/schema.js';
import type { Expectation } from '../../scenario/verdict.js';
import { heldSample, PlayedSlot, scenarioSample, sessionSample, violationSample } from '../testing/doubles.js';
import type { ExplorerReply } from './protocol.js';
import { replayCorpus, type OldFailure } from './replay-corpus.js';

const scenario = scenarioSample('a');

/** An entry of the corpus; by its number of writers the played explorer knows which it is. */
function entry(writers: number, changes: Partial<Counterexample> = {}): CorpusEntry {
  const own = { name: 'a', file: scenario.file };
  const counterexample = counterexampleSample({ scenario: own, writers, traceHash: 'ab', ...changes });
  return { file: `results/corpus/${writers}.json`, counterexample };
}

type Reply = ExecutionResult | 'refused';

/** Replays entries with these results, one after another for each. */
async function replay(
  entries: readonly CorpusEntry[],
  results: Readonly<Record<number, readonly Reply[]>>,
  { expected = 'held', isStopped = () => false }: { expected?: Expectation; isStopped?: () => boolean } = {},
): Promise<{ old: OldFailure | undefined; notes: string[]; known: number; performed: number[]; told: number[] }> {
  const performed: number[] = [];
  const notes: string[] = [];
  const slot = new PlayedSlot({
    replay: (request): ExplorerReply => {
      if (request.kind !== 'replay') throw new Error('not asked for');
      const { writers } = request.plan;
      const before = performed.filter((other) => other === writers).length;
      performed.push(writers);
      const reply = results[writers]![before]!;
      return reply === 'refused'
        ? { kind: 'refused', problem: 'is another.' }
        : { kind: 'replayed', executionResult: reply };
    },
  });
  const { session, events } = sessionSample([slot], { corpus: entries, isStopped });
  const facts = { ...scenario.facts, expected };
  let expectedOnes = 0;
  const listener = {
    notes,
    onExpected: () => {
      expectedOnes++;
    },
  };
  const old = await replayCorpus(session, { ...scenario, facts }, listener);
  const told = events.flatMap((event) => (event.kind === 'progress' ? [event.executions] : []));
  return { old, notes, known: expectedOnes, performed, told };
}

describe('replayCorpus', () => {
  it('replays what was found in this scenario, and nothing else', async () => {
    const others = [
      entry(7, { scenario: { name: 'b', file: scenario.file } }),
      entry(8, { scenario: { name: 'a', file: 'b.scenario.ts' } }),
    ];
    const { old, performed, told } = await replay([entry(1), ...others, entry(2)], {
      1: [heldSample()],
      2: [heldSample()],
    });
    expect(old).toBeUndefined();
    expect(performed).toEqual([1, 2]);
    expect(told).toEqual([1, 2]);
  });

  it('ends at the first that still fails, with what it came to now, and as small as it was', async () => {
    const now = violationSample({ steps: 77 });
    const { old, performed, notes } = await replay(
      [entry(1), entry(2, { shrinkingEnded: 'timeLimit', seed: 9, path: '4:1' }), entry(3)],
      { 1: [heldSample()], 2: [now], 3: [now] },
    );
    expect(performed).toEqual([1, 2]);
    expect(old?.entry.file).toBe('results/corpus/2.json');
    expect(old?.counterexample).toMatchObject({ steps: 77, seed: 9, path: '4:1', shrinkingEnded: 'timeLimit' });
    expect(notes).toEqual(['results/corpus/1.json no longer fails; if you fixed the bug, delete this file']);
  });

  it('tells of what is expected, if it is as small as can be, and goes on', async () => {
    const { old, known, performed } = await replay(
      [entry(1), entry(2, { shrinkingEnded: 'interrupted' }), entry(3)],
      {
        1: [violationSample()],
        2: [violationSample()],
        3: [violationSample({ failure: { verdict: 'violation', invariant: 'other' } })],
      },
      { expected: { verdict: 'violation', invariant: 'count' } },
    );
    expect(performed).toEqual([1, 2, 3]);
    expect(known).toBe(1);
    expect(old?.entry.file).toBe('results/corpus/3.json');
  });

  it('replays a trace that is another now once more, to see whether it can be relied on', async () => {
    const now = violationSample({ traceHash: 'cd' });
    const same = await replay([entry(1)], { 1: [now, now] });
    expect(same.performed).toEqual([1, 1]);
    expect(same.old?.counterexample).toMatchObject({ traceHash: 'cd', failure: { verdict: 'violation' } });
    const again = violationSample({ traceHash: 'ef', trace: [operationSample(0, 1)] });
    const differing = await replay([entry(1)], { 1: [now, again] });
    expect(differing.old?.counterexample.failure).toMatchObject({
      verdict: 'uncontrolled',
      message: expect.stringMatching(/^results\/corpus\/1\.json: two replays gave .* at operation 0: /) as string,
    });
  });

  it('says of a file that is none of this scenario why, and goes on', async () => {
    const { notes, old, told } = await replay([entry(1), entry(2)], { 1: ['refused'], 2: [violationSample()] });
    expect(notes).toEqual(['results/corpus/1.json is another.']);
    expect(old?.entry.file).toBe('results/corpus/2.json');
    expect(told).toEqual([1]);
  });

  it('begins no further one once the run is stopped', async () => {
    let asked = 0;
    const { performed, old } = await replay(
      [entry(1), entry(2)],
      { 1: [heldSample()], 2: [violationSample()] },
      { isStopped: () => asked++ > 0 },
    );
    expect(performed).toEqual([1]);
    expect(old).toBeUndefined();
  });
});
