import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ended, nextMessage, startWorker } from '../testing/start-worker.js';
import { WaitTimeout } from './limit-errors.js';
import { ownedLock, ownedLockWords } from './owned-lock.js';

const state = 0;
const counter = ownedLockWords;

const newWords = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * (ownedLockWords + 1)));

/** A real thread with its own handle on the lock. */
const start = (words: Int32Array, code: string): Worker =>
  startWorker(
    `import { parentPort, workerData as words } from 'node:worker_threads';
    import { ownedLock, ownedLockWords } from './primitives/owned-lock.js';
    const post = (message) => parentPort.postMessage(message);
    const lock = ownedLock(words);
    ${code}`,
    words,
  );

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits until an agent is asleep for the lock. This wakes it; it finds the lock taken and goes back to sleep. */
async function somebodySleeps(words: Int32Array): Promise<void> {
  while (Atomics.notify(words, state, 1) === 0) await turn();
}

describe('ownedLock, on one agent', () => {
  it('knows who has it, and lets nobody else in', () => {
    const words = newWords();
    const [lock, other] = [ownedLock(words), ownedLock(words)];
    expect([lock.owner, other.owner, lock.holder()]).toEqual([1, 2, 0]);
    expect(lock.tryLock()).toBe(true);
    expect([lock.holder(), other.holder()]).toEqual([1, 1]);
    expect([lock.tryLock(), other.tryLock()]).toEqual([false, false]);
    lock.unlock();
    other.lock();
    expect(lock.holder()).toBe(2);
    other.unlock();
    expect(lock.holder()).toBe(0);
  });

  it('takes the words from its index on', async () => {
    const words = new Int32Array(new SharedArrayBuffer(4 * (ownedLockWords + 4)));
    const [lock, other] = [ownedLock(words, 2), ownedLock(words, 2)];
    lock.lock();
    await expect(other.lockAsync({ timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    lock.unlock();
    expect([words[0], words[1], ...words.slice(2 + ownedLockWords)]).toEqual([0, 0, 0, 0]);
  });

  it('is given back by its holder alone', () => {
    const words = newWords();
    const [lock, other] = [ownedLock(words), ownedLock(words)];
    expect(() => lock.unlock()).toThrow('unlock() of a lock that is not locked.');
    lock.lock();
    expect(() => other.unlock()).toThrow('unlock() of a lock that owner 1 has, not this one (2).');
    expect(lock.holder()).toBe(1);
    lock.unlock();
    expect(() => lock.unlock()).toThrow('unlock() of a lock that is not locked.');
  });

  it('is not reentrant, and says so instead of waiting for itself', async () => {
    const words = newWords();
    const lock = ownedLock(words);
    lock.lock();
    expect(() => lock.lock()).toThrow('This handle already has the lock, which is not reentrant.');
    await expect(lock.lockAsync()).rejects.toThrow('This handle already has the lock, which is not reentrant.');
    lock.unlock();
    await lock.lockAsync();
    lock.unlock();
    expect(lock.holder()).toBe(0);
  });

  it('is waited for no longer than its time-out, blocking or not', async () => {
    const words = newWords();
    const [lock, other] = [ownedLock(words), ownedLock(words)];
    lock.lock();
    for (const timeoutMs of [0, 2]) {
      const message = `The lock was not free within ${timeoutMs} ms: owner 1 has it.`;
      expect(() => other.lock({ timeoutMs })).toThrow(new WaitTimeout(message));
      await expect(other.lockAsync({ timeoutMs })).rejects.toThrow(new WaitTimeout(message));
    }
    lock.unlock();
    other.lock({ timeoutMs: 0 });
    other.unlock();
    await other.lockAsync({ timeoutMs: 0 });
  });

  it.each([-1, Number.NaN, 2 ** 31])('refuses a time-out of %s, even if it is free', async (timeoutMs) => {
    const lock = ownedLock(newWords());
    expect(() => lock.lock({ timeoutMs })).toThrow(RangeError);
    await expect(lock.lockAsync({ timeoutMs })).rejects.toThrow(RangeError);
    expect(lock.holder()).toBe(0);
  });

  it('lets coroutines in one by one, each with its own handle', async () => {
    const words = newWords();
    let inside = 0;
    const section = async (): Promise<void> => {
      const lock = ownedLock(words);
      for (let round = 0; round < 5; round++) {
        await lock.lockAsync();
        expect(++inside).toBe(1);
        await turn();
        inside--;
        lock.unlock();
      }
    };
    await Promise.all([section(), section(), section()]);
    expect([...words]).toEqual([0, 3, 0, 0]);
  });

  it('refuses memory that is not shared', () => {
    expect(() => ownedLock(new Int32Array(ownedLockWords))).toThrow(TypeError);
  });

  it('has a limit of handles', () => {
    const words = newWords();
    words[1] = 2 ** 30 - 2;
    expect(ownedLock(words).owner).toBe(2 ** 30 - 1);
    expect(() => ownedLock(words)).toThrow('An owned lock has at most 1073741823 handles.');
  });
});

describe('ownedLock, recovered', () => {
  it('is taken from the dead, repaired while it is held, and given back', () => {
    const words = newWords();
    const [dead, lock, other] = [ownedLock(words), ownedLock(words), ownedLock(words)];
    dead.lock();
    const repaired = lock.recover(dead.owner, () => {
      expect(lock.holder()).toBe(lock.owner);
      expect(other.tryLock()).toBe(false);
      expect(() => other.lock({ timeoutMs: 0 })).toThrow('owner 2 has it');
      words[counter] = 7;
    });
    expect([repaired, words[counter], lock.holder()]).toEqual([true, 7, 0]);
    other.lock();
    other.unlock();
  });

  it('is taken from nobody else', () => {
    const words = newWords();
    const [holder, lock] = [ownedLock(words), ownedLock(words)];
    const never = (): never => {
      throw new Error('Nothing to repair.');
    };
    for (const owner of [0, holder.owner, 99]) expect(lock.recover(owner, never)).toBe(false);
    holder.lock();
    for (const owner of [0, lock.owner, 99]) expect(lock.recover(owner, never)).toBe(false);
    expect(holder.holder()).toBe(holder.owner);
  });

  it('is recovered once, also if others come while it is repaired', () => {
    const words = newWords();
    const [dead, first, second] = [ownedLock(words), ownedLock(words), ownedLock(words)];
    dead.lock();
    let seconds: boolean | undefined;
    expect(first.recover(dead.owner, () => (seconds = second.recover(dead.owner)))).toBe(true);
    expect(seconds).toBe(false);
    expect(second.recover(dead.owner)).toBe(false);
  });

  it('can no longer be given back by one who was only thought dead', () => {
    const words = newWords();
    const [slow, lock] = [ownedLock(words), ownedLock(words)];
    slow.lock();
    lock.recover(slow.owner, () => {
      expect(() => slow.unlock()).toThrow('unlock() of a lock that owner 2 has, not this one (1).');
    });
    expect(() => slow.unlock()).toThrow('unlock() of a lock that is not locked.');
  });

  it('stays with who recovers it, if repairing fails', () => {
    const words = newWords();
    const [dead, lock, other] = [ownedLock(words), ownedLock(words), ownedLock(words)];
    dead.lock();
    const fail = (): never => {
      throw new Error('beyond repair');
    };
    expect(() => lock.recover(dead.owner, fail)).toThrow('beyond repair');
    expect(other.tryLock()).toBe(false);
    expect(lock.holder()).toBe(lock.owner);
    lock.unlock();
    expect(other.tryLock()).toBe(true);
  });

  it('is recovered from a thread that died in its section, for a thread that sleeps meanwhile', async () => {
    const words = newWords();
    const lock = ownedLock(words);
    const dying = start(
      words,
      `lock.lock(); words[ownedLockWords] = -1; post(lock.owner); setInterval(() => {}, 1_000);`,
    );
    const owner = (await nextMessage(dying)) as number;
    const waiting = start(words, `lock.lock(); post(words[ownedLockWords]); lock.unlock();`);
    const seen = nextMessage(waiting);
    await somebodySleeps(words);
    await dying.terminate();
    expect(lock.holder()).toBe(owner);
    expect(lock.recover(owner, () => (words[counter] = 1))).toBe(true);
    expect(await seen).toBe(1);
    await ended(waiting);
    expect(lock.holder()).toBe(0);
  });

  it('wakes those whom one left asleep that died before it could wake them', async () => {
    const words = newWords();
    const [dead, lock] = [ownedLock(words), ownedLock(words)];
    dead.lock();
    const waiting = [1, 2].map(() => start(words, `lock.lock(); lock.unlock(); post('had it');`));
    const messages = waiting.map(nextMessage);
    await somebodySleeps(words);
    // What unlock() does first. Its notification never comes.
    Atomics.store(words, state, 0);
    expect(lock.recover(dead.owner)).toBe(false);
    expect(await Promise.all(messages)).toEqual(['had it', 'had it']);
    await Promise.all(waiting.map(ended));
  });

  it('passes over a waiting thread that was ended', async () => {
    const words = newWords();
    const lock = ownedLock(words);
    lock.lock();
    const ending = start(words, `post(lock.owner); lock.lock();`);
    const owner = (await nextMessage(ending)) as number;
    await somebodySleeps(words);
    const patient = start(words, `lock.lock(); lock.unlock(); post('had it');`);
    const message = nextMessage(patient);
    await ending.terminate();
    lock.unlock();
    lock.recover(owner);
    expect(await message).toBe('had it');
    await ended(patient);
  });
});

describe('ownedLock, between threads and an event loop', () => {
  it('loses no increment', async () => {
    const words = newWords();
    const code = `
      for (let round = 0; round < 2_000; round++) {
        lock.lock();
        words[ownedLockWords]++;
        lock.unlock();
      }
      post('done');`;
    const workers = [start(words, code), start(words, code)];
    const done = Promise.all(workers.map(nextMessage));
    const coroutine = async (): Promise<void> => {
      const lock = ownedLock(words);
      for (let round = 0; round < 500; round++) {
        await lock.lockAsync();
        words[counter]!++;
        lock.unlock();
      }
    };
    await Promise.all([done, coroutine(), coroutine()]);
    expect([...words]).toEqual([0, 4, 0, 5_000]);
    await Promise.all(workers.map(ended));
  });

  it('is waited for no longer than its time-out by a thread, while a loop has it', async () => {
    const words = newWords();
    const lock = ownedLock(words);
    await lock.lockAsync();
    const worker = start(
      words,
      `for (const timeoutMs of [0, 5]) {
        try {
          lock.lock({ timeoutMs });
        } catch (error) {
          post(error.name + ': ' + error.message);
        }
      }`,
    );
    expect(await nextMessage(worker)).toBe('WaitTimeout: The lock was not free within 0 ms: owner 1 has it.');
    expect(await nextMessage(worker)).toBe('WaitTimeout: The lock was not free within 5 ms: owner 1 has it.');
    await ended(worker);
    lock.unlock();
    expect(lock.tryLock()).toBe(true);
  });

  it('is waited for no longer than its time-out by a loop, while a thread has it', async () => {
    const words = newWords();
    const lock = ownedLock(words);
    const worker = start(
      words,
      `import { once } from 'node:events';
      lock.lock();
      post('locked');
      void once(parentPort, 'message').then(() => lock.unlock());`,
    );
    await nextMessage(worker);
    await expect(lock.lockAsync({ timeoutMs: 0 })).rejects.toThrow('within 0 ms: owner 2 has it.');
    await expect(lock.lockAsync({ timeoutMs: 5 })).rejects.toThrow('within 5 ms: owner 2 has it.');
    const patient = lock.lockAsync({ timeoutMs: 60_000 });
    worker.postMessage('unlock');
    await patient;
    expect(lock.holder()).toBe(lock.owner);
    await ended(worker);
  });

  it('keeps a loop alive that has nothing else to wait for', async () => {
    const words = newWords();
    const lock = ownedLock(words);
    lock.lock();
    const worker = start(words, `lock.lockAsync({ timeoutMs: 5 }).catch((error) => post(error.name));`);
    expect(await nextMessage(worker)).toBe('WaitTimeout');
    await ended(worker);
  });
});
