import { parseSync, type CallExpression, type Node, type OxcError, type ParseResult, type Program } from 'oxc-parser';
import { instrumentCall, instrumentConstruction, receiverToKeep } from './call-sites.js';
import { Edits } from './edits.js';
import {
  instrumentAssignment,
  instrumentRead,
  instrumentSwap,
  instrumentTarget,
  instrumentUpdate,
} from './element-access.js';
import { Lines, type Position } from './lines.js';
import { needsLowering } from './link/needs-lowering.js';
import { isModuleByName } from './link/package-type.js';
import { topLevelAwaits } from './link/top-level-await.js';
import { moduleState, type ModuleState } from './module-state.js';
import { externalOption } from './external-option.js';
import { instrumentChain } from './optional-chain.js';
import type { Rewriting } from './rewriting.js';
import { siteMark, type SitePlace } from './site-marks.js';
import { isElement, runtimeChildren, unwrap } from './syntax.js';
import { Temporaries } from './temporaries.js';

/** What is wrong with a source file, and where. */
export class SourceError extends Error {
  readonly position: Position;
  readonly remedy: string;

  constructor(message: string, position: Position, remedy: string) {
    super(message);
    this.position = position;
    this.remedy = remedy;
  }
}

export interface TransformOptions {
  /** Absolute; its extension determines its language. */
  readonly file: string;
  readonly source: string;
}

export interface TransformResult {
  /** With marks for the numbers of scheduling points: see `numberSites`. */
  readonly code: string;
  /** The scheduling points, in the order of their marks. */
  readonly sites: readonly SitePlace[];
  /** Source map version 3, JSON; its one source is `file`. */
  readonly map: string;
  /** Whether the file has import or export statements, import.meta, or top-level await. */
  readonly isModule: boolean;
  /** Whether it has top-level await, which makes it an ES module. */
  readonly hasTopLevelAwait: boolean;
  /** Whether it has syntax that not every supported Node accepts, even without its types. */
  readonly needsLowering: boolean;
  /** The literal names, as written, of each import() that has a second argument. */
  readonly importsWithOptions: readonly string[];
  /** Where each imported or required specifier is first mentioned. */
  readonly imports: ReadonlyMap<string, Position>;
  /** Whether the code mentions anything with which it could change `globalThis` or built-in prototypes. */
  readonly mayEditRealm: boolean;
  readonly state: ModuleState;
  /** What a scenario file names as `external`. */
  readonly external: readonly string[] | undefined;
}

const languages: Readonly<Record<string, 'js' | 'jsx' | 'ts' | 'tsx'>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.jsx': 'jsx',
  '.js': 'jsx',
  '.mjs': 'jsx',
  '.cjs': 'jsx',
};

/**
 * Turns element accesses of one source file into scheduling points where the element may be in shared memory, and makes calls
 * that may be scheduling points announce their place. TypeScript stays TypeScript.
 *
 * @throws SourceError if the file cannot be parsed, or uses names that instrumentation reserves
 */
export function transform(options: TransformOptions): TransformResult {
  const { file, source } = options;
  const lines = new Lines(source);
  const { program, errors, module, comments } = parse(file, source);
  const error = errors.find((one) => (one.severity as string) === 'Error');
  if (error !== undefined) throw syntaxError(error, lines);
  const reserved = /\$(?:threadmill\b|tm[A-Z])/.exec(source);
  if (reserved !== null) {
    throw new SourceError(
      `the name ${reserved[0]}... is reserved`,
      lines.at(reserved.index),
      'Rename it: instrumentation adds names that begin like this.',
    );
  }
  const edits = new Edits(source);
  const transformer = new Transformer(edits, lines, options);
  transformer.program(program);
  const imports = new Map<string, Position>();
  const mention = (specifier: string, offset: number): void => {
    if (!imports.has(specifier)) imports.set(specifier, lines.at(offset));
  };
  for (const one of module.staticImports) mention(one.moduleRequest.value, one.moduleRequest.start);
  for (const one of module.staticExports) {
    for (const entry of one.entries)
      if (entry.moduleRequest) mention(entry.moduleRequest.value, entry.moduleRequest.start);
  }
  for (const { specifier, offset } of transformer.requests) mention(specifier, offset);
  const code = edits.code();
  return {
    code,
    sites: transformer.sites,
    map: edits.map(file).toString(),
    ...kindOf(program, module, source),
    needsLowering: needsLowering(program),
    importsWithOptions: importsWithOptions(module, source),
    imports,
    mayEditRealm: mentionsRealm(source, comments),
    state: moduleState(program, source),
    external: /\bexternal\b/.test(source) ? externalOption(program) : undefined,
  };
}

