import type { Kernel } from '../../kernel/kernel.js';
import * as at from '../../kernel/layout.js';
import { operationCodes } from '../../kernel/operations.js';
import type { BufferNumbers } from './buffer-numbers.js';
import { contentHash } from './content-hash.js';
import { noRounds, roundsSince, type Rounds } from './rounds.js';

/** How often an agent must wait before it is watched: most executions end sooner, and cost nothing. */
const unwatchedWaits = 256;

/** The length of the longest loop that is recognised: different operations, and states of the memory they change. */
const knownMaximum = 1_024;
const tableSize = 2 * knownMaximum;

/** Tasks of an agent between two checks of the whole execution. */
const tasksPerLook = 16;

/** These resources are numbered as they are made: for a loop, a timer that is set again is the same timer. */
const numbered: ReadonlySet<number> = new Set([
  operationCodes['set timer'],
  operationCodes.timer,
  operationCodes['clear timer'],
  operationCodes['set immediate'],
  operationCodes.immediate,
]);
/** How often an agent must wait without anything new before time is made to pass faster. */
const patientWaits = 1_000;

const operationMask = 0xff;

const scratch = new Float64Array(1);
const halves = new Int32Array(scratch.buffer);

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/**
 * Watches one agent for loops without progress: loops that wait repeatedly, and between two waits only do what was done before,
 * at the same place, with the same result, and leave shared memory as they left it before. Anything else is news for all
 * agents. Variables of the program cannot be observed, so a loop must repeat many times before it counts as one that never
 * ends.
 */
export class LoopWatch {
  /** Whether operations are examined; the code that performs them is notified when this changes. */
  #isOpen = false;
  readonly #onOpen: (isOpen: boolean) => void;
  /** Of the running task. */
  current: Rounds = noRounds;
  readonly #kernel: Kernel;
  readonly #words: Int32Array;
  readonly #buffers: BufferNumbers;
  /** All waits, including re-reads in vain. */
  #waits = 0;
  #watchedTasks = 0;
  /** Those of the running task that did not let other tasks continue. */
  #waitsInTask: Rounds = noRounds;
  /** Since this agent did something new. */
  #fruitlessWaits = 0;
  #opensAtWaits = unwatchedWaits;
  /** Hashes of what is known, with open addressing; 0 is a free place. */
  #known: Int32Array | undefined;
  #knownCount = 0;
  /** By location: the hash of the last operation that changed it. */
  readonly #changes = new Map<number, number>();
  #memoryHash = 0;
  #memoryChanged = false;
  #content = 0;

  /** @param onOpen called when operations start, or stop, being examined */
  constructor(kernel: Kernel, buffers: BufferNumbers, onOpen: (isOpen: boolean) => void) {
    this.#onOpen = onOpen;
    this.#kernel = kernel;
    this.#words = kernel.words;
    this.#buffers = buffers;
  }

  /** Forgets the last execution. */
  reset(): void {
    this.#open(false);
    this.current = noRounds;
    this.#waits = 0;
    this.#watchedTasks = 0;
    this.#waitsInTask = noRounds;
    this.#fruitlessWaits = 0;
    this.#opensAtWaits = unwatchedWaits;
    this.#forget();
  }

  #open(isOpen: boolean): void {
    if (this.#isOpen === isOpen) return;
    this.#isOpen = isOpen;
    this.#onOpen(isOpen);
  }

