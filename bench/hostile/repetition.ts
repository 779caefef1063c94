import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { isWholeRecord, type TableSnapshot } from 'threadmill/record-table';
import type { Bridge, ReaderEnd } from 'threadmill/bridges/records';
import { payloadOf, workload, type WriterTask } from './workload.js';

/** The result of one repetition. */
export interface Repetition {
  /** The violations in words, at most a few of each kind; empty if everything held. */
  readonly violations: readonly string[];
  readonly durationMs: number;
}

const violationsKept = 10;

/** Puts the article's workload through a bridge once, on threads that really run at once. */
export async function repeat(bridge: Bridge): Promise<Repetition> {
  const { writers, keys, readers, payloadWords, queueCapacity } = workload;
  const state = bridge.open({ writers, capacity: keys, payloadWords, queueCapacity });
  const barrier = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from({ length: writers }, (_, index) => {
    const workerData: WriterTask = { bridge: bridge.name, variant: bridge.variant, state, index, barrier };
    return new Worker(new URL('writer.js', import.meta.url), { workerData });
  });
  const violations: string[] = [];
  const violated = (what: string): void => {
    if (violations.length < violationsKept) violations.push(what);
  };
  const exits = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        worker.once('error', reject);
        worker.once('exit', () => resolve());
      }),
  );
  try {
    const startedAtMs = performance.now();
    const end = bridge.readerEnd(state, { workers });
    const reading = Promise.all(Array.from({ length: readers }, (_, index) => read(end, index, violated)));
    await Promise.race([Promise.all([reading, end.close()]), failureOf(exits)]);
    const durationMs = performance.now() - startedAtMs;
    judgeEnd(await end.read(), violated);
    await Promise.all(exits);
    return { violations, durationMs };
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Rejects when a writer fails. Never resolves. */
function failureOf(exits: readonly Promise<void>[]): Promise<never> {
  return new Promise((_, reject) => {
    for (const exit of exits) exit.catch(reject);
  });
}

async function read(end: ReaderEnd, index: number, violated: (what: string) => void): Promise<void> {
  let tableVersion = 0;
  const versions = new Map<number, number>();
  for (let done = 0; done < workload.reads; done++) {
    const snapshot = await end.read();
    if (snapshot.version < tableVersion) violated(`reader ${index}: version ${snapshot.version} after ${tableVersion}`);
    tableVersion = snapshot.version;
    for (const record of snapshot.records) {
      if (!isWholeRecord(record)) violated(`reader ${index}: a torn record under key ${record.key}`);
      const before = versions.get(record.key) ?? 0;
      if (record.version < before)
        violated(`reader ${index}: version ${record.version} of key ${record.key} after ${before}`);
      versions.set(record.key, record.version);
    }
    await setImmediate();
  }
}

function judgeEnd({ count, records, version }: TableSnapshot, violated: (what: string) => void): void {
  const { keys } = workload;
  if (count !== keys || records.length !== keys)
    violated(`${count} counted and ${records.length} found of ${keys} records`);
  if (version !== keys) violated(`version ${version} after ${keys} writes`);
  for (const record of records) {
    if (!isWholeRecord(record)) violated(`a torn record is left under key ${record.key}`);
    else if (record.payload.join() !== payloadOf(record.key).join())
      violated(`another payload is left under key ${record.key}`);
  }
}
