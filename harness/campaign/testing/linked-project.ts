import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A project beside a folder that is none of its own. */
export function makeLinkedProject(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'threadmill-named-'));
  const at = (name: string): string => path.join(folder, name);
  for (const name of ['project/scenarios', 'project/folder.scenario.ts', 'project/node_modules/a', 'outside']) {
    mkdirSync(at(name), { recursive: true });
  }
  const secret = 'secret one\nsecret two\n';
  for (const name of ['outside/evil.scenario.ts', 'outside/evil.txt', 'outside/lines.ts', 'project/.env']) {
    writeFileSync(at(name), secret);
  }
  const imports = ['./own.js', './data.json', 'a', '../linked.js'];
  const text = `${imports.map((name) => `import '${name}';`).join('\n')}\nexport default {};\n`;
  writeFileSync(at('project/scenarios/a.scenario.ts'), text);
  writeFileSync(at('project/scenarios/own.ts'), 'export {};\n');
  writeFileSync(at('project/scenarios/data.json'), '{}\n');
  writeFileSync(at('project/node_modules/a/index.js'), 'exports.a = 1;\n');
  writeFileSync(at('project/node_modules/a/b.scenario.js'), '');
  writeFileSync(at('outside/linked.js'), 'export {};\n');
  symlinkSync('../outside/linked.js', at('project/linked.js'));
  symlinkSync('../../outside/evil.scenario.ts', at('project/scenarios/link.scenario.ts'));
  symlinkSync('../../outside', at('project/scenarios/out'));
  symlinkSync('a.scenario.ts', at('project/scenarios/alias.scenario.ts'));
  return at('project');
}

/** Names of files that no counterexample may lead to. */
export const leadElsewhere = [
  '../outside/evil.scenario.ts',
  '../outside/evil.txt',
  'scenarios/../../outside/evil.scenario.ts',
  'scenarios/link.scenario.ts',
  'scenarios/out/evil.scenario.ts',
  'node_modules/a/b.scenario.js',
  'folder.scenario.ts',
  'scenarios/gone.scenario.ts',
  'scenarios/own.ts',
  '.env',
  '.',
  '',
];
