/** Raised when the shape of counterexamples changes; a reader refuses versions it does not know. */
export const schemaVersion = 2;
/** Raised when the shape of run records changes. */
export const runSchemaVersion = 4;
