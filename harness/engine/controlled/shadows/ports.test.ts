import * as node from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as at from '../../../kernel/layout.js';
import { operationCodes } from '../../../kernel/operations.js';
import { memory, wideLimits } from '../../../kernel/testing/agents.js';
import { lastTraceEntries } from '../../../kernel/trace.js';
import type { Schedule } from '../../../schedule/schedule.js';
import { inMacrotask, SingleAgent } from '../testing/single-agent.js';

const agent = new SingleAgent();

type Api = Pick<typeof node, 'MessageChannel' | 'BroadcastChannel' | 'receiveMessageOnPort'>;
type Log = (entry: string) => void;
type Program = (api: Api, log: Log) => void;

/** What a listener of `addEventListener` is given. */
interface PortEvent {
  readonly type: string;
  readonly data: unknown;
  readonly target: unknown;
  readonly ports: readonly MessagePort[];
}

/** Runs a program on shadows to its end. */
async function play(program: Program, schedule: Partial<Schedule> = {}): Promise<string[]> {
  const entries: string[] = [];
  await inMacrotask(() => agent.play(() => program(agent.ports, (entry) => entries.push(entry)), schedule));
  return entries;
}

/** Runs a program on Node's own ports, until it has logged as much. */
async function playForReal(program: Program, expected: readonly string[]): Promise<string[]> {
  const entries: string[] = [];
  program(node, (entry) => entries.push(entry));
  await expect.poll(() => entries.length).toBeGreaterThanOrEqual(expected.length);
  return entries;
}

