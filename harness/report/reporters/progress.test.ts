import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { CampaignEvent } from '../../results/events.js';
import { createProgress } from './progress.js';
import { eventsSample, scenarioResultSample } from '../testing/samples.js';

function progressEvent(executions: number, phase: 'corpus' | 'exploring' | 'shrinking' = 'exploring'): CampaignEvent {
  return { kind: 'progress', name: 'counter', executions, executionsPerSecond: 12_345, phase };
}

function watch(isTTY: boolean) {
  const pieces: string[] = [];
  const stream = { isTTY, columns: 90, write: (text: string) => pieces.push(text) > 0 } as unknown as WriteStream;
  const clock = { nowMs: 0 };
  const progress = createProgress({
    stream,
    colors: picocolors.createColors(false),
    now: () => clock.nowMs,
    createLogUpdate: isTTY ? createLogUpdate : undefined,
  });
  return { progress, clock, pieces, printed: () => pieces.join('') };
}

describe('progress', () => {
  it('prints one plain line every ten seconds at most where there is no terminal', () => {
    const { progress, clock, pieces } = watch(false);
    progress.handle({ kind: 'runStarted', seed: 1, scenarios: 3, explorers: 2, endsInMs: null });
    progress.handle({ kind: 'scenarioStarted', name: 'counter', file: 'a.scenario.ts', plannedExecutions: 2_000 });
    for (; clock.nowMs <= 25_000; clock.nowMs += 100) progress.handle(progressEvent(clock.nowMs / 100));
    expect(pieces).toEqual([
      '[1/3] counter  exploring  100 of 2,000 executions  12,345/s\n',
      '[1/3] counter  exploring  200 of 2,000 executions  12,345/s\n',
    ]);
  });

  it('changes one line of a terminal, which can be taken away', () => {
    const { progress, printed } = watch(true);
    for (const event of eventsSample([scenarioResultSample()]).slice(0, 3)) progress.handle(event);
    expect(printed()).toContain('[1/1] counter: load then store  exploring  100 of 2,000 executions  24,000/s');
    const before = printed().length;
    progress.clear();
    expect(printed().length).toBeGreaterThan(before);
  });

  it('says how long the rest will take if it is like what is done', () => {
    const { progress, clock, pieces } = watch(false);
    const finished = eventsSample([scenarioResultSample()]).find(({ kind }) => kind === 'scenarioFinished')!;
    progress.handle({ kind: 'runStarted', seed: 1, scenarios: 4, explorers: 2, endsInMs: null });
    progress.handle({ kind: 'scenarioStarted', name: 'counter', file: 'a.scenario.ts', plannedExecutions: 200 });
    clock.nowMs = 12_000;
    progress.handle(progressEvent(100));
    progress.handle(finished);
    clock.nowMs = 30_000;
    progress.handle(progressEvent(100));
    expect(pieces).toEqual([
      '[1/4] counter  exploring  100 of 200 executions  12,345/s\n',
      '[2/4] counter  exploring  100 of 200 executions  12,345/s  about 50 s left  so far: 1 violation\n',
    ]);
  });

  it('says when the total budget ends', () => {
    const { progress, clock, printed } = watch(false);
    progress.handle({ kind: 'runStarted', seed: 1, scenarios: 4, explorers: 2, endsInMs: 90_000 });
    progress.handle({ kind: 'scenarioStarted', name: 'counter', file: 'a.scenario.ts', plannedExecutions: 200 });
    clock.nowMs = 12_500;
    progress.handle(progressEvent(100));
    clock.nowMs = 40_500;
    progress.handle(progressEvent(100));
    clock.nowMs = 91_500;
    progress.handle(progressEvent(100));
    expect(printed().match(/\S[\w ]+ left/g)).toEqual(['/s  1 min 17 s left', '/s  50 s left', '/s  0 s left']);
  });

  it('counts the verdicts so far', () => {
    const { progress, clock, printed } = watch(true);
    for (const event of eventsSample([scenarioResultSample(), scenarioResultSample()])) progress.handle(event);
    clock.nowMs += 1_000;
    progress.handle(progressEvent(7, 'shrinking'));
    expect(printed()).toContain('shrinking  7 executions  12,345/s  so far: 2 violation');
  });
});
