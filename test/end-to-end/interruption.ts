import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { counterexampleSchema, runRecordSchema } from '../../harness/results/schema.js';
import type { Counterexample, RunRecord, ScenarioResult } from '../../harness/results/schema.js';
import { makeUserProject, runCommand, startCommand, type CommandResult } from './command.js';

/** The ways to end a run. */
export const ends = ['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGKILL of a child'] as const;
export type End = (typeof ends)[number];

/** One interruption of a run. */
export interface Interruption {
  readonly engine: 'controlled' | 'stress';
  readonly end: End;
  /** The time after the start of the run, or after something was found. */
  readonly afterMs: number;
  readonly sinceFound: boolean;
  /** Whether there are enough scenarios for several to run at once. */
  readonly isCrowded: boolean;
  readonly seed: number;
}

const runs = 300;
const repeat = 6;
/** How long a process may take to notice that its parent is gone. */
const patienceMs = 20_000;

/**
 * A scenario that fails in some executions. Each execution takes a while, and so does shrinking. Whenever it fails, it
 * leaves a mark outside of the harness.
 */
const lossy = `import fc from 'fast-check';
import { appendFileSync } from 'node:fs';
import { invariant, scenario } from 'threadmill';

export default scenario({
  name: 'lossy',
  params: { list: fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 2, maxLength: 9 }) },
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, params }) {
      for (let i = 0; i < 2e7; i++);
      for (const number of params.list) {
        Atomics.add(store, 1, number);
        store[0] = store[0]! + number;
      }
    },
  },
  invariants: [
    invariant<Int32Array>('none lost', ({ store, final }) => {
      if (!final || store[0] === store[1]) return true;
      appendFileSync(process.env['MARKS']!, process.pid + '\\n');
      return 'lost';
    }),
  ],
});
`;

/** The number of additional scenarios that hold, if there are many. */
const crowd = 7;

const soundScenario = (name: string): string => `import { invariant, scenario } from 'threadmill';

export default scenario({
  name: '${name}',
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 2,
    run({ store }) {
      for (let i = 0; i < 2e6; i++);
      Atomics.add(store, 0, 1);
    },
  },
  invariants: [invariant<Int32Array>('none lost', ({ store, final }) => !final || store[0] === 2)],
});
`;

/** What a run left behind. */
export interface Remains {
  readonly interruption: Interruption;
  /** Whether the scenario had failed, and its failure had been reported, before the interruption. */
  readonly wasFound: boolean;
  /** Whether the scenario failed at all. */
  readonly hasMarks: boolean;
  readonly outcome: CommandResult;
  readonly record: RunRecord | undefined;
  readonly corpus: readonly Counterexample[];
  readonly history: string;
  /** Processes that existed at the interruption and still exist. */
  readonly left: readonly number[];
}

/** Interrupts a run of two or more scenarios, and collects what it leaves behind. */
export async function interrupt(interruption: Interruption): Promise<Remains> {
  const { engine, end, afterMs, sinceFound, isCrowded, seed } = interruption;
  const project = makeUserProject();
  const inProject = (file: string): string => path.join(project, file);
  mkdirSync(inProject('scenarios'));
  writeFileSync(inProject('scenarios/a-lossy.scenario.ts'), lossy);
  for (let number = 0; number < (isCrowded ? crowd : 1); number++) {
    writeFileSync(inProject(`scenarios/b-${number}.scenario.ts`), soundScenario(`sound ${number}`));
  }
  const marks = inProject('marks');
  writeFileSync(marks, '');
  const size =
    engine === 'stress'
      ? ['--engine', 'stress', '--profile', 'quick', '--repeat', String(repeat)]
      : ['--runs', String(runs), '--explorers', '2'];
  const command = startCommand(['run', '--seed', String(seed), ...size], project, { MARKS: marks });
  const hasEnded = (): boolean => command.process.exitCode !== null || command.process.signalCode !== null;
  // Measuring executions may see one failure. A second one of the same process after that means that the first has been reported.
  const isFound = (): boolean => {
    const processes = readFileSync(marks, 'utf8').trim().split('\n');
    return new Set(processes).size + 1 < processes.length;
  };
  while (sinceFound && !isFound() && !hasEnded()) await delay(10);
  await Promise.race([delay(afterMs), command.outcome]);
  const wasFound = isFound();
  const own = command.process.pid ?? 0;
  const family = hasEnded() ? [] : descendantsOf(own);
  if (!hasEnded()) {
    if (end !== 'SIGKILL of a child') command.process.kill(end);
    else if (family.length > 0) killQuietly(family[seed % family.length]!);
  }
  const outcome = await command.outcome;
  const deadlineMs = performance.now() + patienceMs;
  while (family.some(isAlive) && performance.now() < deadlineMs) await delay(25);
  return {
    interruption,
    wasFound,
    hasMarks: readFileSync(marks).length > 0,
    outcome,
    record: recordOf(project),
    corpus: filesOf(inProject('results/corpus')).map((file) => counterexampleSchema.parse(readJson(file))),
    history: (await runCommand(['history'], project)).stdout,
    left: family.filter(isAlive),
  };
}

