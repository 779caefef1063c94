import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as at from '../../kernel/layout.js';
import { endReasons } from '../../kernel/layout.js';
import { operationCodes } from '../../kernel/operations.js';
import { lastTraceEntries } from '../../kernel/trace.js';
import { memory } from '../../kernel/testing/agents.js';
import { EventLoop } from './event-loop.js';
import { noRounds } from './rounds.js';
import { inMacrotask, SingleAgent } from './testing/single-agent.js';
import { TimerQueue, type Timer } from './timer-queue.js';

type Timers = Pick<
  typeof globalThis,
  'setTimeout' | 'setInterval' | 'setImmediate' | 'clearTimeout' | 'clearInterval' | 'clearImmediate'
>;

const agent = new SingleAgent();
const timers = agent.timers.globals as unknown as Timers;

/** Every order that the schedule can choose from, up to this many choices of this many options. */
const choices = fc.array(fc.nat({ max: 3 }), { maxLength: 24, size: 'max' });

/** Runs a program under any choices, and passes its log to `judge`. */
async function forAllChoices(
  program: (log: (entry: string) => void) => void,
  judge: (entries: string[]) => void,
): Promise<string[][]> {
  const orders = new Map<string, string[]>();
  await inMacrotask(() => {
    fc.assert(
      fc.property(choices, (drawn) => {
        const entries: string[] = [];
        agent.play(
          () => {
            program((entry) => entries.push(entry));
          },
          { choices: drawn },
        );
        judge(entries);
        orders.set(entries.join(), entries);
      }),
      { numRuns: 300 },
    );
  });
  return [...orders.values()];
}

/** It does not matter how often each order occurred, only which ones there are. */
const asTexts = (orders: readonly string[][]): string[] => orders.map((entries) => entries.join(' ')).sort();

