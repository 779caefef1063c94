import type { HistoryEvent, Invariant, InvariantChecker, Read, Violation } from '../harness/authoring.js';
import { nameOf } from './participants.js';
import { inWords, keyOf } from './values.js';

/** A change of a value, as a consumer sees it. */
export interface SeenTransition {
  readonly from: unknown;
  readonly to: unknown;
  /** The number of the transition, if transitions are numbered: each has the number after the previous one. */
  readonly version?: number | bigint | undefined;
  /** The consumer that saw it, if one participant has several. */
  readonly consumer?: unknown;
}

/** A consumer that sees no more transitions. */
export interface EndedConsumer {
  readonly ended: true;
  readonly consumer?: unknown;
}

/** What a write changes the value to, and from what if that is known. */
export interface SetTransition {
  readonly to: unknown;
  readonly from?: unknown;
  readonly version?: number | bigint | undefined;
}

/** Where `noTransitionMissed` finds transitions. */
export interface NoTransitionMissedOptions {
  /**
   * The value before the first transition. If you give it, every consumer watches from there. By default a consumer may begin
   * to watch at any time, and only `version` and what others saw show what it should have seen.
   */
  readonly initial?: unknown;
  /** How many consumers there are, so that one that sees nothing at all is noticed. Default: as many as see something. */
  readonly consumers?: number;
  /**
   * What a value passed to `history.read` says; `undefined` if it is not about transitions. Default: an object with `from` and
   * `to` is a transition, one with `ended: true` the end of a consumer.
   */
  seen?(value: unknown): SeenTransition | EndedConsumer | undefined;
  /**
   * What a write sets; `undefined` if it changes nothing. It is called when the write begins and again when it is acknowledged,
   * with what `acknowledge` received. Default: nothing if that is `false`; else that, or the value, if it is an object with
   * `to`; else the value is what is set.
   */
  set?(value: unknown, result: unknown): SetTransition | undefined;
}

/**
 * No consumer misses a transition: each sees all of them, once, and all see them in one order.
 *
 * Setters call `history.write(next)` before they set a value and `acknowledge(changed)` after it. Consumers call
 * `history.read({ from, to })` for every transition that they see. Each transition a consumer sees must begin where
 * the one before it ended, and be one that was set and that it has not already seen. Consumers must not contradict
 * each other. At the end every consumer must have seen every transition that was acknowledged, or that another one
 * saw. A set that was not acknowledged may be seen by all, or by none. After `history.read({ ended: true })` a
 * consumer need not see any more.
 *
 * @example
 * noTransitionMissed({ initial: 'disconnected' })
 * @example
 * noTransitionMissed({ initial: 0, consumers: 2, seen: (look) => look as { from: number; to: number } })
 */
export function noTransitionMissed(options: NoTransitionMissedOptions = {}): Invariant<unknown> {
  return { name: 'noTransitionMissed', begin: () => new NoTransitionMissedChecker(options) };
}

/** A transition, as far as it is known, with texts that equal values share. */
interface Keyed<Transition extends SetTransition> {
  readonly transition: Transition;
  /** `undefined` if unknown. */
  readonly fromKey: string | undefined;
  readonly toKey: string;
}

interface KnownSet extends Keyed<SetTransition> {
  readonly writer: string;
  readonly acknowledged: boolean;
}

interface Consumer {
  readonly name: string;
  readonly seen: Keyed<SeenTransition>[];
  ended: boolean;
}

class NoTransitionMissedChecker implements InvariantChecker<unknown> {
  readonly #options: NoTransitionMissedOptions;
  /** What consumers begin with, if known. */
  readonly #initialKey: string | undefined;
  /** By the number of the write; without those that changed nothing. */
  readonly #sets = new Map<number, KnownSet>();
  readonly #consumers = new Map<string, Consumer>();
  /** What was first seen at each place in the order, and by whom. The place is its number, or how many came before it. */
  readonly #order = new Map<string, { readonly seen: Keyed<SeenTransition>; readonly consumer: Consumer }>();

  constructor(options: NoTransitionMissedOptions) {
    this.#options = options;
    this.#initialKey = 'initial' in options ? keyOf(options.initial) : undefined;
  }

  observe(event: HistoryEvent): Violation | undefined {
    if (event.kind === 'read') return this.#see(event);
    const acknowledged = event.kind === 'writeAcknowledged';
    const transition = this.#transitionSet(event.value, acknowledged ? event.result : undefined);
    if (transition === undefined) this.#sets.delete(event.write);
    else this.#sets.set(event.write, { ...keyed(transition), writer: nameOf(event.participant), acknowledged });
    return undefined;
  }

