import { setImmediate } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { UncloneablePayload } from '../primitives/payload.js';
import { MailboxFull, PortClosed, RemoteError, Unacknowledged } from './errors.js';
import { PortReader } from './port-reader.js';
import { PortWriter } from './port-writer.js';

const opened: MessagePort[] = [];

afterEach(() => {
  for (const port of opened.splice(0)) port.close();
});

function channel(): { readonly port1: MessagePort; readonly port2: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  opened.push(port1, port2);
  return { port1, port2 };
}

/** A handler that answers each value when the test says so. */
function byHand<Value>(): {
  readonly begun: Value[];
  readonly handle: (value: Value, context: { signal: AbortSignal }) => Promise<string>;
  readonly signals: AbortSignal[];
  /** Waits until the value is begun, and then answers it. */
  answer(value: Value): Promise<void>;
  begin(value: Value): Promise<void>;
} {
  const begun: Value[] = [];
  const signals: AbortSignal[] = [];
  const waiting = new Map<Value, () => void>();
  const answers = new Map<Value, () => void>();
  const begin = (value: Value): Promise<void> =>
    begun.includes(value) ? Promise.resolve() : new Promise((resolve) => waiting.set(value, resolve));
  return {
    begun,
    signals,
    handle: (value, { signal }) => {
      begun.push(value);
      signals.push(signal);
      waiting.get(value)?.();
      return new Promise((resolve) => answers.set(value, () => resolve(`answer to ${String(value)}`)));
    },
    begin,
    answer: async (value) => {
      await begin(value);
      answers.get(value)!();
    },
  };
}

describe('a port from writer to reader', () => {
  it('delivers everything once, in order, and never holds more than the window', async () => {
    const { port1, port2 } = channel();
    const seen: number[] = [];
    const depths = new Set<number>();
    const values = Array.from({ length: 50 }, (_, index) => index);
    const reader = new PortReader(
      port2,
      async (value: number) => {
        await until(() => reader.depth >= Math.min(3, values.length - seen.length));
        depths.add(reader.depth);
        seen.push(value);
      },
      { window: 3 },
    );
    const writer = new PortWriter<number>(port1);
    await Promise.all(values.map((value) => (value % 2 === 0 ? writer.write(value) : writer.send(value))));
    await writer.end();
    expect(seen).toEqual(values);
    expect([...depths]).toEqual([3, 2, 1]);
    expect(await reader.finished).toBe('ended');
  });

  it('gives each answer to the value that it answers', async () => {
    const { port1, port2 } = channel();
    const hands = byHand<string>();
    new PortReader(port2, hands.handle, { concurrency: 2 });
    const writer = new PortWriter<string, string>(port1);
    const first = writer.write('a');
    const second = writer.write('b');
    await hands.answer('b');
    expect(await second).toBe('answer to b');
    await hands.answer('a');
    expect(await first).toBe('answer to a');
  });

  it('copies a value when it is sent, whether it has to wait or not', async () => {
    const { port1, port2 } = channel();
    const seen: unknown[] = [];
    new PortReader(port2, (value: object) => void seen.push(value), { window: 1 });
    const writer = new PortWriter<object>(port1);
    const value = { count: 1 };
    const writes = [writer.write(value)];
    value.count = 2;
    writes.push(writer.write(value));
    value.count = 3;
    await Promise.all(writes);
    expect(seen).toEqual([{ count: 1 }, { count: 2 }]);
  });

  it('waits for a reader that comes late', async () => {
    const { port1, port2 } = channel();
    const writer = new PortWriter<number, number>(port1);
    const answer = writer.write(2);
    const end = writer.end();
    new PortReader(port2, (value: number) => value + 1);
    expect(await answer).toBe(3);
    await end;
  });

  it('tells the writer of the end only when onEnd has been awaited', async () => {
    const { port1, port2 } = channel();
    const order: string[] = [];
    new PortReader(port2, () => void order.push('value'), {
      onEnd: async () => {
        await Promise.resolve();
        order.push('onEnd');
      },
    });
    const writer = new PortWriter(port1);
    void writer.write('a');
    await writer.end();
    expect([...order, 'ended']).toEqual(['value', 'onEnd', 'ended']);
  });
});

