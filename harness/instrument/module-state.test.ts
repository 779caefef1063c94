import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import { moduleState, type ModuleState } from './module-state.js';

function stateOf(source: string, sourceType: 'module' | 'commonjs' = 'module'): ModuleState {
  const { program, errors } = parseSync('a.js', source, { lang: 'js', sourceType, preserveParens: true });
  expect(errors).toEqual([]);
  return moduleState(program, source);
}

describe('a module that can be shared', () => {
  test.each([
    "import { b } from './b.js'; import * as all from 'c'; export { b }; export * from 'd'; export function f() { return b(all) }",
    'export const one = 1, two = `${one}-`, three = -one ?? two, re = /a/i, symbol = Symbol.for("x"), flag = typeof process === "object"',
    'const table = { a: 1, f() { return 2 } }, list = ["a", "b"], set = new Set(["x"]); export const has = (key) => key in table && list.includes(key) && set.has(key) && table[key] && [...list].length && Object.keys(table)',
    'const pattern = /a/g; export const f = (text) => text.replace(pattern, "b").split(pattern)',
    'export class Foo extends Map { static zero = 0; static of() { return new Foo() } #count = 0; list = []; inc() { this.#count++; this.list.push(1); return this.other = 1 } }',
    'export const frozen = Object.freeze({ a: 1, b: "x" }); export const { isArray } = Array; export default class {}',
    'function Old() { this.x = 1 } Old.prototype.set = function (x) { this.x = x }; Object.defineProperty(Old.prototype, "y", { get() { return 1 } }); Old.first = 1; export { Old }',
    'let late; late = () => 1; export const f = (o) => { let late = 2; late++; o.x = late; const { pattern = 1 } = o; for (o.y of []); return pattern }',
    'var A = (function (B) { __extends(A, B); function A() { return B.call(this) || this } A.prototype.m = function () { this.x = 1 }; return A })(Map); export { A }',
    'import { EventEmitter } from "node:events"; export const base = EventEmitter.prototype; export class E extends EventEmitter {}',
    'import Foo from "./foo.js"; const { x } = Foo; export const read = () => Foo.x + x; class Bar extends Foo.Inner {} export { Bar as default }',
  ])('ES: %s', (source) => {
    expect(stateOf(source).kept).toBeUndefined();
  });

  test.each([
    '"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); exports.b = exports.a = void 0; const b_1 = require("./b"); const c_1 = __importDefault(require("c")); function a() { return (0, b_1.b)(c_1.default) } exports.a = a; class B extends b_1.C {} exports.B = B;',
    'Object.defineProperty(exports, "x", { enumerable: true, get: function () { return y_1.x } }); var y_1 = require("./y"); __exportStar(require("./z"), exports)',
    'var __importDefault = (this && this.__importDefault) || function (mod) { return (mod && mod.__esModule) ? mod : { "default": mod } }; module.exports = function Foo() { this.a = 1 }; module.exports.default = module.exports; module.exports.Foo = module.exports',
    'module.exports = { a: 1, f() { return 1 }, g: (x) => x }; if (typeof Symbol === "function") { exports.it = Symbol.iterator }',
  ])('CommonJS: %s', (source) => {
    expect(stateOf(source, 'commonjs').kept).toBeUndefined();
  });
});

