import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageDirectory } from './command.js';
import { counterScenario, lossyCount, soundCount } from './scenarios.js';

/** Dependencies of the package and of the user's project, from the existing installation. */
const modules = path.join(packageDirectory, 'node_modules');
let unpacked: string;

beforeAll(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'threadmill-packed-'));
  const packing = execute(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    packageDirectory,
  );
  const [tarball] = JSON.parse(packing.stdout) as { filename: string }[];
  execute('tar', ['-xzf', tarball?.filename ?? ''], folder);
  unpacked = path.join(folder, 'package');
});

function execute(command: string, commandArguments: readonly string[], workingDirectory: string) {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) {
    if (/^(VITEST|FORCE_COLOR|NO_COLOR|NODE_OPTIONS|NODE_ENV|TEST|PROD|DEV|MODE)/.test(name))
      Reflect.deleteProperty(environment, name);
  }
  return spawnSync(command, commandArguments, {
    cwd: workingDirectory,
    env: { ...environment, NO_COLOR: '1' },
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
}

/** A project with the package's tarball installed in the layout of npm. */
function makeProject(type = 'module'): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'threadmill-project-')));
  mkdirSync(path.join(folder, 'node_modules'));
  for (const name of readdirSync(modules)) {
    if (!name.startsWith('.'))
      symlinkSync(path.join(modules, name), path.join(folder, 'node_modules', name), 'junction');
  }
  cpSync(unpacked, path.join(folder, 'node_modules/threadmill'), { recursive: true });
  write(folder, 'package.json', JSON.stringify({ name: 'user', private: true, type }));
  return folder;
}

function write(folder: string, file: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}

function runNode(folder: string, script: string, ...scriptArguments: string[]) {
  return execute(process.execPath, [path.join(folder, 'node_modules', script), ...scriptArguments], folder);
}

const threadmill = (folder: string, ...commandArguments: string[]) =>
  runNode(folder, 'threadmill/dist/harness/cli/main.js', ...commandArguments);

describe('the package', () => {
  it('holds what is needed and no more', () => {
    const files = readdirSync(unpacked, { recursive: true }).map(String);
    expect(files.filter((file) => /\.test\.|\.scenario\.|\.map$/.test(file))).toEqual([]);
    expect(readdirSync(unpacked).sort()).toEqual(expect.arrayContaining(['LICENSE', 'dist', 'package.json']));
    expect(readFileSync(path.join(unpacked, 'dist/harness/cli/main.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it('takes a newcomer from nothing to a failure, its replay, and its repair', () => {
    const folder = makeProject();
    expect(threadmill(folder, 'init').status).toBe(0);
    const failing = threadmill(folder, 'run');
    expect(failing.status).toBe(1);
    const replay = /npx threadmill replay (.*)/.exec(failing.stdout)?.[1] ?? '';
    expect(threadmill(folder, 'replay', replay).status).toBe(0);
    // The browser code of pages is part of the package.
    expect(threadmill(folder, 'report', replay, '--output', 'failure.html')).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(path.join(folder, 'failure.html'), 'utf8')).toContain('page-data');
    const file = path.join(folder, 'scenarios/first.scenario.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace(lossyCount, soundCount));
    expect(threadmill(folder, 'run').status).toBe(0);
  });

  // One gets fast-check's types for ES modules, the other those for CommonJS.
  it.each(['module', 'commonjs'])('has types that a strict project of type %s accepts', (type) => {
    const folder = makeProject(type);
    threadmill(folder, 'init');
    write(
      folder,
      'vitest.config.mts',
      `import { defineConfig } from 'vitest/config';
       import { threadmill } from 'threadmill/vitest';
       export default defineConfig({ plugins: [threadmill({ runs: 10, strategy: 'pct' })] });`,
    );
    write(
      folder,
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2023',
          lib: ['es2024'],
          strict: true,
          noEmit: true,
          types: ['node'],
          noUncheckedIndexedAccess: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: true,
        },
      }),
    );
    const { status, stdout } = runNode(folder, 'typescript/bin/tsc');
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  it('runs scenarios of a project with path aliases of its own', () => {
    const folder = makeProject();
    write(folder, 'tsconfig.json', JSON.stringify({ compilerOptions: { paths: { '@/*': ['./src/*'] } } }));
    write(folder, 'src/count.ts', `export const count = (store: Int32Array): void => { ${soundCount} };`);
    const text = counterScenario('aliased', 'add(store);');
    write(folder, 'scenarios/aliased.scenario.ts', `import { count as add } from '@/count';\n${text}`);
    expect(threadmill(folder, 'run', '--runs', '50')).toMatchObject({ status: 0 });
  });
});

describe.each(['forks', 'threads'])('the vitest plugin with pool %s', (pool) => {
  it('collects scenarios beside other tests, with the report of the command line', () => {
    const folder = makeProject();
    write(
      folder,
      'vitest.config.ts',
      `import { defineConfig } from 'vitest/config';
       import { threadmill } from 'threadmill/vitest';
       export default defineConfig({ plugins: [threadmill({ runs: 500, seed: 3 })], test: { pool: '${pool}' } });`,
    );
    write(
      folder,
      'src/plain.test.ts',
      "import { expect, test } from 'vitest'; test('plain', () => expect(1).toBe(1));",
    );
    write(folder, 'scenarios/sound.scenario.ts', counterScenario('sound', soundCount));
    write(folder, 'scenarios/lossy.scenario.ts', counterScenario('lossy', lossyCount));
    const failing = runNode(folder, 'vitest/vitest.mjs', 'run', '--reporter', 'verbose');
    const printed = failing.stdout + failing.stderr;
    expect(failing.status).toBe(1);
    expect(printed).toMatch(/✓ src\/plain\.test\.ts > plain/);
    expect(printed).toMatch(/✓ scenarios\/sound\.scenario\.ts > sound/);
    expect(printed).toMatch(/× scenarios\/lossy\.scenario\.ts > lossy/);
    expect(printed).toContain('✗ lossy  violation (count), expected held');
    expect(printed).toContain('could have continued');
    expect(printed).toMatch(/npx threadmill replay results\/corpus\/lossy--count--\w+\.json/);
    expect(printed).not.toMatch(/node_modules\/threadmill/);

    write(folder, 'scenarios/lossy.scenario.ts', counterScenario('lossy', lossyCount, 'violation'));
    expect(runNode(folder, 'vitest/vitest.mjs', 'run')).toMatchObject({ status: 0 });
  });

  it('fails a scenario that cannot be loaded with one clear error', () => {
    const folder = makeProject();
    write(
      folder,
      'vitest.config.ts',
      `import { threadmill } from 'threadmill/vitest';
       export default { plugins: [threadmill()], test: { pool: '${pool}' } };`,
    );
    write(folder, 'scenarios/bad.scenario.ts', "import 'no-such-package'; export default 1;");
    const { status, stdout, stderr } = runNode(folder, 'vitest/vitest.mjs', 'run');
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('FAIL  scenarios/bad.scenario.ts > scenarios/bad.scenario.ts');
    expect(stdout + stderr).toContain('no-such-package');
  });
});
