import { describe, expect, it } from 'vitest';
import { sequenceLock } from './sequence-lock.js';

const shared = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

// Behaviour that takes several agents is tested by the scenarios under scenarios/record.
describe('sequenceLock', () => {
  it('is odd while a writer is at work, and higher afterwards', () => {
    const words = shared();
    expect(sequenceLock(words).write(() => words[0])).toBe(1);
    expect(words[0]).toBe(2);
  });

  it('lets others write after a change that throws', () => {
    const words = shared();
    const lock = sequenceLock(words);
    const fail = (): never => {
      throw new Error('no good');
    };
    expect(() => lock.write(fail)).toThrow('no good');
    expect(lock.write(() => 'done')).toBe('done');
  });

  it('looks again until no writer has interfered', () => {
    const words = shared();
    const lock = sequenceLock(words);
    let looks = 0;
    const look = (): number => {
      if (++looks < 3) lock.write(() => undefined);
      return looks;
    };
    expect(lock.read(look)).toBe(3);
  });

  it('throws what a look throws only if that saw something whole', () => {
    const words = shared();
    const lock = sequenceLock(words);
    let looks = 0;
    const look = (): never => {
      if (++looks < 3) lock.write(() => undefined);
      throw new Error(`look ${looks}`);
    };
    expect(() => lock.read(look)).toThrow('look 3');
  });

  it('goes on past the largest number that a word holds', () => {
    const words = shared();
    const lock = sequenceLock(words);
    words[0] = 2 ** 31 - 2;
    lock.write(() => undefined);
    expect(words[0]).toBe(-(2 ** 31));
    lock.write(() => undefined);
    expect(words[0]).toBe(-(2 ** 31) + 2);
    expect(lock.read(() => 'whole')).toBe('whole');
  });
});
