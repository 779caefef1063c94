import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { namedScenarioFile } from './named-scenario.js';
import { leadElsewhere, makeLinkedProject } from './testing/linked-project.js';

describe('namedScenarioFile', () => {
  it('finds the scenarios of the project', () => {
    const project = makeLinkedProject();
    for (const name of ['scenarios/a.scenario.ts', './scenarios/a.scenario.ts', 'scenarios/alias.scenario.ts']) {
      expect(namedScenarioFile(project, { name: 'a', file: name }, 'a.json')).toBe(path.join(project, name));
    }
  });

  it.each([...leadElsewhere, '/etc/passwd'])('refuses "%s", and quotes nothing of it', (name) => {
    const project = makeLinkedProject();
    const find = (): string => namedScenarioFile(project, { name: 'a', file: name }, 'a.json');
    expect(find).toThrow(UsageError);
    expect(find).toThrow(/^a\.json names /);
    expect(find).not.toThrow(/secret/);
    const absolute = path.resolve(project, name);
    if (name.startsWith('..'))
      expect(() => namedScenarioFile(project, { name: 'a', file: absolute }, 'a.json')).toThrow(UsageError);
  });
});
