import type timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { operationCodes } from '../../../kernel/operations.js';
import { memory } from '../../../kernel/testing/agents.js';
import { lastTraceEntries } from '../../../kernel/trace.js';
import { inMacrotask, SingleAgent } from '../testing/single-agent.js';

const agent = new SingleAgent();
const shadow = agent.timers.globals as unknown as Pick<
  typeof globalThis,
  'setTimeout' | 'setInterval' | 'setImmediate' | 'clearTimeout' | 'clearInterval' | 'clearImmediate'
>;
const promises = agent.timers.promisesModule as unknown as typeof timersPromises;

/** Runs a program to its end, and returns what it logged and when, in virtual milliseconds. */
async function play(program: (log: (entry: string) => void) => void): Promise<string[]> {
  const entries: string[] = [];
  await inMacrotask(() => {
    agent.play(() => {
      program((entry) => entries.push(`${entry} at ${agent.kernel.nowMs}`));
    });
  });
  return entries;
}

const numbers = [0, 1, 1.9, 2, 5.5, -1, NaN, Infinity, 2 ** 31 - 1, 2 ** 31];
const others: readonly unknown[] = [
  undefined,
  null,
  '',
  '10',
  '10.7',
  'x',
  true,
  false,
  [],
  [7],
  {},
  { valueOf: () => 3 },
];
const delays = [...numbers, ...others].map((delay) => ({ delay }));

/** How Node interprets a delay; it truncates fractions only when it queues the timer. */
function readDelay(delay: unknown): number {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const timer = setTimeout(() => undefined, delay as number);
  warn.mockRestore();
  const after = Reflect.get(timer, '_idleTimeout') as number;
  clearTimeout(timer);
  return Math.trunc(after);
}

describe('setTimeout and its relatives', () => {
  it.each(delays)('reads a delay of %j as Node does', async ({ delay }) => {
    const [entry] = await play((log) => shadow.setTimeout(() => log('fired'), delay as number));
    expect(entry).toBe(`fired at ${readDelay(delay)}`);
  });

  it('passes arguments on, with the handle as `this`', async () => {
    const entries = await play((log) => {
      const handle = shadow.setTimeout(
        function (this: unknown, ...values: number[]) {
          log(`${values.join()} ${this === handle}`);
        },
        1,
        1,
        2,
        3,
      );
      shadow.setImmediate((...values: number[]) => log(values.join()), 4, 5);
    });
    expect(entries).toEqual(['4,5 at 0', '1,2,3 true at 1']);
  });

  it('refuses what is no function, as Node does', async () => {
    await play(() => {
      for (const set of [shadow.setTimeout, shadow.setInterval, shadow.setImmediate]) {
        expect(() => set('code' as unknown as () => void)).toThrow(
          expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }) as Error,
        );
      }
    });
  });

  it('clears by handle, number and text, and ignores the rest', async () => {
    const entries = await play((log) => {
      const handles = [1, 2, 3, 4].map((number) => shadow.setTimeout(() => log(String(number)), number));
      shadow.clearTimeout(handles[0]);
      shadow.clearTimeout(Number(handles[1]));
      shadow.clearInterval(String(Number(handles[2])));
      for (const nothing of [undefined, null, 99, 'x', {}, true]) shadow.clearTimeout(nothing as undefined);
      shadow.clearImmediate(undefined);
    });
    expect(entries).toEqual(['4 at 4']);
  });

  it('clears twice, and after firing, without complaint', async () => {
    const entries = await play((log) => {
      const handle = shadow.setTimeout(() => log('fired'), 1);
      shadow.setTimeout(() => {
        shadow.clearTimeout(handle);
        shadow.clearTimeout(handle);
      }, 5);
    });
    expect(entries).toEqual(['fired at 1']);
  });

  it('refresh puts a timer off, and sets one that has fired again, but none that was cleared', async () => {
    const entries = await play((log) => {
      const put = shadow.setTimeout(() => log('put off'), 10);
      const fired = shadow.setTimeout(() => log('again'), 2);
      const cleared = shadow.setTimeout(() => log('cleared'), 20);
      const interval = shadow.setInterval(() => {
        log('interval');
        shadow.clearInterval(interval);
        interval.refresh();
        if (agent.kernel.nowMs > 100) throw new Error('it goes on for ever');
      }, 3);
      shadow.clearTimeout(cleared);
      cleared.refresh();
      shadow.setTimeout(() => {
        put.refresh();
        fired.refresh();
      }, 6);
    });
    expect(entries).toEqual(['again at 2', 'interval at 3', 'again at 8', 'put off at 16']);
  });

  it('an interval comes again and again until it is cleared', async () => {
    const entries = await play((log) => {
      let rounds = 0;
      const interval = shadow.setInterval(() => {
        log('round');
        if (++rounds === 3) shadow.clearInterval(interval);
      }, 10);
    });
    expect(entries).toEqual(['round at 10', 'round at 20', 'round at 30']);
  });

  it('handles know ref, unref, close and disposal', async () => {
    const entries = await play((log) => {
      const handle = shadow.setTimeout(() => log('closed'), 1);
      expect(handle.hasRef()).toBe(true);
      expect(handle.unref().hasRef()).toBe(false);
      expect(handle.ref().hasRef()).toBe(true);
      handle.close();
      const immediate = shadow.setImmediate(() => log('disposed'));
      expect(immediate.unref()).toBe(immediate);
      const { dispose } = Symbol as { readonly dispose?: symbol };
      if (dispose === undefined) shadow.clearImmediate(immediate);
      else (immediate as unknown as Record<symbol, () => void>)[dispose]!();
    });
    expect(entries).toEqual([]);
  });

  it('are visible operations with their places', async () => {
    await play((log) => {
      agent.points.at(11, shadow, 'setTimeout');
      const handle = shadow.setTimeout(() => log(''), 5);
      agent.points.at(12, shadow, 'setTimeout');
      shadow.setTimeout(() => log(''), 2);
      agent.points.at(13, shadow, 'clearTimeout');
      shadow.clearTimeout(handle);
    });
    expect(
      lastTraceEntries(memory, 10).map(({ operation, site, resource, value }) => [operation, site, resource, value]),
    ).toEqual([
      [operationCodes['set timer'], 11, 1, 5],
      [operationCodes['set timer'], 12, 2, 2],
      [operationCodes['clear timer'], 13, 1, 0],
      [operationCodes.timer, 12, 2, 0],
    ]);
  });
});

