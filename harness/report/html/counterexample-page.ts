import type { Counterexample } from '../../results/schema.js';
import { replayCommand, rerunCommand } from '../text/reproduce.js';
import { oneLine, printableLines } from '../text/columns.js';
import { formatAgents, formatCount, formatNumber, formatParams, formatVerdict } from '../text/words.js';
import { readBundle } from './bundle.js';
import { counterexampleModel } from './build-model.js';
import { renderLaneHeads, renderRows } from './counterexample-rows.js';
import { markup, type Html } from './html.js';
import { renderPage } from './page.js';
import { readSourceLines, type SourceFiles } from './source-lines.js';
import type { DifferenceLine, Failure } from '../../results/failure-schema.js';
import { differenceLines } from '../text/difference.js';
import { failureMessage } from '../text/failure-message.js';

/** Where a counterexample comes from. */
export interface CounterexampleOrigin {
  /** The files whose lines the page may show. */
  readonly sources: SourceFiles;
  /** The saved counterexample, relative to the project. */
  readonly file: string;
}

/**
 * Renders the page of a counterexample: what broke, and its operations one by one, with the words of memory and the source
 * beside them. The page is self-contained.
 *
 * @throws HarnessError if files of Threadmill are missing
 */
export async function renderCounterexamplePage(
  counterexample: Counterexample,
  { sources, file }: CounterexampleOrigin,
): Promise<string> {
  const model = counterexampleModel(counterexample, readSourceLines(sources, counterexample.trace));
  const { script, styles } = await readBundle(new URL('./browser/counterexample/', import.meta.url));
  const name = oneLine(counterexample.scenario.name);
  const body = markup`${renderHead(counterexample, file)}
<main class="stage" data-lanes="${model.lanes.length}" style="--lanes:${model.lanes.length}">
<section class="timeline" aria-label="Operations, in the order in which they happened">
${renderLaneHeads(model)}
${renderRows(counterexample, model)}
</section>
${renderSide(model.words.length > 0)}
</main>
<p class="visually-hidden" id="announcement" aria-live="polite"></p>`;
  const title = `${name}: ${formatVerdict(counterexample.failure.verdict, counterexample.failure.invariant)}`;
  return renderPage({ title, body, styles, script, data: model });
}

function renderHead(counterexample: Counterexample, file: string): Html {
  const { scenario, failure, preemptions, steps } = counterexample;
  const [message = '', ...more] = printableLines(failureMessage(failure, counterexample.agents));
  const facts = [
    formatAgents(counterexample),
    `${formatCount(preemptions, 'preemption')} in ${formatCount(steps, 'step')}`,
  ];
  return markup`<header class="top">
<h1>${oneLine(scenario.name)}</h1>
<p class="verdict"><strong class="badge">✗ ${formatVerdict(failure.verdict, failure.invariant)}</strong> ${message}</p>
${more.length > 0 && markup`<ul class="more">${more.map((line) => markup`<li>${line}</li>`)}</ul>`}
${renderExpectedAndFound(failure)}
<details class="facts"><summary>${facts.join(' · ')}</summary>
${renderFacts(counterexample, file)}
</details>
</header>`;
}

/** The expected and the found value, or their difference if it takes several lines. */
function renderExpectedAndFound(failure: Failure): Html | false {
  const difference = differenceLines(failure);
  if (difference.length > 0) return renderDifference(difference);
  const { expected, found } = failure;
  if (expected === undefined || found === undefined) return false;
  const lines = (text: string): Html[] => printableLines(text).map((line) => markup`<span>${line}</span>`);
  return markup`<dl class="difference">
<div class="expected"><dt>expected</dt><dd>${lines(expected)}</dd></div>
<div class="found"><dt>found</dt><dd>${lines(found)}</dd></div>
</dl>`;
}

/** The marks are text, not styles, so that they are copied, printed and read aloud. */
function renderDifference(difference: readonly DifferenceLine[]): Html {
  const legend = markup`<b class="expected">- expected</b> <b class="found">+ found</b>`;
  const lines = difference.map(({ side, text }) => markup`<span class="${side}">${text}</span>`);
  return markup`<p class="marks">${legend}</p><pre class="lines scrolls">${lines}</pre>`;
}

