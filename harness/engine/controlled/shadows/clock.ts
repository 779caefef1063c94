import nodeCrypto from 'node:crypto';
import type { Kernel } from '../../../kernel/kernel.js';
import * as at from '../../../kernel/layout.js';
import { operationCodes } from '../../../kernel/operations.js';
import { MarkedTimeline } from '../../marked-timeline.js';
import { withShadows } from '../../with-shadows.js';
import type { AgentPoints } from '../agent-points.js';
import type { StandIns } from '../../../test-files/test-world.js';

/** The value of Date.now() at the beginning of every execution: 2026-01-01T00:00:00Z. */
export const epochMs = 1_767_225_600_000;

const firstTickMs = 0.001;
const longestTickMs = 8;

/** The clocks and sources of randomness that the program under test sees. */
export interface ShadowClock {
  readonly Date: DateConstructor;
  readonly Math: Math;
  readonly performance: typeof performance;
  readonly crypto: typeof globalThis.crypto;
  readonly Event: typeof Event;
  readonly cryptoModule: Readonly<Record<string, unknown>>;
  readonly hrtime: NodeJS.HRTime;
  /** Virtual milliseconds since the execution began; reading it is a scheduling point. */
  now(): number;
  reset(): void;
}

/**
 * Makes Date, performance, Math.random and the like, based on virtual time and the schedule's random seed.
 *
 * @param standIns what the program has replaced them by, if it fakes them
 */
export function createShadowClock(kernel: Kernel, points: AgentPoints, standIns: StandIns = {}): ShadowClock {
  let randomState = 0;
  let tickMs = firstTickMs;
  let lastSite = -1;
  const timeline = new MarkedTimeline();

  // Between timeouts, reading the clock makes time pass. Code that reads it repeatedly from the same place waits for time to
  // pass, so it passes faster and faster.
  const tick = (site: number): number => {
    // Outside executions, where fast-check draws and module code runs, the last execution must have no influence.
    if (!points.live) return 0;
    points.point(site);
    tickMs = site === lastSite ? Math.min(tickMs * 2, longestTickMs) : firstTickMs;
    lastSite = site;
    kernel.advanceTo(kernel.nowMs + tickMs);
    points.note(operationCodes.clock, site, 0, 0, kernel.nowMs, false);
    kernel.noteDraw();
    return kernel.nowMs;
  };
  const now = function (this: unknown): number {
    if (standIns.performance !== undefined) return (standIns.performance as typeof performance).now();
    return tick(points.placeOf(this, 'now', now));
  };
  const dateAt = (site: number): number =>
    standIns.Date === undefined ? Math.floor(epochMs + tick(site)) : (standIns.Date as DateConstructor).now();
  const dateNow = function (this: unknown): number {
    return dateAt(points.placeOf(this, 'now', dateNow));
  };
  /** A constructor is never announced. */
  const constructed = (): number => points.placeOf(undefined, 'new');

  /** Mulberry32 by Tommy Ettinger: 32 bits of state, public domain. */
  const random32 = (): number => {
    if (points.live) kernel.noteDraw();
    randomState = (randomState + 0x6d2b79f5) | 0;
    let mixed = Math.imul(randomState ^ (randomState >>> 15), 1 | randomState);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const random = (): number => (random32() * 2 ** 21 + (random32() >>> 11)) / 2 ** 53;
  const fillRandom = <Target extends NodeJS.ArrayBufferView>(target: Target): Target => {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    for (let index = 0; index < bytes.length; index++) bytes[index] = random32();
    return target;
  };
  const randomUUID = (): string => {
    const bytes = fillRandom(Buffer.alloc(16));
    bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x40;
    bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };
  const randomInt = (first: number, second?: number): number => {
    const [low, high] = second === undefined ? [0, first] : [first, second];
    return low + Math.floor(random() * (high - low));
  };

  const ShadowDate: DateConstructor = new Proxy(Date, {
    get: (real, key) => (key === 'now' ? dateNow : (Reflect.get(real, key, real) as unknown)),
    construct: (real, values: unknown[], newTarget): Date =>
      Reflect.construct(
        real,
        values.length === 0 ? [dateAt(constructed())] : values,
        newTarget === ShadowDate ? real : newTarget,
      ) as Date,
    apply: (real) => new real(dateAt(constructed())).toString(),
  });
  const ShadowEvent: typeof Event = new Proxy(Event, {
    construct: (real, values: unknown[], newTarget): Event => {
      const event = Reflect.construct(real, values, newTarget === ShadowEvent ? real : newTarget) as Event;
      Object.defineProperty(event, 'timeStamp', { value: tick(constructed()), configurable: true, enumerable: true });
      return event;
    },
  });
  const bigint = (): bigint => BigInt(Math.round(tick(points.placeOf(hrtime, 'bigint', bigint)) * 1e6));
  const hrtime: NodeJS.HRTime = Object.assign(
    function (this: unknown, earlier?: [number, number]): [number, number] {
      const nanoseconds = Math.round(tick(points.placeOf(this, 'hrtime', hrtime)) * 1e6);
      const since = earlier === undefined ? 0 : earlier[0] * 1e9 + earlier[1];
      return [Math.floor((nanoseconds - since) / 1e9), (nanoseconds - since) % 1e9];
    },
    { bigint },
  );

  const shadowCrypto = withShadows(globalThis.crypto, { getRandomValues: fillRandom, randomUUID });
  return {
    Date: ShadowDate,
    Math: Object.defineProperties({} as Math, {
      ...Object.getOwnPropertyDescriptors(Math),
      random: { value: random, writable: true, enumerable: false, configurable: true },
    }),
    performance: withShadows(performance, { now, timeOrigin: epochMs, ...timeline.shadows }),
    crypto: shadowCrypto,
    Event: ShadowEvent,
    cryptoModule: {
      ...nodeCrypto,
      webcrypto: shadowCrypto,
      getRandomValues: fillRandom,
      randomUUID,
      randomInt,
      randomBytes: (size: number): Buffer => fillRandom(Buffer.alloc(size)),
      randomFillSync: fillRandom,
    },
    hrtime,
    now,
    reset: () => {
      // Each agent draws from its own sequence, so that shrinking the schedule of one leaves the numbers of another alone.
      randomState = Math.imul(kernel.words[at.RANDOM_SEED]! + 1, 0x9e3779b1) ^ Math.imul(kernel.agent + 1, 0x85ebca6b);
      tickMs = firstTickMs;
      lastSite = -1;
      timeline.reset();
    },
  };
}
