import type { Counterexample } from '../results/schema.js';
import type { CorpusEntry } from '../results/store.js';
import { meets } from '../scenario/verdict.js';
import { composeCounterexample } from './compose-counterexample.js';
import { firstDifferentOperation } from './first-difference.js';
import type { LoadedScenario } from './load-scenario.js';
import { planOf, replayPlan } from './replay-plan.js';
import type { Session } from './session.js';

/** A counterexample of the corpus that still fails. */
export interface OldFailure {
  readonly entry: CorpusEntry;
  /** What it came to now. */
  readonly counterexample: Counterexample;
}

/** Replays what earlier runs found in this scenario. A scenario that should hold fails by the first that still fails. */
export async function replayCorpus(
  session: Session,
  scenario: LoadedScenario,
  notes: string[],
): Promise<OldFailure | undefined> {
  const { facts, file } = scenario;
  const entries = session.corpus.filter(
    ({ counterexample }) => counterexample.scenario.file === file && counterexample.scenario.name === facts.name,
  );
  let performed = 0;
  for (const entry of entries) {
    if (session.isStopped()) return undefined;
    const plan = planOf(entry.counterexample);
    let outcome = await replayPlan(session.pool.first, scenario, plan, true);
    if (outcome.failure !== null && outcome.traceHash !== entry.counterexample.traceHash) {
      // The sources may have changed since; whether the failure can be relied on, another replay tells.
      const again = await replayPlan(session.pool.first, scenario, plan, true);
      if (again.traceHash !== outcome.traceHash) {
        const message = `${entry.file}: two replays gave different traces. ${firstDifferentOperation(outcome.trace, again.trace)}`;
        outcome = { ...again, verdict: 'uncontrolled', failure: { verdict: 'uncontrolled', message } };
      }
    }
    performed++;
    session.emit({
      kind: 'progress',
      name: facts.name,
      executions: performed,
      executionsPerSecond: 0,
      phase: 'corpus',
    });
    if (outcome.failure === null) {
      notes.push(`${entry.file} no longer fails; delete it if that is the doing of a fix`);
      continue;
    }
    if (meets(facts.expected, outcome.verdict, outcome.failure.invariant ?? null)) continue;
    const { seed, path, shrinkingEnded } = entry.counterexample;
    const counterexample = composeCounterexample({
      projectDirectory: session.options.projectDirectory,
      scenario: { name: facts.name, file },
      plan,
      outcome,
      seed,
      path,
      shrinkingEnded: shrinkingEnded ?? null,
    });
    if (counterexample !== null) return { entry, counterexample };
  }
  return undefined;
}
