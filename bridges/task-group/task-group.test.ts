import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { TaskGroupEnded, TaskGroupFailed } from './errors.js';
import { publishedGather } from './published.js';
import { taskGroup, type TaskGroup } from './task-group.js';

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

const failure = (group: Promise<unknown>): Promise<TaskGroupFailed> =>
  group.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(TaskGroupFailed);
      return error as TaskGroupFailed;
    },
  );

describe('a task group', () => {
  it('gives results in the order of the tasks, however they end', async () => {
    const order: string[] = [];
    const task = (name: string, turns: number) => async (): Promise<string> => {
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      order.push(name);
      return name;
    };
    const results = await taskGroup((group) => group.runAll([task('slow', 3), task('quick', 1)]));
    expect(results).toEqual(['slow', 'quick']);
    expect(order).toEqual(['quick', 'slow']);
  });

  it('returns what the body returns, after all tasks, awaited or not', async () => {
    let done = 0;
    const result = await taskGroup((group) => {
      for (let task = 0; task < 3; task++) void group.run(async () => (await setImmediate(), done++));
      return 'body';
    });
    expect([result, done]).toEqual(['body', 3]);
  });

  it('waits for tasks that tasks start', async () => {
    const order: string[] = [];
    await taskGroup((group) => {
      void group.run(async () => {
        await setImmediate();
        void group.run(async () => {
          await setImmediate();
          order.push('inner');
        });
        order.push('outer');
      });
    });
    expect(order).toEqual(['outer', 'inner']);
  });

  it('cancels the others when a task fails, and waits for them', async () => {
    const order: string[] = [];
    const error = await failure(
      taskGroup((group) =>
        group.runAll([
          async (signal) => {
            await untilAborted(signal).catch(() => undefined);
            await setImmediate();
            order.push('cleaned up');
          },
          async () => {
            await setImmediate();
            order.push('fails');
            throw new RangeError('no good');
          },
          untilAborted,
          // Like Node's own: an AbortError whose cause is the reason.
          (signal) => setTimeout(60_000, undefined, { signal }),
        ]),
      ).finally(() => order.push('ended')),
    );
    expect(order).toEqual(['fails', 'cleaned up', 'ended']);
    expect(error.errors).toEqual([new RangeError('no good')]);
    expect(error.cause).toBe(error.errors[0]);
    expect(error.message).toBe('A task failed: no good');
  });

  it('tells of all that failed, the first one first', async () => {
    const error = await failure(
      taskGroup(async (group) => {
        void group.run(async (signal) => {
          await untilAborted(signal).catch(() => undefined);
          throw new TypeError('while cleaning up');
        });
        await group.run(() => {
          throw new RangeError('at once');
        });
      }),
    );
    expect(error.errors).toEqual([new RangeError('at once'), new TypeError('while cleaning up')]);
    expect(error.message).toBe('A task failed: at once, and 1 more');
  });

  it('takes a task that throws before its first await for one that fails later', async () => {
    let wasAborted = false;
    const error = await failure(
      taskGroup((group) => {
        void group.run(() => {
          throw new Error('at once');
        });
        wasAborted = group.signal.aborted;
      }),
    );
    expect(wasAborted).toBe(true);
    expect(error.errors).toEqual([new Error('at once')]);
  });

  it('starts nothing when it is being cancelled, or has ended', async () => {
    let started = 0;
    let kept: TaskGroup | undefined;
    await failure(
      taskGroup((group) => {
        kept = group;
        void group.run(() => Promise.reject(new Error('no good')));
        return setImmediate().then(() => group.run(() => started++));
      }),
    );
    expect(started).toBe(0);
    expect(() => kept!.run(() => started++)).toThrow(TaskGroupEnded);
    await expect(kept!.runAll([() => started++])).rejects.toThrow(TaskGroupEnded);
    expect(started).toBe(0);
  });

  it('cancels the tasks when the body fails', async () => {
    const error = await failure(
      taskGroup((group) => {
        void group.run(untilAborted);
        throw new Error('body');
      }),
    );
    expect(error.errors).toEqual([new Error('body')]);
  });

  it('fails with a task even if the body has caught what that threw', async () => {
    await expect(
      taskGroup(async (group) => {
        await group.run(() => Promise.reject(new Error('task'))).catch(() => undefined);
        return 'handled';
      }),
    ).rejects.toThrow(TaskGroupFailed);
  });

  it('is cancelled by a signal from outside, with its reason', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    let ended = false;
    const group = taskGroup((inner) => inner.run((signal) => untilAborted(signal).finally(() => (ended = true))), {
      signal: abort.signal,
    });
    abort.abort(reason);
    await expect(group).rejects.toBe(reason);
    expect(ended).toBe(true);
    await expect(taskGroup(() => 1, { signal: abort.signal })).rejects.toBe(reason);
  });

  it('is cancelled when the time is up', async () => {
    await expect(taskGroup((group) => group.run(untilAborted), { timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    await expect(taskGroup(() => 1, { timeoutMs: -1 })).rejects.toThrow(RangeError);
  });

  it('keeps what has succeeded before anybody noticed', async () => {
    const abort = new AbortController();
    const group = taskGroup((inner) => inner.run(() => setImmediate('done')), { signal: abort.signal });
    abort.abort(new Error('enough'));
    expect(await group).toBe('done');
  });

  it('nests: the inner one is cancelled with the outer one, and tells it of its failures', async () => {
    const order: string[] = [];
    const inner = (signal: AbortSignal): Promise<unknown> =>
      taskGroup((group) => group.run((own) => untilAborted(own).finally(() => order.push('inner'))), { signal });
    const outer = await failure(
      taskGroup((group) => group.runAll([inner, () => Promise.reject(new Error('sibling'))])),
    );
    expect(outer.errors).toEqual([new Error('sibling')]);
    expect(order).toEqual(['inner']);

    const nested = await failure(
      taskGroup((group) =>
        group.run((signal) => taskGroup((own) => own.run(() => Promise.reject(new Error('deep'))), { signal })),
      ),
    );
    expect(nested.errors).toMatchObject([{ name: 'TaskGroupFailed', errors: [{ message: 'deep' }] }]);
  });
});

describe('the published gather', () => {
  it('appends in the order in which tasks end, and also after it has failed', async () => {
    const results: string[] = [];
    const slow = async (): Promise<string> => (await setImmediate(), await setImmediate(), 'slow');
    const quick = (): Promise<string> => Promise.resolve('quick');
    await publishedGather(results, [slow, quick]);
    expect(results).toEqual(['quick', 'slow']);
    const late: string[] = [];
    await expect(publishedGather(late, [slow, () => Promise.reject(new Error('no good'))])).rejects.toThrow('no good');
    expect(late).toEqual([]);
    while (late.length === 0) await setImmediate();
    expect(late).toEqual(['slow']);
  });
});
