import type { HistoryEvent } from './history.js';
import type { Invariant } from './invariant.js';

/** The grades of an outcome, as in jcstress: fine, fine but worth knowing, must never happen. */
export const outcomeGrades = ['acceptable', 'interesting', 'forbidden'] as const;
export type OutcomeGrade = (typeof outcomeGrades)[number];

/** The outcomes an execution may end with. */
export interface Outcomes<Store> {
  /** Names the outcome of the execution that has just ended, such as `0, 1`. */
  readonly of: (end: { readonly store: Store; readonly history: readonly HistoryEvent[] }) => string;
  /** The grade of each known outcome. */
  readonly grades: Readonly<Record<string, OutcomeGrade>>;
  /** The grade of every other outcome. Default `forbidden`. */
  readonly otherwise?: OutcomeGrade;
}

/** The name of the invariant made from a scenario's outcomes. */
export const outcomesInvariantName = 'outcomes';

/** The grade of an outcome. */
export function gradeOf<Store>({ grades, otherwise }: Outcomes<Store>, outcome: string): OutcomeGrade {
  return (Object.hasOwn(grades, outcome) ? grades[outcome] : undefined) ?? otherwise ?? 'forbidden';
}

/** No execution ends with a forbidden outcome. */
export function outcomesInvariant<Store>(outcomes: Outcomes<Store>): Invariant<Store> {
  const allowed = Object.keys(outcomes.grades).filter((outcome) => outcomes.grades[outcome] !== 'forbidden');
  return {
    name: outcomesInvariantName,
    begin: () => ({
      finish: (end) => {
        const outcome = outcomes.of(end);
        if (gradeOf(outcomes, outcome) !== 'forbidden') return undefined;
        return { expected: `one of the outcomes ${allowed.join(' | ')}`, found: outcome };
      },
    }),
  };
}
