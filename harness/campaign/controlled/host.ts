import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { FatalReply } from '../../engine/controlled/watchdog-protocol.js';
import { HarnessError } from '../../errors.js';
import { ChildHost, type ChildEnd } from '../child-host.js';
import type { ExplorerReply, ExplorerRequest } from './protocol.js';
import { processFile } from '../../entry-file.js';

/** An explorer ended in the middle of a request. */
export class ExplorerDied extends Error {
  override readonly name = 'ExplorerDied';
  /** What its watchdog recorded first, if the watchdog ended it. */
  readonly fatal: FatalReply | undefined;
  /** The last execution it announced; only in careful requests. */
  readonly lastInvocation: number | undefined;

  constructor(how: string, fatal: FatalReply | undefined, lastInvocation: number | undefined) {
    super(how);
    this.fatal = fatal;
    this.lastInvocation = lastInvocation;
  }
}

/** The processors this process may use, in order; empty where the platform does not tell. */
export function allowedProcessors(): number[] {
  let status: string;
  try {
    status = readFileSync('/proc/self/status', 'utf8');
  } catch {
    return [];
  }
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number);
    if (first === undefined || !Number.isInteger(first)) return [];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, offset) => first + offset);
  });
}

/** How many explorers are useful: one a core. */
export function defaultExplorers(): number {
  return Math.max(1, allowedProcessors().length || availableParallelism());
}

/**
 * All threads of an explorer share one core, so helper threads do not help: collecting garbage on the thread that makes it,
 * and less often, was measured to save a sixth of an explorer's time.
 */
const explorerNodeOptions = ['--single-threaded-gc', '--max-semi-space-size=64'];

/** From this version on, Node hands over faster under the default scheduling policy; before, under SCHED_BATCH. */
const firstNodeForDefaultPolicy = 24;

/** The commands that pin a process to one processor, the best first; each may be missing. */
function pinnings(processor: number, command: readonly string[]): string[][] {
  const pinned = ['taskset', '-c', String(processor), ...command];
  const prefersBatch = Number(process.versions.node.split('.')[0]) < firstNodeForDefaultPolicy;
  return [...(prefersBatch ? [['chrt', '-b', '0', ...pinned]] : []), pinned, [...command]];
}

export type ExplorerProcess = ChildHost<ExplorerRequest, ExplorerReply>;

const died = ({ how, fatal, at }: ChildEnd<ExplorerReply>): ExplorerDied =>
  new ExplorerDied(how, fatal?.kind === 'fatal' ? fatal : undefined, at?.kind === 'at' ? at.invocation : undefined);

/**
 * Starts an explorer.
 *
 * @param processor pins the process to this processor, where the platform can; handing the turn over within one core
 *   takes a quarter of the time it takes across cores
 * @throws HarnessError if it does not start
 */
export async function startExplorer(options: {
  readonly processor: number | undefined;
  readonly showOutput: boolean;
}): Promise<ExplorerProcess> {
  const script = fileURLToPath(processFile('main', import.meta.url));
  const node = [process.execPath, ...explorerNodeOptions, script];
  const attempts =
    options.processor === undefined || process.platform !== 'linux' ? [node] : pinnings(options.processor, node);
  let failure = '';
  for (const command of attempts) {
    const explorer: ExplorerProcess = new ChildHost('the explorer process', command, died, options.showOutput);
    if (await explorer.becomesReady()) return explorer;
    ({ failure } = explorer);
  }
  throw new HarnessError(failure);
}
