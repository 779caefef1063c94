import { recordedAccesses, unrecordedAccesses, type Access, type BoundaryDiagnosisState } from './state.js';

/**
 * The verdict on all accesses to a subject together:
 *
 * - `one agent only`: no other agent has touched it
 * - `guarded`: several agents have, and there is a lock that all of them held every time
 * - `crosses the boundary unguarded`: several agents have, it was changed, and no lock was held at every access
 * - `only read`: several agents have read it, and none has changed it
 */
export type BoundaryVerdict = 'one agent only' | 'guarded' | 'crosses the boundary unguarded' | 'only read';

/** One site at which a subject is changed or read. */
export interface BoundaryRow {
  /** What was changed: the name passed to `watch` or `watchStore`. */
  readonly subject: string;
  /** The function that was called, or the operation: `assignment`, `set()`. */
  readonly site: string;
  /** Where that was in the source, `file:line`; empty if unknown. */
  readonly place: string;
  readonly access: Access;
  /** The agents that have been there. */
  readonly agents: readonly string[];
  /** How often on the event loop of the agent that made the diagnosis. */
  readonly onLoop: number;
  /** How often on other agents. */
  readonly offLoop: number;
  readonly count: number;
  /** The locks that were held every time. */
  readonly locks: readonly string[];
  /** The locks that were held sometimes. */
  readonly sometimes: readonly string[];
  /** The verdict on the subject, all sites together. */
  readonly verdict: BoundaryVerdict;
}

const byName = new Intl.Collator('en', { numeric: true });

interface Gathered {
  agents: Set<string>;
  onLoop: number;
  offLoop: number;
  /** Held at every access. */
  always: Set<string>;
  ever: Set<string>;
  written: boolean;
}

/**
 * The table of all sites that any agent has recorded, by subject: first what was done on the event loop, then what other agents
 * did, by their names, each in the order in which it happened. It needs no handle: an invariant can judge it.
 *
 * @example
 * const state = createBoundaryDiagnosis();
 * new BoundaryDiagnosis(state).watch('cache', () => undefined, { site: 'updateCache' })();
 * const [row] = boundaryTable(state);
 * assert.equal(row?.onLoop, 1);
 * assert.equal(row?.verdict, 'one agent only');
 */
export function boundaryTable(state: BoundaryDiagnosisState): BoundaryRow[] {
  const sites = new Map<
    string,
    Gathered & { readonly names: Pick<BoundaryRow, 'subject' | 'site' | 'place' | 'access'> }
  >();
  const subjects = new Map<string, Gathered>();
  // Chance decides which of two threads records something first.
  const recorded = recordedAccesses(state).sort(
    (one, other) => Number(other.onLoop) - Number(one.onLoop) || byName.compare(one.agent, other.agent),
  );
  for (const { agent, onLoop, subject, site, place, access, locks, count } of recorded) {
    const names = { subject, site, place, access };
    for (const gathered of [
      entryOf(sites, JSON.stringify(names), () => ({ ...gather(locks), names })),
      entryOf(subjects, subject, () => gather(locks)),
    ]) {
      gathered.agents.add(agent);
      gathered[onLoop ? 'onLoop' : 'offLoop'] += count;
      // The lockset of Eraser (Savage et al., 1997): only a lock that was held every time can protect something.
      for (const lock of gathered.always) if (!locks.includes(lock)) gathered.always.delete(lock);
      for (const lock of locks) gathered.ever.add(lock);
      gathered.written ||= access === 'write';
    }
  }
  const rows = [...sites.values()].map(({ names, agents, onLoop, offLoop, always, ever }) => ({
    ...names,
    agents: [...agents],
    onLoop,
    offLoop,
    count: onLoop + offLoop,
    locks: [...always],
    sometimes: [...ever].filter((lock) => !always.has(lock)),
    verdict: verdictOn(subjects.get(names.subject)!),
  }));
  const order = [...subjects.keys()];
  return rows.sort((one, other) => order.indexOf(one.subject) - order.indexOf(other.subject));
}

/**
 * The table in aligned columns, for people.
 *
 * @example
 * const state = createBoundaryDiagnosis();
 * new BoundaryDiagnosis(state).watch('cache', () => undefined, { site: 'updateCache' })();
 * assert.match(formatBoundaryTable(state), /^subject +site +access +agents +on loop +off loop +locks +verdict\ncache +updateCache/);
 */
export function formatBoundaryTable(state: BoundaryDiagnosisState): string {
  const lines = [['subject', 'site', 'access', 'agents', 'on loop', 'off loop', 'locks', 'verdict']];
  for (const row of boundaryTable(state)) {
    const locks = [...row.locks, ...row.sometimes.map((lock) => `${lock} (sometimes)`)];
    lines.push([
      row.subject,
      row.place === '' ? row.site : `${row.site} ${row.place}`,
      row.access,
      row.agents.join(', '),
      String(row.onLoop),
      String(row.offLoop),
      locks.length === 0 ? 'none' : locks.join(', '),
      row.verdict,
    ]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const unrecorded = unrecordedAccesses(state);
  if (unrecorded > 0) {
    text.push(
      `${unrecorded} accesses are missing: an agent has more than ${state.kinds} kinds, or their names are too long.`,
    );
  }
  return text.join('\n');
}

function verdictOn({ agents, always, written }: Gathered): BoundaryVerdict {
  if (agents.size === 1) return 'one agent only';
  if (always.size > 0) return 'guarded';
  return written ? 'crosses the boundary unguarded' : 'only read';
}

function gather(locks: readonly string[]): Gathered {
  return { agents: new Set(), onLoop: 0, offLoop: 0, always: new Set(locks), ever: new Set(), written: false };
}

function entryOf<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
