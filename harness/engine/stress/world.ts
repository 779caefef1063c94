import { createRequire } from 'node:module';
import workerThreads, { type MessagePort } from 'node:worker_threads';
import { bundlesOf, type CompiledScenario } from '../../instrument/compiled.js';
import { createBundleRequire } from '../bundle-require.js';
import { LeftBehind } from '../left-behind.js';
import { clearTimeline } from '../marked-timeline.js';
import { SourceCallSites } from '../source-call-sites.js';
import { createProcessShadow } from '../process-shadow.js';
import { withShadows } from '../with-shadows.js';
import { wrappedFiles } from '../wrapped-files.js';
import { OpenChannels } from './open-channels.js';
import { OwnThreads } from './own-threads.js';
import type { PendingCalls } from './pending-calls.js';
import type { PendingTimers } from './pending-timers.js';

/** What one bundle sees instead of Node's globals and modules. */
export interface WorldFace {
  readonly globals: Readonly<Record<string, unknown>>;
  readonly require: (id: string) => unknown;
}

/** The environment of one agent's bundles under stress: the real one, except for what must not outlive an execution. */
export interface StressWorld {
  /** For the scenario's own files. */
  readonly own: WorldFace;
  /** For packages: what they make outlives the execution, as their module state does. */
  readonly packages: WorldFace;
  readonly emitProcessEvent: (event: string, ...values: readonly unknown[]) => boolean;
  /** Forgets the last execution. */
  reset(): void;
  /** Restores the realm. */
  dispose(): void;
}

const nodeRequire = createRequire(import.meta.url);

/** Assembles the world of one agent. `packages` loads npm packages, by the bundler's ids. */
export function createStressWorld(parts: {
  readonly compiled: CompiledScenario;
  readonly isMainAgent: boolean;
  readonly atomics: typeof Atomics;
  readonly timers: PendingTimers;
  /** The program's calls that Node may not list among its active resources. */
  readonly pendingCalls: PendingCalls;
  readonly parentPort: () => MessagePort | null;
  readonly packages: (id: string) => (() => unknown) | undefined;
  /** On the agent that draws from the scenario's arbitraries, the harness's own fast-check, so that there is only one. */
  readonly fastCheck: object | undefined;
  /** Called with the number of live threads that the program has started. */
  readonly onThreads: (alive: number) => void;
}): StressWorld {
  const { timers } = parts;
  const shadowProcess = createProcessShadow();
  const channels = new OpenChannels();
  const leftBehind = new LeftBehind();
  const callSites = new SourceCallSites(
    (fileName) => bundlesOf(parts.compiled).find((bundle) => bundle.fileName === fileName),
    leftBehind.isEvaluatingPackage,
  );
  const abortAfter = (ms: number): AbortSignal => {
    const signal = AbortSignal.timeout(ms);
    const done = timers.hold(true);
    signal.addEventListener('abort', done, { once: true });
    return signal;
  };
  const threads = new OwnThreads(parts.compiled.projectDirectory, parts.onThreads);
  const files = wrappedFiles(parts.pendingCalls.counting);
  const abortSignal = withShadows(AbortSignal, { timeout: abortAfter });
  const makeFace = (channelGlobals: OpenChannels['globals'], ThreadClass: unknown): WorldFace => {
    const shadowGlobals: Record<string, unknown> = {
      ...timers.globals,
      Atomics: parts.atomics,
      SharedArrayBuffer,
      Date,
      Math,
      performance,
      process: shadowProcess.process,
      crypto: globalThis.crypto,
      ...channelGlobals,
      MessagePort: workerThreads.MessagePort,
      AbortSignal: abortSignal,
      Event,
      PerformanceObserver: leftBehind.PerformanceObserver,
      WebAssembly: Reflect.get(globalThis, 'WebAssembly'),
      structuredClone,
      Function,
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
      fs: () => files.fs,
      'fs/promises': () => files.promises,
      timers: () => ({ ...(nodeRequire('node:timers') as object), ...timers.globals, promises: timers.promisesModule }),
      'timers/promises': () => timers.promisesModule,
      process: () => shadowProcess.process,
      async_hooks: () => leftBehind.modules.async_hooks,
      diagnostics_channel: () => leftBehind.modules.diagnostics_channel,
      perf_hooks: () => leftBehind.modules.perf_hooks,
      v8: () => leftBehind.modules.v8,
      worker_threads: () => ({
        ...workerThreads,
        ...channelGlobals,
        Worker: ThreadClass,
        isMainThread: parts.isMainAgent,
        workerData: null,
        parentPort: parts.parentPort(),
      }),
    };
    return {
      globals: { ...shadowGlobals, globalThis: shadowGlobal, global: shadowGlobal },
      require: createBundleRequire({
        packages: parts.packages,
        fastCheck: parts.fastCheck,
        evaluatePackage: leftBehind.evaluatePackage,
        shadowModules,
      }),
    };
  };
  return {
    own: makeFace(channels.globals, threads.Worker),
    packages: makeFace(channels.packageGlobals, threads.PackageWorker),
    emitProcessEvent: shadowProcess.emit,
    reset: () => {
      shadowProcess.reset();
      channels.reset();
      threads.reset();
      leftBehind.reset();
      clearTimeline();
      callSites.reset();
    },
    dispose: () => {
      callSites.dispose();
    },
  };
}
