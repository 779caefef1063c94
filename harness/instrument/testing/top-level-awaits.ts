import { program, type Program } from './program.js';

/** Where modules note in which order they are evaluated. */
const log = { 'log.mjs': 'export const log = [];' };
const noting = "import { log } from './log.mjs';";
/** A module that notes when it begins and, some turns later, when it ends. */
const slow = (name: string, turns: number, more = ''): string =>
  `${noting} ${more} log.push('${name} begins'); for (let turn = 0; turn < ${turns}; turn++) await null; log.push('${name} ends'); export default '${name}';`;
const quick = (name: string, more = ''): string => `${noting} ${more} log.push('${name}'); export default '${name}';`;

/** Programs with top-level await. What they show depends on the order in which their modules are evaluated. */
export const topLevelAwaits: readonly Program[] = [
  program(
    'an awaited value',
    'const x = await Promise.resolve(1); export default [x, await 2, await { then: (f) => f(3) }]',
  ),
  program(
    'an await in the entry, between statements',
    `const seen = []; queueMicrotask(() => seen.push('micro')); seen.push(1); await null; seen.push(2); for await (const x of [Promise.resolve(5), 6]) seen.push(x); export default seen; seen.push(await new Promise((resolve) => setTimeout(resolve, 1, 'timer')))`,
  ),
  program(
    'a value from an import that awaits',
    "import it, { live, next } from './a.mjs'; next(); export default [it, live]",
    {
      'a.mjs':
        'export let live = await 1; export const next = () => { live++ }; export default await (async () => "done")()',
    },
  ),
  program(
    'siblings without await are not delayed, importers are',
    "import './a.mjs'; import './b.mjs'; import './c.mjs'; import { log } from './log.mjs'; log.push('main'); export default log",
    { ...log, 'a.mjs': slow('a', 3), 'b.mjs': quick('b'), 'c.mjs': quick('c', "import './a.mjs';") },
  ),
  program(
    'importers of several continue in the order in which evaluation reached them',
    "import './x.mjs'; import './y.mjs'; import './z.mjs'; import { log } from './log.mjs'; export default log",
    {
      ...log,
      'a.mjs': slow('a', 5),
      'b.mjs': slow('b', 2),
      'c.mjs': slow('c', 2, "import './b.mjs';"),
      'x.mjs': quick('x', "import './a.mjs'; import './c.mjs';"),
      'y.mjs': slow('y', 1, "import './b.mjs';"),
      'z.mjs': quick('z', "import './a.mjs';"),
    },
  ),
  program(
    'many that depend on the same one',
    "import './p.mjs'; import './q.mjs'; import './r.mjs'; import './s.mjs'; import { log } from './log.mjs'; export default log",
    {
      ...log,
      'a.mjs': slow('a', 1),
      'p.mjs': quick('p', "import './r.mjs';"),
      'q.mjs': slow('q', 4, "import './a.mjs';"),
      'r.mjs': slow('r', 2, "import './a.mjs';"),
      's.mjs': quick('s', "import './q.mjs'; import './p.mjs';"),
    },
  ),
  program(
    'CommonJS and built-ins among them',
    "import './a.mjs'; import './c.cjs'; import fs from 'node:fs'; import { log } from './log.mjs'; log.push(typeof fs.readFileSync, globalThis.order); delete globalThis.order; export default log",
    { ...log, 'a.mjs': `${slow('a', 2)} globalThis.order.push('a');`, 'c.cjs': "globalThis.order = ['c']" },
  ),
  ...[
    "import './a.mjs'; import { log } from './log.mjs'; export default log",
    "import './b.mjs'; import { log } from './log.mjs'; export default log",
    "import './c.mjs'; import './a.mjs'; import { log } from './log.mjs'; export default log",
  ].map((main, number) =>
    program(`a circle with an await ${number}`, main, {
      ...log,
      'a.mjs': slow('a', 2, "import { f, x } from './b.mjs'; log.push(f()); export const early = () => typeof x;"),
      'b.mjs': quick(
        'b',
        "import { early } from './c.mjs'; export function f() { return 'f' } export let x = 1; try { log.push(early()) } catch (e) { log.push(e.name) }",
      ),
      'c.mjs': quick(
        'c',
        "import { early } from './a.mjs'; export { early }; try { early() } catch (e) { log.push(e.name) }",
      ),
    }),
  ),
  program(
    'two circles, both waiting, and what depends on both',
    "import './a.mjs'; import './d.mjs'; import './x.mjs'; import { log } from './log.mjs'; export default log",
    {
      ...log,
      'a.mjs': slow('a', 3, "import './b.mjs';"),
      'b.mjs': slow('b', 1, "import './a.mjs';"),
      'd.mjs': quick('d', "import './e.mjs';"),
      'e.mjs': slow('e', 2, "import './d.mjs'; import './b.mjs';"),
      'x.mjs': quick('x', "import './b.mjs'; import './e.mjs';"),
    },
  ),
  program(
    'an error is that of each importer, and of import() each time',
    `${noting} const told = async (name) => { try { return await import(name) } catch (e) { return e } }; const first = await import('./x.mjs').catch((e) => e); const again = await import('./x.mjs').catch((e) => e); const bad = await import('./bad.mjs').catch((e) => e); const caught = await import('./bad2.mjs').catch((e) => e.message);
     export default [first.message, first === again, first === bad, caught, log, (await told('./x.mjs')) === first]`,
    {
      ...log,
      'x.mjs': quick('x', "import './a.mjs'; import './bad.mjs'; import './after.mjs';"),
      'a.mjs': slow('a', 4),
      'bad.mjs': `${slow('bad', 1)} throw new Error('no good')`,
      'after.mjs': quick('after'),
      'bad2.mjs': "await null; await Promise.reject(new Error('rejected'))",
    },
  ),
  program(
    'import() of modules that await, at the same time and later',
    `${noting} const all = await Promise.all([import('./a.mjs'), import('./b.mjs'), import('./a.mjs')]); log.push('both'); const name = './c.mjs'; const c = await import(name);
     export default [all.map((one) => one.default), all[0] === all[2], c.default, Object.keys(c), log, await import('./c.mjs') === c]`,
    { ...log, 'a.mjs': slow('a', 5), 'b.mjs': quick('b', "import './a.mjs';"), 'c.mjs': slow('c', 1) },
  ),
  program(
    'an await behind import() only: the entry is synchronous',
    `${noting} log.push('main'); export default import('./a.mjs').then((it) => [it.default, log])`,
    { ...log, 'a.mjs': slow('a', 2, "import './b.mjs';"), 'b.mjs': quick('b') },
  ),
  program(
    'names, this, TDZ and errors around an await',
    `
     import { early, tried } from './a.mjs'; const before = tried(() => late); let late = await early(); class Foo { static name2 = Foo.name; own = await2 } var await2 = 7; function hoisted() { return typeof late }
     export default [before, late, Foo.name2, new Foo().own, hoisted(), typeof this, hoisted.name]; export { Foo as default2 }`,
    {
      'a.mjs':
        'export const tried = (f) => { try { return f() } catch (e) { return e.name } }; await undefined; export async function early() { return await 4 }',
    },
  ),
  program(
    'await in places of all kinds',
    `
     import list from './a.mjs'; const array = new Int32Array(new SharedArrayBuffer(16)); array[await 1] += await 2; array[2] = await Promise.all([1, 2]).then((all) => all.length);
     const { [await 'k']: k = await 9 } = { k: undefined }; const o = { [await 'a']: await 1, m() { return 2 } }; let text = \`\${await 'x'}\${await import('./a.mjs').then((ns) => ns.default[0])}\`;
     if (await true) { for (const one of await list) text += one } label: for (;;) { try { await Promise.reject(new Error('e')) } catch (e) { text += e.message; break label } finally { text += await 'f' } }
     const tag = (parts, ...values) => parts.join('-') + values; for await (const [n] of (async function* () { yield [1]; yield [2] })()) { if (n === 2) break; text += n }
     class Late extends (await import('./b.cjs')).default { [await 'n']() { return super.n() + 1 } }
     export default [...array, k, o.a, text, tag\`a\${await 1}b\`, new Late().n(), await (await (await (async () => async () => 3)()))()]`,
    { 'a.mjs': 'export default await Promise.resolve([4, 5])', 'b.cjs': 'module.exports = class { n() { return 1 } }' },
  ),
  program(
    'namespaces of modules that await',
    "import * as a from './a.mjs'; export * as b from './b.mjs'; import { a as again } from './b.mjs'; export default [Object.keys(a), a.x, again === a, a.b.y]",
    {
      'a.mjs': "export const x = await 1; export * as b from './b.mjs'",
      'b.mjs': "export const y = await 2; export * as a from './a.mjs'",
    },
  ),
];
