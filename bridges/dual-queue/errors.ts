/** A bounded queue had no room for a payload. Nothing was added: wait, drop the payload, or try again. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
  /** The maximum number of items in the queue. */
  readonly capacity: number;
  /** How many items it held. */
  readonly depth: number;

  constructor(message: string, capacity: number, depth: number) {
    super(message);
    this.capacity = capacity;
    this.depth = depth;
  }
}

/** A payload is larger than the queue could ever hold. Nothing was added, and waiting would not help. */
export class PayloadTooLarge extends RangeError {
  override readonly name = 'PayloadTooLarge';
  /** How many bytes the payload takes. */
  readonly payloadBytes: number;
  /** How many bytes the largest payload may take. */
  readonly limitBytes: number;

  constructor(payloadBytes: number, limitBytes: number) {
    super(
      `The payload takes ${payloadBytes} bytes, but the queue holds payloads of at most ${limitBytes} bytes: raise \`bytes\`.`,
    );
    this.payloadBytes = payloadBytes;
    this.limitBytes = limitBytes;
  }
}

/**
 * A payload arrived that cannot be decoded on this agent. It may be nested too deeply for this thread's stack: workers have a
 * larger stack than the main thread. Only this payload is affected.
 */
export class UndecodablePayload extends Error {
  override readonly name = 'UndecodablePayload';
  /** The payload as it came. You can keep it or pass it on. */
  readonly bytes: Uint8Array;

  constructor(cause: unknown, bytes: Uint8Array) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`A payload of ${bytes.byteLength} bytes cannot be read on this thread: ${reason}`, { cause });
    this.bytes = bytes;
  }
}
