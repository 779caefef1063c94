import type { Expression, Node, Program } from 'oxc-parser';
import { boundNames, childrenOf, declaredNames, isFunction, literalText, varNames } from './link/syntax-tree.js';
import { findReferences } from './link/references.js';

/** What one module's text says about state that outlives a call. */
export interface ModuleState {
  /**
   * What may differ after the module has been evaluated: a piece of its text. Undefined if nothing can: then it does not matter
   * how often, and when, it is evaluated, provided that the same is true of what it imports and nobody changes its exports.
   */
  readonly kept: string | undefined;
  /** Specifiers of modules whose exports this one changes, whenever it does. */
  readonly changes: readonly string[];
  /** Whether it assigns to a property of the global object, or of `process.env`. */
  readonly changesGlobals: boolean;
}

/** Longest piece of text that is given as a reason. */
const maximumReasonLength = 80;

/** Found in the text: why the module may have state. */
class Kept extends Error {
  readonly node: Node;

  constructor(node: Node) {
    super('kept');
    this.node = node;
  }
}

/**
 * Finds out whether a module can be shared by all executions. Conservative: whatever is not understood is taken for state.
 *
 * @param program the text as the user or the package wrote it
 */
export function moduleState(program: Program, source: string): ModuleState {
  const imports = importedNames(program);
  const changed = changedModules(program, imports);
  try {
    requireKnownRequests(program);
    const stable = [...imports].filter(([, specifier]) => !unstableModules.test(specifier)).map(([name]) => name);
    new ScopeState(program, program.body, new Set(stable)).check();
  } catch (error) {
    if (!(error instanceof Kept)) throw error;
    const { start, end } = error.node;
    return { kept: source.slice(start, Math.min(end, start + maximumReasonLength)), ...changed };
  }
  return { kept: undefined, ...changed };
}

/** Built-in modules whose exports are different each time: the program's arguments, its thread, its clock. */
const unstableModules = /^(?:node:)?(?:process|perf_hooks|worker_threads)$/;

/** A module that asks for others by names that are only known later can reach anything. So can evaluated text. */
function requireKnownRequests(program: Program): void {
  const visit = (node: Node, parent: Node | undefined): void => {
    if (node.type === 'ImportExpression' && literalText(node.source) === undefined) throw new Kept(node);
    if (node.type === 'WithStatement') throw new Kept(node);
    if (node.type === 'Identifier' && (node.name === 'require' || node.name === 'eval')) {
      const isCall = parent?.type === 'CallExpression' && parent.callee === node;
      const isProperty =
        (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) ||
        (parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand);
      const isTested = parent?.type === 'UnaryExpression' && parent.operator === 'typeof';
      const isKnown = node.name === 'require' && isCall && literalText(parent.arguments[0]) !== undefined;
      if (!isProperty && !isKnown && !isTested) throw new Kept(parent ?? node);
    }
    for (const child of childrenOf(node)) visit(child, node);
  };
  visit(program, undefined);
}

/** The names that imports and calls of `require` bind at the top level, with their specifiers. */
function importedNames(program: Program): Map<string, string> {
  const names = new Map<string, string>();
  const aliases: [string, Node][] = [];
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') {
      for (const { local } of statement.specifiers) names.set(local.name, statement.source.value);
    } else if (statement.type === 'VariableDeclaration') {
      for (const { id, init } of statement.declarations) {
        const specifier = init === null ? undefined : requiredIn(init);
        for (const name of boundNames(id)) {
          if (specifier !== undefined) names.set(name, specifier);
          else if (init !== null) aliases.push([name, init]);
        }
      }
    }
  }
  // Other names for parts of what was imported.
  for (const [name, init] of aliases) {
    const specifier = names.get(rootName(init) ?? '');
    if (specifier !== undefined) names.set(name, specifier);
  }
  return names;
}

/** The specifier of `require('...')`, or of something that a helper or a property makes of it. */
function requiredIn(node: Node): string | undefined {
  const inner = plain(node);
  if (inner.type === 'MemberExpression') return requiredIn(inner.object);
  if (inner.type !== 'CallExpression') return undefined;
  if (inner.callee.type === 'Identifier' && inner.callee.name === 'require') return literalText(inner.arguments[0]);
  const first = inner.arguments[0];
  return first === undefined ? undefined : requiredIn(first);
}

