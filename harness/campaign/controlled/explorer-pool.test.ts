import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { compileScenario } from '../../instrument/bundle.js';
import { HarnessError } from '../../errors.js';
import { planSample, PlayedSlot, scenarioSample, sessionSample } from '../testing/doubles.js';
import { fromSource, makeProject } from '../testing/from-source.js';
import { BreakingScenario, ExplorerFailure } from '../breaking-scenario.js';
import { ExplorerPool, unexpected, type LoadableScenario } from './explorer-pool.js';
import type * as pools from './explorer-pool.js';
import type { ScenarioFacts } from './protocol.js';

let Pool: typeof pools.ExplorerPool;
let pool: pools.ExplorerPool;

beforeAll(async () => {
  ({ ExplorerPool: Pool } = (await (await fromSource())('campaign/controlled/explorer-pool.js')) as typeof pools);
});
afterEach(() => pool.close());

/** Opens a pool of one explorer, and compiles scenarios of this project. */
function open(texts: Readonly<Record<string, string>>): {
  slot: pools.ExplorerSlot;
  compile: (name: string) => Promise<LoadableScenario>;
} {
  const projectDirectory = makeProject(texts);
  pool = new Pool({ explorers: 1 });
  const compile = async (file: string): Promise<LoadableScenario> => ({
    compiled: await compileScenario({ file: path.join(projectDirectory, file), projectDirectory }),
    file,
  });
  return { slot: pool.first, compile };
}

/** A scenario that tells, as the name of its invariant, which process has evaluated it. */
const telling = (before = ''): string => `import { existsSync, writeFileSync } from 'node:fs';
${before}
export default {
  readers: { count: 1, run() {} },
  invariants: [{ name: String(process.pid), begin: () => ({}) }],
};
`;
const processOf = ({ invariants }: ScenarioFacts): number => Number(invariants[0]);
const replay = { kind: 'replay', plan: planSample({ writers: 0, readers: 1 }), withTrace: false } as const;
const killItself = "process.kill(process.pid, 'SIGKILL');";

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a slot', () => {
  it('gives each scenario a process of its own, and keeps it for as long as no other comes', async () => {
    const { slot, compile } = open({ 'a.ts': telling(), 'b.ts': telling() });
    const [a, b] = [await compile('a.ts'), await compile('b.ts')];
    const first = processOf(await slot.prepare(a));
    expect((await slot.request(a, replay)).kind).toBe('replayed');
    expect(processOf(await slot.prepare(a))).toBe(first);
    const second = processOf(await slot.prepare(b));
    const third = processOf(await slot.prepare(a));
    expect(new Set([first, second, third]).size).toBe(3);
    await expect.poll(() => [first, second, third].map(isAlive)).toEqual([false, false, true]);
  });

  it('looks at files in one process, as long as they leave no traces there', async () => {
    const changes = telling('Array.prototype.another = () => 1;');
    const { slot, compile } = open({ 'a.ts': telling(), 'b.ts': changes, 'c.ts': telling() });
    const [a, b, c] = [await compile('a.ts'), await compile('b.ts'), await compile('c.ts')];
    const first = await slot.inspect(a);
    const second = await slot.inspect(b);
    expect(processOf(second)).toBe(processOf(first));
    expect(second.realmChanges.join()).toContain('another');
    const third = await slot.inspect(c);
    expect(processOf(third)).not.toBe(processOf(first));
    expect(third.realmChanges).toEqual([]);
    // What comes of executions is worth something only where nothing else has been.
    expect(processOf(await slot.prepare(c))).toBe(processOf(third));
    expect(processOf(await slot.prepare(a))).not.toBe(processOf(first));
  });

  it('gives a scenario a new process even if it was the first of several in the one there is', async () => {
    const { slot, compile } = open({ 'a.ts': telling(), 'b.ts': telling() });
    const [a, b] = [await compile('a.ts'), await compile('b.ts')];
    const shared = processOf(await slot.inspect(a));
    expect(processOf(await slot.inspect(b))).toBe(shared);
    expect(processOf(await slot.prepare(a))).not.toBe(shared);
  });

  it('replaces a process that dies, and loads the scenario again', async () => {
    const { slot, compile } = open({ 'a.ts': telling() });
    const scenario = await compile('a.ts');
    const first = processOf(await slot.prepare(scenario));
    process.kill(first, 'SIGKILL');
    await expect.poll(() => isAlive(first)).toBe(false);
    await expect.poll(async () => processOf(await slot.prepare(scenario))).not.toBe(first);
    expect((await slot.request(scenario, replay)).kind).toBe('replayed');
  });

  it('evaluates a file again whose process was ended from outside, and blames one that ends it every time', async () => {
    const flag = path.join(makeProject({}), 'ended');
    const once = telling(`if (!existsSync('${flag}')) { writeFileSync('${flag}', ''); ${killItself} }`);
    const { slot, compile } = open({ 'once.ts': once, 'always.ts': killItself });
    expect((await slot.prepare(await compile('once.ts'))).name).toBe('once.ts');
    await expect(slot.prepare(await compile('always.ts'))).rejects.toMatchObject({
      name: 'UsageError',
      file: 'always.ts',
      message: expect.stringMatching(/^always\.ts: .*SIGKILL/) as string,
    });
  });

  it('refuses what is no scenario, and goes on with others', async () => {
    const { slot, compile } = open({ 'a.ts': 'export default { readers: 1 };', 'b.ts': telling() });
    const refusal = { name: 'UsageError', message: expect.stringMatching(/^a\.ts: readers/) as string };
    const wrong = await compile('a.ts');
    await expect(slot.inspect(wrong)).rejects.toMatchObject(refusal);
    await expect(slot.inspect(wrong)).rejects.toMatchObject(refusal);
    expect((await slot.inspect(await compile('b.ts'))).name).toBe('b.ts');
  });

  it('does nothing more once it is closed, and leaves no process behind', async () => {
    const { slot, compile } = open({ 'a.ts': telling(), 'b.ts': telling() });
    slot.expectAnother(true);
    const pid = processOf(await slot.prepare(await compile('a.ts')));
    pool.close();
    expect(slot.closed).toBe(true);
    await expect.poll(() => isAlive(pid)).toBe(false);
    await expect(slot.prepare(await compile('b.ts'))).rejects.toMatchObject({ name: 'HarnessError' });
  });
});

