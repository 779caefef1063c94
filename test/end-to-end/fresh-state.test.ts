import { describe, expect, it } from 'vitest';
import { Experiment, summary } from './experiment.js';

const held = { verdict: 'held', message: '' };
const experiment = new Experiment();

describe('what one execution leaves behind', () => {
  it('module state is fresh in each execution, in every agent', async () => {
    experiment.write(
      'scenarios/counted.ts',
      'export const state = { evaluated: 0 };\nexport let calls = 0;\nexport function call() { return ++calls; }\n',
    );
    const result = await experiment.run({
      before: `import { call, state } from './counted.js';
        let mine = 0;
        const seen = new Set<string>();`,
      fields: `
        writers: {
          count: 2,
          run({ index, store }) {
            state.evaluated++;
            mine++;
            seen.add('writer ' + index);
            Atomics.add(store, 0, 1);
            check(call() === 1 && state.evaluated === 1 && mine === 1 && seen.size === 1, 'a writer met the state of an earlier execution');
          },
        },
        readers: {
          count: 3,
          async run({ index, pause }) {
            mine++;
            seen.add('reader ' + index);
            await pause();
            check(call() <= 3 && mine <= 3 && seen.size <= 3, 'a reader met the state of an earlier execution');
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('a thread that is started in the middle of an execution has not the environment of that moment', async () => {
    const result = await experiment.run({
      before: `import fc from 'fast-check';
        import { Worker } from 'node:worker_threads';`,
      fields: `
        writers: {
          count: fc.integer({ min: 1, max: 3 }),
          run() { check(process.env.LEFT === undefined, 'a writer sees what an earlier execution set'); },
        },
        readers: {
          count: 1,
          async run() {
            process.env.LEFT = 'here';
            await new Promise((resolve) => { new Worker('0', { eval: true }).on('exit', resolve); });
          },
        },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it.each([
    'globalThis',
    'Array.prototype',
    'Object',
    'JSON',
    'Math',
    'Reflect',
    'Atomics',
    'performance',
    'Object.getPrototypeOf(Int8Array.prototype)',
    'process.env',
    'process',
    'Date',
  ])('what is added to %s is gone', async (target) => {
    const edit = `{
      check(!('leaked' in ${target}), 'an earlier execution shows');
      ${target}.leaked = 'yes';
      check(${target}.leaked === 'yes', 'the edit did not take');
    }`;
    const result = await experiment.run({
      fields: `writers: { count: 1, run() ${edit} }, readers: { count: 1, run() ${edit} },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('what is replaced is put back', async () => {
    const edit = `{
      check(Array.prototype.map.name === 'map', 'Array.prototype.map is an earlier execution\\'s');
      check(JSON.stringify([1]) === '[1]', 'JSON.stringify is an earlier execution\\'s');
      check(Math.max(1, 2) === 2, 'Math.max is an earlier execution\\'s');
      check(typeof globalThis.structuredClone === 'function', 'structuredClone is gone');
      Object.defineProperty(Array.prototype, 'map', { value: () => [], configurable: true, writable: true });
      JSON.stringify = () => 'broken';
      Math.max = () => 7;
      delete (globalThis as Record<string, unknown>).structuredClone;
    }`;
    const result = await experiment.run({
      fields: `writers: { count: 1, run() ${edit} }, readers: { count: 1, run() ${edit} },`,
    });
    expect(summary(result)).toEqual(held);
  });

  it('listeners on process are gone', async () => {
    const listen = `{
      check(process.listenerCount('SIGUSR2') === 0, 'an earlier execution listens');
      check(process.on('SIGUSR2', () => {}).once('exit', () => {}) === process, 'no chaining');
      check(process.listenerCount('SIGUSR2') === 1, 'it does not listen');
    }`;
    const result = await experiment.run({
      fields: `writers: { count: 1, run() ${listen} }, readers: { count: 1, run() ${listen} },`,
    });
    expect(summary(result)).toEqual(held);
  });
});

describe('npm packages', () => {
  it('are instrumented, and evaluated once per agent', async () => {
    experiment.write(
      'node_modules/tiny-counter/package.json',
      '{ "name": "tiny-counter", "version": "1.0.0", "main": "index.js" }',
    );
    experiment.write(
      'node_modules/tiny-counter/index.js',
      'let calls = 0;\nexports.increment = (words) => { calls++; words[0]++; };\n',
    );
    const result = await experiment.run(
      {
        before: `import { increment } from 'tiny-counter';`,
        fields: `
          writers: { count: 2, run({ store }) { increment(store); } },
          invariants: [invariant('both counted', ({ store, final }) => !final || store[0] === 2)],
          expect: 'violation',`,
      },
      { runs: 500, save: true },
    );
    expect(result).toMatchObject({ verdict: 'violation', counterexample: { preemptions: 1 } });
    const sites = experiment.saved(result).trace.map(({ site }) => site?.file);
    expect(sites).toContain('node_modules/tiny-counter/index.js');
  });
});
