import fc from 'fast-check';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { RunRecord } from '../../harness/results/schema.js';
import { describe, expect, it } from 'vitest';
import { runCommand } from './command.js';
import { Experiment, idleWriter, replay, scenarioText } from './experiment.js';

/** Objects that outlive executions, as a scenario reaches them: near and far, in the language, in Node, in its modules. */
const targets = [
  'globalThis',
  'Object.prototype',
  'Array.prototype',
  'Array.prototype.map',
  'Intl.DateTimeFormat.prototype',
  'Intl.NumberFormat.prototype.formatToParts',
  'WebAssembly.Memory.prototype',
  'Reflect.ownKeys',
  'Math.max',
  'Promise.prototype.finally',
  'Object.getPrototypeOf(Int8Array).prototype.subarray',
  'Object.getPrototypeOf(function* () {}).prototype',
  'EventTarget.prototype.dispatchEvent',
  'process.versions',
  'process.argv',
  'fs',
  'fs.readFileSync',
  'fs.promises',
  'events.EventEmitter.prototype.emit',
  'path.posix',
] as const;

/** Ways to change an object, or state of the process that is not an object. */
const ways: Readonly<Record<string, (target: string) => string>> = {
  set: (target) => `${target}.leaked = 'yes';`,
  delete: (target) => `for (const key of Reflect.ownKeys(${target}).slice(-1)) Reflect.deleteProperty(${target}, key);`,
  define: (target) => `Reflect.defineProperty(${target}, 'leaked', { get: () => 'yes' });`,
  freeze: (target) => `if (${target} !== globalThis) Object.freeze(${target});`,
  prototype: (target) => `Reflect.setPrototypeOf(${target}, { leaked: 'yes' });`,
  directory: () => `if (isMainThread) process.chdir('..');`,
  mask: () => `if (isMainThread) process.umask(0o077);`,
  title: () => `if (isMainThread) process.title = 'leaked';`,
  exitCode: () => `if (isMainThread) process.exitCode = 7;`,
};

const edit = fc
  .record({
    target: fc.constantFrom(...targets),
    way: fc.constantFrom(...Object.keys(ways)),
    place: fc.constantFrom('top level', 'writer', 'reader'),
  })
  // With a field that every object has, the file itself is not a scenario any more.
  .filter(({ target, way, place }) => !(target === 'Object.prototype' && way === 'set' && place === 'top level'));

type Edit = typeof edit extends fc.Arbitrary<infer Value> ? Value : never;

const imports = `import events from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
void [events, fs, path, isMainThread];`;

function editingScenario(name: string, { target, way, place }: Edit): string {
  const statement = ways[way]?.(target) ?? '';
  const at = (here: string): string => (place === here ? statement : '');
  return scenarioText(name, {
    before: `${imports}\n${at('top level')}`,
    fields: `writers: { count: 1, run() { ${at('writer')} } }, readers: { count: 1, run() { ${at('reader')} } },`,
  });
}

const fail = `throw new Error(atTop + ' / ' + look());`;

/** A scenario that fails in one of its agents with a description of what the agent finds. */
const observingScenario = (agent: 'writer' | 'reader'): string =>
  scenarioText(`seen by a ${agent}`, {
    before: `${imports}
      function look() {
        const found = [process.title, process.exitCode, isMainThread && process.umask().toString(8), process.cwd().length];
        for (const [index, object] of [${targets.join(', ')}].entries()) {
          const keys = Reflect.ownKeys(object).map(String);
          const isNode = object === globalThis;
          const shown = isNode ? ['leaked' in object] : [keys.length, keys.at(-1), 'leaked' in object];
          const prototype = Reflect.ownKeys(Reflect.getPrototypeOf(object) ?? {}).length;
          found.push([index, ...shown, prototype, Object.isFrozen(object)].join(' '));
        }
        return found.join(', ');
      }
      const atTop = look();`,
    fields: `
      writers: { count: 1, run() { ${agent === 'writer' ? fail : ''} } },
      readers: { count: 1, run() { ${agent === 'reader' ? fail : ''} } },`,
  });

