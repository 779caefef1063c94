import type { CompiledScenario } from '../../instrument/compiled.js';
import { hashText } from '../../hash-text.js';
import type { Failure } from '../../results/schema.js';
import type { StressRepetition } from '../../results/stress-schema.js';
import { HarnessError, UsageError } from '../../errors.js';
import { asError } from '../as-error.js';
import { breakage } from '../breaking-scenario.js';
import type { LoadedScenario } from '../controlled/load-scenario.js';
import type { NamedProfile } from './profiles.js';
import type { StressReply } from './protocol.js';
import { startStressProcess, StressProcessDied, type StressHost } from './host.js';

/** How the repetitions of one scenario are run. */
export interface RepetitionOptions {
  readonly seed: number;
  readonly profile: NamedProfile;
  readonly amplify: number;
  readonly instrumented: boolean;
  readonly watched: boolean;
  /** How many, in all shards together; Infinity if there is only a deadline. */
  readonly repetitions: number;
  /** When to stop, by `performance.now()`; Infinity for no limit. */
  readonly deadline: number;
  /** This process runs part `index` (from 0) of `count`. */
  readonly shard: { readonly index: number; readonly count: number };
  readonly showOutput: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (executions: number) => void;
  readonly onRepetition: (repetition: StressRepetition, finishedAtMs: number) => void;
}

/** The results of the repetitions of one scenario. */
export interface Repetitions {
  /** Those that finished. */
  readonly done: readonly StressRepetition[];
  /** Executions that held in the repetition that was running when the run was stopped. */
  readonly executionsUnderWay: number;
  /** Whether all requested repetitions were done, or one failed. */
  readonly isFinished: boolean;
  /** The error of the harness that prevented the rest; undefined if there was none. */
  readonly problem: Error | undefined;
}

/** The seed of a repetition, by its number over all shards. It follows from the campaign's seed, and no two are the same. */
export function repetitionSeed(seed: number, repetition: number): number {
  return hashText(`stress ${seed} ${repetition}`);
}

/**
 * Runs the repetitions of one scenario, each with a seed of its own, until one fails. They share a process, which is
 * replaced when an execution left something behind in it that cannot be stopped. A repetition whose process is killed
 * without a reply is run again: something else may have killed it, and a scenario that does so itself will do it again.
 *
 * @param compiled what is run: with points or without
 * @returns what was finished, even if something prevented the rest
 */
export async function runRepetitions(
  scenario: LoadedScenario,
  compiled: CompiledScenario,
  options: RepetitionOptions,
): Promise<Repetitions> {
  const { seed, profile, shard, signal } = options;
  const isStopped = (): boolean => signal?.aborted === true;
  const done: StressRepetition[] = [];
  let host: StressHost | undefined;
  let executions = 0;
  let executionsUnderWay = 0;
  /** When the current process was started. */
  let executionsBefore = 0;
  let killedRepetition: number | undefined;
  const soFar = (isFinished: boolean, problem?: Error): Repetitions => ({
    done,
    executionsUnderWay,
    isFinished: isFinished && done.length > 0,
    problem,
  });
  const stop = (): void => {
    host?.kill();
  };
  signal?.addEventListener('abort', stop);
  try {
    for (let repetition = shard.index + 1; repetition <= options.repetitions;) {
      const remainingMs = options.deadline - performance.now();
      if (isStopped()) return soFar(false);
      if (remainingMs <= 0) break;
      executionsUnderWay = 0;
      const own = repetitionSeed(seed, repetition);
      const startedAtMs = performance.now();
      let result: StressRepetition;
      try {
        if (host === undefined) executionsBefore = executions;
        host ??= await openHost(scenario, compiled, options);
        const reply = await host.request(
          {
            kind: 'repeat',
            repetition,
            seed: own,
            profile,
            remainingMs: Number.isFinite(remainingMs) ? remainingMs : null,
          },
          (progress) => {
            if (progress.kind !== 'progress') return;
            executionsUnderWay = progress.executions;
            options.onProgress(executions + progress.executions);
          },
        );
        if (reply.kind !== 'repeated') throw unexpected(reply, scenario);
        ({ result } = reply);
        if (reply.isStuck) {
          host.kill();
          host = undefined;
        }
      } catch (error) {
        if (!(error instanceof StressProcessDied)) throw error;
        host = undefined;
        if (isStopped()) return soFar(false);
        if (error.wasKilled && killedRepetition !== repetition) {
          killedRepetition = repetition;
          continue;
        }
        result = diedIn(error, repetition, own, performance.now() - startedAtMs, executions - executionsBefore);
      }
      executions += result.executions;
      done.push(result);
      options.onRepetition(result, performance.now());
      options.onProgress(executions);
      executionsUnderWay = 0;
      if (result.verdict !== 'held') break;
      repetition += shard.count;
    }
    return soFar(true);
  } catch (error) {
    return soFar(false, isStopped() ? undefined : asError(error));
  } finally {
    signal?.removeEventListener('abort', stop);
    host?.kill();
  }
}

async function openHost(
  scenario: LoadedScenario,
  compiled: CompiledScenario,
  { instrumented, amplify, watched, showOutput }: RepetitionOptions,
): Promise<StressHost> {
  const host = await startStressProcess(showOutput);
  const { file, facts } = scenario;
  const reply = await host.request({
    kind: 'load',
    compiled,
    file,
    limits: facts.limits,
    instrumented,
    amplify,
    watched,
  });
  if (reply.kind !== 'loaded') {
    host.kill();
    throw unexpected(reply, scenario);
  }
  return host;
}

function unexpected(reply: StressReply, { file, facts }: LoadedScenario): Error {
  if (reply.kind === 'invalid') return new UsageError(reply.message);
  return reply.kind === 'broken'
    ? breakage(file, reply.message, facts.realmChanges)
    : new HarnessError(`a stress process gave an unexpected answer: ${reply.kind}`);
}

/**
 * The record of a repetition that ended its process.
 *
 * @param executionsBefore those that the process had performed before the repetition
 */
function diedIn(
  { message, fatal }: StressProcessDied,
  repetition: number,
  seed: number,
  durationMs: number,
  executionsBefore: number,
): StressRepetition {
  const failure: Failure = fatal?.failure ?? { verdict: 'crash', message };
  const executions = fatal === undefined ? 1 : Math.max(1, fatal.executions - executionsBefore + 1);
  return {
    repetition,
    seed,
    executions,
    writers: fatal?.writers ?? 0,
    readers: 0,
    durationMs: Math.round(durationMs),
    runningMs: durationMs,
    operations: 0,
    acknowledgements: 0,
    verdict: failure.verdict,
    failure,
    failedExecution: executions,
    outcomes: [],
    watching: null,
  };
}
