import { expect, it } from 'vitest';
import { defaultName } from './default-name.js';

it.each([
  ['scenarios/counter/plain.scenario.ts', 'counter/plain'],
  ['scenarios/one.scenario.mjs', 'one'],
  ['src/queue/queue.scenario.ts', 'src/queue/queue'],
])('%s is called %s', (file, name) => {
  expect(defaultName(file)).toBe(name);
});
