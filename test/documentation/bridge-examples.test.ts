import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as bridges from 'threadmill/bridges';
import { hostile } from 'threadmill/bridges/hostile';
import * as records from 'threadmill/bridges/records';
import { packageDirectory } from '../end-to-end/command.js';

interface Example {
  readonly of: string;
  readonly place: string;
  readonly code: string;
}

const examples = readdirSync(path.join(packageDirectory, 'bridges'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .sort()
  .flatMap((file) => examplesIn(path.join('bridges', file)));

/** The `@example` blocks of a file's exports and of their members. */
function examplesIn(file: string): Example[] {
  const text = readFileSync(path.join(packageDirectory, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Example[] = [];
  const visit = (node: ts.Node, of: string): void => {
    const declared = ts.isVariableStatement(node) ? node.declarationList.declarations[0]?.name : nameOf(node);
    const inside = declared === undefined ? of : declared.getText(source);
    for (const comment of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
      for (const tag of comment.tags ?? []) {
        if (tag.tagName.text !== 'example' || comment.parent !== node) continue;
        const { line } = source.getLineAndCharacterOfPosition(tag.getStart(source));
        found.push({ of: inside, place: `${file}:${line + 1}`, code: ts.getTextOfJSDocComment(tag.comment) ?? '' });
      }
    }
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, '');
  return found;
}

function nameOf(node: ts.Node): ts.Node | undefined {
  if (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node))
    return node.name;
  return undefined;
}

/** Names in scope in every example. */
const scope: Readonly<Record<string, unknown>> = { ...bridges, ...records, hostile, assert };

describe('examples in the doc comments of bridges', () => {
  it.each(examples)('runs: $of at $place', async ({ code, place }) => {
    const javascript = ts.transpileModule(`async function example() {\n${code}\n}`, {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    }).outputText;
    // There is no other way to run text with names in scope, and the text is the project's own.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    const run = new Function(...Object.keys(scope), `${javascript}\nreturn example();\n//# sourceURL=${place}`) as (
      ...values: readonly unknown[]
    ) => Promise<void>;
    await run(...Object.values(scope));
  });

  it('are there for everything that bridges export, but for errors and numbers', () => {
    const isShown = (name: string): boolean => examples.some(({ code }) => new RegExp(`\\b${name}\\b`).test(code));
    const functions = Object.entries<unknown>(bridges).filter(([, value]) => typeof value === 'function');
    const bare = functions
      .filter(([name, value]) => !((value as { prototype: unknown }).prototype instanceof Error) && !isShown(name))
      .map(([name]) => name);
    expect(bare).toEqual([]);
  });

  it('type-check', () => {
    const names = Object.keys(bridges).join(', ');
    const file = path.join(packageDirectory, 'bridges', 'examples.generated.ts');
    const text = [
      `import assert from 'node:assert/strict';`,
      `import { ${names} } from './index.js';`,
      `import { hostile } from './hostile.js';`,
      `import { ${Object.keys(records).join(', ')} } from './records.js';`,
      ...examples.map(({ code }, index) => `export async function example${index}() {\n${code}\n}`),
    ].join('\n');
    const configuration = path.join(packageDirectory, 'tsconfig.json');
    const { config } = ts.readConfigFile(configuration, (name) => ts.sys.readFile(name)) as { config: object };
    const { options } = ts.parseJsonConfigFileContent({ ...config, files: [file] }, ts.sys, packageDirectory);
    const checked = { ...options, noUnusedLocals: false, noEmit: true };
    const host = ts.createCompilerHost(checked);
    const readOthers = host.readFile.bind(host);
    const existsOtherwise = host.fileExists.bind(host);
    host.readFile = (name) => (name === file ? text : readOthers(name));
    host.fileExists = (name) => name === file || existsOtherwise(name);
    const program = ts.createProgram([file], checked, host);
    const diagnostics = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
    expect(ts.formatDiagnostics(diagnostics, host)).toBe('');
  });
});
