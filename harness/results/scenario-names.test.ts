import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenarioNameProblem } from './scenario-names.js';

const part = fc.constantFrom('..', '.', '', 'a', 'node_modules', 'b.scenario.ts', '.scenario.ts', 'C:', 'C:c.scenario.ts', '\0', '..\\..', '.env'); // prettier-ignore
const name = fc
  .tuple(fc.array(part, { maxLength: 5 }), fc.constantFrom('/', '\\'))
  .map(([parts, separator]) => parts.join(separator));

describe('scenarioNameProblem', () => {
  it('lets nothing pass that leads out of a project, or to anything but a scenario', () => {
    const project = '/home/somebody/project';
    fc.assert(
      fc.property(name, (chosen) => {
        if (scenarioNameProblem(chosen) !== undefined) return;
        for (const system of [path.posix, path.win32]) {
          const file = system.resolve(project, chosen);
          expect(file.startsWith(system.resolve(project) + system.sep)).toBe(true);
          expect(file).toMatch(/\.scenario\.ts$/);
        }
        expect(chosen).not.toMatch(/node_modules|\0/);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    'a.scenario.ts',
    'scenarios/a.scenario.ts',
    'src/deep/é b.scenario.mts',
    'a..b/..c.scenario.js',
    'x.scenario.mjs',
  ])('lets %s pass', (chosen) => {
    expect(scenarioNameProblem(chosen)).toBeUndefined();
  });

  it('quotes no more of a name than can be read', () => {
    expect(scenarioNameProblem('x'.repeat(100_000))?.length).toBeLessThan(400);
    expect(scenarioNameProblem(`../${'x'.repeat(100_000)}`)?.length).toBeLessThan(400);
  });

  it.each([
    'a.test.ts',
    'src/a.spec.mjs',
    'a_test.js',
    'test-a.cjs',
    'b/test.js',
    'test/pool.js',
    'src/__tests__/a.tsx',
  ])('lets the tests %s pass, if tests are meant', (chosen) => {
    expect(scenarioNameProblem(chosen, true)).toBeUndefined();
    expect(scenarioNameProblem(chosen)).toBeDefined();
  });

  it.each([
    'a.ts',
    'latest.js',
    'attest-a.js',
    '../a.test.ts',
    'node_modules/a.test.js',
    'test/a.json',
    'a.scenario.ts',
  ])('lets %s not pass, if tests are meant', (chosen) => {
    expect(scenarioNameProblem(chosen, true)).toBeDefined();
  });
});
