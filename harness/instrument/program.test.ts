import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compileProgram } from './bundle.js';
import type { ProgramEntry } from './program-options.js';
import type { CompiledScenario } from './compiled.js';
import { evaluator } from './testing/evaluate-bundle.js';
import { recordingPoints } from './testing/recording-points.js';

let project: string;

beforeEach(async () => {
  project = await realpath(await mkdtemp(path.join(tmpdir(), 'threadmill-program-')));
  await files({ 'package.json': '{ "type": "module" }' });
});
afterEach(() => rm(project, { recursive: true }));

async function files(contents: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(contents)) {
    const file = path.join(project, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

function compile(
  entry: ProgramEntry,
  more: { firstSite?: number; bundleName?: string } = {},
): Promise<CompiledScenario> {
  return compileProgram({ entry, projectDirectory: project, ...more });
}

const run = (compiled: CompiledScenario): unknown => evaluator(compiled, recordingPoints())()['default'];
const text = (format: 'module' | 'commonjs' | 'json', content: string, name: string): ProgramEntry => ({
  kind: 'text',
  text: content,
  directory: project,
  format,
  name,
});

describe('any file is a program', () => {
  test('an ES module, TypeScript in place of what it becomes, CommonJS, JSON, a file without extension', async () => {
    await files({
      'a.ts': 'export default [1, import.meta.filename] as const;',
      'b.cjs': 'module.exports = [2, __filename, require("./c.json")];',
      'c.json': '{ "three": 3 }',
      'folder/package.json': '{}',
      'folder/d': 'module.exports = typeof require',
      'node_modules/p/package.json': '{ "name": "p" }',
      'node_modules/p/worker.js': 'exports.worker = require("./other").other',
      'node_modules/p/other.js': 'exports.other = 5',
    });
    const found = await Promise.all(
      ['a.ts', 'a.js', 'b.cjs', 'c.json', 'folder/d', 'node_modules/p/worker.js'].map(async (file) =>
        run(await compile({ kind: 'file', file })),
      ),
    );
    const source = path.join(project, 'a.ts');
    expect(found).toEqual([
      [1, source],
      [1, source],
      [2, path.join(project, 'b.cjs'), { three: 3 }],
      { three: 3 },
      'function',
      { worker: 5 },
    ]);
  });

  test('text that CommonJS evaluates sees `require` with all its properties', async () => {
    await files({
      'x.cjs': 'exports.x = 1',
      'a.cjs': 'module.exports = [eval("re" + "quire").resolve("./x.cjs"), eval("re" + "quire")("./x.cjs").x]',
      'b.js': 'import a from "./a.cjs"; export default a;',
    });
    expect(run(await compile({ kind: 'file', file: 'b.js' }))).toEqual([path.join(project, 'x.cjs'), 1]);
  });

  test('a file that is not there', async () => {
    await expect(compile({ kind: 'file', file: 'gone.js' })).rejects.toThrow('gone.js: no such file');
  });
});

test('what Node loads itself: packages that look for a binary, and what is named as external', async () => {
  await files({
    'node_modules/native/package.json': '{ "name": "native", "gypfile": true }',
    'node_modules/native/index.js': 'exports.n = typeof process.binding; exports.list = [1]; exports.file = __filename',
    'node_modules/counts/package.json': '{ "name": "counts", "type": "module", "exports": "./index.js" }',
    'node_modules/counts/index.js': 'export let count = 0; export const add = () => ++count; export default 7',
    'own.js': 'export const made = [];',
    'a.scenario.ts': `import { list, file } from 'native'; import seven, { add } from 'counts'; import { made } from './own.js'; const native = require('native');
      export default Object.assign([list, file, native.list === list, seven, add(), made], { external: ['counts', './own.js'] }); const scenario = 0; void scenario;`,
    'b.ts': `import { add } from 'counts'; import { made } from './own.js'; export default [add(), made]`,
  });
  const external = ['counts', './own.js'];
  const named = await compile({ kind: 'file', file: 'a.scenario.ts' });
  expect(named.external).toEqual(external);
  const first = run(named) as unknown[];
  const again = run(named) as unknown[];
  expect(first.slice(1, 5)).toEqual([path.join(project, 'node_modules/native/index.js'), true, 7, 1]);
  expect(again[4]).toBe(2);
  expect(again[0]).toBe(first[0]);
  expect(again[5]).toBe(first[5]);
  const options = await compileProgram({ entry: { kind: 'file', file: 'b.ts' }, projectDirectory: project, external });
  expect(run(options)).toEqual([3, first[5]]);
  expect(run(await compile({ kind: 'file', file: 'b.ts' }))).toEqual([1, []]);
});

describe('a text is a program', () => {
  test('CommonJS has the names that Node gives it, and looks for modules from its directory', async () => {
    await files({ 'x.cjs': 'exports.x = 1' });
    const compiled = await compile(
      text(
        'commonjs',
        'module.exports = [__filename, __dirname, module.id, module.filename, require("./x.cjs").x, require.resolve("./x.cjs"), import("./x.cjs") instanceof Promise]',
        '[worker eval]',
      ),
    );
    expect(run(compiled)).toEqual([
      '[worker eval]',
      '.',
      '[worker eval]',
      path.join(project, '[worker eval]'),
      1,
      path.join(project, 'x.cjs'),
      true,
    ]);
    expect(compiled.inputs).toEqual([path.join(project, 'x.cjs')]);
  });

  test('imports of file URLs find the files', async () => {
    await files({ 'x y.mjs': 'export const x = {};', 'z.ts': 'export const z: number = 3;' });
    const [x, z] = ['x y.mjs', 'z.js'].map((file) => JSON.stringify(pathToFileURL(path.join(project, file)).href));
    const module = `import { x } from ${x!}; import { x as same } from './x y.mjs'; import { z } from ${z!}; export default [x === same, z, import(${x!})];`;
    const [isSame, three, imported] = run(await compile(text('module', module, '[eval1]'))) as unknown[];
    expect([isSame, three, Object.keys((await imported) as object)]).toEqual([true, 3, ['x']]);
  });

  test('a file URL of nothing is a package that is not there', async () => {
    await expect(compile(text('module', 'import "file:///no/such/file.mjs";', '[eval1]'))).rejects.toThrow(
      'file:///no/such/file.mjs',
    );
  });

  test('an ES module has its URL and no file', async () => {
    const url = 'data:text/javascript,export default 1';
    const module =
      'import { sep } from "node:path"; export default [import.meta.url, Object.keys(import.meta).sort(), sep]';
    expect(run(await compile(text('module', module, url)))).toEqual([url, ['resolve', 'url'], path.sep]);
  });

  test('JSON', async () => {
    expect(run(await compile(text('json', '{ "a": [1] }', 'data:application/json,{}')))).toEqual({ a: [1] });
  });

  test('places in it have its name, and errors too', async () => {
    const array = 'const array = new Int32Array(new SharedArrayBuffer(4)); array[0]';
    const { sites } = await compile(text('commonjs', array, '[worker eval]'));
    expect(sites.at(-1)).toMatchObject({ file: '[worker eval]', line: 1 });
    await expect(compile(text('commonjs', 'let a; let a; {', '[worker eval]'))).rejects.toThrow(/^\[worker eval\]:1:/);
  });
});

test('programs side by side have different sites and names', async () => {
  await files({
    'a.ts': 'import { b } from "p"; export default (list: number[]) => [list[0], b(list)];',
    'w.ts': 'import { b } from "p"; export default (list: number[]) => { list[0]++; return b(list) };',
    'node_modules/p/package.json': '{ "name": "p" }',
    'node_modules/p/index.js': 'exports.b = (list) => list[0]',
  });
  const first = await compile({ kind: 'file', file: 'a.ts' });
  const firstSite = first.sites.length;
  const second = await compile({ kind: 'file', file: 'w.ts' }, { firstSite, bundleName: 'threadmill-program-1' });
  expect([first.firstSite, first.sites[0]]).toEqual([0, null]);
  expect([second.firstSite, second.own.fileName, second.packages?.fileName]).toEqual([
    firstSite,
    'threadmill-program-1.js',
    'threadmill-program-1-packages.js',
  ]);
  const all = [...first.sites, ...second.sites];
  const points = recordingPoints();
  const seen = (compiled: CompiledScenario): unknown[] => {
    points.operations.length = 0;
    const body = evaluator(compiled, points)()['default'] as (list: unknown) => void;
    body(new Int32Array(new SharedArrayBuffer(4)));
    return points.operations.map(({ operation, site }) => `${operation} ${all[site]?.file} ${all[site]?.line}`);
  };
  expect(seen(first)).toEqual(['read a.ts 1', 'read node_modules/p/index.js 1']);
  expect(seen(second)).toEqual(['read w.ts 1', 'write w.ts 1', 'read node_modules/p/index.js 1']);
  for (let row = 0; row < second.calls.length; row += 4) expect(all[second.calls[row]!]).toMatchObject({ line: 1 });
  expect(second.calls.length).toBeGreaterThan(0);
});