describe('timers/promises', () => {
  it('sleeps and gives the value back', async () => {
    const entries = await play((log) => {
      void promises.setTimeout(30, 'slept').then(log);
      void promises.setImmediate('at once').then(log);
      void promises.scheduler.wait(40).then(() => log('waited'));
      void promises.scheduler.yield().then(() => log('yielded'));
    });
    expect(entries).toEqual(['at once at 0', 'yielded at 0', 'slept at 30', 'waited at 40']);
  });

  it('is what promisify makes of the callbacks', async () => {
    const entries = await play((log) => {
      void promisify(shadow.setTimeout)(7).then(() => log('slept'));
      void promisify(shadow.setImmediate)('value' as never).then((value) => log(String(value)));
    });
    expect(entries).toEqual(['value at 0', 'slept at 7']);
  });

  it('an interval yields until it is left', async () => {
    const entries = await play((log) => {
      void (async () => {
        let rounds = 0;
        for await (const value of promises.setInterval(10, 'tick')) {
          log(value);
          if (++rounds === 2) break;
        }
        log('left');
      })();
    });
    expect(entries).toEqual(['tick at 10', 'tick at 20', 'left at 20']);
  });

  it('is aborted by a signal, with its reason, and leaves nothing pending', async () => {
    const entries = await play((log) => {
      const controller = new AbortController();
      const failed = (name: string) => (error: Error & { readonly code?: string }) =>
        log(`${name}: ${error.name} ${String(error.code)} ${String(error.cause)}`);
      promises.setTimeout(1_000, undefined, { signal: controller.signal }).catch(failed('sleep'));
      promises.setImmediate(undefined, { signal: AbortSignal.abort('early') }).catch(failed('immediate'));
      shadow.setTimeout(() => {
        controller.abort('enough');
      }, 5);
    });
    expect(entries).toEqual(['immediate: AbortError ABORT_ERR early at 0', 'sleep: AbortError ABORT_ERR enough at 5']);
    expect(agent.kernel.nowMs).toBe(5);
  });

  it('a signal that comes too late changes nothing', async () => {
    const entries = await play((log) => {
      const controller = new AbortController();
      void promises.setTimeout(5, 'slept', { signal: controller.signal }).then(log);
      shadow.setTimeout(() => {
        controller.abort();
      }, 9);
    });
    expect(entries).toEqual(['slept at 5']);
  });

  it('AbortSignal.timeout keeps nobody waiting, and aborts with a TimeoutError', async () => {
    const entries = await play((log) => {
      const signal = agent.timers.abortAfter(50);
      signal.addEventListener('abort', () => log((signal.reason as Error).name));
    });
    expect(entries).toEqual(['TimeoutError at 50']);
  });
});
