import { setImmediate } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { MailboxFull, PortClosed, RemoteError, Unacknowledged } from '../message-port/errors.js';
import { lineOver } from '../message-port/line.js';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { UncloneablePayload } from '../primitives/payload.js';
import { ended, startWorker } from '../testing/start-worker.js';
import { Actor } from './actor.js';
import { ActorRef } from './actor-ref.js';
import { ActorStopped } from './errors.js';

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

/** An actor that answers a request when the test says so. */
function slowActor(capacity?: number): {
  readonly actor: Actor<string[], string, string>;
  readonly state: string[];
  readonly signals: AbortSignal[];
  readonly answer: () => void;
} {
  const state: string[] = [];
  const signals: AbortSignal[] = [];
  let answer = (): void => undefined;
  const actor = new Actor({
    name: 'slow',
    state,
    ...(capacity === undefined ? {} : { capacity }),
    handle: (begun, request: string, { signal }) => {
      begun.push(request);
      signals.push(signal);
      return new Promise<string>((resolve) => {
        answer = () => resolve(`answer to ${request}`);
      });
    },
  });
  return { actor, state, signals, answer: () => answer() };
}

describe('an actor', () => {
  it('handles one request after another, also across an await', async () => {
    const actor = new Actor({
      name: 'counter',
      state: { count: 0 },
      handle: async (state, amount: number) => {
        const before = state.count;
        await setImmediate();
        return (state.count = before + amount);
      },
    });
    const refs = [1, 2, 3].map(() => new ActorRef<number, number>(actor.connect()));
    const answers = await Promise.all(refs.flatMap((ref) => [ref.request(1), ref.request(1)]));
    expect(answers.sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(actor.handled).toBe(6);
    await actor.stop();
  });

  it('gives nobody a reference to its state', async () => {
    const actor = new Actor({ name: 'list', state: [1], handle: (state, item: number) => (state.push(item), state) });
    const ref = new ActorRef<number, number[]>(actor.connect());
    const first = await ref.request(2);
    first.push(99);
    expect(await ref.request(3)).toEqual([1, 2, 3]);
    await actor.stop();
  });

  it('tells who asked of what a handler throws, and goes on', async () => {
    const actor = new Actor({
      name: 'parser',
      state: null,
      handle: (_, text: string) => {
        if (text === '') throw Object.assign(new SyntaxError('Nothing to parse.'), { code: 'E_EMPTY' });
        return text.length;
      },
    });
    const ref = new ActorRef<string, number>(actor.connect());
    const failed = ref.request('');
    const after = ref.request('four');
    const error = await failed.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ name: 'SyntaxError', message: 'Nothing to parse.', code: 'E_EMPTY' });
    expect((error as Error).stack).toContain('actor.test.ts');
    expect(await after).toBe(4);
    await actor.stop();
  });

  it('tells who asked of a request or an answer that cannot be copied', async () => {
    const actor = new Actor({ name: 'f', state: null, handle: (_, text: unknown) => () => text });
    const ref = new ActorRef<unknown, unknown>(actor.connect());
    await expect(ref.request('a')).rejects.toMatchObject({ name: 'UncloneablePayload' });
    await expect(ref.request(() => 'a')).rejects.toThrow(UncloneablePayload);
    expect(actor.handled).toBe(1);
    await actor.stop();
  });

  it('bounds its mailbox by what its lines may have under way', async () => {
    const { actor, state, answer } = slowActor(3);
    const first = new ActorRef<string, string>(actor.connect({ window: 2 }));
    const second = new ActorRef<string, string>(actor.connect({ window: 1 }));
    expect(() => actor.connect({ window: 1 })).toThrow(MailboxFull);
    expect(() => actor.connect()).toThrow('Actor "slow" has 0 of 3 places left, and a new line needs 16.');
    const answers = ['a', 'b', 'c'].map((request) => first.request(request));
    await until(() => actor.mailboxSize === 1 && first.underWay === 3);
    const other = second.request('d');
    await until(() => actor.mailboxSize === 2);
    await expect(second.request('e', { whenFull: 'fail' })).rejects.toThrow(MailboxFull);
    await expect(second.tell('e', { timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    for (let handled = 1; handled <= 4; handled++) {
      await until(() => state.length === handled);
      answer();
    }
    await Promise.all([...answers, other]);
    expect(state).toEqual(['a', 'b', 'd', 'c']);
    await second.close();
    await until(() => second.underWay === 0);
    await actor.stop();
  });

  it('gives the places of a line that has ended to others', async () => {
    const { actor } = slowActor(1);
    const ref = new ActorRef(actor.connect({ window: 1 }));
    await ref.close();
    await setImmediate();
    actor.connect({ window: 1 });
    await actor.stop();
  });

  it('drops a request that was given up before it was begun, and tells the handler of one that was', async () => {
    const { actor, state, signals, answer } = slowActor();
    const ref = new ActorRef<string, string>(actor.connect());
    const abort = new AbortController();
    const first = ref.request('a', { signal: abort.signal });
    const second = ref.request('b', { signal: abort.signal });
    const third = ref.request('c');
    await until(() => actor.mailboxSize === 2);
    abort.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    await expect(second).rejects.toThrow('enough');
    await until(() => signals[0]!.aborted);
    answer();
    await until(() => state.length === 2);
    answer();
    expect(await third).toBe('answer to c');
    expect(state).toEqual(['a', 'c']);
    await actor.stop();
  });

  it('keeps a late answer from the next request', async () => {
    const { actor, state, answer } = slowActor();
    const ref = new ActorRef<string, string>(actor.connect());
    await until(() => ref.underWay === 0);
    const warm = ref.request('warm');
    await until(() => state.length === 1);
    answer();
    await warm;
    await expect(ref.request('a', { timeoutMs: 1 })).rejects.toThrow(Unacknowledged);
    await until(() => state.length === 2);
    const second = ref.request('b');
    answer();
    await until(() => state.length === 3);
    answer();
    expect(await second).toBe('answer to b');
    await actor.stop();
  });

  it('refuses time-outs and sizes that make no sense', async () => {
    const { actor } = slowActor();
    const ref = new ActorRef<string, string>(actor.connect());
    await expect(ref.request('a', { timeoutMs: -1 })).rejects.toThrow(RangeError);
    await expect(ref.tell('a', { timeoutMs: -1 })).rejects.toThrow(RangeError);
    await expect(ref.close({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    await expect(actor.stop({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    expect(() => actor.connect({ window: 0 })).toThrow(RangeError);
    expect(() => slowActor(0)).toThrow(RangeError);
    await actor.stop();
  });
});

describe('an actor that stops', () => {
  it('drains what it has accepted, and rejects what comes later', async () => {
    const { actor, state, answer } = slowActor();
    const ref = new ActorRef<string, string>(actor.connect());
    const answers = [ref.request('a'), ref.request('b')];
    await until(() => actor.mailboxSize === 1);
    const stopped = [actor.stop(), actor.stop()];
    const late = ref.request('c');
    late.catch(() => undefined);
    expect(() => actor.connect()).toThrow(ActorStopped);
    answer();
    await until(() => state.length === 2);
    answer();
    await Promise.all(stopped);
    expect(await Promise.all(answers)).toEqual(['answer to a', 'answer to b']);
    await expect(late).rejects.toThrow(ActorStopped);
    await expect(ref.request('d')).rejects.toThrow('Actor "slow" has stopped: the request was not handled');
    await expect(ref.tell('e')).rejects.toThrow(ActorStopped);
    await ref.close();
    expect(state).toEqual(['a', 'b']);
  });

  it('or rejects what it has not begun, and asks what it has to give up', async () => {
    const { actor, state, signals, answer } = slowActor();
    const ref = new ActorRef<string, string>(actor.connect());
    const answers = [ref.request('a'), ref.request('b')];
    answers[1]!.catch(() => undefined);
    await until(() => actor.mailboxSize === 1);
    const draining = actor.stop();
    expect(signals[0]!.aborted).toBe(false);
    const stopped = actor.stop({ drain: false });
    expect(signals[0]!.aborted).toBe(true);
    await expect(answers[1]).rejects.toThrow(ActorStopped);
    answer();
    await Promise.all([draining, stopped]);
    expect(await answers[0]).toBe('answer to a');
    expect(state).toEqual(['a']);
  });

  it('waits for a handler no longer than it is told to', async () => {
    const { actor, signals } = slowActor();
    const ref = new ActorRef<string, string>(actor.connect());
    const answers = [ref.request('a'), ref.request('b')];
    for (const answer of answers) answer.catch(() => undefined);
    await until(() => actor.mailboxSize === 1);
    await expect(actor.stop({ timeoutMs: 1 })).rejects.toThrow('Actor "slow" was still handling a request after 1 ms.');
    expect(signals[0]!.aborted).toBe(true);
    await expect(answers[0]).rejects.toMatchObject({ name: 'Unacknowledged' });
    await expect(answers[1]).rejects.toThrow(ActorStopped);
    await expect(ref.request('c')).rejects.toThrow(ActorStopped);
  });

  it('stops within the time-out if it can', async () => {
    const { actor } = slowActor();
    await actor.stop({ timeoutMs: 10_000 });
  });
});

describe('an actor on another thread', () => {
  it('answers over the channel of its worker, which ends by itself when the actor has stopped', async () => {
    const worker = startWorker(
      `import { parentPort } from 'node:worker_threads';
       import { Actor, lineOver } from './index.js';
       const actor = new Actor({
         name: 'counter',
         state: { count: 0 },
         handle: (state, amount) => {
           if (amount === 0) void actor.stop();
           return (state.count += amount);
         },
       });
       void actor.serve(lineOver(parentPort, 'counter'));`,
      {},
    );
    const ref = new ActorRef<number, number>(lineOver(worker, 'counter'));
    expect(await Promise.all([ref.request(1), ref.request(2)])).toEqual([1, 3]);
    await ref.request(0);
    await expect(ref.request(1)).rejects.toThrow(ActorStopped);
    await ended(worker);
  });

  it('is answered itself, over a port of its own, and lets go of it', async () => {
    const actor = new Actor({ name: 'echo', state: null, handle: (_, text: string) => text });
    const worker = startWorker(
      `import { parentPort } from 'node:worker_threads';
       import { ActorRef } from './index.js';
       parentPort.once('message', async (port) => {
         const ref = new ActorRef(port);
         parentPort.postMessage(await ref.request('hello'));
         await ref.close();
       });`,
      {},
    );
    const port = actor.connect();
    worker.postMessage(port, [port]);
    const message = await new Promise((resolve) => worker.once('message', resolve));
    expect(message).toBe('hello');
    await ended(worker);
    await actor.stop();
  });

  it('rejects what is pending when its worker dies', async () => {
    const { port1, port2 } = new MessageChannel();
    const worker = startWorker(
      `import { parentPort } from 'node:worker_threads';
       import { Actor, lineOver } from './index.js';
       const actor = new Actor({
         name: 'mortal',
         state: null,
         handle: (_, request) => {
           if (request === 'die') process.exit();
           return request;
         },
       });
       void actor.serve(lineOver(parentPort, 'mortal'));
       parentPort.on('message', (message) => {
         if (message.port) void actor.serve(message.port);
       });`,
      {},
    );
    worker.postMessage({ port: port2 }, [port2]);
    const overChannel = new ActorRef<string, string>(lineOver(worker, 'mortal'));
    const overPort = new ActorRef<string, string>(port1);
    expect(await Promise.all([overChannel.request('a'), overPort.request('b')])).toEqual(['a', 'b']);
    const pending = [overChannel.request('die'), overChannel.request('c'), overPort.request('d')];
    for (const request of pending) request.catch(() => undefined);
    for (const request of pending.slice(0, 2)) await expect(request).rejects.toThrow(PortClosed);
    // The other line may have been served first.
    const last = await pending[2]!.catch((error: unknown) => error);
    expect(last === 'd' || last instanceof PortClosed).toBe(true);
    await expect(overPort.request('e')).rejects.toThrow(PortClosed);
    await expect(overChannel.close()).rejects.toThrow(PortClosed);
    await ended(worker);
  });
});
