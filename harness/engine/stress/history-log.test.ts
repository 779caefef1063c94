import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cloneable } from '../testing/cloneable.js';
import { createStressMemory, TICKET } from './layout.js';
import { mergeHistory, StressHistory } from './history-log.js';

describe('StressHistory', () => {
  it('gives the events of all agents one order, that in which they were told', () => {
    const step = fc.record({
      agent: fc.nat(3),
      kind: fc.constantFrom('write', 'acknowledge', 'read'),
      value: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const words = createStressMemory();
        const histories = [0, 1, 2, 3].map(() => new StressHistory(words, 10_000));
        const notebooks = histories.map((history, agent) =>
          history.for(agent === 0 ? { role: 'reader', index: 7 } : { role: 'writer', index: agent - 1 }),
        );
        const pending = histories.map((): { write: { acknowledge(result: unknown): void }; value: unknown }[] => []);
        const told: unknown[] = [];
        for (const { agent, kind, value } of steps) {
          if (kind === 'write') {
            pending[agent]?.push({ write: notebooks[agent]!.write(value), value });
            told.push(['writeBegan', agent, value]);
          } else if (kind === 'read') {
            notebooks[agent]!.read(value);
            told.push(['read', agent, value]);
          } else {
            const first = pending[agent]?.shift();
            if (first === undefined) continue;
            first.write.acknowledge(value);
            told.push(['writeAcknowledged', agent, first.value, value]);
          }
        }
        const merged = mergeHistory(histories.map((history) => history.end()));
        const seen = merged.map((event) =>
          event.kind === 'writeAcknowledged'
            ? [event.kind, event.agent, event.value, event.result]
            : [event.kind, event.agent, event.value],
        );
        expect(seen).toEqual(told);
        expect(merged.map((event) => event.step)).toEqual(told.map((_, index) => index + 1));
        for (const { agent, participant } of merged)
          expect(participant).toEqual(
            agent === 0 ? { role: 'reader', index: 7 } : { role: 'writer', index: agent - 1 },
          );
        expect(words[TICKET]).toBe(told.length);
      }),
    );
  });

  it('gives every value back as a structured clone would be', () => {
    fc.assert(
      fc.property(cloneable, (value) => {
        const history = new StressHistory(createStressMemory(), 10);
        history.for({ role: 'reader', index: 0 }).read(value);
        const [event] = mergeHistory([history.end()]);
        expect(event?.value).toStrictEqual(deserialize(serialize(value)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives a cycle back as a cycle, and refuses what cannot be cloned', () => {
    const history = new StressHistory(createStressMemory(), 10);
    const notebook = history.for({ role: 'reader', index: 0 });
    const cyclic: { self?: unknown } = {};
    cyclic.self = { again: cyclic };
    notebook.read(cyclic);
    for (const value of [() => 1, Symbol('s'), { deep: [() => 1] }]) {
      expect(() => notebook.read(value)).toThrow(/could not be cloned/);
    }
    const events = mergeHistory([history.end()]);
    expect(events).toHaveLength(1);
    const value = events[0]?.value as { self: { again: unknown } };
    expect(value).not.toBe(cyclic);
    expect(value.self.again).toBe(value);
  });

  it('keeps values as they were when they were told', () => {
    const history = new StressHistory(createStressMemory(), 10);
    const notebook = history.for({ role: 'reader', index: 0 });
    const changing = {
      list: [1, { deep: 1 }],
      view: new Int32Array(new SharedArrayBuffer(4)),
      map: new Map([['a', 1]]),
    };
    notebook.read(changing);
    (changing.list[1] as { deep: number }).deep = 2;
    changing.list.push(3);
    changing.view[0] = 1;
    changing.map.set('a', 2);
    const [event] = mergeHistory([history.end()]);
    expect(event?.value).toEqual({ list: [1, { deep: 1 }], view: new Int32Array(1), map: new Map([['a', 1]]) });
  });

  it('has a limit, acknowledges a write once, and hears nothing after its end', () => {
    const history = new StressHistory(createStressMemory(), 2);
    const notebook = history.for({ role: 'writer', index: 0 });
    const write = notebook.write(1);
    write.acknowledge();
    expect(() => write.acknowledge()).toThrow(/already been acknowledged/);
    expect(() => notebook.read(1)).toThrow(/more than 2 events \(limits\.historyEvents\)/);
    const { values } = history.end();
    notebook.read(2);
    expect(values).toHaveLength(2);
  });
});
