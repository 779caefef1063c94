import { receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import * as at from '../../kernel/layout.js';
import { agentStates, turnReasons } from '../../kernel/layout.js';
import { presentAsProgram } from '../command-line.js';
import { Agent } from './agent.js';
import { learnBuffers } from './envelope.js';
import { connectOutput } from './program-output.js';
import { executionsPerRealTurn, type ExecutionInput, type WorkerAgentData } from './worker-protocol.js';

const data = workerData as WorkerAgentData;
if (data.showOutput) connectOutput();
presentAsProgram(data.compiled.file);
const { words } = data.memory;
const self = new Agent({
  memory: data.memory,
  agent: data.agent,
  compiled: data.compiled,
  onStuck: () => {
    words[at.STUCK] = 1;
    for (;;) Atomics.wait(words, at.BATONS + at.maximumAgents - 1, 0, 1_000);
  },
});

function receiveInput(): ExecutionInput {
  for (;;) {
    const received = receiveMessageOnPort(data.controlPort) as { message: ExecutionInput } | undefined;
    if (received === undefined) throw new Error('an execution began without its store');
    // Leftovers of executions that ended before this agent's first turn are skipped.
    if (received.message[0] === words[at.EXECUTION]) return received.message;
  }
}

const openParentPort = (): MessagePort => self.ports.adoptWorkerPort(data.messagePort, 2 * (data.agent - 1) + 1, false);

/** Only readers have worker handles. */
const noWorkers = (): [] => [];

function takePart(): void {
  self.runLoop(() => {
    self.offerParentPort(openParentPort);
    const scenario = self.beginExecution();
    const [, store, params, readers, bufferNumbers] = receiveInput();
    learnBuffers(store, bufferNumbers, self.points.buffers);
    self.goLive(scenario, store);
    const given = { store, params, readers, writers: words[at.AGENT_COUNT]! - 1 };
    self.kernel.write(data.agent, at.AGENT_UNSETTLED, 1);
    const participant = { role: 'writer', index: data.agent - 1 } as const;
    self.start(() => scenario.writers?.run(self.contextFor(participant, given, noWorkers)));
  });
}

/** Takes turns, one execution after another. */
function serve(): void {
  for (let served = 0; served < executionsPerRealTurn; served++) {
    self.kernel.park();
    // An agent that an execution left idle learns of the next one when it gets the turn in it.
    do takePart();
    while (self.kernel.hasNewExecution);
    self.kernel.write(data.agent, at.AGENT_STATE, agentStates.ended);
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
