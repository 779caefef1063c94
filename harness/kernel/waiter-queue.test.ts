import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as at from './layout.js';
import { memory } from './testing/agents.js';
import {
  DeafQueue,
  ForgetfulQueue,
  GreedyQueue,
  HauntedQueue,
  LifoQueue,
  LossyQueue,
  UnsortedQueue,
} from './testing/broken-kernels.js';
import { WaiterQueue } from './waiter-queue.js';

interface ModelWaiter {
  readonly agent: number;
  readonly buffer: number;
  readonly byteIndex: number;
  readonly asyncId: number;
  readonly deadlineMs: number;
}

/** The WaiterLists of the specification, in a single list. */
class Model {
  waiters: ModelWaiter[] = [];
  settled: { readonly agent: number; readonly asyncId: number }[] = [];

  take(buffer: number, byteIndex: number, count: number): { agent: number; asyncId: number }[] {
    const taken = this.waiters
      .filter((waiter) => waiter.buffer === buffer && waiter.byteIndex === byteIndex)
      .slice(0, count);
    this.waiters = this.waiters.filter((waiter) => !taken.includes(waiter));
    return taken.map(({ agent, asyncId }) => ({ agent, asyncId }));
  }

  takeDue(agent: number, nowMs: number): number {
    const due = this.waiters
      .filter((waiter) => waiter.agent === agent && waiter.asyncId !== 0 && waiter.deadlineMs <= nowMs)
      .sort((first, second) => first.deadlineMs - second.deadlineMs)[0];
    this.waiters = this.waiters.filter((waiter) => waiter !== due);
    return due?.asyncId ?? 0;
  }
}

const agents = fc.nat({ max: 3 });
const place = { buffer: fc.integer({ min: 1, max: 2 }), byteIndex: fc.constantFrom(0, 4) };
const operations = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), agent: agents, ...place }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('waitAsync' as const),
        agent: agents,
        ...place,
        deadlineMs: fc.constantFrom(1, 2, 3, 5, Infinity),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('notify' as const),
        ...place,
        count: fc.constantFrom(0, 1, 2, Infinity),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('timeOut' as const), agent: agents }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('takeDue' as const), agent: agents, nowMs: fc.nat({ max: 5 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const), agent: agents }) },
  ),
  { maxLength: 60, size: 'max' },
);

/** The queue does what the specification's lists do, for any operations in any order. */
const firstComeFirstServed = (Queue: typeof WaiterQueue) =>
  fc.property(operations, (drawn) => {
    memory.words[at.WAITER_COUNT] = 0;
    const queue = new Queue(memory);
    const model = new Model();
    let asyncIds = 0;
    for (const operation of drawn) {
      switch (operation.kind) {
        case 'wait': {
          const { agent, buffer, byteIndex } = operation;
          // A thread waits for one thing at a time.
          if (model.waiters.some((waiter) => waiter.agent === agent && waiter.asyncId === 0)) break;
          queue.add(agent, buffer, byteIndex, 0, 1);
          model.waiters.push({ agent, buffer, byteIndex, asyncId: 0, deadlineMs: Infinity });
          expect(queue.locationOf(agent)).toEqual({ buffer, byteIndex });
          break;
        }
        case 'waitAsync': {
          const { agent, buffer, byteIndex, deadlineMs } = operation;
          queue.add(agent, buffer, byteIndex, ++asyncIds, deadlineMs);
          model.waiters.push({ agent, buffer, byteIndex, asyncId: asyncIds, deadlineMs });
          break;
        }
        case 'notify': {
          const { buffer, byteIndex, count } = operation;
          const taken = queue.take(buffer, byteIndex, count);
          expect(taken).toEqual(model.take(buffer, byteIndex, count));
          for (const { agent, asyncId } of taken) {
            if (asyncId === 0) continue;
            queue.addSettled(agent, asyncId);
            model.settled.push({ agent, asyncId });
          }
          break;
        }
        case 'timeOut': {
          const waiter = model.waiters.find(({ agent, asyncId }) => agent === operation.agent && asyncId === 0);
          expect(queue.remove(operation.agent, 0)).toBe(waiter !== undefined);
          model.waiters = model.waiters.filter((other) => other !== waiter);
          break;
        }
        case 'takeDue':
          expect(queue.takeDue(operation.agent, operation.nowMs)).toBe(model.takeDue(operation.agent, operation.nowMs));
          break;
        case 'settle': {
          const first = model.settled.find(({ agent }) => agent === operation.agent);
          expect(queue.hasSettled(operation.agent)).toBe(first !== undefined);
          expect(queue.takeSettled(operation.agent)).toBe(first?.asyncId ?? 0);
          model.settled = model.settled.filter((other) => other !== first);
          break;
        }
      }
      expect(queue.length).toBe(model.waiters.length + model.settled.length);
      for (let agent = 0; agent < 4; agent++) {
        const deadlines = model.waiters.filter((waiter) => waiter.agent === agent).map(({ deadlineMs }) => deadlineMs);
        expect(queue.asyncDeadlineOf(agent)).toBe(Math.min(Infinity, ...deadlines));
      }
    }
  });

describe('WaiterQueue', () => {
  it('serves the waiters of an address first come, first served, and leaves the others alone', () => {
    fc.assert(firstComeFirstServed(WaiterQueue), { numRuns: 300 });
  });

  it.each(
    Object.entries({ LifoQueue, GreedyQueue, DeafQueue, ForgetfulQueue, HauntedQueue, LossyQueue, UnsortedQueue }),
  )('the law notices a %s', (_, Queue) => {
    expect(fc.check(firstComeFirstServed(Queue), { numRuns: 300, endOnFailure: true }).failed).toBe(true);
  });

  it('refuses more waiters than it has room for, in words', () => {
    memory.words[at.WAITER_COUNT] = 0;
    const queue = new WaiterQueue(memory);
    for (let index = 0; index < at.maximumWaiters; index++) queue.add(0, 1, 0, index + 1, Infinity);
    expect(() => {
      queue.add(0, 1, 0, 1, Infinity);
    }).toThrow(/more than 4096 .* wait in Atomics\.wait and waitAsync/);
    memory.words[at.WAITER_COUNT] = 0;
  });
});
