import { readBundle } from '../../report/html/bundle.js';
import { markup, type Html } from '../../report/html/html.js';
import { renderPage } from '../../report/html/page.js';
import { formatDuration } from '../../report/text/words.js';
import type { BridgeComparison, BridgeStanding, Comparison, Spread } from '../../results/comparison-schema.js';
import { formatDelayMs, formatMiB, formatMicroseconds, formatRate, formatSeconds, formatSpread } from './numbers.js';
import {
  describeControlled,
  describeMethod,
  describeSteadyPace,
  describeStress,
  describeTieRule,
  describeWorkload,
  formatRank,
  ofStanding,
  standingOrder,
  standings,
} from './words.js';

const marks: Readonly<Record<BridgeStanding, string>> = {
  holds: '✓ holds',
  flawed: '! has faults',
  broke: '✗ broke',
  unknown: '? unknown',
};

/** A comparison as a self-contained page. */
export async function renderComparisonPage(comparison: Comparison): Promise<string> {
  const { script, styles } = await readBundle(new URL('./browser/', import.meta.url));
  // The charts do not need the fields that they do not draw.
  const data = { ...comparison, bridges: comparison.bridges.map((bridge) => ({ ...bridge, promises: null })) };
  return renderPage({ title: 'Bridges compared', body: bodyOf(comparison), script, styles, data });
}

function bodyOf(comparison: Comparison): Html {
  const { threadmill, node, platform, cpus, seed, startedAt, durationMs, interrupted, notes } = comparison;
  const time = startedAt.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC');
  return markup`<main>
<h1>Bridges compared</h1>
<p class="lead">${describeWorkload(comparison)}. Latency ${describeSteadyPace(comparison)}. Each number is the median of
${comparison.options.rounds} rounds, ± half the distance between the quartiles.</p>
<div class="scrolls">${verdictTable(comparison)}</div>
${interrupted ? markup`<p>The comparison was interrupted. These are the rounds that finished.</p>` : null}
${notes.map((note) => markup`<p>Note: ${note}</p>`)}
<p class="lead">${describeTieRule(comparison)}</p>
<fieldset class="switches no-print"><legend class="visually-hidden">Bridges in the line charts</legend>
${comparison.bridges.map(switchOf)}
</fieldset>
<div class="charts">
${figure('throughput', 'Records a second', 'As fast as writers can. Further right is faster. Dot: median; bar: quartiles; line: all rounds.')}
${figure('latency', 'From write to visible', 'How long it took until this share of writes was visible, at the steady pace. Lower is better.')}
${figure('scaling', 'Records a second by number of writers', 'Flat: more writers add nothing. Falling: writers get in each other’s way.')}
${figure('queue-depth', 'Writes on their way', 'Acknowledged or handed over, but not in the table yet, during one timed batch. A line that only rises fills memory.')}
${figure('loop-delay', 'Event loop delay, as fast as writers can', 'The 99th percentile of each round. Further left is better.')}
${figure('loop-delay-steady', 'Event loop delay at the steady pace', 'The same, with writers that pace themselves.')}
${figure('memory', 'Memory', 'Peak of resident memory in the timed batches, minus the memory before the first write.')}
${figure('cpu', 'Processor time', 'Of all threads, per million records.')}
</div>
${scalingTable(comparison)}
<h2>What each promises</h2>
<div class="scrolls">${promiseTable(comparison)}</div>
<h2>How it was measured</h2>
<dl>${describeMethod(comparison).map(([measure, how]) => markup`<dt><strong>${measure}</strong></dt><dd>${how}</dd>`)}</dl>
<p class="lead">${time}, took ${formatDuration(durationMs)}; threadmill ${threadmill}, Node ${node}, ${platform}, ${cpus} CPUs;
seed ${seed}.</p>
</main>`;
}

function figure(id: string, title: string, explanation: string): Html {
  return markup`<figure><h2>${title}</h2><figcaption>${explanation}</figcaption>
<div class="chart"><canvas id="${id}" role="img" aria-label="${title}: ${explanation}"></canvas></div></figure>`;
}

