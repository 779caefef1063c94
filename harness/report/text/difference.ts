import type { DifferenceLine, Failure } from '../../results/failure-schema.js';
import { printableLines } from './columns.js';
import type { Output } from './output.js';

/** What begins each line, as assertion libraries have it: the found value is the one that is there and should not be. */
const marks: Readonly<Record<DifferenceLine['side'], string>> = {
  both: ' ',
  expected: '-',
  found: '+',
  omitted: '…',
};

/** How the values of a failed assertion differ, below a line that says what the marks mean; nothing if a line each says it. */
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

/** A line of a value, made safe to print on one; its indentation stays. */
export function differenceText(text: string): string {
  return printableLines(text).join(' ');
}
