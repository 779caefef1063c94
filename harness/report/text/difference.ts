import type { DifferenceLine, Failure } from '../../results/failure-schema.js';
import { printableLines } from './columns.js';
import type { Output } from './output.js';

/** The mark of each line, as in assertion libraries: `-` is expected and missing, `+` is found and unexpected. */
const marks: Readonly<Record<DifferenceLine['side'], string>> = {
  both: ' ',
  expected: '-',
  found: '+',
  omitted: '…',
};

/** The difference of the values of a failed assertion, below a legend of the marks. Empty if the values fit on one line each. */
export function renderDifference({ assertion }: Failure, colors: Output['colors']): string[] {
  if (assertion === undefined || assertion.difference.length === 0) return [];
  const paint: Readonly<Record<DifferenceLine['side'], (text: string) => string>> = {
    both: (text) => text,
    expected: colors.green,
    found: colors.red,
    omitted: colors.dim,
  };
  const lines = assertion.difference.map(({ side, text }) => paint[side](`${marks[side]} ${differenceText(text)}`));
  return [`${colors.green('- expected')}  ${colors.red('+ found')}`, ...lines];
}

/** A line of a value, made safe to print as one line. Keeps its indentation. */
export function differenceText(text: string): string {
  return printableLines(text).join(' ');
}