function parse(file: string, source: string, showSemanticErrors = false): ParseResult {
  const extension = /\.[^./\\]+$/.exec(file)?.[0] ?? '.js';
  const options = { lang: languages[extension] ?? 'js', preserveParens: true, showSemanticErrors } as const;
  if (extension === '.cjs' || extension === '.cts')
    return parseSync(file, source, { ...options, sourceType: 'commonjs' });
  if (extension !== '.js') return parseSync(file, source, { ...options, sourceType: 'module' });
  const parsed = parseSync(file, source, { ...options, sourceType: 'unambiguous' });
  if (parsed.module.hasModuleSyntax) return parsed;
  // Without imports and exports, Node treats it as CommonJS, which allows `return` at top level and sloppy code.
  const commonJs = parseSync(file, source, { ...options, sourceType: 'commonjs' });
  if (commonJs.errors.length === 0 && !isModuleByName(file)) return commonJs;
  if (!/\bawait\b/.test(source)) return commonJs;
  // It may be a module for the sole reason that it awaits.
  const asModule = parseSync(file, source, { ...options, sourceType: 'module' });
  return asModule.errors.length === 0 && hasTopLevelAwait(asModule.program, source) ? asModule : commonJs;
}

function hasTopLevelAwait(program: Program, source: string): boolean {
  return /\bawait\b/.test(source) && topLevelAwaits(program).next().done !== true;
}

function kindOf(
  program: Program,
  module: ParseResult['module'],
  source: string,
): Pick<TransformResult, 'isModule' | 'hasTopLevelAwait'> {
  const awaits = hasTopLevelAwait(program, source);
  return { isModule: module.hasModuleSyntax || awaits, hasTopLevelAwait: awaits };
}

/**
 * What the bundler must know about a file that is not instrumented.
 *
 * @throws SourceError if it cannot be parsed
 */
export function examine(
  file: string,
  source: string,
): Pick<
  TransformResult,
  'isModule' | 'hasTopLevelAwait' | 'needsLowering' | 'importsWithOptions' | 'state' | 'external'
> {
  const { program, errors, module } = parse(file, source);
  const error = errors.find((one) => (one.severity as string) === 'Error');
  if (error !== undefined) throw syntaxError(error, new Lines(source));
  return {
    ...kindOf(program, module, source),
    needsLowering: needsLowering(program),
    importsWithOptions: importsWithOptions(module, source),
    external: /\bexternal\b/.test(source) ? externalOption(program) : undefined,
    state: moduleState(program, source),
  };
}

