import { describe, expect, it } from 'vitest';
import type { Failure } from '../../results/failure-schema.js';
import { operationSample, wordSample } from '../testing/samples.js';
import { describeFailure, failureHeadline, failureMessage } from './failure-message.js';

const site = { file: 'a.ts', line: 3, column: 7 };

describe('failureMessage', () => {
  it.each<[string, Failure, readonly string[]]>([
    [
      'who is blocked on what',
      {
        verdict: 'deadlock',
        blocked: [
          { agent: 0, on: 'promise', readers: 2, lastOperation: 'Atomics.waitAsync', site },
          { agent: 1, on: 'promise', lastOperation: 'begin' },
          { agent: 2, on: 'Atomics.wait', address: wordSample(2), site },
          { agent: 3, on: 'Atomics.wait' },
        ],
      },
      [
        'no agent can run and no timeout is pending:',
        '2 readers await a promise that nothing settles; last operation: Atomics.waitAsync at a.ts:3:7',
        'writer 0 awaits a promise that nothing settles; last operation: begin at an unknown place',
        'writer 1 waits in Atomics.wait on #0[2] at a.ts:3:7',
        'writer 2 waits in Atomics.wait at an unknown place',
      ],
    ],
    [
      'who had not finished when time was up',
      {
        verdict: 'hang',
        message: 'no scheduling point was reached for 700 ms',
        blocked: [
          { agent: 0, on: 'unfinished', readers: 1, site },
          { agent: 0, on: 'Atomics.wait', site },
        ],
      },
      [
        'no scheduling point was reached for 700 ms:',
        '1 reader has not finished; last scheduling point: a.ts:3:7',
        'the main agent waits in Atomics.wait at a.ts:3:7',
      ],
    ],
    [
      'what repeats',
      {
        verdict: 'livelock',
        livelock: {
          limit: 'stepsWithoutProgress',
          count: 3_000,
          loop: [operationSample(7, 1, { value: 4, site }), operationSample(8, 0, { kind: 'pause', site })],
        },
      },
      [
        '3,000 steps changed nothing (limits.stepsWithoutProgress); this repeats:',
        '  writer 0: Atomics.load #0[0] 4 at a.ts:3:7',
        '  main agent: pause #0[0] at a.ts:3:7',
      ],
    ],
    [
      'which limit was reached',
      { verdict: 'livelock', livelock: { limit: 'steps', count: 100, loop: [] } },
      ['not finished after 100 steps (limits.steps)'],
    ],
    ['what was thrown', { verdict: 'crash', message: 'Error: no\nsuch key' }, ['Error: no', 'such key']],
    ['what is violated', { verdict: 'violation', invariant: 'count', agent: 1 }, ['violated: count']],
    ['that it showed at the end', { verdict: 'violation', invariant: 'count' }, ['violated at the end: count']],
  ])('says %s', (_, failure, lines) => {
    expect(failureMessage(failure).split('\n')).toEqual(lines);
    expect(failureHeadline(failure)).toBe(lines[0]?.replace(/(; this repeats)?:$/, ''));
  });
});

describe('describeFailure', () => {
  it.each<[Failure, string]>([
    [{ verdict: 'violation', invariant: 'count' }, 'violated at the end: count'],
    [{ verdict: 'violation', invariant: 'count', message: 'it threw' }, 'violation (count): it threw'],
    [{ verdict: 'crash', message: 'Error: no' }, 'crash: Error: no'],
  ])('of %j names the verdict once', (failure, text) => {
    expect(describeFailure(failure)).toBe(text);
  });
});
