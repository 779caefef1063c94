import { describe, expect, it } from 'vitest';
import { upgradeCounterexample } from './upgrade.js';

const site = { file: 'a.ts', line: 3, column: 7 };

/** A counterexample of version 1, with these operations and this failure. */
const version1 = (trace: readonly object[], failure: object): unknown => ({
  schema: 'threadmill/counterexample',
  version: 1,
  writers: 2,
  agents: ['readers', 'writer 0', 'writer 1'],
  failure,
  trace,
});

const upgraded = (trace: readonly object[], failure: object = { verdict: 'crash', message: 'Error: no' }): object =>
  upgradeCounterexample(version1(trace, failure)) as object;

describe('upgradeCounterexample', () => {
  it.each([
    [
      { operation: 'Atomics.load', location: '#0[3]', value: '7' },
      { kind: 'Atomics.load', address: { kind: 'memory', buffer: 0, byteOffset: 12, byteLength: 4 }, value: 7 },
    ],
    [
      { operation: 'read', location: '#1 byte 3', value: 'NaN' },
      { kind: 'read', address: { kind: 'memory', buffer: 1, byteOffset: 3, byteLength: 4 }, value: 'NaN' },
    ],
    [
      { operation: 'postMessage', location: 'port 2', value: 'to nobody' },
      { kind: 'postMessage', address: { kind: 'port', port: 2, peer: 3 }, receivers: 0 },
    ],
    [
      { operation: 'message', location: 'port 5' },
      { kind: 'message', address: { kind: 'port', port: 5 } },
    ],
    [
      { operation: 'set timer', location: 'timer 1', value: '20 ms' },
      { kind: 'set timer', address: { kind: 'timer', timer: 1 }, timeMs: 20 },
    ],
    [
      { operation: 'clock', value: '0.250 ms' },
      { kind: 'clock', timeMs: 0.25 },
    ],
    [
      { operation: 'Atomics.wait returns', location: '#0[0]', value: 'timed-out' },
      {
        kind: 'Atomics.wait returns',
        address: { kind: 'memory', buffer: 0, byteOffset: 0, byteLength: 4 },
        result: 'timed-out',
      },
    ],
    [
      { operation: 'Atomics.notify', location: '#0[0]', value: 'woke 2' },
      { kind: 'Atomics.notify', address: { kind: 'memory', buffer: 0, byteOffset: 0, byteLength: 4 }, woken: 2 },
    ],
    [
      { operation: 'history.read', location: 'reader 1', value: "{ a: 'ok' }" },
      { kind: 'history.read', address: { kind: 'reader', reader: 1 }, recorded: "{ a: 'ok' }" },
    ],
    [
      { operation: 'history.write', value: 'ok' },
      { kind: 'history.write', recorded: 'ok' },
    ],
  ])('has what the text of %j said as data', (old, operation) => {
    const rest = { step: 4, agent: 1, turn: 'yield', site, source: 'x();' };
    expect(upgraded([{ ...rest, ...old }])).toMatchObject({
      version: 2,
      agents: ['main agent', 'writer 0', 'writer 1'],
      trace: [{ ...rest, ...operation }],
    });
  });

  it('has who was blocked as data', () => {
    const wait = { step: 0, agent: 2, operation: 'Atomics.wait', location: '#0[2]', value: '0' };
    const message = [
      'nobody can go on, and no time-out is pending:',
      '2 of the readers await what nobody settles; the last operation there: Atomics.waitAsync at a.ts:3:7',
      'writer 0 awaits what nobody settles; the last operation there: begin at an unknown place',
      'writer 1 waits in Atomics.wait on #0, byte 8, since a.ts:3:7',
    ].join('\n');
    expect(upgraded([wait], { verdict: 'deadlock', message, step: 9 })).toMatchObject({
      failure: {
        verdict: 'deadlock',
        step: 9,
        blocked: [
          { agent: 0, on: 'promise', readers: 2, lastOperation: 'Atomics.waitAsync', site },
          { agent: 1, on: 'promise', lastOperation: 'begin' },
          { agent: 2, on: 'Atomics.wait', address: { kind: 'memory', buffer: 0, byteOffset: 8, byteLength: 4 }, site },
        ],
      },
    });
  });

  it('keeps a message that it cannot take apart, and drops one that the other fields say', () => {
    const odd = { verdict: 'deadlock', message: 'nobody can go on:\nwriter 0 sulks' };
    expect(upgraded([], odd)).toMatchObject({ failure: odd });
    const violation = { verdict: 'violation', invariant: 'count', message: 'count does not hold at the end' };
    expect(upgraded([], violation)).toHaveProperty('failure', { verdict: 'violation', invariant: 'count' });
  });

  it('leaves alone what is of no version that it knows', () => {
    for (const content of [null, 7, [], { schema: 'threadmill/counterexample', version: 3 }, { version: 1 }]) {
      expect(upgradeCounterexample(content)).toBe(content);
    }
  });
});
