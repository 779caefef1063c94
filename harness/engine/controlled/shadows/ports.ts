import { BroadcastChannel, MessageChannel, MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Kernel } from '../../../kernel/kernel.js';
import * as at from '../../../kernel/layout.js';
import { LimitExceeded } from '../../../kernel/limit-exceeded.js';
import { operationCodes } from '../../../kernel/operations.js';
import { hashText } from '../../../hash-text.js';
import type { AgentPoints } from '../agent-points.js';
import { learnBuffers, seal, type Envelope, type WorkerEvent } from '../envelope.js';
import type { EventLoop } from '../event-loop.js';

type Listener = (value: unknown) => void;

interface Subscription {
  readonly event: string;
  readonly listener: unknown;
  readonly call: Listener;
  readonly once: boolean;
}

type PortEvent = 'message' | 'messageerror' | 'close';

/** Gets messages and other events; `close` when the other end is closed. */
export type Receiver = (event: WorkerEvent | PortEvent, value: unknown) => void;

/** A real object that carries messages: a port or a broadcast channel. */
interface Carrier {
  readonly real: MessagePort | BroadcastChannel;
  readonly post: (envelope: Envelope, transfer: readonly object[]) => void;
  readonly close: () => void;
}

const { listening, noPeer } = at;

/**
 * One end of a message channel as the program under test sees it. The real port carries the data, but the schedule decides when a
 * message is delivered, so the real port is never started.
 */
class Endpoint {
  readonly row: number;
  readonly carrier: Carrier;
  site = 0;
  subscriptions: Subscription[] = [];
  handler: Listener | null = null;
  /** Represents a Worker object, not a port. */
  isWorkerHandle = false;
  /** Is a worker's `parentPort`: closing it does not end the worker. */
  isParentPort = false;
  /** What `hasRef` says. An execution ends when nothing is left to do, whatever is referenced. */
  isReferenced = false;
  /** The ports that came with the message being delivered. */
  deliveredPorts: readonly MessagePort[] = [];
  /** The object that user code has. */
  readonly target: object;
  /** Gets what arrives instead of the object's listeners. */
  receiver: Receiver | undefined;

  constructor(row: number, carrier: Carrier, target: object) {
    this.row = row;
    this.carrier = carrier;
    this.target = target;
  }
}

/** The ports and channels of one agent. */
export class ShadowPorts {
  readonly MessageChannel: typeof MessageChannel;
  readonly BroadcastChannel: typeof BroadcastChannel;
  readonly receiveMessageOnPort: typeof receiveMessageOnPort;
  readonly #kernel: Kernel;
  readonly #points: AgentPoints;
  readonly #loop: EventLoop;
  /** By the object that user code has. */
  readonly #endpoints = new Map<object, Endpoint>();
  readonly #toClose: Carrier[] = [];
  readonly #portPrototype: object;

  constructor(kernel: Kernel, points: AgentPoints, loop: EventLoop) {
    this.#kernel = kernel;
    this.#points = points;
    this.#loop = loop;
    this.#portPrototype = Object.create(MessagePort.prototype, this.#portMethods()) as object;
    const open = (): { port1: MessagePort; port2: MessagePort } => this.#openChannel();
    this.MessageChannel = function MessageChannel() {
      return open();
    } as unknown as typeof MessageChannel;
    const join = (name: unknown): object => this.#joinBroadcast(String(name));
    this.BroadcastChannel = function BroadcastChannel(name: unknown) {
      return join(name);
    } as unknown as typeof BroadcastChannel;
    const receive = (port: object, site: number): { message: unknown } | undefined => this.#receiveNow(port, site);
    this.receiveMessageOnPort = function receiveMessageOnPort(this: unknown, port: object) {
      return receive(port, points.placeOf(this, 'receiveMessageOnPort', receiveMessageOnPort));
    };
  }

