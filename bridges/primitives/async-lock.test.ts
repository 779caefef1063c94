import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsyncLock } from './async-lock.js';

/** Lets all work finish that needs no timers. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('AsyncLock', () => {
  it('lets them in one by one, first come, first served', async () => {
    const lock = new AsyncLock();
    const entered: number[] = [];
    const section = async (who: number): Promise<void> => {
      await lock.acquire();
      entered.push(who);
      await settled();
      expect(entered.at(-1)).toBe(who);
      lock.release();
    };
    await Promise.all([section(0), section(1), section(2)]);
    expect(entered).toEqual([0, 1, 2]);
    expect(lock.locked).toBe(false);
  });

  it('is handed over: nobody comes in before whom it was handed to', async () => {
    const lock = new AsyncLock();
    await lock.acquire();
    const waiting = lock.acquire();
    lock.release();
    expect(lock.locked).toBe(true);
    let late = false;
    const later = lock.acquire().then(() => (late = true));
    await waiting;
    await settled();
    expect(late).toBe(false);
    lock.release();
    await later;
  });

  it('may be released by anybody, but only when it is locked', async () => {
    const lock = new AsyncLock();
    expect(() => lock.release()).toThrow('release() of a lock that is not locked.');
    await lock.acquire();
    lock.release();
    expect(() => lock.release()).toThrow('release() of a lock that is not locked.');
  });

  it('is not taken by one whose signal has aborted', async () => {
    const lock = new AsyncLock();
    await expect(lock.acquire(AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
    expect(lock.locked).toBe(false);
  });

  it('passes over one that gave up waiting, wherever it stood', async () => {
    for (const quitter of [0, 1, 2]) {
      const lock = new AsyncLock();
      await lock.acquire();
      const controllers = [0, 1, 2].map(() => new AbortController());
      const entered: number[] = [];
      const waiting = controllers.map(async ({ signal }, who) => {
        await lock.acquire(signal);
        entered.push(who);
        lock.release();
      });
      controllers[quitter]!.abort(new Error('no patience'));
      lock.release();
      const outcomes = await Promise.allSettled(waiting);
      expect(outcomes.map(({ status }) => status === 'rejected')).toEqual([0, 1, 2].map((who) => who === quitter));
      expect(entered).toEqual([0, 1, 2].filter((who) => who !== quitter));
      expect(lock.locked).toBe(false);
    }
  });

  it('is taken all the same if the signal aborts in the turn in which the lock was handed over', async () => {
    const lock = new AsyncLock();
    await lock.acquire();
    const controller = new AbortController();
    const waiting = lock.acquire(controller.signal);
    const last = lock.acquire();
    lock.release();
    controller.abort();
    await expect(waiting).resolves.toBeUndefined();
    lock.release();
    await last;
    lock.release();
    expect(lock.locked).toBe(false);
  });

  it('is not lost when a listener of the same signal releases it', async () => {
    const lock = new AsyncLock();
    await lock.acquire();
    const controller = new AbortController();
    // This listener comes first: it hands the lock to the waiter whose own listener is next.
    controller.signal.addEventListener('abort', () => lock.release());
    const waiting = lock.acquire(controller.signal);
    const last = lock.acquire();
    controller.abort(new Error('too late'));
    await expect(waiting).resolves.toBeUndefined();
    lock.release();
    await last;
    lock.release();
    expect(lock.locked).toBe(false);
  });

  it('excludes, loses nobody and ends up free, whoever gives up and when', async () => {
    const step = fc.record({ who: fc.nat({ max: 4 }), abort: fc.boolean(), pauses: fc.nat({ max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const lock = new AsyncLock();
        let inside = 0;
        const controllers: AbortController[] = [];
        const sections = steps.map(async ({ abort, who, pauses }) => {
          const controller = new AbortController();
          controllers.push(controller);
          if (abort) controllers[who % controllers.length]!.abort(new Error('no patience'));
          await lock.acquire(controller.signal);
          expect(++inside).toBe(1);
          for (let pause = 0; pause < pauses; pause++) await settled();
          inside--;
          lock.release();
        });
        for (const outcome of await Promise.allSettled(sections)) {
          if (outcome.status === 'rejected') expect(outcome.reason).toEqual(new Error('no patience'));
        }
        expect(lock.locked).toBe(false);
      }),
    );
  });
});
