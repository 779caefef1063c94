import { describe, expect, it } from 'vitest';
import { memory } from '../../../kernel/testing/agents.js';
import { lastTraceEntries } from '../../../kernel/trace.js';
import { operationCodes } from '../../../kernel/operations.js';
import { epochMs } from './clock.js';
import { SingleAgent } from '../testing/single-agent.js';

const agent = new SingleAgent();
const other = new SingleAgent(1);
const { Date: ShadowDate, Math: ShadowMath, performance: shadowPerformance, crypto: shadowCrypto } = agent.clock;

describe('time', () => {
  it('begins at the epoch of every execution and passes by being looked at', () => {
    agent.begin();
    expect(ShadowDate.now()).toBe(epochMs);
    const first = shadowPerformance.now();
    const second = shadowPerformance.now();
    expect(second).toBeGreaterThan(first);
    agent.begin();
    expect(ShadowDate.now()).toBe(epochMs);
  });

  it('passes faster and faster for who waits for it, and reaches any moment soon', () => {
    agent.begin();
    let looks = 0;
    while (shadowPerformance.now() < 1_000) looks++;
    expect(looks).toBeLessThan(200);
    expect(lastTraceEntries(memory, 1)[0]?.operation).toBe(operationCodes.clock);
  });

  it('passes slowly for who looks now and then', () => {
    agent.begin();
    for (let look = 0; look < 100; look++) {
      agent.points.at(look + 1, shadowPerformance, 'now');
      shadowPerformance.now();
    }
    expect(agent.kernel.nowMs).toBeLessThan(1);
  });

  it('is the same on all clocks', () => {
    agent.begin();
    agent.kernel.advanceTo(12_345_678);
    const tolerance = 1;
    expect(ShadowDate.now() - epochMs - 12_345_678).toBeLessThan(tolerance);
    expect(new ShadowDate().getTime() - epochMs - 12_345_678).toBeLessThan(tolerance);
    expect(shadowPerformance.now() - 12_345_678).toBeLessThan(tolerance);
    expect(shadowPerformance.timeOrigin).toBe(epochMs);
    expect(Number(agent.clock.hrtime.bigint() / 1_000_000n)).toBe(12_345_678);
    const [seconds, nanoseconds] = agent.clock.hrtime();
    expect(seconds).toBe(12_345);
    expect(Math.floor(nanoseconds / 1e6)).toBe(678);
    const event = new agent.clock.Event('x');
    expect(event.timeStamp - 12_345_678).toBeLessThan(tolerance);
  });

  it('differences of hrtime are normal, borrowing seconds', () => {
    agent.begin();
    agent.kernel.advanceTo(1_900);
    const before = agent.clock.hrtime();
    agent.kernel.advanceTo(3_100);
    const [seconds, nanoseconds] = agent.clock.hrtime(before);
    expect(seconds).toBe(1);
    expect(nanoseconds).toBeGreaterThanOrEqual(199_000_000);
    expect(nanoseconds).toBeLessThan(201_000_000);
  });

  it('dates are dates', () => {
    agent.begin();
    const date = new ShadowDate();
    expect(date instanceof Date).toBe(true);
    expect(date instanceof ShadowDate).toBe(true);
    expect(date.constructor === Date || date.constructor === ShadowDate).toBe(true);
    expect(structuredClone(date) instanceof ShadowDate).toBe(true);
    expect(new ShadowDate(2020, 1, 2, 3).getTime()).toBe(new Date(2020, 1, 2, 3).getTime());
    expect(new ShadowDate('2020-01-01T00:00:00Z').toISOString()).toBe('2020-01-01T00:00:00.000Z');
    expect(ShadowDate.UTC(2020)).toBe(Date.UTC(2020));
    expect(ShadowDate.parse('2020-01-01')).toBe(Date.parse('2020-01-01'));
    const text: string = ShadowDate();
    expect(text).toBe(new Date(epochMs).toString());
    class Special extends ShadowDate {
      readonly special = true;
    }
    const special = new Special();
    expect(special).toBeInstanceOf(Special);
    expect(special).toMatchObject({ special: true });
    expect(special.getTime()).toBe(epochMs);
    expect(ShadowDate.name).toBe('Date');
    expect(ShadowDate.length).toBe(7);
  });

  it('stands still, and is no operation, while the harness looks', () => {
    agent.begin();
    agent.points.live = false;
    expect([shadowPerformance.now(), shadowPerformance.now()]).toEqual([0, 0]);
    expect(lastTraceEntries(memory, 1)).toEqual([]);
    agent.points.live = true;
  });
});

describe('randomness', () => {
  const drawFrom = (player: SingleAgent, randomSeed: number): unknown[] => {
    player.begin({ randomSeed });
    const { Math: math, crypto, cryptoModule } = player.clock;
    return [
      math.random(),
      crypto.randomUUID(),
      [...crypto.getRandomValues(new Uint8Array(5))],
      (cryptoModule['randomBytes'] as (size: number) => Buffer)(4).toString('hex'),
      (cryptoModule['randomInt'] as (max: number) => number)(1_000_000),
      math.random(),
    ];
  };

  it('is a function of the seed, and different in each agent', () => {
    expect(drawFrom(agent, 5)).toEqual(drawFrom(agent, 5));
    expect(drawFrom(agent, 5)).not.toEqual(drawFrom(agent, 6));
    expect(drawFrom(agent, 5)).not.toEqual(drawFrom(other, 5));
  });

  it('is even enough, and within its bounds', () => {
    agent.begin({ randomSeed: 1 });
    const draws = Array.from({ length: 20_000 }, () => ShadowMath.random());
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(draws.reduce((sum, draw) => sum + draw) / draws.length).toBeCloseTo(0.5, 1);
    const randomInt = agent.clock.cryptoModule['randomInt'] as (low: number, high: number) => number;
    const integers = new Set(Array.from({ length: 200 }, () => randomInt(3, 6)));
    expect([...integers].sort()).toEqual([3, 4, 5]);
    expect(shadowCrypto.randomUUID()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('fills any view, and gives it back', () => {
    agent.begin({ randomSeed: 9 });
    const view = new Uint32Array(8).subarray(2, 6);
    expect(shadowCrypto.getRandomValues(view)).toBe(view);
    expect(view.some((word) => word > 0xff_ffff)).toBe(true);
    expect(new Uint32Array(view.buffer, 0, 2)).toEqual(new Uint32Array(2));
  });

  it('the rest of Math and crypto is Node’s own', () => {
    expect(ShadowMath.max(1, 2)).toBe(2);
    expect(ShadowMath.PI).toBe(Math.PI);
    expect(Object.prototype.toString.call(ShadowMath)).toBe('[object Math]');
    expect(typeof shadowCrypto.subtle.digest).toBe('function');
    expect(typeof agent.clock.cryptoModule['createHash']).toBe('function');
  });
});
