import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperationKind } from '../operation-kinds.js';
import { InterleavingHash } from './interleaving.js';
import * as at from './layout.js';
import { createKernelMemory, wakeResults } from './layout.js';
import { operationCodes } from './operations.js';
import { appendToTrace } from './trace.js';

const memory = createKernelMemory(1);
const { words, siteHashes } = memory;
siteHashes.set([0, 101, 202, 303, 404, 505, 606, 707]);
const hash = new InterleavingHash(memory);
const agents = 4;

interface Operation {
  readonly agent: number;
  readonly kind: OperationKind;
  readonly site?: number;
  readonly resource?: number;
  readonly offset?: number;
  readonly size?: number;
  readonly value?: number;
}

function begin({ dataViews = false } = {}): void {
  words.fill(0, at.STEP, at.INVOCATION);
  words[at.AGENT_COUNT] = agents;
  for (let agent = 0; agent < agents; agent++) stateAtEnd(agent, at.agentStates.idle);
  words[at.DATA_VIEWS] = dataViews ? 1 : 0;
}

function stateAtEnd(agent: number, state: number): void {
  words[at.AGENT_TABLE + agent * at.agentWords + at.AGENT_STATE_AT_END] = state;
}

function append({ agent, kind, site = 1, resource = 0, offset = 0, size = 0, value = 0 }: Operation): void {
  appendToTrace(memory, siteHashes, agent, operationCodes[kind] | (size << 8), site, resource, offset, value);
  words[at.STEP] = words[at.STEP]! + 1;
}

function numberOf(
  operations: readonly Operation[],
  { waiting = [], ...options }: { dataViews?: boolean; waiting?: readonly number[] } = {},
): number {
  begin(options);
  for (const agent of waiting) stateAtEnd(agent, at.agentStates.waiting);
  for (const operation of operations) append(operation);
  return hash.number();
}

const writing: ReadonlySet<OperationKind> = new Set(['write', 'Atomics.add', 'Atomics.compareExchange']);
const isOfMemory = ({ kind }: Operation): boolean => writing.has(kind) || kind === 'read' || kind === 'Atomics.load';
const isJudged = ({ kind }: Operation): boolean => kind.startsWith('history.');

/** What the ordering of two operations means, written down apart from the hash. */
function depends(one: Operation, other: Operation): boolean {
  if (one.agent === other.agent) return true;
  if (isJudged(one) && isJudged(other)) return true;
  if (isJudged(one)) return writing.has(other.kind);
  if (isJudged(other)) return writing.has(one.kind);
  if (one.resource !== other.resource || one.offset !== other.offset) return false;
  if (one.kind === 'Atomics.notify' || other.kind === 'Atomics.notify') return one.kind === other.kind;
  if (!isOfMemory(one) || !isOfMemory(other)) return false;
  return writing.has(one.kind) || writing.has(other.kind);
}

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      agent: fc.nat({ max: agents - 1 }),
      kind: fc.constantFrom(
        'read',
        'write',
        'Atomics.load',
        'Atomics.add',
        'Atomics.compareExchange',
        'Atomics.notify',
      ),
      site: fc.integer({ min: 1, max: 7 }),
      resource: fc.integer({ min: 1, max: 2 }),
      offset: fc.constantFrom(0, 4, 8),
      size: fc.constant(4),
      value: fc.integer(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      agent: fc.nat({ max: agents - 1 }),
      kind: fc.constantFrom('history.write', 'history.read', 'set timer', 'postMessage', 'resume'),
      site: fc.integer({ min: 1, max: 7 }),
    }),
  },
);
const operations = fc.array(operation, { minLength: 2, maxLength: 30, size: 'max' });

/** All orders of the operations of several agents, each in its own order. */
function interleavings(programs: readonly (readonly Operation[])[]): Operation[][] {
  if (programs.every((program) => program.length === 0)) return [[]];
  return programs.flatMap((program, index) => {
    const [first, ...rest] = program;
    if (first === undefined) return [];
    return interleavings(programs.with(index, rest)).map((later) => [first, ...later]);
  });
}

