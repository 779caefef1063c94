import { beforeAll, describe, expect, it } from 'vitest';
import type * as listing from './list.js';
import { fromSource, makeProject } from './testing/from-source.js';

let list: typeof listing.list;

beforeAll(async () => {
  ({ list } = (await (await fromSource())('campaign/list.js')) as typeof listing);
});

/** A scenario whose writer, or whose invariant, must not be heard of. */
const scenario = (fields: string): string => `import { invariant } from 'threadmill';
const never = () => { throw new Error('it was run'); };
export default { store: () => 0, writers: { count: 1, run: never }, ${fields} };
`;

describe('list', () => {
  it('says what each scenario is, in the order of the files, and runs none', async () => {
    const projectDirectory = makeProject({
      'scenarios/b.scenario.ts': scenario(
        `name: 'second', invariants: [invariant('one', never), invariant('two', never)], expect: { verdict: 'violation', invariant: 'one' }`,
      ),
      'scenarios/a.scenario.ts': scenario('freshPackages: []'),
    });
    expect(await list({ projectDirectory, files: [] })).toEqual([
      { name: 'a', file: 'scenarios/a.scenario.ts', expected: 'held', invariants: [] },
      {
        name: 'second',
        file: 'scenarios/b.scenario.ts',
        expected: { verdict: 'violation', invariant: 'one' },
        invariants: ['one', 'two'],
      },
    ]);
  });

  it.each([
    ['does not compile', 'export default {', /a\.scenario\.ts:1:\d+/],
    ['is no scenario', 'export default { readers: 1 };', /^scenarios\/a\.scenario\.ts: readers/],
    [
      'ends the process',
      'process.kill(process.pid, "SIGKILL"); export default {};',
      /^scenarios\/a\.scenario\.ts: .*SIGKILL/,
    ],
  ])('refuses a file that %s', async (_, text, message) => {
    const projectDirectory = makeProject({ 'scenarios/a.scenario.ts': text });
    const refused = list({ projectDirectory, files: [] });
    await expect(refused).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(message) as string,
    });
  });
});