describe('a writer that does not want to wait', () => {
  it('gives up on room that does not come, and then nothing was sent', async () => {
    const { port1, port2 } = channel();
    const hands = byHand<string>();
    const reader = new PortReader(port2, hands.handle, { window: 1 });
    const writer = new PortWriter<string, string>(port1);
    const first = writer.write('a');
    await hands.begin('a');
    await expect(writer.write('b', { timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    const abort = new AbortController();
    const third = writer.write('c', { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(third).rejects.toThrow('enough');
    await expect(writer.write('d', { whenFull: 'fail' })).rejects.toThrow(MailboxFull);
    await expect(writer.write('e', { whenFull: 'fail' })).rejects.toThrow('1 values are under way');
    await hands.answer('a');
    expect(await first).toBe('answer to a');
    await writer.end();
    await reader.finished;
    expect(hands.begun).toEqual(['a']);
  });

  it('gives up on an answer: the handler is told, and its late answer is nobody else’s', async () => {
    const { port1, port2 } = channel();
    const hands = byHand<string>();
    new PortReader(port2, hands.handle);
    const writer = new PortWriter<string, string>(port1);
    const warm = writer.write('warm');
    await hands.answer('warm');
    await warm;
    const first = writer.write('a', { timeoutMs: 1 });
    await expect(first).rejects.toThrow(Unacknowledged);
    await hands.begin('a');
    await aborted(hands.signals[1]!);
    const second = writer.write('b');
    await hands.answer('a');
    await hands.answer('b');
    expect(await second).toBe('answer to b');
  });

  it('keeps a value from being begun that it has given up', async () => {
    const { port1, port2 } = channel();
    const hands = byHand<string>();
    const reader = new PortReader(port2, hands.handle);
    const writer = new PortWriter<string, string>(port1);
    const first = writer.write('a');
    const abort = new AbortController();
    const second = writer.write('b', { signal: abort.signal });
    await until(() => reader.depth === 2);
    abort.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await until(() => reader.depth === 1);
    const third = writer.write('c');
    await hands.answer('a');
    await hands.answer('c');
    await Promise.all([first, third]);
    await writer.end();
    expect(hands.begun).toEqual(['a', 'c']);
  });

  it('has sent what it has sent: the time-out of send counts no longer', async () => {
    const { port1, port2 } = channel();
    const hands = byHand<string>();
    const reader = new PortReader(port2, hands.handle);
    const writer = new PortWriter<string, string>(port1);
    const abort = new AbortController();
    await writer.send('a', { timeoutMs: 1_000, signal: abort.signal });
    await hands.begin('a');
    abort.abort(new Error('too late'));
    const second = writer.write('b');
    await until(() => reader.depth === 2);
    expect(hands.signals[0]!.aborted).toBe(false);
    await hands.answer('a');
    await hands.answer('b');
    await second;
    await writer.end();
    expect(await reader.finished).toBe('ended');
  });

  it('gives up on the end, which goes on all the same', async () => {
    const { port1, port2 } = channel();
    const hands = byHand<string>();
    new PortReader(port2, hands.handle);
    const writer = new PortWriter<string, string>(port1);
    const answer = writer.write('a');
    await expect(writer.end({ timeoutMs: 1 })).rejects.toThrow('1 values had not been answered within 1 ms.');
    await hands.answer('a');
    expect(await answer).toBe('answer to a');
    await writer.end();
  });

  it('waits for nobody when nobody is there', async () => {
    const writer = new PortWriter(channel().port1);
    await expect(writer.write('a', { timeoutMs: 1 })).rejects.toThrow(
      'The other end of the port has not been opened yet.',
    );
    await expect(writer.write('a', { whenFull: 'fail' })).rejects.toThrow(MailboxFull);
  });
});

describe('bad input', () => {
  it('refuses time-outs and sizes that make no sense', async () => {
    const { port1, port2 } = channel();
    const writer = new PortWriter(port1);
    await expect(writer.write('a', { timeoutMs: -1 })).rejects.toThrow(RangeError);
    await expect(writer.send('a', { timeoutMs: Number.NaN })).rejects.toThrow(RangeError);
    await expect(writer.end({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    expect(writer.underWay).toBe(0);
    expect(() => new PortReader(port2, () => undefined, { window: 0 })).toThrow(RangeError);
    expect(() => new PortReader(port2, () => undefined, { concurrency: 0.5 })).toThrow(RangeError);
  });

  it('refuses a value that cannot be copied, whether it has to wait or not', async () => {
    const { port1, port2 } = channel();
    const hands = byHand<unknown>();
    new PortReader(port2, hands.handle, { window: 1 });
    const writer = new PortWriter<unknown, string>(port1);
    const first = writer.write('a');
    await expect(writer.write(() => 'a function')).rejects.toThrow(UncloneablePayload);
    await hands.answer('a');
    await first;
    await expect(writer.write({ deep: [Symbol('a')] })).rejects.toThrow('The value cannot be sent to another agent');
    expect(writer.underWay).toBe(0);
    const last = writer.write('b');
    await hands.answer('b');
    expect(await last).toBe('answer to b');
  });

  it('tells of an answer that cannot be copied, and goes on', async () => {
    const { port1, port2 } = channel();
    new PortReader(port2, (value: string) => (value === 'a' ? () => value : value));
    const writer = new PortWriter<string, unknown>(port1);
    await expect(writer.write('a')).rejects.toMatchObject({
      name: 'UncloneablePayload',
      message: expect.stringContaining(
        'The value was handled, but the answer cannot be sent to another agent',
      ) as string,
    });
    expect(await writer.write('b')).toBe('b');
  });

  it.each([
    [
      'an error with all there is',
      Object.assign(new RangeError('no good', { cause: new Error('why') }), {
        code: 'E_BAD',
        status: 7,
        log: () => undefined,
      }),
      {
        name: 'RangeError',
        message: 'no good',
        code: 'E_BAD',
        details: { status: 7 },
        cause: { name: 'Error', message: 'why' },
      },
    ],
    [
      'several errors',
      new AggregateError([new TypeError('one'), 'two'], 'both'),
      { name: 'AggregateError', errors: [{ name: 'TypeError', message: 'one' }, 'two'] },
    ],
    ['an error that is its own cause', selfCaused(), { name: 'Error', message: 'again', cause: { message: 'again' } }],
    [
      'no error',
      'a string',
      { name: 'Error', message: "The thrown value is not an error: 'a string'.", cause: 'a string' },
    ],
    ['nothing', undefined, { name: 'Error', message: 'The thrown value is not an error: undefined.' }],
    ['what cannot be copied', () => 1, { name: 'Error', cause: '[Function (anonymous)]' }],
    [
      'an error with a strange name',
      Object.assign(new Error('x'), { name: 5, message: { a: 1 } }),
      { name: 'Error', message: '{ a: 1 }' },
    ],
  ])('tells what a handler throws: %s', async (_, thrown, expected) => {
    const { port1, port2 } = channel();
    new PortReader(port2, () => {
      throw thrown as Error;
    });
    const writer = new PortWriter(port1);
    const error = await writer.write('a').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject(expected);
    if (thrown instanceof Error) expect((error as RemoteError).stack).toBe(thrown.stack);
  });
});

describe('the end of a port', () => {
  it('refuses values after end, and ends but once', async () => {
    const { port1, port2 } = channel();
    const reader = new PortReader(port2, () => 'answer');
    const writer = new PortWriter<string, string>(port1);
    const answer = writer.write('a');
    const ends = [writer.end(), writer.end()];
    await expect(writer.write('b')).rejects.toThrow('The writer has ended: it sends nothing more.');
    expect(await answer).toBe('answer');
    await Promise.all(ends);
    await writer.end();
    expect(await reader.finished).toBe('ended');
    await reader.close();
  });

  it('closed by the reader: what it has begun is answered, and nothing else', async () => {
    const { port1, port2 } = channel();
    const hands = byHand<string>();
    const reader = new PortReader(port2, hands.handle, { window: 2 });
    const writer = new PortWriter<string, string>(port1);
    const first = writer.write('a');
    const second = writer.write('b');
    const third = writer.write('c');
    await hands.begin('a');
    const closed = reader.close(new RangeError('no more'));
    expect(hands.signals[0]!.aborted).toBe(true);
    await hands.answer('a');
    await closed;
    expect(await first).toBe('answer to a');
    await expect(second).rejects.toMatchObject({ name: 'RangeError', message: 'no more' });
    await expect(third).rejects.toMatchObject({ name: 'RangeError' });
    await expect(writer.write('d')).rejects.toMatchObject({ name: 'RangeError' });
    await expect(writer.end()).rejects.toMatchObject({ name: 'RangeError' });
    expect(hands.begun).toEqual(['a']);
    expect(await reader.finished).toBe('closed');
  });

  it('closed by the writer: whatever is under way is rejected, and the handler told', async () => {
    const { port1, port2 } = channel();
    const hands = byHand<string>();
    const reader = new PortReader(port2, hands.handle, { window: 1 });
    const writer = new PortWriter<string, string>(port1);
    const first = writer.write('a');
    const second = writer.write('b');
    await hands.begin('a');
    writer.close();
    writer.close();
    await expect(first).rejects.toThrow(PortClosed);
    await expect(second).rejects.toThrow(PortClosed);
    await expect(writer.write('c')).rejects.toThrow('The port has been closed on this side.');
    await aborted(hands.signals[0]!);
    await hands.answer('a');
    expect(await reader.finished).toBe('gone');
  });

  it('fails for the writer if what the reader does at the end fails', async () => {
    const { port1, port2 } = channel();
    new PortReader(port2, () => undefined, { onEnd: () => Promise.reject(new RangeError('not done')) });
    await expect(new PortWriter(port1).end()).rejects.toMatchObject({ name: 'RangeError', message: 'not done' });
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
}

function selfCaused(): Error {
  const error = new Error('again');
  error.cause = error;
  return error;
}
