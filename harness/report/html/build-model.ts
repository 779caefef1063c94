import { gapsOf, previousOperation } from '../../results/kept-trace.js';
import type { Counterexample, Operation } from '../../results/schema.js';
import { brokenOperation } from '../trace/broken-operation.js';
import { selectRows } from '../trace/elision.js';
import { findBlockedSpans, findFlows } from '../trace/flows.js';
import { agentName, describeRounds, shortFileNames } from '../text/interleaving.js';
import { factsOf } from '../../results/operation-facts.js';
import { addressText, valueText } from '../text/operation.js';
import { memoryWords } from '../trace/memory-words.js';
import { oneLine } from '../text/columns.js';
import { formatCount } from '../text/words.js';
import type { CounterexampleModel, Fold, SourceLines } from './counterexample-model.js';
import { hasSourceLine } from './source-lines.js';

/** Computes what a page shows of a counterexample. */
export function counterexampleModel(
  counterexample: Counterexample,
  sources: readonly SourceLines[] = [],
): CounterexampleModel {
  const { trace } = counterexample;
  const agents = [...new Set(trace.map(({ agent }) => agent))].sort((left, right) => left - right);
  const laneOf = new Map(agents.map((agent, lane) => [agent, lane]));
  const words = memoryWords(trace);
  const missingBefore = new Map(gapsOf(trace).map(({ place, steps }) => [place, steps]));
  const wordOf = new Map(words.map(({ location }, index) => [location, index]));
  const shortNames = shortFileNames(trace);
  const broken = brokenOperation(counterexample);
  const lane = (agent: number): number => laneOf.get(agent) ?? 0;
  return {
    lanes: agents.map((agent) => ({ name: agentName(counterexample, agent) })),
    rows: trace.map((operation, index) => {
      const previous = previousOperation(trace, index);
      const missing = index === 0 ? undefined : missingBefore.get(index);
      const { step, agent, kind, address, turn, site, source } = operation;
      const location = address === undefined ? undefined : addressText(address);
      const value = valueText(operation);
      const facts = factsOf(operation);
      const access = location === undefined ? undefined : facts.access;
      const word = access === undefined ? undefined : wordOf.get(location ?? '');
      const sourceIndex = sources.findIndex((found) => hasSourceLine(operation, found));
      return {
        step,
        lane: lane(agent),
        operation: kind,
        ...(facts.isRecord === true ? { isRecord: true } : {}),
        isOutward: facts.isOutward === true,
        ...(location === undefined ? {} : { location }),
        ...(value === undefined ? {} : { value: oneLine(value) }),
        ...(turn === undefined ? {} : { turn }),
        ...(missing === undefined ? {} : { missing }),
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

/** The runs of operations that the report in the terminal puts into one row. */
function foldsOf(
  trace: readonly Operation[],
  broken: Operation | undefined,
  laneOf: (agent: number) => number,
): Fold[] {
  const folds: Fold[] = [];
  let start = 0;
  for (const row of selectRows(trace, broken, Infinity)) {
    if (row.kind === 'missing') continue;
    const end = start + (row.kind === 'operation' ? 1 : row.count);
    const agent = trace[start]?.agent ?? 0;
    if (row.kind === 'within') {
      const text = `${formatCount(row.count, 'operation')} in ${row.folders.map(oneLine).join(', ')}`;
      folds.push({ start, end, lane: laneOf(agent), text });
    } else if (row.kind === 'rounds' && trace.slice(start, end).every((operation) => operation.agent === agent)) {
      folds.push({ start, end, lane: laneOf(agent), text: describeRounds(row.count, row.length) });
    }
    start = end;
  }
  return folds;
}
