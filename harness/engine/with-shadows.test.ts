import { describe, expect, it } from 'vitest';
import { withShadows } from './with-shadows.js';

describe('withShadows', () => {
  const target = withShadows(process, { pid: 5 });

  it('replaces what is shadowed, and nothing else', () => {
    expect([target.pid, target.platform, target.version]).toEqual([5, process.platform, process.version]);
  });

  it('methods are called on the real object, and are the same each time', () => {
    const cwd: unknown = Reflect.get(target, 'cwd');
    expect((cwd as () => string)()).toBe(process.cwd());
    expect(Reflect.get(target, 'cwd')).toBe(cwd);
    expect(withShadows(new Map([[1, 2]]), {}).get(1)).toBe(2);
  });

  it('methods keep what they have besides', () => {
    expect(typeof target.hrtime.bigint()).toBe('bigint');
    expect(target.memoryUsage.rss()).toBeGreaterThan(0);
  });

  it('classes can still be constructed and extended', () => {
    const { Shown } = withShadows(
      {
        Shown: class Shown {
          static readonly number = 3;
          readonly own = 4;
        },
      },
      {},
    );
    expect([Shown.number, new Shown().own]).toEqual([3, 4]);
  });
});
