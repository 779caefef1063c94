import type { CallExpression, ChainExpression, MemberExpression, Node, TSNonNullExpression } from 'oxc-parser';
import { operand, sharedTest } from './element-access.js';
import { isElement } from './syntax.js';
import type { Rewriting } from './rewriting.js';

type Link = MemberExpression | CallExpression | TSNonNullExpression;

/** The links of a chain from the innermost to the outermost, and the expression they start from. */
function linksOf(chain: ChainExpression): { base: Node; links: Link[] } {
  const links: Link[] = [];
  let node: Node = chain.expression;
  for (;;) {
    if (node.type === 'MemberExpression') {
      links.unshift(node);
      node = node.object;
    } else if (node.type === 'CallExpression') {
      links.unshift(node);
      node = node.callee;
    } else if (node.type === 'TSNonNullExpression') {
      links.unshift(node);
      node = node.expression;
    } else return { base: node, links };
  }
}

/** The last link that is an element read, or -1; an element that is called is not one. */
function lastElementRead(links: readonly Link[]): number {
  for (let index = links.length - 1; index >= 0; index--) {
    const link = links[index];
    if (link !== undefined && isElement(link) && nextLink(links, index)?.type !== 'CallExpression') return index;
  }
  return -1;
}

function nextLink(links: readonly Link[], index: number): Link | undefined {
  return links.slice(index + 1).find((link) => link.type !== 'TSNonNullExpression');
}

/** `o.m?.()` passes `o` as `this`: such a link cannot be separated from its chain. */
function canLower(links: readonly Link[], count: number): boolean {
  for (let index = 1; index < count; index++) {
    const link = links[index];
    if (link?.type !== 'CallExpression' || !link.optional) continue;
    const previous = links.slice(0, index).findLast((earlier) => earlier.type !== 'TSNonNullExpression');
    if (previous?.type === 'MemberExpression') return false;
  }
  return true;
}

/** Visits what the links contain, leaving the links themselves unchanged. */
function visitInside(rewriting: Rewriting, base: Node, links: readonly Link[]): void {
  rewriting.visit(base);
  for (const link of links) {
    if (link.type === 'MemberExpression' && link.computed) rewriting.visit(link.property);
    else if (link.type === 'CallExpression') rewriting.visitArguments(link);
  }
}

/**
 * An optional chain. Up to its last element read, the chain is rewritten as conditionals, so that elements can be instrumented
 * while a nullish link still skips everything after it. The rest stays unchanged.
 *
 * @param leaveAlone the chain is called or deleted, so it must stay a reference
 */
export function instrumentChain(rewriting: Rewriting, chain: ChainExpression, leaveAlone: boolean): void {
  const { base, links } = linksOf(chain);
  const lastIndex = leaveAlone ? -1 : lastElementRead(links);
  const last = links[lastIndex];
  if (base.type === 'Super' || last === undefined || !canLower(links, lastIndex)) {
    visitInside(rewriting, base, links);
    return;
  }
  const { edits, temporaries } = rewriting;
  temporaries.hold(3 * (lastIndex + 1), (name) => {
    visitInside(rewriting, base, links);
    const pieces: (string | Node)[] = [base];
    let segment = 0;
    for (let index = 0; index <= lastIndex; index++) {
      const link = links[index];
      if (link === undefined || link.type === 'TSNonNullExpression') continue;
      if (link.optional) {
        const value = name(3 * index);
        pieces.splice(segment, 0, `(${value}=`);
        pieces.push(`)==null?void 0:`);
        segment = pieces.length;
        pieces.push(value);
      }
      if (link.type === 'CallExpression') {
        pieces.push('(', ...link.arguments.flatMap((argument) => [argument, ',']), ')');
      } else if (!link.computed) {
        pieces.push(`.${rewriting.text(link.property)}`);
      } else if (isElement(link) && nextLink(links, index)?.type !== 'CallExpression') {
        const holder = name(3 * index + 1);
        const key = name(3 * index + 2);
        const site = rewriting.site(link.start);
        pieces.splice(segment, 0, `(${holder}=`);
        pieces.push(`,${key}=`, ...inParentheses(link.property));
        pieces.push(`,${sharedTest(holder)}?$threadmill.r(${holder},${key},${site}):${holder}[${key}])`);
      } else pieces.push('[', link.property, ']');
    }
    edits.rewrite(chain.start, last.end, ['(', ...pieces]);
    edits.after(chain.end, ')');
  });
}

function inParentheses(node: Node): (string | Node)[] {
  return operand(node, '') === '' ? [node] : ['(', node, ')'];
}
