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

/** The lines of the difference that a failed assertion has, each with its mark and safe to print as one line. */
export function differenceLines({ assertion }: Failure): DifferenceLine[] {
  return (assertion?.difference ?? []).map(({ side, text }) => ({
    side,
    text: `${marks[side]} ${printableLines(text).join(' ')}`,
  }));
}

/** The same lines in colour, below a legend of the marks. Empty if the values fit on one line each. */
export function renderDifference(failure: Failure, colors: Output['colors']): string[] {
  const lines = differenceLines(failure);
  if (lines.length === 0) return [];
  const paint: Readonly<Record<DifferenceLine['side'], (text: string) => string>> = {
    both: (text) => text,
    expected: colors.green,
    found: colors.red,
    omitted: colors.dim,
  };
  return [
    `${colors.green('- expected')}  ${colors.red('+ found')}`,
    ...lines.map(({ side, text }) => paint[side](text)),
  ];
}
