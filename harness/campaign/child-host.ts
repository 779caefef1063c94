import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { showOutputArgument } from '../engine/command-line.js';

/** How long a child may take to start. */
const startTimeoutMs = 60_000;
/** How much of what a dying child printed is kept. */
const keptErrorOutput = 4_000;

/**
 * What a child writes, one line each: `ready`, `fatal` (why it will be gone), `at`, `progress` and `found`, which are told as
 * they come, or the answer to a request.
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
  /** Its last word, if it knew why. */
  readonly fatal: Answer | undefined;
  /** What it last said it was about to do. */
  readonly at: Answer | undefined;
}

/** A parent's handle on a child process that does one thing at a time and survives nothing. */
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
   * @param died makes the error of a request that the child did not survive
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

  /** Waits for the child to come up. Returns whether it did. */
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

  /** How it failed to come up. */
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
      // The last line of a process that was killed while it wrote; or the process is out of its mind, and no answer to
      // come can be trusted.
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
    // When memory runs out Node prints pages of its own, with one line in them that says so.
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
   * @param onReply is told of progress, and of what is found, meanwhile
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
