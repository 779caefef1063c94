import { executionAsyncId } from 'node:async_hooks';
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { drainMicrotasks } from './drain-microtasks.js';
import { guardTicks } from './guard-ticks.js';
import { inMacrotask } from './testing/single-agent.js';

/** Runs something with guarded callbacks. Vitest itself puts the original function back between tasks. */
async function guarding(run: (errors: readonly unknown[]) => void, isGuarded = (): boolean => true): Promise<void> {
  await inMacrotask(() => {
    const errors: unknown[] = [];
    const undo = guardTicks(isGuarded, (error) => errors.push(error));
    try {
      run(errors);
    } finally {
      undo();
    }
  });
}

describe('guardTicks', () => {
  it('what a callback throws goes to the handler, the others run, and the context is the one before', async () => {
    await guarding((errors) => {
      const before = executionAsyncId();
      const ran: unknown[] = [];
      process.nextTick((...values: unknown[]) => ran.push(...values), 1, 2);
      process.nextTick(() => {
        throw new Error('tick');
      });
      process.nextTick(() => ran.push(3));
      drainMicrotasks();
      expect(ran).toEqual([1, 2, 3]);
      expect(errors).toEqual([new Error('tick')]);
      expect(executionAsyncId()).toBe(before);
    });
  });

  it('without it, Node aborts', () => {
    const program =
      'setImmediate(() => { process.nextTick(() => { throw 1; }); try { process._tickCallback(); } catch {} });';
    const { status, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('async hook stack has become corrupted');
  });

  it('callbacks that are not guarded are left to Node, and so are values that are no functions', async () => {
    let isGuarded = false;
    await guarding(
      (errors) => {
        const ran: unknown[] = [];
        process.nextTick((value: unknown) => ran.push(value), 'plain');
        isGuarded = true;
        drainMicrotasks();
        expect([ran, errors]).toEqual([['plain'], []]);
        expect(() => {
          process.nextTick('no function' as unknown as () => void);
        }).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }) as Error);
      },
      () => isGuarded,
    );
  });

  it('is undone', async () => {
    await inMacrotask(() => {
      const before = Object.getOwnPropertyDescriptor(process, 'nextTick');
      const undo = guardTicks(
        () => true,
        () => undefined,
      );
      expect(Object.getOwnPropertyDescriptor(process, 'nextTick')).not.toEqual(before);
      undo();
      expect(Object.getOwnPropertyDescriptor(process, 'nextTick')).toEqual(before);
    });
  });
});
