/**
 * The name of an assertion that fails outside an invariant, used in place of an invariant's name: in reports, in `expect`, and
 * in the names of corpus files. Writers are alike, so their numbers are not part of it.
 */
export const assertionNames = {
  after: 'after',
  writer: 'assertion in a writer',
  reader: 'assertion in a reader',
  program: 'assertion in run',
  test: 'assertion in the test',
} as const;

/** Where in a scenario an assertion may fail. */
export type AssertionPlace = keyof typeof assertionNames;
