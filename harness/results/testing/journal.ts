/** The first line of a journal of stress repetitions. */
export const journalHead = {
  schema: 'threadmill/stress',
  version: 1,
  threadmill: '0.1.0',
  node: 'v20.19.0',
  cpus: 2,
  seed: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  profile: 'article',
  amplify: 0.5,
};