/** Programs, with what they log: on shadows as on Node's own ports. */
const programs: Readonly<Record<string, { readonly logs: readonly string[]; readonly program: Program }>> = {
  'messages of a port come in the order in which they were posted, with their microtasks in between': {
    logs: ['1', 'after 1', '2', 'after 2', '3', 'after 3'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      port2.on('message', (message: number) => {
        void Promise.resolve().then(() => log(`after ${message}`));
        log(String(message));
      });
      for (const message of [1, 2, 3]) port1.postMessage(message);
      port1.close();
    },
  },
  'messages wait for a listener': {
    logs: ['a', 'b'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      for (const message of ['a', 'b']) port1.postMessage(message);
      port1.on('message', () => {
        port2.on('message', log);
        port1.close();
      });
      port2.postMessage('now');
    },
  },
  'a listener is the port’s own, and is called once for each message however often it was added': {
    logs: ['1', 'true'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      const listener = function (this: unknown): void {
        log(String(this === port2));
      };
      port2.on('message', listener);
      port2.addListener('message', listener);
      log(String(port2.listenerCount('message')));
      port1.postMessage(1);
      port1.close();
    },
  },
  'listeners that were removed are not called, even if it was by one before them': {
    logs: ['first 1', 'closed'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      const second = (): void => log('second');
      port2.on('message', (message: number) => {
        log(`first ${message}`);
        port2.off('message', second);
        port2.removeAllListeners('message');
      });
      port2.on('message', second);
      port2.on('close', () => log('closed'));
      for (const message of [1, 2]) port1.postMessage(message);
      port1.close();
    },
  },
  'events have what they are about, and once is once': {
    logs: ['message 1 true 0', 'object 1', 'once 1', 'emitter 1', 'message 2 true 0', 'object 2'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      const target = port2 as unknown as EventTarget;
      const listen = (listener: unknown, options?: object): void =>
        target.addEventListener('message', listener as (event: Event) => void, options);
      listen(({ type, data, target: from, ports }: PortEvent) =>
        log(`${type} ${String(data)} ${from === port2} ${ports.length}`),
      );
      listen({ handleEvent: ({ data }: PortEvent) => log(`object ${String(data)}`) });
      listen(({ data }: PortEvent) => log(`once ${String(data)}`), { once: true });
      port2.once('message', (message: number) => log(`emitter ${message}`));
      const removed = (): void => log('removed');
      listen(removed);
      target.removeEventListener('message', removed);
      for (const message of [1, 2]) port1.postMessage(message);
      port1.close();
    },
  },
  'onmessage is a listener for events, and can be taken away': {
    logs: ['null', '1 true', 'closed'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      const target = port2 as unknown as { onmessage: ((event: PortEvent) => void) | null };
      log(String(target.onmessage));
      target.onmessage = function (this: unknown, { data }) {
        log(`${String(data)} ${this === port2}`);
        target.onmessage = null;
      };
      port2.on('close', () => log('closed'));
      port2.on('message', () => undefined);
      for (const message of [1, 2]) port1.postMessage(message);
      port1.close();
    },
  },
  'closing is told on both sides, once, after what had been posted to the other side': {
    logs: ['1 closed', '2 a', '2 closed'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      for (const [name, port] of [
        ['1', port1],
        ['2', port2],
      ] as const) {
        port.on('message', (message: string) => log(`${name} ${message}`));
        port.on('close', () => {
          log(`${name} closed`);
          port.close();
        });
      }
      port1.postMessage('a');
      port2.postMessage('what is never seen');
      port1.close();
      port1.close();
      port1.postMessage('too late');
      port2.postMessage('to nobody');
    },
  },
  'closing is told whoever listens to nothing else': {
    logs: ['1 closed', '2 closed close'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      port1.on('close', () => log('1 closed'));
      (port2 as unknown as EventTarget).addEventListener('close', ({ type }) => log(`2 closed ${type}`));
      port1.close();
    },
  },
  'closing is told to whoever listens only afterwards': {
    logs: ['closed'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      port1.close();
      port2.postMessage('to nobody');
      port2.on('close', () => log('closed'));
    },
  },
  'who listens to the closing alone takes no message': {
    logs: ["{ message: 'a' }", 'undefined', 'closed'],
    program({ MessageChannel, receiveMessageOnPort }, log) {
      const { port1, port2 } = new MessageChannel();
      port2.on('close', () => log('closed'));
      port1.postMessage('a');
      port1.close();
      for (let look = 0; look < 2; look++) log(inspect(receiveMessageOnPort(port2)));
    },
  },
  'closing is not told before the messages that nobody has taken': {
    logs: ['nothing yet'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      port2.on('close', () => log('closed'));
      port1.postMessage('a');
      port1.close();
      const other = new MessageChannel();
      other.port1.on('message', (turns: number) => {
        if (turns > 0) other.port2.postMessage(turns - 1);
        else {
          log('nothing yet');
          other.port1.close();
        }
      });
      other.port2.postMessage(20);
    },
  },
  'a port is referenced from its first listener to its last, unless the program says otherwise': {
    logs: [
      ...['at first false', 'undefined', 'ref true', 'undefined', 'unref false'],
      ...['first listener true', 'unref false', 'second false', 'one less false', 'ref true', 'none false'],
      ...['onmessage true', 'no handler false', 'got 1', 'closed'],
    ],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      const port = port2 as unknown as Record<'ref' | 'unref' | 'hasRef', () => unknown> & { onmessage: unknown };
      const say = (what: string): void => log(`${what} ${String(port.hasRef())}`);
      const listeners = [(): void => undefined, (): void => undefined] as const;
      say('at first');
      log(String(port.ref()));
      say('ref');
      log(String(port.unref()));
      say('unref');
      port2.on('message', listeners[0]);
      say('first listener');
      port.unref();
      say('unref');
      port2.on('message', listeners[1]);
      say('second');
      port2.off('message', listeners[1]);
      say('one less');
      port.ref();
      say('ref');
      port2.off('message', listeners[0]);
      say('none');
      port.onmessage = listeners[0];
      say('onmessage');
      port.onmessage = null;
      say('no handler');
      // What is under way comes all the same, as long as somebody else keeps the loop going.
      port2.on('message', (message: number) => log(`got ${message}`));
      port.unref();
      port2.on('close', () => log('closed'));
      port1.on('message', () => undefined);
      port1.postMessage(1);
      port1.close();
    },
  },
  'a port that travels takes with it what waits at it and what is under way to it': {
    logs: ['another object', 'a port true', 'answer: hello', 'before', 'under way'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      const inner = new MessageChannel();
      inner.port1.on('message', () => log('the old owner'));
      inner.port2.postMessage('before');
      port1.postMessage({ port: inner.port1 }, [inner.port1]);
      inner.port2.postMessage('under way');
      inner.port1.postMessage('from the old object');
      inner.port2.on('message', (message: string) => {
        log(`answer: ${message}`);
        inner.port2.close();
      });
      port2.on('message', ({ port }: { port: MessagePort }) => {
        log(port === inner.port1 ? 'the same object' : 'another object');
        log(`a port ${port instanceof node.MessagePort}`);
        port.on('message', log);
        port.postMessage('hello');
        port1.close();
      });
    },
  },
  'events have the ports that came with the message': {
    logs: ['1 port, data x', 'y'],
    program({ MessageChannel }, log) {
      const { port1, port2 } = new MessageChannel();
      const inner = new MessageChannel();
      const transfer = { transfer: [inner.port1] } as unknown as MessagePort[];
      port1.postMessage('x', transfer);
      inner.port2.postMessage('y');
      (port2 as unknown as { onmessage: (event: PortEvent) => void }).onmessage = ({ data, ports }) => {
        log(`${ports.length} port, data ${String(data)}`);
        ports[0]!.on('message', (message: string) => {
          log(message);
          inner.port2.close();
        });
        port1.close();
      };
    },
  },
  'what cannot be sent is refused, and nothing is sent': {
    logs: [
      'DataCloneError: Transfer list contains source port',
      'DataCloneError: MessagePort in transfer list is already detached',
      'TypeError ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST: Object that needs transfer was found in message but not listed in transferList',
      'DataCloneError: () => 0 could not be cloned.',
      'undefined',
    ],
    program({ MessageChannel, receiveMessageOnPort }, log) {
      const { port1, port2 } = new MessageChannel();
      const gone = new MessageChannel();
      const there = new MessageChannel();
      port1.postMessage('with a port', [gone.port1]);
      receiveMessageOnPort(port2);
      for (const [message, transfer] of [
        [1, [port1]],
        [1, [gone.port1]],
        [there.port1, []],
        [() => 0, []],
      ] as [unknown, MessagePort[]][]) {
        log(problemOf(() => port1.postMessage(message, transfer)));
      }
      log(inspect(receiveMessageOnPort(port2)));
      for (const port of [port1, gone.port2, there.port1]) port.close();
    },
  },
  'messages are copies, but for shared memory and what is transferred': {
    logs: ['[1]', '0', '1,2', '5'],
    program({ MessageChannel, receiveMessageOnPort }, log) {
      const { port1, port2 } = new MessageChannel();
      const list = [1];
      const bytes = new Uint8Array([1, 2]);
      const shared = new Int32Array(new SharedArrayBuffer(4));
      port1.postMessage({ list, bytes, shared }, [bytes.buffer]);
      list.push(2);
      const { message } = receiveMessageOnPort(port2) as {
        message: { list: number[]; bytes: Uint8Array; shared: Int32Array };
      };
      log(JSON.stringify(message.list));
      log(String(bytes.length));
      log(message.bytes.join());
      message.shared[0] = 5;
      log(String(shared[0]));
      port1.close();
    },
  },
  'receiveMessageOnPort takes the oldest message away from the listeners, and what is left after the closing': {
    logs: ['{ message: 1 }', '{ message: 3 }', 'undefined', '2', 'undefined'],
    program({ MessageChannel, receiveMessageOnPort }, log) {
      const first = new MessageChannel();
      const second = new MessageChannel();
      const receive = (port: MessagePort): void => log(inspect(receiveMessageOnPort(port)));
      first.port2.on('message', (message: number) => {
        log(String(message));
        receive(first.port2);
      });
      for (const message of [1, 2]) first.port1.postMessage(message);
      receive(first.port2);
      second.port1.postMessage(3);
      second.port1.close();
      receive(second.port2);
      receive(second.port1);
      first.port1.close();
    },
  },
  'a message without content is a message': {
    logs: ['true undefined', 'null', 'no message', '1 undefined', 'message null'],
    program({ MessageChannel, receiveMessageOnPort }, log) {
      const { port1, port2 } = new MessageChannel();
      for (const message of [undefined, null]) port1.postMessage(message);
      const received = receiveMessageOnPort(port2) as { message: unknown };
      log(`${'message' in received} ${String(received.message)}`);
      log(String((receiveMessageOnPort(port2) as { message: unknown }).message));
      log(receiveMessageOnPort(port2) === undefined ? 'no message' : 'a message');
      port2.on('message', (...given: unknown[]) => log(`${given.length} ${String(given[0])}`));
      (port2 as unknown as EventTarget).addEventListener('message', (event) => {
        const { type, data } = event as unknown as PortEvent;
        log(`${type} ${String(data)}`);
      });
      port1.postMessage(undefined);
      port1.close();
    },
  },
  'what is no message, and no port, is refused': {
    logs: [
      'TypeError ERR_MISSING_ARGS: Not enough arguments to MessagePort.postMessage',
      'TypeError ERR_MISSING_ARGS: The "message" argument must be specified',
      'TypeError ERR_INVALID_ARG_TYPE: The "port" argument must be a MessagePort instance',
      'InvalidStateError: BroadcastChannel is closed.',
    ],
    program({ MessageChannel, BroadcastChannel, receiveMessageOnPort }, log) {
      const { port1 } = new MessageChannel();
      const channel = new BroadcastChannel('a');
      for (const port of [port1, channel]) log(problemOf(() => (port.postMessage as () => void).call(port)));
      log(problemOf(() => receiveMessageOnPort(port1.constructor as unknown as MessagePort)));
      channel.close();
      log(problemOf(() => channel.postMessage(1)));
      port1.close();
    },
  },
  'a broadcast comes to all others of the same name that listen': {
    logs: ['x', 'b 1', 'd 1'],
    program({ BroadcastChannel }, log) {
      const channels = ['x', 'x', 'y', 'x', 'x', 'x'].map((name) => new BroadcastChannel(name));
      const [a, b, c, d, silent, closed] = channels;
      let count = 0;
      const listen = (name: string, channel = a!): void => {
        channel.onmessage = (event) => {
          log(`${name} ${String((event as unknown as PortEvent).data)}`);
          if (++count === 2) for (const each of channels) each.close();
        };
      };
      listen('a', a);
      listen('b', b);
      listen('c', c);
      listen('d', d);
      listen('closed', closed);
      closed!.close();
      log(silent!.name);
      a!.postMessage(1);
    },
  },
};

function problemOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    const { name, code, message } = error as Error & { code?: unknown };
    return `${name}${typeof code === 'string' ? ` ${code}` : ''}: ${message}`;
  }
  return 'none';
}

describe('ports', () => {
  it.each(Object.entries(programs))('as those of Node: %s', async (_, { program, logs }) => {
    expect(await play(program)).toEqual(logs);
    expect(await playForReal(program, logs)).toEqual(logs);
  });

  it('keep the order of each port under every schedule, and leave the one among ports to it', async () => {
    const interleavings = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 5 }), { maxLength: 12 }), async (choices) => {
        const entries = await play(
          ({ MessageChannel }, log) => {
            for (const name of ['a', 'b', 'c']) {
              const { port1, port2 } = new MessageChannel();
              port2.on('message', (message: number) => log(`${name}${message}`));
              port2.on('close', () => log(`${name}-`));
              for (const message of [1, 2]) port1.postMessage(message);
              port1.close();
            }
          },
          { choices },
        );
        for (const name of ['a', 'b', 'c']) {
          expect(entries.filter((entry) => entry.startsWith(name))).toEqual([`${name}1`, `${name}2`, `${name}-`]);
        }
        interleavings.add(entries.join());
      }),
    );
    expect(interleavings.size).toBeGreaterThan(20);
  });

  it('keep no execution going: what listens without being posted to does not', async () => {
    expect(
      await play(({ MessageChannel, BroadcastChannel }, log) => {
        new MessageChannel().port1.on('message', log).ref();
        new BroadcastChannel('a').onmessage = () => log('never');
      }),
    ).toEqual([]);
  });

  it('leave in the trace how many ports each message is on its way to, and where it arrived', async () => {
    const posted = async (program: Program): Promise<unknown[]> => {
      await play(program);
      return lastTraceEntries(memory, 100)
        .filter(({ operation }) => operation === operationCodes.postMessage || operation === operationCodes.message)
        .map(({ operation, value }) => [operation === operationCodes.message ? 'message' : 'post', value]);
    };
    expect(
      await posted(({ MessageChannel, receiveMessageOnPort }) => {
        const { port1, port2 } = new MessageChannel();
        receiveMessageOnPort(port2);
        port1.postMessage(1);
        receiveMessageOnPort(port2);
        port2.close();
        port1.postMessage(2);
      }),
    ).toEqual([
      ['message', 0],
      ['post', 1],
      ['message', 1],
      ['post', 0],
    ]);
    expect(
      await posted(({ BroadcastChannel }) => {
        const [first] = ['x', 'x', 'x'].map((name) => new BroadcastChannel(name));
        first!.postMessage(1);
      }),
    ).toEqual([
      ['post', 2],
      ['message', 0],
      ['message', 0],
    ]);
  });

  it('let no more messages wait than the limit says, and count none that was delivered, received or dropped', async () => {
    const most = wideLimits.queuedMessages;
    const { setTimeout } = agent.timers.globals as unknown as typeof globalThis;
    expect(
      await play(({ MessageChannel, receiveMessageOnPort }, log) => {
        const fill = (): [MessagePort, MessagePort] => {
          const { port1, port2 } = new MessageChannel();
          for (let message = 0; message < most; message++) port1.postMessage(message);
          log(problemOf(() => port1.postMessage('too many')));
          return [port1, port2];
        };
        const [, delivered] = fill();
        delivered.on('message', () => undefined);
        setTimeout(() => {
          const [, received] = fill();
          for (let message = 0; message < most; message++) receiveMessageOnPort(received);
          const [dropping, dropped] = fill();
          for (const port of [dropping, dropped]) port.on('close', () => undefined);
          dropped.close();
          dropped.close();
          setTimeout(fill, 1);
        }, 1);
      }),
    ).toEqual(
      Array(4).fill(`RangeError: more than ${most} messages are waiting to be delivered (limits.queuedMessages)`),
    );
  });

  it('are at most so many in one execution', async () => {
    const [problem] = await play(({ MessageChannel, BroadcastChannel }, log) => {
      for (let channel = 0; 2 * channel < at.maximumPorts; channel++) new MessageChannel();
      log(problemOf(() => new BroadcastChannel('one too many')));
    });
    expect(problem).toBe(`RangeError: an execution opened more than ${at.maximumPorts} message ports`);
  });

  it('are of no use in another execution than their own', async () => {
    let old: MessagePort | undefined;
    await play(({ MessageChannel }) => void (old = new MessageChannel().port1));
    await play((_, log) => {
      expect(problemOf(() => old!.postMessage(1))).toContain('belongs to an execution that has ended');
      expect(problemOf(() => old!.on('message', log))).toContain('belongs to an execution that has ended');
    });
  });
});
