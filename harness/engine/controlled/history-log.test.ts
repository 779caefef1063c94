import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Kernel } from '../../kernel/kernel.js';
import * as at from '../../kernel/layout.js';
import { memory, plainSchedule, PlayedTurnstile, wideLimits } from '../../kernel/testing/agents.js';
import { cloneable } from '../testing/cloneable.js';
import { HistoryLog } from './history-log.js';

const writer = { role: 'writer', index: 3 } as const;
const reader = { role: 'reader', index: 0 } as const;

const kernels = [0, 1].map((agent) => new Kernel(memory, agent, new PlayedTurnstile()));
let own: HistoryLog;
let other: HistoryLog;

beforeEach(() => {
  kernels[0]!.begin(plainSchedule, 2, wideLimits);
  [own, other] = kernels.map((kernel) => new HistoryLog(kernel)) as [HistoryLog, HistoryLog];
});

describe('HistoryLog', () => {
  it('gives every value back as a structured clone would be, to every agent', () => {
    fc.assert(
      fc.property(cloneable, (value) => {
        kernels[0]!.begin(plainSchedule, 2, wideLimits);
        own.reset();
        other.reset();
        own.append('read', reader, 0, value);
        const expected: unknown = deserialize(serialize(value));
        for (const log of [own, other]) {
          expect(log.events).toHaveLength(1);
          expect(log.events[0]!.value).toStrictEqual(expected);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('copies at the call: what changes later does not change history', () => {
    const value = { list: [1], words: new Int32Array(new SharedArrayBuffer(8)) };
    own.append('read', reader, 0, value);
    value.list.push(2);
    value.words[0] = 9;
    expect(other.events[0]!.value).toMatchObject({ list: [1] });
    expect((other.events[0]!.value as typeof value).words[0]).toBe(0);
  });

  it('numbers writes over all agents, and gives an acknowledgement the value of its write', () => {
    const first = own.append('writeBegan', writer, 0, { key: 'a' });
    const second = other.append('writeBegan', reader, 0, 'b');
    expect([first, second]).toEqual([1, 2]);
    memory.words[at.STEP] = 7;
    expect(other.append('writeAcknowledged', reader, second, 'done')).toBe(second);
    own.append('writeAcknowledged', writer, first, undefined);
    const expected = [
      { kind: 'writeBegan', agent: 0, participant: writer, write: 1, step: 0, value: { key: 'a' } },
      { kind: 'writeBegan', agent: 1, participant: reader, write: 2, step: 0, value: 'b' },
      { kind: 'writeAcknowledged', agent: 1, participant: reader, write: 2, step: 7, value: 'b', result: 'done' },
      {
        kind: 'writeAcknowledged',
        agent: 0,
        participant: writer,
        write: 1,
        step: 7,
        value: { key: 'a' },
        result: undefined,
      },
    ];
    for (const log of [own, other]) {
      expect(log.events).toHaveLength(4);
      expected.forEach((event, index) => expect(log.events[index]).toMatchObject(event));
    }
  });

  it('keeps the order in which all agents recorded', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1 }), { maxLength: 16 }), (agents) => {
        kernels[0]!.begin(plainSchedule, 2, wideLimits);
        own.reset();
        other.reset();
        agents.forEach((agent, index) => (agent === 0 ? own : other).append('read', reader, 0, index));
        for (const log of [own, other]) {
          expect(log.events.map(({ agent, value }) => [agent, value])).toEqual(
            agents.map((agent, index) => [agent, index]),
          );
        }
      }),
    );
  });

  it('forgets on reset', () => {
    own.append('read', reader, 0, 1);
    expect(own.events).toHaveLength(1);
    kernels[0]!.begin(plainSchedule, 2, wideLimits);
    own.reset();
    expect(own.events).toEqual([]);
  });

  it('has bounds, and names them', () => {
    for (let event = 0; event < wideLimits.historyEvents; event++) own.append('read', reader, 0, event);
    expect(() => own.append('read', reader, 0, 1)).toThrow(
      /^the history has more than 16 events \(limits\.historyEvents\): .*raise limits\.historyEvents \(default 100,000/,
    );
    kernels[0]!.begin(plainSchedule, 2, wideLimits);
    const long = 'x'.repeat(at.historyBytesCapacity / 2);
    own.append('read', reader, 0, long);
    expect(() => own.append('read', reader, 0, long)).toThrow(
      /^the values in the history take more than 32 MiB, .*: record only/,
    );
  });

  it('refuses what cannot be cloned', () => {
    expect(() => own.append('read', reader, 0, () => undefined)).toThrow(/could not be cloned/);
    expect(() => own.append('read', reader, 0, Symbol('s'))).toThrow(/could not be cloned/);
  });
});
