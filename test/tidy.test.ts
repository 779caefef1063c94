import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { defaultName } from '../harness/scenario/default-name.js';
import { packageDirectory } from './end-to-end/command.js';

/*
 * The rules of CONTRIBUTING.md that a machine can check. Each test lists the violations, so a failure says what to move.
 */

interface SourceFile {
  /** Relative to the project, with `/`. */
  readonly file: string;
  readonly tree: ts.SourceFile;
  /** Project files that it imports, types included. */
  readonly imports: readonly string[];
}

const folders = ['harness', 'invariants', 'bridges'];
const isSource = (file: string): boolean => file.endsWith('.ts') && !/\.test\.ts$|\.d\.ts$|\/testing\//.test(file);

const files = new Map<string, SourceFile>(
  listed(folders)
    .filter(isSource)
    .map((file) => [file, read(file)]),
);

/** Every file in these folders of the project. */
function listed(inFolders: readonly string[]): string[] {
  return inFolders.flatMap((folder) =>
    readdirSync(path.join(packageDirectory, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    ),
  );
}

function read(file: string): SourceFile {
  const text = readFileSync(path.join(packageDirectory, file), 'utf8');
  const imports = ts
    .preProcessFile(text)
    .importedFiles.flatMap(({ fileName }) =>
      fileName.startsWith('.') ? [path.posix.join(path.posix.dirname(file), fileName).replace(/\.js$/, '.ts')] : [],
    );
  return { file, imports, tree: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true) };
}

/** The rooms of CONTRIBUTING.md in its order: each may import those above it in the list. */
const rooms = [
  ...(
    /^harness\/ .*\n((?: {2}\S.*\n)+)/m.exec(
      readFileSync(path.join(packageDirectory, 'CONTRIBUTING.md'), 'utf8'),
    )?.[1] ?? ''
  ).matchAll(/^ {2}(\S+)/gm),
].map(([, name = '']) => name.replace(/\/$/, ''));

/** Rooms that may import less than that. */
const knowsOnly: Readonly<Record<string, readonly string[]>> = {
  schedule: [],
  kernel: ['operation-kinds.ts', 'schedule'],
  report: ['errors.ts', 'operation-kinds.ts', 'place.ts', 'scenario', 'results'],
};

/** The entry points beside the rooms. */
const doors: readonly string[] = ['index.ts', 'authoring.ts'];

const roomOf = (file: string): string => file.split('/')[1] ?? '';
const isInHarness = (file: string): boolean => file.startsWith('harness/');

/** Whether evaluating the file does more than declare. */
function hasSideEffects({ tree }: SourceFile): boolean {
  return tree.statements.some(
    (statement) =>
      ts.isExpressionStatement(statement) ||
      ts.isForStatement(statement) ||
      ts.isForOfStatement(statement) ||
      ts.isIfStatement(statement) ||
      ts.isTryStatement(statement),
  );
}

/** Import cycles between files, each once (Tarjan, Depth-first search and linear graph algorithms, 1972). */
function circles(): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file)!);
    stack.push(file);
    for (const next of files.get(file)?.imports ?? []) {
      if (!files.has(next)) continue;
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== index.get(file)) return;
    const circle = stack.splice(stack.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of files.keys()) if (!index.has(file)) visit(file);
  return found;
}

