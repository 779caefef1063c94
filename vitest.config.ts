import { fileURLToPath } from 'node:url';
import { threadmill } from 'threadmill/vitest';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.js';

const source = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const alias = [
  { find: /^threadmill$/, replacement: source('harness/index.ts') },
  { find: /^threadmill\/invariants$/, replacement: source('invariants/index.ts') },
  { find: /^threadmill\/bridges$/, replacement: source('bridges/index.ts') },
  { find: /^threadmill\/bridges\/records$/, replacement: source('bridges/records.ts') },
  { find: /^threadmill\/bridges\/hostile$/, replacement: source('bridges/hostile.ts') },
  { find: /^threadmill\/record-table$/, replacement: source('harness/scenario/record-table.ts') },
  { find: /^threadmill\/vitest$/, replacement: source('harness/vitest/index.ts') },
];

/** Run engines in the test's own process, which other tests in it would notice. */
const inProcess = ['test/end-to-end/livelocks.test.ts', 'test/end-to-end/every-interleaving.test.ts'];
const startsCommands = {
  // These start the built command, which has to be the one made from these sources.
  globalSetup: ['test/temporary-folder.ts', 'test/build.ts'],
  testTimeout: 120_000,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['{harness,invariants,bridges,scenarios,bench,docs}/**/*.test.ts', 'test/tidy.test.ts'],
          globalSetup: ['test/temporary-folder.ts'],
          // Importing everything anew for each file takes longer than most of these tests.
          isolate: false,
          // A bound for what hangs, wide enough for any machine.
          testTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'end to end',
          include: ['test/*/**/*.test.ts'],
          exclude: inProcess,
          isolate: false,
          ...startsCommands,
        },
      },
      {
        resolve: { alias },
        test: { name: 'in process', include: inProcess, ...startsCommands },
      },
      {
        // As a user's project has it: with the built package, under its own name. A few of the scenarios are enough to show
        // that this door works: `npm start` runs all of them.
        plugins: [threadmill({ save: false, include: ['scenarios/{counter,wait}/*.scenario.ts'] })],
        test: {
          name: 'scenarios',
          include: [],
          globalSetup: ['test/build.ts'],
        },
      },
    ],
  },
});
