import type { ExecutionResult } from '../../engine/execution-result.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { CampaignEvent } from '../../results/events.js';
import type { CorpusEntry } from '../../results/read-counterexample.js';
import { defaultLimits } from '../../scenario/limits.js';
import type { Plan } from '../../schedule/schedule.js';
import type { RunOptions } from '../api.js';
import { ExplorerPool, type ExplorerSlot, type LoadableScenario } from '../controlled/explorer-pool.js';
import { encodeFailure, type FoundFailure } from '../controlled/found-failure.js';
import { ExplorerDied } from '../controlled/host.js';
import type { LoadedScenario } from '../controlled/load-scenario.js';
import type { ExploreRequest, ExplorerReply, ExplorerRequest, ScenarioFacts } from '../controlled/protocol.js';
import type { Session } from '../session.js';

/** A plan of the simplest schedule. */
export function planSample(changes: Partial<Plan> = {}): Plan {
  const schedule = { order: [], preemptions: [], choices: [], randomSeed: 0 };
  return { writers: 2, readers: 1, params: {}, schedule, ...changes };
}

/** An execution that violated an invariant. */
export function violationSample(changes: Partial<ExecutionResult> = {}): ExecutionResult {
  return {
    verdict: 'violation',
    failure: { verdict: 'violation', invariant: 'count', message: 'one was lost' },
    steps: 5,
    switches: 2,
    preemptions: 1,
    traceHash: 'ab',
    trace: [],
    ...changes,
  };
}

/** An execution that held. */
export function heldSample(changes: Partial<ExecutionResult> = {}): ExecutionResult {
  return violationSample({ verdict: 'held', failure: null, ...changes });
}

/** A failure as an explorer finds it. */
export function foundSample(path: string, changes: Partial<FoundFailure> = {}): FoundFailure {
  return {
    path,
    plan: planSample(),
    executionResult: violationSample(),
    confirmed: true,
    shrinkingEnded: null,
    ...changes,
  };
}

/** A scenario of which only what an explorer said is known. */
export function scenarioSample(name: string, facts: Partial<ScenarioFacts> = {}): LoadedScenario {
  return {
    file: `scenarios/${name}.scenario.ts`,
    compiled: { file: `/project/scenarios/${name}.scenario.ts` } as CompiledScenario,
    facts: {
      name,
      expected: 'held',
      invariants: ['count'],
      limits: defaultLimits,
      freshPackages: [],
      storeCopy: null,
      maximumWriters: 2,
      realmChanges: [],
      ...facts,
    },
  };
}

/** What the explorer says of a chunk, or of one execution of it, in which nothing fails. */
export function exploredSample({ executions }: ExploreRequest, failure: FoundFailure | null = null): ExplorerReply {
  const encoded = failure === null ? null : encodeFailure(failure);
  return {
    kind: 'explored',
    executions,
    steps: 3 * executions,
    switches: executions,
    hadChoice: true,
    hadPoint: true,
    interleavings: [],
    failure: encoded,
  };
}

/** The end of an explorer that its watchdog has nothing to say of, unless it is given. */
export function deathSample(executionResult?: ExecutionResult): ExplorerDied {
  const fatal =
    executionResult === undefined ? undefined : ({ kind: 'fatal', invocation: 0, executionResult } as const);
  return new ExplorerDied('the explorer process was killed by SIGKILL', fatal, undefined);
}

/** What an explorer does with a request: answers, or throws as one that dies. */
type Answer = (
  request: ExplorerRequest,
  scenario: LoadableScenario,
  tell: (reply: ExplorerReply) => void,
) => ExplorerReply | Promise<ExplorerReply>;

/** A slot whose explorer a test plays. It measures, explores and replays as one whose scenario holds, unless `answer` says otherwise. */
export class PlayedSlot {
  readonly requests: ExplorerRequest[] = [];
  readonly prepared: LoadableScenario[] = [];
  readonly expectations: boolean[] = [];
  closed = false;
  readonly #answer: Answer;

  constructor(answer: Partial<Record<ExplorerRequest['kind'], Answer>> = {}) {
    const asHeld: Answer = (request) => {
      if (request.kind === 'probe')
        return {
          kind: 'probed',
          profile: { estimatedSteps: 10, startedWorkers: 0, weights: [], regions: [], conflicts: null },
        };
      if (request.kind === 'replay') return { kind: 'replayed', executionResult: heldSample() };
      if (request.kind === 'explore') return exploredSample(request);
      throw new Error('slots load by themselves');
    };
    this.#answer = (request, ...rest) => (answer[request.kind] ?? asHeld)(request, ...rest);
  }

  /** In the place of a real one. */
  get slot(): ExplorerSlot {
    return this as unknown as ExplorerSlot;
  }

  /** The requests of one kind. */
  asked<Kind extends ExplorerRequest['kind']>(kind: Kind): Extract<ExplorerRequest, { kind: Kind }>[] {
    return this.requests.filter(
      (request): request is Extract<ExplorerRequest, { kind: Kind }> => request.kind === kind,
    );
  }

  prepare(scenario: LoadableScenario): Promise<ScenarioFacts> {
    this.prepared.push(scenario);
    return Promise.resolve(scenario.facts ?? scenarioSample('unknown').facts);
  }

  async request(
    scenario: LoadableScenario,
    request: ExplorerRequest,
    tell: (reply: ExplorerReply) => void = () => undefined,
  ): Promise<ExplorerReply> {
    // As a process it answers later.
    await Promise.resolve();
    this.requests.push(request);
    return this.#answer(request, scenario, tell);
  }

  expectAnother(isExpected: boolean): void {
    this.expectations.push(isExpected);
  }

  close(): void {
    this.closed = true;
  }
}

/** A session with these slots, and what it has told. */
export function sessionSample(
  slots: readonly PlayedSlot[],
  {
    options = {},
    corpus = [],
    isStopped = () => false,
  }: { options?: Partial<RunOptions>; corpus?: readonly CorpusEntry[]; isStopped?: () => boolean } = {},
): { readonly session: Session; readonly events: CampaignEvent[] } {
  const events: CampaignEvent[] = [];
  const session: Session = {
    options: { projectDirectory: '/project', files: [], save: false, ...options },
    seed: 42,
    pool: new ExplorerPool(
      {},
      slots.map(({ slot }) => slot),
    ),
    corpus,
    emit: (event) => events.push(event),
    isStopped,
    deadlineMs: undefined,
  };
  return { session, events };
}
