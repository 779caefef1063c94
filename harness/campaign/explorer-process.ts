import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { FatalRecord } from '../engine/controlled/supervisor.js';
import { showOutputVariable } from '../engine/controlled/program-output.js';
import { HarnessError } from './api.js';
import type { ExplorerRecord, ExplorerRequest } from './protocol.js';

/** How long an explorer may take to start. */
const startTimeoutMs = 60_000;
/** How much of what a dying explorer printed is kept. */
const keptErrorOutput = 4_000;

/** An explorer ended in the middle of a request. */
export class ExplorerDied extends Error {
  override readonly name = 'ExplorerDied';
  /** What its supervisor recorded before, if it was the supervisor that ended it. */
  readonly fatal: FatalRecord | undefined;
  /** The last execution it announced; only in careful requests. */
  readonly lastInvocation: number | undefined;

  constructor(how: string, fatal: FatalRecord | undefined, lastInvocation: number | undefined) {
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

/** How many explorers are worth having: one a core. */
export function defaultExplorers(): number {
  return Math.max(1, allowedProcessors().length || availableParallelism());
}

/**
 * All threads of an explorer share one core, so help from further threads is none: collecting garbage on the thread that
 * makes it, and less often, was measured to save a sixth of an explorer's time.
 */
const explorerNodeOptions = ['--single-threaded-gc', '--max-semi-space-size=64'];

/** From this version on Node hands over faster under the default scheduling policy; before, under SCHED_BATCH. */
const firstNodeForDefaultPolicy = 24;

/** The commands that pin a process to one processor, the best first; each may be missing. */
function pinnings(processor: number, command: readonly string[]): string[][] {
  const pinned = ['taskset', '-c', String(processor), ...command];
  const prefersBatch = Number(process.versions.node.split('.')[0]) < firstNodeForDefaultPolicy;
  return [...(prefersBatch ? [['chrt', '-b', '0', ...pinned]] : []), pinned, [...command]];
}

interface Pending {
  readonly resolve: (record: ExplorerRecord) => void;
  readonly reject: (error: Error) => void;
  readonly onRecord: ((record: ExplorerRecord) => void) | undefined;
}

/** The parent's handle on one explorer process. */
export class ExplorerProcess {
  readonly #child: ChildProcess;
  #pending: Pending | undefined;
  #fatal: FatalRecord | undefined;
  #lastInvocation: number | undefined;
  #ended: string | undefined;
  #errorOutput = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (data: Buffer) => {
      this.#errorOutput = (this.#errorOutput + data.toString()).slice(-keptErrorOutput);
    });
    const records = createInterface({ input: child.stdio[3] as Readable });
    records.on('line', (line) => {
      this.#receive(line);
    });
    const closed = Promise.all([
      new Promise<void>((resolve) => records.once('close', resolve)),
      new Promise<string>((resolve) => {
        child.once('exit', (code, signal) => {
          resolve(signal === null ? `ended with exit code ${String(code)}` : `was killed by ${signal}`);
        });
        child.once('error', (error) => {
          resolve(`could not be started: ${error.message}`);
        });
      }),
    ]);
    void closed.then(([, how]) => {
      this.#end(how);
    });
  }

  /**
   * Starts an explorer.
   *
   * @param processor pins the process to this processor, where the platform can; handing the turn over within one core
   *   takes a quarter of the time it takes across cores
   * @throws HarnessError if it does not come up
   */
  static async start(options: {
    readonly processor: number | undefined;
    readonly showOutput: boolean;
  }): Promise<ExplorerProcess> {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const script = fileURLToPath(new URL(`./explorer.${extension}`, import.meta.url));
    const output = options.showOutput ? 'inherit' : 'ignore';
    const node = [process.execPath, ...explorerNodeOptions, script];
    const attempts =
      options.processor === undefined || process.platform !== 'linux' ? [node] : pinnings(options.processor, node);
    let failure = '';
    for (const [command = '', ...commandArguments] of attempts) {
      const child = spawn(command, commandArguments, {
        stdio: ['ignore', output, 'pipe', 'pipe', 'ipc'],
        serialization: 'advanced',
        env: options.showOutput ? { ...process.env, [showOutputVariable]: '1' } : process.env,
      });
      if (options.showOutput) child.stderr?.pipe(process.stderr);
      const explorer = new ExplorerProcess(child);
      if (await explorer.#becomesReady()) return explorer;
      failure = `an explorer process ${explorer.#ended ?? 'did not start'}\n${explorer.#errorOutput}`.trim();
    }
    throw new HarnessError(failure);
  }

  async #becomesReady(): Promise<boolean> {
    if (this.#ended !== undefined) return false;
    const timeout = setTimeout(() => {
      this.kill();
    }, startTimeoutMs);
    try {
      await new Promise<ExplorerRecord>((resolve, reject) => {
        this.#pending = { resolve, reject, onRecord: undefined };
      });
      return true;
    } catch {
      return false;
    } finally {
      clearTimeout(timeout);
    }
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  #receive(line: string): void {
    let record: ExplorerRecord;
    try {
      record = JSON.parse(line) as ExplorerRecord;
    } catch {
      // The last line of a process that was killed while it wrote; or the process is out of its mind, and no answer to
      // come can be trusted.
      this.kill();
      return;
    }
    if (record.kind === 'fatal') this.#fatal = record;
    else if (record.kind === 'at') this.#lastInvocation = record.invocation;
    else if (record.kind === 'progress') this.#pending?.onRecord?.(record);
    else {
      const pending = this.#pending;
      this.#pending = undefined;
      pending?.resolve(record);
    }
  }

  #end(how: string): void {
    this.#ended = how;
    const pending = this.#pending;
    this.#pending = undefined;
    // When memory runs out Node prints pages of its own, with one line in them that says so.
    const output = /^FATAL ERROR: .*$/m.exec(this.#errorOutput)?.[0] ?? this.#errorOutput.trim();
    pending?.reject(
      new ExplorerDied(
        `the explorer process ${how}${output === '' ? '' : `, printing:\n${output}`}`,
        this.#fatal,
        this.#lastInvocation,
      ),
    );
  }

  /**
   * Asks for one thing and waits for the answer.
   *
   * @param onRecord is told of progress meanwhile
   * @throws ExplorerDied if the process ends first
   */
  request(request: ExplorerRequest, onRecord?: (record: ExplorerRecord) => void): Promise<ExplorerRecord> {
    if (this.#ended !== undefined)
      return Promise.reject(new ExplorerDied(`the explorer process ${this.#ended}`, undefined, undefined));
    this.#lastInvocation = undefined;
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject, onRecord };
      this.#child.send(request, (error) => {
        // A child that died takes its pending request down in #end.
        if (error !== null && this.#ended === undefined) this.kill();
      });
    });
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
