import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { type RunOptions } from './api.js';
import { checkOptions, maximumExplorers } from './check-options.js';

describe('checkOptions', () => {
  it.each<[Partial<RunOptions>, string]>([
    [{ runs: 0 }, '--runs: found 0, expected a whole number of at least 1'],
    [{ repeat: 1.5 }, '--repeat: found 1.5, expected a whole number of at least 1'],
    [{ explorers: maximumExplorers + 1 }, '--explorers: found 257, expected a whole number from 1 to 256'],
    [{ seed: 0.5 }, '--seed: found 0.5, expected a whole number'],
    [{ shard: { index: 5, count: 4 } }, '--shard: found 5/4, expected i/n with i from 1 to n, and n at most 10,000'],
    [{ path: '1:2' }, '--path needs the --seed that was printed with it'],
  ])('refuses %j', (options, message) => {
    expect(() => checkOptions(options as RunOptions)).toThrow(new UsageError(message));
  });

  it('takes what is in range', () => {
    const options: Partial<RunOptions> = {
      runs: 1,
      explorers: maximumExplorers,
      seed: -1,
      shard: { index: 4, count: 4 },
    };
    expect(() => checkOptions(options as RunOptions)).not.toThrow();
  });
});
