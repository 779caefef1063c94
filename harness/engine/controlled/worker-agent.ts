import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { HarnessError } from '../../errors.js';
import * as at from '../../kernel/layout.js';
import { agentStates, turnReasons } from '../../kernel/layout.js';
import { presentAsProgram } from '../command-line.js';
import { Environment } from '../environment.js';
import { Agent } from './agent.js';
import { learnBuffers } from './envelope.js';
import { KnownCode } from './known-code.js';
import { connectOutput } from './program-output.js';
import { Services } from './services.js';
import type { ServiceNotice } from './services-protocol.js';
import type { WorkerInput } from './shadows/workers.js';
import { WorkerLife } from './worker-life.js';
import { executionsPerRealTurn, type ExecutionInput, type WorkerAgentData } from './worker-protocol.js';

const data = workerData as WorkerAgentData;
if (data.showOutput) connectOutput();
presentAsProgram(data.file);
const { words } = data.memory;
if (parentPort === null) throw new HarnessError('this is no worker thread');
/** From threads of agents that start workers in this thread. */
const pipes = new Map<number, MessagePort>();
/** From the main agent, for writers. */
let writerPorts: Extract<ServiceNotice, { kind: 'writer' }> | undefined;
const services = new Services(words, parentPort, (notice) => {
  if (notice.kind === 'pipe') pipes.set(notice.from, notice.port);
  else if (notice.kind === 'writer') writerPorts = notice;
});
const self = new Agent({
  memory: data.memory,
  agent: data.thread,
  environment: new Environment(data.environment),
  code: new KnownCode(),
  services,
  onStuck: () => {
    words[at.STUCK] = 1;
    for (;;) Atomics.wait(words, at.BATONS + at.maximumThreads - 1, 0, 1_000);
  },
});

function receiveInput(controlPort: MessagePort): ExecutionInput {
  for (;;) {
    const received = receiveMessageOnPort(controlPort) as { message: ExecutionInput } | undefined;
    if (received === undefined) throw new Error('an execution began without its store');
    // Leftovers of executions that ended before this agent's first turn are skipped.
    if (received.message[0] === words[at.EXECUTION]) return received.message;
  }
}

/** The same for a worker that the program started. */
function receiveWorkerInput(pipe: MessagePort): WorkerInput {
  for (;;) {
    const received = receiveMessageOnPort(pipe) as { message: WorkerInput } | undefined;
    if (received === undefined) throw new HarnessError('a worker began without its input');
    const { message } = received;
    if (message.execution === words[at.EXECUTION] && 'streams' in message) return message;
  }
}

/** Only readers have worker handles. */
const noWorkers = (): [] => [];

/** As a worker that the program started. Returns whether it has exited, and given the turn away for good. */
function takePartAsWorker(parent: number): boolean {
  const thread = self.kernel.read(parent, at.AGENT_THREAD);
  services.await(() => pipes.has(thread));
  const pipe = pipes.get(thread)!;
  self.joinExecution();
  return new WorkerLife(self, services, pipe).run(receiveWorkerInput(pipe));
}

/** As a writer of the scenario. */
function takePartAsWriter(): void {
  services.await(() => writerPorts !== undefined);
  const { controlPort, messagePort } = writerPorts!;
  if (!self.knows(0)) self.learn(0, services.fetch(0));
  self.runLoop(() => {
    self.offerParentPort(() => self.ports.adoptWorkerPort(messagePort, 2 * (data.thread - 1) + 1, false));
    const scenario = self.beginExecution();
    const [, store, params, readers, bufferNumbers] = receiveInput(controlPort);
    learnBuffers(store, bufferNumbers, self.points.buffers);
    self.goLive(scenario, store);
    const given = { store, params, readers, writers: words[at.WRITERS]! };
    self.kernel.write(data.thread, at.AGENT_UNSETTLED, 1);
    const participant = { role: 'writer', index: data.thread - 1 } as const;
    self.start(() => scenario.writers?.run(self.participants.contextFor(participant, given, noWorkers)));
  });
}

/** Takes part in executions while one follows another at once. Returns whether the turn is another agent's. */
function takeParts(): boolean {
  do {
    const agent = words[at.TURN]!;
    self.kernel.agent = agent;
    const parent = self.kernel.read(agent, at.AGENT_PARENT) - 1;
    if (parent < 0) takePartAsWriter();
    else if (takePartAsWorker(parent)) return true;
  } while (self.kernel.hasNewExecution);
  return false;
}

/** Takes turns, one execution after another. */
function serve(): void {
  for (let served = 0; served < executionsPerRealTurn; served++) {
    self.kernel.park();
    // An agent that an execution left idle learns of the next one when it gets the turn in it.
    if (takeParts()) continue;
    self.kernel.write(self.kernel.agent, at.AGENT_STATE, agentStates.ended);
    self.kernel.leaveTo(0, turnReasons.none);
  }
  setImmediate(serve);
}

process.on('uncaughtException', (reason) => {
  self.failUnlessHeard({ event: 'uncaughtException', reason });
});
process.on('unhandledRejection', (reason, promise) => {
  self.failUnlessHeard({ event: 'unhandledRejection', reason, promise });
});
Atomics.add(words, at.WORKERS_READY, 1);
Atomics.notify(words, at.WORKERS_READY);
// Not immediately: a module is evaluated inside a microtask, where microtasks cannot be drained.
setImmediate(serve);
