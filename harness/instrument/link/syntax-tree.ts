import { visitorKeys, type ArrowFunctionExpression, type Function as PlainFunction, type Node } from 'oxc-parser';

/** The names that a pattern binds. */
export function* boundNames(pattern: Node): Generator<string> {
  switch (pattern.type) {
    case 'Identifier':
      yield pattern.name;
      return;
    case 'ObjectPattern':
      for (const property of pattern.properties)
        yield* boundNames(property.type === 'RestElement' ? property.argument : property.value);
      return;
    case 'ArrayPattern':
      for (const element of pattern.elements) if (element !== null) yield* boundNames(element);
      return;
    case 'RestElement':
      yield* boundNames(pattern.argument);
      return;
    case 'AssignmentPattern':
      yield* boundNames(pattern.left);
      return;
    default:
  }
}

/** The children of a node, in source order. */
export function* childrenOf(node: Node): Generator<Node> {
  const fields = node as unknown as Readonly<Record<string, Node | readonly (Node | null)[] | null | undefined>>;
  for (const key of visitorKeys[node.type] ?? []) {
    const child = fields[key];
    if (child === null || child === undefined) continue;
    if (Array.isArray(child)) {
      for (const one of child as readonly (Node | null)[]) if (one !== null) yield one;
    } else yield child as Node;
  }
}

/** The names that a declaration statement binds in its own scope. */
export function* declaredNames(statement: Node): Generator<string> {
  if (statement.type === 'VariableDeclaration') {
    for (const declarator of statement.declarations) yield* boundNames(declarator.id);
  } else if (
    (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration') &&
    statement.id !== null
  ) {
    yield statement.id.name;
  } else if (statement.type === 'ExportNamedDeclaration' && statement.declaration !== null) {
    yield* declaredNames(statement.declaration);
  } else if (statement.type === 'ExportDefaultDeclaration') {
    yield* declaredNames(statement.declaration);
  } else if (statement.type === 'LabeledStatement') {
    yield* declaredNames(statement.body);
  }
}

/** `var` names anywhere in statements of the same function. */
export function* varNames(node: Node): Generator<string> {
  if (node.type === 'VariableDeclaration' && node.kind === 'var') yield* declaredNames(node);
  if (isFunction(node) || node.type === 'StaticBlock' || node.type === 'PropertyDefinition') return;
  for (const child of childrenOf(node)) yield* varNames(child);
}

export type FunctionNode = PlainFunction | ArrowFunctionExpression;

/** Whether a node is a function with a scope of its own. */
export function isFunction(node: Node): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  );
}

/** The text of a node, if it is a string literal. */
export function literalText(node: Node | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}
