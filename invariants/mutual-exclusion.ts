import type { Participant, HistoryEvent, Invariant, InvariantChecker, Violation } from '../harness/authoring.js';
import { nameOf } from './participants.js';
import { inWords, keyOf } from './values.js';

/** Which writes of a history are critical sections. */
export interface MutualExclusionOptions {
  /**
   * The name of the lock that a section is under, given the value passed to `history.write`; `undefined` if that write is not a
   * section. Default: every write is a section, and its value is the name, even if it is `undefined`.
   */
  section?(value: unknown): unknown;
}

/**
 * Two sections under one lock never overlap.
 *
 * Call `const section = history.write('name of the lock')` right after taking the lock, and `section.acknowledge()` right
 * before releasing it. A section that is never acknowledged lasts forever, so a holder that dies in it acknowledges it as
 * its last action. Being in a section at the end is not a violation.
 *
 * @example
 * mutualExclusion()
 * @example
 * mutualExclusion({ section: (value: { lock?: string }) => value.lock })
 */
export function mutualExclusion(options: MutualExclusionOptions = {}): Invariant<unknown> {
  return { name: 'mutualExclusion', begin: () => new MutualExclusionChecker(options) };
}

interface Section {
  readonly write: number;
  readonly participant: Participant;
}

class MutualExclusionChecker implements InvariantChecker<unknown> {
  readonly #options: MutualExclusionOptions;
  /** The actor inside, by the name of the lock. */
  readonly #inside = new Map<string, Section>();

  constructor(options: MutualExclusionOptions) {
    this.#options = options;
  }

  observe(event: HistoryEvent): Violation | undefined {
    if (event.kind === 'read') return undefined;
    const everyWrite = this.#options.section === undefined;
    const name = everyWrite ? event.value : this.#options.section?.(event.value);
    if (name === undefined && !everyWrite) return undefined;
    const key = keyOf(name);
    const holder = this.#inside.get(key);
    if (event.kind === 'writeAcknowledged') {
      if (holder?.write === event.write) this.#inside.delete(key);
      return undefined;
    }
    if (holder === undefined) {
      this.#inside.set(key, { write: event.write, participant: event.participant });
      return undefined;
    }
    const first = nameOf(holder.participant);
    const second = nameOf(event.participant);
    const where = name === undefined ? 'the section' : `the section of ${inWords(name)}`;
    return {
      expected: `no participant to enter ${where} while ${first} is inside`,
      found: first === second ? `${second} entered it again` : `${second} entered it too`,
    };
  }
}