/** A node without parentheses and types. */
function plain(node: Node): Node {
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ChainExpression':
      return plain(node.expression);
    default:
      return node;
  }
}

/** The name at the beginning of `a.b[c].d`. */
function rootName(node: Node): string | undefined {
  const inner = plain(node);
  if (inner.type === 'MemberExpression') return rootName(inner.object);
  return inner.type === 'Identifier' ? inner.name : undefined;
}

/** The first of `a.b.c`. */
function rootOf(node: Node): Node {
  const inner = plain(node);
  return inner.type === 'MemberExpression' ? rootOf(inner.object) : inner;
}

/** Methods of test libraries that change a property of their first argument. */
const spying = new Set(['spyOn', 'stub', 'replaceProperty', 'method']);

/** Functions of `Object` and `Reflect` that change their first argument. */
const changers = new Set([
  'assign',
  'defineProperty',
  'defineProperties',
  'setPrototypeOf',
  'set',
  'deleteProperty',
  'freeze',
  'seal',
  'preventExtensions',
]);

/** What an expression changes: the targets of assignments, updates and deletions, and the first arguments of some calls. */
function* changedBy(node: Node): Generator<Node> {
  switch (node.type) {
    case 'AssignmentExpression':
      yield* targets(node.left);
      return;
    case 'UpdateExpression':
      yield node.argument;
      return;
    case 'UnaryExpression':
      if (node.operator === 'delete') yield node.argument;
      return;
    case 'ForInStatement':
    case 'ForOfStatement':
      if (node.left.type !== 'VariableDeclaration') yield* targets(node.left);
      return;
    case 'CallExpression': {
      const callee = plain(node.callee);
      const [first] = node.arguments;
      if (first === undefined || callee.type !== 'MemberExpression' || callee.computed) return;
      const owner = rootName(callee.object);
      if (callee.property.type !== 'Identifier') return;
      const { name } = callee.property;
      // As if a property were assigned to.
      if (spying.has(name) || ((owner === 'Object' || owner === 'Reflect') && changers.has(name)))
        yield { ...callee, object: first } as Node;
      return;
    }
    default:
  }
}

function* targets(pattern: Node): Generator<Node> {
  switch (pattern.type) {
    case 'ObjectPattern':
      for (const property of pattern.properties)
        yield* targets(property.type === 'RestElement' ? property.argument : property.value);
      return;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element !== null) yield* targets(element);
      return;
    case 'RestElement':
      yield* targets(pattern.argument);
      return;
    case 'AssignmentPattern':
      yield* targets(pattern.left);
      return;
    default:
      yield plain(pattern);
  }
}

/** Whether this is `process.env`. */
function isEnvironment(node: Node): boolean {
  const inner = plain(node);
  if (inner.type !== 'MemberExpression' || inner.computed) return false;
  return inner.property.type === 'Identifier' && inner.property.name === 'env' && rootName(inner.object) === 'process';
}

