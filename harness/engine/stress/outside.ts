import { agentWord, LOOP_TURNED, OUTSIDE } from './layout.js';
import type { PendingCalls } from './pending-calls.js';

const reportEveryMs = 50;

/**
 * Active resources of Node that are not connected to the outside: timers are counted separately, ports lead to other agents and
 * to threads that are counted, and the rest ends by itself immediately.
 */
const inside: ReadonlySet<string> = new Set(['Timeout', 'Immediate', 'MessagePort', 'CloseReq', 'TickObject']);

function countActive(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const resource of process.getActiveResourcesInfo()) {
    if (!inside.has(resource)) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  }
  return counts;
}

/**
 * Repeatedly reports how many files, sockets, child processes and the like one agent waits for: each of them may make it
 * continue, although no thread of this process runs. The reports also show that its event loop runs.
 */
export class Outside {
  readonly #words: Int32Array;
  readonly #agent: number;
  readonly #pendingCalls: PendingCalls;
  /** What the harness itself holds. */
  readonly #before = countActive();
  readonly #reporter: NodeJS.Timeout;

  /** @param pendingCalls calls that may or may not be among the active resources */
  constructor(words: Int32Array, agent: number, pendingCalls: PendingCalls) {
    this.#pendingCalls = pendingCalls;
    this.#words = words;
    this.#agent = agent;
    this.#reporter = setInterval(() => {
      this.#report();
    }, reportEveryMs);
    this.#reporter.unref();
  }

  stop(): void {
    clearInterval(this.#reporter);
  }

  #report(): void {
    const turned = agentWord(this.#agent, LOOP_TURNED);
    let outside = 0;
    for (const [resource, count] of countActive()) outside += Math.max(0, count - (this.#before.get(resource) ?? 0));
    this.#words[agentWord(this.#agent, OUTSIDE)] = Math.max(outside, this.#pendingCalls.count);
    this.#words[turned] = this.#words[turned]! + 1;
  }
}