/** Counts the classes without a hash: the order of each pair of operations that depend on each other. */
function countClasses(all: readonly (readonly Operation[])[]): number {
  const names = new Map<Operation, number>();
  for (const one of all[0] ?? []) names.set(one, names.size);
  const classes = new Set<string>();
  for (const order of all) {
    const pairs: string[] = [];
    for (const [later, second] of order.entries())
      for (const first of order.slice(0, later))
        if (depends(first, second)) pairs.push(`${names.get(first)}<${names.get(second)}`);
    classes.add(pairs.sort().join());
  }
  return classes.size;
}

const countNumbers = (all: readonly (readonly Operation[])[]): number =>
  new Set(all.map((order) => numberOf(order))).size;
const word = { resource: 1, offset: 0, size: 4 } as const;

describe('InterleavingHash', () => {
  it('stays the same when independent operations change places, and changes when others do', () => {
    fc.assert(
      fc.property(operations, fc.nat(), (list, draw) => {
        const place = draw % (list.length - 1);
        const [one, other] = [list[place]!, list[place + 1]!];
        const swapped = list.with(place, other).with(place + 1, one);
        const isAlike = one.agent === other.agent && JSON.stringify(one) === JSON.stringify(other);
        fc.pre(!isAlike);
        // Within an agent, only what it does tells its operations apart.
        fc.pre(one.agent !== other.agent || one.kind !== other.kind || one.site !== other.site);
        if (depends(one, other)) expect(numberOf(swapped)).not.toBe(numberOf(list));
        else expect(numberOf(swapped)).toBe(numberOf(list));
      }),
      { numRuns: 3_000 },
    );
  });

  it('tells apart exactly the classes of small programs', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 7 }), (list) => {
        const programs = Array.from({ length: agents }, (_, agent) => list.filter((one) => one.agent === agent));
        // Places that differ, so that no two operations of an agent are the same.
        const all = interleavings(
          programs.map((program) => program.map((one, index) => ({ ...one, site: index + 1 }))),
        );
        expect(countNumbers(all)).toBe(countClasses(all));
      }),
      { numRuns: 200 },
    );
  });

  it.each([1, 2, 3, 4])('sees %i! orders of as many writers to one word', (writers) => {
    const programs = Array.from({ length: writers }, (_, agent): Operation[] => [{ agent, kind: 'write', ...word }]);
    const factorial = [1, 1, 2, 6, 24][writers];
    expect(countNumbers(interleavings(programs))).toBe(factorial);
  });

  it('sees one order of steps on memory of their own', () => {
    const programs = [0, 1, 2].map((agent): Operation[] => [
      { agent, kind: 'write', ...word, offset: 4 * agent },
      { agent, kind: 'read', ...word, offset: 4 * agent },
    ]);
    expect(countNumbers(interleavings(programs))).toBe(1);
  });

  it('leaves out values, steps and random numbers, but not what they lead to', () => {
    const one: Operation = { agent: 0, kind: 'read', ...word, value: 1 };
    expect(numberOf([one])).toBe(numberOf([{ ...one, value: 2 }]));
    expect(numberOf([one])).not.toBe(numberOf([{ ...one, site: 2 }]));
  });

  it('orders waits on one word by who joined first, unless they did not last', () => {
    const wait = (agent: number): Operation => ({ agent, kind: 'Atomics.wait', ...word });
    const goesOn = (agent: number): Operation => ({ agent, kind: 'read', ...word, offset: 4 });
    const both = { waiting: [1, 2] };
    expect(numberOf([wait(1), wait(2)], both)).not.toBe(numberOf([wait(2), wait(1)], both));
    expect(numberOf([wait(1), wait(2)])).toBe(numberOf([wait(2), wait(1)]));
    const rest = [goesOn(1), goesOn(2)];
    expect(numberOf([wait(1), wait(2), ...rest])).toBe(numberOf([wait(2), wait(1), ...rest]));
    const returns = (agent: number): Operation => ({
      agent,
      kind: 'Atomics.wait returns',
      ...word,
      value: wakeResults.ok,
    });
    const woken = [{ agent: 0, kind: 'Atomics.notify', ...word } as const, returns(1), returns(2)];
    expect(numberOf([wait(1), wait(2), ...woken])).not.toBe(numberOf([wait(2), wait(1), ...woken]));
  });

  it('orders a wait that times out with those that might have ended it', () => {
    const wait: Operation = { agent: 1, kind: 'Atomics.wait', ...word };
    const notify: Operation = { agent: 0, kind: 'Atomics.notify', ...word };
    const timesOut: Operation = { agent: 1, kind: 'Atomics.wait returns', ...word, value: wakeResults.timedOut };
    const returns: Operation = { ...timesOut, value: wakeResults.ok };
    expect(numberOf([wait, notify, timesOut])).not.toBe(numberOf([wait, timesOut, notify]));
    expect(numberOf([wait, notify, returns])).not.toBe(numberOf([wait, notify, timesOut]));
  });

  it('knows started agents by where they were started, not by their numbers', () => {
    const start = (agent: number, started: number): Operation => ({ agent, kind: 'new Worker', resource: started });
    const act = (agent: number): Operation => ({ agent, kind: 'write', ...word, offset: 4 * agent });
    const online = (agent: number, resource: number): Operation => ({ agent, kind: 'worker online', resource });
    const one = [start(0, 2), start(1, 3), act(2), online(0, 2), online(1, 3)];
    const other = [start(1, 2), start(0, 3), { ...act(2), agent: 3 }, online(0, 3), online(1, 2)];
    expect(numberOf(other)).toBe(numberOf(one));
  });

  it('orders what several agents post to one broadcast channel', () => {
    const post = (agent: number, port: number): Operation => ({ agent, kind: 'postMessage', resource: port });
    const channel = (port: number, value: number): void => {
      words[at.PORTS + port * at.portWords + at.PORT_CHANNEL] = value;
    };
    expect(numberOf([post(0, 5), post(1, 6)])).toBe(numberOf([post(1, 6), post(0, 5)]));
    channel(5, 77);
    channel(6, 77);
    expect(numberOf([post(0, 5), post(1, 6)])).not.toBe(numberOf([post(1, 6), post(0, 5)]));
    channel(5, 0);
    channel(6, 0);
  });

  it('takes operations of several sizes on the same memory to meet', () => {
    const large: Operation = { agent: 0, kind: 'write', resource: 1, offset: 0, size: 8 };
    const inside: Operation = { agent: 1, kind: 'write', resource: 1, offset: 4, size: 4 };
    const apart: Operation = { ...inside, offset: 8 };
    expect(numberOf([large, inside])).not.toBe(numberOf([inside, large]));
    expect(numberOf([large, apart])).toBe(numberOf([apart, large]));
    // A DataView is recorded with the size 1, whatever it accesses.
    const byView: Operation = { ...inside, size: 1, offset: 100 };
    expect(numberOf([large, byView], { dataViews: true })).not.toBe(numberOf([byView, large], { dataViews: true }));
  });

  it('identifies executions that the trace does not hold by all of their operations', () => {
    const long = (last: number): Operation[] => [
      ...Array.from({ length: at.traceCapacity + 3 }, (): Operation => ({ agent: 0, kind: 'read', ...word })),
      { agent: 0, kind: 'read', ...word, value: last },
    ];
    expect(numberOf(long(1))).toBe(numberOf(long(1)));
    expect(numberOf(long(1))).not.toBe(numberOf(long(2)));
  });
});
