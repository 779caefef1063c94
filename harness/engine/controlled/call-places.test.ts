import vm from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { SourceCallSites } from '../source-call-sites.js';
import { CallPlaces } from './call-places.js';
import { KnownCode } from './known-code.js';

const fileName = 'threadmill-call-places.js';
const source = '/project/scenarios/one.scenario.ts';
const site = 7;

/** A bundle of one line that is mapped to the first position of one file. */
const bundle = {
  code: '(function (find) { return find(); })',
  fileName,
  sourceMap: JSON.stringify({ version: 3, sources: [source], names: [], mappings: 'AAAA' }),
  esModules: [],
};
const code = new KnownCode();
code.add({
  file: source,
  bundles: [bundle],
  calls: Int32Array.of(site, 0, 1, 1),
  files: [source],
  firstSite: 0,
  sites: [],
});

const program = new vm.Script(bundle.code, { filename: fileName }).runInThisContext() as (find: () => number) => number;

let callSites: SourceCallSites | undefined;

afterEach(() => {
  callSites?.dispose();
});

describe('a call that nobody announced', () => {
  it.each([
    ['asks for no call sites', undefined],
    ['asks for call sites', (_: Error, frames: readonly unknown[]) => frames.length],
  ])('has its place found on the stack, and a program that %s sees nothing of it', (_, prepare) => {
    callSites = new SourceCallSites(
      (name) => code.bundle(name),
      () => false,
    );
    if (prepare !== undefined) Error.prepareStackTrace = prepare;
    const before = typeof new Error('before').stack;
    const prepared = Reflect.get(Error, 'prepareStackTrace') as unknown;
    const places = new CallPlaces(code);
    expect(program(() => places.find())).toBe(site);
    expect(typeof new Error('after').stack).toBe(before);
    expect(Reflect.get(Error, 'prepareStackTrace')).toBe(prepared);
  });
});
