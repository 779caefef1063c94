import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { counterexampleSample } from '../report/testing/samples.js';
import type { Counterexample } from '../results/schema.js';
import { saveCounterexample } from '../results/folder.js';
import { readCounterexample } from '../results/read-counterexample.js';
import { CounterexampleKeeper } from './keep-counterexample.js';

let project: string;
const inProject = (file: string): string => path.join(project, file);
const corpus = (): string[] => readdirSync(inProject('results/corpus')).map((name) => `results/corpus/${name}`);

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), 'threadmill-keeper-'));
  const { file } = counterexampleSample().scenario;
  mkdirSync(path.dirname(inProject(file)), { recursive: true });
  writeFileSync(inProject(file), '');
});

const keeper = (changes: { save?: boolean } = {}, notes: string[] = []): CounterexampleKeeper =>
  new CounterexampleKeeper({ projectDirectory: project, files: [], ...changes }, notes);
const sized = (increments: number, changes: Partial<Counterexample> = {}): Counterexample =>
  counterexampleSample({ params: { increments }, ...changes });

describe('CounterexampleKeeper', () => {
  it('has what was found on disk at once, and each smaller one in its place', () => {
    const kept = keeper();
    for (const increments of [3, 2, 1]) {
      kept.update(sized(increments), 7);
      expect(corpus().map((file) => readCounterexample(inProject(file)).params)).toEqual([{ increments }]);
    }
  });

  it('in the end has the one that counts alone, with what was learnt last', async () => {
    const kept = keeper();
    kept.update(sized(1, { shrinkingEnded: 'interrupted', confirmed: false }), 3);
    kept.update(sized(5), 4);
    expect(corpus()).toHaveLength(2);
    const file = await kept.finish(sized(1));
    expect(corpus()).toEqual([file]);
    expect(readCounterexample(inProject(file!))).toEqual(sized(1));
  });

  it('takes nothing away that an earlier run has left', async () => {
    const { file } = saveCounterexample(project, sized(2));
    const kept = keeper();
    kept.update(sized(2, { shrinkingEnded: 'interrupted' }), 0);
    kept.update(sized(1), 0);
    await kept.finish(null);
    expect(corpus()).toEqual([file]);
    expect(readCounterexample(inProject(file))).toEqual(sized(2));
  });

  it('keeps no second expected failure if the corpus shows one already, and every other failure', async () => {
    const saved = sized(2);
    const { file } = saveCounterexample(project, saved);
    const kept = keeper();
    kept.leaveOutExpected('violation');
    kept.update(sized(1), 0);
    expect(await kept.finish(sized(1))).toBeNull();
    expect(corpus()).toEqual([file]);
    const other = await kept.finish(sized(1, { failure: { verdict: 'deadlock' } }));
    expect(corpus().sort()).toEqual([file, other].sort());
  });

  it('replaces what an earlier run has left half way, but only by something', async () => {
    const { file } = saveCounterexample(project, sized(2, { shrinkingEnded: 'interrupted' }));
    const first = keeper();
    first.adopt(file);
    expect(await first.finish(null)).toBeNull();
    expect(corpus()).toEqual([file]);
    const second = keeper({ save: false });
    second.adopt(file);
    await second.finish(sized(1));
    expect(corpus()).toEqual([file]);
    const third = keeper();
    third.adopt(file);
    expect(corpus()).not.toEqual([await third.finish(sized(1))]);
  });

  it('keeps nothing of what cannot be replayed, or when nothing is to be saved', () => {
    keeper({ save: false }).update(sized(1), 0);
    keeper().update(sized(1, { failure: { verdict: 'uncontrolled', message: 'two traces' } }), 0);
    expect(existsSync(inProject('results'))).toBe(false);
  });

  it('keeps nothing of a scenario outside of the project, and says once why', async () => {
    const notes: string[] = [];
    const kept = keeper({}, notes);
    const outside = { name: 'counter', file: '../outside.scenario.ts' };
    kept.update(sized(2, { scenario: outside }), 0);
    expect(await kept.finish(sized(1, { scenario: outside }))).toBeNull();
    expect(notes).toEqual([
      expect.stringMatching(/^the counterexample was not saved because it could not be replayed: /),
    ]);
  });

  it('says once that a folder cannot be written', async () => {
    writeFileSync(inProject('results'), 'in the way');
    const notes: string[] = [];
    const kept = keeper({}, notes);
    kept.update(sized(2), 0);
    kept.update(sized(1), 0);
    expect(await kept.finish(sized(1))).toBeNull();
    expect(notes).toEqual([expect.stringContaining('Cannot write results/corpus/')]);
  });

  it('says what stands in the place of the file that counts', async () => {
    const { file } = saveCounterexample(project, sized(1));
    writeFileSync(inProject(file), '<<<<<<< ours');
    const notes: string[] = [];
    const kept = keeper({}, notes);
    kept.update(sized(2), 0);
    kept.update(sized(1), 0);
    expect(await kept.finish(sized(1))).toBeNull();
    expect(notes).toEqual([expect.stringContaining(`Cannot write ${file}: it already exists and is not valid JSON`)]);
    expect(corpus()).toEqual([file]);
  });
});
