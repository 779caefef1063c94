import { ExplorerPool } from './controlled/explorer-pool.js';
import type { List } from './api.js';
import { findScenarioFiles } from './find-scenario-files.js';
import { loadTogether } from './controlled/load-scenario.js';

/**
 * Lists scenarios without running them.
 *
 * @throws UsageError if a file is not a scenario
 */
export const list: List = async ({ projectDirectory, files }) => {
  const pool = new ExplorerPool();
  pool.first.startAhead();
  try {
    const listed = [];
    const found = await findScenarioFiles(projectDirectory, files);
    for (const loaded of await loadTogether(pool.slots, projectDirectory, found)) {
      if ('error' in loaded) throw loaded.error;
      const { scenario } = loaded;
      const { name, expected, invariants } = scenario.facts;
      listed.push({ name, file: scenario.file, expected, invariants });
    }
    return listed;
  } finally {
    pool.close();
  }
};
