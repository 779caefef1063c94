import assert from 'node:assert';
import { fileURLToPath } from 'node:url';
import { createSyncFn } from 'synckit-0.9.1';
import { scenario } from 'threadmill';

export default scenario({
  run() {
    const addOne = createSyncFn(fileURLToPath(new URL('./synckit-task.cjs', import.meta.url)), { timeout: 100 });
    for (const n of [1, 2]) {
      let result: unknown;
      try {
        result = addOne(n);
      } catch (error) {
        if (!(error as Error).message.includes('timed-out')) throw error;
        continue; // a call may time out
      }
      assert.equal(result, n + 1);
    }
  },
  expect: 'crash',
});
