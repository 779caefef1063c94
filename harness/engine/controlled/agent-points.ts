import { AnnouncedCall } from '../../instrument/announced-call.js';
import type { Points, View, WaitableView } from '../../instrument/points.js';
import type { Kernel } from '../../kernel/kernel.js';
import * as at from '../../kernel/layout.js';
import { agentStates, wakeResults, type KernelMemory } from '../../kernel/layout.js';
import { elementSizeShift, operationCodes } from '../../kernel/operations.js';
import { appendToTrace } from '../../kernel/trace.js';
import { BufferNumbers } from './buffer-numbers.js';
import type { CallPlaces } from './call-places.js';
import { LoopWatch } from './loop-watch.js';

/** What an agent's points need of its event loop, which settles waits that do not block. */
export interface AsyncWaits {
  /** Registers a promise that a notify or its timeout will settle. */
  expectSettlement(
    site: number,
    buffer: number,
    byteIndex: number,
  ): { readonly promise: Promise<'ok' | 'timed-out'>; readonly asyncId: number };
}

/** The scheduling points of one agent: the interface between instrumented code and the kernel. */
export class AgentPoints extends AnnouncedCall implements Points {
  live = false;
  readonly buffers: BufferNumbers;
  /** Ends loops without progress. */
  readonly watch: LoopWatch;
  /** Whether it examines operations. Also kept here, since every operation checks it. */
  #isWatched = false;
  readonly #kernel: Kernel;
  readonly #memory: KernelMemory;
  readonly #words: Int32Array;
  readonly #siteHashes: Int32Array;
  #agent: number;
  readonly #places: CallPlaces | undefined;
  #loop: AsyncWaits | undefined;
  #lastView: View | undefined;
  #lastBuffer = 0;
  #lastOffset = 0;
  #lastElement = 0;
  /* Spin detection: the operation to compare with, how often it recurred, and when it is replaced (Brent's cycle finding). */
  #anchorOperation = -1;
  #anchorSite = 0;
  #anchorResource = 0;
  #anchorOffset = 0;
  #anchorValue = 0;
  #anchorProgress = -1;
  #recurrences = 0;
  #sinceAnchor = 0;
  #anchorLife = 1;
  #lastSite = 0;
  #lastOperation = 0;

  /** @param places finds the place of calls that were not announced; without it, their place is unknown */
  constructor(kernel: Kernel, places?: CallPlaces) {
    super();
    this.#places = places;
    this.#kernel = kernel;
    this.#memory = kernel.memory;
    this.#words = kernel.words;
    this.#siteHashes = kernel.memory.siteHashes;
    this.#agent = kernel.agent;
    this.buffers = new BufferNumbers(kernel);
    this.watch = new LoopWatch(kernel, this.buffers, (isOpen) => {
      this.#isWatched = isOpen;
    });
  }

  attach(loop: AsyncWaits): void {
    this.#loop = loop;
  }

  /** Forgets the last execution. */
  reset(): void {
    this.forgetCall();
    this.#agent = this.#kernel.agent;
    this.buffers.reset();
    this.watch.reset();
    this.#lastView = undefined;
    this.#anchorOperation = -1;
    this.#anchorProgress = -1;
    this.#recurrences = 0;
    this.#sinceAnchor = 0;
    this.#anchorLife = 1;
    this.#lastSite = 0;
    this.#lastOperation = 0;
  }

