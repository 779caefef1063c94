import { BroadcastChannel, MessageChannel, type MessagePort } from 'node:worker_threads';
import { keptForPackages, madeByPackages } from './made-by-packages.js';

type ChannelGlobals = Readonly<Record<'MessageChannel' | 'BroadcastChannel', unknown>>;

/**
 * The message and broadcast channels that one agent's program makes in an execution. Node keeps a channel forever unless it is
 * closed, and programs may have no reason to close theirs. When a program is evaluated repeatedly, open channels would pile up,
 * and could still deliver in the next execution.
 */
export class OpenChannels {
  /** For the scenario's own files, which are evaluated again for each execution. */
  readonly globals: ChannelGlobals;
  /** For packages, which are not: they keep what they make, like their module state, up to `keptForPackages.channels`. */
  readonly packageGlobals: ChannelGlobals;
  #message: (readonly [WeakRef<MessagePort>, WeakRef<MessagePort>])[] = [];
  #broadcast = new Set<BroadcastChannel>();
  #kept = 0;

  constructor() {
    const origin = { isPackage: false };
    const isKept = (): boolean => origin.isPackage && this.#kept++ < keptForPackages.channels;
    const addPorts = (port1: MessagePort, port2: MessagePort): void => {
      if (!isKept()) this.#message.push([new WeakRef(port1), new WeakRef(port2)]);
    };
    const addBroadcast = (channel: BroadcastChannel): void => {
      if (!isKept()) this.#broadcast.add(channel);
    };
    const forgetBroadcast = (channel: BroadcastChannel): void => {
      this.#broadcast.delete(channel);
    };
    const globals = {
      MessageChannel: class extends MessageChannel {
        static override readonly name = MessageChannel.name;

        constructor() {
          super();
          addPorts(this.port1, this.port2);
        }
      },
      BroadcastChannel: class extends BroadcastChannel {
        static override readonly name = BroadcastChannel.name;

        constructor(name: string) {
          super(name);
          addBroadcast(this);
        }

        override close(): void {
          forgetBroadcast(this);
          super.close();
        }
      },
    };
    this.globals = globals;
    this.packageGlobals = {
      MessageChannel: madeByPackages(globals.MessageChannel, origin),
      BroadcastChannel: madeByPackages(globals.BroadcastChannel, origin),
    };
  }

  /** Closes what the last execution left open, without notifying anyone. */
  reset(): void {
    const message = this.#message;
    const broadcast = this.#broadcast;
    this.#message = [];
    this.#broadcast = new Set();
    for (const channel of broadcast) channel.close();
    for (const [first, second] of message) {
      const ends = [first.deref(), second.deref()].filter((port) => port !== undefined).filter(isHere);
      for (const end of ends) end.removeAllListeners();
      // An end that was sent to another agent is that agent's: closing this one would notify its program in the next execution.
      if (ends.length === 2) ends[0]?.close();
    }
  }
}

/**
 * Whether a port is open and was not sent to another thread. The port does not change: this starts a transfer that fails half
 * way. A real transfer would work too, but the old object of a transferred port is dangerous: receiveMessageOnPort with it ends
 * the process with SIGSEGV.
 */
function isHere(port: MessagePort): boolean {
  const stopped = new Error('the transfer ends here');
  const message = {
    get stop(): never {
      throw stopped;
    },
  };
  try {
    structuredClone(message, { transfer: [port] });
  } catch (error) {
    return error === stopped;
  }
  return false;
}
