import { parentPort, workerData } from 'node:worker_threads';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import { presentAsProgram } from '../command-line.js';
import type { Uncaught } from '../uncaught.js';
import { forgetViews } from '../../instrument/remembered-views.js';
import { collectGarbage } from '../collect-garbage.js';
import { agentWord, ARRIVED, GO, UNSETTLED } from './layout.js';
import { StressAgent } from './agent.js';
import type { StressReport, StressTask, StressWorkerData } from './worker-protocol.js';
import { reportThrown, reportUncaught } from './thrown-report.js';

const { words, agent, setting } = workerData as StressWorkerData;
presentAsProgram(setting.compiled.file);
const self = new StressAgent(words, agent, setting);
let execution = 0;

/** How often the barrier is checked before the thread sleeps: waking takes longer than most executions. */
const barrierTurns = 20_000;

const send = (report: StressReport): void => parentPort?.postMessage(report);

const fail = (error: unknown): void => {
  send({ kind: 'failed', execution, thrown: reportThrown(error, setting.compiled) });
};

function arrive(): void {
  Atomics.add(words, ARRIVED, 1);
  Atomics.notify(words, ARRIVED);
}

function waitForStart(number: number): void {
  arrive();
  for (let turns = 0; turns < barrierTurns; turns++) if (Atomics.load(words, GO) === number) return;
  while (Atomics.load(words, GO) !== number) Atomics.wait(words, GO, number - 1);
}

async function takePart(task: StressTask): Promise<void> {
  execution = task.execution;
  self.parentPort = task.port;
  let scenario: AnyScenario;
  try {
    scenario = await self.begin(task.seed);
  } catch (error) {
    fail(error);
    // The main agent waits for all workers before it listens to any.
    arrive();
    return;
  }
  try {
    const participant = { role: 'writer', index: agent - 1 } as const;
    // Depths in workers are not sampled: their event loops are rarely free.
    const context = self.contextFor(participant, task, () => undefined);
    words[agentWord(agent, UNSETTLED)] = 1;
    waitForStart(task.execution);
    self.points.live = true;
    self.scatterStart();
    await self.start(() => scenario.writers?.run(context));
  } catch (error) {
    fail(error);
    return;
  }
  if (task.port === null && !self.isExpecting) leave();
  else send({ kind: 'settled', execution });
}

/** Sends what this agent has recorded, and releases the execution. */
function leave(): void {
  const { waitedMs, longestWaitMs } = self.points;
  const port = self.parentPort;
  const history = self.end();
  port?.close();
  const { operations, acknowledgements } = history;
  send({ kind: 'done', execution, history: history.end(), operations, acknowledgements, waitedMs, longestWaitMs });
}

function hear(uncaught: Uncaught): void {
  try {
    if (self.isHeard(uncaught)) return;
  } catch (thrown) {
    fail(thrown);
    return;
  }
  send({ kind: 'failed', execution, thrown: reportUncaught(uncaught, agent, setting.compiled) });
}

process.on('uncaughtException', (reason) => {
  hear({ event: 'uncaughtException', reason });
});
process.on('unhandledRejection', (reason, promise) => {
  hear({ event: 'unhandledRejection', reason, promise });
});
process.on('warning', (warning) => {
  send({ kind: 'warning', message: `${warning.name}: ${warning.message}` });
});
/** Reports the state after two turns of the event loop, in which everything that has arrived is handled. */
function reportIdle(): void {
  setImmediate(() => {
    setImmediate(() => {
      send({ kind: 'idle', execution, isExpecting: self.isExpecting, activity: self.activity });
    });
  });
}

/** No execution is running. */
function collect(): void {
  forgetViews();
  collectGarbage();
  send({ kind: 'collected' });
}

parentPort?.on('message', (request: StressTask | 'leave' | 'report' | 'history' | 'collect') => {
  if (request === 'leave') leave();
  else if (request === 'report') reportIdle();
  else if (request === 'history') send({ kind: 'history', execution, history: self.historySoFar });
  else if (request === 'collect') collect();
  else void takePart(request);
});
