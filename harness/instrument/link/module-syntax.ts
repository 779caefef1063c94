import { parseSync, type Node, type Program } from 'oxc-parser';
import { boundNames, childrenOf, declaredNames, literalText, varNames } from './syntax-tree.js';
import { topLevelAwaits, type TopLevelAwait } from './top-level-await.js';

/** One name that a module imports. */
export interface ImportedName {
  readonly local: string;
  /** The name under which the other module exports it; `*` is its namespace. */
  readonly imported: string;
  readonly specifier: string;
}

/** Where an exported name comes from: a binding of the module, or another module's export. */
export type ExportedName =
  | { readonly kind: 'local'; readonly local: string }
  | { readonly kind: 'from'; readonly imported: string; readonly specifier: string };

/** What linking must know about one module's text. */
export interface ModuleSyntax {
  readonly code: string;
  readonly program: Program;
  readonly isModule: boolean;
  readonly imports: readonly ImportedName[];
  readonly exports: ReadonlyMap<string, ExportedName>;
  /** Specifiers of `export * from`. */
  readonly stars: readonly string[];
  /** Specifiers of all import and re-export statements, in order, each once. */
  readonly requests: readonly string[];
  /** Specifiers of `require` and `import()` with a literal, each once. */
  readonly asked: readonly string[];
  /** Those of `require`. */
  readonly required: readonly string[];
  /** The `import()` expressions and `import.meta`s. */
  readonly special: readonly Extract<Node, { type: 'ImportExpression' | 'MetaProperty' }>[];
  /** Whether it may use more of `require` than calls, or more of `module` than its exports. */
  readonly usesModuleObjects: boolean;
  /** Whether it may `require` by a name that only running it tells. */
  readonly mayRequireAny: boolean;
  /** What it awaits at its top level. */
  readonly awaits: readonly TopLevelAwait[];
  /** Names bound by function declarations at the top level: they have their values before anything is evaluated. */
  readonly functions: ReadonlySet<string>;
  /** Names that some assignment or update anywhere in the module may change. */
  readonly assigned: ReadonlySet<string>;
  /** Names that the top level declares. */
  readonly declared: ReadonlySet<string>;
}

/** The binding for an `export default` of something without a name. */
export const defaultBinding = '$tmDefault';

type Named = Extract<Node, { type: 'Identifier' }> | Extract<Node, { type: 'Literal' }>;

function textOf(name: Named): string {
  return name.type === 'Identifier' ? name.name : String(name.value);
}

interface Special {
  requiresComputed: boolean;
  readonly asked: Set<string>;
  readonly required: Set<string>;
  readonly special: ModuleSyntax['special'][number][];
}

function collectSpecial(node: Node, into: Special): void {
  const { asked, required, special } = into;
  if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'require') {
    const specifier = literalText(node.arguments[0]);
    if (specifier === undefined) into.requiresComputed = true;
    if (specifier !== undefined) required.add(specifier);
    if (specifier !== undefined) asked.add(specifier);
  } else if (node.type === 'ImportExpression') {
    special.push(node);
    const specifier = literalText(node.source);
    if (specifier !== undefined) asked.add(specifier);
  } else if (node.type === 'MetaProperty' && node.meta.name === 'import') special.push(node);
  for (const child of childrenOf(node)) collectSpecial(child, into);
}

/** Names of either that are not the usual calls and members count, whatever they are bound to. So does what evaluates text there. */
function looksAtModuleObjects(node: Node, parent?: Node): boolean {
  if (node.type === 'CallExpression' && node.callee.type === 'Identifier' && node.callee.name === 'eval') return true;
  if (node.type === 'Identifier') {
    // Evaluated text sees both.
    if (node.name === 'eval') return true;
    if (node.name === 'require') return !(parent?.type === 'CallExpression' && parent.callee === node);
    if (node.name === 'module')
      return !(
        parent?.type === 'MemberExpression' &&
        parent.object === node &&
        !parent.computed &&
        parent.property.type === 'Identifier' &&
        parent.property.name === 'exports'
      );
    return false;
  }
  if (node.type === 'UnaryExpression' && node.operator === 'typeof' && node.argument.type === 'Identifier')
    return false;
  if (node.type === 'MemberExpression' && !node.computed) return looksAtModuleObjects(node.object, node);
  for (const child of childrenOf(node)) if (looksAtModuleObjects(child, node)) return true;
  return false;
}

