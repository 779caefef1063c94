import type { TraceEntry } from '../../kernel/trace.js';
import type { OperationKind } from '../../operation-kinds.js';
import type { ProfiledOperation } from '../../schedule/profile.js';
import { kindOf } from './read-result.js';

const reading: ReadonlySet<OperationKind> = new Set([
  'read',
  'Atomics.load',
  'Atomics.wait',
  'Atomics.wait returns',
  'Atomics.waitAsync',
]);

const isOfMemory = (kind: OperationKind): boolean => kind === 'read' || kind === 'write' || kind.startsWith('Atomics');

/** What a profile needs of an operation in the trace. */
export function profiledOperation(
  { agent, operation, site, resource, offset }: TraceEntry,
  siteHashes: Int32Array,
): ProfiledOperation {
  const kind = kindOf(operation);
  return {
    agent,
    place: site === 0 ? 0 : siteHashes[site]!,
    used: resource === 0 ? undefined : `${isOfMemory(kind) ? 'memory' : 'other'} ${resource} ${offset}`,
    onlyReads: reading.has(kind),
  };
}
