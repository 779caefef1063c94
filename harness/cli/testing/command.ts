import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { List, Replay, Run } from '../../campaign/api.js';
import type { Compare } from '../../compare/compare.js';
import { runProgram } from '../program.js';

/** What a command did. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Stand-ins for the campaign. Parts that a test leaves out must not be called. */
export interface CampaignStandIn {
  readonly run?: Run;
  readonly replay?: Replay;
  readonly list?: List;
  readonly compare?: Compare;
}

/** A new, empty folder. */
export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'threadmill-test-'));
}

/** Runs a command in this process, with a stand-in for the campaign. */
export async function runCommand(
  commandArguments: readonly string[],
  standIn: CampaignStandIn = {},
  surroundings: { projectDirectory?: string; environment?: NodeJS.ProcessEnv } = {},
): Promise<CommandResult> {
  const printed = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof printed): NodeJS.WriteStream =>
    ({
      isTTY: false,
      write: (text: string) => {
        printed[name] += text;
        return true;
      },
    }) as unknown as NodeJS.WriteStream;
  const exitCode = await runProgram(commandArguments, {
    projectDirectory: surroundings.projectDirectory ?? temporaryFolder(),
    environment: surroundings.environment ?? {},
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    signal: new AbortController().signal,
    campaign: {
      run: loaded(standIn.run),
      replay: loaded(standIn.replay),
      list: loaded(standIn.list),
      compare: loaded(standIn.compare),
    },
  });
  return { exitCode, ...printed };
}

function loaded<Part>(part: Part | undefined): () => Promise<Part> {
  return () => (part === undefined ? Promise.reject(new Error('the test gave no such part')) : Promise.resolve(part));
}
