import { importCalls } from './import-calls.js';
import { moduleFeatures } from './module-features.js';
import { moduleGraphs } from './module-graphs.js';
import { program, type Program } from './program.js';
import { topLevelAwaits } from './top-level-awaits.js';
import { runTimeErrors } from './run-time-errors.js';

const tried = 'const tried = (f) => { try { return f() } catch (e) { return `${e.name}: ${e.message}` } };';

/** Everything that linking could change: each program must have the same result as in Node. */
export const programs: readonly Program[] = [
  // Names
  program(
    'one name at the top level of several files',
    `import * as a from './a.mjs'; import * as b from './b.mjs'; class Foo {} function make() {} const arrow = () => {}; let X = class {};
     export default [Foo, make, arrow, X, a.Foo, a.make, a.arrow, a.X, b.Foo, b.make, b.arrow, b.X].map((f) => f.name)`,
    {
      'a.mjs': 'export class Foo {} export function make() {} export const arrow = () => {}; export let X = class {};',
      'b.mjs': 'export class Foo {} export function make() {} export const arrow = () => {}; export let X = class {};',
    },
  ),
  program(
    'names that hide names',
    `import { Foo as Other } from './a.mjs'; class Foo { m() { class Foo { static n = 1 } return [Foo.name, Foo.n] } }
     const outer = (make) => { { let make = () => 1; const Foo = class Foo {}; function f() { class f {} return f.name } return [make.name, Foo.name, f.name, f()] } };
     const Bar = class Foo { self() { return Foo.name } }; const h = { Foo() {}, get: function () {}, ['x' + 1]: () => {} };
     export default [new Foo().m(), outer(), Bar.name, new Bar().self(), Other.name, h.Foo.name, h.get.name, h.x1.name]`,
    { 'a.mjs': 'class Foo {} export { Foo }' },
  ),
  program(
    'static names and decorated descriptors',
    `import { A, B, C } from './a.mjs'; class A2 { static name() {} } const D = class { static name = 'given' };
     export default [typeof A.name, B.name, C.name, typeof A2.name, D.name, Object.getOwnPropertyDescriptor(B, 'name')]`,
    {
      'a.mjs':
        "export class A { static name() {} } export class B {} export class C { static get name() { return 'got' } }",
    },
  ),
  ...[
    'export default function () {}',
    'export default function* () {}',
    'export default async function () {}',
    'export default () => {}',
    'export default (() => {})',
    'export default class {}',
    'export default (class {})',
    "export default class { static name = 'own' }",
    'export default class Foo {}',
    'export default function Foo() {}',
    'const x = () => {}; export default x',
    'export default [() => {}][0]',
    'const x = class {}; export { x as default }',
  ].map((text) =>
    program(
      `the name of ${text}`,
      "import it from './a.mjs'; class Foo {} export default [it.name, Object.getOwnPropertyDescriptor(it, 'name'), Foo.name]",
      { 'a.mjs': text },
    ),
  ),
  // Before initialisation
  program(
    'use before initialisation',
    `${tried} const early = [tried(() => a), tried(() => typeof b), tried(() => new C()), tried(() => { a2 = 1 }), tried(() => v), tried(() => f())];
     let a = 1, a2; const b = 2; class C {} var v = 3; function f() { return a }
     const self = [tried(() => { let x = x + 1 }), tried(() => { class Q extends Q {} }), tried(() => { const { y = y } = {} })];
     class S { static own = S.name; static { this.block = typeof S } }
     export default [early, self, a, b, v, f(), S.own, S.block]`,
  ),
  program('a circle: functions are there, the rest is not yet', `import { seen } from './a.mjs'; export default seen`, {
    'a.mjs':
      "import { look } from './b.mjs'; export function f() { return 'f' } export let x = 1; export const y = 2; export class C {} export var v = 3; export default 5; export const seen = look",
    'b.mjs': `import d, { f, x, y, C, v } from './a.mjs'; import * as all from './a.mjs'; ${tried}
        export const look = [f(), tried(() => x), tried(() => typeof y), tried(() => new C()), v, tried(() => all.x), Reflect.ownKeys(all), all.f()];
        export const late = () => [x, y, C.name, v, d]`,
  }),
  program(
    'a circle, once all of it is evaluated',
    `import { a, up } from './a.mjs'; import { b, late } from './b.mjs'; up(); export default [a(), b(), late()]`,
    {
      'a.mjs':
        "import { b } from './b.mjs'; import c from './c.cjs'; import fs from 'node:fs'; export const a = () => b() + 1; export let n = 1; export const up = () => ++n; export class K { static k = c.k + typeof fs.statSync }",
      'b.mjs':
        "import { a, n, K } from './a.mjs'; import { helper } from './d.mjs'; export const b = () => n; export const late = () => { const { name } = K; return [a(), n, name, K.k, helper()] }",
      'c.cjs': 'exports.k = 7',
      'd.mjs': 'let count = 0; export function helper() { return ++count }',
    },
  ),
  program(
    'a module that imports itself',
    "import * as self from './main.mjs'; import { x as y } from './main.mjs'; export let x = 1; const f = () => [y, self.x]; export const g = f(); x = 2; export default [f(), g, Reflect.ownKeys(self)]",
  ),
  // Live bindings
  program(
    'exports that change',
    `import { n, v, f, up, change, o as other } from './a.mjs'; import * as all from './a.mjs'; const before = [n, v, f(), other, all.n]; up(); change();
     const shadows = (n) => { const x = { n, v: 1, f }; { let v = 5; x.v = v } for (const f of [1]) x.f = f; try { throw 9 } catch (v) { x.w = v } label: for (;;) break label; class n2 { n = n; static v() { return v } } return [x, new n2().n, n2.v()] };
     export default [before, n, v, f(), other, all.n, all.v, shadows(4), \`\${n}\`, ((a = n, { v: w } = { v }) => [a, w])(), typeof n, (function v() { return typeof v })(), (() => { return typeof n; function n() {} })(), (() => { var up = 1; return up })()]`,
    {
      'a.mjs':
        "export let n = 1; export var v = 'v'; export function f() { return 'f' } let p = 0; export { p as o }; export const up = () => { n++; p += 2; [v] = ['w'] }; export const change = () => { f = () => 'changed' }",
    },
  ),
  program(
    'what is exported by way of others',
    `import { a, b2, star, deep, ns } from './a.mjs'; import * as all from './a.mjs'; export default [a, b2, star, deep, ns.x, Object.keys(ns), Object.keys(all), 'default' in all, Object.prototype.toString.call(all), Object.getPrototypeOf(all), Object.isExtensible(all)]`,
    {
      'a.mjs':
        "export { a, b as b2 } from './b.mjs'; export * from './c.mjs'; export * as ns from './d.mjs'; export const star = 'own'",
      'b.mjs': "export const a = 'a', b = 'b'; export default 1",
      'c.mjs': "export const star = 'hidden'; export * from './e.mjs'; export default 2",
      'd.mjs': 'export const x = 1; export default 3',
      'e.mjs': "export const deep = 'deep'",
    },
  ),
  program(
    'the order of evaluation',
    `import './a.mjs'; import './b.cjs'; import { log } from './log.mjs'; import './c.mjs'; log('main'); export default globalThis.order.splice(0)`,
    {
      'log.mjs': 'globalThis.order = []; export const log = (x) => globalThis.order.push(x)',
      'a.mjs': "import { log } from './log.mjs'; import './c.mjs'; log('a')",
      'b.cjs': "globalThis.order.push('b')",
      'c.mjs': "import { log } from './log.mjs'; log('c')",
    },
  ),
  program(
    'calls of namespaces and imports have the right this',
    "import * as ns from './a.mjs'; import { self } from './a.mjs'; export default [ns.self() === ns, self() === undefined, (0, ns.self)() === undefined, ns.tag`x` === ns]",
    {
      'a.mjs': 'export function self() { return this } export let tag = function () { return this }; tag = tag',
    },
  ),
  program(
    'namespaces cannot be changed',
    `import * as ns from './a.mjs'; const tried = (f) => { try { return f() } catch (e) { return e.name } }; const all = [ns][0]; export default [tried(() => { all.x = 2 }), tried(() => { delete all.x }), tried(() => { all.y = 1 }), ns.x, Reflect.ownKeys(ns)]`,
    { 'a.mjs': 'export const x = 1' },
  ),
  // Strict and sloppy
  program(
    'an ES module is strict',
    `${tried} export default [tried(() => { undeclared = 1 }), typeof this, (function () { return this })(), tried(() => { Object.freeze([])[0] = 1 }), typeof module, typeof exports]`,
  ),
  ...[
    'this.top = 5; exports.self = this === module.exports; exports.sloppy = (function () { return this !== undefined })(); undeclared = 1; exports.u = typeof globalThis.undeclared; exports.deleted = delete globalThis.undeclared',
    'with ({ q: 1 }) { exports.q = q } var x = 010; exports.x = [x, "\\07".length, 08]',
    'function f(a) { arguments[0] = 2; return a } function g(a) { a = 3; return arguments[0] } function h(a) { "use strict"; arguments[0] = 2; return a } exports.x = [f(1), g(1), h(1)]',
    'var x = 1; exports.x = [delete x, typeof x, typeof inBlock, typeof arguments, arguments.length]; { function inBlock() {} } exports.y = [typeof inBlock, inBlock.name]; if (1) function ff() {} exports.z = ff.name',
    '"use strict"; exports.x = (function () { return this })(); try { undeclared2 = 1 } catch (e) { exports.e = e.message }',
    'Object.freeze(exports); exports.x = 1; const o = Object.freeze([1]); o[0] = 2; module.exports = [o, Object.keys(exports)]',
    'var let_ = 1, yield = 2, static = 3, package = 4; exports.x = yield + static + package; function eval_(eval) { return eval } exports.y = eval_(5)',
    'exports.f = [__filename.split("/").pop(), __dirname === require("path").dirname(__filename), module.id === __filename || module.id, typeof module.require, module.loaded, require.main === module]',
    'function F(a, a) { return a } exports.x = F(1, 2); exports.y = (function () { return typeof this })(); exports.z = (() => this === exports)()',
    'return; exports.never = 1',
  ].map((text, number) =>
    program(`sloppy CommonJS ${number}`, "import it from './a.cjs'; export default it", { 'a.cjs': text }),
  ),
  program('what a with statement asks a proxy', "import it from './a.cjs'; export default it", {
    'a.cjs': `const asked = []; const list = [1, 2], i = 0; const o = new Proxy({ x: [5] }, { has: (t, k) => { asked.push(['has', k]); return k in t }, get: (t, k) => { asked.push(['get', String(k)]); return t[k] } });
      with (o) { x[i]; list[i]++; [list[0], list[1]] = [list[1], list[0]]; list.at(0); const f = () => list[i + 1]; f(); for (const q of list) q; Math.max(...list); list?.[i] } module.exports = [asked.map(String), list]`,
  }),
  // CommonJS
  program(
    'CommonJS circles, replaced exports, what throws',
    "import a from './a.cjs'; import b, { named } from './b.cjs'; import c, { k } from './c.cjs'; export default [a, b, named, c.name, k]",
    {
      'a.cjs':
        "exports.early = 1; const b = require('./b.cjs'); exports.fromB = b.seen; exports.again = require('./b.cjs') === b; let n = 0; for (const _ of [1, 2]) try { require('./bad.cjs') } catch (e) { n++; exports.bad = e.message } exports.n = [n, globalThis.bad]; delete globalThis.bad; exports.data = require('./d.json'); exports.late = module.loaded",
      'b.cjs': "exports.named = 3; exports.seen = { ...require('./a.cjs') }",
      'c.cjs': 'module.exports = class Foo { static k = 1 }; module.exports.k = 2',
      'bad.cjs': "globalThis.bad = (globalThis.bad ?? 0) + 1; throw new Error('bad')",
      'd.json': '{ "x": [1], "__proto__": 2 }',
    },
  ),
  // import.meta
  program(
    'import.meta is an object',
    `import { meta, same } from './a.mjs'; const { url, ...rest } = import.meta; import.meta.added = 1;
     export default [url, Object.keys(rest).filter((key) => key !== 'main' && key !== 'resolve'), import.meta.added, import.meta === import.meta, meta === import.meta, same(), meta.url, import.meta.dirname, import.meta.filename, typeof import.meta, 'url' in import.meta, Object.getPrototypeOf(import.meta), (() => import.meta.url)()]`,
    { 'a.mjs': 'export const meta = import.meta; export const same = () => meta === import.meta' },
  ),
  program(
    'import.meta.resolve',
    "const { resolve } = import.meta; export default ['./x.js', '../y', 'node:fs', 'fs', 'file:///a'].map((one) => resolve(one))",
  ),
  // import()
  program(
    'import() of own files',
    `import { x } from './a.mjs'; const ns = await0(); async function await0() { const one = await import('./a.mjs'); const two = await import('./lazy.mjs'); const again = await import('./lazy.mjs'); const c = await import('./c.cjs'); const bad = []; for (const _ of [1, 2]) await import('./bad.mjs').catch((e) => bad.push(e)); return [one.x === x, two.default, two.n, two.up(), two.n, again === two, Object.keys(two), c.default, bad[0] === bad[1], bad[0].message] } export default ns`,
    {
      'a.mjs': 'export const x = {}',
      'lazy.mjs': "import { x } from './a.mjs'; export let n = 1; export const up = () => ++n; export default typeof x",
      'c.cjs': 'exports.k = 1',
      'bad.mjs': "throw new Error('bad')",
    },
  ),
  ...importCalls,
  ...runTimeErrors,
  ...topLevelAwaits,
  ...moduleFeatures,
  ...moduleGraphs(40, 5),
];
