import type { CallExpression, Node } from 'oxc-parser';
import type { Transformer } from './transform.js';
import { makesCalls, unwrap } from './syntax.js';

const atomics = 'add and compareExchange exchange isLockFree load notify or pause store sub wait waitAsync xor';
const bulk =
  'at copyWithin entries every fill filter find findIndex findLast findLastIndex forEach from includes indexOf join keys ' +
  'lastIndexOf map reduce reduceRight reverse set slice some sort subarray toLocaleString toReversed toSorted toString values with';
const events =
  'addEventListener close off on once postMessage receiveMessageOnPort ref removeEventListener removeListener start terminate unref';
const timers =
  'clearImmediate clearInterval clearTimeout nextTick queueMicrotask refresh setImmediate setInterval setTimeout timeout yield';
const impure = 'getRandomValues hrtime bigint now random randomUUID';
const harness = 'acknowledge pause read write';

const knownNames = new Set(`${atomics} ${bulk} ${events} ${timers} ${impure} ${harness}`.split(' '));
const dataViewAccessor = /^[gs]et(?:Big)?(?:Ui|I|U|Fl)(?:nt|oat)\d+$/;

/** The name by which a call calls, if it is one of those that may become scheduling points. */
function knownName(callee: Node): string | undefined {
  const inner = unwrap(callee);
  let name: string | undefined;
  if (inner.type === 'Identifier') name = inner.name;
  else if (inner.type === 'MemberExpression') {
    if (!inner.computed) name = inner.property.name;
    else if (inner.property.type === 'Literal' && typeof inner.property.value === 'string') name = inner.property.value;
  }
  return name !== undefined && (knownNames.has(name) || dataViewAccessor.test(name)) ? name : undefined;
}

/** Where a reader looks for a call: `Atomics.load(...)` as a whole, in a chain of calls the method's own name. */
function siteOffset(call: CallExpression): number {
  const callee = unwrap(call.callee);
  return callee.type === 'MemberExpression' && makesCalls(callee.object) ? callee.property.start : call.start;
}

/** Makes a call that may become a scheduling point tell its place just before it is made. Children are done already. */
export function instrumentCall(transformer: Transformer, call: CallExpression): void {
  if (call.callee.type === 'Super' || knownName(call.callee) === undefined) return;
  const last = call.arguments.at(-1);
  if (last !== undefined) {
    announce(transformer, last.type === 'SpreadElement' ? last.argument : last, siteOffset(call));
    return;
  }
  const callee = unwrap(call.callee);
  if (callee.type === 'Identifier') announce(transformer, callee, siteOffset(call));
  else if (callee.type === 'MemberExpression') {
    const base = safeBase(callee.object);
    if (base.type !== 'Super' && base.type !== 'MetaProperty') announce(transformer, base, siteOffset(call));
  }
}

/** Sets the site once `node` has been evaluated; `node` keeps its value. */
export function announce(transformer: Transformer, node: Node, offset: number): void {
  const { edits } = transformer;
  const site = transformer.site(offset);
  if (!makesCalls(node)) {
    edits.before(node.start, `($threadmill.site=${site},`);
    edits.after(node.end, ')');
    return;
  }
  transformer.temporaries.hold(1, (name) => {
    edits.before(node.start, `(${name(0)}=`);
    edits.after(node.end, `,$threadmill.site=${site},${name(0)})`);
  });
}

/** The part of a callee's object that can be put in parentheses without cutting an optional chain in two. */
function safeBase(object: Node): Node {
  let base = object;
  let node = object;
  for (;;) {
    if (node.type === 'MemberExpression' || node.type === 'CallExpression') {
      const next: Node = node.type === 'MemberExpression' ? node.object : node.callee;
      if (node.optional) base = next;
      node = next;
    } else if (node.type === 'TSNonNullExpression') node = node.expression;
    else return base === object ? object : innermost(base);
  }
}

function innermost(node: Node): Node {
  let base = node;
  for (;;) {
    if (base.type === 'MemberExpression') base = base.object;
    else if (base.type === 'CallExpression') base = base.callee;
    else if (base.type === 'TSNonNullExpression') base = base.expression;
    else return base;
  }
}
