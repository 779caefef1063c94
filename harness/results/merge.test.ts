import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import {
  heldResultSample,
  interruptedResultSample,
  runRecordSample,
  scenarioResultSample,
} from '../report/testing/samples.js';
import { coveredShards, mergeRecords, type ShardFile } from './merge.js';
import type { ExhaustiveCounts } from './exhaustive-counts.js';
import type { RunRecord, ScenarioResult } from './schema.js';

const allFiles = Array.from({ length: 6 }, (_, place) => `scenarios/${place}.scenario.ts`);

const count = fc.nat({ max: 1_000_000 });

/** The result of one scenario in an undivided run. */
const resultOf = (place: number): fc.Arbitrary<ScenarioResult> =>
  fc
    .record({
      executions: fc.integer({ min: 1, max: 1_000_000 }),
      executionsPerSecond: fc.integer({ min: 1, max: 100_000 }),
      schedulingPoints: count,
      switches: count,
      durationMs: count,
      failedExecution: fc.option(fc.nat({ max: 100_000 })),
      expected: fc.constantFrom('held' as const, 'violation' as const),
      notes: fc.uniqueArray(fc.string(), { maxLength: 3 }),
    })
    .map(({ failedExecution, expected, ...changes }) => {
      const scenario = { name: `scenario ${place}`, file: allFiles[place]!, expected, ...changes };
      return failedExecution === null
        ? heldResultSample({ ...scenario, met: expected === 'held' })
        : scenarioResultSample({
            ...scenario,
            met: expected === 'violation',
            executionsToFind: failedExecution + 1,
            path: `${failedExecution}:1`,
          });
    });

const undivided: fc.Arbitrary<RunRecord> = fc
  .tuple(...allFiles.map((_, place) => resultOf(place)))
  .chain((results) => fc.shuffledSubarray(results, { minLength: 1 }))
  .chain((results) =>
    fc.record({ durationMs: count, seed: fc.integer() }).map((changes) => {
      const inOrder = [...results].sort((left, right) => (left.file < right.file ? -1 : 1));
      const { options, ...record } = runRecordSample(inOrder);
      return { ...record, ...changes, options: { ...options, files: inOrder.map(({ file }) => file) } };
    }),
  );

/** Divides a number into this many parts that add up to it. */
function divide(number: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = number;
  return weights.map((weight, place) => {
    const share = place === weights.length - 1 ? left : Math.min(left, Math.floor((number * weight) / total));
    left -= share;
    return share;
  });
}

/** The records that the shards of a run would leave: each failure is found by one shard, as `finders` says. */
function split(record: RunRecord, weights: readonly number[], finders: readonly number[]): ShardFile[] {
  return weights.map((_, shard) => {
    const share = (number: number): number => divide(number, weights)[shard]!;
    const scenarios = record.scenarios.map((result, place): ScenarioResult => {
      const isFinder = finders[place]! % weights.length === shard;
      const part = {
        ...result,
        executions: share(result.executions),
        schedulingPoints: share(result.schedulingPoints),
        switches: share(result.switches),
        durationMs: share(result.durationMs),
        notes: result.notes.slice(0, shard === 0 ? 1 : undefined),
      };
      if (result.verdict === 'held' || isFinder) return part;
      const { verdict, invariant, executionsToFind, path, counterexample } = heldResultSample();
      const met = result.expected === 'held';
      return { ...part, verdict, invariant, executionsToFind, path, counterexample, met };
    });
    const options = { ...record.options, shard: `${shard + 1}/${weights.length}` };
    const met = scenarios.every((result) => result.met);
    return {
      file: `shard-${shard}.json`,
      record: { ...record, options, durationMs: share(record.durationMs), met, scenarios },
    };
  });
}

const divided = fc
  .record({
    record: undivided,
    weights: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 6 }),
    finders: fc.array(fc.nat({ max: 50 }), { minLength: allFiles.length, maxLength: allFiles.length }),
  })
  .map(({ record, weights, finders }) => ({ record, shards: split(record, weights, finders) }));

