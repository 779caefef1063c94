import type { AssignmentExpression, ComputedMemberExpression, Expression, Node, UpdateExpression } from 'oxc-parser';
import type { Rewriting } from './rewriting.js';
import { isConstant, isElement, isPlain, isSimple, unwrap } from './syntax.js';

/** Longer texts are evaluated into a temporary instead of repeated in both branches. */
const repeatableLength = 60;

/** The inline test for a typed array over shared memory; `name` is evaluated up to 5 times. */
export function sharedTest(name: string): string {
  return `($tmIsView(${name})&&${name}!==$tmUnshared&&(${name}===$tmShared||$tmSlow(${name})))`;
}

/** A sequence needs parentheses where a single expression is expected. */
export function operand(node: Node, text: string): string {
  return node.type === 'SequenceExpression' ? `(${text})` : text;
}

/** The pieces that evaluate `node` into the temporary `name`. */
function into(name: string, node: Expression): (string | Node)[] {
  return node.type === 'SequenceExpression' ? [`${name}=(`, node, ')'] : [`${name}=`, node];
}

/** `o[k]`, read. */
export function instrumentRead(rewriting: Rewriting, node: ComputedMemberExpression): void {
  const { edits, temporaries } = rewriting;
  const { object, property } = node;
  const site = rewriting.site(node.start);
  temporaries.hold(2, (name) => {
    rewriting.visit(object);
    const keyRepeats = rewriting.visitRepeatable(property, repeatableLength);
    if (isSimple(object) && keyRepeats) {
      const objectText = rewriting.text(unwrap(object));
      const keyText = operand(property, rewriting.text(property));
      edits.before(node.start, `(${sharedTest(objectText)}?$threadmill.r(${objectText},${keyText},${site}):`);
      edits.after(node.end, ')');
      return;
    }
    const holder = name(0);
    if (keyRepeats) {
      const keyText = operand(property, rewriting.text(property));
      edits.rewrite(node.start, node.end, [
        ...[`(`, ...into(holder, object)],
        `,${sharedTest(holder)}?$threadmill.r(${holder},${keyText},${site}):${holder}[`,
        property,
        '])',
      ]);
      return;
    }
    const key = name(1);
    edits.rewrite(node.start, node.end, [
      ...['(', ...into(holder, object), ','],
      ...into(key, property),
      `,${sharedTest(holder)}?$threadmill.r(${holder},${key},${site}):${holder}[${key}])`,
    ]);
  });
}

/** `o[k] = v`, `o[k] += v`, `o[k] ??= v` and the like. */
export function instrumentAssignment(
  rewriting: Rewriting,
  node: AssignmentExpression,
  target: ComputedMemberExpression,
): void {
  const { edits, temporaries } = rewriting;
  const { object, property } = target;
  const { operator, right } = node;
  const site = rewriting.site(target.start);
  temporaries.hold(4, (name) => {
    rewriting.visit(object);
    const keyRepeats = rewriting.visitRepeatable(property, repeatableLength);
    const rightRepeats = rewriting.visitRepeatable(right, repeatableLength);
    if (isSimple(object) && keyRepeats && rightRepeats) {
      const objectText = rewriting.text(unwrap(object));
      const keyText = operand(property, rewriting.text(property));
      const rightText = rewriting.text(right);
      const shared =
        operator === '='
          ? `$threadmill.w(${objectText},${keyText},${rightText},${site})`
          : `$threadmill.f(${objectText},${keyText},${site}).v${operator}${rightText}`;
      edits.before(node.start, `(${sharedTest(objectText)}?${shared}:`);
      edits.after(node.end, ')');
      return;
    }
    const holder = name(0);
    const keyIsConstant = isConstant(property);
    const key = keyIsConstant ? rewriting.text(property) : name(1);
    const reference: (string | Node)[] = keyIsConstant
      ? into(holder, object)
      : [...into(holder, object), ',', ...into(key, property)];
    if (operator === '=') {
      const value = name(2);
      edits.rewrite(node.start, node.end, [
        ...['(', ...reference, ','],
        ...into(value, right),
        `,${sharedTest(holder)}?$threadmill.w(${holder},${key},${value},${site}):${holder}[${key}]=${value})`,
      ]);
      return;
    }
    const shared = name(2);
    const value = name(3);
    const read = `${shared}?$threadmill.r(${holder},${key},${site}):${holder}[${key}]`;
    const write = `${shared}?$threadmill.w(${holder},${key},${value},${site}):${holder}[${key}]=${value}`;
    const plainOperator = operator.slice(0, -1);
    if (plainOperator === '||' || plainOperator === '&&' || plainOperator === '??') {
      edits.rewrite(node.start, node.end, [
        ...['((', ...reference],
        `,${shared}=${sharedTest(holder)},${read})${plainOperator}(`,
        ...into(value, right),
        `,${write}))`,
      ]);
      return;
    }
    edits.rewrite(node.start, node.end, [
      ...['(', ...reference],
      `,${shared}=${sharedTest(holder)},${value}=${read},${value}=${value}${plainOperator}(`,
      right,
      `),${write})`,
    ]);
  });
}

