import childProcess, { type ChildProcess } from 'node:child_process';
import { stop, type Plugin } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HarnessError } from '../errors.js';
import { buildSteadily } from './esbuild-service.js';

/** The processes that esbuild has used in this test. */
let services: ChildProcess[];

beforeEach(async () => {
  await stop();
  services = [];
  const spawn = childProcess.spawn;
  vi.spyOn(childProcess, 'spawn').mockImplementation((...given: Parameters<typeof spawn>) => {
    const child = spawn(...given);
    services.push(child);
    return child;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await stop();
});

/** Builds something small, and kills esbuild's process during the build as often as requested. */
function buildKilled(times: number): ReturnType<typeof buildSteadily<{ write: false }>> {
  let killed = 0;
  const kills: Plugin = {
    name: 'kills',
    setup: (building) => {
      building.onResolve({ filter: /other/ }, () => ({ path: 'other', namespace: 'test' }));
      building.onLoad({ filter: /.*/, namespace: 'test' }, async () => {
        const service = services.at(-1);
        if (service !== undefined && killed++ < times) {
          const ended = new Promise((resolve) => service.once('exit', resolve));
          service.kill('SIGKILL');
          await ended;
        }
        return { contents: 'globalThis.built = true' };
      });
    },
  };
  return buildSteadily({
    stdin: { contents: 'import "./other.js"' },
    bundle: true,
    write: false,
    logLevel: 'silent',
    plugins: [kills],
  });
}

describe('a build whose process is killed', () => {
  it('is done again by another', async () => {
    const { outputFiles } = await buildKilled(1);
    expect(outputFiles[0]?.text).toContain('built');
    expect(services).toHaveLength(2);
  });

  it('is done again by the same other, if several were under way', async () => {
    const results = await Promise.all([buildKilled(1), buildKilled(0), buildKilled(0)]);
    for (const { outputFiles } of results) expect(outputFiles[0]?.text).toContain('built');
    expect(services).toHaveLength(2);
  });

  it('is an error of one line if that is killed too, and the next build works', async () => {
    const error: unknown = await buildKilled(2).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HarnessError);
    expect((error as Error).message).toMatch(/^The esbuild process.*killed.*$/);
    const { outputFiles } = await buildKilled(0);
    expect(outputFiles[0]?.text).toContain('built');
  });
});

describe('a build whose sources are wrong', () => {
  it('is done once', async () => {
    const building = buildSteadily({ stdin: { contents: 'let let' }, write: false, logLevel: 'silent' });
    await expect(building).rejects.toMatchObject({ errors: [expect.anything()] });
    expect(services).toHaveLength(1);
  });
});
