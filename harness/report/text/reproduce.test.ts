import { describe, expect, it } from 'vitest';
import { counterexampleSample } from '../testing/samples.js';
import { rerunCommand } from './reproduce.js';

describe('rerunCommand', () => {
  const sample = { ...counterexampleSample(), seed: 7, path: '0:1' };

  it('runs a scenario, or one test of a file, quoted for a shell', () => {
    expect(rerunCommand({ ...sample, scenario: { name: 'a', file: 'scenarios/a.scenario.ts' } })).toBe(
      'npx threadmill run scenarios/a.scenario.ts --seed 7 --path 0:1',
    );
    const scenario = { name: `a.test.ts > it's > 5 $`, file: 'a.test.ts', test: `it's > 5 $` };
    expect(rerunCommand({ ...sample, scenario }, ['--strategy', 'pct'])).toBe(
      `npx threadmill test a.test.ts --test 'it'\\''s > 5 $' --seed 7 --path 0:1 --strategy pct`,
    );
  });
});
