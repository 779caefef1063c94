import nodeCrypto from 'node:crypto';
import { createRequire, isBuiltin } from 'node:module';
import workerThreads, { MessagePort } from 'node:worker_threads';
import { createBundleRequire } from '../../bundle-require.js';
import { LeftBehind } from '../../left-behind.js';
import { SourceCallSites } from '../../source-call-sites.js';
import type { TestModules } from '../../../test-files/test-world.js';
import { createProcessShadow, type ProcessShadow } from '../../process-shadow.js';
import { withShadows } from '../../with-shadows.js';
import { wrappedFiles } from '../../wrapped-files.js';
import type { BufferNumbers } from '../buffer-numbers.js';
import { learnBuffers, sharedBuffersIn } from '../envelope.js';
import type { KnownCode } from '../known-code.js';
import { ForeignCalls } from './foreign-calls.js';
import type { ShadowClock } from './clock.js';
import type { ShadowCompression } from './compression.js';
import { shadowFunction } from './functions.js';
import type { ShadowPorts } from './ports.js';
import type { ShadowTimers } from './timers.js';
import { UncontrolledOperation } from './uncontrolled-operation.js';
import type { ShadowWorkers, ThreadFacts } from './workers.js';

/** Everything the program under test sees instead of Node's globals and modules. */
export interface ShadowedWorld {
  readonly process: ProcessShadow;
  readonly globals: Readonly<Record<string, unknown>>;
  readonly require: (id: string) => unknown;
  /** The API called in this execution that completes outside the schedule. */
  readonly foreignCalls: ForeignCalls;
  /** Forgets the last execution. */
  reset(): void;
  /** Restores the realm. */
  dispose(): void;
}

function refuseToPost(): never {
  throw new UncontrolledOperation(
    'postMessageToThread(): which thread has which number is not decided by the schedule. Use ports, or run the scenario with --engine stress',
  );
}

/** Only the callback distinguishes the asynchronous forms of these. */
const callbackForms = ['randomBytes', 'randomInt', 'randomFill', 'sign', 'verify', 'diffieHellman'] as const;
const asynchronousWebAssembly = ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming'] as const;

const nodeRequire = createRequire(import.meta.url);
const realWebAssembly = Reflect.get(globalThis, 'WebAssembly') as object;

