import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { counterexampleSample, scenarioResultSample } from '../report/testing/samples.js';
import { findKeptCounterexample } from './find-counterexample.js';
import { saveCounterexample } from './folder.js';

describe('findKeptCounterexample', () => {
  const project = mkdtempSync(path.join(tmpdir(), 'threadmill-find-'));
  const { file } = saveCounterexample(project, counterexampleSample());
  const short = { ...scenarioResultSample().counterexample!, file };

  it('reads it from the first folder that has it', () => {
    expect(findKeptCounterexample([path.join(project, 'none'), project], short)).toEqual(counterexampleSample());
    expect(findKeptCounterexample([project], { ...short, traceHash: 'ffff' })).toBeUndefined();
    expect(findKeptCounterexample([project], { ...short, file: null })).toBeUndefined();
  });

  it('follows no record out of the folder', () => {
    const inner = path.join(project, 'inner');
    mkdirSync(inner);
    symlinkSync('../results', path.join(inner, 'link'));
    const outward = [`../${file}`, `link/corpus/${path.basename(file)}`, path.join(project, file)];
    for (const one of outward) expect(findKeptCounterexample([inner], { ...short, file: one })).toBeUndefined();
  });
});
