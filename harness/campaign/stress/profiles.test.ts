import { describe, expect, it } from 'vitest';
import { profileNames, profiles } from './profiles.js';

describe('profiles', () => {
  it.each(profileNames)('knows %s by its own name', (name) => {
    expect(profiles[name].name).toBe(name);
  });

  it('asks less of everything with `quick` than with the others, so that it is quick', () => {
    const { quick, ...others } = profiles;
    for (const other of Object.values(others)) {
      for (const size of ['writers', 'iterations', 'readers', 'repetitionMs'] as const)
        expect(quick[size]).toBeLessThan(other[size]);
    }
  });
});
