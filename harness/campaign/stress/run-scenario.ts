import { compileScenario } from '../../instrument/bundle.js';
import path from 'node:path';
import type { ScenarioResult } from '../../results/schema.js';
import type { StressJournal } from '../../results/stress-journal.js';
import type { OutcomeCount, StressRepetition, StressResult } from '../../results/stress-schema.js';
import type { StressOptions } from '../api.js';
import { asError } from '../as-error.js';
import { CounterexampleKeeper, summarize } from '../keep-counterexample.js';
import type { LoadedScenario } from '../controlled/load-scenario.js';
import type { ScenarioRun } from '../controlled/run-scenario.js';
import type { Session } from '../session.js';
import { followUp, type FollowUp } from './follow-up.js';
import { healthSigns, memorySlopeMiBPerMinute } from '../../results/health-signs.js';
import { defaultAmplify, defaultSoakMs, profiles, type ProfileName } from './profiles.js';
import { meetsUnderStress } from '../../scenario/same-verdict.js';
import { describeStoreCopy } from '../../scenario/store-copy.js';
import { runRepetitions } from './repetitions.js';

const progressEveryMs = 200;

/** The options of a stress run, defaults filled in. */
export function stressDefaults(options: StressOptions | undefined): {
  readonly profile: ProfileName;
  readonly durationMs: number | null;
  readonly amplify: number;
  readonly instrument: boolean;
  readonly watch: boolean;
} {
  const profile = options?.profile ?? 'article';
  const instrument = options?.instrument ?? true;
  return {
    profile,
    durationMs: options?.durationMs ?? (profile === 'soak' ? defaultSoakMs : null),
    amplify: options?.amplify ?? (instrument ? defaultAmplify : 0),
    instrument,
    watch: options?.watch ?? true,
  };
}

/** Runs one scenario under stress, and has the controlled engine explain what breaks. */
export async function runStressScenario(
  session: Session,
  scenario: LoadedScenario,
  journal: StressJournal | null,
): Promise<Omit<ScenarioRun, 'exploredMs'>> {
  const { facts, file } = scenario;
  const { options, seed } = session;
  const { profile, durationMs, amplify, instrument, watch } = stressDefaults(options.stress);
  const notes = facts.storeCopy === null ? [] : [describeStoreCopy(facts.storeCopy, facts.maximumWriters)];
  const startedAtMs = performance.now();
  session.emit({ kind: 'scenarioStarted', name: facts.name, file, plannedExecutions: null });
  const compiled = instrument
    ? scenario.compiled
    : await compileScenario({
        file: path.join(options.projectDirectory, file),
        projectDirectory: options.projectDirectory,
        freshPackages: facts.freshPackages,
        instrument: false,
      });
  let lastProgressMs = 0;
  const memory: { atMs: number; heapMiB: number }[] = [];
  const { done, executionsUnderWay, isFinished, ...ended } = await runRepetitions(scenario, compiled, {
    seed,
    profile: profiles[profile],
    amplify,
    instrumented: instrument,
    watched: watch,
    repetitions: options.repeat ?? (durationMs === null ? 1 : Infinity),
    deadline: durationMs === null ? Infinity : startedAtMs + durationMs,
    shard: { index: (options.shard?.index ?? 1) - 1, count: options.shard?.count ?? 1 },
    showOutput: false,
    signal: options.signal,
    onProgress: (executions) => {
      const nowMs = performance.now();
      if (nowMs - lastProgressMs < progressEveryMs) return;
      lastProgressMs = nowMs;
      const executionsPerSecond = (executions / Math.max(1, nowMs - startedAtMs)) * 1_000;
      session.emit({ kind: 'progress', name: facts.name, executions, executionsPerSecond, phase: 'stressing' });
    },
    onRepetition: (repetition, atMs) => {
      if (repetition.watching !== null) memory.push({ atMs, heapMiB: repetition.watching.heapMiB });
      journal?.add({ scenario: { name: facts.name, file }, repetition });
    },
  });
  const failed = done.find(({ failure }) => failure !== null);
  const failure = failed?.failure ?? null;
  const keeper = new CounterexampleKeeper(options, notes);
  let { problem } = ended;
  let story: FollowUp | null = null;
  if (failure !== null && problem === undefined && !session.isStopped()) {
    try {
      story = await followUp(session, scenario, failure, keeper);
      ({ problem } = story);
    } catch (error) {
      problem = session.isStopped() ? undefined : asError(error);
    }
  }
  const saved = await keeper.finish(story?.counterexample ?? null);
  if (story !== null) notes.push(...tellOf(story));
  else if (failure !== null && session.isStopped()) notes.push(interruptedFollowUp);
  const stress: StressResult = {
    profile,
    amplify,
    instrumented: instrument,
    watched: watch,
    repetitions: [...done],
    failure,
    failedRepetition: failed?.repetition ?? null,
    outcomes: addUp(done),
    signs: healthSigns(done),
    memorySlopeMiBPerMinute: memorySlopeMiBPerMinute(memory),
    followUp:
      story === null
        ? null
        : { found: story.isSame, executions: story.executions, durationMs: Math.round(story.durationMs) },
  };
  // An unfinished scenario is never reported as held.
  const verdict = failure?.verdict ?? (isFinished ? 'held' : 'interrupted');
  const invariant = failure?.invariant ?? null;
  const finishedExecutions = done.reduce((sum, repetition) => sum + repetition.executions, 0);
  const executions = finishedExecutions + executionsUnderWay;
  const runningMs = done.reduce((sum, repetition) => sum + repetition.runningMs, 0);
  const counterexample = story?.counterexample ?? null;
  const result: ScenarioResult = {
    name: facts.name,
    file,
    expected: facts.expected,
    verdict,
    invariant,
    met: meetsUnderStress(facts.expected, verdict, invariant),
    executions,
    executionsPerSecond: Math.round((finishedExecutions / Math.max(1, runningMs)) * 1_000),
    schedulingPoints: 0,
    switches: 0,
    durationMs: Math.round(performance.now() - startedAtMs),
    executionsToFind: failed === undefined ? null : executions,
    path: counterexample?.path ?? null,
    counterexample: counterexample === null ? null : summarize(counterexample, saved),
    notes,
    stress,
  };
  session.emit({ kind: 'scenarioFinished', result, counterexample });
  return { result, problem };
}

const interruptedFollowUp =
  'interrupted before the controlled engine looked for it; run without --engine stress to see it step by step';

function tellOf({ counterexample, isSame, executions, durationMs, isInterrupted }: FollowUp): string[] {
  const seconds = (durationMs / 1_000).toFixed(1);
  if (counterexample === null) {
    if (isInterrupted) return [interruptedFollowUp];
    return [
      `the controlled engine did not find it in ${executions} executions (${seconds} s); it may take longer to find, or it may only happen when threads really run in parallel: run without --engine stress and with a larger --budget`,
    ];
  }
  if (isSame) return [];
  const { verdict, invariant } = counterexample.failure;
  return [
    `the controlled engine found a different failure in ${executions} executions (${seconds} s): ${verdict}${invariant === undefined ? '' : ` (${invariant})`}`,
  ];
}

/** The outcomes of all repetitions. */
function addUp(repetitions: readonly StressRepetition[]): OutcomeCount[] {
  const sums = new Map<string, OutcomeCount>();
  for (const { outcome, grade, count, example } of repetitions.flatMap(({ outcomes }) => outcomes)) {
    const sum = sums.get(outcome);
    sums.set(outcome, { outcome, grade, count: (sum?.count ?? 0) + count, example: sum?.example ?? example });
  }
  return [...sums.values()];
}
