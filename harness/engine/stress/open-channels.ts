import { BroadcastChannel, MessageChannel, type MessagePort } from 'node:worker_threads';

/**
 * The message and broadcast channels that one agent's program makes in an execution. Node keeps a channel for ever unless
 * somebody closes it, and a program that is evaluated again and again may have no reason to: what it leaves open would pile
 * up, and could still be heard in the next execution.
 */
export class OpenChannels {
  readonly globals: Readonly<Record<'MessageChannel' | 'BroadcastChannel', unknown>>;
  #message: (readonly [WeakRef<MessagePort>, WeakRef<MessagePort>])[] = [];
  #broadcast = new Set<BroadcastChannel>();

  constructor() {
    const addPorts = (port1: MessagePort, port2: MessagePort): void => {
      this.#message.push([new WeakRef(port1), new WeakRef(port2)]);
    };
    const broadcast = (): Set<BroadcastChannel> => this.#broadcast;
    this.globals = {
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
          broadcast().add(this);
        }

        override close(): void {
          broadcast().delete(this);
          super.close();
        }
      },
    };
  }

  /** Closes what the execution that has just ended left open, and lets nothing of it be heard. */
  reset(): void {
    const message = this.#message;
    const broadcast = this.#broadcast;
    this.#message = [];
    this.#broadcast = new Set();
    for (const channel of broadcast) channel.close();
    for (const ports of message) {
      const ends = ports.map((port) => takeOver(port.deref())).filter((port) => port !== undefined);
      // An end that went to another agent is that agent's: to close this one would tell its program so in the next execution.
      if (ends.length === ports.length) for (const end of ends) end.close();
    }
  }
}

/** The same end of the channel as another object, with no listeners; undefined if it is closed, or with another agent. */
function takeOver(port: MessagePort | undefined): MessagePort | undefined {
  if (port === undefined) return undefined;
  port.removeAllListeners();
  try {
    return structuredClone(port, { transfer: [port] });
  } catch {
    return undefined;
  }
}
