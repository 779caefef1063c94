import type { Participant, HistoryEvent, Invariant, InvariantChecker, Read, Violation } from '../harness/authoring.js';
import { nameOf } from './participants.js';
import { itemsDelivered, itemWritten, type DeliveryOptions } from './deliveries.js';
import { inWords, keyOf } from './values.js';

/**
 * Submitted items arrive exactly once: each item whose write was acknowledged is delivered to exactly one read, and nothing is
 * delivered that was not written.
 *
 * Call `history.write(item)` before you submit an item, `acknowledge()` once it is taken, and `history.read(item)` where it is
 * delivered. An item delivered twice, or never written, is reported at once. An item acknowledged but undelivered when all have
 * finished is lost. An unacknowledged item may be delivered or not, but not twice.
 *
 * Items must be distinct as data, so that they can be told apart. An item that was not taken may be written again.
 *
 * @example
 * exactlyOnce()
 * @example
 * exactlyOnce({ delivered: (batch: { items: unknown[] }) => batch.items })
 */
export function exactlyOnce(options: DeliveryOptions = {}): Invariant<unknown> {
  return { name: 'exactlyOnce', begin: () => new ExactlyOnceChecker(options) };
}

interface Item {
  readonly value: unknown;
  readonly writer: Participant;
  acknowledged: boolean;
  deliveredTo: Participant | undefined;
}

class ExactlyOnceChecker implements InvariantChecker<unknown> {
  readonly #options: DeliveryOptions;
  readonly #items = new Map<string, Item>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  observe(event: HistoryEvent): Violation | undefined {
    if (event.kind === 'read') return this.#deliver(event);
    const value = itemWritten(this.#options, event.value);
    if (value === undefined) return undefined;
    const key = keyOf(value);
    let item = this.#items.get(key);
    if (item === undefined) {
      this.#items.set(key, (item = { value, writer: event.participant, acknowledged: false, deliveredTo: undefined }));
    }
    if (item.acknowledged) {
      return {
        expected: 'distinct items, to tell which of them was delivered',
        found: `${nameOf(event.participant)} wrote ${inWords(value)}, as ${nameOf(item.writer)} had before`,
      };
    }
    if (event.kind === 'writeAcknowledged') item.acknowledged = true;
    return undefined;
  }

  finish(): Violation | undefined {
    const lost = [...this.#items.values()].filter((item) => item.acknowledged && item.deliveredTo === undefined);
    const [first] = lost;
    if (first === undefined) return undefined;
    const lostItems = lost.length === 1 ? 'it was' : `it and ${lost.length - 1} more were`;
    return {
      expected: `${inWords(first.value)} to be delivered: ${nameOf(first.writer)}'s write of it was acknowledged`,
      found: `${lostItems} not delivered`,
    };
  }

  #deliver({ participant, value }: Read): Violation | undefined {
    for (const delivered of itemsDelivered(this.#options, value)) {
      const item = this.#items.get(keyOf(delivered));
      if (item === undefined) {
        return {
          expected: `${nameOf(participant)} to get only what was written`,
          found: `it got ${inWords(delivered)}, which was never written`,
        };
      }
      if (item.deliveredTo !== undefined) {
        const before = nameOf(item.deliveredTo);
        const now = nameOf(participant);
        return {
          expected: `${inWords(delivered)} to be delivered once, and ${before} already got it`,
          found: before === now ? `${now} got it again` : `${now} got it too`,
        };
      }
      item.deliveredTo = participant;
    }
    return undefined;
  }
}
