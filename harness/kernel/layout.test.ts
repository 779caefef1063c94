import { describe, expect, it } from 'vitest';
import * as layout from './layout.js';

/** The exported numbers whose names match. */
const numbers = (pattern: RegExp): [string, number][] =>
  Object.entries(layout).flatMap(([name, value]) =>
    typeof value === 'number' && pattern.test(name) ? [[name, value] as [string, number]] : [],
  );

/** Names that stand for the same number, if any. */
const twins = (named: readonly (readonly [string, number])[]): string[] => {
  const byNumber = new Map<number, (readonly [string, number])[]>();
  for (const one of named) byNumber.set(one[1], [...(byNumber.get(one[1]) ?? []), one]);
  return [...byNumber.values()].filter((same) => same.length > 1).map((same) => same.map(([name]) => name).join(' = '));
};

describe('the layout of the shared memory', () => {
  it('has no word twice', () => {
    const tables = numbers(
      /^(?:AGENT_TABLE|BATONS|ORDER|GIVEN_ORDER|PREEMPTIONS|CHOICES|WALK_LEFT|WALK_PLACES|WALK_USES|WALK_CHANGES|DIRECTED_AGENTS|CANDIDATES|DIRECTED_CHOICES|OFFERS|ACCESSES|SLEEPERS|WAITERS|PORTS)$/,
    );
    const rows = [numbers(/^AGENT_(?!TABLE$|COUNT$)/), numbers(/^PORT_(?!COUNT$)/), numbers(/^TRACE_/)];
    const doubles = numbers(/^(?:NOW|WAITED|STALLED|STALL_LIMIT)_MS$|_DEADLINES$/);
    const inRows = new Set([...rows.flat(), ...doubles].map(([name]) => name));
    const header = numbers(/^[A-Z_]+$/).filter(([name]) => !inRows.has(name));
    expect([header, ...rows, doubles].map(twins)).toEqual([[], [], [], [], []]);
    const names = new Set(tables.map(([name]) => name));
    for (const [name, word] of header)
      if (!names.has(name)) expect([name, word < layout.AGENT_TABLE]).toEqual([name, true]);
    for (const [name, word] of rows[0] ?? []) expect([name, word < layout.agentWords]).toEqual([name, true]);
    for (const [name, word] of rows[1] ?? []) expect([name, word < layout.portWords]).toEqual([name, true]);
  });

  it('has no code twice', () => {
    const { agentStates, endings, endReasons, livelockCauses, afterStates, turnReasons, wakeResults } = layout;
    const codes = [agentStates, endings, endReasons, livelockCauses, afterStates, turnReasons, wakeResults];
    expect(codes.map((of) => twins(Object.entries(of)))).toEqual(codes.map(() => []));
  });
});
