import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../errors.js';
import { compileScenario } from './bundle.js';
import { evaluator } from './testing/evaluate-bundle.js';
import { recordingPoints, type RecordingPoints } from './testing/recording-points.js';

type Exports = Record<string, unknown> & { default: unknown };

let project: string;
let points: RecordingPoints;

beforeEach(async () => {
  project = await realpath(await mkdtemp(path.join(tmpdir(), 'threadmill-bundle-')));
  points = recordingPoints();
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

async function evaluate(
  contents: Readonly<Record<string, string>>,
  options: { freshPackages?: readonly string[] } = {},
): Promise<Exports> {
  await files(contents);
  const compiled = await compileScenario({ file: 'scenario.ts', projectDirectory: project, ...options });
  return evaluator(compiled, points)() as Exports;
}

const npm = {
  'node_modules/esm/package.json':
    '{ "name": "esm", "type": "module", "exports": { ".": "./index.js", "./sub": "./sub.js" } }',
  'node_modules/esm/index.js':
    'export default function greet() { return "esm default" }\nexport const named = "esm named"; export * from "./more.js"; let count = 0; export const add = () => ++count;',
  'node_modules/esm/more.js': 'export const more = "esm more";',
  'node_modules/esm/sub.js': 'import { more } from "./more.js"; export const sub = "sub of " + more;',
  'node_modules/plain/package.json': '{ "name": "plain", "main": "main.js" }',
  'node_modules/plain/main.js':
    'const { join } = require("path"); module.exports = { a: 1, join: join("x", "y"), file: __filename, directory: __dirname, other: require("./lib/other").other };',
  'node_modules/plain/lib/other.js': 'exports.other = function (list) { return list[0] };',
  'node_modules/babel/package.json': '{ "name": "babel" }',
  'node_modules/babel/index.js':
    'exports.__esModule = true; exports.default = "babel default"; exports.named = "babel named";',
  'node_modules/sloppy/package.json': '{ "name": "sloppy" }',
  'node_modules/sloppy/index.js':
    'undeclared = 3; exports.strict = (function () { return this === undefined })(); exports.value = undeclared; delete globalThis.undeclared;',
} as const;

describe('imports', () => {
  test('an ES module from npm: default, names, namespace, subpath', async () => {
    const { default: found } = await evaluate({
      ...npm,
      'scenario.ts': `import greet, { named, more, add } from 'esm'; import * as all from 'esm'; import { sub } from 'esm/sub';
        export default [greet(), named, more, add(), Object.keys(all).sort(), sub];`,
    });
    expect(found).toEqual([
      'esm default',
      'esm named',
      'esm more',
      1,
      ['add', 'default', 'more', 'named'],
      'sub of esm more',
    ]);
  });

  test('CommonJS from npm, as Node gives it to an ES module', async () => {
    const { default: found } = await evaluate({
      ...npm,
      'scenario.ts': `import plain, { a, other } from 'plain'; import babel, { named } from 'babel'; import { strict, value } from 'sloppy'; import deep from 'plain/lib/other.js';
        export default [plain.a, a, plain.join, plain.file, plain.directory, other([7]), deep.other === other, babel, named, strict, value];`,
    });
    const directory = path.join(project, 'node_modules/plain');
    const babel = { __esModule: true, default: 'babel default', named: 'babel named' };
    expect(found).toEqual([
      1,
      1,
      path.join('x', 'y'),
      path.join(directory, 'main.js'),
      directory,
      7,
      true,
      babel,
      'babel named',
      false,
      3,
    ]);
  });

  test('JSON, built-ins, fast-check, the harness, import(), tsconfig paths, import.meta', async () => {
    const { default: found, later } = await evaluate({
      'data.json': '{ "answer": 42 }',
      'lib/helper.ts': 'export const help: string = "helped"; export default 1;',
      'tsconfig.json': '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }',
      'scenario.ts': `import data from './data.json' with { type: 'json' }; import { readFileSync } from 'fs'; import os from 'node:os';
        import fc, { integer } from 'fast-check'; import { scenario } from 'threadmill'; import { count } from 'threadmill/invariants'; import { help } from '@lib/helper';
        export const later = () => import('./lib/helper.js');
        export default [data.answer, typeof readFileSync, typeof os.cpus, fc.integer === integer, typeof scenario, typeof count, help, import.meta.url, import.meta.filename, import.meta.dirname];`,
    });
    const file = path.join(project, 'scenario.ts');
    expect(found).toEqual([
      42,
      'function',
      'function',
      true,
      'function',
      'function',
      'helped',
      `file://${file}`,
      file,
      project,
    ]);
    expect(await (later as () => Promise<unknown>)()).toMatchObject({ help: 'helped', default: 1 });
  });

  test('tsconfig paths hold for built-in modules too, in own files', async () => {
    const { default: found } = await evaluate({
      ...npm,
      'fakes/fs.ts': 'export const readFileSync = () => "fake"; export default 1;',
      'fakes/os.ts': 'export const cpus = () => ["fake"];',
      'tsconfig.json': '{ "compilerOptions": { "paths": { "node:fs": ["./fakes/fs.ts"], "os": ["./fakes/os.ts"] } } }',
      'scenario.ts': `import { readFileSync } from 'node:fs'; import { cpus } from 'os'; import { sep } from 'node:path'; import { existsSync } from 'fs'; import plain from 'plain';
        export default [readFileSync('x'), cpus(), sep, typeof existsSync, plain.join];`,
    });
    expect(found).toEqual(['fake', ['fake'], path.sep, 'function', path.join('x', 'y')]);
  });

  test('own modules and those of packages with state are fresh with each evaluation, others are not unless asked for', async () => {
    await files({
      ...npm,
      'scenario.ts': `import { add, more, Kept } from 'esm'; import { state } from './own.js'; state.n++; export default [add(), more, state.n, Kept];`,
      'own.ts': 'export const state = { n: 0 };',
      'node_modules/esm/index.js': `${npm['node_modules/esm/index.js']} export { Kept } from './kept.js'`,
      'node_modules/esm/kept.js': 'export class Kept {}',
    });
    for (const freshPackages of [[], ['esm']]) {
      const compiled = await compileScenario({ file: 'scenario.ts', projectDirectory: project, freshPackages });
      const evaluate = evaluator(compiled, points);
      const [first, second] = [evaluate()['default'] as unknown[], evaluate()['default'] as unknown[]];
      expect([first.slice(0, 3), second.slice(0, 3)]).toEqual([
        [1, 'esm more', 1],
        [1, 'esm more', 1],
      ]);
      expect(first[3] === second[3]).toBe(freshPackages.length === 0);
    }
  });

  test('names of the bundle do not collide with those of modules', async () => {
    const { default: found } = await evaluate({
      'scenario.ts': `const module = 1, exports2 = 2, performance = 3; class Event { x = 4 } import { now } from './other.js'; export default [module, exports2, performance, new Event().x, now];`,
      'other.ts': 'export const now = typeof performance.now + typeof Event;',
    });
    expect(found).toEqual([1, 2, 3, 4, 'functionfunction']);
  });
});

/** Everything a module can have at its top level, much of it without semicolons. */
const everything = `#!/usr/bin/env node
'use strict'
/* c */ export const a = [1, 2, 3]
export default a[0] + a[1]
export const { 0: x, [1 + 0]: y, ...rest } = a
a[0]++
;[a[0], a[1]] = [a[1]!, a[0]!]
a[ // line comment
  1 /* block */
] += 5 // tail
export let z = a
  [2]
const get = () => a
export const d = (function () { 'use strict'
  get()[0]!--; return this })()
get()[a[0]! - 5] = 4
export function f(this: unknown, i = get()[0], { k = get()[1] } = {}) {
  get()[2]!++
  return [i, k, a[2]] }
export class C { static n = get()[0]; #p = get()[1]; get p() { return this.#p } static { get()[0] = 9 } declare d: number }
enum E { A = 1, B = A << 2 }
const enum K { X = 2 }
namespace N { export const v = get()[E.A]; get()[1] = v! + 1 }
export const out = [E[1], E.B, K.X, N.v, a?.[0], get?.()?.[1], (a as number[])[2]!]
export type T = typeof a[number]
label: for (const v of a) { if (v > 3) continue label; a[0] += v }
export const gen = [...(function* () { get()[yield a[0]!] = 3; yield* a })()]
if (a[0]) a[1] = 0
else a[2] = 0
const o: Record<string, unknown> = {}
o['s'] = 1; o[\`t\`] = 2
export { o as 'quoted name' }
for (const k in o) o[k] = [o[k]]
switch (a[0]) { case a[0]: get()[0]! ; a[1]! -= 2 }
export const tpl = \`\${a[0]}\${String.raw\`\\n\${get()[1]}\`}\`
var f2 = async () => { for await (const q of a) a[1]! += await q; return a[1] }
export { f2 }
`;

test('a module with everything in it means what it meant', async () => {
  await files({ 'scenario.ts': everything });
  const file = path.join(project, 'scenario.ts');
  const bundled = await build({
    entryPoints: [file],
    bundle: true,
    format: 'cjs',
    write: false,
    platform: 'node',
    target: 'node20',
  });
  const bare = { exports: {} as Exports };
  const text = (bundled.outputFiles[0]?.text ?? '').replace(/^#!.*/, '');
  const evaluate = (0, eval)(`(function(module,exports){${text}\n})`) as (...args: unknown[]) => void;
  evaluate(bare, bare.exports);
  const instrumented = evaluator(await compileScenario({ file, projectDirectory: project }), points)() as Exports;
  const look = async (exports: Exports): Promise<unknown> => {
    const shown = Object.keys(exports)
      .sort()
      .map((name) => [name, typeof exports[name] === 'function' ? 'a function' : JSON.stringify(exports[name])]);
    const { f, C, f2 } = exports as unknown as {
      f: () => unknown;
      C: { new (): { p: unknown }; n: unknown };
      f2: () => Promise<unknown>;
    };
    return [shown, f(), C.n, new C().p, await f2(), JSON.stringify(exports['a'])];
  };
  expect(await look(instrumented)).toEqual(await look(bare.exports));
});

describe('what is reported about the code', () => {
  test('sites of both bundles in one table, relative to the project', async () => {
    await files({
      ...npm,
      'src/scenario.ts': `import { other } from 'plain';\nconst view = new Int32Array(new SharedArrayBuffer(8));\nexport default () => { view[1] = Atomics.load(view, 0) + other(view); };`,
    });
    const compiled = await compileScenario({ file: 'src/scenario.ts', projectDirectory: project });
    (evaluator(compiled, points)()['default'] as () => void)();
    expect(points.operations.map(({ operation, site }) => [operation, compiled.sites[site]])).toEqual([
      ['Atomics.load', { file: 'src/scenario.ts', line: 3, column: 34 }],
      ['read', { file: 'node_modules/plain/lib/other.js', line: 1, column: 42 }],
      ['write', { file: 'src/scenario.ts', line: 3, column: 24 }],
    ]);
    expect(compiled.sites[0]).toBeNull();
    expect(structuredClone(compiled)).toEqual(compiled);
    expect(compiled.inputs).toContain(path.join(project, 'node_modules/plain/lib/other.js'));
    expect(compiled.inputs).toContain(path.join(project, 'src/scenario.ts'));
  });

  test('the source map leads back to the sources', async () => {
    await files({
      'scenario.ts': `type Long = { a: string };\n\nexport default (list: number[]) => {\n  list[0] = list[1]!;\n  throw new Error('here');\n};`,
    });
    const compiled = await compileScenario({ file: 'scenario.ts', projectDirectory: project });
    const lines = compiled.own.code.split('\n');
    const line = lines.findIndex((text) => text.includes('here'));
    const column = lines[line]?.indexOf('new Error') ?? -1;
    expect(originalPositionFor(new TraceMap(compiled.own.sourceMap), { line: line + 1, column })).toMatchObject({
      source: path.join(project, 'scenario.ts'),
      line: 5,
      column: 8,
    });
  });

  test('whether the code may change the realm', async () => {
    const edits = async (text: string): Promise<boolean> => {
      await files({ 'scenario.ts': text });
      return (await compileScenario({ file: 'scenario.ts', projectDirectory: project })).mayEditRealm;
    };
    expect(
      await edits(
        `import { scenario } from 'threadmill'; import { count } from 'threadmill/invariants'; // prototype\nexport default [scenario, count];`,
      ),
    ).toBe(false);
    for (const text of [
      'Array.prototype.x = 1',
      'globalThis.x = 1',
      'Object.defineProperty({}, "x", {})',
      'Array.from = () => []',
      '({}).__proto__.x = 1',
      'console["log"] = () => {}',
    ]) {
      expect(await edits(`${text}; export default 1;`), text).toBe(true);
    }
  });
});

describe('what is wrong is said in one line', () => {
  const cases: readonly [string, Readonly<Record<string, string>>, RegExp][] = [
    ['syntax', { 'scenario.ts': 'export const x = 1;\nconst y = ;\n' }, /^scenario\.ts:2:11: Unexpected token\. /],
    [
      'syntax, elsewhere',
      { 'scenario.ts': 'import "./lib/a.js"', 'lib/a.ts': 'let x = {' },
      /^lib\/a\.ts:1:\d+: .+ Correct the syntax/,
    ],
    ['JSON', { 'scenario.ts': 'import x from "./x.json"; export default x', 'x.json': '{ "a": }' }, /^x\.json:1:8: /],
    [
      'a name twice',
      { 'scenario.ts': 'const list = [0];\nlet b = list[0];\nlet b = 2; export default b' },
      /^scenario\.ts:3:5: .*"b" has already been declared/,
    ],
    [
      'a missing package',
      { 'scenario.ts': '\n  import { q } from "@nope/x/y";\nexport default q' },
      /^scenario\.ts:2:21: cannot find the package "@nope\/x\/y"\. Install it \(npm install @nope\/x\)/,
    ],
    [
      'a missing file',
      { 'scenario.ts': 'export * from "./gone.js"' },
      /^scenario\.ts:1:15: cannot find the file "\.\/gone\.js"\. Correct the path/,
    ],
    [
      'a missing file, required',
      { 'scenario.ts': 'const l = [1]; l[0] = l[0]; const x = require("./gone.js"); export default x' },
      /^scenario\.ts:1:47: cannot find the file/,
    ],
    [
      'a name that a module with top-level await does not export',
      { 'scenario.ts': 'import { no } from "./a.js"; export default no', 'a.ts': 'export const yes = await 1' },
      /^scenario\.ts:1:\d+: "\.\/a\.js" has no export named "no"/,
    ],
    [
      'a name that a module with top-level await imports',
      { 'scenario.ts': 'await 0; import { no } from "./a.js"; export default no', 'a.ts': 'export const yes = 1' },
      /^scenario\.ts:1:\d+: "\.\/a\.js" has no export named "no"/,
    ],
    [
      'top-level for await in a circle',
      { 'scenario.ts': 'import "./scenario.js";\nfor await (const x of []) ; export default 1' },
      /^scenario\.ts:2:1: `for await` at the top level of a module that is part of an import cycle/,
    ],
    [
      'an export that is not there',
      { 'scenario.ts': 'import { no } from "./a.js"; export default no', 'a.ts': 'export const yes = 1' },
      /^scenario\.ts:1:10: No matching export/,
    ],
    [
      'an export that is not there, imported by a file with an assignment that throws',
      {
        'scenario.ts':
          'const c: number = 1;\nexport const f = () => { c = 2 };\nimport { no } from "./a.js"; export default no',
        'a.ts': 'export const yes = 1',
      },
      /^scenario\.ts:3:\d+: .*"no"/,
    ],
    [
      'an export that several stars provide',
      {
        'scenario.ts': 'import { x } from "./stars.js"; export default x',
        'stars.ts': 'export * from "./a.js"; export * from "./b.js"',
        'a.ts': 'export const x = 1',
        'b.ts': 'export const x = 2',
      },
      /^scenario\.ts:1:\d+: .*"x"/,
    ],
    [
      'a reserved name',
      { 'scenario.ts': 'export default function $threadmill() {}' },
      /^scenario\.ts:1:25: the name \$threadmill\.\.\. is reserved/,
    ],
    ['no such scenario', {}, /^scenario\.ts: no such file\. /],
  ];
  test.each(cases)('%s', async (_name, contents, expected) => {
    await files(contents);
    const error: unknown = await compileScenario({ file: 'scenario.ts', projectDirectory: project }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(expected);
    expect((error as UsageError).message).not.toMatch(/\n/);
  });
});
