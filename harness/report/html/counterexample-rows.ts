import type { Counterexample } from '../../results/schema.js';
import { oneLine } from '../text/columns.js';
import { formatCount } from '../text/words.js';
import type { CounterexampleModel, Fold, ModelRow } from './counterexample-model.js';
import { markup, type Html } from './html.js';
import { failureHeadline } from '../text/failure-message.js';

/** The number of colours for lanes. */
const laneColors = 8;

/** The attribute that sets the lane of an element, and its colour. */
function laneStyle(lane: number): Html {
  return markup`style="--lane:${lane};--color:var(--series-${(lane % laneColors) + 1})"`;
}

/** The names of the lanes, above them. */
export function renderLaneHeads({ lanes }: CounterexampleModel): Html {
  return markup`<div class="heads" aria-hidden="true">
${lanes.map(({ name }, lane) => markup`<span class="head" ${laneStyle(lane)}>${name}</span>`)}</div>`;
}

/** The operations of a trace, in order, as items of a list. */
export function renderRows(counterexample: Counterexample, model: CounterexampleModel): Html {
  const foldAt = new Map(model.folds.map((fold) => [fold.start, fold]));
  const folded = new Set(model.folds.flatMap(({ start, end }) => range(start, end)));
  return markup`<div class="board" id="board">
${model.lanes.map((_, lane) => markup`<div class="rail" ${laneStyle(lane)}></div>`)}
<ol class="rows">
${model.earlierSteps > 0 && markup`<li class="gap">… ${formatCount(model.earlierSteps, 'earlier step')} not kept …</li>`}
${model.rows.map((row, index) => {
  const fold = foldAt.get(index);
  return [
    row.missing !== undefined && markup`<li class="gap">… ${formatCount(row.missing, 'step')} not kept …</li>`,
    fold !== undefined && renderFold(model, fold),
    row.turn === 'preemption' && renderPreemption(model, row, index),
    renderRow(model, row, index, folded.has(index)),
    index === model.brokenRow && renderFailure(counterexample),
  ];
})}
${model.brokenRow === null && renderFailure(counterexample)}</ol></div>`;
}

function renderRow(model: CounterexampleModel, row: ModelRow, index: number, isFolded: boolean): Html {
  const classes = [
    'row',
    isFolded && 'folded',
    row.turn === 'preemption' && 'preempting',
    row.isRecord === true && 'note',
    index === model.brokenRow && 'broken',
  ];
  return markup`<li class="${classes.filter((name) => name !== false).join(' ')}" id="row-${index}" data-row="${index}" ${laneStyle(row.lane)}>
<span class="step">${row.step}</span><span class="dot"></span>
<span class="what"><span class="agent">${model.lanes[row.lane]?.name} </span><b>${row.operation}</b>
${row.location !== undefined && markup` <code class="location">${row.location}</code>`}
${row.value !== undefined && markup` <code class="value">${row.isOutward ? '←' : '→'} ${row.value}</code>`}
${renderTurn(model, row)}</span></li>
`;
}

/** Why the turn came here, unless by a preemption. */
function renderTurn({ lanes }: CounterexampleModel, { turn, before }: ModelRow): Html | null {
  if (before === undefined || turn === undefined || turn === 'preemption') return null;
  const why = turn === 'yield' ? 'yielded' : 'could not continue';
  return markup` <i class="turn turn-${turn}">${lanes[before]?.name} ${why}</i>`;
}

function renderPreemption({ lanes }: CounterexampleModel, { lane, before }: ModelRow, index: number): Html {
  const who = before === undefined ? 'another agent' : lanes[before]?.name;
  return markup`<li class="cut" id="cut-${index}" ${laneStyle(before ?? lane)}><span>⚡\uFE0E preempted: ${who} could have continued</span></li>
`;
}

function renderFold(model: CounterexampleModel, { start, lane, text }: Fold): Html {
  return markup`<li class="fold" id="fold-${start}" data-fold="${start}" ${laneStyle(lane)}>
<span class="step">${model.rows[start]?.step}</span><span class="dot"></span>
<span class="what"><span class="agent">${model.lanes[lane]?.name} </span><button type="button" aria-expanded="false">${text}</button></span></li>
`;
}

function renderFailure({ failure }: Counterexample): Html {
  const { expected, found } = failure;
  const said =
    expected !== undefined && found !== undefined
      ? `expected ${oneLine(expected)}, found ${oneLine(found)}`
      : oneLine(failureHeadline(failure));
  return markup`<li class="failure" id="failure"><strong>✗ ${oneLine(failure.invariant ?? failure.verdict)}:</strong> ${said}</li>
`;
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => start + index);
}
