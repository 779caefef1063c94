import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeUserProject, runCommand } from './command.js';

/** Texts for names, messages and values. */
const hostile = [
  'x\n::error::PWN\n \u00a0::set-output name=a::b\r\n::add-mask::x',
  '##[error]PWN',
  'a\u001b[31mRED\u001b]0;title\u0007\u001b[2J\u009b31m\b',
  'a\u202egnp.exe\u2066\u200b\u2028::error::PWN',
  '%0A::error::PWN',
].join(' ');

const scenario = `import { invariant, scenario } from 'threadmill';
const text = ${JSON.stringify(hostile)};
export default scenario({
  name: text,
  params: { [text]: text },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 1,
    run({ store, history }) {
      const write = history.write(text);
      store[0] = 1;
      write.acknowledge(text);
    },
  },
  invariants: [invariant(text, ({ final }) => (final ? { expected: text, found: text } : true))],
});
`;

let project: string;

beforeAll(() => {
  project = makeUserProject();
  mkdirSync(path.join(project, 'scenarios'));
  writeFileSync(path.join(project, "scenarios/it's $(x).scenario.ts"), scenario);
  // Each file is listed once, even if several patterns match it.
  symlinkSync(path.join(project, 'scenarios'), path.join(project, 'scenarios/loop'), 'junction');
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

/** The lines that act on a terminal or a CI runner, except our own annotations. */
function acting(text: string): string[] {
  return text.split('\n').filter((line) => {
    if (/^::(?:error|warning) file=scenarios\/it's \$\(x\)\.scenario\.ts,/.test(line)) return false;
    // eslint-disable-next-line no-control-regex -- finding control characters is the point
    return line.trimStart().startsWith('::') || /##\[|[\u0000-\u001f\u007f-\u009f\u200b\u2028\u202e\u2066]/.test(line);
  });
}

describe('a scenario whose every text is hostile', () => {
  it('acts on nothing in the log of a job, and can be replayed as the report says', async () => {
    const words = ['run', '--seed', '1', '--explorers', '1', '--reporter', 'default', '--reporter', 'github'];
    const { exitCode, stdout, stderr } = await runCommand(words, project, { GITHUB_ACTIONS: 'true' });
    expect(exitCode).toBe(1);
    expect(acting(stdout)).toEqual([]);
    expect(acting(stderr)).toEqual([]);
    expect(stdout.match(/^::error /gm)).toHaveLength(1);
    expect(stdout).toContain(String.raw`npx threadmill run 'scenarios/it'\''s $(x).scenario.ts' --seed 1 --path `);
    const [, saved = ''] = /npx threadmill replay (\S+)/.exec(stdout) ?? [];
    const replayed = await runCommand(['replay', saved], project);
    expect(replayed.exitCode).toBe(0);
    expect(acting(replayed.stdout)).toEqual([]);
  });

  it('is one row of the list', async () => {
    const { stdout } = await runCommand(['list'], project);
    expect(acting(stdout)).toEqual([]);
    expect(stdout.match(/\n/g)).toHaveLength(1);
  });
});
