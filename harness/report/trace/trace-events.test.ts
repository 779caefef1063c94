import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCounterexample } from '../testing/counterexamples.js';
import { counterexampleSample, operationSample, portSample } from '../testing/samples.js';
import { traceEvents, type TraceEvent } from './trace-events.js';

const ofPhase = (events: readonly TraceEvent[], phase: TraceEvent['ph']): TraceEvent[] =>
  events.filter(({ ph }) => ph === phase);

/** Whether the event of an operation spans a moment, in the same thread. */
const isWithin = (events: readonly TraceEvent[], { tid, ts }: TraceEvent): boolean =>
  events.some((event) => event.ph === 'X' && event.tid === tid && event.ts <= ts && ts <= event.ts + event.dur!);

describe('traceEvents', () => {
  it('has a thread for each agent, and an event for each operation with what is known of it', () => {
    const { traceEvents: events, otherData } = traceEvents(counterexampleSample());
    const names = ofPhase(events, 'M').filter(({ name }) => name === 'thread_name');
    expect(names.map(({ tid, args }) => [tid, args?.['name']])).toEqual([
      [1, 'main agent'],
      [2, 'writer 0'],
      [3, 'writer 1'],
    ]);
    expect(ofPhase(events, 'X')[2]).toMatchObject({
      name: 'Atomics.store',
      tid: 3,
      ts: 20,
      args: { step: 2, address: '#0[0]', value: '1', site: 'scenarios/counter/load-then-store.scenario.ts:14:7' },
    });
    expect(otherData).toMatchObject({ scenario: 'counter: load then store', verdict: 'violation (count)' });
  });

  it('marks preemptions where they happen, and the operation at which it broke', () => {
    const instants = ofPhase(traceEvents(counterexampleSample()).traceEvents, 'i');
    expect(instants).toMatchObject([
      { name: 'preempted by writer 1', s: 't', tid: 2, ts: 10 },
      { name: 'violation (count)', s: 'p', tid: 1, ts: 40, args: { expected: '2', found: '1' } },
    ]);
  });

  it('joins a message with its delivery, and a wait with who ended it', () => {
    const trace = [
      operationSample(0, 0, { kind: 'postMessage', address: portSample(0) }),
      operationSample(1, 1, { kind: 'message', address: portSample(1) }),
      operationSample(2, 1, { kind: 'Atomics.wait' }),
      operationSample(3, 2, { kind: 'Atomics.notify', woken: 1 }),
      operationSample(4, 1, { kind: 'Atomics.wait returns', result: 'ok' }),
    ];
    const { traceEvents: events } = traceEvents(counterexampleSample({ trace }));
    const flows = events.filter(({ cat }) => cat === 'flow').map(({ ph, id, tid, name }) => ({ ph, id, tid, name }));
    expect(flows).toEqual([
      { ph: 's', id: 1, tid: 1, name: 'message' },
      { ph: 'f', id: 1, tid: 2, name: 'message' },
      { ph: 's', id: 2, tid: 3, name: 'wake-up' },
      { ph: 'f', id: 2, tid: 2, name: 'wake-up' },
    ]);
    expect(events.find(({ cat }) => cat === 'blocked')).toMatchObject({ ts: 28, dur: 12, tid: 2 });
  });

  it('gives steps that were not kept their time, and says how many there were', () => {
    const trace = [operationSample(0, 1), operationSample(1, 1), operationSample(100, 2, { turn: 'preemption' })];
    const { traceEvents: events } = traceEvents(counterexampleSample({ trace }));
    const operations = events.filter(({ cat }) => cat === 'operation');
    expect(operations.map(({ ts }) => ts)).toEqual([0, 10, 1_000]);
    expect(events.filter(({ cat }) => cat === 'gap')).toMatchObject([{ name: '98 steps not kept', ts: 20 }]);
    // The agent that had the turn before is not known.
    expect(events.filter(({ cat }) => cat === 'preemption')).toMatchObject([{ ts: 1_000, tid: 3 }]);
  });

  it('is sorted, each flow has one start and a later end, and events of a thread never overlap', () => {
    fc.assert(
      fc.property(anyCounterexample, (counterexample) => {
        const { traceEvents: events } = traceEvents(counterexample);
        const times = events.map(({ ts }) => ts);
        expect(times).toEqual([...times].sort((left, right) => left - right));
        expect(ofPhase(events, 'X').filter(({ cat }) => cat === 'operation')).toHaveLength(counterexample.trace.length);
        const starts = ofPhase(events, 's');
        const ends = ofPhase(events, 'f');
        expect(ends.map(({ id }) => id).sort()).toEqual(starts.map(({ id }) => id).sort());
        expect(new Set(starts.map(({ id }) => id)).size).toBe(starts.length);
        for (const start of starts) expect(ends.find(({ id }) => id === start.id)!.ts).toBeGreaterThan(start.ts);
        for (const event of [...starts, ...ends]) expect(isWithin(events, event)).toBe(true);
        const ended = new Map<number, number>();
        for (const { tid, ts, dur = 0 } of ofPhase(events, 'X')) {
          expect(ts).toBeGreaterThanOrEqual(ended.get(tid) ?? 0);
          ended.set(tid, ts + dur);
        }
      }),
    );
  });
});
