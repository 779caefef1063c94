import type { CallExpression, NewExpression, Node } from 'oxc-parser';
import type { Rewriting } from './rewriting.js';
import { isConstant, isSimple, makesCalls, unwrap } from './syntax.js';

const atomics = 'add and compareExchange exchange load notify or store sub wait waitAsync xor';
const bulk =
  'at copyWithin entries every fill filter find findIndex findLast findLastIndex forEach includes indexOf join ' +
  'lastIndexOf map reduce reduceRight reverse set slice some sort toLocaleString toReversed toSorted values with';
const events = 'addEventListener addListener close on once postMessage receiveMessageOnPort';
const timers = 'clearInterval clearTimeout setImmediate setInterval setTimeout timeout yield';
const clocks = 'bigint hrtime now';
const harness = 'acknowledge pause read write';

/** How many arguments each operation of `Atomics` uses. */
const atomicsArity = new Map(
  atomics.split(' ').map((name) => [name, name === 'load' ? 2 : /^(?:compareExchange|wait)/.test(name) ? 4 : 3]),
);
const knownNames = new Set(`${atomics} ${bulk} ${events} ${timers} ${clocks} ${harness}`.split(' '));
const dataViewAccessor = /^[gs]et(?:Big)?(?:Ui|I|U|Fl)(?:nt|oat)\d+$/;

/** The name that a call uses, if it is one of those that may become scheduling points. */
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

/** Where a reader looks for a call: the whole of `Atomics.load(...)`, or in a chain of calls the method's own name. */
function siteOffset(call: CallExpression): number {
  const callee = unwrap(call.callee);
  return callee.type === 'MemberExpression' && makesCalls(callee.object) ? callee.property.start : call.start;
}

/**
 * Where V8 places a call, as far as source maps can tell: at the name of what is called or, if that is private or computed, at
 * what comes next. Where types were removed, maps lead from there back to the name too.
 */
function calledOffsets(call: CallExpression, source: string): number[] {
  const callee = unwrap(call.callee);
  if (callee.type !== 'MemberExpression') return [callee.start];
  const { start } = callee.property;
  if (!callee.computed && callee.property.type !== 'PrivateIdentifier') return [start];
  const next = /\S/g;
  next.lastIndex = callee.end;
  return [start, next.exec(source)?.index ?? callee.end];
}

/**
 * The object of a method call that must be kept in a temporary, so that the call can be announced as a call on it after its
 * arguments have been evaluated; undefined if it is simple, or if the call is not announced in this way.
 */
export function receiverToKeep(call: CallExpression): Node | undefined {
  const callee = unwrap(call.callee);
  if (knownName(callee) === undefined || callee.type !== 'MemberExpression' || callee.optional) return undefined;
  const { object } = callee;
  const isKept = object.type !== 'Super' && object.type !== 'MetaProperty' && !isSimple(object);
  return isKept ? object : undefined;
}

/**
 * Gives a call its place, and makes one that may become a scheduling point announce it just before the call. Children are
 * already done.
 *
 * @param kept the temporary for `receiverToKeep`; without it, calls on objects that are not simple announce nothing
 */
export function instrumentCall(rewriting: Rewriting, call: CallExpression, kept?: string): void {
  if (call.callee.type === 'Super') return;
  const site = rewriting.callSite(siteOffset(call), ...calledOffsets(call, rewriting.edits.source));
  const callee = unwrap(call.callee);
  const name = knownName(callee);
  const last = call.arguments.at(-1);
  // Iterating over a spread argument may call anything.
  if (name === undefined || call.arguments.some((argument) => argument.type === 'SpreadElement')) return;
  const receiver = receiverToKeep(call);
  let whose: string;
  if (callee.type === 'Identifier') whose = callee.name;
  else if (receiver !== undefined) {
    if (kept === undefined) return;
    whose = kept;
    rewriting.edits.before(receiver.start, `(${kept}=`);
    if (last !== undefined) rewriting.edits.after(receiver.end, ')');
  } else {
    const object = callee.type === 'MemberExpression' ? unwrap(callee.object) : callee;
    if (object.type === 'Super') whose = 'this';
    else if (isSimple(object)) whose = rewriting.text(object);
    else return;
  }
  const arity = whose === 'Atomics' && rewriting.atomicsAreGlobal ? atomicsArity.get(name) : undefined;
  if (arity !== undefined && last !== undefined && call.arguments.length <= arity) {
    // A missing argument is undefined anyway.
    const missing = ',void 0'.repeat(arity - call.arguments.length);
    rewriting.edits.after(last.end, `${missing},$threadmill,${site}`);
    return;
  }
  const announcement = `$threadmill.at(${site},${whose},${callee.type === 'Identifier' ? "''" : JSON.stringify(name)})`;
  if (last !== undefined) announce(rewriting, last, announcement);
  else if (receiver !== undefined) rewriting.edits.after(receiver.end, `,${announcement},${whose})`);
  else if (callee.type === 'Identifier') announce(rewriting, callee, announcement);
  else if (callee.type === 'MemberExpression' && callee.object.type !== 'Super')
    announce(rewriting, callee.object, announcement);
}

/**
 * Makes `new Worker()` announce itself. Children are already done.
 *
 * @param site stands for its number
 */
export function instrumentConstruction(
  rewriting: Rewriting,
  { callee, arguments: given }: NewExpression,
  site: string,
): void {
  const last = given.at(-1);
  if (callee.type !== 'Identifier' || callee.name !== 'Worker' || last === undefined) return;
  // Iterating over a spread argument may call anything.
  if (given.some((argument) => argument.type === 'SpreadElement')) return;
  announce(rewriting, last, `$threadmill.at(${site},${callee.name},'')`);
}

/** Performs `announcement` once `node` has been evaluated; `node` keeps its value. */
function announce(rewriting: Rewriting, node: Node, announcement: string): void {
  const { edits } = rewriting;
  if (runsNothing(node)) {
    edits.before(node.start, `(${announcement},`);
    edits.after(node.end, ')');
    return;
  }
  rewriting.temporaries.hold(1, (name) => {
    edits.before(node.start, `(${name(0)}=`);
    edits.after(node.end, `,${announcement},${name(0)})`);
  });
}

/** Whether evaluating the node runs no code at all: accessors and conversions may be the program's, and may call anything. */
function runsNothing(node: Node): boolean {
  const inner = unwrap(node);
  return (
    isSimple(inner) ||
    isConstant(inner) ||
    inner.type === 'FunctionExpression' ||
    inner.type === 'ArrowFunctionExpression' ||
    (inner.type === 'UnaryExpression' && inner.operator === '-' && isConstant(inner.argument))
  );
}