describe('ExplorerPool', () => {
  it('has a slot for each explorer, each of which can be a pool of its own', () => {
    pool = new Pool({ explorers: 3 });
    expect(pool.slots).toHaveLength(3);
    expect(pool.apart().map(({ slots, first }) => [slots, first])).toEqual(pool.slots.map((slot) => [[slot], slot]));
    expect(() => new ExplorerPool({ explorers: 0 }).first).toThrow(HarnessError);
  });

  it('tells every slot of what will come, and of the end', () => {
    const slots = [new PlayedSlot(), new PlayedSlot()];
    ({ pool } = sessionSample(slots).session);
    pool.expectAnother(true);
    pool.close();
    for (const { expectations, closed } of slots)
      expect({ expectations, closed }).toEqual({ expectations: [true], closed: true });
  });
});

describe('unexpected', () => {
  const broken = { kind: 'broken', message: 'x is not a function\n    at y', realmChanges: [] } as const;

  it('blames the harness for an answer that was not asked for', () => {
    expect(unexpected({ kind: 'ready' }, scenarioSample('a'))).toEqual(
      new HarnessError('an explorer gave an unexpected answer: ready'),
    );
  });

  it('blames a file for what breaks where it has changed the realm, whenever that was seen', () => {
    const now = unexpected({ ...broken, realmChanges: ['Map'] }, scenarioSample('a'));
    const before = unexpected(broken, scenarioSample('a', { realmChanges: ['Map'] }));
    for (const error of [now, before]) {
      expect(error).toBeInstanceOf(BreakingScenario);
      expect(error.message).toMatch(/^scenarios\/a\.scenario\.ts: the file changes Map, .*\(x is not a function\)/);
    }
    expect(unexpected(broken, scenarioSample('a'))).toBeInstanceOf(ExplorerFailure);
  });
});