/** `o[k]++`, `--o[k]`. */
export function instrumentUpdate(rewriting: Rewriting, node: UpdateExpression, target: ComputedMemberExpression): void {
  const { edits, temporaries } = rewriting;
  const { object, property } = target;
  const site = rewriting.site(target.start);
  const before = node.prefix ? node.operator : '';
  const after = node.prefix ? '' : node.operator;
  temporaries.hold(2, (name) => {
    rewriting.visit(object);
    const keyRepeats = rewriting.visitRepeatable(property, repeatableLength);
    if (isSimple(object) && keyRepeats) {
      const objectText = rewriting.text(unwrap(object));
      const keyText = operand(property, rewriting.text(property));
      edits.before(
        node.start,
        `(${sharedTest(objectText)}?${before}$threadmill.f(${objectText},${keyText},${site}).v${after}:`,
      );
      edits.after(node.end, ')');
      return;
    }
    const holder = name(0);
    const key = name(1);
    edits.rewrite(node.start, node.end, [
      ...['(', ...into(holder, object), ','],
      ...into(key, property),
      `,${sharedTest(holder)}?${before}$threadmill.f(${holder},${key},${site}).v${after}:${before}${holder}[${key}]${after})`,
    ]);
  });
}

/** `o[k]` as a target within a pattern, or of a for-in or for-of loop: a reference that works for both kinds. */
export function instrumentTarget(rewriting: Rewriting, target: ComputedMemberExpression): void {
  const { edits, temporaries } = rewriting;
  const { object, property } = target;
  const site = rewriting.site(target.start);
  temporaries.hold(3, (name) => {
    rewriting.visit(object);
    const keyRepeats = rewriting.visitRepeatable(property, repeatableLength);
    if (isSimple(object) && keyRepeats) {
      const objectText = rewriting.text(unwrap(object));
      const keyText = operand(property, rewriting.text(property));
      const test = sharedTest(objectText);
      edits.rewrite(target.start, target.end, [
        `(${test}?$threadmill.f(${objectText},${keyText},${site}):`,
        object,
        `)[${test}?'v':${property.type === 'SequenceExpression' ? '(' : ''}`,
        property,
        property.type === 'SequenceExpression' ? ')]' : ']',
      ]);
      return;
    }
    const holder = name(0);
    const key = name(1);
    const shared = name(2);
    edits.rewrite(target.start, target.end, [
      ...['(', ...into(holder, object), ','],
      ...into(key, property),
      `,${shared}=${sharedTest(holder)},${shared}?$threadmill.f(${holder},${key},${site}):${holder})[${shared}?'v':${key}]`,
    ]);
  });
}

/**
 * `[a[i], a[j]] = [a[j], a[i]]` as a statement, without the array. Does nothing and returns false if the assignment is not of
 * that kind.
 */
export function instrumentSwap(rewriting: Rewriting, node: AssignmentExpression): boolean {
  if (node.operator !== '=' || node.left.type !== 'ArrayPattern' || node.right.type !== 'ArrayExpression') return false;
  const values = node.right.elements;
  const targets: ComputedMemberExpression[] = [];
  if (values.length < 2 || values.length > 4 || values.length !== node.left.elements.length) return false;
  for (const element of node.left.elements) {
    if (element === null) return false;
    const target = unwrap(element);
    if (!isElement(target) || !isSimple(target.object) || !isPlain(target.property)) return false;
    targets.push(target);
  }
  const expressions: Expression[] = [];
  for (const value of values) {
    if (value === null || value.type === 'SpreadElement') return false;
    expressions.push(value);
  }
  const { edits, temporaries } = rewriting;
  temporaries.hold(values.length, (name) => {
    const pieces: (string | Node)[] = ['('];
    for (const [index, value] of expressions.entries()) {
      rewriting.visit(value);
      pieces.push(...into(name(index), value), ',');
    }
    const writes = targets.map((target, index) => {
      const object = rewriting.text(unwrap(target.object));
      const key = rewriting.text(target.property);
      const site = rewriting.site(target.start);
      return `${sharedTest(object)}?$threadmill.w(${object},${key},${name(index)},${site}):${object}[${key}]=${name(index)}`;
    });
    edits.rewrite(node.start, node.end, [...pieces, `${writes.join(',')})`]);
  });
  return true;
}
