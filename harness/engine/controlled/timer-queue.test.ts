import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noRounds } from './rounds.js';
import { TimerQueue, type Timer } from './timer-queue.js';

const operations = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('set' as const), delayMs: fc.nat({ max: 6 }), interval: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const), which: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('again' as const), which: fc.nat(), delayMs: fc.nat({ max: 6 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('unref' as const), which: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat({ max: 4 }) }) },
  ),
  { maxLength: 50, size: 'max' },
);

/** Timers fire in the order of a list sorted by deadline, then by when they were set. */
const inDeadlineOrder = (Queue: typeof TimerQueue) =>
  fc.property(operations, (drawn) => {
    const queue = new Queue();
    const all: Timer[] = [];
    let expected: Timer[] = [];
    let nowMs = 0;
    const bySequence: Timer[] = [];
    const sort = (): void => {
      expected.sort(
        (first, second) =>
          first.deadlineMs - second.deadlineMs || bySequence.lastIndexOf(first) - bySequence.lastIndexOf(second),
      );
    };
    for (const operation of drawn) {
      const chosen = 'which' in operation && all.length > 0 ? all[operation.which % all.length]! : undefined;
      switch (operation.kind) {
        case 'set': {
          const timer: Timer = {
            number: all.length + 1,
            site: 0,
            callback: () => undefined,
            intervalMs: operation.interval ? operation.delayMs : undefined,
            delayMs: operation.delayMs,
            deadlineMs: nowMs + operation.delayMs,
            sequence: 0,
            referenced: true,
            pending: false,
            cleared: false,
            rounds: noRounds,
          };
          all.push(timer);
          bySequence.push(timer);
          queue.add(timer);
          expected.push(timer);
          break;
        }
        case 'clear':
          if (chosen === undefined) break;
          queue.remove(chosen);
          expected = expected.filter((timer) => timer !== chosen);
          break;
        case 'again':
          if (chosen === undefined) break;
          queue.reschedule(chosen, nowMs + operation.delayMs);
          bySequence.push(chosen);
          expected = [...expected.filter((timer) => timer !== chosen), chosen];
          break;
        case 'unref':
          if (chosen !== undefined) chosen.referenced = false;
          break;
        case 'pass':
          nowMs += operation.ms;
          sort();
          for (;;) {
            const due = (expected[0]?.deadlineMs ?? Infinity) <= nowMs ? expected.shift() : undefined;
            const found = queue.takeDue(nowMs);
            expect(found?.number).toBe(due?.number);
            if (found === undefined) break;
            expect(found.pending).toBe(false);
          }
      }
      sort();
      expect(queue.nextDeadline()).toBe(expected[0]?.deadlineMs ?? Infinity);
      const keepsAlive = expected.find(({ referenced, intervalMs }) => referenced && intervalMs === undefined);
      expect(queue.nextKeepAliveDeadline()).toBe(keepsAlive?.deadlineMs ?? Infinity);
      for (const timer of all) {
        expect(timer.pending).toBe(expected.includes(timer));
        expect(queue.find(timer.number)).toBe(expected.includes(timer) ? timer : undefined);
      }
    }
  });

/** Fires timers in the order in which they were set, whatever their deadlines. */
class BySetting extends TimerQueue {
  override add(timer: Timer): void {
    const { deadlineMs } = timer;
    timer.deadlineMs = Infinity;
    super.add(timer);
    timer.deadlineMs = deadlineMs;
  }
}

/** Puts a timer before others of the same deadline. */
class LastSetFirst extends TimerQueue {
  override add(timer: Timer): void {
    timer.deadlineMs -= 0.5;
    super.add(timer);
    timer.deadlineMs += 0.5;
  }
}

/** Fires what is not due. */
class Hasty extends TimerQueue {
  override takeDue(nowMs: number): Timer | undefined {
    return super.takeDue(nowMs + 1);
  }
}

/** Fires what was cleared. */
class Stubborn extends TimerQueue {
  override remove(timer: Timer): void {
    timer.pending = false;
  }
}

describe('TimerQueue', () => {
  it('fires the timers of one loop by deadline, then by when they were set', () => {
    fc.assert(inDeadlineOrder(TimerQueue), { numRuns: 200 });
  });

  it.each(Object.entries({ BySetting, LastSetFirst, Hasty, Stubborn }))('the law notices %s', (_, Queue) => {
    expect(fc.check(inDeadlineOrder(Queue), { numRuns: 500, endOnFailure: true }).failed).toBe(true);
  });

  it('forgets everything on reset', () => {
    const queue = new TimerQueue();
    const timer: Timer = {
      number: 1,
      site: 0,
      callback: () => undefined,
      intervalMs: undefined,
      delayMs: 1,
      deadlineMs: 1,
      sequence: 0,
      referenced: true,
      pending: false,
      cleared: false,
      rounds: noRounds,
    };
    queue.add(timer);
    queue.reset();
    expect(queue.nextDeadline()).toBe(Infinity);
    expect(queue.takeDue(Infinity)).toBeUndefined();
  });
});
