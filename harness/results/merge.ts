import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../errors.js';
import { meetsUnderStress } from '../scenario/same-verdict.js';
import { meets } from '../scenario/verdict.js';
import { uncoveredKinds, type ExhaustiveCounts } from './exhaustive-counts.js';
import { mergeStress } from './merge-stress.js';
import { shortened } from './read-json.js';
import type { RunRecord, ScenarioResult } from './schema.js';
import type { StressResult } from './stress-schema.js';

/** The record of one shard, and where it came from. */
export interface ShardFile {
  /** The name used in messages. */
  readonly file: string;
  readonly record: RunRecord;
}

/** Several records merged into one. */
export interface MergedRecord {
  readonly record: RunRecord;
  /** What is missing from it, and what to do: one or two sentences each. */
  readonly problems: readonly string[];
  /** Further notes. */
  readonly notes: readonly string[];
}

/** Which parts of a campaign a record covers: those with these numbers, from 1, of `count`. */
export interface CoveredShards {
  readonly indices: readonly number[];
  readonly count: number;
}

interface Part extends ShardFile, CoveredShards {}

/** The most shards of one campaign. Each missing one is reported by name. */
export const maximumShards = 10_000;

/** Reads `options.shard` of a record: `2/4`, `1,3/4` for a merged one, null for the whole. */
export function coveredShards(shard: string | null): CoveredShards {
  if (shard === null) return { indices: [1], count: 1 };
  const [indices = '', count = ''] = shard.split('/');
  const covered = { indices: indices.split(',').map(Number), count: Number(count) };
  const isSound = [covered.count, ...covered.indices].every(
    (number) => Number.isSafeInteger(number) && number >= 1 && number <= Math.min(covered.count, maximumShards),
  );
  if (!isSound || covered.indices.length > covered.count) {
    throw new UsageError(
      `options.shard: found "${shortened(shard)}", expected i/n with i from 1 to n, and n at most ${maximumShards.toLocaleString('en-US')}. Run the shard again.`,
    );
  }
  return covered;
}

/**
 * Merges the records of shards into the one that an undivided run would have left, as far as that can be known. Counts and
 * durations are added up. So durations are the time of all machines together, and executions a second are those of one
 * machine. Of several failures, the first by its place in the campaign counts, as it does in an undivided run.
 *
 * The result does not depend on the order of the files.
 *
 * @throws UsageError if there are no records, or if they are not parts of one campaign
 */
export function mergeRecords(files: readonly ShardFile[]): MergedRecord {
  const notes: string[] = [];
  const parts = withoutCopies(
    files.map((file): Part => ({ ...file, ...coveredShards(file.record.options.shard) })).sort(byPlace),
    notes,
  );
  const [first] = parts;
  if (first === undefined) throw new UsageError('There are no records to merge. Name the files that run --json wrote.');
  for (const part of parts) requireSameCampaign(first, part);
  const problems = [...absentShards(parts, first), ...absentScenarios(parts)];
  for (const { file, record } of parts) {
    if (record.interrupted)
      notes.push(`${file}: the run was interrupted; only what it finished before that is counted`);
  }
  const scenarios = mergeScenarios(parts);
  const records = parts.map(({ record }) => record);
  const interrupted = records.some((record) => record.interrupted);
  const covered = parts.flatMap(({ indices }) => indices).sort((left, right) => left - right);
  const isWhole = covered.length === first.count;
  for (const field of ['node', 'platform', 'cpus'] as const) {
    const values = unique(records.map((record) => String(record[field])));
    if (values.length > 1) notes.push(`the shards ran on machines that differ in ${field}: ${values.join(', ')}`);
  }
  const record: RunRecord = {
    ...first.record,
    node: unique(records.map(({ node }) => node)).join(', '),
    platform: unique(records.map(({ platform }) => platform)).join(', '),
    cpus: Math.max(...records.map(({ cpus }) => cpus)),
    startedAt: records.map(({ startedAt }) => startedAt).reduce((left, right) => (left < right ? left : right)),
    durationMs: sum(records.map(({ durationMs }) => durationMs)),
    options: { ...first.record.options, shard: isWhole ? null : `${covered.join(',')}/${first.count}` },
    interrupted,
    met: isWhole && !interrupted && problems.length === 0 && scenarios.every(({ met }) => met),
    scenarios,
  };
  return { record, problems, notes };
}