describe('the house', () => {
  it('has a room for every folder and file of the harness, and no other', () => {
    const there = readdirSync(path.join(packageDirectory, 'harness'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || isSource(entry.name))
      .map(({ name }) => name);
    expect([...there].sort()).toEqual([...rooms, ...doors].sort());
  });

  it('has no import against its order', () => {
    const wrong = [...files.values()].flatMap(({ file, imports }) =>
      imports
        .filter((target) => {
          if (!isInHarness(file) || !isInHarness(target) || doors.includes(roomOf(file))) return false;
          const [from, to] = [roomOf(file), roomOf(target)];
          if (from === to) return false;
          return (
            knowsOnly[from]?.includes(to) === false || rooms.indexOf(to) > rooms.indexOf(from) || doors.includes(to)
          );
        })
        .map((target) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('is entered from bridges and invariants by the public doors alone', () => {
    const wrong = [...files.values()].flatMap(({ file, imports }) =>
      imports
        .filter((target) => !isInHarness(file) && isInHarness(target) && !doors.includes(roomOf(target)))
        .map((target) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has no circle of files', () => {
    expect(circles()).toEqual([]);
  });

  it('has no file that others import and that does something when it is imported', () => {
    const wrong = [...files.values()].flatMap(({ file, imports }) =>
      imports
        .filter((target) => files.has(target) && hasSideEffects(files.get(target)!))
        .map((target) => `${file} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});

/** The functions that a file exports without a doc comment; of one with several signatures one comment will do. */
function withoutComment({ tree }: SourceFile): string[] {
  const commented = new Map<string, boolean>();
  for (const statement of tree.statements) {
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    if (!isExported) continue;
    for (const name of functionsOf(statement))
      commented.set(name, commented.get(name) === true || ts.getJSDocCommentsAndTags(statement).length > 0);
  }
  return [...commented].flatMap(([name, isCommented]) => (isCommented ? [] : [name]));
}

/** The names of the functions that a statement declares. */
function functionsOf(statement: ts.Statement): string[] {
  if (ts.isFunctionDeclaration(statement)) return [statement.name?.text ?? 'default'];
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ name, initializer }) => {
    const isFunction =
      initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer));
    return isFunction && ts.isIdentifier(name) ? [name.text] : [];
  });
}

describe('an exported function', () => {
  it('has a doc comment', () => {
    const wrong = [...files.values()].flatMap((source) =>
      withoutComment(source).map((name) => `${source.file}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('a unit test', () => {
  it('is named for the file beside it, unless it is of what several files of its folder do together', () => {
    const tests = listed([...folders, 'scenarios', 'bench', 'docs']).filter((file) => file.endsWith('.test.ts'));
    const exists = (file: string): boolean => existsSync(path.join(packageDirectory, file));
    const wrong = tests.filter((file) => {
      const folder = `${path.posix.dirname(file)}/`;
      const own = new Set(read(file).imports.filter((target) => target.startsWith(folder) && exists(target)));
      // What a folder has for its tests drives all of it.
      const drivesAll = [...own].some((target) => target.includes('/testing/'));
      return !exists(file.replace(/\.test\.ts$/, '.ts')) && !drivesAll && own.size < 2;
    });
    expect(wrong).toEqual([]);
  });
});

/** The call that a scenario file exports by default. */
function exportedCall({ tree }: SourceFile): ts.CallExpression | undefined {
  const exported = tree.statements.find(ts.isExportAssignment)?.expression;
  return exported !== undefined && ts.isCallExpression(exported) ? exported : undefined;
}

/** The name that a scenario gives itself, as it is written; undefined if it gives itself none. */
function ownName(call: ts.CallExpression, tree: ts.SourceFile): string | undefined {
  return call.arguments
    .filter(ts.isObjectLiteralExpression)
    .flatMap(({ properties }) => [...properties])
    .find((property) => property.name?.getText(tree) === 'name')
    ?.getText(tree);
}

describe('a scenario', () => {
  const scenarios = listed(['scenarios'])
    .filter((file) => file.endsWith('.scenario.ts'))
    .map(read);

  it('is called by its file’s path below `scenarios/`', () => {
    const wrong = scenarios.flatMap((source) => {
      const call = exportedCall(source);
      if (call === undefined) return [`${source.file}: exports something else than a call of scenario()`];
      const name = ownName(call, source.tree);
      const expected = `name: '${defaultName(source.file)}'`;
      return name === undefined || name === expected ? [] : [`${source.file}: ${name}, expected ${expected} or none`];
    });
    expect(wrong).toEqual([]);
  });

  it('of the hostile workload stands in `hostile.scenario.ts`, whichever variant of a bridge it is of', () => {
    const hostile = scenarios.filter((source) => exportedCall(source)?.expression.getText() === 'hostile');
    expect(hostile.map(({ file }) => path.basename(file))).toEqual(hostile.map(() => 'hostile.scenario.ts'));
    expect(hostile).not.toEqual([]);
  });
});
