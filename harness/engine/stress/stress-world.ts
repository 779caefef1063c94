import { createRequire } from 'node:module';
import workerThreads, { type MessagePort } from 'node:worker_threads';
import { createBundleRequire } from '../bundle-require.js';
import { createProcessShadow } from '../process-shadow.js';
import { withShadows } from '../with-shadows.js';
import { OpenChannels } from './open-channels.js';
import type { PendingTimers } from './pending-timers.js';

/** What one agent's bundle is evaluated in under stress: the real world, but for what must not outlive an execution. */
export interface StressWorld {
  readonly globals: Readonly<Record<string, unknown>>;
  readonly require: (id: string) => unknown;
  readonly emitProcessEvent: (event: string, ...values: readonly unknown[]) => boolean;
  /** Forgets the last execution. */
  reset(): void;
}

const nodeRequire = createRequire(import.meta.url);

/** Assembles the world of one agent. `packages` answers for npm packages, by the bundler's ids. */
export function createStressWorld(parts: {
  readonly isMainAgent: boolean;
  readonly atomics: typeof Atomics;
  readonly timers: PendingTimers;
  readonly parentPort: () => MessagePort | null;
  readonly packages: (id: string) => (() => unknown) | undefined;
  /** The harness's own fast-check on the agent that draws from the scenario's arbitraries, so that there is one of it. */
  readonly fastCheck: object | undefined;
}): StressWorld {
  const { timers } = parts;
  const shadowProcess = createProcessShadow();
  const channels = new OpenChannels();
  const abortAfter = (ms: number): AbortSignal => {
    const signal = AbortSignal.timeout(ms);
    const done = timers.hold(true);
    signal.addEventListener('abort', done, { once: true });
    return signal;
  };
  const shadowGlobals: Record<string, unknown> = {
    ...timers.globals,
    Atomics: parts.atomics,
    SharedArrayBuffer,
    Date,
    Math,
    performance,
    process: shadowProcess.process,
    crypto: globalThis.crypto,
    ...channels.globals,
    MessagePort: workerThreads.MessagePort,
    AbortSignal: withShadows(AbortSignal, { timeout: abortAfter }),
    Event,
    WebAssembly: Reflect.get(globalThis, 'WebAssembly'),
    structuredClone,
  };
  const shadowGlobal: object = new Proxy(globalThis, {
    get: (real, key): unknown => {
      if (key === 'globalThis' || key === 'global') return shadowGlobal;
      return typeof key === 'string' && Object.hasOwn(shadowGlobals, key)
        ? shadowGlobals[key]
        : Reflect.get(real, key, real);
    },
  });
  const shadowModules: Record<string, () => unknown> = {
    timers: () => ({ ...(nodeRequire('node:timers') as object), ...timers.globals, promises: timers.promisesModule }),
    'timers/promises': () => timers.promisesModule,
    process: () => shadowProcess.process,
    worker_threads: () => ({
      ...workerThreads,
      ...channels.globals,
      isMainThread: parts.isMainAgent,
      workerData: null,
      parentPort: parts.parentPort(),
    }),
  };
  return {
    globals: { ...shadowGlobals, globalThis: shadowGlobal, global: shadowGlobal },
    emitProcessEvent: shadowProcess.emit,
    require: createBundleRequire({ packages: parts.packages, fastCheck: parts.fastCheck, shadowModules }),
    reset: () => {
      shadowProcess.reset();
      channels.reset();
    },
  };
}
