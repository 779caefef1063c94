import { cpus } from 'node:os';
import { Bench } from 'tinybench';
import type { Profile } from '../harness/schedule/profile.js';
import type { StrategyName } from '../harness/schedule/strategy-names.js';
import { startExplorer, type ExplorerProcess } from '../harness/campaign/controlled/host.js';
import type { ExplorerReply } from '../harness/campaign/controlled/protocol.js';
import type { CompiledScenario } from '../harness/instrument/compiled.js';
import { compileBenchScenario } from './in-process-engine.js';
import { measurementsOf, type Measurement } from './measurement.js';

const executions = 128;
const strategies: readonly StrategyName[] = ['preemptions', 'pct', 'surw', 'randomWalk', 'roundRobin', 'mix'];

/** An explorer that explores one chunk of the counter after another, as in a campaign. */
class CounterExplorer {
  readonly #explorer: ExplorerProcess;
  readonly #profile: Profile;
  #seed = 0;

  private constructor(explorer: ExplorerProcess, profile: Profile) {
    this.#explorer = explorer;
    this.#profile = profile;
  }

  static async start(compiled: CompiledScenario, processor: number): Promise<CounterExplorer> {
    const explorer = await startExplorer({ processor, showOutput: false });
    await explorer.request({ kind: 'load', inspect: false, compiled, file: 'bench' });
    const probed = await explorer.request({ kind: 'probe', randomSchedules: 30 });
    if (probed.kind !== 'probed') throw new Error(`the explorer answered ${JSON.stringify(probed)}`);
    return new CounterExplorer(explorer, probed.profile);
  }

  async explore(strategy: StrategyName): Promise<void> {
    const record: ExplorerReply = await this.#explorer.request({
      kind: 'explore',
      seed: this.#seed++,
      executions,
      path: null,
      strategy,
      shape: { ...this.#profile, maximumAgents: 4 },
      remainingMs: null,
      shrinks: true,
      shrinkMs: 30_000,
      shrinkExecutions: 20_000,
      known: {},
      careful: false,
    });
    if (record.kind !== 'explored' || record.executions !== executions) {
      throw new Error(`the explorer answered ${JSON.stringify(record).slice(0, 200)}`);
    }
  }

  close(): void {
    this.#explorer.kill();
  }
}

/** Executions of the 3 x 10 counter a second with one and with two explorers, all work of a campaign included. */
export async function measureExplorers(): Promise<Measurement[]> {
  const compiled = await compileBenchScenario('counter');
  const first = await CounterExplorer.start(compiled, 0);
  const alone = new Bench({ time: 4_000, warmupTime: 1_500 });
  for (const strategy of strategies) alone.add(`one explorer, ${strategy}`, () => first.explore(strategy));
  await alone.run();
  const per = new Map(strategies.map((strategy) => [`one explorer, ${strategy}`, executions]));
  const measured = measurementsOf(alone, 'executions a second', per);
  if (cpus().length > 1) {
    const second = await CounterExplorer.start(compiled, 1);
    const together = new Bench({ time: 4_000, warmupTime: 1_500 });
    together.add('two explorers, mix', async () => {
      await Promise.all([first.explore('mix'), second.explore('mix')]);
    });
    await together.run();
    measured.push(
      ...measurementsOf(together, 'executions a second', new Map([['two explorers, mix', 2 * executions]])),
    );
    second.close();
  }
  first.close();
  return measured;
}
