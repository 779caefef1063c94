import type { ExecutionResult } from '../engine/execution-result.js';
import { namedSource } from '../instrument/source-names.js';
import { agentNames } from '../results/agent-name.js';
import { encodeParams } from '../results/params.js';
import { readRegularFile } from '../results/read-regular-file.js';
import type { Counterexample, Failure, Operation, ShrinkingEnd } from '../results/schema.js';
import { schemaVersion } from '../results/schema-versions.js';
import type { Plan } from '../schedule/schedule.js';

const maximumSourceLength = 160;
/** No lines of larger files are shown. */
const maximumSourceBytes = 16 * 1024 * 1024;

/** Looks up the lines of places that the bundle of the scenario has, reading each file once. */
class SourceLines {
  readonly #projectDirectory: string;
  readonly #files = new Map<string, readonly string[]>();

  constructor(projectDirectory: string) {
    this.#projectDirectory = projectDirectory;
  }

  line(file: string, line: number): string | undefined {
    let lines = this.#files.get(file);
    if (lines === undefined) {
      try {
        const read = readRegularFile(namedSource(this.#projectDirectory, file), maximumSourceBytes);
        lines = 'text' in read ? read.text.split('\n') : [];
      } catch {
        lines = [];
      }
      this.#files.set(file, lines);
    }
    return lines[line - 1]?.trim().slice(0, maximumSourceLength);
  }
}

function withSource(operation: Operation, sources: SourceLines): Operation {
  if (operation.site === undefined) return operation;
  const source = sources.line(operation.site.file, operation.site.line);
  return source === undefined ? operation : { ...operation, source };
}

/** Removes the project's folder from paths, so that a counterexample reads the same on every machine. */
function relativeTo(projectDirectory: string, failure: Failure): Failure {
  const strip = (text: string): string => text.replaceAll(`${projectDirectory}/`, '').replaceAll(projectDirectory, '.');
  return {
    ...failure,
    ...(failure.message === undefined ? {} : { message: strip(failure.message) }),
    ...(failure.stack === undefined ? {} : { stack: strip(failure.stack) }),
  };
}

/** Combines everything known about a failure, in the form in which it is saved, shown and replayed. */
export function composeCounterexample(given: {
  readonly projectDirectory: string;
  readonly scenario: Counterexample['scenario'];
  readonly plan: Plan;
  readonly executionResult: ExecutionResult;
  readonly seed: number;
  readonly path: string;
  /** Default: as small as possible. */
  readonly shrinkingEnded?: ShrinkingEnd | null;
  /** Default true. */
  readonly confirmed?: boolean;
  /** If it was found by exploring every interleaving: with which bound. */
  readonly exhaustive?: Counterexample['exhaustive'];
}): Counterexample | null {
  const { plan, executionResult, projectDirectory } = given;
  if (executionResult.failure === null) return null;
  const sources = new SourceLines(projectDirectory);
  const { order, preemptions, choices, randomSeed, patience, slice, walk } = plan.schedule;
  return {
    schema: 'threadmill/counterexample',
    version: schemaVersion,
    scenario: given.scenario,
    failure: relativeTo(projectDirectory, executionResult.failure),
    writers: plan.writers,
    readers: plan.readers,
    params: encodeParams(plan.params),
    schedule: {
      order: [...order],
      preemptions: preemptions.map(({ step, to }) => ({ step, to })),
      choices: [...choices],
      randomSeed,
      ...(patience === undefined ? {} : { patience }),
      ...(slice === undefined ? {} : { slice }),
      ...(walk === undefined ? {} : { walk: structuredClone(walk) as NonNullable<Counterexample['schedule']['walk']> }),
    },
    ...(given.shrinkingEnded === undefined || given.shrinkingEnded === null
      ? {}
      : { shrinkingEnded: given.shrinkingEnded }),
    ...(given.confirmed === false ? { confirmed: false } : {}),
    preemptions: executionResult.preemptions,
    steps: executionResult.steps,
    traceHash: executionResult.traceHash,
    seed: given.seed,
    path: given.path,
    ...(given.exhaustive === undefined ? {} : { exhaustive: given.exhaustive }),
    agents: [...(executionResult.agents ?? agentNames(plan.writers))],
    trace: executionResult.trace.map((operation) => withSource(operation, sources)),
  };
}
