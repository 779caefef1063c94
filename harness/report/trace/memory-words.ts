import { gapsOf } from '../../results/kept-trace.js';
import type { MemoryAddress, Operation } from '../../results/operation-schema.js';
import { addressText, bufferText, elementText, isElement, valueText } from '../text/operation.js';
import { factsOf } from '../../results/operation-facts.js';

/** A word's value from one operation on. */
export interface WordChange {
  /** The operation's place in the trace. */
  readonly place: number;
  /** Null if the trace does not show it. */
  readonly value: string | null;
  /** Whether this operation changed the word. Otherwise it only showed that the word had changed. */
  readonly isOwn: boolean;
}

/** What is known about one place in shared memory. */
export interface MemoryWord {
  /** As operations name it, such as `#0[3]`. */
  readonly location: string;
  /** The shared buffer, such as `#0`. */
  readonly buffer: string;
  /** The rest of the location, such as `[3]`. */
  readonly element: string;
  /** Before the first operation of the trace; null if the trace does not show it. */
  readonly initial: string | null;
  /** In order. */
  readonly changes: readonly WordChange[];
}

/**
 * The words of shared memory that a trace touches, in order of their places, with their known values. A value that was
 * read has been there since the last change. The value that an update left is known from the next operation on it.
 */
export function memoryWords(trace: readonly Operation[]): MemoryWord[] {
  const words = new Map<string, WordUnderway>();
  const gaps = new Set(gapsOf(trace).map((gap) => gap.place));
  let lastGap = 0;
  for (const [place, operation] of trace.entries()) {
    if (place > 0 && gaps.has(place)) {
      lastGap = place;
      for (const word of words.values()) word.forget(place);
    }
    const { access } = factsOf(operation);
    const { address } = operation;
    const value = valueText(operation);
    if (access === undefined || address?.kind !== 'memory' || value === undefined) continue;
    const location = addressText(address);
    let word = words.get(location);
    if (word === undefined) {
      words.set(location, (word = new WordUnderway(address)));
      if (lastGap > 0) word.forget(lastGap);
    }
    if (access === 'write') {
      word.set(place, value);
    } else {
      word.see(place, value);
      if (access === 'update') word.set(place, null);
    }
  }
  return [...words.values()].sort(byAddress).map((word) => word.finished());
}

/** A word's value after an operation; -1 is before the first. Null if the trace does not show it. */
export function wordAt(word: MemoryWord, place: number): string | null {
  const change = lastChange(word, place);
  return change === undefined ? word.initial : change.value;
}

/** The last change of a word up to and including an operation. */
export function lastChange(word: MemoryWord, place: number): WordChange | undefined {
  let low = 0;
  let high = word.changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (word.changes[middle]!.place <= place) low = middle + 1;
    else high = middle;
  }
  return word.changes[low - 1];
}

class WordUnderway {
  readonly address: MemoryAddress;
  #initial: string | null = null;
  #changes: WordChange[] = [];

  constructor(address: MemoryAddress) {
    this.address = address;
  }

  set(place: number, value: string | null): void {
    this.#changes.push({ place, value, isOwn: true });
  }

  /** Forgets all values before this operation, because missing steps may have changed them. */
  forget(place: number): void {
    this.#changes.push({ place, value: null, isOwn: false });
  }

  see(place: number, value: string): void {
    const last = this.#changes.at(-1);
    const known = last === undefined ? this.#initial : last.value;
    if (known === value) return;
    if (known !== null) {
      // It was changed under another name, through a view with elements of another size.
      this.#changes.push({ place, value, isOwn: false });
    } else if (last === undefined) {
      this.#initial = value;
    } else {
      this.#changes[this.#changes.length - 1] = { ...last, value };
      this.#dropUnchanged();
    }
  }

  finished(): MemoryWord {
    return {
      location: addressText(this.address),
      buffer: bufferText(this.address),
      element: elementText(this.address),
      initial: this.#initial,
      changes: this.#changes,
    };
  }

  /** Drops an update that left the word unchanged, such as a failed compareExchange. */
  #dropUnchanged(): void {
    const before = this.#changes.at(-2);
    const valueBefore = before === undefined ? this.#initial : before.value;
    if (valueBefore === this.#changes.at(-1)?.value) this.#changes.pop();
  }
}

function byAddress({ address: left }: WordUnderway, { address: right }: WordUnderway): number {
  const numberOf = (address: MemoryAddress): number =>
    isElement(address) ? address.byteOffset / address.byteLength : address.byteOffset;
  return (
    left.buffer - right.buffer ||
    // Places that are not whole elements come after those that are.
    Number(isElement(right)) - Number(isElement(left)) ||
    numberOf(left) - numberOf(right)
  );
}
