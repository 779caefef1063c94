import type { ExecutionResult } from '../../engine/execution-result.js';
import type { Counterexample } from '../../results/schema.js';
import type { CorpusEntry } from '../../results/read-counterexample.js';
import { meets } from '../../scenario/verdict.js';
import type { Plan } from '../../schedule/schedule.js';
import { UsageError } from '../../errors.js';
import { composeCounterexample } from '../compose-counterexample.js';
import { firstDifferentOperation } from './first-difference.js';
import type { LoadedScenario } from './load-scenario.js';
import { testOf } from './load-tests.js';
import { planOf, replayPlan } from './replay-plan.js';
import type { Session } from '../session.js';

/** A counterexample of the corpus that still fails. */
export interface OldFailure {
  readonly entry: CorpusEntry;
  /** The result of this replay. */
  readonly counterexample: Counterexample;
}

/**
 * Replays one counterexample.
 *
 * @throws UsageError if it is not one of this scenario's
 */
async function replayEntry(
  { pool }: Session,
  scenario: LoadedScenario,
  { file, counterexample }: CorpusEntry,
): Promise<{ readonly plan: Plan; readonly executionResult: ExecutionResult }> {
  const plan = planOf(counterexample);
  const executionResult = await replayPlan(pool.first, scenario, plan, true, file);
  if (executionResult.failure === null || executionResult.traceHash === counterexample.traceHash)
    return { plan, executionResult };
  // The sources may have changed since; another replay shows whether the failure can be relied on.
  const again = await replayPlan(pool.first, scenario, plan, true, file);
  if (again.traceHash === executionResult.traceHash) return { plan, executionResult };
  const message = `${file}: two replays gave different traces. ${firstDifferentOperation(executionResult.trace, again.trace)}`;
  return {
    plan,
    executionResult: { ...again, verdict: 'uncontrolled', failure: { verdict: 'uncontrolled', message } },
  };
}

/** Receives what replaying finds. */
export interface ReplayListener {
  /** Takes sentences for the report. */
  readonly notes: string[];
  /** Called if the corpus has a failure, as small as can be, that the scenario still has and is expected to have. */
  readonly onExpected: () => void;
}

/** Replays what earlier runs found in this scenario. A scenario that should hold fails with the first one that still fails. */
export async function replayCorpus(
  session: Session,
  scenario: LoadedScenario,
  { notes, onExpected }: ReplayListener,
): Promise<OldFailure | undefined> {
  const { facts, file } = scenario;
  const entries = session.corpus.filter(
    ({ counterexample }) => counterexample.scenario.file === file && counterexample.scenario.name === facts.name,
  );
  let performed = 0;
  for (const entry of entries) {
    if (session.isStopped()) return undefined;
    let replayed: { readonly plan: Plan; readonly executionResult: ExecutionResult };
    try {
      replayed = await replayEntry(session, scenario, entry);
    } catch (error) {
      // A file of another scenario says nothing about this one.
      if (!(error instanceof UsageError)) throw error;
      notes.push(error.message);
      continue;
    }
    const { plan, executionResult } = replayed;
    performed++;
    session.emit({
      kind: 'progress',
      name: facts.name,
      executions: performed,
      executionsPerSecond: 0,
      phase: 'corpus',
    });
    if (executionResult.failure === null) {
      notes.push(`${entry.file} no longer fails; if you fixed the bug, delete this file`);
      continue;
    }
    const { seed, path, exhaustive, shrinkingEnded } = entry.counterexample;
    if (meets(facts.expected, executionResult.verdict, executionResult.failure.invariant ?? null)) {
      if (shrinkingEnded === undefined) onExpected();
      continue;
    }
    const counterexample = composeCounterexample({
      projectDirectory: session.options.projectDirectory,
      scenario: { name: facts.name, file, ...testOf(scenario) },
      plan,
      executionResult,
      seed,
      path,
      shrinkingEnded: shrinkingEnded ?? null,
      exhaustive,
    });
    if (counterexample !== null) return { entry, counterexample };
  }
  return undefined;
}
