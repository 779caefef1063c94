import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** The parts of a test's head comment that matter here. */
export interface TestFacts {
  readonly includes: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly isNegative: boolean;
}

interface Frontmatter {
  readonly includes?: readonly string[];
  readonly flags?: readonly string[];
  readonly negative?: unknown;
}

/** Reads the comment that begins with `---` at the head of a test. */
export function factsOf(text: string): TestFacts {
  const block = /\/\*---\r?\n?([\s\S]*?)---\*\//.exec(text)?.[1] ?? '';
  const facts = (parse(block.replaceAll('\r\n', '\n').replaceAll('\r', '\n')) ?? {}) as Frontmatter;
  return { includes: facts.includes ?? [], flags: new Set(facts.flags), isNegative: facts.negative !== undefined };
}

/** The memory of a test: `plain` as written, or `shared` in place of every ArrayBuffer and typed array. */
export type Memory = 'plain' | 'shared';

/** What a host provides, and the outcome of asynchronous tests. Runs before the harness of test262. */
const host = `var $262 = (function (vm, evaluate, clone) {
  return {
    global: globalThis,
    gc: function () {},
    evalScript: evaluate,
    detachArrayBuffer: function (buffer) { clone(buffer, { transfer: [buffer] }) },
    createRealm: function () {
      var context = vm.createContext({});
      var global = vm.runInContext('globalThis', context);
      var realm = { global: global, evalScript: function (text) { return vm.runInContext(text, context) } };
      global.$262 = realm;
      return realm;
    },
  };
})(require('node:vm'), eval, structuredClone);
var print = function () {};
var $DONE = (function (state) {
  return function (error) {
    state.outcome = error === undefined || error === null ? true : error;
    if (state.onDone) state.onDone();
  };
})(exports);
`;

/** Puts new buffers, and new typed arrays that copy nothing, into shared memory. */
const sharing = `(function (names) {
  var Shared = SharedArrayBuffer, Real = ArrayBuffer, isView = ArrayBuffer.isView, construct = Reflect.construct;
  var TypedArray = Object.getPrototypeOf(Int8Array);
  var bufferOf = Object.getOwnPropertyDescriptor(TypedArray.prototype, 'buffer').get;
  var lengthOf = Object.getOwnPropertyDescriptor(TypedArray.prototype, 'length').get;
  var bytesOf = Object.getOwnPropertyDescriptor(Real.prototype, 'byteLength').get;
  var BufferProxy = new Proxy(Real, {
    construct: function (target, values, newTarget) {
      return newTarget === BufferProxy ? construct(Shared, values) : construct(target, values, newTarget);
    },
  });
  Object.defineProperty(Real.prototype, 'constructor', { value: BufferProxy });
  globalThis.ArrayBuffer = BufferProxy;
  // The harness then makes no buffers that shrink.
  delete Real.prototype.resize;
  names.forEach(function (name) {
    var Constructor = globalThis[name];
    if (Constructor === undefined) return;
    var proxy = new Proxy(Constructor, {
      construct: function (target, values, newTarget) {
        var array = construct(target, values, newTarget === proxy ? target : newTarget);
        var buffer = bufferOf.call(array);
        if (!(buffer instanceof Real) || buffer === values[0]) return array;
        var length = lengthOf.call(array);
        var shared = new Shared(bytesOf.call(buffer));
        new Uint8Array(shared).set(new Uint8Array(buffer));
        return construct(target, [shared, 0, length], newTarget === proxy ? target : newTarget);
      },
    });
    Object.defineProperty(Constructor.prototype, 'constructor', { value: proxy });
    globalThis[name] = proxy;
  });
})([
  'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float16Array',
  'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array',
]);
`;

const harnessTexts = new Map<string, string>();

function harnessText(folder: string, name: string): string {
  let text = harnessTexts.get(name);
  if (text === undefined) {
    text = readFileSync(path.join(folder, 'harness', name), 'utf8');
    harnessTexts.set(name, text);
  }
  return text;
}

/** A test with everything it needs, as the text of one CommonJS module. */
export function moduleText(folder: string, test: string, memory: Memory): { text: string; isAsync: boolean } {
  const source = readFileSync(path.join(folder, test), 'utf8');
  const { includes, flags } = factsOf(source);
  const names = ['assert.js', 'sta.js', ...includes.filter((name) => name !== 'assert.js' && name !== 'sta.js')];
  const parts = [
    flags.has('onlyStrict') ? "'use strict';\n" : '',
    host,
    memory === 'shared' ? sharing : '',
    ...names.filter((name) => name !== 'doneprintHandle.js').map((name) => `${harnessText(folder, name)}\n`),
    source,
  ];
  return { text: parts.join(''), isAsync: flags.has('async') };
}
