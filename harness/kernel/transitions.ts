import { operationKinds, type OperationKind } from '../operation-kinds.js';
import type { Access } from './access.js';
import * as at from './layout.js';
import { findLastingWaits } from './lasting-waits.js';
import { kindMask } from './operations.js';
import { agentMask } from './trace.js';
import type { KernelMemory } from './layout.js';

/** A choice that an event loop or the like had. */
export interface Offer {
  readonly count: number;
  readonly chosen: number;
}

/** What one agent did between two decisions who goes on. */
export interface Transition {
  readonly agent: number;
  /** The place of its first operation in the trace. */
  readonly start: number;
  /** The agents that could have gone on there, one bit each. */
  readonly candidates: number;
  /** What it did, as far as others could notice. */
  readonly accesses: readonly Access[];
  readonly offers: readonly Offer[];
  /** The transitions without which this one could not have begun, by their places. */
  readonly enabledBy: readonly number[];
}

const codeOf = (kind: OperationKind): number => operationKinds.indexOf(kind);
const returns = codeOf('Atomics.wait returns');
const notifies = codeOf('Atomics.notify');
const posts = codeOf('postMessage');
const receives = codeOf('message');
const starts = codeOf('new Worker');

interface Draft {
  agent: number;
  start: number;
  candidates: number;
  accesses: Access[];
  offers: Offer[];
  enabledBy: number[];
}

/** The last directed execution as transitions, in their order; undefined if it is longer than can be directed. */
export function transitionsOf(memory: KernelMemory): Transition[] | undefined {
  return new TransitionReader(memory).read();
}

class TransitionReader {
  readonly #memory: KernelMemory;
  readonly #drafts: Draft[] = [];
  readonly #lasting = new Set<number>();
  /** By place in memory: the agents that wait there, the first that joined first. */
  readonly #waiting = new Map<string, number[]>();
  /** By agent: the transition that woke it, or that started it. */
  readonly #wokenBy = new Map<number, number>();
  /** By port: the transitions that posted to it, of those messages that have not arrived. */
  readonly #posted = new Map<number, number[]>();

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  read(): Transition[] | undefined {
    const { words, trace } = this.#memory;
    findLastingWaits(this.#memory, this.#lasting);
    const operations = words[at.TRACE_POSITION]!;
    if (words[at.TRACE_LAPS]! > 0 || operations > at.maximumDirected) return undefined;
    for (let place = 0; place < operations; place++) {
      const entry = place * at.traceEntryWords;
      const agent = trace[entry + at.TRACE_AGENT]! & agentMask;
      const access = this.#accessAt(place);
      const draft = this.#draftAt(place, agent);
      if (access.acts !== 0) draft.accesses.push(access);
      this.#link(entry, agent);
    }
    this.#takeOffers();
    return this.#drafts;
  }

  #accessAt(place: number): Access {
    const { words } = this.#memory;
    const row = at.ACCESSES + place * at.accessWords;
    return { acts: words[row]!, resource: words[row + 1]!, offset: words[row + 2]!, size: words[row + 3]! };
  }

  /** A transition begins at every operation before which it was decided who goes on. */
  #draftAt(start: number, agent: number): Draft {
    const candidates = this.#memory.words[at.CANDIDATES + start]!;
    const last = this.#drafts.at(-1);
    if (candidates === 0 && last?.agent === agent) return last;
    const enabledBy = this.#drafts.some((draft) => draft.agent === agent) ? [] : this.#enabling(agent);
    const draft = { agent, start, candidates: candidates | (1 << agent), accesses: [], offers: [], enabledBy };
    this.#drafts.push(draft);
    return draft;
  }

  #enabling(agent: number): number[] {
    const by = this.#wokenBy.get(agent);
    this.#wokenBy.delete(agent);
    return by === undefined ? [] : [by];
  }

  /** Notes what this operation enables, or what has enabled it. */
  #link(entry: number, agent: number): void {
    const { trace, traceValues } = this.#memory;
    const kind = trace[entry + at.TRACE_OPERATION]! & kindMask;
    const resource = trace[entry + at.TRACE_RESOURCE]!;
    const place = `${resource} ${trace[entry + at.TRACE_OFFSET]!}`;
    const current = this.#drafts.length - 1;
    const draft = this.#drafts[current]!;
    if (this.#lasting.has(entry)) listAt(this.#waiting, place).push(agent);
    else if (kind === notifies) {
      const woken = traceValues[entry / 2 + at.traceValueNumber]!;
      for (const waiter of listAt(this.#waiting, place).splice(0, woken)) this.#wokenBy.set(waiter, current);
    } else if (kind === returns) {
      draft.enabledBy.push(...this.#enabling(agent));
      // One that was not woken is still among those that wait.
      const waiting = listAt(this.#waiting, place);
      if (waiting.includes(agent)) waiting.splice(waiting.indexOf(agent), 1);
    } else if (kind === posts) {
      for (const row of this.#receiversOf(resource)) listAt(this.#posted, row).push(current);
    } else if (kind === receives) {
      const by = listAt(this.#posted, resource).shift();
      if (by !== undefined && this.#drafts[by]!.agent !== agent) draft.enabledBy.push(by);
    } else if (kind === starts) {
      this.#wokenBy.set(resource, current);
    }
  }

  #receiversOf(port: number): number[] {
    const { words } = this.#memory;
    const row = at.PORTS + port * at.portWords;
    const channel = words[row + at.PORT_CHANNEL]!;
    if (channel === 0) return words[row + at.PORT_PEER] === at.noPeer ? [] : [words[row + at.PORT_PEER]!];
    const receivers: number[] = [];
    for (let other = 0; other < words[at.PORT_COUNT]!; other++)
      if (other !== port && words[at.PORTS + other * at.portWords + at.PORT_CHANNEL] === channel) receivers.push(other);
    return receivers;
  }

  #takeOffers(): void {
    const { words } = this.#memory;
    let place = 0;
    for (let index = 0; index < words[at.OFFERED_CHOICES]!; index++) {
      const row = at.OFFERS + index * at.offerWords;
      while (place + 1 < this.#drafts.length && this.#drafts[place + 1]!.start <= words[row]!) place++;
      this.#drafts[place]?.offers.push({ count: words[row + 1]!, chosen: words[row + 2]! });
    }
  }
}

function listAt<Key, Value>(lists: Map<Key, Value[]>, key: Key): Value[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: Value[] = [];
  lists.set(key, list);
  return list;
}
