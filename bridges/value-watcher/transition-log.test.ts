import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalTo } from './equality.js';
import * as layout from './log-layout.js';
import { newestIn, TransitionLog } from './transition-log.js';
import { createWatchedValue, decodeValue, encodeValue, type WatchedValue } from './watched-value.js';

const share = (capacity = 4, handles = 3): WatchedValue<unknown> =>
  createWatchedValue<unknown>('initial', { capacity, handles, valueBytes: 64 });
const append = (log: TransitionLog, value: unknown, allowed = () => true): string =>
  log.append(encodeValue(value, 64), allowed);
const valueIn = (shared: WatchedValue<unknown>): unknown => decodeValue(newestIn(shared).bytes);
const cursorOf = (shared: WatchedValue<unknown>, place: number): bigint =>
  shared.words[layout.placeStart(shared, place) + layout.cursorOffset]!;
const stateOf = (shared: WatchedValue<unknown>, place: number): bigint =>
  shared.words[layout.placeStart(shared, place) + layout.stateOffset]!;

/** Which slots are in the log, and which are spare. */
function slotsOf(shared: WatchedValue<unknown>): number[] {
  const inLog = Array.from({ length: shared.capacity }, (_, index) =>
    layout.slotOf(shared.words[layout.logStart + index]!),
  );
  const spare = Array.from({ length: shared.handles }, (_, place) =>
    Number(shared.words[layout.placeStart(shared, place) + layout.spareOffset]),
  );
  return [...inLog, ...spare];
}

