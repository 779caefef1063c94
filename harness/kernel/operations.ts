import { operationKinds, type OperationKind } from '../operation-kinds.js';

/** The number of each kind of operation. */
export const operationCodes = Object.freeze(
  Object.fromEntries(operationKinds.map((kind, code) => [kind, code])),
) as Readonly<Record<OperationKind, number>>;
