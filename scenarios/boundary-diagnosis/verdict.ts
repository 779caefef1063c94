import { invariant, type Invariant } from 'threadmill';
import { boundaryTable, type BoundaryDiagnosisState, type BoundaryVerdict } from 'threadmill/bridges';

/** What a diagnosed store has. */
export interface Diagnosed {
  readonly diagnosis: BoundaryDiagnosisState;
}

/** At the end the diagnosis has this verdict on every subject, and has seen that many agents. */
export function verdictIs(verdict: BoundaryVerdict, agents: number): Invariant<Diagnosed> {
  return invariant<Diagnosed>(`verdict: ${verdict}`, ({ store, final }) => {
    if (!final) return true;
    const rows = boundaryTable(store.diagnosis);
    const seen = new Set(rows.flatMap((row) => row.agents));
    if (seen.size !== agents) return { expected: `${agents} agents`, found: [...seen].join(', ') };
    const other = rows.find((row) => row.verdict !== verdict);
    return other === undefined || { expected: verdict, found: `${other.verdict}, on ${other.site}` };
  });
}
