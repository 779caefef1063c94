import { describe, expect, it } from 'vitest';
import { operationCodes } from '../../kernel/operations.js';
import { Amplifier } from './amplifier.js';

const reading = 1;
const writing = 2;
const wandering = 3;

/** How long an agent is delayed at a site over many executions in which it reads, then writes. */
function delaysMs(intensity: number, executions: number): Record<'reading' | 'writing' | 'wandering', number> {
  const amplifier = new Amplifier(10, intensity);
  const spent = { reading: 0, writing: 0, wandering: 0 };
  const measure = (name: keyof typeof spent, site: number): void => {
    const startedAtMs = performance.now();
    amplifier.disturb(site);
    spent[name] += performance.now() - startedAtMs;
  };
  for (let seed = 0; seed < executions; seed++) {
    amplifier.begin(seed);
    measure('wandering', wandering);
    measure('reading', reading);
    amplifier.saw(operationCodes.read, reading);
    measure('writing', writing);
    amplifier.saw(operationCodes.write, writing);
  }
  return spent;
}

describe('Amplifier', () => {
  it('aims between a read and a dependent write', () => {
    const { reading: before, writing: between, wandering: elsewhere } = delaysMs(1, 400);
    expect(between).toBeGreaterThan(3 * before);
    expect(between).toBeGreaterThan(3 * elsewhere);
  });

  it('disturbs nobody at intensity 0', () => {
    const amplifier = new Amplifier(10, 0);
    const wait = Atomics.wait;
    let waits = 0;
    Atomics.wait = ((...values: Parameters<typeof wait>) => (waits++, wait(...values))) as typeof wait;
    try {
      for (let seed = 0; seed < 1_000; seed++) {
        amplifier.begin(seed);
        amplifier.scatterStart();
        amplifier.disturb(writing);
        expect(amplifier.pauseMs()).toBeNull();
      }
    } finally {
      Atomics.wait = wait;
    }
    expect(waits).toBe(0);
  });

  it('lets a long execution get on: disturbances become rarer', () => {
    const amplifier = new Amplifier(10, 1);
    const wait = Atomics.wait;
    let waits = 0;
    Atomics.wait = () => (waits++, 'timed-out');
    try {
      amplifier.begin(1);
      amplifier.saw(operationCodes.write, writing);
      const rounds = [0, 0];
      for (const round of rounds.keys()) {
        waits = 0;
        for (let turn = 0; turn < 2_000; turn++) {
          amplifier.saw(operationCodes.read, reading);
          amplifier.disturb(writing);
          amplifier.saw(operationCodes.write, writing);
        }
        rounds[round] = waits;
      }
      expect(rounds[0]).toBeGreaterThan(20);
      expect(rounds[1]).toBeLessThan(rounds[0] ?? 0);
    } finally {
      Atomics.wait = wait;
    }
  });
});
