import { QueueFull, type PublishedDualQueueProducer } from 'threadmill/bridges';

const retryAfterMs = 1;

/** Submits again and again until the payload is taken, like a thread that cannot drop it. */
export function submitWhenThereIsRoom<Payload>(producer: PublishedDualQueueProducer<Payload>, payload: Payload): void {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  while (!isTaken(producer, payload)) Atomics.wait(nobody, 0, 0, retryAfterMs);
}

function isTaken<Payload>(producer: PublishedDualQueueProducer<Payload>, payload: Payload): boolean {
  try {
    producer.submitFromThread(payload);
    return true;
  } catch (error) {
    if (error instanceof QueueFull) return false;
    throw error;
  }
}