function byPlace(left: Part, right: Part): number {
  return Math.min(...left.indices) - Math.min(...right.indices) || (left.file < right.file ? -1 : 1);
}

/** Leaves out records that are given twice. Two different records cannot be of the same shard. */
function withoutCopies(parts: readonly Part[], notes: string[]): Part[] {
  const kept: Part[] = [];
  for (const part of parts) {
    const other = kept.find(({ indices }) => indices.some((index) => part.indices.includes(index)));
    if (other === undefined) {
      kept.push(part);
    } else if (isDeepStrictEqual(other.record, part.record)) {
      notes.push(`${part.file} is the same record as ${other.file}, and is counted once`);
    } else {
      requireSameCampaign(other, part);
      throw new UsageError(
        `${other.file} and ${part.file} are both ${shardName(part)} of one campaign, so both count the same executions. Name only one of them.`,
      );
    }
  }
  return kept;
}

function shardName({ record }: ShardFile): string {
  const { shard } = record.options;
  return shard === null ? 'the whole' : `shard ${shard}`;
}

/** Checks what all parts of one campaign must have in common. */
function requireSameCampaign(first: Part, other: Part): void {
  const identity = ({ record, count }: Part): Record<string, unknown> => ({
    threadmill: record.threadmill,
    seed: record.seed,
    'number of shards': count,
    engine: record.options.engine,
    runs: record.options.runs,
    budgetMs: record.options.budgetMs,
    totalBudgetMs: record.options.totalBudgetMs,
    strategy: record.options.strategy,
    repeat: record.options.repeat,
    exhaustive: record.options.exhaustive,
    path: record.options.path,
    files: record.options.files,
  });
  const [wanted, found] = [identity(first), identity(other)];
  for (const [name, value] of Object.entries(found)) {
    if (isDeepStrictEqual(value, wanted[name])) continue;
    throw new UsageError(
      `${first.file} and ${other.file} are not parts of one campaign: ${name} is ${JSON.stringify(wanted[name])} in the first and ${JSON.stringify(value)} in the second. ` +
        'Run all shards with the same sources, options and --seed, and merge one campaign at a time.',
    );
  }
}

function absentShards(parts: readonly Part[], { count, record }: Part): string[] {
  const covered = new Set(parts.flatMap(({ indices }) => indices));
  const absent = Array.from({ length: count }, (_, place) => place + 1).filter((index) => !covered.has(index));
  return absent.map(
    (index) =>
      `shard ${index}/${count} is not among the files, so what it explored is not counted. ` +
      `Add its record, or run it again with --seed ${record.seed} --shard ${index}/${count}.`,
  );
}

const keyOf = ({ file, name }: ScenarioResult): string => JSON.stringify([file, name]);

/** Scenarios that are missing from some shards that finished, although other shards have them. */
function absentScenarios(parts: readonly Part[]): string[] {
  const known = new Map(parts.flatMap(({ record }) => record.scenarios.map((result) => [keyOf(result), result])));
  return parts.flatMap((part) => {
    if (part.record.interrupted) return [];
    const own = new Set(part.record.scenarios.map(keyOf));
    return [...known]
      .filter(([key]) => !own.has(key))
      .map(
        ([, { name, file }]) =>
          `${part.file} has no result of "${name}" (${file}), which other shards have: were they run with the same sources? Run ${shardName(part)} again.`,
      );
  });
}

/** The results of each scenario together, in the order in which files were explored. */
function mergeScenarios(parts: readonly Part[]): ScenarioResult[] {
  const groups = new Map<string, { part: Part; result: ScenarioResult }[]>();
  for (const part of parts) {
    for (const result of part.record.scenarios) {
      const group = groups.get(keyOf(result));
      if (group === undefined) groups.set(keyOf(result), [{ part, result }]);
      else group.push({ part, result });
    }
  }
  const files = parts[0]?.record.options.files ?? [];
  return [...groups.values()]
    .map((group) => {
      const [first] = group;
      for (const { part, result } of group) {
        if (first !== undefined && !isDeepStrictEqual(result.expected, first.result.expected)) {
          throw new UsageError(
            `${first.part.file} and ${part.file} have different expectations of "${result.name}", so they were run with different sources. Run the shards again.`,
          );
        }
      }
      const covered = group.flatMap(({ part }) => part.indices).sort((left, right) => left - right);
      return mergeResults(
        group.map(({ result }) => result),
        { indices: covered, count: first?.part.count ?? 1 },
      );
    })
    .sort((left, right) => files.indexOf(left.file) - files.indexOf(right.file));
}

