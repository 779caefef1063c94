/** What all executions of a process share: it keeps nothing of them, or what it keeps is removed. */
export const sharedModules = [
  '@vitest/expect',
  '@sinonjs/fake-timers',
  '@vitest/utils/error',
  '@vitest/utils/helpers',
  '@vitest/utils/display',
  '@vitest/utils/source-map',
] as const;