describe('scenario files do not touch each other', () => {
  it('whatever a file changes, and whenever: another one fares in its company as it does alone', async () => {
    const experiment = new Experiment();
    const run = async (files: readonly string[]): Promise<RunRecord> => {
      const outcome = await runCommand(
        ['run', ...files, '--seed', '1', '--runs', '4', '--explorers', '1', '--json', `${files.length}.json`],
        experiment.project,
      );
      expect(outcome.stderr).not.toContain('an explorer failed');
      const record = readFileSync(path.join(experiment.project, `${files.length}.json`), 'utf8');
      return JSON.parse(record) as RunRecord;
    };
    const observers = (['writer', 'reader'] as const).map((agent) => {
      const file = `scenarios/observed-by-${agent}.scenario.ts`;
      experiment.write(file, observingScenario(agent));
      return file;
    });
    const alone = [(await run(observers.slice(0, 1))).scenarios[0], (await run(observers.slice(1))).scenarios[0]];
    expect(alone.map((result) => result?.verdict)).toEqual(['crash', 'crash']);
    const corpus = path.join(experiment.project, 'results/corpus');
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 8, maxLength: 8 }), async (edits) => {
        rmSync(corpus, { recursive: true, force: true });
        const editors = edits.map((each, index) => {
          const file = `scenarios/editor-${index}.scenario.ts`;
          experiment.write(file, editingScenario(`editor ${index}`, each));
          return file;
        });
        const { scenarios } = await run([...editors, ...observers]);
        for (const result of alone) {
          const accompanied = scenarios.find(({ name }) => name === result?.name);
          expect(accompanied?.counterexample).toEqual(result?.counterexample);
          const file = path.join(experiment.project, accompanied?.counterexample?.file ?? '');
          const replayed = await replay({ projectDirectory: experiment.project, file, times: 2 });
          expect(replayed.agreeing).toBe(2);
        }
      }),
      { numRuns: 1, endOnFailure: true },
    );
  });

  it('a file that breaks its explorer is named with what it did, and the others are run', async () => {
    const experiment = new Experiment();
    experiment.write(
      'scenarios/a.scenario.ts',
      scenarioText('a', {
        before: `Object.defineProperty(Object.prototype, 'get', { value: 1, configurable: true, writable: true });`,
        fields: idleWriter,
      }),
    );
    experiment.write(
      'scenarios/b.scenario.ts',
      scenarioText('b', {
        before: `Array.prototype[Symbol.iterator] = () => { throw new Error('mine'); };`,
        fields: idleWriter,
      }),
    );
    experiment.write(
      'scenarios/c.scenario.ts',
      scenarioText('c', {
        before: `for (const key of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[key]; } catch {}`,
        fields: idleWriter,
      }),
    );
    experiment.write('scenarios/d.scenario.ts', scenarioText('d', { fields: idleWriter }));
    const outcome = await runCommand(['run', '--seed', '1', '--runs', '4', '--explorers', '1'], experiment.project);
    expect(outcome.stdout).toContain('scenarios/a.scenario.ts: the file changes Object.prototype.get, which breaks');
    expect(outcome.stdout).toContain(
      'scenarios/b.scenario.ts: the file changes Array.prototype[Symbol(Symbol.iterator)]',
    );
    expect(outcome.stdout).toMatch(/scenarios\/c\.scenario\.ts: the file changes Object, Function, .*, which breaks/);
    expect(outcome.stdout).toMatch(/✓ d {2}held/);
    expect(outcome.stderr).toContain('scenarios/a.scenario.ts, scenarios/b.scenario.ts, scenarios/c.scenario.ts');
    expect(outcome.exitCode).toBe(2);
  });

  it('a file that changes nothing is not said to change anything', async () => {
    const experiment = new Experiment();
    experiment.write('scenarios/a.scenario.ts', scenarioText('a', { fields: '' }));
    experiment.write('scenarios/b.scenario.ts', scenarioText('b', { before: 'process.exit(4);', fields: idleWriter }));
    for (const [file, problem] of [
      ['scenarios/a.scenario.ts', 'run: found nothing'],
      ['scenarios/b.scenario.ts', 'process.exit(4) was called'],
    ] as const) {
      const { stdout, stderr } = await runCommand(['list', file], experiment.project);
      expect(stdout + stderr).toContain(problem);
      expect(stdout + stderr).not.toContain('changes');
    }
  });
});
