import fc from 'fast-check';
import type { StressEngine, StressExecutionResult, StressInputs } from '../../engine/stress/engine.js';
import type { Watch } from '../../engine/stress/watch.js';
import { hashText } from '../../hash-text.js';
import type { Failure } from '../../results/schema.js';
import type { OutcomeCount, StressRepetition } from '../../results/stress-schema.js';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import { gradeOf } from '../../scenario/outcomes.js';
import { validateCount, validateParams } from '../../scenario/validate-draws.js';
import { inputsArbitrary } from '../controlled/inputs-arbitrary.js';
import type { StressRequest } from './protocol.js';

type RepeatRequest = Extract<StressRequest, { kind: 'repeat' }>;

/** Executions drawn at once. */
const drawnAtOnce = 256;
const progressEveryMs = 200;
/** How many different outcomes are counted separately. */
const maximumOutcomes = 200;

/** Counts the outcomes of one repetition. */
class Tally {
  executions = 0;
  runningMs = 0;
  operations = 0;
  acknowledgements = 0;
  writers = 0;
  readers = 0;
  readonly #outcomes = new Map<string, { count: number; execution: number }>();

  add(inputs: StressInputs, result: StressExecutionResult): void {
    this.executions++;
    this.runningMs += result.runningMs;
    this.operations += result.operations;
    this.acknowledgements += result.acknowledgements;
    this.writers = Math.max(this.writers, inputs.writers);
    this.readers = Math.max(this.readers, inputs.readers);
    if (result.outcome === null) return;
    const known = this.#outcomes.get(result.outcome);
    if (known !== undefined) known.count++;
    else if (this.#outcomes.size < maximumOutcomes) {
      this.#outcomes.set(result.outcome, { count: 1, execution: this.executions });
    }
  }

  /** Every outcome that the scenario knows, seen or not, then the others in the order in which they were first seen. */
  outcomes({ outcomes }: AnyScenario, repetition: number): OutcomeCount[] {
    if (outcomes === undefined) return [];
    const names = new Set([...Object.keys(outcomes.grades), ...this.#outcomes.keys()]);
    return [...names].map((outcome) => {
      const seen = this.#outcomes.get(outcome);
      return {
        outcome,
        grade: gradeOf(outcomes, outcome),
        count: seen?.count ?? 0,
        example: seen === undefined ? null : { repetition, execution: seen.execution },
      };
    });
  }
}

/** Runs the executions of a scenario's repetitions, one after another. */
export class Repeater {
  readonly #engine: StressEngine;
  readonly #scenario: AnyScenario;
  readonly #file: string;
  readonly #watch: Watch | undefined;

  /** @param file the name of the scenario's file in errors */
  constructor(engine: StressEngine, scenario: AnyScenario, file: string, watch: Watch | undefined) {
    this.#engine = engine;
    this.#scenario = scenario;
    this.#file = file;
    this.#watch = watch;
  }

  /**
   * Runs one repetition; it ends with its first failure.
   *
   * @returns its record, and whether threads may be left that cannot be stopped
   * @throws InvalidScenario if the scenario asks for sizes that are not possible
   */
  async repeat(
    request: RepeatRequest,
    onProgress: (executions: number) => void,
  ): Promise<{ result: StressRepetition; isStuck: boolean }> {
    const { repetition, seed, profile, remainingMs } = request;
    const startedAtMs = performance.now();
    const endsAtMs = startedAtMs + Math.min(profile.repetitionMs, remainingMs ?? Infinity);
    const tally = new Tally();
    let failure: Failure | null = null;
    let isStuck = false;
    let lastProgressMs = startedAtMs;
    this.#watch?.beginRepetition();
    for (const inputs of this.#inputs(seed, profile)) {
      if (tally.executions > 0 && performance.now() >= endsAtMs) break;
      const result = await this.#engine.execute(inputs, this.#watch);
      this.#watch?.add(result);
      tally.add(inputs, result);
      ({ failure, isStuck } = result);
      if (failure !== null) break;
      if (performance.now() - lastProgressMs > progressEveryMs) {
        lastProgressMs = performance.now();
        onProgress(tally.executions);
      }
    }
    const result: StressRepetition = {
      repetition,
      seed,
      executions: tally.executions,
      writers: tally.writers,
      readers: tally.readers,
      durationMs: Math.round(performance.now() - startedAtMs),
      runningMs: tally.runningMs,
      operations: tally.operations,
      acknowledgements: tally.acknowledgements,
      verdict: failure?.verdict ?? 'held',
      failure,
      failedExecution: failure === null ? null : tally.executions,
      outcomes: tally.outcomes(this.#scenario, repetition),
      watching: this.#watch?.endRepetition() ?? null,
    };
    return { result, isStuck };
  }

  /** The executions of one repetition: a single one of the size that the scenario sets, or many small ones as drawn. */
  *#inputs(seed: number, profile: RepeatRequest['profile']): Generator<StressInputs> {
    const scenario = this.#scenario;
    const executions = scenario.stress === undefined ? profile.iterations : 1;
    const sizes = scenario.stress?.(profile);
    for (let first = 0; first < executions; first += drawnAtOnce) {
      const drawSeed = hashText(`${seed} ${first}`);
      const numRuns = Math.min(drawnAtOnce, executions - first);
      for (const [index, drawn] of fc.sample(inputsArbitrary(scenario), { numRuns, seed: drawSeed }).entries()) {
        const writers = sizes?.writers ?? drawn.writers;
        const readers = sizes?.readers ?? drawn.readers;
        const params = { ...drawn.params, ...sizes?.params };
        if (scenario.writers !== undefined) validateCount('writers', writers, this.#file);
        if (scenario.readers !== undefined) validateCount('readers', readers, this.#file);
        validateParams(params, this.#file);
        yield {
          writers: scenario.writers === undefined ? 0 : writers,
          readers: scenario.readers === undefined ? 0 : readers,
          params,
          seed: hashText(`${drawSeed} ${index}`),
        };
      }
    }
  }
}