describe('mergeRecords', () => {
  it('gives back a record that was divided among shards', () => {
    fc.assert(
      fc.property(divided, ({ record, shards }) => {
        expect(mergeRecords(shards)).toEqual({ record, problems: [], notes: [] });
      }),
    );
  });

  it('does not depend on the order of files, nor on a file that is there twice', () => {
    const shuffled = divided.chain(({ shards }) =>
      fc.tuple(fc.constant(shards), fc.shuffledSubarray(shards, { minLength: shards.length })),
    );
    fc.assert(
      fc.property(shuffled, ([shards, other]) => {
        expect(mergeRecords(other)).toEqual(mergeRecords(shards));
        const copy = { ...other[0]!, file: 'shard-z.json' };
        expect(mergeRecords([copy, ...other])).toMatchObject({
          record: mergeRecords(shards).record,
          notes: [expect.stringContaining('shard-z.json is the same record as')],
        });
      }),
    );
  });

  it('says that a test has only one interleaving if every shard that ran it says so', () => {
    const file = allFiles[0]!;
    const alike = heldResultSample({ file, onlyOneInterleaving: true });
    const shard = (result: ScenarioResult, place: number): ShardFile => {
      const { options, ...record } = runRecordSample([result]);
      return {
        file: `${place}.json`,
        record: { ...record, options: { ...options, files: [file], shard: `${place}/2` } },
      };
    };
    const merged = (other: ScenarioResult): unknown =>
      mergeRecords([shard(alike, 1), shard(other, 2)]).record.scenarios[0]?.onlyOneInterleaving;
    expect(merged(alike)).toBe(true);
    expect(merged(heldResultSample({ file, executions: 0 }))).toBe(true);
    expect(merged(heldResultSample({ file }))).toBeUndefined();
  });

  it('may be done in steps', () => {
    fc.assert(
      fc.property(divided, fc.nat(), ({ shards }, cut) => {
        const at = 1 + (cut % (shards.length - 1));
        const first = mergeRecords(shards.slice(0, at)).record;
        const rest = mergeRecords(shards.slice(at)).record;
        const together = mergeRecords([
          { file: 'rest.json', record: rest },
          { file: 'first.json', record: first },
        ]);
        expect(together).toEqual(mergeRecords(shards));
      }),
    );
  });

  it('names the shards that are not there, counts the others, and is not met', () => {
    fc.assert(
      fc.property(divided, fc.nat(), ({ shards }, which) => {
        const absent = which % shards.length;
        const { record, problems } = mergeRecords(shards.filter((_, shard) => shard !== absent));
        expect(problems).toEqual([
          expect.stringContaining(`shard ${absent + 1}/${shards.length} is not among the files`),
        ]);
        expect(record.met).toBe(false);
        const executions = (records: readonly RunRecord[]): number =>
          records.flatMap(({ scenarios }) => scenarios).reduce((sum, result) => sum + result.executions, 0);
        expect(executions([record])).toBe(
          executions(shards.filter((_, shard) => shard !== absent).map((shard) => shard.record)),
        );
      }),
    );
  });

  const shard = (index: number, results: ScenarioResult[], changes: Partial<RunRecord> = {}): ShardFile => {
    const record = runRecordSample(results, changes);
    const options = { ...record.options, files: allFiles, shard: `${index}/2` };
    return { file: `${index}.json`, record: { ...record, options, ...changes } };
  };

  it('tells of the first failure by its place in the campaign, whichever shard found it', () => {
    const late = scenarioResultSample({ path: '500', executionsToFind: 501, durationMs: 1 });
    const early = scenarioResultSample({ path: '130:2', executionsToFind: 131, durationMs: 2, invariant: 'checksum' });
    const corpus = scenarioResultSample({ path: '9000', executionsToFind: null, invariant: 'mine' });
    const found = (...results: ScenarioResult[]): unknown =>
      mergeRecords(results.map((result, place) => shard(place + 1, [result]))).record.scenarios[0];
    expect(found(late, early)).toMatchObject({ invariant: 'checksum', path: '130:2', executionsToFind: 131 });
    expect(found(early, late)).toMatchObject({ invariant: 'checksum', path: '130:2', executionsToFind: 131 });
    expect(found(early, corpus)).toMatchObject({ invariant: 'mine', executionsToFind: null });
  });

  it('is met if one shard found what a scenario expects', () => {
    const expected = 'violation' as const;
    const name = 'counter: load then store';
    const { file } = scenarioResultSample();
    const missed = heldResultSample({ name, file, expected, met: false });
    const { record } = mergeRecords([shard(1, [missed]), shard(2, [scenarioResultSample({ expected, met: true })])]);
    expect(record).toMatchObject({ met: true, scenarios: [{ verdict: 'violation', met: true }] });
  });

  it('is not met if a shard was interrupted, and says which', () => {
    const merged = mergeRecords([shard(1, [heldResultSample()]), shard(2, [], { interrupted: true, met: false })]);
    expect(merged.record).toMatchObject({ interrupted: true, met: false });
    expect(merged.notes).toEqual([expect.stringContaining('2.json: the run was interrupted')]);
    expect(merged.problems).toEqual([]);
  });

  it('claims every interleaving if each shard has explored all of its own, and none is missing', () => {
    const counts = { executions: 10, interleavings: 9, isComplete: true, fractionDone: 1, redundant: 2, lost: 0 };
    const explored = (index: number, changes: Partial<ExhaustiveCounts> = {}): ShardFile => {
      const exhaustive = {
        ...counts,
        combinations: 1,
        preemptions: null,
        uncovered: [],
        shard: `${index}/2`,
        ...changes,
      };
      return shard(index, [heldResultSample({ exhaustive })]);
    };
    const merged = (...files: ShardFile[]): unknown => mergeRecords(files).record.scenarios[0]?.exhaustive;
    const both = { ...counts, executions: 20, interleavings: 18, redundant: 4, combinations: 1, preemptions: null };
    expect(merged(explored(1), explored(2))).toEqual({ ...both, uncovered: [] });
    expect(merged(explored(1), explored(2, { uncovered: ['loops'], lost: 1 }))).toMatchObject({
      uncovered: ['loops'],
      lost: 1,
    });
    expect(merged(explored(1), explored(2, { isComplete: false, fractionDone: 0.5 }))).toMatchObject({
      isComplete: false,
      fractionDone: 0.75,
    });
    // What one shard has explored is not all.
    expect(merged(explored(2))).toMatchObject({ interleavings: 9, shard: '2/2' });
    expect(merged(explored(1), shard(2, [heldResultSample()]))).toMatchObject({ isComplete: false });
  });

  it('names a scenario that a shard has no result of', () => {
    const { problems, record } = mergeRecords([shard(1, [heldResultSample()]), shard(2, [])]);
    expect(problems).toEqual([expect.stringMatching(/2\.json has no result of "counter: Atomics\.add".*same sources/)]);
    expect(record.met).toBe(false);
  });

  it('says on what machines shards ran, where they differ', () => {
    const merged = mergeRecords([shard(1, []), shard(2, [], { node: 'v22.0.0', cpus: 64 })]);
    expect(merged.record).toMatchObject({ node: '20.19.0, v22.0.0', cpus: 64 });
    expect(merged.notes).toHaveLength(2);
  });

  it.each([
    ['seed', shard(2, [], { seed: 43 }), /1\.json and 2\.json are not parts of one campaign: seed is 42 .* and 43/],
    ['version', shard(2, [], { threadmill: '9.9.9' }), /threadmill is "0\.1\.0" .* "9\.9\.9"/],
    ['shard count', { ...shard(2, []), record: runRecordSample([]) }, /both|number of shards is 2 .* and 1/],
    ['the same shard again', shard(1, [heldResultSample()]), /are both shard 1\/2/],
  ])('refuses another %s', (_, other, message) => {
    const merge = (): unknown => mergeRecords([shard(1, []), other]);
    expect(merge).toThrow(UsageError);
    expect(merge).toThrow(message);
  });

  it('refuses results that expect different things, and nothing at all', () => {
    const other = heldResultSample({ expected: 'violation' });
    expect(() => mergeRecords([shard(1, [heldResultSample()]), shard(2, [other])])).toThrow(/different sources/);
    expect(() => mergeRecords([])).toThrow(/no records to merge/);
  });
});