/** Assembles the environment in which one agent's bundle is evaluated. `packages` loads npm packages, by the bundler's ids. */
export function createShadowedWorld(parts: {
  readonly code: KnownCode;
  readonly atomics: typeof Atomics;
  readonly timers: ShadowTimers;
  readonly clock: ShadowClock;
  readonly compression: ShadowCompression;
  readonly ports: ShadowPorts;
  readonly buffers: BufferNumbers;
  readonly workers: ShadowWorkers;
  readonly facts: () => ThreadFacts;
  /** Compiles and evaluates a file that no bundle has. */
  readonly evaluateFile: (file: string) => Promise<unknown> | undefined;
  readonly parentPort: () => MessagePort | null;
  /** Makes what is `process.env` in one execution. */
  readonly makeEnvironment: () => NodeJS.ProcessEnv;
  readonly packages: (id: string) => (() => unknown) | undefined;
  /** On the agent that draws from the scenario's arbitraries, the harness's own fast-check, so that there is only one. */
  readonly fastCheck: object | undefined;
  /** The modules by which a file of tests reaches its test runner. */
  readonly testModules?: (() => TestModules) | undefined;
}): ShadowedWorld {
  const { timers, clock, ports, facts } = parts;
  const foreignCalls = new ForeignCalls();
  const leftBehind = new LeftBehind();
  const callSites = new SourceCallSites((name) => parts.code.bundle(name), leftBehind.isEvaluatingPackage);
  const shadowProcess = createProcessShadow(
    {
      ...('getBuiltinModule' in process
        ? { getBuiltinModule: (id: string): unknown => (isBuiltin(id) ? require(id) : undefined) }
        : {}),
      hrtime: clock.hrtime,
      uptime: () => clock.now() / 1_000,
    },
    parts.makeEnvironment,
  );
  const shadowCrypto = withShadows(clock.crypto, {
    subtle: foreignCalls.notingObject(clock.crypto.subtle, 'crypto.subtle'),
  });
  const cryptoModule: Record<string, unknown> = {
    ...foreignCalls.notingModule(clock.cryptoModule, 'crypto'),
    webcrypto: shadowCrypto,
    subtle: shadowCrypto.subtle,
  };
  for (const name of callbackForms) {
    const controlled = clock.cryptoModule[name] as (...values: unknown[]) => unknown;
    const real = foreignCalls.noting(nodeCrypto[name], `crypto.${name} with a callback`, true) as typeof controlled;
    cryptoModule[name] = (...values: unknown[]): unknown =>
      (typeof values.at(-1) === 'function' ? real : controlled)(...values);
  }
  const shadowGlobals: Record<string, unknown> = {
    ...timers.globals,
    Atomics: parts.atomics,
    SharedArrayBuffer,
    Date: clock.Date,
    Math: clock.Math,
    performance: clock.performance,
    process: shadowProcess.process,
    crypto: shadowCrypto,
    WebAssembly: foreignCalls.notingObject(realWebAssembly, 'WebAssembly', asynchronousWebAssembly),
    MessageChannel: ports.MessageChannel,
    MessagePort,
    BroadcastChannel: ports.BroadcastChannel,
    PerformanceObserver: leftBehind.PerformanceObserver,
    structuredClone: (value: unknown, options?: Parameters<typeof structuredClone>[1]): unknown => {
      const clone: unknown = structuredClone(value, options);
      // The clone's buffers are other objects over the same memory.
      const numbers = sharedBuffersIn(value).map((buffer) => parts.buffers.of(buffer));
      learnBuffers(clone, numbers, parts.buffers);
      return clone;
    },
    AbortSignal: withShadows(AbortSignal, { timeout: timers.abortAfter }),
    Event: clock.Event,
    Function: shadowFunction((specifier) => require.importLater(specifier)),
  };
  const shadowGlobal: object = new Proxy(globalThis, {
    get: (real, key): unknown => {
      if (key === 'globalThis' || key === 'global') return shadowGlobal;
      return typeof key === 'string' && Object.hasOwn(shadowGlobals, key)
        ? shadowGlobals[key]
        : Reflect.get(real, key, real);
    },
  });
  const globals = { ...shadowGlobals, globalThis: shadowGlobal, global: shadowGlobal };

  const realZlib = nodeRequire('node:zlib') as object;
  const zlib = parts.compression.install(realZlib) ? realZlib : foreignCalls.notingModule(realZlib, 'zlib');
  const files = wrappedFiles((call, name) => foreignCalls.noting(call, name));
  const shadowModules: Record<string, () => unknown> = {
    fs: () => files.fs,
    'fs/promises': () => files.promises,
    timers: () => timers.timersModule,
    'timers/promises': () => timers.promisesModule,
    async_hooks: () => leftBehind.modules.async_hooks,
    diagnostics_channel: () => leftBehind.modules.diagnostics_channel,
    v8: () => leftBehind.modules.v8,
    perf_hooks: () => ({ ...leftBehind.modules.perf_hooks, performance: clock.performance }),
    process: () => shadowProcess.process,
    crypto: () => cryptoModule,
    zlib: () => zlib,
    worker_threads: () => ({
      ...workerThreads,
      isMainThread: facts().isMainThread,
      threadId: facts().threadId,
      workerData: facts().workerData,
      resourceLimits: facts().resourceLimits,
      ...('threadName' in workerThreads ? { threadName: facts().name } : {}),
      getEnvironmentData: (key: unknown) => facts().environmentData.get(key),
      setEnvironmentData: (key: unknown, value: unknown) => {
        if (value === undefined) facts().environmentData.delete(key);
        else facts().environmentData.set(key, value);
      },
      parentPort: parts.parentPort(),
      MessageChannel: ports.MessageChannel,
      MessagePort,
      BroadcastChannel: ports.BroadcastChannel,
      receiveMessageOnPort: ports.receiveMessageOnPort,
      Worker: parts.workers.Worker,
      ...('postMessageToThread' in workerThreads ? { postMessageToThread: refuseToPost } : {}),
    }),
  };
  const { testModules } = parts;
  if (testModules !== undefined) {
    shadowModules['vitest'] = () => testModules().vitest;
    shadowModules['test'] = () => testModules().test;
  }
  const require = createBundleRequire({
    packages: parts.packages,
    fastCheck: parts.fastCheck,
    evaluatePackage: leftBehind.evaluatePackage,
    evaluateFile: parts.evaluateFile,
    shadowModules,
  });
  return {
    process: shadowProcess,
    globals,
    require,
    foreignCalls,
    reset: () => {
      foreignCalls.reset();
      require.reset();
      leftBehind.reset();
      callSites.reset();
      shadowProcess.reset();
    },
    dispose: () => {
      callSites.dispose();
    },
  };
}
