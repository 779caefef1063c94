import { describe, expect, it } from 'vitest';
import { mutex } from './mutex.js';

const shared = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));

// Behaviour that takes several agents is tested by the scenarios under scenarios/lock.
describe('mutex', () => {
  it('takes its word alone, and leaves it as it was', () => {
    const words = shared(3);
    const guard = mutex(words, 1);
    guard.lock();
    expect([...words]).toEqual([0, 1, 0]);
    guard.unlock();
    expect([...words]).toEqual([0, 0, 0]);
  });

  it('gives back what the section returns', () => {
    const words = shared(1);
    expect(mutex(words).withLock(() => words[0])).toBe(1);
    expect(words[0]).toBe(0);
  });

  it('is free again after a section that throws', () => {
    const guard = mutex(shared(1));
    const fail = (): never => {
      throw new Error('no good');
    };
    expect(() => guard.withLock(fail)).toThrow('no good');
    guard.lock();
    guard.unlock();
  });

  it('refuses to be unlocked when it is not locked', () => {
    expect(() => {
      mutex(shared(1)).unlock();
    }).toThrow('unlock() of a mutex that is not locked.');
  });

  it('is the same mutex through every handle', () => {
    const words = shared(1);
    mutex(words).lock();
    mutex(words).unlock();
    expect(words[0]).toBe(0);
  });
});