function importsWithOptions({ dynamicImports }: ParseResult['module'], source: string): string[] {
  return dynamicImports.flatMap(({ moduleRequest, end }) => {
    const name = source.slice(moduleRequest.start, moduleRequest.end);
    return /^['"]/.test(name) && source.slice(moduleRequest.end, end).includes(',') ? [name] : [];
  });
}

/** Whether a text is valid, including early errors. */
export function isValid(file: string, source: string): boolean {
  return parse(file, source, true).errors.every((one) => (one.severity as string) !== 'Error');
}

/** Whether a file is an ES module (it has import or export statements), found without instrumenting it. */
export function isModule(file: string, source: string): boolean {
  const { program, module } = parse(file, source);
  return kindOf(program, module, source).isModule;
}

function syntaxError(error: OxcError, lines: Lines): SourceError {
  const label = error.labels[0];
  const hint = error.helpMessage === null ? '' : ` (${error.helpMessage})`;
  return new SourceError(`${error.message}${hint}`, lines.at(label?.start ?? 0), 'Correct the syntax.');
}

const realmWords =
  /\b(?:prototype|__proto__|globalThis|global|definePropert(?:y|ies)|[gs]etPrototypeOf|__define[GS]etter__)\b/;
const builtInAssignment =
  /\b(?:AbortSignal|Array|ArrayBuffer|Atomics|BigInt|Boolean|DataView|Date|Error|Event|Function|Intl|JSON|Map|Math|MessagePort|Number|Object|Promise|Proxy|Reflect|RegExp|Set|SharedArrayBuffer|String|Symbol|WeakMap|WeakRef|WeakSet|console|crypto|performance|process|process\.env|\w+Array)(?:\.\w+|\[[^\]]*\])\s*=[^=>]/;

function mentionsRealm(source: string, comments: readonly { start: number; end: number }[]): boolean {
  let text = '';
  let cursor = 0;
  for (const comment of comments) {
    text += source.slice(cursor, comment.start);
    cursor = comment.end;
  }
  text += source.slice(cursor);
  return realmWords.test(text) || builtInAssignment.test(text);
}