  protected override findPlace(): number {
    return this.live ? (this.#places?.find() ?? 0) : 0;
  }

  point(site: number): void {
    if (!this.live) return;
    this.#lastSite = site;
    if (this.#words[at.STEP]! >= this.#words[at.NEXT_STOP]!) {
      this.#atStop();
    }
  }

  #atStop(): void {
    // The watchdog may ask at any time: the execution continues as if it had not.
    for (;;) {
      const stop = this.#words[at.NEXT_STOP]!;
      if (stop === at.stopToMeasure) this.#kernel.measure();
      else if (this.#words[at.STEP]! >= stop) break;
      else return;
    }
    if (this.#kernel.walksOn(this.#lastSite)) return;
    if (this.#words[at.SPIN_REQUEST] === 1) this.watch.looked();
    this.publishPosition();
    this.#kernel.stop();
  }

  /** Shows the others where this agent is, before it gives the turn away. */
  publishPosition(): void {
    // While nothing is watched, any value will do.
    if (!this.#isWatched) this.#kernel.noteNews();
    this.#kernel.write(this.#agent, at.AGENT_LAST_SITE, this.#lastSite);
    this.#kernel.write(this.#agent, at.AGENT_LAST_OPERATION, this.#lastOperation);
  }

  record(
    operation: number,
    site: number,
    view: View,
    byteOffset: number,
    value: number | bigint,
    changed: boolean,
  ): void {
    if (view !== this.#lastView) {
      this.#lastBuffer = this.buffers.of(view.buffer);
      this.#lastOffset = view.byteOffset;
      if ('BYTES_PER_ELEMENT' in view) this.#lastElement = view.BYTES_PER_ELEMENT << elementSizeShift;
      else {
        this.#lastElement = 1 << elementSizeShift;
        this.#words[at.DATA_VIEWS] = 1;
      }
      this.#lastView = view;
    }
    this.note(
      operation | this.#lastElement,
      site,
      this.#lastBuffer,
      this.#lastOffset + byteOffset,
      Number(value),
      changed,
    );
  }

  /** Records any visible operation just performed; `changed` if another agent could have been waiting for it. */
  note(operation: number, site: number, resource: number, offset: number, value: number, changed: boolean): void {
    if (!this.live) return;
    const words = this.#words;
    appendToTrace(this.#memory, this.#siteHashes, this.#agent, operation, site, resource, offset, value);
    words[at.STEP] = words[at.STEP]! + 1;
    if (words[at.DIRECTED] === 1) this.#kernel.performed(operation, resource, offset);
    this.#lastOperation = operation;
    if (this.#isWatched) this.watch.operation(operation, site, resource, offset, value, changed);
    if (changed) this.#kernel.noteProgress();
    else this.#watchForSpinning(operation, site, resource, offset, value);
  }

  /** Records something the program reports about itself: it shares the step of the next operation, and is not a switching point. */
  remark(operation: number, site: number, resource: number, offset: number, value: number): void {
    appendToTrace(this.#memory, this.#siteHashes, this.#agent, operation, site, resource, offset, value);
    if (this.#words[at.DIRECTED] === 1) this.#kernel.performed(operation, resource, offset);
    this.#kernel.noteProgress();
    this.#kernel.noteNews();
  }

  #watchForSpinning(operation: number, site: number, resource: number, offset: number, value: number): void {
    const progress = this.#words[at.PROGRESS]!;
    if (progress !== this.#anchorProgress) {
      this.#anchorProgress = progress;
      this.#recurrences = 0;
      this.#sinceAnchor = 0;
      this.#anchorLife = 1;
      this.#setAnchor(operation, site, resource, offset, value);
      return;
    }
    if (
      operation === this.#anchorOperation &&
      site === this.#anchorSite &&
      resource === this.#anchorResource &&
      offset === this.#anchorOffset &&
      Object.is(value, this.#anchorValue)
    ) {
      this.#sinceAnchor = 0;
      this.#kernel.noteRecurrence();
      if (++this.#recurrences >= this.#words[at.PATIENCE]!) {
        this.#recurrences = 0;
        this.#kernel.requestYield();
      }
    } else if (++this.#sinceAnchor > this.#anchorLife) {
      this.#anchorLife *= 2;
      this.#sinceAnchor = 0;
      this.#recurrences = 0;
      this.#setAnchor(operation, site, resource, offset, value);
    }
  }

  #setAnchor(operation: number, site: number, resource: number, offset: number, value: number): void {
    this.#anchorOperation = operation;
    this.#anchorSite = site;
    this.#anchorResource = resource;
    this.#anchorOffset = offset;
    this.#anchorValue = value;
  }

  #locate(view: WaitableView, index: number): [buffer: number, byteIndex: number] {
    return [this.buffers.of(view.buffer), view.byteOffset + index * view.BYTES_PER_ELEMENT];
  }

  /** The value comparison and the blocking of Atomics.wait (ECMAScript sec-dowait), one step each. */
  wait(
    site: number,
    view: WaitableView,
    index: number,
    value: number | bigint,
    timeoutMs: number,
  ): 'ok' | 'not-equal' | 'timed-out' {
    this.point(site);
    const kernel = this.#kernel;
    const [buffer, byteIndex] = this.#locate(view, index);
    const element = view.BYTES_PER_ELEMENT << elementSizeShift;
    const found = view[index]!;
    this.#words[at.WAIT_IS_TIMED] = timeoutMs === Infinity ? 0 : 1;
    this.note(operationCodes['Atomics.wait'] | element, site, buffer, byteIndex, Number(found), false);
    if (found !== value) return 'not-equal';
    kernel.waiters.add(kernel.agent, buffer, byteIndex, 0, Infinity);
    kernel.write(kernel.agent, at.AGENT_STATE, agentStates.waiting);
    kernel.numbers[at.WAIT_DEADLINES + kernel.agent] = kernel.nowMs + timeoutMs;
    this.publishPosition();
    kernel.block();
    const result = kernel.read(kernel.agent, at.AGENT_WAKE_RESULT);
    this.#words[at.WAIT_IS_TIMED] = timeoutMs === Infinity ? 0 : 1;
    this.note(operationCodes['Atomics.wait returns'] | element, site, buffer, byteIndex, result, true);
    this.watch.waited();
    kernel.throwIfEnded();
    return result === wakeResults.ok ? 'ok' : 'timed-out';
  }

  waitAsync(
    site: number,
    view: WaitableView,
    index: number,
    value: number | bigint,
    timeoutMs: number,
  ): { async: false; value: 'not-equal' | 'timed-out' } | { async: true; value: Promise<'ok' | 'timed-out'> } {
    this.point(site);
    const kernel = this.#kernel;
    const [buffer, byteIndex] = this.#locate(view, index);
    const element = view.BYTES_PER_ELEMENT << elementSizeShift;
    const found = view[index]!;
    this.#words[at.WAIT_IS_TIMED] = timeoutMs === Infinity ? 0 : 1;
    this.note(operationCodes['Atomics.waitAsync'] | element, site, buffer, byteIndex, Number(found), false);
    if (found !== value) return { async: false, value: 'not-equal' };
    if (timeoutMs === 0) return { async: false, value: 'timed-out' };
    this.#words[at.WAITS_ASYNC] = 1;
    const { promise, asyncId } = this.#requireLoop().expectSettlement(site, buffer, byteIndex);
    kernel.waiters.add(kernel.agent, buffer, byteIndex, asyncId, kernel.nowMs + timeoutMs);
    return { async: true, value: promise };
  }

  notify(site: number, view: WaitableView, index: number, count: number): number {
    this.point(site);
    const kernel = this.#kernel;
    const [buffer, byteIndex] = this.#locate(view, index);
    const element = view.BYTES_PER_ELEMENT << elementSizeShift;
    const woken = kernel.waiters.take(buffer, byteIndex, count);
    for (const waiter of woken) {
      if (waiter.asyncId === 0) {
        kernel.wake(waiter.agent, wakeResults.ok);
      } else {
        kernel.waiters.addSettled(waiter.agent, waiter.asyncId);
        kernel.write(waiter.agent, at.AGENT_READY_TASKS, kernel.read(waiter.agent, at.AGENT_READY_TASKS) + 1);
      }
    }
    this.note(operationCodes['Atomics.notify'] | element, site, buffer, byteIndex, woken.length, woken.length > 0);
    return woken.length;
  }

  #requireLoop(): AsyncWaits {
    if (this.#loop === undefined) throw new Error('an agent has no event loop');
    return this.#loop;
  }
}
