import { checkWait, waitFor } from '../message-port/wait-for.js';
import type { WaitOptions } from '../primitives/async-queue.js';
import type { ConnectionState } from './published-connection.js';

/** How a connection is established and released. */
export interface ConnectionOptions<Resource> {
  establish(): Promise<Resource>;
  release(resource: Resource): void | Promise<void>;
}

/**
 * A connection that several coroutines of one agent share: a small actor. It owns its state. Calls are performed one after
 * another, so it is never established while it is already established, or being established or released.
 *
 * @example
 * let established = 0;
 * const connection = new Connection({
 *   establish: async () => ++established,
 *   release: () => undefined,
 * });
 * assert.deepEqual(await Promise.all([connection.connect(), connection.connect()]), [1, 1]);
 * assert.equal(connection.state, 'connected');
 * await connection.disconnect();
 * assert.equal(connection.state, 'disconnected');
 */
export class Connection<Resource> {
  readonly #options: ConnectionOptions<Resource>;
  #state: ConnectionState = 'disconnected';
  #resource: { readonly value: Resource } | undefined;
  /** The last call. Fulfilled when that is done, successfully or not. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ConnectionOptions<Resource>) {
    this.#options = options;
  }

  /** The present state. While the connection is being released it is `connected`. */
  get state(): ConnectionState {
    return this.#state;
  }

  /**
   * Establishes the connection, unless it exists when this call's turn comes. Returns what `establish` made.
   *
   * @throws what `establish` throws: the connection is then `disconnected`, and the next call tries again
   * @throws WaitTimeout, or the signal's reason: the connection may still be established
   */
  async connect(options?: WaitOptions): Promise<Resource> {
    checkWait(options);
    const done = this.#afterwards(async () => {
      if (this.#resource !== undefined) return this.#resource.value;
      this.#state = 'connecting';
      try {
        this.#resource = { value: await this.#options.establish() };
      } finally {
        this.#state = this.#resource === undefined ? 'disconnected' : 'connected';
      }
      return this.#resource.value;
    });
    return waitFor(done, options, () => 'The connection was not established');
  }

  /**
   * Releases the connection, if there is one when it is this call's turn.
   *
   * @throws what `release` throws: the connection is `disconnected` anyway
   * @throws WaitTimeout, or the signal's reason: the connection may still be released
   */
  async disconnect(options?: WaitOptions): Promise<void> {
    checkWait(options);
    const done = this.#afterwards(async () => {
      if (this.#resource === undefined) return;
      const { value } = this.#resource;
      try {
        await this.#options.release(value);
      } finally {
        this.#resource = undefined;
        this.#state = 'disconnected';
      }
    });
    return waitFor(done, options, () => 'The connection was not released');
  }

  #afterwards<Result>(action: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(action);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
