import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const alias = [
  { find: /^threadmill$/, replacement: source('harness/index.ts') },
  { find: /^threadmill\/invariants$/, replacement: source('invariants/index.ts') },
  { find: /^threadmill\/bridges$/, replacement: source('bridges/index.ts') },
  { find: /^threadmill\/vitest$/, replacement: source('harness/vitest/index.ts') },
];

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{harness,invariants,bridges,scenarios,bench,docs}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'end to end',
          include: ['test/**/*.test.ts'],
          // These start the built command, which has to be the one made from these sources.
          globalSetup: ['test/build.ts'],
          testTimeout: 120_000,
        },
      },
    ],
  },
});
