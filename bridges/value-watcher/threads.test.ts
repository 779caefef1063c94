import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ended, nextMessage, startWorker } from '../testing/start-worker.js';
import { ValueWatcher } from './hardened.js';
import { createPublishedWatchedValue, PublishedValueWatcher } from './published.js';
import { createWatchedValue } from './watched-value.js';

const imports = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { ValueWatcher } from './value-watcher/hardened.js';
  import { PublishedValueWatcher } from './value-watcher/published.js';
`;

const start = (code: string, data: unknown): Worker => startWorker(imports + code, data);

describe('ValueWatcher with real threads', { timeout: 60_000 }, () => {
  it('shows every transition to everybody, once, in one order, whoever made it', async () => {
    const setters = 3;
    const sets = 400;
    const shared = createWatchedValue('', { capacity: 16 });
    const watcher = new ValueWatcher(shared);
    const follower = watcher.follow({ capacity: 10_000 });
    const observer = start(
      `const watcher = new ValueWatcher(workerData.shared);
       const seen = [];
       watcher.onChange((from, to, version) => seen.push([from, to, version]));
       parentPort.postMessage('ready');
       watcher.waitFor('end').then(() => { parentPort.postMessage(seen); watcher.close(); });`,
      { shared },
    );
    expect(await nextMessage(observer)).toBe('ready');
    const workers = Array.from({ length: setters }, (_, name) =>
      start(
        `const watcher = new ValueWatcher(workerData.shared);
         for (let set = 0; set < workerData.sets; set++) watcher.set(workerData.name + '.' + set, { timeoutMs: Infinity });
         watcher.close();
         parentPort.postMessage('done');`,
        { shared, sets, name },
      ),
    );
    const done = Promise.all(workers.map(nextMessage));
    const observed = nextMessage(observer);
    for (let set = 0; set < sets; set++) await watcher.setAsync(`loop.${set}`);
    expect(await done).toEqual(['done', 'done', 'done']);
    await watcher.setAsync('end');
    const seen: unknown[] = [];
    const total = (setters + 1) * sets + 1;
    while (seen.length < total) {
      const { from, to, version } = await follower.take({ timeoutMs: 60_000 });
      seen.push([from, to, version]);
    }
    expect(await observed).toEqual(seen);
    let last = '';
    for (const [place, transition] of (seen as [string, string, number][]).entries()) {
      expect([transition[0], transition[2]]).toEqual([last, place + 1]);
      last = transition[1];
    }
    expect(new Set((seen as [string, string][]).map(([, to]) => to)).size).toBe(total);
    watcher.close();
    await ended(observer);
  });

  it('loses no conditional set', async () => {
    const shared = createWatchedValue({ count: 0 }, { capacity: 8 });
    const workers = [1, 2, 3].map(() =>
      start(
        `const watcher = new ValueWatcher(workerData.shared);
         for (let done = 0; done < 500; ) {
           const { count } = watcher.value;
           if (watcher.setIf({ count: count + 1 }, (now) => now.count === count)) done++;
         }
         watcher.close();`,
        { shared },
      ),
    );
    await Promise.all(workers.map(ended));
    expect(new ValueWatcher(shared).value).toEqual({ count: 1_500 });
  });

  it('goes on when a thread dies in the midst of setting', async () => {
    const shared = createWatchedValue(0, { capacity: 4, handles: 40 });
    const watcher = new ValueWatcher(shared);
    const follower = watcher.follow({ capacity: 1_000_000 });
    for (let death = 0; death < 5; death++) {
      const worker = start(
        `const watcher = new ValueWatcher(workerData.shared);
         watcher.onChange(() => undefined);
         parentPort.postMessage(watcher.place);
         for (let next = 1; ; next++) watcher.set(next, { timeoutMs: 60_000 });`,
        { shared },
      );
      const place = (await nextMessage(worker)) as number;
      await follower.take({ timeoutMs: 60_000 });
      await worker.terminate();
      expect(watcher.recover(place)).toBe(true);
      for (let next = -1; next >= -10; next--) expect(await watcher.setAsync(next, { timeoutMs: 60_000 })).toBe(true);
    }
    let last = await follower.take({ timeoutMs: 60_000 });
    while (follower.size > 0) {
      const next = await follower.take();
      expect([next.from, next.version]).toEqual([last.to, last.version + 1]);
      last = next;
    }
    watcher.close();
  });

  it('keeps a thread from ending while somebody waits there, and no longer', async () => {
    const shared = createWatchedValue('open');
    const watcher = new ValueWatcher(shared);
    const waiting = start(
      `const watcher = new ValueWatcher(workerData.shared);
       watcher.waitFor('closing').then((value) => parentPort.postMessage(value));
       parentPort.postMessage('waits');`,
      { shared },
    );
    const following = start(
      `const watcher = new ValueWatcher(workerData.shared);
       watcher.follow().take().then(({ to }) => parentPort.postMessage(to));
       parentPort.postMessage('waits');`,
      { shared },
    );
    const listening = start(
      `const watcher = new ValueWatcher(workerData.shared);
       watcher.onChange(() => undefined);
       watcher.onValue('closing', () => undefined);`,
      { shared },
    );
    const ready = Promise.all([nextMessage(waiting), nextMessage(following)]);
    await ended(listening);
    expect(await ready).toEqual(['waits', 'waits']);
    const told = Promise.all([nextMessage(waiting), nextMessage(following)]);
    watcher.set('closing');
    expect(await told).toEqual(['closing', 'closing']);
    await Promise.all([ended(waiting), ended(following)]);
    watcher.close();
  });
});

describe('PublishedValueWatcher with real threads', { timeout: 60_000 }, () => {
  it('tells consumers on every agent of a set on any of them', async () => {
    const shared = createPublishedWatchedValue('open');
    const watcher = new PublishedValueWatcher(shared);
    const worker = start(
      `const watcher = new PublishedValueWatcher(workerData.shared);
       watcher.onChange((from, to) => parentPort.postMessage(from + ' -> ' + to));
       watcher.waitFor('closing').then(() => watcher.set('closed'));
       parentPort.postMessage('ready');`,
      { shared },
    );
    expect(await nextMessage(worker)).toBe('ready');
    const closed = watcher.waitFor('closed');
    const told = nextMessage(worker);
    watcher.set('closing');
    expect([await told, await closed]).toEqual(['open -> closing', 'closed']);
    await ended(worker);
  });
});
