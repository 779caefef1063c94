import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgentPoints } from '../engine/controlled/agent-points.js';
import { EventLoop } from '../engine/controlled/event-loop.js';
import { ExecutionEnded } from './execution-ended.js';
import type { Kernel } from './kernel.js';
import * as at from './layout.js';
import { agentStates, endReasons, wakeResults } from './layout.js';
import { operationCodes } from './operations.js';
import { memory, Parked, plainSchedule, PlayedTurnstile, wideLimits, type MakeKernel } from './testing/agents.js';
import { broken, correct } from './testing/broken-kernels.js';
import { lastTraceEntries } from './trace.js';

/*
 * Agents that wait, notify and idle at random, played by one thread: the agent with the turn does the next thing, and where a
 * thread would park, the next agent continues. A model in plain JavaScript says what the result must be.
 */

const addresses = 3;
const timeouts = fc.constantFrom(1, 2, 5, 10, Infinity, Infinity);
const operation = fc.oneof(
  fc.record({
    kind: fc.constant('wait' as const),
    address: fc.nat({ max: addresses - 1 }),
    timeoutMs: timeouts,
    equal: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('waitAsync' as const), address: fc.nat({ max: addresses - 1 }), timeoutMs: timeouts }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('notify' as const),
      address: fc.nat({ max: addresses - 1 }),
      count: fc.constantFrom(0, 1, 1, 2, Infinity),
    }),
  },
  fc.record({ kind: fc.constant('idle' as const) }),
);

const game = fc.record({
  agents: fc.integer({ min: 2, max: 5 }),
  operations: fc.array(operation, { maxLength: 50, size: 'max' }),
  preemptions: fc
    .array(fc.record({ step: fc.nat({ max: 40 }), to: fc.nat({ max: 3 }) }), { maxLength: 4 })
    .map((drawn) => drawn.sort((first, second) => first.step - second.step)),
  choices: fc.array(fc.nat({ max: 5 }), { maxLength: 20 }),
  order: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
});
type Game = typeof game extends fc.Arbitrary<infer Drawn> ? Drawn : never;
type Operation = Game['operations'][number];

interface ModelWaiter {
  readonly agent: number;
  readonly address: number;
  readonly deadlineMs: number;
  /** 0 for the agent itself. */
  readonly asyncSite: number;
}

type Doing = 'running' | 'waiting' | 'idle';

class Player {
  readonly kernel: Kernel;
  readonly points: AgentPoints;
  readonly loop: EventLoop;

  constructor(make: MakeKernel, agent: number) {
    this.kernel = make(agent, new PlayedTurnstile());
    this.points = new AgentPoints(this.kernel);
    this.loop = new EventLoop(this.kernel, this.points, () => undefined);
    this.points.attach(this.loop);
    this.points.live = true;
  }
}

class Match {
  readonly players: readonly Player[];
  readonly view = new Int32Array(new SharedArrayBuffer(addresses * 4));
  waiters: ModelWaiter[] = [];
  readonly doing: Doing[];
  /** Agents in Atomics.wait that were notified and have not had the turn since. */
  readonly notified = new Set<number>();
  /** Promises of waitAsync that were notified but are not settled, by site, with their agents. */
  readonly notifiedPromises = new Map<number, number>();
  /** How promises were settled, by site: according to the model, and as seen by their agents. */
  readonly expected = new Map<number, string>();
  readonly heard = new Map<number, string>();
  #latestMs = 0;
  #sites = 0;
  #tracePosition = 0;
  over = false;

  constructor(make: MakeKernel, drawn: Game) {
    this.players = Array.from({ length: drawn.agents }, (_, agent) => new Player(make, agent));
    this.doing = this.players.map(() => 'running');
    const { kernel } = this.players[0]!;
    const { order, preemptions, choices } = drawn;
    kernel.begin({ ...plainSchedule, order, preemptions, choices }, drawn.agents, wideLimits);
    for (const player of this.players) {
      player.kernel.joinExecution();
      player.points.buffers.set(this.view.buffer, 1);
    }
    kernel.words[at.UNSETTLED] = 1;
    PlayedTurnstile.turn = kernel.firstAgent;
  }