/** How far the shards together explored every interleaving. */
function mergeExhaustive(
  results: readonly ScenarioResult[],
  { indices, count }: CoveredShards,
): ExhaustiveCounts | undefined {
  const counts = results.flatMap(({ exhaustive }) => (exhaustive === undefined ? [] : [exhaustive]));
  const [first] = counts;
  if (first === undefined) return undefined;
  const { shard: _, ...alike } = first;
  const total = (of: (counts: ExhaustiveCounts) => number): number => sum(counts.map(of));
  return {
    ...alike,
    executions: total(({ executions }) => executions),
    interleavings: total(({ interleavings }) => interleavings),
    redundant: total(({ redundant }) => redundant),
    lost: total(({ lost }) => lost),
    isComplete: counts.length === results.length && counts.every(({ isComplete }) => isComplete),
    fractionDone: total(({ fractionDone }) => fractionDone) / counts.length,
    uncovered: uncoveredKinds.filter((kind) => counts.some(({ uncovered }) => uncovered.includes(kind))),
    ...(indices.length === count ? {} : { shard: `${indices.join(',')}/${count}` }),
  };
}

/** The result of one scenario over several shards, which are given in their order. */
function mergeResults(results: readonly ScenarioResult[], covered: CoveredShards): ScenarioResult {
  const telling = results.reduce((best, result) => (placeOf(result) < placeOf(best) ? result : best));
  const executions = sum(results.map((result) => result.executions));
  const exploringMs = sum(results.map(exploringMsOf));
  const stress = mergeStress(results.flatMap((result) => (result.stress === null ? [] : [result.stress])));
  // What several shards saw may be the same.
  const { onlyOneInterleaving: _, interleavings, exhaustive: __, ...rest } = telling;
  const exhaustive = mergeExhaustive(results, covered);
  const told = { ...rest, ...(results.length === 1 && interleavings !== undefined ? { interleavings } : {}) };
  const explored = results.filter((result) => result.executions > 0);
  const areAlike = explored.length > 0 && explored.every((result) => result.onlyOneInterleaving === true);
  return {
    ...told,
    ...(areAlike ? { onlyOneInterleaving: true as const } : {}),
    ...(exhaustive === undefined ? {} : { exhaustive }),
    met: (stress === null ? meets : meetsUnderStress)(telling.expected, telling.verdict, telling.invariant),
    executions,
    executionsPerSecond: exploringMs === 0 ? 0 : Math.round((executions / exploringMs) * 1_000),
    schedulingPoints: sum(results.map((result) => result.schedulingPoints)),
    switches: sum(results.map((result) => result.switches)),
    durationMs: sum(results.map((result) => result.durationMs)),
    executionsToFind: stress === null ? telling.executionsToFind : executionsToFindUnderStress(stress),
    notes: unique(results.flatMap((result) => result.notes)),
    stress,
  };
}

/** Executions of all repetitions up to the one that failed. */
function executionsToFindUnderStress({ repetitions, failedRepetition }: StressResult): number | null {
  if (failedRepetition === null) return null;
  return sum(
    repetitions.filter(({ repetition }) => repetition <= failedRepetition).map(({ executions }) => executions),
  );
}

/** Where in the campaign a failure was found. Failures from the corpus come before explored ones. */
function placeOf({ verdict, stress, executionsToFind, path }: ScenarioResult): number {
  if (verdict === 'held') return Infinity;
  // Nothing was found, but not everything was done: this is reported unless another shard found something.
  if (verdict === 'interrupted') return Number.MAX_VALUE;
  if (stress !== null) return stress.failedRepetition ?? 0;
  if (executionsToFind === null || path === null) return -1;
  return Number(path.split(':')[0]);
}

/** Time spent on exploring: durations also include the replays of the corpus. */
function exploringMsOf({ executions, executionsPerSecond, durationMs }: ScenarioResult): number {
  if (executions === 0) return 0;
  return executionsPerSecond === 0 ? durationMs : (executions / executionsPerSecond) * 1_000;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
