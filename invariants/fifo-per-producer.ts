import type { HistoryEvent, Invariant, InvariantChecker, Read, Violation, WriteBegan } from '../harness/authoring.js';
import { nameOf } from './participants.js';
import { itemsDelivered, itemWritten, type DeliveryOptions } from './deliveries.js';
import { inWords, keyOf } from './values.js';

/**
 * First in, first out, as far as agents can observe: a consumer that gets several items of one producer gets them in the
 * order in which that producer wrote them.
 *
 * A producer is an actor that calls `history.write(item)`, and its order is that of these calls. A consumer is one that calls
 * `history.read(item)`. Each consumer is judged separately, in the order of its calls, and separately for each producer: two
 * producers, or two consumers, may be ahead of one another. A consumer that gets only some of the items must get these in
 * order. Whether all arrive, or one arrives twice in a row, is for `exactlyOnce` to judge.
 *
 * Items must be distinct as data: an item that several producers wrote, or none, is not judged.
 *
 * @example
 * fifoPerProducer()
 * @example
 * fifoPerProducer({ delivered: (batch: { items: unknown[] }) => batch.items })
 */
export function fifoPerProducer(options: DeliveryOptions = {}): Invariant<unknown> {
  return { name: 'fifoPerProducer', begin: () => new FifoPerProducerChecker(options) };
}

interface Item {
  /** `undefined` if there are several. */
  producer: string | undefined;
  /** Its places in its producer's order: several if it was not taken the first time. */
  readonly places: number[];
}

interface Latest {
  readonly place: number;
  readonly item: unknown;
}

class FifoPerProducerChecker implements InvariantChecker<unknown> {
  readonly #options: DeliveryOptions;
  readonly #items = new Map<string, Item>();
  /** How many items each producer has written. */
  readonly #written = new Map<string, number>();
  /** What each consumer last got, of each producer. */
  readonly #latest = new Map<string, Map<string, Latest>>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  observe(event: HistoryEvent): Violation | undefined {
    if (event.kind === 'read') return this.#deliver(event);
    if (event.kind === 'writeBegan') this.#write(event);
    return undefined;
  }

  #write({ participant, value }: WriteBegan): void {
    const written = itemWritten(this.#options, value);
    if (written === undefined) return;
    const producer = nameOf(participant);
    const place = this.#written.get(producer) ?? 0;
    this.#written.set(producer, place + 1);
    const key = keyOf(written);
    const item = this.#items.get(key);
    if (item === undefined) this.#items.set(key, { producer, places: [place] });
    else if (item.producer === producer) item.places.push(place);
    else item.producer = undefined;
  }

  #deliver({ participant, value }: Read): Violation | undefined {
    const consumer = nameOf(participant);
    for (const delivered of itemsDelivered(this.#options, value)) {
      const item = this.#items.get(keyOf(delivered));
      if (item?.producer === undefined) continue;
      let latest = this.#latest.get(consumer);
      if (latest === undefined) this.#latest.set(consumer, (latest = new Map<string, Latest>()));
      const before = latest.get(item.producer);
      // Of several places, the earliest that is still possible leaves most room for later items.
      const place = item.places.find((candidate) => before === undefined || candidate >= before.place);
      if (place === undefined) {
        return {
          expected: `${consumer} to get ${inWords(delivered)} before ${inWords(before?.item)}, as ${item.producer} wrote them`,
          found: `it got ${inWords(before?.item)} first`,
        };
      }
      latest.set(item.producer, { place, item: delivered });
    }
    return undefined;
  }
}
