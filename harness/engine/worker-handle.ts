import type { MessagePort } from 'node:worker_threads';
import type { WorkerHandle } from '../scenario/define.js';

/** What a Worker has but a port does not, and its handle cannot do, because the harness owns its thread. */
const refused = [
  'terminate',
  'getHeapSnapshot',
  'getHeapStatistics',
  'cpuUsage',
  'startCpuProfile',
  'startHeapProfile',
  'prependListener',
  'prependOnceListener',
  'listeners',
  'rawListeners',
] as const;

function refuse(name: string): () => never {
  return () => {
    throw new Error(
      `${name}() of a writer's handle is not supported, because Threadmill manages the writer's thread. ` +
        "Use postMessage, or on, once, off and the like for 'message'.",
    );
  };
}

const descriptors: PropertyDescriptorMap = {
  ...Object.fromEntries(
    refused.map((name) => [name, { value: refuse(name), configurable: true, writable: true }] as const),
  ),
  ...Object.fromEntries(
    ['stdin', 'stdout', 'stderr', 'performance'].map(
      (name) => [name, { get: refuse(name), configurable: true }] as const,
    ),
  ),
  resourceLimits: { value: Object.freeze({}), configurable: true },
};

/** The main agent's end of the channel to a writer, as `new Worker()` would have returned it. */
export function workerHandle(port: MessagePort, writer: number): WorkerHandle {
  // Ports are reused from execution to execution.
  if (!('terminate' in port)) {
    Object.defineProperties(port, { ...descriptors, threadId: { value: writer + 1, configurable: true } });
  }
  return port as unknown as WorkerHandle;
}