  /** Does one thing as the agent that has the turn. The kernel decides where the turn goes, and the model judges it. */
  play(operation: Operation): void {
    const agent = PlayedTurnstile.turn;
    const player = this.players[agent]!;
    this.#takeTurn(agent);
    try {
      if (this.doing[agent] === 'idle' || operation.kind === 'idle') {
        this.doing[agent] = 'idle';
        player.kernel.write(agent, at.AGENT_STATE, agentStates.runnable);
        player.loop.run();
        this.over = true;
      } else if (operation.kind === 'wait') this.#wait(agent, operation);
      else if (operation.kind === 'waitAsync') this.#waitAsync(agent, operation);
      else this.#notify(agent, operation);
    } catch (error) {
      if (error instanceof ExecutionEnded) this.over = true;
      else if (!(error instanceof Parked)) throw error;
    }
    this.#noteSettled(agent);
    expect(player.kernel.nowMs).toBeGreaterThanOrEqual(this.#latestMs);
    this.#latestMs = player.kernel.nowMs;
    if (!this.over) return;
    expect(player.kernel.words[at.END_REASON]).toBe(endReasons.deadlock);
    const canGoOn = this.players.map((_, other) => other).filter((other) => this.#canGoOn(other));
    expect(canGoOn).toEqual([]);
  }

  /** The agent was given the turn: checks that it was able to take it, and knows why. */
  #takeTurn(agent: number): void {
    const { kernel } = this.players[agent]!;
    expect(this.#canGoOn(agent)).toBe(true);
    if (this.doing[agent] !== 'waiting') return;
    this.doing[agent] = 'running';
    expect(kernel.read(agent, at.AGENT_STATE)).toBe(agentStates.runnable);
    const wasNotified = this.notified.delete(agent);
    expect(kernel.read(agent, at.AGENT_WAKE_RESULT)).toBe(wasNotified ? wakeResults.ok : wakeResults.timedOut);
    if (!wasNotified) this.#timeOut(agent, 0);
  }

  #canGoOn(agent: number): boolean {
    if (this.doing[agent] === 'running' || this.notified.has(agent)) return true;
    const idle = this.doing[agent] === 'idle';
    if (idle && [...this.notifiedPromises.values()].includes(agent)) return true;
    return this.waiters.some(
      (waiter) => waiter.agent === agent && waiter.asyncSite > 0 === idle && waiter.deadlineMs < Infinity,
    );
  }

  #timeOut(agent: number, asyncSite: number): void {
    const waiter = this.waiters.find((other) => other.agent === agent && other.asyncSite === asyncSite);
    expect(waiter).toBeDefined();
    expect(this.players[agent]!.kernel.nowMs).toBeGreaterThanOrEqual(waiter!.deadlineMs);
    this.waiters = this.waiters.filter((other) => other !== waiter);
  }

  #wait(agent: number, { address, timeoutMs, equal }: Extract<Operation, { kind: 'wait' }>): void {
    const { points, kernel } = this.players[agent]!;
    const deadlineMs = kernel.nowMs + timeoutMs;
    let result: string | undefined;
    try {
      result = points.wait(0, this.view, address, equal ? 0 : 1, timeoutMs);
    } finally {
      // A preemption comes before the operation, which is then not performed; the agent will do something else.
      if (equal && this.#operationsSince().includes(operationCodes['Atomics.wait'])) {
        this.waiters.push({ agent, address, deadlineMs, asyncSite: 0 });
        this.doing[agent] = 'waiting';
      }
    }
    // It came back without a turn of another agent in between.
    expect(result).toBe(equal ? 'timed-out' : 'not-equal');
    if (!equal) return;
    this.doing[agent] = 'running';
    this.#timeOut(agent, 0);
  }

  #operationsSince(): number[] {
    const fresh = lastTraceEntries(memory, memory.words[at.TRACE_POSITION]! - this.#tracePosition);
    return fresh.map(({ operation }) => operation & 0xff);
  }

  #waitAsync(agent: number, { address, timeoutMs }: Extract<Operation, { kind: 'waitAsync' }>): void {
    const { points, kernel } = this.players[agent]!;
    const site = ++this.#sites;
    const deadlineMs = kernel.nowMs + timeoutMs;
    const result = points.waitAsync(site, this.view, address, 0, timeoutMs);
    if (!result.async) throw new Error('the value is the same and the time-out is not 0');
    this.waiters.push({ agent, address, deadlineMs, asyncSite: site });
    void result.value.then((heard) => this.heard.set(site, heard));
  }

  #notify(agent: number, { address, count }: Extract<Operation, { kind: 'notify' }>): void {
    const woken = this.players[agent]!.points.notify(0, this.view, address, count);
    const expected = this.waiters.filter((waiter) => waiter.address === address).slice(0, count);
    expect(woken).toBe(expected.length);
    this.waiters = this.waiters.filter((waiter) => !expected.includes(waiter));
    for (const waiter of expected) {
      if (waiter.asyncSite === 0) this.notified.add(waiter.agent);
      else this.notifiedPromises.set(waiter.asyncSite, waiter.agent);
    }
  }

  /** What the agent's loop settled while it had the turn. */
  #noteSettled(agent: number): void {
    const position = memory.words[at.TRACE_POSITION]!;
    for (const { operation, site } of lastTraceEntries(memory, position - this.#tracePosition)) {
      if (operation !== operationCodes['Atomics.waitAsync settles']) continue;
      const wasNotified = this.notifiedPromises.delete(site);
      if (!wasNotified) this.#timeOut(agent, site);
      this.expected.set(site, wasNotified ? 'ok' : 'timed-out');
    }
    this.#tracePosition = position;
  }
}

/** Every notify reaches exactly the right waiters, all of them notice it, and all others wake only by timeout. */
const noLostNotify = (make: MakeKernel) =>
  fc.asyncProperty(game, async (drawn) => {
    const match = new Match(make, drawn);
    for (const operation of drawn.operations) if (!match.over) match.play(operation);
    // A notified agent notices it when all others just idle.
    for (let rounds = 0; !match.over && rounds < 400; rounds++) match.play({ kind: 'idle' });
    expect(match.over).toBe(true);
    // An agent that sleeps forever does not notice its promises, as in a real thread.
    const unheard = [...match.notifiedPromises.values()].filter((agent) => match.doing[agent] !== 'waiting');
    expect([...match.notified, ...unheard]).toEqual([]);
    await Promise.resolve();
    expect(match.heard).toEqual(match.expected);
  });

describe('no notify is lost', () => {
  it('in the kernel as it is', async () => {
    await fc.assert(noLostNotify(correct), { numRuns: 500 });
  });

  it.each(Object.entries(broken))('where %s, the law notices', async (_, make) => {
    const { failed } = await fc.check(noLostNotify(make), { numRuns: 500, endOnFailure: true });
    expect(failed).toBe(true);
  });
});