/** A declaration of something called Atomics, or a change of one of its methods; there are false matches. */
const mayReplaceAtomics =
  /\b(?:const|let|var|function|class|import|as|catch)\b[\s*({]*Atomics\b|[{,([:]\s*Atomics\s*(?:[,)}\]=]|$)|\bAtomics\s*(?:=[^=]|\.\w+\s*=[^=])/m;

/** Walks one program and edits it. */
export class Transformer implements Rewriting {
  readonly edits: Edits;
  readonly requests: { specifier: string; offset: number }[] = [];
  readonly sites: SitePlace[] = [];
  temporaries: Temporaries;
  readonly #lines: Lines;
  readonly #prefix: string;
  /** Whether `Atomics` is what the engine provides, everywhere in this file. */
  readonly atomicsAreGlobal: boolean;
  /** Assignments whose own value is not used. */
  readonly #valueUnused = new Set<Node>();

  constructor(edits: Edits, lines: Lines, options: TransformOptions) {
    this.edits = edits;
    this.#lines = lines;
    let prefix = '$tm';
    while (options.source.includes(prefix)) prefix += '_';
    this.#prefix = prefix;
    this.temporaries = new Temporaries(prefix);
    this.atomicsAreGlobal = !mayReplaceAtomics.test(options.source);
  }

  /** Stands for the number of the scheduling point at `offset`. */
  site(offset: number): string {
    return this.callSite(offset);
  }

  /** Stands for the number of a call at `offset`, which a stack may say is at any of `called`. */
  callSite(offset: number, ...called: readonly number[]): string {
    const position = this.#lines.at(offset);
    return siteMark(this.sites.push({ position, called: called.map((one) => this.#lines.at(one)) }) - 1);
  }

  /** The original text of a node. */
  text(node: Node): string {
    return this.edits.source.slice(node.start, node.end);
  }

  program(program: Program): void {
    // In a bundle it would no longer be at the beginning.
    if (program.hashbang) this.edits.replace(program.hashbang.start, program.hashbang.start + 2, '//');
    this.#inScope(
      () => this.#statements(program.body),
      (declaration) => this.declareAtTop(program, declaration),
    );
  }

  /** Puts `text` before the first statement, after hashbang and directives. */
  declareAtTop(program: Program, text: string): void {
    const directive = lastDirective(program.body);
    if (directive !== undefined) this.edits.after(directive.end, `;${text}`);
    else if (program.hashbang) this.edits.after(program.hashbang.end, `\n${text}`);
    else this.edits.atStart(text);
  }

  /** Visits `node`; returns whether its text is unchanged and short enough to be repeated. */
  visitRepeatable(node: Node, maximumLength: number): boolean {
    const before = this.edits.count;
    this.visit(node);
    return this.edits.count === before && node.end - node.start <= maximumLength;
  }

  visitArguments(call: CallExpression, keptReceiver?: string): void {
    for (const argument of call.arguments) this.visit(argument);
    instrumentCall(this, call, keptReceiver);
  }

  visit(node: Node): void {
    switch (node.type) {
      case 'MemberExpression':
        if (isElement(node)) instrumentRead(this, node);
        else this.#children(node);
        return;
      case 'ChainExpression':
        instrumentChain(this, node, false);
        return;
      case 'AssignmentExpression': {
        const target = unwrap(node.left);
        if (isElement(target)) instrumentAssignment(this, node, target);
        else if (node.left.type === 'ArrayPattern' || node.left.type === 'ObjectPattern') {
          if (this.#valueUnused.has(node) && instrumentSwap(this, node)) return;
          this.#pattern(node.left, false);
          this.visit(node.right);
          if (node.left.type === 'ArrayPattern' || this.#valueUnused.has(node))
            this.#destructured(node.left, node.right);
        } else this.#children(node);
        return;
      }
      case 'UpdateExpression': {
        const target = unwrap(node.argument);
        if (isElement(target)) instrumentUpdate(this, node, target);
        else this.#children(node);
        return;
      }
      case 'UnaryExpression':
        if (node.operator === 'delete') this.#reference(node.argument);
        else this.visit(node.argument);
        return;
      case 'CallExpression':
        this.#noteRequire(node);
        if (receiverToKeep(node) === undefined) {
          this.#reference(node.callee);
          this.visitArguments(node);
        } else {
          this.temporaries.hold(1, (name) => {
            this.#reference(node.callee);
            this.visitArguments(node, name(0));
          });
        }
        return;
      case 'NewExpression':
        this.#reference(node.callee);
        for (const argument of node.arguments) this.visit(argument);
        instrumentConstruction(this, node, this.callSite(node.start, node.start));
        this.#copied(node);
        return;
      case 'TaggedTemplateExpression':
        this.callSite(node.start, node.start);
        this.#reference(node.tag);
        this.visit(node.quasi);
        return;
      case 'ImportExpression':
        if (node.source.type === 'Literal' && typeof node.source.value === 'string') {
          this.requests.push({ specifier: node.source.value, offset: node.source.start });
        }
        this.#children(node);
        return;
      case 'ArrayExpression':
        for (const element of node.elements) {
          if (element === null) continue;
          this.visit(element);
          if (element.type === 'SpreadElement') this.#iterated(element.argument);
        }
        return;
      case 'VariableDeclarator':
        this.#pattern(node.id, false);
        if (node.init !== null) {
          this.visit(node.init);
          this.#destructured(node.id, node.init);
        }
        return;
      case 'ForOfStatement':
        this.#loopTarget(node.left);
        this.visit(node.right);
        this.#iterated(node.right);
        this.visit(node.body);
        return;
      case 'ForInStatement':
        this.#loopTarget(node.left);
        this.visit(node.right);
        this.visit(node.body);
        return;
      case 'CatchClause':
        if (node.param !== null) this.#pattern(node.param, false);
        this.visit(node.body);
        return;
      case 'FunctionDeclaration':
      case 'FunctionExpression':
        this.#function(node.params, node.body);
        return;
      case 'ArrowFunctionExpression':
        this.#function(node.params, node.body);
        return;
      case 'PropertyDefinition':
      case 'AccessorProperty':
        if (node.computed) this.visit(node.key);
        if (node.value !== null) this.#wrapped(node.value);
        return;
      case 'MethodDefinition':
        if (node.computed) this.visit(node.key);
        this.visit(node.value);
        return;
      case 'Property':
        if (node.computed) this.visit(node.key);
        this.visit(node.value);
        return;
      case 'WithStatement':
        // Inside, every name is looked up on the object first, and a proxy would see ours: the body stays unchanged.
        this.visit(node.object);
        return;
      case 'StaticBlock': {
        const top = this.edits.source.indexOf('{', node.start) + 1;
        this.#inScope(
          () => this.#statements(node.body),
          (declaration) => this.edits.after(top, declaration),
        );
        return;
      }
      case 'TSModuleBlock':
        this.#inScope(
          () => this.#statements(node.body),
          (declaration) => this.edits.after(node.start + 1, declaration),
        );
        return;
      case 'BlockStatement':
        this.#statements(node.body);
        return;
      case 'SwitchCase':
        if (node.test !== null) this.visit(node.test);
        this.#statements(node.consequent);
        return;
      case 'ExpressionStatement':
        if (typeof node.directive === 'string') return;
        this.#valueUnused.add(unwrap(node.expression));
        this.visit(node.expression);
        return;
      default:
        this.#children(node);
    }
  }

  #children(node: Node): void {
    for (const child of runtimeChildren(node)) this.visit(child);
  }

  #statements(statements: readonly Node[]): void {
    for (const [index, statement] of statements.entries()) {
      if (index > 0) this.#separate(statements[index - 1]!, statement);
      if (
        statement.type.startsWith('TS') &&
        statement.type !== 'TSModuleDeclaration' &&
        statement.type !== 'TSExportAssignment'
      )
        continue;
      this.visit(statement);
      // An added opening parenthesis would continue a previous statement that ends without a semicolon.
      if (statement.type === 'ExpressionStatement' && this.edits.isOpenedAt(statement.start))
        this.edits.before(statement.start, ';');
    }
  }

  /** esbuild reads `x++` and a parenthesis, bracket or backtick on the next line as one expression. The language does not. */
  #separate(statement: Node, next: Node): void {
    const { source } = this.edits;
    const last = source.slice(statement.end - 2, statement.end);
    if ((last === '++' || last === '--') && '([`'.includes(source.charAt(next.start)))
      this.edits.after(statement.end, ';');
  }

  /** An expression that is called, deleted or used as a tag must stay a reference, or `this` is lost. */
  #reference(node: Node): void {
    const inner = unwrap(node);
    if (inner.type === 'ChainExpression') instrumentChain(this, inner, true);
    else if (inner.type === 'MemberExpression') {
      this.visit(inner.object);
      if (inner.computed) this.visit(inner.property);
    } else this.visit(node);
  }

  #noteRequire(node: CallExpression): void {
    const first = node.arguments[0];
    if (
      node.callee.type === 'Identifier' &&
      node.callee.name === 'require' &&
      first?.type === 'Literal' &&
      typeof first.value === 'string'
    ) {
      this.requests.push({ specifier: first.value, offset: first.start });
    }
  }

  #function(parameters: readonly Node[], body: Node | null): void {
    for (const parameter of parameters) this.#pattern(parameter, true);
    if (body?.type === 'BlockStatement') {
      this.#inScope(
        () => this.#statements(body.body),
        (declaration) => {
          const directive = lastDirective(body.body);
          if (directive === undefined) this.edits.after(body.start + 1, declaration);
          else this.edits.after(directive.end, `;${declaration}`);
        },
      );
    } else if (body !== null) {
      this.#inScope(
        () => this.visit(body),
        (declaration) => {
          this.edits.before(body.start, `{${declaration}return `);
          this.edits.after(body.end, ';}');
        },
      );
    }
  }

  /** Runs `body` with its own temporaries, then `declare` with their declaration if there were any. */
  #inScope(body: () => void, declare: (declaration: string) => void): void {
    const outer = this.temporaries;
    this.temporaries = new Temporaries(this.#prefix);
    body();
    const declaration = this.temporaries.declaration();
    this.temporaries = outer;
    if (declaration !== '') declare(declaration);
  }

  /** An expression with no function body around it to declare temporaries in: they get an arrow function. */
  #wrapped(node: Node): void {
    this.#inScope(
      () => this.visit(node),
      (declaration) => {
        this.edits.before(node.start, `(()=>{${declaration}return `);
        this.edits.after(node.end, '})()');
      },
    );
  }

  #loopTarget(left: Node): void {
    if (left.type === 'VariableDeclaration') {
      for (const declarator of left.declarations) this.visit(declarator);
    } else this.#pattern(left, false);
  }

  /** A binding or assignment pattern. In parameters there is no body yet to hold the temporaries of defaults and keys. */
  #pattern(node: Node, isParameter: boolean): void {
    const expression = (child: Node): void => (isParameter ? this.#wrapped(child) : this.visit(child));
    switch (node.type) {
      case 'Identifier':
        return;
      case 'ObjectPattern':
        for (const property of node.properties) {
          if (property.type === 'RestElement') this.#pattern(property.argument, isParameter);
          else {
            if (property.computed) expression(property.key);
            this.#pattern(property.value, isParameter);
          }
        }
        return;
      case 'ArrayPattern':
        for (const element of node.elements) if (element !== null) this.#pattern(element, isParameter);
        return;
      case 'RestElement':
        this.#pattern(node.argument, isParameter);
        return;
      case 'AssignmentPattern':
        this.#pattern(node.left, isParameter);
        expression(node.right);
        return;
      case 'TSParameterProperty':
        this.#pattern(node.parameter, isParameter);
        return;
      default: {
        const target = unwrap(node);
        if (isElement(target)) instrumentTarget(this, target);
        else this.#reference(target);
      }
    }
  }

  /** A value about to be destructured: arrays through their iterator, objects through `$threadmill.d`. */
  #destructured(pattern: Node, value: Node): void {
    if (pattern.type === 'ArrayPattern') this.#iterated(value);
    if (pattern.type !== 'ObjectPattern' || neverShared(value)) return;
    const readsElements = pattern.properties.some(
      (property) =>
        property.type === 'RestElement' ||
        (property.computed
          ? !(property.key.type === 'Literal' && typeof property.key.value === 'string')
          : property.key.type === 'Literal'),
    );
    if (!readsElements) return;
    this.edits.before(value.start, '$threadmill.d(');
    this.edits.after(value.end, `,${this.site(pattern.start)})`);
  }

  /** A value about to be iterated. */
  #iterated(value: Node): void {
    if (neverShared(value)) return;
    this.edits.before(value.start, '$threadmill.i(');
    this.edits.after(value.end, `,${this.site(value.start)})`);
  }

  /** `new Int32Array(shared)` copies without calling any method: it gets a copy made element by element instead. */
  #copied(node: Extract<Node, { type: 'NewExpression' }>): void {
    const source = node.arguments[0];
    if (node.callee.type !== 'Identifier' || !typedArrayName.test(node.callee.name)) return;
    if (source === undefined || node.arguments.length > 1 || source.type === 'SpreadElement' || neverShared(source))
      return;
    this.edits.before(source.start, '$threadmill.c(');
    this.edits.after(source.end, `,${this.site(node.start)})`);
  }
}

const typedArrayName = /^(?:Big)?(?:Ui|I|U|Fl)(?:nt|oat)\d+(?:Clamped)?Array$/;

function neverShared(node: Node): boolean {
  const { type } = unwrap(node);
  return (
    type === 'ArrayExpression' ||
    type === 'ObjectExpression' ||
    type === 'Literal' ||
    type === 'TemplateLiteral' ||
    type === 'FunctionExpression'
  );
}

function lastDirective(statements: readonly Node[]): Node | undefined {
  let last: Node | undefined;
  for (const statement of statements) {
    if (statement.type !== 'ExpressionStatement' || typeof statement.directive !== 'string') break;
    last = statement;
  }
  return last;
}
