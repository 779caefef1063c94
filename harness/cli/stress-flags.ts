import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError } from '../errors.js';
import { engineNames, type EngineName, type StressOptions } from '../campaign/api.js';
import { profileNames, type ProfileName } from '../campaign/stress/profiles.js';
import { parseDurationMs } from './arguments.js';

/** The options of the command line about the engine. */
export interface EngineFlags {
  readonly engine?: EngineName;
  readonly profile?: ProfileName;
  readonly duration?: number;
  readonly amplify?: number;
  readonly instrument: boolean;
  readonly watch: boolean;
}

/** Options that only the controlled engine has. */
const controlledOnly = ['path', 'runs', 'budget', 'explorers'] as const;

/** Adds the options of the stress engine. */
export function addEngineOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--engine <name>',
        'controlled: one agent at a time, as a schedule decides; stress: all at once (default: controlled)',
      ).choices(engineNames),
    )
    .addOption(
      new Option('--profile <name>', 'stress: how much to run; soak takes 10 minutes (default: article)').choices(
        profileNames,
      ),
    )
    .option('--duration <duration>', 'stress: repeat each scenario for this long: 30s, 10m', parseDurationMs)
    .option('--amplify <0..1>', 'stress: how much to disturb agents at scheduling points (default: 0.5)', parseShare)
    .option('--no-instrument', 'stress: run the code without scheduling points, at its own speed')
    .option('--no-watch', 'stress: do not watch the event loop, locks, queues and memory');
}

function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 1))
    throw new InvalidArgumentError('Expected a number from 0 to 1.');
  return share;
}

/**
 * The options of the stress engine; undefined if the flags choose another engine.
 *
 * @throws UsageError if options of one engine are given to the other
 */
export function stressOptions(
  flags: EngineFlags & Readonly<Partial<Record<(typeof controlledOnly)[number], unknown>>>,
): StressOptions | undefined {
  const { engine, profile, duration: durationMs, amplify, instrument, watch } = flags;
  if (engine !== 'stress') {
    const given = { profile, duration: durationMs, amplify, 'no-instrument': !instrument, 'no-watch': !watch };
    const meant = Object.entries(given).find(([, value]) => value !== undefined && value !== false)?.[0];
    if (meant !== undefined) throw new UsageError(`--${meant} is for the stress engine. Add --engine stress.`);
    return undefined;
  }
  const foreign = controlledOnly.find((name) => flags[name] !== undefined);
  if (foreign !== undefined) {
    throw new UsageError(
      `--${foreign} is for the controlled engine only. Under stress, say how much to run with --repeat, --duration or --profile.`,
    );
  }
  if (!instrument && amplify !== undefined && amplify > 0) {
    throw new UsageError(
      '--amplify needs the scheduling points that --no-instrument leaves out. Give only one of them.',
    );
  }
  return { profile, durationMs, amplify, instrument, watch };
}
