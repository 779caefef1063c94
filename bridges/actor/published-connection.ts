/** The state of a connection. */
export type ConnectionState = 'disconnected' | 'connecting' | 'connected';

/**
 * The first half of the first pattern of "How to Avoid Synchronization Primitives in Python asyncio", as printed: a connection
 * whose state changes across an `await`.
 *
 * - Two coroutines that connect at once establish the connection twice (scenarios/pitfall/connection-state-over-an-await.scenario.ts).
 * - If it cannot be established, the state stays `connecting` forever.
 *
 * @example
 * const manager = new PublishedConnectionManager(async () => undefined);
 * await manager.connect();
 * assert.equal(manager.state, 'connected');
 */
export class PublishedConnectionManager {
  state: ConnectionState = 'disconnected';
  readonly #establish: () => Promise<void>;

  /** @param establish what the printed code leaves out */
  constructor(establish: () => Promise<void>) {
    this.#establish = establish;
  }

  async connect(): Promise<void> {
    this.state = 'connecting';
    await this.#establish();
    this.state = 'connected';
  }
}

/**
 * The second half of that pattern, as printed: the state is passed in and a new one returned, so no other code can change it.
 * But there is still only one connection: two coroutines that both start from `disconnected` establish it
 * twice (scenarios/pitfall/connection-state-passed-to-two.scenario.ts).
 *
 * @throws Error if the state is not `disconnected`
 *
 * @example
 * let state: Awaited<ReturnType<typeof publishedConnect>> = 'disconnected';
 * state = await publishedConnect(state, async () => undefined);
 * assert.equal(state, 'connected');
 */
export async function publishedConnect(
  currentState: ConnectionState,
  establish: () => Promise<void>,
): Promise<ConnectionState> {
  if (currentState !== 'disconnected') throw new Error(`Cannot connect from ${currentState}`);
  await establish();
  return 'connected';
}
