import type fs from 'node:fs';
import { expect, it } from 'vitest';
import { wrappedFiles } from '../wrapped-files.js';
import { PendingCalls } from './pending-calls.js';

const file = new URL(import.meta.url);
const missing = new URL('missing', file);

it.each<[string, (files: typeof fs) => Promise<unknown>]>([
  ['with a promise', (files) => files.promises.stat(file)],
  ['with a promise that rejects', (files) => files.promises.readFile(missing).catch(() => undefined)],
  ['with a callback', (files) => new Promise((resolve) => files.readFile(file, resolve))],
  ['with a callback that is told of an error', (files) => new Promise((resolve) => files.stat(missing, resolve))],
])('a call %s is pending until it has ended', async (_, call) => {
  const pending = new PendingCalls();
  const ended = call(wrappedFiles(pending.counting).fs as typeof fs);
  expect(pending.count).toBe(1);
  await ended;
  expect(pending.count).toBe(0);
});

it('a call that throws at once is not', () => {
  const pending = new PendingCalls();
  const files = wrappedFiles(pending.counting).fs as typeof fs;
  expect(() => files.stat(1 as unknown as string, () => undefined)).toThrow(TypeError);
  expect(pending.count).toBe(0);
});
