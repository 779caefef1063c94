import { describe, expect, it } from 'vitest';
import type { ExecutionResult } from '../../engine/execution-result.js';
import type { FailureVerdict } from '../../scenario/verdict.js';
import { encodeFailure } from './found-failure.js';
import { performChunk, type ChunkRequest, type ChunkResult } from './chunk-on-explorer.js';
import { ExplorerDied } from './host.js';
import type { ExplorerSlot } from './explorer-pool.js';
import type { LoadedScenario } from './load-scenario.js';
import type { ExploreRequest, ExplorerReply } from './protocol.js';

const resultOf = (verdict: FailureVerdict, message = 'broken'): ExecutionResult => ({
  verdict,
  failure: { verdict, message },
  steps: 3,
  switches: 1,
  preemptions: 1,
  traceHash: 'ab',
  trace: [],
});

/** What an explorer replies when an execution fails. */
const found = (path: string, invocation: number, verdict: FailureVerdict = 'violation'): ExplorerReply => {
  const plan = {
    writers: 1,
    readers: 0,
    params: { path },
    schedule: { order: [], preemptions: [], choices: [], randomSeed: 0 },
  };
  const failure = encodeFailure({
    path,
    plan,
    executionResult: resultOf(verdict),
    confirmed: true,
    shrinkingEnded: 'interrupted',
  });
  return { kind: 'found', invocation, executions: invocation + 1, failure };
};
const died = (invocation?: number, verdict: FailureVerdict = 'hang'): ExplorerDied =>
  new ExplorerDied(
    'the explorer process was killed by SIGKILL',
    invocation === undefined ? undefined : { kind: 'fatal', invocation, executionResult: resultOf(verdict, 'stuck') },
    undefined,
  );

type Tell = (reply: ExplorerReply) => void;

/** Has a slot do a chunk with explorers that behave as given, one after another. */
async function perform(
  explorers: ((tell: Tell, request: ExploreRequest, close: () => void) => ExplorerReply)[],
): Promise<{ result: ChunkResult; requests: ExploreRequest[]; notes: string[] }> {
  const requests: ExploreRequest[] = [];
  const notes: string[] = [];
  let closed = false;
  const slot = {
    get closed() {
      return closed;
    },
    request: (_: unknown, request: ExploreRequest, tell: Tell): Promise<ExplorerReply> => {
      requests.push(request);
      const explorer = explorers[Math.min(requests.length, explorers.length) - 1]!;
      return new Promise((resolve) => resolve(explorer(tell, request, () => (closed = true))));
    },
  };
  const request = { remainingMs: 5_000, shrinkMs: 60_000 } as ChunkRequest;
  const listener = { onProgress: () => undefined, onFound: () => undefined, isObsolete: () => false };
  const result = await performChunk(slot as unknown as ExplorerSlot, {} as LoadedScenario, request, listener, notes);
  return { result, requests, notes };
}

const explored: ExplorerReply = {
  kind: 'explored',
  executions: 128,
  steps: 9,
  switches: 4,
  hadChoice: true,
  hadPoint: true,
  interleavings: [],
  failure: null,
};

describe('a chunk', () => {
  it('that is stopped has the smallest that was found by then, and is not finished', async () => {
    const { result } = await perform([
      (tell, _, close) => {
        tell(found('3', 3));
        tell(found('3:0', 4));
        close();
        throw died();
      },
    ]);
    expect(result).toMatchObject({
      executions: 5,
      isFinished: false,
      failure: { path: '3:0', shrinkingEnded: 'interrupted' },
    });
  });

  it('that is stopped before anything was found has nothing, and is not finished', async () => {
    const { result } = await perform([
      (tell, _, close) => {
        tell({ kind: 'progress', executions: 40, shrinking: false });
        close();
        throw died();
      },
    ]);
    expect(result).toMatchObject({ executions: 40, isFinished: false, failure: null });
  });

  it('is done again when its explorer dies, and goes all the way to what was found, whatever time was left', async () => {
    const { result, requests, notes } = await perform([
      (tell) => {
        tell(found('7', 7));
        throw died(9);
      },
      () => explored,
    ]);
    expect(requests[1]).toMatchObject({ known: { 9: { verdict: 'hang' } }, remainingMs: null });
    expect(notes).toEqual([]);
    // It was not found again, but the failure still counts.
    expect(result).toMatchObject({ isFinished: true, failure: { path: '7', shrinkingEnded: 'processLimit' } });
  });

  it('takes the smallest by then when making it smaller has ended too many explorers', async () => {
    let invocation = 10;
    const { result, requests } = await perform([
      (tell) => {
        tell(found('7', 7));
        throw died(++invocation);
      },
    ]);
    expect(requests.length).toBeGreaterThan(10);
    expect(result).toMatchObject({ isFinished: true, failure: { path: '7', shrinkingEnded: 'processLimit' } });
  });

  it('whose failure ends the explorer when it is replayed is uncontrolled', async () => {
    const { result } = await perform([
      (tell) => {
        tell(found('7', 7));
        throw died(7);
      },
    ]);
    expect(result.failure?.executionResult).toMatchObject({
      verdict: 'uncontrolled',
      failure: { message: expect.stringMatching(/first violation, then hang: .*stuck/) as string },
    });
  });

  it('says when an explorer was killed by somebody else, and loses nothing', async () => {
    const { result, notes } = await perform([
      () => {
        throw died();
      },
      () => explored,
    ]);
    expect(result).toMatchObject({ executions: 128, isFinished: true, failure: null });
    expect(notes).toEqual([expect.stringContaining('its work was repeated, and nothing was lost')]);
  });
});