  #forget(): void {
    if (this.#knownCount > 0) this.#known?.fill(0);
    this.#knownCount = 0;
    if (this.#changes.size > 0) this.#changes.clear();
    this.#memoryHash = 0;
    this.#memoryChanged = false;
    this.#content = 0;
  }

  /** Examines an operation just performed; `changed` if others could see a difference. Only call this while open. */
  operation(operation: number, site: number, resource: number, offset: number, value: number, changed: boolean): void {
    scratch[0] = value;
    let hash = mix(operation + 1, site);
    hash = mix(hash, numbered.has(operation & operationMask) ? 0 : resource);
    hash = mix(hash, offset);
    hash = mix(mix(hash, halves[0]!), halves[1]!);
    hash = mix(hash, this.#content);
    this.#content = 0;
    // Clocks never repeat a value, so remembering it is useless.
    if (operation === operationCodes.clock) return;
    this.#learn(hash);
    if (changed && operation > operationMask) this.#noteChange(mix(resource, offset), hash);
  }

  #noteChange(location: number, hash: number): void {
    this.#memoryHash ^= mix(location, this.#changes.get(location) ?? 0) ^ mix(location, hash);
    this.#memoryChanged = true;
    this.#changes.set(location, hash);
    if (this.#changes.size > knownMaximum) this.#close();
  }

  #learn(hash: number): void {
    const key = hash === 0 ? 1 : hash;
    const known = (this.#known ??= new Int32Array(tableSize));
    let place = (key >>> 0) % tableSize;
    for (; known[place] !== 0; place = (place + 1) % tableSize) if (known[place] === key) return;
    known[place] = key;
    this.#fruitlessWaits = 0;
    this.#kernel.noteNews();
    if (++this.#knownCount > knownMaximum) this.#close();
  }

  /** Too much to remember cannot be a short loop; what follows may be one. */
  #close(): void {
    this.#open(false);
    this.#opensAtWaits = this.#waits + unwatchedWaits;
    this.#forget();
    this.#kernel.noteNews();
  }

  /** The contents of a message are part of its receipt, which is the next operation. */
  content(value: unknown): void {
    if (!this.#isOpen) return;
    const hash = contentHash(value, this.#buffers);
    if (hash === undefined) this.#kernel.noteNews();
    else this.#content = hash;
  }

  /** Notes that the running task posted to a port. */
  posted(port: number): void {
    if (!this.#isOpen) return;
    const row = at.PORTS + port * at.portWords;
    this.#words[row + at.PORT_ROUNDS] = this.current.count;
    this.#words[row + at.PORT_ROUNDS_NEWS] = this.current.news;
  }

  /** How often the tasks that led to the last message posted to a port had looped. */
  postedTo(port: number): Rounds {
    if (!this.#isOpen) return noRounds;
    const row = at.PORTS + port * at.portWords;
    return { count: this.#words[row + at.PORT_ROUNDS]!, news: this.#words[row + at.PORT_ROUNDS_NEWS]! };
  }

  /**
   * Notes that a task begins. Ends the execution if this reaches the limit.
   *
   * @param before how often the chain of tasks that led to it had looped
   * @param leastRounds the same for the least busy of all other chains that will continue in this agent
   */
  task(before: Rounds, leastRounds: (news: number) => number): void {
    this.#words[at.WAIT_STEP] = this.#words[at.STEP]!;
    this.#waitsInTask = noRounds;
    if (!this.#begin(before)) return;
    this.#countWait();
    // Rarely, since an agent may have many tasks to search.
    if (++this.#watchedTasks % tasksPerLook !== 0 || !this.#couldMatter) return;
    this.#publish(Math.min(this.current.count, leastRounds(this.current.news)));
    this.#kernel.endIfNobodyGetsOn();
  }

  /** Notes that the running task has waited and continues. Ends the execution if this reaches the limit. */
  waited(): void {
    this.#words[at.WAIT_STEP] = this.#words[at.STEP]!;
    if (!this.#begin(this.current)) return;
    this.#countWait();
    const { news } = this.current;
    this.#waitsInTask = { news, count: roundsSince(this.#waitsInTask, news) + 1 };
    // For a task that loops within itself, and only for such a task, other tasks do not matter.
    if (!this.#couldMatter || !this.#kernel.isManyRounds(this.#waitsInTask.count)) return;
    this.#publish(this.#waitsInTask.count);
    this.#kernel.endIfNobodyGetsOn();
  }

  /** Notes that the running task only re-reads unchanged values, and lets the others go first. */
  looked(): void {
    if (!this.#begin(this.current)) return;
    this.#kernel.write(this.#kernel.agent, at.AGENT_LOOKED_NEWS, this.current.news);
    if (this.#couldMatter) this.#publish(this.current.count);
  }

  /** Returns whether what follows is watched. */
  #begin(before: Rounds): boolean {
    this.#waits++;
    if (!this.#isOpen) {
      if (this.#waits >= this.#opensAtWaits) this.#open(true);
      return false;
    }
    if (this.#memoryChanged) {
      this.#memoryChanged = false;
      this.#learn(mix(this.#memoryHash, 1));
    }
    const news = this.#words[at.NEWS]!;
    this.current = { news, count: roundsSince(before, news) + 1 };
    return true;
  }

  #countWait(): void {
    this.#words[at.WAITS] = this.#words[at.WAITS]! + 1;
    this.#kernel.write(this.#kernel.agent, at.AGENT_LOOKED_NEWS, 0);
    if (++this.#fruitlessWaits > patientWaits) this.#kernel.hurryTime();
  }

  get #couldMatter(): boolean {
    return this.#words[at.WAITS]! * 2 >= this.#words[at.WAITS_WITHOUT_PROGRESS_LIMIT]!;
  }

  #publish(rounds: number): void {
    this.#kernel.write(this.#kernel.agent, at.AGENT_ROUNDS, rounds);
    this.#kernel.write(this.#kernel.agent, at.AGENT_ROUNDS_NEWS, this.current.news);
  }
}
