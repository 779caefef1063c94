import type { List, Replay, Run } from '../campaign/api.js';
import type { Compare } from '../compare/compare.js';

/** What a command needs of the world around it. */
export interface CommandContext {
  /** The project that commands work on, as an absolute path. */
  readonly projectDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
  /** Loaded on demand, so that `--help` does not wait for a bundler. */
  readonly campaign: Campaign;
}

export interface Campaign {
  run(): Promise<Run>;
  replay(): Promise<Replay>;
  list(): Promise<List>;
  compare(): Promise<Compare>;
}

/** Sets the exit code of the command that is running. */
export type SetExitCode = (exitCode: number) => void;
