import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as records from 'threadmill/bridges/records';
import type { Bridge } from 'threadmill/bridges/records';
import type { ControlledVerdict } from '../../results/comparison-schema.js';
import { failureHeadline } from '../../report/text/failure-message.js';
import type { Failure, ScenarioResult } from '../../results/schema.js';
import { run } from '../../campaign/run.js';
import { bridgeId } from '../choose-bridges.js';

export interface ExploreOptions {
  /** The time for each bridge. */
  readonly budgetMs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Called when a bridge begins, and with its progress. */
  readonly onProgress: (id: string, executions: number) => void;
}

/**
 * Explores each bridge under the controlled engine, and returns the verdicts by the bridges' ids. A bridge that did not
 * finish before the signal is left out.
 *
 * @throws HarnessError if the harness itself failed
 */
export async function exploreBridges(
  bridges: readonly Bridge[],
  { budgetMs, seed, signal, onProgress }: ExploreOptions,
): Promise<Map<string, ControlledVerdict>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'threadmill-compare-'));
  try {
    const files = bridges.map((bridge, index) => {
      const file = `${index}.scenario.js`;
      writeFileSync(path.join(folder, file), scenarioText(bridge));
      return file;
    });
    const verdicts = new Map<string, ControlledVerdict>();
    await run({ projectDirectory: folder, files, budgetMs, seed, save: false, signal }, (event) => {
      if (event.kind === 'scenarioStarted') onProgress(event.name, 0);
      if (event.kind === 'progress') onProgress(event.name, event.executions);
      if (event.kind !== 'scenarioFinished') return;
      const verdict = verdictOf(event.result);
      if (verdict !== undefined) verdicts.set(event.result.name, verdict);
    });
    return verdicts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A scenario file that imports only this bridge, because each execution evaluates all imports again. */
function scenarioText(bridge: Bridge): string {
  const { exported, expression } = placeOf(bridge);
  return `import { ${exported} } from 'threadmill/bridges/records';
import { hostile } from 'threadmill/bridges/hostile';

export default hostile(${expression}, ${JSON.stringify({ name: bridgeId(bridge), expect: 'held' })});
`;
}

/** Where the module of all bridges exports this one: as an export, or as a variant in an export. */
function placeOf(bridge: Bridge): { readonly exported: string; readonly expression: string } {
  for (const [exported, value] of Object.entries(records) as [string, unknown][]) {
    if (value === bridge) return { exported, expression: exported };
    if (typeof value !== 'object' || value === null) continue;
    const variant = Object.entries(value).find(([, candidate]) => candidate === bridge)?.[0];
    if (variant !== undefined) return { exported, expression: `${exported}.${variant}` };
  }
  throw new Error(`threadmill/bridges/records exports no ${bridgeId(bridge)}`);
}

function verdictOf({
  verdict,
  invariant,
  executions,
  executionsToFind,
  counterexample,
}: ScenarioResult): ControlledVerdict | undefined {
  if (verdict === 'interrupted') return undefined;
  const message = counterexample === null ? null : describeFailure(counterexample.failure);
  return { verdict, invariant, executions, executionsToFind, message };
}

function describeFailure(failure: Failure): string {
  const { expected, found } = failure;
  const first = failureHeadline(failure);
  const details = [
    expected === undefined ? [] : `expected ${expected}`,
    found === undefined ? [] : `found ${found}`,
  ].flat();
  return details.length === 0 ? first : `${first}: ${details.join(', ')}`;
}
