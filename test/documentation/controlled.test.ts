import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { counterexampleSchema, runRecordSchema } from '../../harness/results/schema.js';
import { makeUserProject, runCommand } from '../end-to-end/command.js';
import { codeSpans, readDocument, tableOf } from './markdown.js';

const text = readDocument('docs/controlled.md');

/** What the snippets in the tables of constructs have in scope. */
const scope = `
  const sab = new SharedArrayBuffer(16);
  const shared = new Int32Array(sab);
  const view = new DataView(sab);
  const bytes = new Uint8Array(new SharedArrayBuffer(4));
  const local = new Int32Array(4);`;

/** A module with one function, which reads the first word of its shared memory. */
const webAssembly = [
  [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 2, 9, 1, 1, 101, 1, 109, 2, 3, 1, 1],
  [3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 65, 0, 40, 2, 0, 11],
].flat();

const imports = `
import { Buffer } from 'node:buffer';
import { exec } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { inspect, isDeepStrictEqual } from 'node:util';
import { serialize } from 'node:v8';
import { parentPort, Worker } from 'node:worker_threads';
import { scenario } from 'threadmill';

const loadInWebAssembly = () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const module = new WebAssembly.Module(new Uint8Array(${JSON.stringify(webAssembly)}));
  return new WebAssembly.Instance(module, { e: { m: memory } }).exports.f();
};`;

/** Performs snippets one after another in one execution, and returns the operations of each, such as `read 2`. */
async function operationsOf(snippets: readonly string[]): Promise<string[]> {
  const folder = makeUserProject();
  const performed = snippets.map(
    (snippet, place) => `history.read(${place}); await (async () => {${scope}\n${snippet};\n})();`,
  );
  writeFileSync(
    path.join(folder, 'constructs.scenario.ts'),
    `${imports}
export default scenario({
  name: 'constructs',
  store: () => 0,
  writers: {
    count: 1,
    async run({ history }) {
      ${performed.join('\n')}
      history.read(${snippets.length});
      throw new Error('to be able to look at the trace');
    },
  },
  expect: 'crash',
});`,
  );
  const { stdout, stderr, exitCode } = await runCommand(
    ['run', 'constructs.scenario.ts', '--seed', '1', '--runs', '1'],
    folder,
  );
  expect(exitCode, stdout + stderr).toBe(0);
  const corpus = path.join(folder, 'results/corpus');
  const [file = ''] = readdirSync(corpus);
  const { trace, failure } = counterexampleSchema.parse(JSON.parse(readFileSync(path.join(corpus, file), 'utf8')));
  expect(failure.message).toBe('Error: to be able to look at the trace');
  const counts = snippets.map(() => new Map<string, number>());
  let current: Map<string, number> | undefined;
  for (const { kind, recorded } of trace) {
    if (kind === 'history.read') current = counts[Number(recorded)];
    else if (kind !== 'begin') current?.set(kind, (current.get(kind) ?? 0) + 1);
  }
  expect(trace.filter(({ kind }) => kind === 'history.read')).toHaveLength(snippets.length + 1);
  return counts.map((count) =>
    count.size === 0
      ? 'nothing'
      : [...count].map(([name, times]) => (times === 1 ? name : `${name} ${times}`)).join(', '),
  );
}

describe('docs/controlled.md', () => {
  it('says what each construct does', async () => {
    const claims = tableOf(text, 'construct').rows.flatMap(([constructs = '', operations = '']) =>
      codeSpans(constructs).map((construct) => ({ construct, operations })),
    );
    const found = await operationsOf(claims.map(({ construct }) => construct));
    expect(claims.map(({ construct }, place) => ({ construct, operations: found[place] }))).toEqual(claims);
  });

  it('says what is not seen, and what is seen instead', async () => {
    const { rows } = tableOf(text, 'not seen');
    const unseen = rows.flatMap(([constructs = '']) => codeSpans(constructs));
    const instead = rows.flatMap(([, constructs = '']) => codeSpans(constructs));
    expect(instead).toHaveLength(rows.length);
    const found = await operationsOf([...unseen, ...instead]);
    expect(unseen.filter((_, place) => found[place] !== 'nothing')).toEqual([]);
    expect(instead.filter((_, place) => found[unseen.length + place] === 'nothing')).toEqual([]);
  });

  it('says what verdict each program gets', async () => {
    const folder = makeUserProject();
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    mkdirSync(path.join(folder, 'scenarios'));
    const claims = tableOf(text, '`run` does').rows.map(([program = '', verdict = '']) => ({
      name: codeSpans(program)[0] ?? '',
      verdict: codeSpans(verdict)[0] ?? '',
    }));
    for (const [place, { name, verdict }] of claims.entries()) {
      writeFileSync(
        path.join(folder, `scenarios/${String(place).padStart(2, '0')}.scenario.ts`),
        `${imports}
export default scenario({
  name: ${JSON.stringify(name)},
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: { count: 1, async run({ store: shared }) { ${name}; } },
  limits: { steps: 20_000, stepsWithoutProgress: 1_000, hangTimeoutMs: 300 },
  expect: '${verdict}',
});`,
      );
    }
    const { stdout, stderr } = await runCommand(
      ['run', '--seed', '1', '--runs', '4', '--json', 'out.json', '--no-save'],
      folder,
    );
    expect(stderr).not.toContain('error');
    const { scenarios } = runRecordSchema.parse(JSON.parse(readFileSync(path.join(folder, 'out.json'), 'utf8')));
    expect(
      scenarios.map(({ name, verdict }) => ({ name, verdict })),
      stdout,
    ).toEqual(claims);
  });
});
