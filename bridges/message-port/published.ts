import type { Channel } from '../bridge.js';

/**
 * A worker's end of plain messages, as in every introduction to worker threads: post, and trust that the message arrives.
 *
 * The problems that `postMessage` itself leaves open, and `PortWriter` does not:
 *
 * - Nothing confirms that a message arrived. One that comes when the Worker object has no listener is lost
 *   (scenarios/message-port/published/message-before-the-main-agent-listens.scenario.ts), and so is one that is under way when the main
 *   agent stops listening (message-under-way-at-the-end.scenario.ts).
 * - Nothing bounds how many messages wait (as-many-as-the-worker-likes.scenario.ts).
 *
 * @example
 * const { port1: parentPort, port2: worker } = new MessageChannel();
 * const arrived = new Promise((resolve) => new PublishedPortReader(worker, resolve));
 * new PublishedPortWriter(parentPort).write('hello');
 * assert.equal(await arrived, 'hello');
 * parentPort.close();
 */
export class PublishedPortWriter<Value> {
  readonly #main: Channel;

  /** @param main `parentPort` */
  constructor(main: Channel) {
    this.#main = main;
  }

  write(value: Value): void {
    this.#main.postMessage(value);
  }
}

/** The main agent's end of plain messages: handles what arrives from one worker, until it is closed. */
export class PublishedPortReader<Value> {
  readonly #worker: Channel;
  readonly #listener: (value: unknown) => void;

  /** @param worker the Worker object */
  constructor(worker: Channel, handle: (value: Value) => void) {
    this.#worker = worker;
    this.#listener = (value) => handle(value as Value);
    worker.on('message', this.#listener);
  }

  /** Stops listening. Later messages are lost. */
  close(): void {
    this.#worker.off('message', this.#listener);
  }
}