describe('what Node guarantees, whatever the schedule', () => {
  it('an immediate set by a message runs before a timer set there', async () => {
    await forAllChoices(
      (log) => {
        const { port1, port2 } = new agent.ports.MessageChannel();
        port2.on('message', () => {
          timers.setTimeout(() => log('timer'), 0);
          timers.setImmediate(() => log('immediate'));
        });
        port1.postMessage(0);
      },
      (entries) => expect(entries).toEqual(['immediate', 'timer']),
    );
  });

  it('time passes between two rounds with other work up to a bound', async () => {
    const inOrder = async (stallMs: number): Promise<string[]> =>
      asTexts(
        await forAllChoices(
          (log) => {
            agent.kernel.numbers[at.STALL_LIMIT_MS] = stallMs;
            timers.setTimeout(() => log('late'), 50);
            timers.setTimeout(() => log('soon'), 20);
            timers.setImmediate(() => timers.setImmediate(() => log('immediate')));
          },
          () => undefined,
        ),
      );
    expect(await inOrder(19)).toEqual(['immediate soon late']);
    expect(await inOrder(49)).toEqual(['immediate soon late', 'soon immediate late']);
    expect(await inOrder(50)).toEqual(['immediate soon late', 'soon immediate late', 'soon late immediate']);
  });

  it('from the main script, a timer and an immediate may come in either order', async () => {
    const orders = await forAllChoices(
      (log) => {
        timers.setTimeout(() => log('timer'), 1);
        timers.setImmediate(() => log('immediate'));
      },
      () => undefined,
    );
    expect(asTexts(orders)).toEqual(['immediate timer', 'timer immediate']);
  });

  it('each port is first in, first out; several may be served in any order', async () => {
    const orders = await forAllChoices(
      (log) => {
        for (const name of ['a', 'b']) {
          const { port1, port2 } = new agent.ports.MessageChannel();
          port2.on('message', (value: number) => log(`${name}${value}`));
          for (let value = 1; value <= 3; value++) port1.postMessage(value);
        }
      },
      (entries) => {
        expect(entries.filter((entry) => entry.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
        expect(entries.filter((entry) => entry.startsWith('b'))).toEqual(['b1', 'b2', 'b3']);
      },
    );
    expect(orders.length).toBeGreaterThan(8);
  });

  it('process.nextTick, then microtasks, run after each callback, before the next', async () => {
    await forAllChoices(
      (log) => {
        const callback = (name: string) => () => {
          log(name);
          void Promise.resolve().then(() => {
            log(`${name} promise`);
            process.nextTick(() => log(`${name} late tick`));
          });
          process.nextTick(() => log(`${name} tick`));
        };
        timers.setTimeout(callback('timer 1'), 1);
        timers.setTimeout(callback('timer 2'), 1);
        timers.setImmediate(callback('immediate 1'));
        timers.setImmediate(callback('immediate 2'));
      },
      (entries) => {
        for (const name of ['timer 1', 'timer 2', 'immediate 1', 'immediate 2']) {
          const start = entries.indexOf(name);
          expect(entries.slice(start, start + 4)).toEqual([
            name,
            `${name} tick`,
            `${name} promise`,
            `${name} late tick`,
          ]);
        }
        expect(
          entries
            .filter((entry) => !entry.includes('tick') && !entry.includes('promise'))
            .filter((entry) => entry.startsWith('immediate')),
        ).toEqual(['immediate 1', 'immediate 2']);
      },
    );
  });

  it('an immediate set by an immediate waits for the next round, and what has arrived comes between', async () => {
    await forAllChoices(
      (log) => {
        const { port1, port2 } = new agent.ports.MessageChannel();
        port2.on('message', () => log('message'));
        timers.setImmediate(() => {
          log('first');
          port1.postMessage(0);
          timers.setImmediate(() => log('third'));
        });
        timers.setImmediate(() => log('second'));
      },
      (entries) => {
        expect(entries.filter((entry) => entry !== 'message')).toEqual(['first', 'second', 'third']);
        expect(entries.indexOf('message')).toBe(2);
      },
    );
  });

  it('an interval comes again behind what its callback sets for the same moment', async () => {
    await forAllChoices(
      (log) => {
        let rounds = 0;
        const interval = timers.setInterval(() => {
          log('interval');
          timers.setTimeout(() => log('timer'), 1);
          if (++rounds === 3) timers.clearInterval(interval);
        }, 1);
      },
      (entries) => expect(entries).toEqual(['interval', 'timer', 'interval', 'timer', 'interval', 'timer']),
    );
  });

  it('what was cleared does not run, even in the same round', async () => {
    await forAllChoices(
      (log) => {
        const later = timers.setTimeout(() => log('cleared timer'), 2);
        const behind = timers.setImmediate(() => log('not reached'));
        timers.clearImmediate(behind);
        timers.setImmediate(() => {
          log('immediate');
          timers.clearImmediate(second);
        });
        const second = timers.setImmediate(() => log('cleared immediate'));
        timers.setTimeout(() => {
          log('timer');
          timers.clearTimeout(later);
        }, 1);
      },
      (entries) => expect([...entries].sort()).toEqual(['immediate', 'timer']),
    );
  });
});

/* Timers that set timers. */
interface DrawnTimer {
  readonly delayMs: number;
  readonly sets: readonly DrawnTimer[];
  readonly works: number;
}
const timerSetting = (sets: fc.Arbitrary<readonly DrawnTimer[]>): fc.Arbitrary<DrawnTimer> =>
  fc.record({ delayMs: fc.nat({ max: 5 }), works: fc.constantFrom(0, 0, 1, 7), sets });
const timerTree = timerSetting(
  fc.array(timerSetting(fc.array(timerSetting(fc.constant([])), { maxLength: 2 })), { maxLength: 2 }),
);

/** Timers fire when they are due, not before, by deadline, then in the order in which they were set; time never goes back. */
const timersInOrder = (player: SingleAgent) =>
  fc.property(fc.array(timerTree, { maxLength: 5 }), choices, (roots, drawn) => {
    const { setTimeout: setShadow, setImmediate: setImmediateShadow } = player.timers.globals as unknown as Timers;
    interface Pending {
      readonly deadlineMs: number;
      readonly sequence: number;
    }
    const pending = new Set<Pending>();
    let sequence = 0;
    let latestMs = 0;
    let fired = 0;
    const set = ({ delayMs, works, sets }: DrawnTimer): void => {
      const { kernel } = player;
      const own: Pending = { deadlineMs: kernel.nowMs + Math.max(1, delayMs), sequence: sequence++ };
      pending.add(own);
      setShadow(() => {
        fired++;
        pending.delete(own);
        expect(kernel.nowMs).toBeGreaterThanOrEqual(own.deadlineMs);
        expect(kernel.nowMs).toBeGreaterThanOrEqual(latestMs);
        latestMs = kernel.nowMs;
        for (const other of pending) {
          const isBehind =
            other.deadlineMs > own.deadlineMs || (other.deadlineMs === own.deadlineMs && other.sequence > own.sequence);
          // If both are due in the same turn of the loop, the earlier one must have fired first.
          if (!isBehind) expect(other).toBe('behind');
        }
        kernel.advanceTo(kernel.nowMs + works);
        for (const child of sets) set(child);
        setImmediateShadow(() => undefined);
      }, delayMs);
    };
    player.play(
      () => {
        for (const root of roots) set(root);
      },
      { choices: drawn },
    );
    expect(fired).toBe(sequence);
    expect(memory.words[at.END_REASON]).toBe(endReasons.deadlock);
  });

class UnsortedTimers extends TimerQueue {
  override add(timer: Timer): void {
    const { deadlineMs } = timer;
    timer.deadlineMs = Infinity;
    super.add(timer);
    timer.deadlineMs = deadlineMs;
  }
}
class HastyTimers extends TimerQueue {
  override takeDue(nowMs: number): Timer | undefined {
    return super.takeDue(nowMs + 1);
  }
}
class LossyTimers extends TimerQueue {
  override add(timer: Timer): void {
    if (timer.number !== 3) super.add(timer);
  }
}

function agentWithTimers(Queue: typeof TimerQueue): SingleAgent {
  return new SingleAgent(
    0,
    class extends EventLoop {
      override readonly timers = new Queue();
    },
  );
}

describe('timers of one loop fire in deadline order', () => {
  it('whatever they set when they fire', () =>
    inMacrotask(() => {
      fc.assert(timersInOrder(agent), { numRuns: 500 });
    }));

  it.each(Object.entries({ UnsortedTimers, HastyTimers, LossyTimers }))(
    'not with %s, and the law notices',
    (_, Queue) =>
      inMacrotask(() => {
        const { failed } = fc.check(timersInOrder(agentWithTimers(Queue)), { numRuns: 500, endOnFailure: true });
        expect(failed).toBe(true);
      }),
  );
});

describe('coroutines', () => {
  it('go on in any order, each once', async () => {
    const orders = await forAllChoices(
      (log) => {
        for (const name of ['a', 'b', 'c'])
          agent.loop.addCoroutine({ site: 0, resource: 1, rounds: noRounds, run: () => log(name) });
      },
      (entries) => expect([...entries].sort()).toEqual(['a', 'b', 'c']),
    );
    expect(orders).toHaveLength(6);
  });

  it('and timers: time may pass before any of them, or after all', async () => {
    const orders = await forAllChoices(
      (log) => {
        timers.setTimeout(() => log('timer'), 1_000);
        for (const name of ['a', 'b'])
          agent.loop.addCoroutine({ site: 0, resource: 1, rounds: noRounds, run: () => log(name) });
      },
      () => undefined,
    );
    expect(asTexts(orders)).toEqual(expect.arrayContaining(['a b timer', 'b a timer', 'a timer b', 'timer a b']));
  });
});

describe('waitAsync', () => {
  const view = new Int32Array(new SharedArrayBuffer(8));

  it('promises are settled in the order of their notifies, as what they were notified for', async () => {
    await forAllChoices(
      (log) => {
        const wait = (name: string, index: number, timeoutMs = Infinity): void => {
          const result = agent.points.waitAsync(1, view, index, 0, timeoutMs);
          if (result.async) void result.value.then((how) => log(`${name} ${how}`));
        };
        wait('first', 0);
        wait('second', 0);
        wait('other', 1, 100);
        wait('late', 1, 5);
        expect(agent.points.notify(1, view, 0, 1)).toBe(1);
        expect(agent.points.notify(1, view, 0, 5)).toBe(1);
      },
      (entries) => {
        expect(entries.filter((entry) => entry.endsWith('ok'))).toEqual(['first ok', 'second ok']);
        expect(entries.filter((entry) => entry.endsWith('timed-out'))).toEqual(['late timed-out', 'other timed-out']);
      },
    );
  });

  it('are visible operations when they settle', async () => {
    await inMacrotask(() => {
      agent.play(() => {
        agent.points.waitAsync(3, view, 0, 0, 10);
      });
    });
    const operations = lastTraceEntries(memory, 10).map(({ operation, site }) => [operation & 0xff, site]);
    expect(operations).toEqual([
      [operationCodes['Atomics.waitAsync'], 3],
      [operationCodes['Atomics.waitAsync settles'], 3],
    ]);
    expect(agent.kernel.nowMs).toBe(10);
  });
});

describe('ends', () => {
  it('when every run has settled, intervals and unreferenced timers keep nobody', async () => {
    const fired: string[] = [];
    await inMacrotask(() => {
      agent.play(() => {
        agent.kernel.words[at.UNSETTLED] = 0;
        timers.setInterval(() => fired.push('interval'), 20);
        timers.setTimeout(() => fired.push('timer'), 25);
        timers.setTimeout(() => fired.push('unreferenced'), 50).unref();
      });
    });
    expect(fired).toEqual(['interval', 'timer']);
    expect(memory.words[at.END_REASON]).toBe(endReasons.done);
  });

  it('what is to come afterwards comes when nothing else is left, and what it leads to still runs', async () => {
    const done: string[] = [];
    await inMacrotask(() => {
      agent.play(() => {
        agent.kernel.words[at.UNSETTLED] = 0;
        agent.loop.addAfterwards({
          site: 0,
          resource: 0,
          rounds: noRounds,
          run: () => {
            done.push('afterwards');
            timers.setTimeout(() => {
              done.push('its timer');
              agent.kernel.words[at.UNSETTLED] = 0;
            }, 5);
          },
        });
        timers.setTimeout(() => done.push('timer'), 25);
        timers.setImmediate(() => done.push('immediate'));
      });
    });
    expect(done).toEqual(['immediate', 'timer', 'afterwards', 'its timer']);
    expect(memory.words[at.END_REASON]).toBe(endReasons.done);
  });

  it('what a task throws comes out', async () => {
    const error = new Error('from a timer');
    await expect(
      inMacrotask(() => {
        agent.play(() => {
          timers.setTimeout(() => {
            throw error;
          }, 1);
        });
      }),
    ).rejects.toBe(error);
  });
});

describe('patience', () => {
  it('counts only time in which nothing else could happen, and ends with the earliest', async () => {
    const seen = new Set<string>();
    await inMacrotask(() => {
      fc.assert(
        fc.property(choices, (drawn) => {
          const entries: string[] = [];
          agent.play(
            () => {
              agent.loop.addPatience({ run: () => entries.push('later') }, 90);
              agent.loop.addPatience({ run: () => entries.push('sooner') }, 80);
              // Turns that the schedule may prolong: a slow machine may take until the timer is due for each of them.
              timers.setImmediate(() => timers.setImmediate(() => entries.push('turns')));
              timers.setTimeout(() => entries.push('timer'), 70);
            },
            { choices: drawn },
          );
          seen.add(entries.join(' '));
        }),
        { numRuns: 200 },
      );
    });
    expect([...seen].sort()).toEqual(['timer turns', 'turns timer']);
  });

  it('is lost before a timer that is due later, and need not be used', async () => {
    const entries: string[] = [];
    await inMacrotask(() => {
      agent.play(() => {
        const unused = { run: () => entries.push('unused') };
        agent.loop.addPatience({ run: () => entries.push('later') }, 90);
        agent.loop.addPatience(unused, 80);
        agent.loop.addPatience({ run: () => entries.push('sooner') }, 80);
        agent.loop.removePatience(unused);
        timers.setTimeout(() => entries.push('timer'), 100);
      });
    });
    expect(entries).toEqual(['sooner', 'later', 'timer']);
  });

  it('does not keep an execution going, and is forgotten with it', async () => {
    const entries: string[] = [];
    await inMacrotask(() => {
      agent.play(() => agent.loop.addPatience({ run: () => entries.push('lost') }, 10));
      agent.play(() => timers.setTimeout(() => entries.push('timer'), 100));
    });
    expect(entries).toEqual(['timer']);
    expect(memory.words[at.END_REASON]).not.toBe(endReasons.none);
  });
});
