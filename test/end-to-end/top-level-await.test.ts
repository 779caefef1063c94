import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeUserProject, runCommand } from './command.js';

const files: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module" }',
  'node_modules/waits/package.json': '{ "name": "waits", "type": "module", "exports": "./index.js" }',
  'node_modules/waits/index.js':
    "export const ready = await new Promise((resolve) => setTimeout(resolve, 500, 'ready'));",
  'slow.ts':
    "const { ready } = await import('waits'); export const order = ['slow', ready]; await null; order.push('done');",
  'quick.ts': "import { order } from './log.js'; order.push('quick');",
  'log.ts': 'export const order: string[] = [];',
  'a.scenario.ts': `import { scenario } from 'threadmill';
import { order as slow } from './slow.js';
import './quick.js';
import { order } from './log.js';
import { setTimeout as sleep } from 'node:timers/promises';
await sleep(100);
for await (const one of [1, Promise.resolve(2)]) order.push(String(one));
const seen = [...slow, ...order].join(' ');
if (seen !== 'slow ready done quick 1 2') throw new Error(seen);
let executions = 0;
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: { count: 2, run: ({ store }) => { if (++executions > 1) throw new Error('state is kept'); Atomics.add(store, 0, 1); } },
  readers: { count: 1, run: async ({ store }) => { await null; Atomics.load(store, 0); } },
});`,
};

function makeProject(): string {
  const project = makeUserProject();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
    writeFileSync(path.join(project, file), text);
  }
  return project;
}

describe('a scenario file, what it imports and packages may have top-level await', () => {
  it.each(['controlled', 'stress'])('with the %s engine, in every agent and execution', async (engine) => {
    const limit = engine === 'stress' ? ['--profile', 'quick', '--duration', '1s'] : ['--runs', '30'];
    const options = ['--engine', engine, ...limit, '--seed', '1'];
    const { exitCode, stdout, stderr } = await runCommand(['run', 'a.scenario.ts', ...options], makeProject());
    expect(stderr).toBe('');
    expect(stdout).toMatch(/held/);
    expect(exitCode).toBe(0);
  });
});