/** The modules to whose exports the program assigns. Names that are declared again inside are not told apart. */
function changedModules(
  program: Program,
  imports: ReadonlyMap<string, string>,
): Pick<ModuleState, 'changes' | 'changesGlobals'> {
  const changed = new Set<string>();
  let changesGlobals = false;
  const visit = (node: Node): void => {
    for (const target of changedBy(node)) {
      if (target.type !== 'MemberExpression') continue;
      const name = rootName(target) ?? '';
      if (/^(?:globalThis|global)$/.test(name) || isEnvironment(target.object)) changesGlobals = true;
      const specifier = imports.get(name) ?? requiredIn(target.object);
      if (specifier !== undefined) changed.add(specifier);
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program);
  return { changes: [...changed], changesGlobals };
}

/** Built-in objects whose properties never change, unless a program changes the realm. */
const stableGlobals = new Set(
  (
    'Object Function Array String Number Boolean Symbol BigInt Math JSON Reflect Promise Proxy RegExp Error AggregateError EvalError ' +
    'RangeError ReferenceError SyntaxError TypeError URIError Map Set WeakMap WeakSet WeakRef FinalizationRegistry ArrayBuffer ' +
    'SharedArrayBuffer DataView Atomics Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array ' +
    'Float32Array Float64Array BigInt64Array BigUint64Array Date Intl Buffer URL URLSearchParams TextEncoder TextDecoder ' +
    'AbortController AbortSignal Event EventTarget MessageChannel Iterator'
  ).split(' '),
);

/** Calls of built-in functions that give the same each time, and change nothing. */
const pureCalls =
  /^(?:Symbol(?:\.for)?|Object\.(?:freeze|getPrototypeOf)|Number|String|Boolean|BigInt|parseInt|parseFloat|Number\.\w+|String\.(?:raw|fromCharCode)|Math\.(?!random)\w+|RegExp|Function\.prototype\.\w+\.(?:bind|call))$/;
/** Calls that make something which nobody else has. */
const containerCalls = /^Object\.(?:create|fromEntries|entries|keys|values|assign)$|^Array\.(?:from|of)$/;
const containerClasses = /^(?:Map|Set|Array|Object|Uint8Array|Uint16Array|Uint32Array|Int32Array|Float64Array)$/;
/** Methods of containers that only read them. */
const readingMethods = new Set(
  'has get keys values entries includes indexOf lastIndexOf join slice concat at hasOwnProperty propertyIsEnumerable toString map filter some every find findIndex findLast flatMap reduce forEach'.split(
    ' ',
  ),
);
const stringMethods = new Set(['replace', 'replaceAll', 'match', 'matchAll', 'split', 'search']);
/** Functions that only read their first argument. */
const readingCalls =
  /^(?:Object\.(?:keys|values|entries|hasOwn|freeze|prototype\.hasOwnProperty\.call)|Array\.(?:from|isArray))$/;
/** Compilers put these functions into their output: they make modules of each other's kind, or classes, at the top level. */
const compilerHelper =
  /^(?:_?_?(?:import(?:Default|Star)|interopRequire(?:Default|Wildcard)|createBinding|exportStar|extends|setModuleDefault|toESM|reExport|interopDefault|interopNamespace|inherits(?:Loose)?))\$?\d*$/;

/** The statements of a module, or of a function that is called once, on the spot: names declared there live as long. */
class ScopeState {
  readonly #root: Node;
  readonly #body: readonly Node[];
  /** Names whose values are known to stay: imports, and what an outer scope passes. */
  readonly #given: ReadonlySet<string>;
  readonly #declared = new Set<string>();
  /** Names bound to objects that stay the same as long as they are only read. */
  readonly #containers = new Set<string>();
  readonly #globalRegExps = new Set<string>();
  readonly #parents = new Map<Node, Node>();

  constructor(root: Node, body: readonly Node[], given: ReadonlySet<string>) {
    this.#root = root;
    this.#body = body;
    this.#given = given;
    for (const statement of body)
      for (const name of [...declaredNames(statement), ...varNames(statement)])
        if (statement.type !== 'ImportDeclaration') this.#declared.add(name);
  }

  check(): void {
    for (const statement of this.#body) this.#statement(statement, true);
    this.#references();
  }

  #statement(statement: Node, isOutermost: boolean): void {
    switch (statement.type) {
      case 'FunctionDeclaration':
        if (!isOutermost || this.#isMethod(statement, statement.id?.name)) throw new Kept(statement);
        return;
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'EmptyStatement':
      case 'TSInterfaceDeclaration':
      case 'TSTypeAliasDeclaration':
        return;
      case 'ExportNamedDeclaration':
        if (statement.declaration !== null) {
          this.#statement(statement.declaration, true);
          for (const name of declaredNames(statement))
            if (this.#containers.has(name) || this.#globalRegExps.has(name)) throw new Kept(statement);
        }
        for (const { local } of statement.specifiers)
          if (statement.source === null && local.type === 'Identifier') this.#exposed(local);
        return;
      case 'ExportDefaultDeclaration': {
        const { declaration } = statement;
        if (declaration.type === 'TSInterfaceDeclaration') return;
        if (declaration.type === 'FunctionDeclaration') {
          if (this.#isMethod(declaration, declaration.id?.name)) throw new Kept(declaration);
          return;
        }
        if (declaration.type === 'ClassDeclaration') this.#class(declaration);
        else this.#constant(declaration);
        return;
      }
      case 'ClassDeclaration':
        if (!isOutermost) throw new Kept(statement);
        this.#class(statement);
        return;
      case 'VariableDeclaration':
        if (statement.kind !== 'var' && (!isOutermost || statement.kind.includes('using'))) throw new Kept(statement);
        for (const { id, init } of statement.declarations) this.#binding(id, init);
        return;
      case 'ExpressionStatement':
        if (typeof statement.directive !== 'string') this.#effect(statement.expression);
        return;
      case 'BlockStatement':
        for (const one of statement.body) this.#statement(one, false);
        return;
      case 'IfStatement':
        this.#constant(statement.test);
        this.#statement(statement.consequent, false);
        if (statement.alternate !== null) this.#statement(statement.alternate, false);
        return;
      case 'ReturnStatement':
        if (statement.argument !== null) this.#constant(statement.argument);
        return;
      default:
        throw new Kept(statement);
    }
  }

  #binding(id: Node, init: Expression | null): void {
    if (init === null) return;
    if (id.type === 'Identifier' && this.#isContainer(init)) this.#containers.add(id.name);
    else if (id.type === 'Identifier' && isRegExp(plain(init), /g/) && !isRegExp(plain(init), /y/))
      this.#globalRegExps.add(id.name);
    else this.#constant(init);
    if (id.type === 'Identifier' && this.#isMethod(plain(init), id.name)) throw new Kept(init);
    if (id.type === 'ObjectPattern') {
      for (const property of id.properties)
        if (property.type === 'RestElement' || property.computed || property.value.type !== 'Identifier')
          throw new Kept(id);
    } else if (id.type !== 'Identifier') throw new Kept(id);
  }

  /** An object that only this scope has, of values that stay. */
  #isContainer(node: Node): boolean {
    const inner = plain(node);
    if (inner.type === 'ObjectExpression' || inner.type === 'ArrayExpression') {
      this.#elements(inner);
      return true;
    }
    if (
      inner.type === 'NewExpression' &&
      inner.callee.type === 'Identifier' &&
      containerClasses.test(inner.callee.name)
    ) {
      for (const argument of inner.arguments) this.#part(argument);
      return true;
    }
    if (inner.type === 'CallExpression' && containerCalls.test(this.#calledName(inner.callee))) {
      for (const argument of inner.arguments) this.#part(argument);
      return true;
    }
    return false;
  }

  /** An argument of what makes a container. */
  #part(argument: Node): void {
    const inner = plain(argument);
    if (inner.type === 'ObjectExpression' || inner.type === 'ArrayExpression') {
      for (const child of inner.type === 'ArrayExpression' ? inner.elements : []) {
        if (child?.type === 'ArrayExpression') this.#elements(child);
        else if (child !== null) this.#constant(child);
      }
      if (inner.type === 'ObjectExpression') this.#elements(inner);
    } else this.#constant(inner);
  }

  /** The values in an object or array literal. */
  #elements(node: Node): void {
    if (node.type === 'ArrayExpression') {
      for (const element of node.elements)
        if (element !== null) this.#constant(element.type === 'SpreadElement' ? element.argument : element);
    } else if (node.type === 'ObjectExpression') {
      for (const property of node.properties) {
        if (property.type === 'SpreadElement') this.#constant(property.argument);
        else {
          if (property.computed) this.#constant(property.key);
          if (changesThis(property.value)) throw new Kept(property);
          this.#constant(property.value);
        }
      }
    }
  }

  /** Whether a function may change the object that it is a method of. Constructors have names in upper case. */
  #isMethod(node: Node, name: string | undefined): boolean {
    return isFunction(node) && !/^[_$]*[A-Z]/.test(name ?? '') && changesThis(node);
  }

  #calledName(callee: Node): string {
    const inner = plain(callee);
    if (inner.type === 'Identifier') return this.#isOwn(inner.name) ? '' : inner.name;
    if (inner.type !== 'MemberExpression' || inner.computed) return '';
    const object = this.#calledName(inner.object);
    return object === '' || inner.property.type !== 'Identifier' ? '' : `${object}.${inner.property.name}`;
  }

  #isOwn(name: string): boolean {
    return this.#declared.has(name) || this.#given.has(name);
  }

  /** A name that becomes visible to others: they could change an object. */
  #exposed(node: Node): void {
    if (node.type !== 'Identifier') return;
    if (this.#containers.has(node.name) || this.#globalRegExps.has(node.name)) throw new Kept(node);
  }

  /** An expression whose value stays the same, and whose evaluation changes nothing. */
  #constant(node: Node): void {
    const inner = plain(node);
    switch (inner.type) {
      case 'Literal':
        if (isRegExp(inner, /[gy]/)) throw new Kept(inner);
        return;
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
      case 'ThisExpression':
      case 'MetaProperty':
        return;
      case 'ClassExpression':
        this.#class(inner);
        return;
      case 'Identifier':
        // A container is only seen by its readers, which are looked for elsewhere.
        return;
      case 'TemplateLiteral':
        for (const one of inner.expressions) this.#constant(one);
        return;
      case 'UnaryExpression':
        if (inner.operator === 'delete') throw new Kept(inner);
        // `typeof` of any name.
        this.#constant(inner.argument);
        return;
      case 'BinaryExpression':
      case 'LogicalExpression':
        this.#constant(inner.left);
        this.#constant(inner.right);
        return;
      case 'ConditionalExpression':
        this.#constant(inner.test);
        this.#constant(inner.consequent);
        this.#constant(inner.alternate);
        return;
      case 'SequenceExpression':
        for (const one of inner.expressions) this.#constant(one);
        return;
      case 'MemberExpression':
        this.#member(inner);
        return;
      case 'AssignmentExpression':
        this.#assignment(inner);
        return;
      case 'CallExpression':
        this.#call(inner);
        return;
      case 'NewExpression':
        if (
          inner.callee.type === 'Identifier' &&
          /^(?:RegExp|TextEncoder)$/.test(inner.callee.name) &&
          !this.#isOwn(inner.callee.name)
        ) {
          for (const argument of inner.arguments) this.#constant(argument);
          const flags = literalText(inner.arguments[1]);
          if (inner.arguments.length < 2 || (flags !== undefined && !/[gy]/.test(flags))) return;
        }
        throw new Kept(inner);
      default:
        throw new Kept(inner);
    }
  }

  #member(node: Extract<Node, { type: 'MemberExpression' }>): void {
    if (node.computed) this.#constant(node.property);
    const root = rootOf(node);
    const specifier = requiredIn(node);
    if (specifier !== undefined && unstableModules.test(specifier)) throw new Kept(node);
    if (root.type === 'Identifier') {
      // A property of `process` or `globalThis` may be anything each time.
      if (!this.#isOwn(root.name) && !stableGlobals.has(root.name) && !isExportsName(root.name)) throw new Kept(node);
      return;
    }
    this.#constant(node.object);
  }

  #class(node: Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>): void {
    if (node.decorators.length > 0) throw new Kept(node);
    if (node.superClass !== null) this.#constant(node.superClass);
    for (const member of node.body.body) {
      switch (member.type) {
        case 'StaticBlock':
        case 'AccessorProperty':
          throw new Kept(member);
        case 'MethodDefinition':
          if (member.decorators.length > 0) throw new Kept(member);
          if (member.computed) this.#constant(member.key);
          if (member.static && changesThis(member.value)) throw new Kept(member);
          break;
        case 'PropertyDefinition':
          if (member.decorators.length > 0) throw new Kept(member);
          if (member.computed) this.#constant(member.key);
          if (member.static && member.value !== null) this.#constant(member.value);
          // A private one that something may assign to cannot be seen by name.
          if (member.static && member.key.type === 'PrivateIdentifier') throw new Kept(member);
          break;
        default:
      }
    }
  }

  #call(node: Extract<Node, { type: 'CallExpression' }>): void {
    const callee = plain(node.callee);
    if (isFunction(callee)) {
      this.#calledOnce(node, callee);
      return;
    }
    const name = this.#calledName(callee);
    if (name === 'require') {
      if (literalText(node.arguments[0]) === undefined) throw new Kept(node);
      return;
    }
    if (name === 'Object.freeze') {
      const first = node.arguments[0];
      if (first !== undefined && !this.#isContainer(first)) this.#constant(first);
      return;
    }
    const last =
      callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : '';
    const isHelper = compilerHelper.test(callee.type === 'Identifier' ? callee.name : last);
    if (!isHelper && (name === '' || !pureCalls.test(name))) throw new Kept(node);
    for (const argument of node.arguments) {
      if (argument.type === 'SpreadElement') throw new Kept(argument);
      this.#constant(argument);
    }
    if (name === 'RegExp' && /[gy]/.test(literalText(node.arguments[1]) ?? '')) throw new Kept(node);
  }

  /** A function that is called where it is written, as compilers write classes. */
  #calledOnce(node: Extract<Node, { type: 'CallExpression' }>, callee: Node): void {
    if (!isFunction(callee) || callee.async || ('generator' in callee && callee.generator)) throw new Kept(node);
    const given = new Set([...this.#given, ...this.#declared]);
    for (const argument of node.arguments) this.#constant(argument);
    if (callee.body?.type === 'BlockStatement')
      for (const statement of callee.body.body)
        for (const name of [...declaredNames(statement), ...varNames(statement)]) given.delete(name);
    for (const parameter of callee.params) {
      if (parameter.type !== 'Identifier') throw new Kept(parameter);
      given.add(parameter.name);
    }
    if (callee.body?.type !== 'BlockStatement') {
      if (callee.body !== null) this.#constant(callee.body);
      return;
    }
    new ScopeState(callee.body, callee.body.body, given).check();
  }

  /** An expression statement: it may complete what the module provides. */
  #effect(node: Node): void {
    const inner = plain(node);
    if (inner.type === 'AssignmentExpression') this.#assignment(inner);
    else if (inner.type === 'SequenceExpression') for (const one of inner.expressions) this.#effect(one);
    else if (inner.type === 'CallExpression' && this.#isDefinition(inner)) {
      const [, ...rest] = inner.arguments;
      for (const one of rest) {
        const value = plain(one);
        if (value.type === 'ObjectExpression') {
          for (const property of value.properties) {
            if (property.type !== 'Property') throw new Kept(property);
            const held = plain(property.value);
            if (held.type === 'ObjectExpression') this.#elements(held);
            else this.#constant(held);
          }
        } else this.#constant(value);
      }
    } else this.#constant(inner);
  }

  /** `Object.defineProperty(exports, ...)`, and the like, of what this scope made. */
  #isDefinition(node: Extract<Node, { type: 'CallExpression' }>): boolean {
    if (!/^Object\.(?:defineProperty|defineProperties|setPrototypeOf|assign)$/.test(this.#calledName(node.callee)))
      return false;
    const first = node.arguments[0];
    const root = first === undefined ? undefined : rootOf(first);
    return root?.type === 'Identifier' && this.#isMade(root.name);
  }

  /** Whether the object is the module's own, so that completing it is part of evaluating the module. */
  #isMade(name: string): boolean {
    return (this.#declared.has(name) && !this.#given.has(name)) || isExportsName(name);
  }

  #assignment(node: Extract<Node, { type: 'AssignmentExpression' }>): void {
    const left = plain(node.left);
    if (node.operator !== '=') throw new Kept(node);
    const root = rootOf(left);
    if (root.type !== 'Identifier' || !this.#isMade(root.name)) throw new Kept(node);
    if (left.type === 'MemberExpression' && left.computed) this.#constant(left.property);
    else if (left.type !== 'MemberExpression' && left.type !== 'Identifier') throw new Kept(node);
    const right = plain(node.right);
    // The object that the module exports, or a prototype: like a function, it is only changed by assignment.
    const isFrame =
      left.type === 'MemberExpression' &&
      !left.computed &&
      left.property.type === 'Identifier' &&
      (left.property.name === 'prototype' || (left.property.name === 'exports' && root.name === 'module'));
    if (
      isFrame &&
      (right.type === 'ObjectExpression' ||
        (right.type === 'CallExpression' && this.#calledName(right.callee) === 'Object.create'))
    ) {
      if (right.type === 'ObjectExpression') this.#elements(right);
      else for (const argument of right.arguments) this.#constant(argument);
      return;
    }
    if (isExportsName(root.name)) this.#exposed(right);
    const isOnPrototype = left.type === 'MemberExpression' && pathOf(left.object).endsWith('.prototype');
    const name = left.type === 'MemberExpression' && !left.computed ? nameOf(left.property) : rootName(left);
    if (!isOnPrototype && this.#isMethod(right, name === 'exports' ? nameOfFunction(right) : name))
      throw new Kept(node);
    this.#constant(right);
  }

  /** Looks at every use of the scope's names, also in functions that are called later. */
  #references(): void {
    const later = new Set<Node>();
    const changedLater = new Set<string>();
    const walk = (node: Node, parent: Node | undefined, isLater: boolean, selves: ReadonlySet<string>): void => {
      if (parent !== undefined) this.#parents.set(node, parent);
      if (isLater) {
        later.add(node);
        this.#notThroughConstructor(node);
        for (const target of changedBy(node)) {
          const name = target.type === 'MemberExpression' ? rootName(target) : undefined;
          if (name === undefined) continue;
          if (selves.has(name)) throw new Kept(node);
          changedLater.add(name);
        }
      }
      const inside = isLater || isFunction(node);
      // Classes and functions have names of their own inside.
      const self = node.type.startsWith('Class') || node.type === 'FunctionExpression' ? ownName(node) : undefined;
      const names = self === undefined ? selves : new Set([...selves, self]);
      for (const child of childrenOf(node)) walk(child, node, inside, names);
    };
    const nobody: ReadonlySet<string> = new Set();
    for (const statement of this.#body) walk(statement, undefined, false, nobody);
    const use = (name: string, node: Node): void => {
      if (this.#containers.has(name)) this.#readOnly(node);
      if (this.#globalRegExps.has(name)) this.#givenToString(node);
      if (later.has(node)) this.#notChanged(node, changedLater);
    };
    const { start, end } = this.#root;
    const program = { type: 'Program', body: this.#body, start, end } as unknown as Node;
    findReferences(program, new Set([...this.#declared, 'exports', 'module']), use);
  }

  /** Nothing is changed through `this.constructor`. */
  #notThroughConstructor(node: Node): void {
    for (const target of changedBy(node)) {
      let part = plain(target);
      while (part.type === 'MemberExpression') {
        part = plain(part.object);
        if (part.type === 'MemberExpression' && !part.computed && nameOf(part.property) === 'constructor')
          throw new Kept(node);
      }
    }
  }

  /** What a node is part of, without parentheses and types around the node itself. */
  #outer(node: Node): { readonly part: Node; readonly outer: Node | undefined } {
    let part = node;
    let outer = this.#parents.get(part);
    while (outer !== undefined && plain(outer) !== outer) {
      part = outer;
      outer = this.#parents.get(part);
    }
    return { part, outer };
  }

  /** A reference in code that runs later: nothing is assigned to it, to a part of it, or to a part of another name for it. */
  #notChanged(node: Node, changedLater: ReadonlySet<string>): void {
    for (
      let outer = this.#parents.get(node);
      outer !== undefined && !isFunction(outer);
      outer = this.#parents.get(outer)
    ) {
      for (const target of changedBy(outer)) if (rootOf(target) === node) throw new Kept(outer);
      const [name, value] =
        outer.type === 'VariableDeclarator'
          ? [outer.id, outer.init]
          : outer.type === 'AssignmentExpression'
            ? [outer.left, outer.right]
            : [];
      if (name?.type === 'Identifier' && value && rootOf(value) === node && changedLater.has(name.name))
        throw new Kept(outer);
      if (outer.type.endsWith('Statement')) break;
    }
  }

  /** A reference to a global regular expression, which remembers where it was: methods of strings let it begin anew. */
  #givenToString(node: Node): void {
    const { part, outer } = this.#outer(node);
    if (outer?.type === 'VariableDeclarator' && outer.id === part) return;
    if (outer?.type === 'CallExpression' && outer.arguments[0] === part) {
      const callee = plain(outer.callee);
      if (callee.type === 'MemberExpression' && !callee.computed && stringMethods.has(nameOf(callee.property) ?? ''))
        return;
    }
    throw new Kept(outer ?? node);
  }

  /** A reference to a container: it only reads. */
  #readOnly(node: Node): void {
    const { part, outer } = this.#outer(node);
    switch (outer?.type) {
      case undefined:
      case 'BinaryExpression':
      case 'SpreadElement':
      case 'TemplateLiteral':
        return;
      case 'UnaryExpression':
        if (outer.operator !== 'delete') return;
        break;
      case 'VariableDeclarator':
        if (outer.id === part) return;
        break;
      case 'MemberExpression':
        if (outer.object !== part) return;
        this.#partRead(outer);
        return;
      case 'ForOfStatement':
      case 'ForInStatement':
        if (outer.right === part) return;
        break;
      case 'CallExpression':
        if (outer.arguments[0] === part && readingCalls.test(this.#calledName(outer.callee))) return;
        break;
      default:
    }
    throw new Kept(outer ?? node);
  }

  /** A part of a container: its value, which stays, may go anywhere, but nothing is assigned to it. */
  #partRead(member: Node): void {
    const { part, outer } = this.#outer(member);
    if (outer === undefined) return;
    for (const target of changedBy(outer)) if (rootOf(target) === rootOf(member)) throw new Kept(outer);
    switch (outer.type) {
      case 'MemberExpression':
        if (outer.object === part) this.#partRead(outer);
        return;
      case 'CallExpression': {
        if (outer.callee !== part) return;
        const inner = plain(member);
        const name = inner.type === 'MemberExpression' && !inner.computed ? nameOf(inner.property) : undefined;
        if (name !== undefined && readingMethods.has(name)) return;
        break;
      }
      case 'AssignmentExpression':
      case 'AssignmentPattern':
      case 'ForOfStatement':
      case 'ForInStatement':
        if (outer.right === part) return;
        break;
      case 'ArrayPattern':
      case 'RestElement':
        break;
      case 'Property':
        if (this.#parents.get(outer)?.type !== 'ObjectPattern') return;
        break;
      default:
        return;
    }
    throw new Kept(outer);
  }
}

function ownName(node: Node): string | undefined {
  return 'id' in node && node.id?.type === 'Identifier' ? node.id.name : undefined;
}

function isRegExp(node: Node, flags: RegExp): boolean {
  return node.type === 'Literal' && 'regex' in node && flags.test(node.regex.flags);
}

function nameOf(node: Node): string | undefined {
  return node.type === 'Identifier' ? node.name : undefined;
}

/** A function that has no name is taken for a constructor if it is all that the module exports. */
function nameOfFunction(node: Node): string | undefined {
  return (node.type === 'FunctionExpression' ? node.id?.name : undefined) ?? 'Anonymous';
}

/** `a.b.c` as text; empty if it is not of that form. */
function pathOf(node: Node): string {
  const inner = plain(node);
  if (inner.type === 'Identifier') return inner.name;
  if (inner.type !== 'MemberExpression' || inner.computed) return '';
  const object = pathOf(inner.object);
  return object === '' ? '' : `${object}.${nameOf(inner.property) ?? ''}`;
}

/** The names by which CommonJS provides its exports. */
function isExportsName(name: string): boolean {
  return name === 'exports' || name === 'module';
}

/** Whether a function assigns to a property of `this`. */
function changesThis(node: Node): boolean {
  const visit = (one: Node): boolean => {
    for (const target of changedBy(one)) if (rootOf(target).type === 'ThisExpression') return true;
    for (const child of childrenOf(one)) {
      if (child.type === 'FunctionExpression' || child.type === 'FunctionDeclaration') continue;
      if (visit(child)) return true;
    }
    return false;
  };
  for (const child of childrenOf(node)) if (visit(child)) return true;
  return false;
}
