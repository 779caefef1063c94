import { operationKinds, type OperationKind } from '../operation-kinds.js';

/** The number of each kind of operation. */
export const operationCodes = Object.freeze(
  Object.fromEntries(operationKinds.map((kind, code) => [kind, code])),
) as Readonly<Record<OperationKind, number>>;

/** The bits of an operation's number in the trace that hold its kind; those above hold the size of the addressed elements, in bytes. */
export const kindMask = 0xff;
export const elementSizeShift = 8;