  finish(): Violation | undefined {
    const consumers = [...this.#consumers.values()];
    const unended = consumers.filter(({ ended }) => !ended);
    return (
      firstOf(consumers, (consumer) => firstOf(consumer.seen, (seen) => this.#judgeMade(consumer, seen))) ??
      this.#judgeSilent(consumers) ??
      firstOf(unended, (consumer) => this.#judgeComplete(consumer)) ??
      judgeEnds(unended)
    );
  }

  #see({ participant, value }: Read): Violation | undefined {
    const said = this.#options.seen === undefined ? seenIn(value) : this.#options.seen(value);
    if (said === undefined) return undefined;
    const name =
      said.consumer === undefined ? nameOf(participant) : `${nameOf(participant)} (${inWords(said.consumer)})`;
    let consumer = this.#consumers.get(name);
    if (consumer === undefined) this.#consumers.set(name, (consumer = { name, seen: [], ended: false }));
    if ('ended' in said) {
      consumer.ended = true;
      return undefined;
    }
    const seen = keyed(said);
    const violation = this.#judgeNext(consumer, seen);
    consumer.seen.push(seen);
    return violation ?? this.#judgeMade(consumer, seen) ?? this.#judgeOrder(consumer, seen);
  }

  /** Whether a transition starts where its consumer was. */
  #judgeNext(consumer: Consumer, next: Keyed<SeenTransition>): Violation | undefined {
    const last = consumer.seen.at(-1);
    const found = inArrows(next.transition);
    if (next.fromKey === next.toKey) return { expected: `${consumer.name} to see a change`, found };
    if (last === undefined) {
      if (this.#initialKey === undefined || next.fromKey === this.#initialKey) return undefined;
      const start = inWords(this.#options.initial);
      return { expected: `the first transition that ${consumer.name} sees to begin at ${start}`, found };
    }
    if (next.fromKey !== last.toKey) {
      const end = inWords(last.transition.to);
      const expected = `${consumer.name} to see next a transition that begins at ${end}, where the last one ended`;
      return { expected, found };
    }
    const [lastVersion, version] = [last.transition.version, next.transition.version];
    if (lastVersion === undefined || version === undefined) return undefined;
    const nextVersion = BigInt(lastVersion) + 1n;
    if (BigInt(version) === nextVersion) return undefined;
    return {
      expected: `${consumer.name} to see next transition ${nextVersion.toString()}`,
      found: `transition ${version.toString()}: ${found}`,
    };
  }

  /** Whether there have been enough sets for all transitions like this one that the consumer saw. */
  #judgeMade(consumer: Consumer, { transition, fromKey, toKey }: Keyed<SeenTransition>): Violation | undefined {
    let [made, madeFromHere] = [0, 0];
    for (const set of this.#sets.values()) {
      if (set.toKey !== toKey) continue;
      made++;
      if (set.fromKey === undefined || set.fromKey === fromKey) madeFromHere++;
    }
    const sameEnd = consumer.seen.filter((seen) => seen.toKey === toKey);
    const seenFromHere = sameEnd.filter((seen) => seen.fromKey === fromKey).length;
    const tell = (what: string, expected: number): Violation => ({
      expected:
        expected === 0
          ? `${consumer.name} to see only transitions that were made, and ${what} was not`
          : `${consumer.name} to see ${what} at most ${times(expected)}, as often as it was set`,
      found: `it saw ${inOrder(consumer)}`,
    });
    if (seenFromHere > madeFromHere) return tell(inArrows(transition), madeFromHere);
    if (sameEnd.length > made) return tell(`→ ${inWords(transition.to)}`, made);
    return undefined;
  }

  /** Whether others saw the same at this place in the order. */
  #judgeOrder(consumer: Consumer, seen: Keyed<SeenTransition>): Violation | undefined {
    const { version } = seen.transition;
    if (version === undefined && this.#initialKey === undefined) return undefined;
    const place = version === undefined ? `at place ${consumer.seen.length}` : `number ${version.toString()}`;
    const other = this.#order.get(place);
    if (other === undefined) this.#order.set(place, { seen, consumer });
    if (other === undefined || isSame(seen, other.seen)) return undefined;
    return {
      expected: `all consumers to see transitions in one order; ${place}, ${other.consumer.name} saw ${inArrows(other.seen.transition)}`,
      found: `${consumer.name} saw ${inArrows(seen.transition)} there`,
    };
  }

  /** Whether all consumers have recorded something, if there was something to see. */
  #judgeSilent(consumers: readonly Consumer[]): Violation | undefined {
    const { consumers: expected = 0 } = this.#options;
    if (consumers.length >= expected) return undefined;
    const set = [...this.#sets.values()].find(({ acknowledged }) => acknowledged);
    const witness = consumers.find(({ seen }) => seen.length > 0);
    const found =
      consumers.length === 0
        ? 'no consumer saw anything'
        : `only ${consumers.map(({ name }) => name).join(', ')} saw anything`;
    const tell = (what: unknown, reason: string): Violation => ({
      expected: `${expected} of ${expected} consumers to see ${inWords(what)}, ${reason}`,
      found,
    });
    if (set !== undefined) return tell(set.transition.to, `which ${set.writer} had set`);
    return witness === undefined ? undefined : tell(witness.seen[0]?.transition.to, `which ${witness.name} saw`);
  }

  /** Whether a consumer has seen everything that was acknowledged. */
  #judgeComplete(consumer: Consumer): Violation | undefined {
    const left = [...consumer.seen];
    const first = left[0]?.transition.version;
    const acknowledged = [...this.#sets.values()].filter((set) => set.acknowledged);
    // A set of which less is known must not claim what another one must have been.
    acknowledged.sort((one, other) => detailOf(other) - detailOf(one));
    for (const set of acknowledged) {
      const { version } = set.transition;
      const isNumbered = version !== undefined && first !== undefined;
      if (isNumbered ? BigInt(version) < BigInt(first) : this.#initialKey === undefined) continue;
      const place = left.findIndex(({ fromKey, toKey, transition }) => {
        if (toKey !== set.toKey || (set.fromKey !== undefined && set.fromKey !== fromKey)) return false;
        return !isNumbered || transition.version === undefined || BigInt(transition.version) === BigInt(version);
      });
      if (place !== -1) left.splice(place, 1);
      else return missed(consumer, set);
    }
    return undefined;
  }

  #transitionSet(value: unknown, result: unknown): SetTransition | undefined {
    if (this.#options.set !== undefined) return this.#options.set(value, result);
    if (result === false) return undefined;
    for (const candidate of [result, value]) {
      if (typeof candidate === 'object' && candidate !== null && 'to' in candidate) return candidate;
    }
    return { to: value };
  }
}

/** Whether consumers, whenever they began, agree on the end. */
function judgeEnds(consumers: readonly Consumer[]): Violation | undefined {
  const [longest, ...others] = [...consumers].sort((one, other) => other.seen.length - one.seen.length);
  if (longest === undefined) return undefined;
  return firstOf(others, (other) => {
    const tail = longest.seen.slice(longest.seen.length - other.seen.length);
    if (tail.every((seen, index) => isSame(seen, other.seen[index]!))) return undefined;
    return {
      expected: `all consumers to end with the same transitions; ${longest.name} saw ${inOrder(longest)}`,
      found: `${other.name} saw ${inOrder(other)}`,
    };
  });
}

function keyed<Transition extends SetTransition>(transition: Transition): Keyed<Transition> {
  const fromKey = 'from' in transition ? keyOf(transition.from) : undefined;
  return { transition, fromKey, toKey: keyOf(transition.to) };
}

function isSame(one: Keyed<SeenTransition>, other: Keyed<SeenTransition>): boolean {
  return one.fromKey === other.fromKey && one.toKey === other.toKey;
}

function seenIn(value: unknown): SeenTransition | EndedConsumer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('ended' in value && value.ended === true) return value as EndedConsumer;
  return 'from' in value && 'to' in value ? value : undefined;
}

/** How much is known of a set. */
function detailOf({ transition, fromKey }: KnownSet): number {
  return (transition.version === undefined ? 0 : 2) + (fromKey === undefined ? 0 : 1);
}

function missed(consumer: Consumer, { transition, fromKey, writer }: KnownSet): Violation {
  const start = fromKey === undefined ? '' : `${inWords(transition.from)} `;
  return {
    expected: `${consumer.name} to see ${start}→ ${inWords(transition.to)}, which ${writer} had set`,
    found: `it saw ${inOrder(consumer)}`,
  };
}

function inArrows({ from, to }: SeenTransition): string {
  return `${inWords(from)} → ${inWords(to)}`;
}

/** All that a consumer saw, in order: `"a" → "b" → "c"`. */
function inOrder({ seen }: Consumer): string {
  return seen
    .map(({ transition, fromKey }, index) => {
      if (index === 0) return inArrows(transition);
      const goesOn = seen[index - 1]!.toKey === fromKey;
      return goesOn ? ` → ${inWords(transition.to)}` : `, ${inArrows(transition)}`;
    })
    .join('');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function firstOf<Item>(items: readonly Item[], judge: (item: Item) => Violation | undefined): Violation | undefined {
  for (const item of items) {
    const violation = judge(item);
    if (violation !== undefined) return violation;
  }
  return undefined;
}