describe('coveredShards', () => {
  it('reads what records say', () => {
    expect(coveredShards(null)).toEqual({ indices: [1], count: 1 });
    expect(coveredShards('2/4')).toEqual({ indices: [2], count: 4 });
    expect(coveredShards('1,3/4')).toEqual({ indices: [1, 3], count: 4 });
  });

  it.each(['', '2', '0/4', '5/4', 'a/b', '1,/4', '1.5/4'])('refuses %j', (shard) => {
    expect(() => coveredShards(shard)).toThrow(UsageError);
  });
});

describe('a shard that was interrupted', () => {
  const shard = (index: number, result: ScenarioResult, interrupted = false): ShardFile => {
    const record = runRecordSample([result], { interrupted, met: !interrupted && result.met });
    return {
      file: `shard-${index}.json`,
      record: { ...record, options: { ...record.options, shard: `${index}/2` } },
    };
  };
  const same = { name: 'queue', file: 'scenarios/queue.scenario.ts' };
  const interrupted = shard(1, interruptedResultSample(same), true);

  it('does not let the whole hold, though the others did', () => {
    const { record } = mergeRecords([interrupted, shard(2, heldResultSample(same))]);
    expect(record).toMatchObject({ interrupted: true, met: false });
    expect(record.scenarios).toEqual([
      expect.objectContaining({ verdict: 'interrupted', met: false, executions: 2_012 }),
    ]);
  });

  it('does not hide what another has found', () => {
    const { record } = mergeRecords([interrupted, shard(2, scenarioResultSample(same))]);
    expect(record.scenarios).toEqual([expect.objectContaining({ verdict: 'violation', invariant: 'count' })]);
  });
});