function switchOf({ id, standing }: BridgeComparison): Html {
  // Bridges that broke are shown too, but must not set the scale for the others.
  const checked = standing === 'broke' ? null : markup` checked`;
  return markup`<label class="${standing}"><input type="checkbox" data-bridge="${id}"${checked}>${standing === 'broke' ? '✗ ' : ''}${id}</label>
`;
}

function verdictTable(comparison: Comparison): Html {
  const columns = [
    'verdict',
    'bridge',
    'rank',
    'records/s',
    'latency p50',
    'p99',
    'p99.9',
    'loop delay p99',
    'memory',
    'CPU per million',
  ];
  return markup`<table class="verdicts">
<thead><tr>${columns.map((column) => markup`<th scope="col">${column}</th>`)}</tr></thead>
${standingOrder.map((standing) => verdictRows(comparison, standing, columns.length))}
</table>`;
}

function verdictRows(comparison: Comparison, standing: BridgeStanding, columns: number): Html | null {
  const bridges = ofStanding(comparison, standing);
  if (bridges.length === 0) return null;
  const { title, explanation } = standings[standing];
  const ranks = bridges.map((bridge) => bridge.ranks.throughput);
  return markup`<tbody class="${standing}">
<tr><th colspan="${columns}" scope="rowgroup">${title}<small>${explanation}</small></th></tr>
${bridges.map((bridge) => {
  const { id, controlled, stress, throughput, latencyUs, loopDelayMs, memoryMiB, cpuSecondsPerMillion } = bridge;
  const why = standing === 'broke' ? (controlled?.message ?? stress.message) : null;
  return markup`<tr><td class="verdict">${marks[standing]}</td><td class="why"><strong>${id}</strong>
<small>controlled: ${describeControlled(controlled)}</small><small>stress: ${describeStress(stress)}</small>
${why === null ? null : markup`<small>${why}</small>`}</td>
<td>${formatRank(bridge.ranks.throughput, ranks)}</td>${cell(throughput, formatRate)}
${cell(latencyUs?.p50, formatMicroseconds)}${cell(latencyUs?.p99, formatMicroseconds)}${cell(latencyUs?.p999, formatMicroseconds)}
${cell(loopDelayMs.timed?.p99, formatDelayMs)}${cell(memoryMiB, formatMiB)}${cell(cpuSecondsPerMillion, formatSeconds)}</tr>
`;
})}</tbody>`;
}

function cell(spread: Spread | null | undefined, format: (value: number) => string): Html {
  if (spread === null || spread === undefined) return markup`<td class="number">–</td>`;
  return markup`<td class="number">${format(spread.median)}<small>${formatSpread(spread)}</small></td>`;
}

/** The numbers of the chart of writer counts, as a table. */
function scalingTable({ bridges }: Comparison): Html {
  const counts = [...new Set(bridges.flatMap(({ scaling }) => scaling.map(({ writers }) => writers)))].sort(
    (first, second) => first - second,
  );
  return markup`<details><summary>Records a second by number of writers, as a table</summary><div class="scrolls"><table>
<thead><tr><th scope="col">bridge</th>${counts.map((count) => markup`<th scope="col">${count}</th>`)}</tr></thead>
<tbody>${bridges.map(
    ({ id, scaling, standing }) =>
      markup`<tr><td>${standing === 'broke' ? '✗ ' : ''}${id}</td>${counts.map((count) =>
        cell(scaling.find(({ writers }) => writers === count)?.throughput, formatRate),
      )}</tr>
`,
  )}</tbody></table></div></details>`;
}

function promiseTable({ bridges }: Comparison): Html {
  const columns = ['bridge', 'delivery', 'order', 'freshness', 'bounds', 'who may block', 'shutdown'];
  return markup`<table><thead><tr>${columns.map((column) => markup`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${bridges.map(
    ({ id, promises: { delivery, order: kept, freshness, bounds, whoMayBlock, shutdown } }) =>
      markup`<tr>${[id, delivery, kept, freshness, bounds, whoMayBlock, shutdown].map((text) => markup`<td>${text}</td>`)}</tr>
`,
  )}</tbody></table>`;
}
