import { visitorKeys, type ComputedMemberExpression, type Node } from 'oxc-parser';

/** TypeScript nodes that contain code that runs; all other `TS...` nodes are types and are left alone. */
const runtimeTypeScript = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'TSParameterProperty',
  'TSModuleDeclaration',
  'TSModuleBlock',
  'TSExportAssignment',
]);

/** Whether the node can contain code that runs. */
export function hasRuntime(node: Node): boolean {
  return !node.type.startsWith('TS') || runtimeTypeScript.has(node.type);
}

/** The children of a node that can contain code that runs, in source order. Decorators are not among them. */
export function* runtimeChildren(node: Node): Generator<Node> {
  const fields = node as unknown as Readonly<Record<string, Node | readonly (Node | null)[] | null | undefined>>;
  for (const key of visitorKeys[node.type] ?? []) {
    if (key === 'decorators') continue;
    const child = fields[key];
    if (child === null || child === undefined) continue;
    if (Array.isArray(child)) {
      for (const one of child as readonly (Node | null)[]) if (one !== null && hasRuntime(one)) yield one;
    } else if (hasRuntime(child as Node)) yield child as Node;
  }
}

/** The expression within parentheses and type assertions, which change neither its value nor whether it is a reference. */
export function unwrap(node: Node): Node {
  let inner = node;
  while (
    inner.type === 'ParenthesizedExpression' ||
    inner.type === 'TSAsExpression' ||
    inner.type === 'TSSatisfiesExpression' ||
    inner.type === 'TSNonNullExpression' ||
    inner.type === 'TSTypeAssertion'
  ) {
    inner = inner.expression;
  }
  return inner;
}

/** Whether evaluating the node again gives the same value and does nothing else. */
export function isSimple(node: Node): boolean {
  const inner = unwrap(node);
  return inner.type === 'Identifier' || inner.type === 'ThisExpression';
}

/** Whether the node is a literal, whose value later code cannot change. */
export function isConstant(node: Node): boolean {
  return unwrap(node).type === 'Literal';
}

const neverElements = new Set([
  'ArrayExpression',
  'ObjectExpression',
  'Literal',
  'TemplateLiteral',
  'Super',
  'MetaProperty',
  'ClassExpression',
]);

/** A computed member expression that may be an element of a typed array, judging by the syntax. */
export function isElement(node: Node): node is ComputedMemberExpression {
  if (node.type !== 'MemberExpression' || !node.computed) return false;
  if (neverElements.has(unwrap(node.object).type)) return false;
  const key = unwrap(node.property);
  if (key.type === 'Literal') {
    if (typeof key.value === 'string') return String(Number(key.value)) === key.value;
    return typeof key.value === 'number' || typeof key.value === 'bigint';
  }
  if (key.type === 'TemplateLiteral') return key.expressions.length > 0;
  if (key.type === 'MemberExpression' && key.object.type === 'Identifier' && key.object.name === 'Symbol') return false;
  return true;
}

const plainOperators = new Set(['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '>>>']);

/** Text that instrumentation never edits and that makes no calls by name: names, literals, static members, arithmetic. */
export function isPlain(node: Node): boolean {
  const inner = unwrap(node);
  switch (inner.type) {
    case 'Identifier':
    case 'Literal':
    case 'ThisExpression':
      return true;
    case 'MemberExpression':
      return (
        !inner.computed &&
        inner.object.type !== 'Super' &&
        inner.object.type !== 'MetaProperty' &&
        isPlain(inner.object)
      );
    case 'UnaryExpression':
      return (inner.operator === '-' || inner.operator === '+' || inner.operator === '~') && isPlain(inner.argument);
    case 'BinaryExpression':
      return plainOperators.has(inner.operator) && isPlain(inner.left) && isPlain(inner.right);
    default:
      return false;
  }
}

const callingTypes = new Set([
  'CallExpression',
  'NewExpression',
  'TaggedTemplateExpression',
  'AwaitExpression',
  'YieldExpression',
  'ImportExpression',
]);

/** Whether evaluating the node makes a call by name (getters and conversions do not count). */
export function makesCalls(node: Node): boolean {
  if (callingTypes.has(node.type)) return true;
  if (node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression') return false;
  for (const child of runtimeChildren(node)) if (makesCalls(child)) return true;
  return false;
}
