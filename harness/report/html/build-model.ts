import type { Counterexample, Operation } from '../../results/schema.js';
import { brokenOperation } from '../broken-operation.js';
import { selectRows } from '../elision.js';
import { findBlockedSpans, findFlows } from '../flows.js';
import { agentName, isOutward, shortFileNames } from '../interleaving.js';
import { accessOf, memoryWords } from '../memory-words.js';
import { oneLine } from '../text.js';
import type { CounterexampleModel, Fold, SourceLines } from './counterexample-model.js';
import { hasSourceLine } from './source-lines.js';

/** Works out what a page shows of a counterexample. */
export function counterexampleModel(
  counterexample: Counterexample,
  sources: readonly SourceLines[] = [],
): CounterexampleModel {
  const { trace } = counterexample;
  const agents = [...new Set(trace.map(({ agent }) => agent))].sort((left, right) => left - right);
  const laneOf = new Map(agents.map((agent, lane) => [agent, lane]));
  const words = memoryWords(trace);
  const wordOf = new Map(words.map(({ location }, index) => [location, index]));
  const shortNames = shortFileNames(trace);
  const broken = brokenOperation(counterexample);
  const lane = (agent: number): number => laneOf.get(agent) ?? 0;
  return {
    lanes: agents.map((agent) => ({ name: agentName(counterexample, agent) })),
    rows: trace.map((operation, index) => {
      const previous = trace[index - 1];
      const { step, agent, location, value, turn, site, source } = operation;
      const access = accessOf(operation);
      const word = access === undefined ? undefined : wordOf.get(location ?? '');
      const sourceIndex = sources.findIndex((found) => hasSourceLine(operation, found));
      return {
        step,
        lane: lane(agent),
        operation: operation.operation,
        isOutward: isOutward(operation),
        ...(location === undefined ? {} : { location: oneLine(location) }),
        ...(value === undefined ? {} : { value: oneLine(value) }),
        ...(turn === undefined ? {} : { turn }),
        ...(previous === undefined || previous.agent === agent ? {} : { before: lane(previous.agent) }),
        ...(word === undefined || access === undefined ? {} : { word, access }),
        ...(site === undefined ? {} : { place: `${shortNames.get(site.file) ?? site.file}:${site.line}` }),
        ...(site === undefined ? {} : { line: site.line }),
        ...(source === undefined ? {} : { source: oneLine(source) }),
        ...(sourceIndex < 0 ? {} : { sourceIndex }),
      };
    }),
    folds: foldsOf(trace, broken, lane),
    arrows: findFlows(counterexample),
    blocked: findBlockedSpans(counterexample).map(({ agent, from, to }) => ({ lane: lane(agent), from, to })),
    words,
    sources,
    brokenRow: broken === undefined ? null : trace.indexOf(broken),
    earlierSteps: trace[0]?.step ?? 0,
  };
}

/** The same runs that the report in the terminal tells in one row. */
function foldsOf(
  trace: readonly Operation[],
  broken: Operation | undefined,
  laneOf: (agent: number) => number,
): Fold[] {
  const folds: Fold[] = [];
  let start = 0;
  for (const row of selectRows(trace, broken, Infinity)) {
    const end = start + (row.kind === 'operation' ? 1 : row.count);
    if (row.kind === 'within') folds.push({ start, end, lane: laneOf(row.agent), folders: row.folders });
    start = end;
  }
  return folds;
}
