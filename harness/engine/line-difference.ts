import type * as diff from 'diff';
import { createRequire } from 'node:module';
import type { DifferenceLine } from '../results/failure-schema.js';

/** Limits for the difference of two texts. */
export const differenceLimits = {
  /** Lines that are shown, including those that stand for omitted lines. */
  lines: 60,
  /** Characters of a line. */
  lineLength: 200,
  /** Lines around each difference. */
  context: 3,
  /** Lines added and removed above which one text counts as replaced by the other. */
  edits: 1_000,
} as const;

const nodeRequire = createRequire(import.meta.url);
let loaded: typeof diff | undefined;

/** Loaded for the first failed assertion: most agents never see one, and start faster without it. */
const library = (): typeof diff => (loaded ??= nodeRequire('diff') as typeof diff);

/** How one text differs from another, by lines, with as much shared context as is needed to see where. */
export function lineDifference(expected: string, found: string): DifferenceLine[] {
  const [left, right] = [expected.split('\n'), found.split('\n')];
  const changes = library().diffArrays(left, right, { maxEditLength: differenceLimits.edits });
  const lines =
    changes === undefined
      ? [...sided('expected', left), ...sided('found', right)]
      : changes.flatMap(({ added, removed, value }) => sided(removed ? 'expected' : added ? 'found' : 'both', value));
  return bounded(withContext(lines));
}

const sided = (side: DifferenceLine['side'], texts: readonly string[]): DifferenceLine[] =>
  texts.map((text) => ({ side, text: shortened(text) }));

function shortened(text: string): string {
  return text.length <= differenceLimits.lineLength ? text : `${text.slice(0, differenceLimits.lineLength)}…`;
}

const omitted = (lines: number): DifferenceLine => ({
  side: 'omitted',
  text: `${lines} line${lines === 1 ? '' : 's'}`,
});

/** Leaves out the lines of both sides that are not near a difference. */
function withContext(lines: readonly DifferenceLine[]): DifferenceLine[] {
  const { context } = differenceLimits;
  const isNear = new Array<boolean>(lines.length).fill(false);
  for (const [place, { side }] of lines.entries())
    if (side !== 'both') isNear.fill(true, Math.max(0, place - context), place + context + 1);
  const kept: DifferenceLine[] = [];
  for (let place = 0; place < lines.length;) {
    const start = place;
    while (place < lines.length && !isNear[place]) place++;
    // A single line takes no more space than a note that it was omitted.
    if (place - start === 1) kept.push(lines[start]!);
    else if (place > start) kept.push(omitted(place - start));
    while (place < lines.length && isNear[place]) kept.push(lines[place++]!);
  }
  return kept;
}

function bounded(lines: readonly DifferenceLine[]): DifferenceLine[] {
  const { lines: limit } = differenceLimits;
  if (lines.length <= limit) return [...lines];
  // Each side gets its share: for a replaced text, the beginnings of both are shown.
  const firstFound = lines.findIndex(({ side }) => side === 'found');
  const head = Math.floor((limit - 2) / 2);
  if (firstFound <= head) return [...lines.slice(0, limit - 1), omitted(lines.length - limit + 1)];
  const tail = lines.slice(firstFound, firstFound + head);
  const after = lines.length - firstFound - tail.length;
  return [...lines.slice(0, head), omitted(firstFound - head), ...tail, ...(after > 0 ? [omitted(after)] : [])];
}
