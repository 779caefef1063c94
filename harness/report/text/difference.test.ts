import { expect, it } from 'vitest';
import type { Failure } from '../../results/failure-schema.js';
import { assertionFailureSample, counterexampleSample } from '../testing/samples.js';
import { renderCounterexample } from './failure.js';
import { renderDifference } from './difference.js';
import { textOutput } from './output.js';

const failure: Failure = {
  ...assertionFailureSample,
  assertion: {
    difference: [
      ...assertionFailureSample.assertion!.difference.slice(0, -1),
      { side: 'found', text: '  b: 3\n::error::\u001b[2J' },
    ],
  },
};
const output = textOutput();

it('marks which value has which line, and keeps each to one line', () => {
  expect(renderDifference(failure, output.colors)).toEqual([
    '- expected  + found',
    '… 7 lines',
    '    a: 1,',
    '-   b: 2',
    '+   b: 3 ::error::\\u001b[2J',
  ]);
});

it('takes the place of expected and found in a report', () => {
  const counterexample = { ...counterexampleSample(), failure };
  const text = renderCounterexample(counterexample, null, { ...output, interleaving: false }).join('\n');
  expect(text).toContain('  difference   - expected  + found\n               … 7 lines\n');
  expect(text).not.toContain('{ a: 1, b: 2 }');
  const short = { ...counterexample, failure: { ...failure, assertion: { difference: [] } } };
  const said = renderCounterexample(short, null, { ...output, interleaving: false }).join('\n');
  expect(said).toContain('  expected     { a: 1, b: 2 }\n    found        { a: 1, b: 3 }'.replace(/^ {4}/gm, '  '));
});
