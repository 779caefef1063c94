import type { MessagePort } from 'node:worker_threads';
import type { Channel } from '../bridge.js';

/** One end of a connection between two agents. Messages posted at one end come out at the other, in order, copied. */
export interface Line {
  /** Whether messages that the other end posts before this one listens may be lost. */
  readonly forgets: boolean;
  post(message: unknown): void;
  /** Calls back for each message and, once, when the other end is gone. */
  listen(onMessage: (message: unknown) => void, onGone: (why: string) => void): void;
  /** Whether the line keeps this agent's program running. */
  hold(isHeld: boolean): void;
  /** Releases the line. The other end knows that this end has ended. */
  leave(): void;
  /** Releases the line, and notifies the other end. */
  close(): void;
}

interface Parcel {
  readonly line: string;
  /** Absent if this end has been closed. */
  readonly message?: unknown;
}

/**
 * A line over the channel that each worker already has, beside other traffic. It needs no port of its own, and costs less than
 * one. Both ends call it with the same name, in any order. It keeps the worker running until the line has ended.
 *
 * @param channel `parentPort` in the worker, the Worker object on the agent that started it
 * @param name distinguishes this line's messages from all others on the channel. Two lines of one worker need two names
 *
 * @example
 * const { port1: worker, port2: parentPort } = new MessageChannel();
 * const reader = new PortReader(lineOver(worker, 'lengths'), (text: string) => text.length);
 * const writer = new PortWriter<string, number>(lineOver(parentPort, 'lengths'));
 * assert.equal(await writer.write('four'), 4);
 * await writer.end();
 * worker.close();
 */
export function lineOver(channel: Channel, name: string): Line {
  // A Worker signals its end with `exit`, a port with `close`.
  const anyChannel = channel as Channel & {
    on(event: 'exit' | 'close', listener: () => void): unknown;
    off(event: 'exit' | 'close', listener: () => void): unknown;
  };
  let leave = (): void => undefined;
  return {
    forgets: true,
    post: (message) => channel.postMessage({ line: name, message } satisfies Parcel),
    listen: (onMessage, onGone) => {
      const onParcel = (parcel: unknown): void => {
        if (!isParcel(parcel) || parcel.line !== name) return;
        if ('message' in parcel) onMessage(parcel.message);
        else onGone('The other end of the line has been closed.');
      };
      const onEnd = (): void => onGone('The agent at the other end of the line has ended.');
      leave = () => {
        channel.off('message', onParcel);
        anyChannel.off('exit', onEnd);
        anyChannel.off('close', onEnd);
      };
      channel.on('message', onParcel);
      anyChannel.on('exit', onEnd);
      anyChannel.on('close', onEnd);
    },
    // Other code may rely on the channel: a listener at `parentPort` keeps the worker running until the line is closed.
    hold: () => undefined,
    leave: () => leave(),
    close: () => {
      leave();
      channel.postMessage({ line: name } satisfies Parcel);
    },
  };
}

/** A line over a port that has no other use. */
export function lineOf(port: MessagePort | Line): Line {
  if ('listen' in port) return port;
  return {
    forgets: false,
    post: (message) => port.postMessage(message),
    listen: (onMessage, onGone) => {
      port.on('message', onMessage);
      port.on('messageerror', () => {
        onGone('A message could not be read.');
        port.close();
      });
      port.on('close', () => onGone('The other end of the port is gone.'));
    },
    hold: (isHeld) => {
      if (isHeld) port.ref();
      else port.unref();
    },
    leave: () => port.close(),
    close: () => port.close(),
  };
}

function isParcel(message: unknown): message is Parcel {
  return typeof message === 'object' && message !== null && 'line' in message;
}
