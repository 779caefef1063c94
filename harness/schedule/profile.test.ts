import { describe, expect, it } from 'vitest';
import { ProfileBuilder, type ProfiledOperation } from './profile.js';

const operation = (agent: number, place: number, used: string | undefined, onlyReads = false): ProfiledOperation => ({
  agent,
  place,
  used,
  onlyReads,
});

describe('ProfileBuilder', () => {
  it('groups the places of what several agents use and one changes', () => {
    const builder = new ProfileBuilder();
    builder.add(
      [
        operation(1, 10, 'shared'),
        operation(1, 10, 'shared'),
        operation(2, 11, 'shared', true),
        // Only one agent uses it.
        operation(1, 20, 'private'),
        // Nobody changes it.
        operation(1, 30, 'constant', true),
        operation(2, 30, 'constant', true),
        // It has no place, or nothing that others could use.
        operation(0, 0, 'shared'),
        operation(0, 40, undefined),
      ],
      8,
      0,
    );
    expect(builder.profile()).toEqual({
      estimatedSteps: 8,
      startedWorkers: 0,
      weights: [2, 4, 2],
      regions: [{ places: [10, 11], weights: [0, 2, 1] }],
      conflicts: { places: [10, 11], uses: [1, 1], operations: 3 },
    });
  });

  it('takes the longest execution, and the mean of what agents do', () => {
    const builder = new ProfileBuilder();
    builder.add([operation(1, 10, 'shared'), operation(2, 11, 'shared')], 3, 1);
    builder.add(
      [1, 2, 3].map(() => operation(1, 10, 'shared')),
      50,
      0,
    );
    expect(builder.profile()).toEqual({
      estimatedSteps: 50,
      startedWorkers: 1,
      weights: [0, 2, 1],
      regions: [{ places: [10, 11], weights: [0, 2, 1] }],
      conflicts: { places: [10, 11], uses: [1, 1], operations: 3 },
    });
  });

  it('tells which places use the same', () => {
    const builder = new ProfileBuilder();
    builder.add(
      [
        ...[10, 11].map((place) => operation(place - 9, place, 'one')),
        ...[11, 12].map((place) => operation(place - 9, place, 'other')),
        operation(1, 13, 'private'),
      ],
      5,
      0,
    );
    expect(builder.profile().conflicts).toEqual({ places: [10, 11, 12], uses: [1, 3, 2], operations: 4 });
  });

  it('knows of no conflicts if nothing is used by several agents', () => {
    const builder = new ProfileBuilder();
    builder.add([operation(1, 10, 'private')], 1, 0);
    expect(builder.profile().conflicts).toBeNull();
  });

  it('has places once, however many things are used there', () => {
    const builder = new ProfileBuilder();
    builder.add(
      ['one', 'other'].flatMap((used) => [operation(1, 10, used), operation(2, 10, used)]),
      4,
      0,
    );
    expect(builder.profile().regions).toEqual([{ places: [10], weights: [0, 2, 2] }]);
  });

  it('leaves out what is used at too many places to compare', () => {
    const builder = new ProfileBuilder();
    builder.add(
      Array.from({ length: 130 }, (_, index) => operation(index % 2, 1 + index, 'shared')),
      130,
      0,
    );
    expect(builder.profile()).toMatchObject({ regions: [], conflicts: null });
  });
});
