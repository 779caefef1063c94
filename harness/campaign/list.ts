import { ExplorerPool } from './controlled/explorer-pool.js';
import type { List } from './api.js';
import { findScenarioFiles } from './find-scenario-files.js';
import { loadInTurn } from './controlled/load-scenario.js';

/**
 * Lists scenarios without running them.
 *
 * @throws UsageError if a file is not a scenario
 */
export const list: List = async ({ projectDirectory, files }) => {
  const pool = new ExplorerPool({ explorers: 1 });
  try {
    const listed = [];
    const found = await findScenarioFiles(projectDirectory, files);
    const load = loadInTurn(pool.first, projectDirectory, found);
    for (const index of found.keys()) {
      const scenario = await load(index);
      const { name, expected, invariants } = scenario.facts;
      listed.push({ name, file: scenario.file, expected, invariants });
    }
    return listed;
  } finally {
    pool.close();
  }
};
