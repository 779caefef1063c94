/** The caller asked for something that cannot be done as asked, or a scenario file is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** An import leads to nothing. */
export class UnresolvedImport extends UsageError {}

/** The harness could not do its work (a folder it cannot write, an explorer that does not start): exit code 3. */
export class HarnessError extends Error {
  override readonly name = 'HarnessError';
}
