import { threadId } from 'node:worker_threads';
import { requireSize } from '../primitives/limit-errors.js';

/** The size of a diagnosis. */
export interface BoundaryDiagnosisOptions {
  /** The maximum number of handles, one for each agent: 1 to 1,024. Default 16. */
  readonly agents?: number | undefined;
  /** How many kinds of access each of them records, that is, sites times sets of locks: 1 to 4,096. Default 64. */
  readonly kinds?: number | undefined;
}

/** What all agents of a diagnosis share: plain data that `postMessage` and `workerData` carry. */
export interface BoundaryDiagnosisState {
  readonly agents: number;
  readonly kinds: number;
  /** The agent whose event loop is meant by "on the loop". */
  readonly loopThread: number;
  /** The number of handles. Then for each: its number of kinds, of accesses that found no room, and a count for each kind. */
  readonly words: Int32Array<SharedArrayBuffer>;
  /** For each handle its agent's name, and then each kind of access, as JSON that ends with a zero. */
  readonly texts: Uint8Array<SharedArrayBuffer>;
}

/** Whether something was changed or only read. */
export type Access = 'write' | 'read';

/** What accesses that are counted together have in common. */
export interface AccessKind {
  readonly subject: string;
  readonly site: string;
  readonly place: string;
  readonly access: Access;
  readonly locks: readonly string[];
}

/** What one agent has recorded about one kind of access. */
export interface RecordedAccesses extends AccessKind {
  readonly agent: string;
  readonly onLoop: boolean;
  readonly count: number;
}

const handlesWord = 0;
const firstHandle = 1;
const kindsOffset = 0;
const unrecordedOffset = 1;
const countsOffset = 2;

/** Bytes for the names of one kind of access. */
const textBytes = 1_024;

/**
 * Makes what all agents of a diagnosis share. Call it once, on the agent whose event loop the coroutines use.
 *
 * @throws RangeError if a size is out of its range
 *
 * @example
 * const state = createBoundaryDiagnosis({ agents: 4 });
 * assert.deepEqual(new BoundaryDiagnosis(state).table(), []);
 */
export function createBoundaryDiagnosis(options: BoundaryDiagnosisOptions = {}): BoundaryDiagnosisState {
  const agents = requireSize('agents', options.agents ?? 16, 1, 1_024);
  const kinds = requireSize('kinds', options.kinds ?? 64, 1, 4_096);
  const words = firstHandle + agents * (countsOffset + kinds);
  return {
    agents,
    kinds,
    loopThread: threadId,
    words: new Int32Array(new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT)),
    texts: new Uint8Array(new SharedArrayBuffer(agents * (kinds + 1) * textBytes)),
  };
}

/** Where one agent records. No other agent writes there, so there is nothing to wait for. */
export class AccessRecorder {
  readonly #state: BoundaryDiagnosisState;
  readonly #handle: number;
  readonly #first: number;
  readonly #kinds = new Map<string, number>();

  /** @throws RangeError if there are as many handles as the diagnosis was made for */
  constructor(state: BoundaryDiagnosisState, agent: string) {
    this.#state = state;
    this.#handle = Atomics.add(state.words, handlesWord, 1);
    if (this.#handle >= state.agents) {
      throw new RangeError(`The diagnosis has room for ${state.agents} handles, and all are taken: raise agents.`);
    }
    this.#first = handleAt(state, this.#handle);
    writeText(state, this.#handle, 0, [agent, threadId === state.loopThread]);
  }

  record(kind: AccessKind): void {
    const text = [kind.subject, kind.site, kind.place, kind.access, ...kind.locks];
    const name = JSON.stringify(text);
    let index = this.#kinds.get(name);
    if (index === undefined) {
      index = this.#kinds.size;
      const fits = index < this.#state.kinds && writeText(this.#state, this.#handle, index + 1, text);
      if (!fits) {
        this.#increment(unrecordedOffset);
        return;
      }
      this.#kinds.set(name, index);
      Atomics.store(this.#state.words, this.#first + kindsOffset, index + 1);
    }
    this.#increment(countsOffset + index);
  }

  #increment(offset: number): void {
    const { words } = this.#state;
    const at = this.#first + offset;
    // No other agent writes here. Unlike an assignment this is not a scheduling point, so counting the accesses of a scenario does
    // not change the orders they come in.
    Reflect.set(words, at, Reflect.get(words, at) + 1);
  }
}

/** What all agents have recorded so far. */
export function recordedAccesses(state: BoundaryDiagnosisState): RecordedAccesses[] {
  const recorded: RecordedAccesses[] = [];
  for (let handle = 0; handle < handlesOf(state); handle++) {
    const first = handleAt(state, handle);
    const kinds = Atomics.load(state.words, first + kindsOffset);
    if (kinds === 0) continue;
    const [agent, onLoop] = readText(state, handle, 0) as [string, boolean];
    for (let index = 0; index < kinds; index++) {
      const text = readText(state, handle, index + 1) as [string, string, string, Access, ...string[]];
      const [subject, site, place, access, ...locks] = text;
      const count = Atomics.load(state.words, first + countsOffset + index);
      recorded.push({ agent, onLoop, subject, site, place, access, locks, count });
    }
  }
  return recorded;
}

/** How many accesses found no room. */
export function unrecordedAccesses(state: BoundaryDiagnosisState): number {
  let count = 0;
  for (let handle = 0; handle < handlesOf(state); handle++) {
    count += Atomics.load(state.words, handleAt(state, handle) + unrecordedOffset);
  }
  return count;
}

function handlesOf(state: BoundaryDiagnosisState): number {
  return Math.min(Atomics.load(state.words, handlesWord), state.agents);
}

function handleAt(state: BoundaryDiagnosisState, handle: number): number {
  return firstHandle + handle * (countsOffset + state.kinds);
}

function textAt(state: BoundaryDiagnosisState, handle: number, index: number): Uint8Array {
  const at = (handle * (state.kinds + 1) + index) * textBytes;
  return state.texts.subarray(at, at + textBytes);
}

/** Returns whether it fits, followed by a zero. */
function writeText(state: BoundaryDiagnosisState, handle: number, index: number, value: unknown): boolean {
  const text = JSON.stringify(value);
  const { read } = new TextEncoder().encodeInto(text, textAt(state, handle, index).subarray(0, textBytes - 1));
  return read === text.length;
}

function readText(state: BoundaryDiagnosisState, handle: number, index: number): unknown {
  const bytes = textAt(state, handle, index);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return JSON.parse(text.slice(0, text.indexOf('\0'))) as unknown;
}