// Behaviour that needs several agents is tested by scenarios/value-watcher.
describe('TransitionLog', () => {
  it('begins with the initial value', () => {
    expect(valueIn(share())).toBe('initial');
    expect(new TransitionLog(share()).newest().version).toBe(0n);
  });

  it('is the same through every handle', () => {
    const shared = share();
    const [first, second] = [new TransitionLog(shared), new TransitionLog(shared)];
    expect(append(first, 'one')).toBe('changed');
    expect(append(second, 'two')).toBe('changed');
    expect([valueIn(shared), first.head]).toEqual(['two', 2n]);
  });

  it('asks about the value that is there, and appends nothing if the answer is no', () => {
    const log = new TransitionLog(share());
    const asked: unknown[] = [];
    const refuse = ({ bytes }: { bytes: Uint8Array }): boolean => (asked.push(decodeValue(bytes)), false);
    expect(log.append(encodeValue('x', 64), refuse)).toBe('unchanged');
    expect([asked, log.head]).toEqual([['initial'], 0n]);
  });

  it('asks again if somebody was faster', () => {
    const shared = share();
    const [slow, fast] = [new TransitionLog(shared), new TransitionLog(shared)];
    const asked: unknown[] = [];
    const outcome = slow.append(encodeValue('slow', 64), ({ bytes }) => {
      asked.push(decodeValue(bytes));
      if (asked.length === 1) append(fast, 'fast');
      return true;
    });
    expect([outcome, asked, valueIn(shared)]).toEqual(['changed', ['initial', 'fast'], 'slow']);
  });

  it('announces what somebody appended and did not come to announce', () => {
    const shared = share();
    const [dead, alive] = [new TransitionLog(shared), new TransitionLog(shared)];
    append(dead, 'half');
    shared.words[layout.headWord] = 0n;
    expect(valueIn(shared)).toBe('initial');
    expect(append(alive, 'whole')).toBe('changed');
    expect([alive.head, valueIn(shared)]).toEqual([2n, 'whole']);
  });

  it('goes round for as long as nobody follows, and loses no slot', () => {
    const shared = share(3, 3);
    const logs = [new TransitionLog(shared), new TransitionLog(shared)];
    for (let value = 0; value < 50; value++) expect(append(logs[value % 2]!, value)).toBe('changed');
    expect(valueIn(shared)).toBe(49);
    expect(slotsOf(shared).sort((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps what a follower has not taken out, and says who that is', () => {
    const shared = share(2);
    const [setter, follower] = [new TransitionLog(shared), new TransitionLog(shared)];
    expect(follower.follow().version).toBe(0n);
    expect([append(setter, 'a'), append(setter, 'b'), append(setter, 'c')]).toEqual(['changed', 'changed', 'lagging']);
    expect([setter.laggard, valueIn(shared)]).toEqual([follower.place, 'b']);
    expect(decodeValue(follower.followed(1n).bytes)).toBe('a');
    follower.moveTo(1n);
    expect([append(setter, 'c'), append(setter, 'd')]).toEqual(['changed', 'lagging']);
    expect([2n, 3n].map((version) => decodeValue(follower.followed(version).bytes))).toEqual(['b', 'c']);
    follower.unfollow();
    expect(append(setter, 'd')).toBe('changed');
  });

  it('wakes who waits for room when a follower moves on, leaves, or is recovered', () => {
    const shared = share(2);
    const [setter, follower] = [new TransitionLog(shared), new TransitionLog(shared)];
    follower.follow();
    const before = setter.room;
    follower.moveTo(0n);
    expect(setter.room).toBe(before);
    const expectNoMore = setter.expectRoom();
    follower.moveTo(0n);
    expect(setter.room).toBe(before + 1n);
    follower.unfollow();
    expect(setter.room).toBe(before + 2n);
    follower.follow();
    expect(setter.room).toBe(before + 3n);
    setter.recover(follower.place);
    expect(setter.room).toBe(before + 4n);
    expectNoMore();
  });

  it('gives places back, and refuses more than there are', () => {
    const shared = share(2, 2);
    const [first, second] = [new TransitionLog(shared), new TransitionLog(shared)];
    expect([first.place, second.place]).toEqual([0, 1]);
    expect(() => new TransitionLog(shared)).toThrow(/^All 2 handles are taken: close\(\) watchers/);
    first.follow();
    first.leave();
    expect(cursorOf(shared, 0)).toBe(layout.notFollowing);
    expect(new TransitionLog(shared).place).toBe(0);
  });

  it('recovers a place whose owner died, once', () => {
    const shared = share(2, 2);
    const [dead, alive] = [new TransitionLog(shared), new TransitionLog(shared)];
    dead.follow();
    expect(alive.recover(dead.place)).toBe(true);
    expect(alive.recover(dead.place)).toBe(false);
    expect([cursorOf(shared, 0), stateOf(shared, 0)]).toEqual([layout.notFollowing, layout.placeFree]);
    expect(new TransitionLog(shared).place).toBe(0);
  });

  it('gives nobody the place of one that died while it exchanged its spare slot', () => {
    const shared = share(2, 3);
    const [dead, alive] = [new TransitionLog(shared), new TransitionLog(shared)];
    shared.words[layout.placeStart(shared, dead.place) + layout.spareOffset] = layout.spareUncertain;
    expect(alive.recover(dead.place)).toBe(true);
    expect([stateOf(shared, 0), new TransitionLog(shared).place]).toEqual([layout.placeRetired, 2]);
  });

  it('announces what the dead one appended when it is recovered', () => {
    const shared = share(2, 3);
    const [dead, alive] = [new TransitionLog(shared), new TransitionLog(shared)];
    append(dead, 'last words');
    shared.words[layout.headWord] = 0n;
    alive.recover(dead.place);
    expect(valueIn(shared)).toBe('last words');
  });

  it('waits for news and no longer', async () => {
    const log = new TransitionLog(share());
    const told = log.waitForNews(0n).then(() => 'told');
    append(log, 'news');
    expect(await told).toBe('told');
    await log.waitForNews(0n);
  });
});

describe('the layout', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 3 }), (bytes, start) => {
        const words = new BigInt64Array(12);
        words.set(layout.inWords(bytes), start);
        expect([...layout.copyBytes(words, start, 40)]).toEqual([...bytes]);
      }),
    );
  });

  it('never reads more than there is room for, whatever is in the slot', () => {
    const words = new BigInt64Array(3).fill(-1n);
    expect(layout.copyBytes(words, 0, 8)).toHaveLength(0);
    words[0] = 2n ** 31n - 1n;
    expect(layout.copyBytes(words, 0, 8)).toHaveLength(8);
  });

  it('tells versions and slots apart, also those before the first', () => {
    for (const version of [-40_000n, -1n, 0n, 1n, 2n ** 40n]) {
      const entry = layout.entryOf(version, 49_151);
      expect([layout.versionOf(entry), layout.slotOf(entry)]).toEqual([version, 49_151]);
    }
  });

  it('carries any value that can be copied', () => {
    const values = fc.anything({
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withBigInt: true,
    });
    fc.assert(
      fc.property(values, (value) => {
        const shared = createWatchedValue<unknown>(value, { capacity: 2, handles: 1, valueBytes: 100_000 });
        expect(equalTo(value)(valueIn(shared))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