function collectAssigned(node: Node, names: Set<string>): void {
  if (node.type === 'AssignmentExpression') for (const name of boundNames(node.left)) names.add(name);
  else if (node.type === 'UpdateExpression') for (const name of boundNames(node.argument)) names.add(name);
  else if (node.type === 'ForInStatement' || node.type === 'ForOfStatement')
    for (const name of boundNames(node.left)) names.add(name);
  for (const child of childrenOf(node)) collectAssigned(child, names);
}

/**
 * Reads a module's text, which is JavaScript at this point.
 *
 * @param sourceType the kind of text, if its content does not determine it
 */
export function readSyntax(file: string, code: string, sourceType: 'module' | 'commonjs'): ModuleSyntax {
  const { program, module } = parseSync(file, code, { lang: 'js', sourceType, preserveParens: true });
  const imports: ImportedName[] = [];
  const exports = new Map<string, ExportedName>();
  const stars: string[] = [];
  const requests = new Set<string>();
  const functions = new Set<string>();
  const declared = new Set<string>();
  for (const statement of program.body) {
    for (const name of declaredNames(statement)) declared.add(name);
    const inner =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
        ? statement.declaration
        : statement;
    if (inner?.type === 'FunctionDeclaration') functions.add(inner.id?.name ?? defaultBinding);
    if (statement.type === 'ImportDeclaration') {
      const specifier = statement.source.value;
      requests.add(specifier);
      for (const one of statement.specifiers) {
        const imported =
          one.type === 'ImportNamespaceSpecifier'
            ? '*'
            : one.type === 'ImportDefaultSpecifier'
              ? 'default'
              : textOf(one.imported);
        imports.push({ local: one.local.name, imported, specifier });
      }
    } else if (statement.type === 'ExportAllDeclaration') {
      const specifier = statement.source.value;
      requests.add(specifier);
      if (statement.exported === null) stars.push(specifier);
      else exports.set(textOf(statement.exported), { kind: 'from', imported: '*', specifier });
    } else if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      const isNamed =
        (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') &&
        declaration.id !== null;
      exports.set('default', { kind: 'local', local: isNamed ? (declaration.id?.name ?? '') : defaultBinding });
    } else if (statement.type === 'ExportNamedDeclaration') {
      if (statement.declaration !== null)
        for (const name of declaredNames(statement.declaration)) exports.set(name, { kind: 'local', local: name });
      const specifier = statement.source?.value;
      if (specifier !== undefined) requests.add(specifier);
      for (const { local, exported } of statement.specifiers) {
        exports.set(
          textOf(exported),
          specifier === undefined
            ? { kind: 'local', local: textOf(local) }
            : { kind: 'from', imported: textOf(local), specifier },
        );
      }
    }
  }
  const usesModuleObjects = /\b(?:require|module|eval)\b/.test(code) && looksAtModuleObjects(program);
  const into: Special = { requiresComputed: false, asked: new Set(), required: new Set(), special: [] };
  if (/\b(?:require|import)\b/.test(code)) collectSpecial(program, into);
  const assigned = new Set<string>();
  if (module.hasModuleSyntax) {
    for (const name of program.body.flatMap((statement) => [...varNames(statement)])) declared.add(name);
    // What other modules cannot see does not matter.
    if ([...exports.values()].some(({ kind }) => kind === 'local')) collectAssigned(program, assigned);
  }
  return {
    code,
    program,
    isModule: module.hasModuleSyntax,
    imports,
    exports,
    stars,
    requests: [...requests],
    asked: [...into.asked],
    required: [...into.required],
    special: into.special,
    usesModuleObjects,
    mayRequireAny:
      usesModuleObjects ||
      into.requiresComputed ||
      [...requests, ...into.asked].some((one) => /^(?:node:)?module$/.test(one)),
    awaits: sourceType === 'module' && /\bawait\b/.test(code) ? [...topLevelAwaits(program)] : [],
    functions,
    assigned,
    declared,
  };
}