describe('a module that keeps state', () => {
  test.each([
    'let count = 0; export const add = () => ++count',
    'let cached; export const get = () => (cached ??= {})',
    'let a, b; export function swap() { [a, b] = [b, a] }',
    'let a; export function loop(list) { for (a of list); }',
    'var hidden = 1; { var inner = 2 } export const f = () => { inner = 3; return hidden }',
    'const cache = new Map(); export const get = (key) => { cache.set(key, 1) }',
    'const cache = new WeakMap()',
    'const list = []; export const add = (x) => list.push(x)',
    'const list = []; export const add = (x) => { list[list.length] = x }',
    'const list = [1]; export const get = () => list',
    'const table = { a: 1 }; export const set = (k, v) => { table[k] = v }',
    'const table = { a: 1 }; export const set = () => { (table.a) = 2 }',
    'const table = { a: 1 }; export const set = () => { ({ x: table.a } = { x: 1 }) }',
    'const table = { a: 1 }; export const drop = () => delete table.a',
    'const table = { a: 1 }; export const give = (f) => f(table)',
    'const table = { a: 1 }; const other = table; export const set = () => { other.a = 2 }',
    'const table = { a: { b: 1 } }; export const set = () => { table.a.b = 2 }',
    'const table = { n: 0, inc() { this.n++ } }; export const f = () => table.inc()',
    'export const options = { a: 1 }',
    'const options = { a: 1 }; export { options as default }',
    'const options = { a: 1 }; export default options',
    'export const pattern = /a/g; ',
    'const pattern = /a/g; export const f = (text) => pattern.exec(text)',
    'const pattern = /a/y; export const f = (text) => text.match(pattern)',
    'export default new Map()',
    'export const emitter = new (class {})()',
    'function f() {} f.calls = 0; export const g = () => { f.calls++; }',
    'class Foo { static count = 0; constructor() { Foo.count++ } } export { Foo }',
    'class Foo { static count = 0; static next() { return this.count++ } } export { Foo }',
    'class Foo { static count = 0; next() { return this.constructor.count++ } } export { Foo }',
    'class Foo { static list = [] } export { Foo }',
    'class Foo { static #made = 0 } export { Foo }',
    'class Foo { static { globalThis.x = 1 } }',
    'class Foo {} export const patch = () => { const p = Foo.prototype; p.x = 1 }',
    'class Foo {} export const patch = () => Object.assign(Foo.prototype, { x: 1 })',
    'export const next = (() => { let n = 0; return () => n++ })()',
    'var A = (function () { var made = 0; function A() { made++ } return A })(); export { A }',
    'export const started = Date.now(), later = 1',
    'export const random = Math.random()',
    'const isTest = process.env.NODE_ENV === "test"; export { isTest }',
    'import process from "node:process"; export const name = process.argv[1]',
    'globalThis.registry = 1',
    'registerMe()',
    'for (const x of [1]) registerMe(x)',
    'try { registerMe() } catch {}',
    'const x = await 1; export { x }',
    'export const load = (name) => import(name)',
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url); export const load = (name) => require(name)',
    'export const run = (text) => eval(text)',
    'tag`x`; const tag = () => 1',
  ])('ES: %s', (source) => {
    expect(stateOf(source).kept).toBeTypeOf('string');
  });

  test.each([
    'exports.count = 0; exports.add = () => { exports.count++ }',
    'exports.count = 0; exports.add = function () { this.count++ }',
    'module.exports = { count: 0, add() { this.count++ } }',
    'exports.cache = {}',
    'var cache = {}; exports.cache = cache',
    'undeclared = 1',
    'module.exports = Object.create(null); function add(x) { module.exports[x] = 1 }',
    '(function (root, factory) { factory(exports) })(this, function (exports) { exports.a = 1 })',
    'exports.load = (name) => require(name)',
    'const load = require; exports.load = load',
    'exports.port = require("worker_threads").parentPort',
    'with (Math) { exports.x = 1 }',
  ])('CommonJS: %s', (source) => {
    expect(stateOf(source, 'commonjs').kept).toBeTypeOf('string');
  });
});

test('what a module changes in others', () => {
  const changes = (source: string): readonly string[] => stateOf(source).changes;
  expect(
    changes("import { A } from 'a'; A.prototype.x = 1; import * as b from 'b'; function f() { b.default.y++ }"),
  ).toEqual(['a', 'b']);
  expect(changes("const { A } = require('a'); const P = A.prototype; P.x = 1; require('b').c = 1")).toEqual(['a', 'b']);
  expect(
    changes("import { A } from 'a'; Object.assign(A, {}); import b from 'b'; vi.spyOn(b, 'x'); delete b.y"),
  ).toEqual(['a', 'b']);
  expect(changes("import { A } from 'a'; const x = new A(); A.y; A(); x.z")).toEqual([]);
  expect(stateOf('export const f = () => { globalThis.x = 1 }').changesGlobals).toBe(true);
  expect(stateOf('export const f = () => globalThis.x').changesGlobals).toBe(false);
  expect(stateOf("export const f = () => { process.env.X = '1' }").changesGlobals).toBe(true);
  expect(stateOf('export const f = () => { delete process.env[x] }').changesGlobals).toBe(true);
  expect(stateOf('export const f = () => process.env.X').changesGlobals).toBe(false);
});
