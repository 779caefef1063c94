import { ExplorerPool } from './controlled/explorer-pool.js';
import type { List } from './api.js';
import { findScenarioFiles } from './find-scenario-files.js';
import { loadScenario } from './controlled/load-scenario.js';

/**
 * Lists scenarios without running them.
 *
 * @throws UsageError if a file is not a scenario
 */
export const list: List = async ({ projectDirectory, files }) => {
  const pool = new ExplorerPool({ explorers: 1 });
  try {
    const listed = [];
    for (const file of await findScenarioFiles(projectDirectory, files)) {
      const scenario = await loadScenario(pool.first, projectDirectory, file, 'others');
      const { name, expected, invariants } = scenario.facts;
      listed.push({ name, file: scenario.file, expected, invariants });
    }
    return listed;
  } finally {
    pool.close();
  }
};