function renderFacts(counterexample: Counterexample, file: string): Html {
  const { scenario, failure, params, agents, traceHash, seed, path } = counterexample;
  const by = failure.agent === undefined ? undefined : oneLine(agents[failure.agent] ?? `agent ${failure.agent}`);
  const at = failure.step === undefined ? undefined : `step ${formatNumber(failure.step)}`;
  const facts: (readonly [string, Html | string])[] = [
    ['scenario', markup`<code>${oneLine(scenario.file)}</code>`],
    ['params', markup`<code>${formatParams(params)}</code>`],
    ['by', [by, at].filter((part) => part !== undefined).join(', at ') || 'no agent'],
    ['trace', markup`<code>${traceHash}</code>`],
    ['seed and path', markup`<code>${seed}</code> <code>${path}</code>`],
    ['replay it', markup`<code>${replayCommand(file)}</code>`],
    ['find it again', markup`<code>${rerunCommand(counterexample)}</code>`],
  ];
  return markup`<div class="scrolls"><table>
${facts.map(([label, value]) => markup`<tr><th scope="row">${label}</th><td>${value}</td></tr>`)}
</table></div>
${failure.stack !== undefined && markup`<pre class="stack scrolls">${printableLines(failure.stack).join('\n')}</pre>`}`;
}

const controls = [
  ['first', '«', 'First step', 'Home'],
  ['previous', '‹', 'Previous step', 'k'],
  ['next', '›', 'Next step', 'j'],
  ['last', '»', 'Last step', 'End'],
  ['next-preemption', '⚡\uFE0E', 'Next preemption', 'n'],
  ['failure', '✗', 'Where it broke', 'f'],
] as const;

const keys = [
  [['↑', 'k'], 'back'],
  [['↓', 'j'], 'on'],
  [['Home'], 'first'],
  [['End'], 'last'],
  [['n'], 'next preemption'],
  [['p'], 'the one before'],
  [['f'], 'where it broke'],
  [['o'], 'open or close library code'],
] as const;

/** The panel beside the operations. The script fills it in. */
function renderSide(hasWords: boolean): Html {
  return markup`<aside class="side no-print" aria-label="The current step">
<div class="controls" role="toolbar" aria-label="Steps">
${controls.map(
  ([id, sign, label, key]) =>
    markup`<button type="button" id="go-${id}" title="${label} (${key})" aria-label="${label}" aria-keyshortcuts="${key}">${sign}</button>`,
)}
</div>
<div class="current" id="current"></div>
${hasWords && markup`<section class="memory" aria-label="Shared memory"><div id="words"></div></section>`}
<div class="source" id="source"></div>
<p class="keys">${keys.map(([names, what]) => markup`<span>${names.map((name) => markup`<kbd>${name}</kbd> `)}${what}</span> `)}</p>
${renderLegend()}
<noscript><p>Stepping through the operations needs JavaScript.</p></noscript>
</aside>`;
}

/** The meaning of lines and dots. */
function renderLegend(): Html {
  const signs = [
    [markup`<circle cx="12" cy="6" r="4" fill="currentColor"/>`, 'operation'],
    [markup`<circle cx="12" cy="6" r="4"/>`, 'recorded by the program'],
    [markup`<path d="M1 6H17M16 2L22 6L16 10"/>`, 'message'],
    [markup`<path d="M1 6H17" stroke-dasharray="4 2"/><path d="M16 2L22 6L16 10"/>`, 'wake-up'],
    [markup`<path d="M1 6H23" stroke-dasharray="1 4" stroke-width="3"/>`, 'asleep in Atomics.wait'],
  ] as const;
  return markup`<p class="legend">${signs.map(
    ([sign, what]) => markup`<span><svg viewBox="0 0 24 12" aria-hidden="true">${sign}</svg> ${what}</span> `,
  )}</p>`;
}