  /** Forgets the last execution's ports and closes what it opened. */
  reset(): void {
    for (const carrier of this.#toClose) carrier.close();
    this.#toClose.length = 0;
    if (this.#endpoints.size > 0) this.#endpoints.clear();
  }

  /** Rows 2i and 2i+1 are the main agent's and worker i's ends of the channel between them. */
  static registerWorkerChannels(kernel: Kernel, workers: number): void {
    for (let worker = 0; worker < workers; worker++) {
      // Worker objects emit what arrives from the start, listener or not.
      setRow(kernel, addRow(kernel, 0, 2 * worker + 1, 0), at.PORT_LISTENING, listening.all);
      addRow(kernel, worker + 1, 2 * worker, 0);
    }
  }

  /**
   * Makes the permanent real port between the main agent and a worker usable in this execution. The main agent's end represents a
   * Worker object, which emits what arrives from the start; `parentPort` waits for a listener.
   */
  adoptWorkerPort(real: MessagePort, row: number, isListening: boolean): MessagePort {
    const endpoint = this.#wrapPort(real, row, false);
    if (isListening) {
      endpoint.isWorkerHandle = true;
      this.#addSource(endpoint);
    }
    return real;
  }

  /**
   * Opens the channel between this agent and a worker that it starts. Returns the row of this end, at which everything arrives that
   * the worker posts, then its end.
   *
   * @param target stands for this end where a port would
   */
  openWorkerChannel(real: MessagePort, worker: number, target: object, receiver: Receiver): number {
    const row = addRow(this.#kernel, this.#kernel.agent, noPeer, 0);
    setRow(this.#kernel, row, at.PORT_PEER, addRow(this.#kernel, worker, row, 0));
    setRow(this.#kernel, row, at.PORT_LISTENING, listening.all);
    const endpoint = new Endpoint(row, carrierOf(real), target);
    endpoint.receiver = receiver;
    this.#endpoints.set(target, endpoint);
    this.#addSource(endpoint);
    return row;
  }

  /** A worker's own end of that channel. */
  adoptParentPort(real: MessagePort, row: number): MessagePort {
    this.#wrapPort(real, row, false).isParentPort = true;
    return real;
  }

  /** Posts over a port, or over a worker's channel. */
  post(target: object, site: number, value: unknown, transfer: readonly object[] = []): void {
    this.#post(this.#of(target), site, value, transfer);
  }

  /** Tells the other end of a worker's channel something that is no message. */
  tell(target: object, event: WorkerEvent, value: unknown): void {
    this.#post(this.#of(target), 0, value, [], event);
  }

  /** Seals a value for another agent's thread, as `post` does; the ports in `transfer` are let go by `letGo` once it is sent. */
  sealFor(value: unknown, transfer: readonly object[]): Envelope {
    const { ports, rows } = this.#moved(transfer);
    return seal(this.#kernel.words[at.EXECUTION]!, value, this.#points.buffers, ports, rows);
  }

  /** Forgets the ports that were sent to another agent. */
  letGo(transfer: readonly object[]): void {
    for (const port of transfer) if (port instanceof MessagePort) this.#letGo(port);
  }

  /** Takes in what another agent's thread has sealed. */
  unseal(envelope: Envelope): unknown {
    this.#takeIn(envelope);
    return envelope.value;
  }

  /** Whether some port would keep a Node process alive. */
  get keepsAlive(): boolean {
    for (const { isReferenced, row } of this.#endpoints.values())
      if (isReferenced && this.#get(row, at.PORT_CLOSED) === 0) return true;
    return false;
  }

  /** Lets the handle of a worker learn that it has exited, after everything that the worker sent. */
  tellExit(worker: number): void {
    const row = this.#kernel.read(worker, at.AGENT_CHANNEL);
    if (this.#get(row, at.PORT_CLOSED) !== 0) return;
    setRow(this.#kernel, row, at.PORT_CLOSED, 1);
    this.#kernel.words[at.QUEUED_MESSAGES] = this.#kernel.words[at.QUEUED_MESSAGES]! + 1;
    this.#announce(row);
  }

  /** This agent, a worker, has ended: closes its ports, and the other ends learn of it; its handle with `tellExit`. */
  closeAll(): void {
    const kernel = this.#kernel;
    const { words } = kernel;
    const parentPort = kernel.read(kernel.agent, at.AGENT_CHANNEL) + 1;
    for (let row = 0; row < words[at.PORT_COUNT]!; row++) {
      if (this.#get(row, at.PORT_OWNER) !== kernel.agent || this.#get(row, at.PORT_CLOSED) === 2) continue;
      const isClosing = this.#get(row, at.PORT_CLOSED) === 1;
      words[at.QUEUED_MESSAGES] = words[at.QUEUED_MESSAGES]! - this.#get(row, at.PORT_PENDING) - (isClosing ? 1 : 0);
      setRow(kernel, row, at.PORT_PENDING, 0);
      setRow(kernel, row, at.PORT_CLOSED, 2);
      const hasPeer = this.#get(row, at.PORT_CHANNEL) === 0 && row !== parentPort;
      const peer = hasPeer ? this.#get(row, at.PORT_PEER) : noPeer;
      if (peer === noPeer || this.#get(peer, at.PORT_CLOSED) !== 0) continue;
      setRow(kernel, peer, at.PORT_CLOSED, 1);
      words[at.QUEUED_MESSAGES] = words[at.QUEUED_MESSAGES] + 1;
      this.#announce(peer);
    }
  }

  #wrapPort(real: MessagePort, row: number, closeAfterwards: boolean): Endpoint {
    Object.setPrototypeOf(real, this.#portPrototype);
    const carrier = carrierOf(real);
    const endpoint = new Endpoint(row, carrier, real);
    this.#endpoints.set(real, endpoint);
    if (closeAfterwards) this.#toClose.push(carrier);
    return endpoint;
  }

  #openChannel(): { port1: MessagePort; port2: MessagePort } {
    const channel = new MessageChannel();
    const first = addRow(this.#kernel, this.#kernel.agent, noPeer, 0);
    const second = addRow(this.#kernel, this.#kernel.agent, first, 0);
    setRow(this.#kernel, first, at.PORT_PEER, second);
    this.#wrapPort(channel.port1, first, true);
    this.#wrapPort(channel.port2, second, true);
    return channel;
  }

  #joinBroadcast(name: string): object {
    const kernel = this.#kernel;
    const real = new BroadcastChannel(`threadmill ${process.pid} ${kernel.words[at.EXECUTION]} ${name}`);
    real.unref();
    kernel.words[at.OPENS_BROADCAST] = 1;
    const row = addRow(kernel, kernel.agent, noPeer, hashText(name) | 1);
    const carrier: Carrier = {
      real,
      post: (envelope) => {
        real.postMessage(envelope);
      },
      close: () => {
        real.close();
      },
    };
    const target = Object.create(BroadcastChannel.prototype, {
      ...this.#portMethods(),
      name: { value: name, enumerable: true },
    }) as object;
    const endpoint = new Endpoint(row, carrier, target);
    this.#endpoints.set(target, endpoint);
    this.#toClose.push(carrier);
    // A broadcast channel receives as soon as it is constructed; what arrives without a listener is dropped.
    this.#listen(endpoint);
    return target;
  }

  #of(target: object): Endpoint {
    const endpoint = this.#endpoints.get(target);
    if (endpoint === undefined) throw new TypeError('this message port belongs to an execution that has ended');
    return endpoint;
  }

  #get(row: number, field: number): number {
    return this.#kernel.words[at.PORTS + row * at.portWords + field] ?? 0;
  }

  /** The ports among what is transferred, and their rows. */
  #moved(transfer: readonly object[]): { readonly ports: MessagePort[]; readonly rows: number[] } {
    const ports = transfer.filter((item): item is MessagePort => item instanceof MessagePort);
    const rows = ports.map((port) => {
      const moved = this.#endpoints.get(port);
      if (moved !== undefined) return moved.row;
      throw new DOMException('MessagePort in transfer list is already detached', 'DataCloneError');
    });
    return { ports, rows };
  }

  #post(endpoint: Endpoint, site: number, value: unknown, transfer: readonly object[], event?: WorkerEvent): void {
    const kernel = this.#kernel;
    if (event === undefined) this.#points.point(site);
    if (endpoint.carrier.real instanceof BroadcastChannel && this.#get(endpoint.row, at.PORT_CLOSED) !== 0)
      throw new DOMException('BroadcastChannel is closed.', 'InvalidStateError');
    const { ports, rows } = this.#moved(transfer);
    const sealed = seal(kernel.words[at.EXECUTION]!, value, this.#points.buffers, ports, rows);
    const envelope = event === undefined ? sealed : { ...sealed, event };
    const receivers = this.#receiversOf(endpoint);
    const queued = kernel.words[at.QUEUED_MESSAGES]! + receivers.length;
    if (event === undefined && queued > kernel.words[at.QUEUED_MESSAGES_LIMIT]!) {
      throw new LimitExceeded(
        `more than ${kernel.words[at.QUEUED_MESSAGES_LIMIT]} messages are waiting to be delivered (limits.queuedMessages)`,
      );
    }
    endpoint.carrier.post(envelope, transfer);
    for (const port of ports) this.#letGo(port);
    kernel.words[at.QUEUED_MESSAGES] = queued;
    for (const row of receivers) {
      setRow(kernel, row, at.PORT_PENDING, this.#get(row, at.PORT_PENDING) + 1);
      this.#points.watch.posted(row);
      if (this.#get(row, at.PORT_LISTENING) === listening.all) this.#announce(row);
    }
    if (event === undefined)
      this.#points.note(operationCodes.postMessage, site, endpoint.row, 0, receivers.length, receivers.length > 0);
    else kernel.noteProgress();
  }

  /** Forgets a port that is sent to another agent: what arrives at it waits until its new owner listens. */
  #letGo(port: MessagePort): void {
    const endpoint = this.#of(port);
    this.#loop.removeSource(endpoint.row);
    endpoint.subscriptions = [];
    endpoint.handler = null;
    setRow(this.#kernel, endpoint.row, at.PORT_LISTENING, listening.no);
    this.#endpoints.delete(port);
    // Back to Node's own behaviour: a port does nothing once it has been transferred.
    Object.setPrototypeOf(port, MessagePort.prototype);
  }

  /** Tells the kernel that the owner of the port has one more possible task. */
  #announce(row: number): void {
    if (this.#get(row, at.PORT_LISTENING) === listening.no) return;
    const owner = this.#get(row, at.PORT_OWNER);
    this.#kernel.write(owner, at.AGENT_READY_TASKS, this.#kernel.read(owner, at.AGENT_READY_TASKS) + 1);
  }

  #receiversOf(endpoint: Endpoint): number[] {
    const channel = this.#get(endpoint.row, at.PORT_CHANNEL);
    if (channel === 0) {
      if (this.#get(endpoint.row, at.PORT_CLOSED) !== 0) return [];
      const peer = this.#get(endpoint.row, at.PORT_PEER);
      return peer === noPeer || this.#get(peer, at.PORT_CLOSED) !== 0 ? [] : [peer];
    }
    const receivers: number[] = [];
    for (let row = 0; row < this.#kernel.words[at.PORT_COUNT]!; row++) {
      if (row === endpoint.row || this.#get(row, at.PORT_CHANNEL) !== channel) continue;
      if (this.#get(row, at.PORT_CLOSED) === 0) receivers.push(row);
    }
    return receivers;
  }

  /** Whoever wants to hear of the closing alone hears of it once every message before it has been taken otherwise. */
  #listen(endpoint: Endpoint, to: number = listening.all): void {
    const known = this.#get(endpoint.row, at.PORT_LISTENING);
    if (known === listening.all || known === to) return;
    setRow(this.#kernel, endpoint.row, at.PORT_LISTENING, to);
    this.#addSource(endpoint);
  }

  #addSource(endpoint: Endpoint): void {
    this.#loop.addSource({
      port: endpoint.row,
      site: endpoint.site,
      deliver: () => {
        this.#deliver(endpoint);
      },
    });
  }

  /** Takes the oldest message of this execution off the real port. */
  #receive(endpoint: Endpoint): Envelope | undefined {
    for (;;) {
      const envelope = this.#take(endpoint);
      if (envelope === undefined) return undefined;
      // A permanent port may still hold messages that an execution that ended early never received.
      if (envelope.execution !== this.#kernel.words[at.EXECUTION]) continue;
      this.#takeIn(envelope);
      this.#points.watch.content(envelope.value);
      setRow(this.#kernel, endpoint.row, at.PORT_PENDING, this.#get(endpoint.row, at.PORT_PENDING) - 1);
      this.#kernel.words[at.QUEUED_MESSAGES] = this.#kernel.words[at.QUEUED_MESSAGES]! - 1;
      return envelope;
    }
  }

  /** A message that cannot be made on this side becomes an event of its own. */
  #take({ carrier }: Endpoint): Envelope | undefined {
    try {
      return (receiveMessageOnPort(carrier.real as MessagePort) as { message: Envelope } | undefined)?.message;
    } catch (error) {
      const execution = this.#kernel.words[at.EXECUTION]!;
      return { execution, value: error, event: 'messageerror', bufferNumbers: [], ports: [], portRows: [] };
    }
  }

  #takeIn(envelope: Envelope): void {
    learnBuffers(envelope.value, envelope.bufferNumbers, this.#points.buffers);
    envelope.ports.forEach((port, index) => {
      const row = envelope.portRows[index] ?? 0;
      setRow(this.#kernel, row, at.PORT_OWNER, this.#kernel.agent);
      setRow(this.#kernel, row, at.PORT_LISTENING, listening.no);
      this.#wrapPort(port, row, true);
    });
  }

  #deliver(endpoint: Endpoint): void {
    if (this.#get(endpoint.row, at.PORT_PENDING) === 0) {
      setRow(this.#kernel, endpoint.row, at.PORT_CLOSED, 2);
      this.#kernel.words[at.QUEUED_MESSAGES] = this.#kernel.words[at.QUEUED_MESSAGES]! - 1;
      this.#loop.removeSource(endpoint.row);
      if (endpoint.receiver !== undefined) {
        this.#tellReceiver(endpoint, operationCodes['worker exit'], 'close', undefined);
        return;
      }
      this.#loop.beginTask(operationCodes.close, endpoint.site, endpoint.row);
      this.#points.note(operationCodes.close, endpoint.site, endpoint.row, 0, 0, true);
      this.#emit(endpoint, 'close', undefined);
      return;
    }
    const envelope = this.#receive(endpoint);
    if (envelope === undefined) throw new Error('a posted message did not arrive at its port');
    const isFailed = envelope.event === 'messageerror';
    if (envelope.event !== undefined && !isFailed) {
      this.#tellReceiver(endpoint, eventOperations[envelope.event], envelope.event, envelope.value);
      return;
    }
    this.#loop.beginTask(operationCodes.message, endpoint.site, endpoint.row);
    this.#points.note(operationCodes.message, endpoint.site, endpoint.row, 0, 0, true);
    this.#emit(endpoint, isFailed ? 'messageerror' : 'message', envelope.value, envelope.ports);
  }

  /** What a worker's handle learns besides messages. */
  #tellReceiver(endpoint: Endpoint, operation: number, event: WorkerEvent | 'close', value: unknown): void {
    const worker = this.#get(this.#get(endpoint.row, at.PORT_PEER), at.PORT_OWNER);
    const exitCode = event === 'close' ? this.#kernel.read(worker, at.AGENT_EXIT_CODE) : 0;
    this.#loop.beginTask(operation, endpoint.site, worker);
    this.#points.note(operation, endpoint.site, worker, 0, exitCode, true);
    endpoint.receiver?.(event, value);
  }

  #emit(endpoint: Endpoint, event: PortEvent, value: unknown, ports: readonly MessagePort[] = []): void {
    if (endpoint.receiver !== undefined) {
      endpoint.receiver(event, value);
      return;
    }
    endpoint.deliveredPorts = ports;
    for (const subscription of [...endpoint.subscriptions]) {
      if (subscription.event !== event) continue;
      // An EventTarget does not call listeners that were removed meanwhile; a Worker, which is an EventEmitter, does.
      if (!endpoint.isWorkerHandle && !endpoint.subscriptions.includes(subscription)) continue;
      if (subscription.once) {
        endpoint.subscriptions = endpoint.subscriptions.filter((other) => other !== subscription);
        if (event === 'message' && !hasListeners(endpoint)) endpoint.isReferenced = false;
      }
      subscription.call.call(endpoint.target, value);
    }
    if (event === 'message') endpoint.handler?.call(endpoint.target, portEvent(event, endpoint, value));
  }

  #receiveNow(port: object, site: number): { message: unknown } | undefined {
    if (!(port instanceof MessagePort) && !(port instanceof BroadcastChannel))
      throw codedError('ERR_INVALID_ARG_TYPE', 'The "port" argument must be a MessagePort instance');
    const endpoint = this.#of(port);
    this.#points.point(site);
    const envelope = this.#get(endpoint.row, at.PORT_PENDING) > 0 ? this.#receive(endpoint) : undefined;
    if (envelope?.event === 'messageerror') throw envelope.value;
    this.#points.note(
      operationCodes.message,
      site,
      endpoint.row,
      0,
      envelope === undefined ? 0 : 1,
      envelope !== undefined,
    );
    return envelope === undefined ? undefined : { message: envelope.value };
  }

  #subscribe(endpoint: Endpoint, site: number, event: string, listener: unknown, call: Listener, once: boolean): void {
    this.#points.point(site);
    endpoint.site = site;
    // Ports are EventTargets: one listener, however often it is added. Workers are EventEmitters.
    const isKnown = endpoint.subscriptions.some((other) => other.event === event && other.listener === listener);
    if (!isKnown || endpoint.isWorkerHandle) {
      if (event === 'message' && !hasListeners(endpoint)) endpoint.isReferenced = true;
      endpoint.subscriptions.push({ event, listener, call, once });
    }
    if (event === 'message') this.#listen(endpoint);
    else if (event === 'close') this.#listen(endpoint, listening.toClosing);
    this.#points.note(operationCodes.listen, site, endpoint.row, 0, 0, true);
  }

  #unsubscribe(endpoint: Endpoint, event: string, listener: unknown): void {
    const place = endpoint.subscriptions.findIndex((other) => other.event === event && other.listener === listener);
    if (place === -1) return;
    endpoint.subscriptions.splice(place, 1);
    if (event === 'message' && !hasListeners(endpoint)) endpoint.isReferenced = false;
  }

  #close(endpoint: Endpoint, site: number): void {
    if (this.#get(endpoint.row, at.PORT_CLOSED) !== 0) return;
    this.#points.point(site);
    const hasPeer = this.#get(endpoint.row, at.PORT_CHANNEL) === 0 && !endpoint.isParentPort;
    const peer = hasPeer ? this.#get(endpoint.row, at.PORT_PEER) : noPeer;
    // What had arrived at an end that closes itself is no longer delivered.
    const dropped = this.#get(endpoint.row, at.PORT_PENDING);
    setRow(this.#kernel, endpoint.row, at.PORT_PENDING, 0);
    this.#kernel.words[at.QUEUED_MESSAGES] = this.#kernel.words[at.QUEUED_MESSAGES]! - dropped;
    for (const row of peer === noPeer ? [endpoint.row] : [endpoint.row, peer]) {
      setRow(this.#kernel, row, at.PORT_CLOSED, 1);
      this.#kernel.words[at.QUEUED_MESSAGES] = this.#kernel.words[at.QUEUED_MESSAGES] + 1;
      this.#announce(row);
    }
    this.#points.note(operationCodes.close, site, endpoint.row, 0, 0, true);
  }

  /** The methods of Node's MessagePort, both as an EventEmitter and as an EventTarget. */
  #portMethods(): PropertyDescriptorMap {
    const endpointOf = (target: object): Endpoint => this.#of(target);
    const subscribe = this.#subscribe.bind(this);
    const unsubscribe = this.#unsubscribe.bind(this);
    const listen = this.#listen.bind(this);
    const post = this.#post.bind(this);
    const close = this.#close.bind(this);
    const placeOf = this.#points.placeOf.bind(this.#points);
    const on = (name: string, once: boolean) =>
      function (this: object, event: string, listener: Listener) {
        const site = placeOf(this, name);
        const endpoint = endpointOf(this);
        subscribe(endpoint, site, event, listener, listener, once);
        return this;
      };
    const off = function (this: object, event: string, listener: unknown) {
      unsubscribe(endpointOf(this), event, listener);
      return this;
    };
    const refer = (isReferenced: boolean) =>
      function (this: object): object | undefined {
        const endpoint = endpointOf(this);
        endpoint.isReferenced = isReferenced;
        return endpoint.carrier.real instanceof BroadcastChannel ? this : undefined;
      };
    const methods: Record<string, unknown> = {
      postMessage(
        this: object,
        value: unknown,
        options?: readonly object[] | { readonly transfer?: readonly object[] },
      ) {
        const site = placeOf(this, 'postMessage');
        if (arguments.length === 0) {
          const name =
            this instanceof MessagePort
              ? 'Not enough arguments to MessagePort.postMessage'
              : 'The "message" argument must be specified';
          throw codedError('ERR_MISSING_ARGS', name);
        }
        const transfer = Array.isArray(options)
          ? options
          : ((options as { transfer?: readonly object[] } | undefined)?.transfer ?? []);
        post(endpointOf(this), site, value, transfer as readonly object[]);
      },
      on: on('on', false),
      addListener: on('addListener', false),
      once: on('once', true),
      off,
      removeListener: off,
      removeAllListeners(this: object, event?: string) {
        const endpoint = endpointOf(this);
        endpoint.subscriptions = endpoint.subscriptions.filter((other) => event !== undefined && other.event !== event);
        return this;
      },
      listenerCount(this: object, event: string): number {
        return endpointOf(this).subscriptions.filter((other) => other.event === event).length;
      },
      addEventListener(
        this: object,
        event: string,
        listener: Listener | { handleEvent: Listener },
        options?: { readonly once?: boolean },
      ) {
        const site = placeOf(this, 'addEventListener');
        const call = (value: unknown): void => {
          const delivered = portEvent(event, endpointOf(this), value);
          if (typeof listener === 'function') listener.call(this, delivered);
          else listener.handleEvent(delivered);
        };
        subscribe(endpointOf(this), site, event, listener, call, options?.once === true);
      },
      removeEventListener(this: object, event: string, listener: unknown) {
        unsubscribe(endpointOf(this), event, listener);
      },
      start(this: object) {
        listen(endpointOf(this));
      },
      close(this: object) {
        close(endpointOf(this), placeOf(this, 'close'));
      },
      ref: refer(true),
      unref: refer(false),
      hasRef(this: object) {
        return endpointOf(this).isReferenced;
      },
    };
    const descriptors: PropertyDescriptorMap = {};
    for (const [name, value] of Object.entries(methods)) {
      descriptors[name] = { value, writable: true, configurable: true };
    }
    descriptors['onmessage'] = {
      configurable: true,
      get(this: object) {
        return endpointOf(this).handler;
      },
      set(this: object, handler: Listener | null) {
        const endpoint = endpointOf(this);
        const hadListeners = hasListeners(endpoint);
        endpoint.handler = typeof handler === 'function' ? handler : null;
        if (hasListeners(endpoint) !== hadListeners) endpoint.isReferenced = !hadListeners;
        if (endpoint.handler !== null) listen(endpoint);
      },
    };
    return descriptors;
  }
}

function portEvent(type: string, { target, deliveredPorts }: Endpoint, data: unknown): unknown {
  // The event of a message that is undefined has null.
  const init = { data: data ?? null, ports: [...deliveredPorts] };
  const event = type === 'message' ? new MessageEvent(type, init as object) : new Event(type);
  const value = { value: target, configurable: true };
  return Object.defineProperties(event, { target: value, currentTarget: value });
}

const hasListeners = ({ subscriptions, handler }: Endpoint): boolean =>
  handler !== null || subscriptions.some(({ event }) => event === 'message');

function carrierOf(real: MessagePort): Carrier {
  return {
    real,
    post: (envelope, transfer) => {
      MessagePort.prototype.postMessage.call(real, envelope, transfer as MessagePort[]);
    },
    close: () => {
      MessagePort.prototype.close.call(real);
    },
  };
}

const eventOperations: Readonly<Record<Exclude<WorkerEvent, 'messageerror'>, number>> = {
  online: operationCodes['worker online'],
  error: operationCodes['worker error'],
  stdout: operationCodes['worker output'],
  stderr: operationCodes['worker output'],
};

/** An error as Node throws it. */
function codedError(code: string, message: string): TypeError {
  return Object.assign(new TypeError(message), { code });
}

function setRow(kernel: Kernel, row: number, field: number, value: number): void {
  kernel.words[at.PORTS + row * at.portWords + field] = value;
}

function addRow(kernel: Kernel, owner: number, peer: number, channel: number): number {
  const row = kernel.words[at.PORT_COUNT]!;
  if (row >= at.maximumPorts) throw new LimitExceeded(`an execution opened more than ${at.maximumPorts} message ports`);
  kernel.words[at.PORT_COUNT] = row + 1;
  const start = at.PORTS + row * at.portWords;
  kernel.words.fill(0, start, start + at.portWords);
  kernel.words[start + at.PORT_OWNER] = owner;
  kernel.words[start + at.PORT_PEER] = peer;
  kernel.words[start + at.PORT_CHANNEL] = channel;
  return row;
}
