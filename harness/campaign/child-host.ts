import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { showOutputArgument } from '../engine/command-line.js';

/** How long a child may take to start. */
const startTimeoutMs = 60_000;
/** How much of what a dying child printed is kept. */
const keptErrorOutput = 4_000;

/**
 * What a child writes, one line each: `ready`, `fatal` (why it is about to end), `at`, `progress` and `found`, which are passed
 * on as they come, or the answer to a request.
 */
interface ChildRecord {
  readonly kind: string;
}

interface Pending<Answer> {
  readonly resolve: (reply: Answer) => void;
  readonly reject: (error: Error) => void;
  readonly onReply: ((reply: Answer) => void) | undefined;
}

/** How a child ended in the middle of a request. */
export interface ChildEnd<Answer> {
  /** Such as `the explorer process was killed by SIGKILL, printing: ...`. */
  readonly how: string;
  /** What killed it; null if nothing did. */
  readonly signal: NodeJS.Signals | null;
  /** Its last reply, if it knew why. */
  readonly fatal: Answer | undefined;
  /** What it last announced that it would do. */
  readonly at: Answer | undefined;
}

/** A parent's handle on a child process that does one thing at a time and is not expected to survive errors. */
export class ChildHost<Request extends object, Answer extends ChildRecord> {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #died: (end: ChildEnd<Answer>) => Error;
  #pending: Pending<Answer> | undefined;
  #fatal: Answer | undefined;
  #at: Answer | undefined;
  #ended: string | undefined;
  #errorOutput = '';

  /**
   * Starts a child; `becomesReady` must follow.
   *
   * @param name what messages call it
   * @param command with its arguments
   * @param died makes the error for a request during which the child ended
   */
  constructor(
    name: string,
    [command = '', ...commandArguments]: readonly string[],
    died: (end: ChildEnd<Answer>) => Error,
    showOutput: boolean,
  ) {
    this.#name = name;
    this.#died = died;
    const output = showOutput ? 'inherit' : 'ignore';
    const child = spawn(command, [...commandArguments, ...(showOutput ? [showOutputArgument] : [])], {
      stdio: ['ignore', output, 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    if (showOutput) child.stderr?.pipe(process.stderr);
    this.#child = child;
    child.stderr?.on('data', (data: Buffer) => {
      this.#errorOutput = (this.#errorOutput + data.toString()).slice(-keptErrorOutput);
    });
    const replies = createInterface({ input: child.stdio[3] as Readable });
    replies.on('line', (line) => {
      this.#receive(line);
    });
    const closed = Promise.all([
      new Promise<void>((resolve) => replies.once('close', resolve)),
      new Promise<Pick<ChildEnd<Answer>, 'how' | 'signal'>>((resolve) => {
        child.once('exit', (code, signal) => {
          const how = signal === null ? `ended with exit code ${code}` : `was killed by ${signal}`;
          resolve({ how, signal });
        });
        child.once('error', (error) => {
          resolve({ how: `could not be started: ${error.message}`, signal: null });
        });
      }),
    ]);
    void closed.then(([, { how, signal }]) => {
      this.#end(how, signal);
    });
  }

  /** Waits until the child has started. Returns whether it did. */
  async becomesReady(): Promise<boolean> {
    if (this.#ended !== undefined) return false;
    const timeout = setTimeout(() => {
      this.kill();
    }, startTimeoutMs);
    try {
      await new Promise<Answer>((resolve, reject) => {
        this.#pending = { resolve, reject, onReply: undefined };
      });
      return true;
    } catch {
      return false;
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Why it failed to start. */
  get failure(): string {
    return `${this.#name} ${this.#ended ?? 'did not start'}\n${this.#errorOutput}`.trim();
  }

  get processId(): number | undefined {
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  #receive(line: string): void {
    let reply: Answer;
    try {
      reply = JSON.parse(line) as Answer;
    } catch {
      // The last line of a process that was killed while it wrote; or the process is corrupted, and none of its further
      // answers can be trusted.
      this.kill();
      return;
    }
    if (reply.kind === 'fatal') this.#fatal = reply;
    else if (reply.kind === 'at') this.#at = reply;
    else if (reply.kind === 'progress' || reply.kind === 'found') this.#pending?.onReply?.(reply);
    else {
      const pending = this.#pending;
      this.#pending = undefined;
      pending?.resolve(reply);
    }
  }

  #end(how: string, signal: NodeJS.Signals | null): void {
    this.#ended = how;
    const pending = this.#pending;
    this.#pending = undefined;
    // When memory runs out, Node prints pages of details, and one line of them says so.
    const output = /^FATAL ERROR: .*$/m.exec(this.#errorOutput)?.[0] ?? this.#errorOutput.trim();
    pending?.reject(
      this.#died({
        how: `${this.#name} ${how}${output === '' ? '' : `, printing:\n${output}`}`,
        signal,
        fatal: this.#fatal,
        at: this.#at,
      }),
    );
  }

  /**
   * Asks for one thing and waits for the answer. The result is rejected if the process ends first.
   *
   * @param onReply called with progress, and with what is found, until then
   */
  request(request: Request, onReply?: (reply: Answer) => void): Promise<Answer> {
    if (this.#ended !== undefined) {
      return Promise.reject(
        this.#died({ how: `${this.#name} ${this.#ended}`, signal: null, fatal: undefined, at: undefined }),
      );
    }
    this.#at = undefined;
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject, onReply };
      this.#child.send(request, (error) => {
        // If the child died, #end rejects its pending request.
        if (error !== null && this.#ended === undefined) this.kill();
      });
    });
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
