import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileScenario } from '../bundle.js';
import { evaluator } from '../testing/evaluate-bundle.js';
import { programs } from '../testing/programs.js';
import { recordingPoints } from '../testing/recording-points.js';

let project: string;
/** The results of each program in Node itself. */
let bare: Readonly<Record<string, string>>;

const folderOf = (number: number): string => path.join(project, `program-${number}`);
const show = (value: unknown): string => inspect(value, { depth: 6, breakLength: Infinity });

beforeAll(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'threadmill-link-'));
  for (const [number, { files }] of programs.entries()) {
    await mkdir(folderOf(number));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folderOf(number), name)), { recursive: true });
      await writeFile(path.join(folderOf(number), name), text);
    }
  }
  const mains = programs.map(({ name }, number) => [name, pathToFileURL(path.join(folderOf(number), 'main.mjs')).href]);
  const runner = path.join(project, 'runner.mjs');
  await writeFile(
    runner,
    `import { inspect } from 'node:util'; const shown = {};
     for (const [name, main] of ${JSON.stringify(mains)}) try { shown[name] = inspect(await (await import(main)).default, { depth: 6, breakLength: Infinity }) } catch (e) { shown[name] = String(e.stack) }
     process.stdout.write(JSON.stringify(shown))`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [runner]);
  bare = JSON.parse(stdout) as typeof bare;
});
afterAll(() => rm(project, { recursive: true }));

describe('a linked program shows what Node shows', () => {
  describe.each([true, false])('instrumented: %s', (instrument) => {
    test.each(programs.map(({ name }, number) => ({ name, number })))('$name', async ({ name, number }) => {
      const compiled = await compileScenario({ file: 'main.mjs', projectDirectory: folderOf(number), instrument });
      const evaluate = evaluator(compiled, recordingPoints());
      const result = async (): Promise<unknown> => (await Promise.resolve(evaluate()))['default'];
      expect(show(await result())).toBe(bare[name]);
      // Again, to detect state kept from one evaluation to the next.
      expect(show(await result())).toBe(bare[name]);
    });
  });
});

test('TypeScript: what is erased, what is not, and names of both', async () => {
  const folder = await mkdtemp(path.join(project, 'types-'));
  await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(
    path.join(folder, 'other.ts'),
    'export interface Shape { x: number } export type Alias = Shape; export class Foo {} export enum Color { Red, Blue = 5 } export const enum Small { One = 1 } export namespace Space { export const inner = 1; export class Foo {} }',
  );
  await writeFile(
    path.join(folder, 'main.ts'),
    `import { Foo as Other, Color, Small, Space, type Shape } from './other.ts'; import { Alias } from './other.ts'; import type * as all from './other.ts';
     export type { Shape } from './other.ts'; class Foo<T> { constructor(private readonly a: T, public b = 2) {} declare c: number; get sum() { return [this.a, this.b] } }
     abstract class Base { abstract m(): void; f?: number } const dec = (value: unknown, context: { name: unknown }) => { Object.assign(globalThis, { seen: context.name }); return value as never };
     const shape = { x: 1 } satisfies Shape as Alias; let early: string; try { early = later } catch (e) { early = (e as Error).name } const later = 'x';
     export const hidden = (Foo: number) => { { class Foo {} return Foo.name } };
     export default [new Foo(1).sum, Foo.name, Other.name, Color[5], Color.Red, Small.One, Space.inner, Space.Foo.name, Object.keys(new (class extends Base { m() {} })()), shape.x, early, hidden(1), (null as unknown as typeof all)]`,
  );
  await writeFile(
    path.join(folder, 'decorated.ts'),
    `const seen: unknown[] = []; const d = (value: unknown, context: { name: unknown }) => { seen.push(context.name) };
     class Foo { @d m() { class Foo {} return Foo.name } @d accessor z = 2; static name2 = Foo.name } { using x = { [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() { seen.push('disposed') } } as Disposable; }
     export default [seen, Foo.name, new Foo().m(), new Foo().z, Foo.name2]`,
  );
  const run = async (file: string): Promise<unknown> =>
    evaluator(await compileScenario({ file, projectDirectory: folder }), recordingPoints())()['default'];
  expect(await run('main.ts')).toEqual([
    [1, 2],
    'Foo',
    'Foo',
    'Blue',
    0,
    1,
    1,
    'Foo',
    ['f'],
    1,
    'ReferenceError',
    'Foo',
    null,
  ]);
  expect(await run('decorated.ts')).toEqual([['m', 'z', 'disposed'], 'Foo', 'Foo', 2, 'Foo']);
});

test('packages keep their names too, and sloppy ones beside strict ones', async () => {
  const folder = await mkdtemp(path.join(project, 'packages-'));
  const files: Readonly<Record<string, string>> = {
    'package.json': '{ "type": "module" }',
    'node_modules/a/package.json': '{ "name": "a", "type": "module", "exports": "./index.js" }',
    'node_modules/a/index.js':
      "export { Foo } from './foo.js'; export const strict = (function () { return this === undefined })(); export * from 'b';",
    'node_modules/a/foo.js': 'export class Foo {}',
    'node_modules/b/package.json': '{ "name": "b" }',
    'node_modules/b/index.js':
      'class Foo {} exports.Bar = Foo; exports.sloppy = (function () { return this !== undefined })();',
    'main.js':
      "import { Foo as A, strict, sloppy, Bar } from 'a'; import b from 'b'; import * as all from 'a'; class Foo {} export default [A.name, Bar.name, Foo.name, strict, sloppy, b.Bar === Bar, all.Foo === A]",
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.join(folder, path.dirname(name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  for (const freshPackages of [[], ['a', 'b']]) {
    const compiled = await compileScenario({ file: 'main.js', projectDirectory: folder, freshPackages });
    expect(evaluator(compiled, recordingPoints())()['default']).toEqual(['Foo', 'Foo', 'Foo', true, true, true, true]);
  }
});
