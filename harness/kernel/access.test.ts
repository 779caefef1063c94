import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperationKind } from '../operation-kinds.js';
import { accessOf, acts, conflict, type Access } from './access.js';
import * as at from './layout.js';
import { operationCodes } from './operations.js';

const words = new Int32Array(at.totalWords);
const access = (kind: OperationKind, agent = 1, offset = 0, size = 4, resource = 1): Access =>
  accessOf(words, agent, operationCodes[kind] | (size << 8), resource, offset);

const meet = (one: Access, other: Access): boolean => {
  const met = conflict(one, other);
  expect(conflict(other, one)).toBe(met);
  return met;
};

/** Two ports that are the ends of a channel: row 0 of agent 0, row 1 of agent 1. */
function openChannel(): void {
  words.fill(0, at.PORTS, at.PORTS + 4 * at.portWords);
  words[at.PORTS + at.PORT_PEER] = 1;
  words[at.PORTS + at.portWords + at.PORT_OWNER] = 1;
}

describe('conflict', () => {
  it.each<[OperationKind, OperationKind, boolean]>([
    ['read', 'read', false],
    ['read', 'write', true],
    ['Atomics.load', 'Atomics.store', true],
    ['Atomics.add', 'Atomics.compareExchange', true],
    ['Atomics.wait', 'Atomics.load', false],
    ['Atomics.wait', 'write', true],
    ['Atomics.wait', 'Atomics.wait', true],
    ['Atomics.wait', 'Atomics.notify', true],
    ['Atomics.notify', 'write', false],
    ['Atomics.notify', 'Atomics.notify', true],
    ['Atomics.wait returns', 'Atomics.notify', false],
    ['history.read', 'history.write', true],
    ['history.read', 'write', true],
    ['history.read', 'read', false],
    ['clock', 'timer', true],
    ['clock', 'resume', false],
    ['terminate', 'read', true],
    ['new Worker', 'pause', false],
    ['pause', 'write', false],
  ])('%s and %s: %j', (one, other, meets) => {
    expect(meet(access(one), access(other, 2))).toBe(meets);
  });

  it('depends on the bytes that two operations share', () => {
    expect(meet(access('write', 1, 0, 4), access('write', 2, 4, 4))).toBe(false);
    expect(meet(access('write', 1, 0, 8), access('write', 2, 4, 4))).toBe(true);
    expect(meet(access('write', 1, 0, 4, 1), access('write', 2, 0, 4, 2))).toBe(false);
  });

  it('takes what a DataView accesses to be all of its buffer', () => {
    words[at.DATA_VIEWS] = 1;
    expect(meet(access('write', 1, 100, 1), access('read', 2, 0, 4))).toBe(true);
    words[at.DATA_VIEWS] = 0;
    expect(meet(access('write', 1, 100, 1), access('read', 2, 0, 4))).toBe(false);
  });

  it('knows whose task a message may be', () => {
    openChannel();
    const post = access('postMessage', 0, 0, 0, 0);
    expect(meet(post, access('resume', 1))).toBe(true);
    expect(meet(post, access('resume', 2))).toBe(false);
    expect(meet(post, access('postMessage', 1, 0, 0, 1))).toBe(false);
    words[at.PORTS + at.PORT_CHANNEL] = 7;
    const broadcast = access('postMessage', 0, 0, 0, 0);
    expect(meet(broadcast, access('resume', 2))).toBe(true);
    expect(meet(broadcast, broadcast)).toBe(true);
  });

  it('takes a wait that can time out to leave by itself', () => {
    words[at.WAIT_IS_TIMED] = 1;
    expect(meet(access('Atomics.wait returns'), access('Atomics.notify', 2))).toBe(true);
    expect(meet(access('Atomics.wait returns'), access('clock', 2))).toBe(true);
    words[at.WAIT_IS_TIMED] = 0;
  });

  it('takes a notify to concern everybody once somebody waits without blocking', () => {
    words[at.WAITS_ASYNC] = 1;
    expect(meet(access('Atomics.notify'), access('resume', 2))).toBe(true);
    words[at.WAITS_ASYNC] = 0;
    expect(meet(access('Atomics.notify'), access('resume', 2))).toBe(false);
  });

  it('is the same the other way round', () => {
    const drawn = fc.record({
      acts: fc.constantFrom(0, ...Object.values(acts), acts.read | acts.queue, acts.queue | acts.time),
      resource: fc.integer({ min: -1, max: 2 }),
      offset: fc.nat({ max: 8 }),
      size: fc.nat({ max: 8 }),
    });
    fc.assert(fc.property(drawn, drawn, (one, other) => conflict(one, other) === conflict(other, one)));
  });
});
