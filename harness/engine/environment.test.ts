import { afterEach, describe, expect, it } from 'vitest';
import { Environment, isUnchangedCopy } from './environment.js';

const environment = new Environment();
afterEach(() => {
  environment.restore();
});

describe('Environment', () => {
  it('puts back what was added, changed and removed', () => {
    const before = { ...process.env };
    process.env['THREADMILL_ADDED'] = 'yes';
    process.env['PATH'] = 'elsewhere';
    delete process.env['HOME'];
    environment.restore();
    expect({ ...process.env }).toEqual(before);
  });

  it('gives copies of what was there first, in which every value is text', () => {
    const copy = environment.copy();
    expect({ ...copy }).toEqual({ ...process.env });
    copy['NUMBER'] = 1 as never;
    expect(copy['NUMBER']).toBe('1');
    expect(process.env['NUMBER']).toBeUndefined();
    expect(environment.copy()['NUMBER']).toBeUndefined();
  });

  it.each<[string, (copy: NodeJS.ProcessEnv) => unknown]>([
    ['set', (copy) => (copy['ADDED'] = 'yes')],
    ['deleted', (copy) => delete copy['PATH']],
    ['defined', (copy) => Object.defineProperty(copy, 'ADDED', { value: 'yes', configurable: true })],
  ])('knows a copy in which something was %s', (_, change) => {
    const copy = environment.copy();
    expect(isUnchangedCopy(copy)).toBe(true);
    change(copy);
    expect(isUnchangedCopy(copy)).toBe(false);
    expect(isUnchangedCopy(process.env)).toBe(false);
  });
});
