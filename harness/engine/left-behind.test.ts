import type asyncHooksModule from 'node:async_hooks';
import { AsyncResource } from 'node:async_hooks';
import type diagnosticsModule from 'node:diagnostics_channel';
import realDiagnostics from 'node:diagnostics_channel';
import type perfHooksModule from 'node:perf_hooks';
import type v8Module from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeftBehind } from './left-behind.js';
import { MarkedTimeline } from './marked-timeline.js';
import { createProcessShadow } from './process-shadow.js';

const leftBehind = new LeftBehind();
const timeline = new MarkedTimeline();
const shadowProcess = createProcessShadow();
const asyncHooks = leftBehind.modules.async_hooks as typeof asyncHooksModule;
const diagnostics = leftBehind.modules.diagnostics_channel as typeof diagnosticsModule;
const perfHooks = leftBehind.modules.perf_hooks as typeof perfHooksModule;
const { promiseHooks } = leftBehind.modules.v8 as typeof v8Module;

function endExecution(): void {
  leftBehind.reset();
  timeline.reset();
  shadowProcess.reset();
}

/** How often something was called that programs gave to Node. */
let calls = 0;
const call = (): void => {
  calls++;
};
const callsDuring = (event: () => void): number => {
  calls = 0;
  event();
  return calls;
};
const newResource = (): void => {
  new AsyncResource('PROBE').emitDestroy();
};
const name = 'left-behind';
const publish = (channel: string): void => realDiagnostics.channel(channel).publish({});
const observers: perfHooksModule.PerformanceObserver[] = [];
const histograms: perfHooksModule.IntervalHistogram[] = [];
const contexts: asyncHooksModule.AsyncLocalStorage<number>[] = [];

/** What a program may give to Node, and how much of it Node has. */
const registries: Readonly<Record<string, { readonly use: () => void; readonly size: () => number }>> = {
  'a context that is run in': {
    use: () => {
      const storage = new asyncHooks.AsyncLocalStorage<number>();
      // Node calls this on each enabled instance for each new resource, if it keeps a list of instances.
      Object.defineProperty(storage, '_propagate', { value: call });
      storage.run(1, () => undefined);
    },
    size: () => callsDuring(newResource),
  },
  'a context that is entered': {
    use: () => {
      const storage = new asyncHooks.AsyncLocalStorage<number>();
      storage.enterWith(1);
      contexts.push(storage);
    },
    size: () => contexts.filter((storage) => storage.getStore() !== undefined).length,
  },
  'a hook': {
    use: () => asyncHooks.createHook({ init: call }).enable(),
    size: () => callsDuring(newResource),
  },
  'a hook of promises': {
    use: () => promiseHooks.onInit(call),
    size: () => callsDuring(() => void Promise.resolve()),
  },
  'a subscription by name': {
    use: () => diagnostics.subscribe(name, call),
    size: () => callsDuring(() => publish(name)),
  },
  'a subscription of a channel': {
    use: () => {
      const channel: { subscribe: (listener: () => void) => void } = diagnostics.channel(name);
      channel.subscribe(call);
      channel.subscribe(call);
    },
    size: () => callsDuring(() => publish(name)),
  },
  'a subscription of a tracing channel': {
    use: () => {
      const listeners = { start: call, end: call, asyncStart: call, asyncEnd: call, error: call };
      diagnostics.tracingChannel(name).subscribe(listeners);
    },
    size: () => callsDuring(() => publish(`tracing:${name}:end`)),
  },
  'a context bound to a channel': {
    use: () =>
      diagnostics.channel(name).bindStore(new asyncHooks.AsyncLocalStorage<unknown>(), (data) => (call(), data)),
    size: () => callsDuring(() => realDiagnostics.channel(name).runStores({}, () => undefined)),
  },
  'an observer of the timeline': {
    use: () => {
      const observer = new leftBehind.PerformanceObserver(() => undefined);
      observer.observe({ entryTypes: ['mark'] });
      observers.push(observer);
    },
    size: () => {
      performance.mark(name);
      return observers.filter((observer) => observer.takeRecords().length > 0).length;
    },
  },
  'marks and measures': {
    use: () => {
      timeline.shadows.mark('begin');
      timeline.shadows.measure('since', 'begin');
    },
    size: () => performance.getEntriesByName('begin').length + performance.getEntriesByName('since').length,
  },
  'a measurement of the event loop': {
    use: () => {
      const histogram = perfHooks.monitorEventLoopDelay();
      histogram.enable();
      histograms.push(histogram);
    },
    size: () => histograms.filter((histogram) => histogram.disable()).length,
  },
  'a listener on the process': {
    use: () => shadowProcess.process.on('SIGUSR2', call),
    size: () => process.listenerCount('SIGUSR2') + shadowProcess.process.listenerCount('SIGUSR2'),
  },
  'a listener on its output': {
    use: () => shadowProcess.process.stdout.on('drain', call).once('drain', call),
    size: () => process.stdout.listenerCount('drain'),
  },
  'what captures its exceptions': {
    use: () => shadowProcess.process.setUncaughtExceptionCaptureCallback(call),
    size: () => Number(shadowProcess.process.hasUncaughtExceptionCaptureCallback()),
  },
};
const names = Object.keys(registries);
const sizes = (): Record<string, number> => Object.fromEntries(names.map((key) => [key, registries[key]!.size()]));

describe('what a program gives to Node', () => {
  it('is taken back at the end of the execution, whatever it was and in any order', () => {
    const before = sizes();
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.constantFrom(...names)), { minLength: 1, maxLength: 5 }), (executions) => {
        for (const given of executions) {
          for (const key of given) registries[key]!.use();
          endExecution();
        }
        expect(sizes()).toEqual(before);
      }),
    );
  });

  it.each(names)('is there during the execution: %s', (key) => {
    const { use, size } = registries[key]!;
    const before = size();
    use();
    const isKeptInList = !key.includes('run in') || Number(process.versions.node.split('.')[0]) < 24;
    try {
      if (isKeptInList) expect(size()).toBeGreaterThan(before);
    } finally {
      endExecution();
    }
  });

  it('stays if a package gave it while it was evaluated', () => {
    const hook = leftBehind.evaluatePackage(() => asyncHooks.createHook({ init: call }).enable());
    leftBehind.reset();
    try {
      expect(callsDuring(newResource)).toBe(1);
    } finally {
      hook.disable();
    }
  });

  it('stays without what was entered, if it is the context of a package', () => {
    const storage = leftBehind.evaluatePackage(() => new asyncHooks.AsyncLocalStorage<number>());
    for (let execution = 0; execution < 3; execution++) {
      expect(storage.getStore()).toBeUndefined();
      expect(storage.run(1, () => storage.getStore())).toBe(1);
      expect(storage.getStore()).toBeUndefined();
      storage.enterWith(2);
      leftBehind.reset();
    }
  });
});

describe('the classes', () => {
  it.each([
    ['AsyncLocalStorage', asyncHooks.AsyncLocalStorage],
    ['PerformanceObserver', perfHooks.PerformanceObserver],
  ])('cannot be told from those of Node: %s', async (expected, shadow: { readonly name: string }) => {
    expect(shadow.name).toBe(expected);
    const real = { ...(await import('node:async_hooks')), ...(await import('node:perf_hooks')) } as unknown as Record<
      string,
      new () => object
    >;
    expect(Object.getPrototypeOf(shadow)).toBe(real[expected]);
  });
});