/** What is wrong or missing in what a run left behind. It should be nothing. */
export function faultsOf(remains: Remains): string[] {
  const { interruption, wasFound, hasMarks, outcome, record, corpus, history, left } = remains;
  const { end, engine } = interruption;
  const results = record?.scenarios ?? [];
  const lossyResult = results.find(({ name }) => name === 'lossy');
  const soundResults = results.filter(({ name }) => name !== 'lossy');
  const { exitCode, stdout } = outcome;
  const signalled = { SIGINT: 130, SIGTERM: 143 }[end as string];
  const wasInterrupted = record?.interrupted !== false;
  const isOfScenario = (kept: Counterexample): boolean => kept.scenario.name === 'lossy';
  // A signal before the command has started ends it like any program.
  if (exitCode === null && end !== 'SIGKILL' && stdout === '' && record === undefined && corpus.length === 0) return [];
  const checks: [boolean, string][] = [
    [left.length === 0, `processes are left: ${left.join(', ')}`],
    [isTrue(lossyResult, engine), `of lossy it says ${describe(lossyResult)}`],
    ...soundResults.flatMap((result): [boolean, string][] => [
      [isTrue(result, engine), `of ${result.name} it says ${describe(result)}`],
      [result.counterexample === null, `${result.name} has a counterexample`],
    ]),
    [corpus.every(isOfScenario), 'the corpus has something else'],
    [!stdout.includes('held, 0 executions'), 'it says that something held without an execution'],
    [!wasInterrupted || record?.met !== true, 'an interrupted run has met its expectations'],
    [end === 'SIGKILL' || record !== undefined, 'there is no record'],
    [end !== 'SIGKILL of a child' || !wasInterrupted, 'the death of a child has interrupted the run'],
    [end !== 'SIGKILL of a child' || exitCode === (lossyResult?.met === false ? 1 : 0), `exit code ${exitCode}`],
    [signalled === undefined || !wasInterrupted || exitCode === signalled, `exit code ${exitCode}`],
  ];
  if (!wasInterrupted)
    checks.push([soundResults.length === (interruption.isCrowded ? crowd : 1), 'something was not run']);
  if (!wasInterrupted && engine === 'controlled') {
    checks.push([lossyResult?.verdict === 'violation', 'lossy was never seen to fail']);
    checks.push([hasMarks, 'lossy left no marks']);
  }
  if (wasFound && engine === 'controlled') {
    checks.push([corpus.length > 0, 'what was found is not in the corpus']);
    if (end !== 'SIGKILL') {
      checks.push([lossyResult?.verdict === 'violation', `what was found is ${describe(lossyResult)}`]);
      checks.push([stdout.includes('✗ lossy'), 'what was found is not told']);
      checks.push([/^lossy .* violation \(none lost\)/m.test(history), `the history does not have it: ${history}`]);
    }
  }
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}

/** Whether a result claims only what was done. */
function isTrue(result: ScenarioResult | undefined, engine: Interruption['engine']): boolean {
  if (result?.verdict !== 'held')
    return result === undefined || result.verdict === 'interrupted' || result.name === 'lossy';
  if (engine === 'stress') return result.stress?.repetitions.length === repeat;
  return result.executions === runs;
}

function describe(result: ScenarioResult | undefined): string {
  return result === undefined ? 'nothing' : `${result.verdict} after ${result.executions} executions`;
}

function recordOf(project: string): RunRecord | undefined {
  const [file] = filesOf(path.join(project, 'results/runs'));
  return file === undefined ? undefined : runRecordSchema.parse(readJson(file));
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  // A process that was killed while writing leaves a hidden file, which is never read.
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  return names.map((name) => path.join(folder, name));
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function killQuietly(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch {
    // It has ended by itself in the meantime.
  }
}

/** The live processes that this one has started. */
export function descendantsOf(parent: number): number[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  return listed.split('\n').flatMap((line) => {
    const [child, parentId, state = 'Z'] = line.trim().split(/\s+/);
    return Number(parentId) === parent && !state.startsWith('Z') ? [Number(child)] : [];
  });
}

/** Whether a process exists and is not a zombie. */
export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(processId)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}
