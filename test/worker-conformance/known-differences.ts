/** Cases that plain Node and the controlled engine do not agree about, by title, and what differs. One that is repaired must go. */
export const knownDifferences: ReadonlyMap<string, string> = new Map([
  ['a data: URL is an ES module', 'ES modules have a require'],
  ['an ES module knows where it is', 'ES modules have a require'],
  ['a .js file is what package.json says', 'ES modules have a require'],
  ['workers have the usual globals', 'ES modules have a require'],
  ['execArgv with --input-type=module makes evaluated text an ES module', 'ES modules have a require'],
  ['a stack names the file and the line of the worker', 'stacks that the program reads name the bundle'],
  ['a worker of a worker inherits its env, or shares it', 'SHARE_ENV shares the environment of the process'],
  ['execArgv with --conditions chooses among exports', 'conditions have no effect'],
  [
    'without stdout the handle has a stream all the same, which flows to that of the process',
    'the stream of the handle gets nothing',
  ],
]);
