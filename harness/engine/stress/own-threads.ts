import { MessageChannel, Worker } from 'node:worker_threads';
import { processFile } from '../../entry-file.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import { typeScriptOf } from '../../instrument/source-files.js';
import { keptForPackages, madeByPackages } from './made-by-packages.js';
import type { ProgramThreadData } from './program-thread-data.js';

type WorkerArguments = ConstructorParameters<typeof Worker>;

/**
 * The threads that one agent's program starts itself. The harness cannot see what they do, so a waiting agent may be waiting for
 * one of them; and they outlive the execution unless they are ended.
 */
export class OwnThreads {
  /** The replacement of `Worker` in the scenario's own files. */
  readonly Worker: typeof Worker;
  /** And in packages. */
  readonly PackageWorker: typeof Worker;
  readonly #own = new Set<Worker>();
  readonly #ofPackages = new Set<Worker>();
  /** Threads whose events are no longer passed on. */
  readonly #released = new WeakSet<Worker>();

  /** TypeScript files that threads were started from. */
  readonly #compiled = new Map<string, CompiledScenario>();
  readonly #projectDirectory: string;

  /**
   * @param projectDirectory absolute
   * @param onChange called with the number of live threads whenever it changes
   */
  constructor(projectDirectory: string, onChange: (alive: number) => void) {
    this.#projectDirectory = projectDirectory;
    const fromSource = (values: WorkerArguments): WorkerArguments => this.#fromSource(values);
    const origin = { isPackage: false };
    const count = (): void => onChange(this.#own.size + this.#ofPackages.size);
    const started = (worker: Worker): void => {
      (origin.isPackage ? this.#ofPackages : this.#own).add(worker);
      count();
    };
    const hasEnded = (worker: Worker): void => {
      if (this.#own.delete(worker) || this.#ofPackages.delete(worker)) count();
    };
    const isReleased = (worker: Worker): boolean => this.#released.has(worker);
    class ProgramWorker extends Worker {
      static override readonly name = Worker.name;

      constructor(...values: WorkerArguments) {
        super(...fromSource(values));
        started(this);
      }

      // Not with a listener: the program may inspect the listeners, and remove them.
      override emit(event: string | symbol, ...values: unknown[]): boolean {
        if (event === 'exit') hasEnded(this);
        return !isReleased(this) && super.emit(event, ...values);
      }
    }
    this.Worker = ProgramWorker;
    this.PackageWorker = madeByPackages(ProgramWorker, origin);
  }

  /** A thread that is started from TypeScript begins with the harness's own file, which compiles it. */
  #fromSource([filename, options]: WorkerArguments): WorkerArguments {
    const file = options?.eval === true ? undefined : typeScriptOf(filename);
    if (file === undefined) return [filename, options];
    const { port1, port2 } = new MessageChannel();
    port1.once('message', (compiled: CompiledScenario) => this.#compiled.set(file, compiled));
    port1.unref();
    const workerData: ProgramThreadData = {
      file,
      projectDirectory: this.#projectDirectory,
      compiled: this.#compiled.get(file),
      reply: port2,
      workerData: options?.workerData as unknown,
    };
    const transferList = [...(options?.transferList ?? []), port2];
    return [processFile('program-thread', import.meta.url), { ...options, workerData, transferList }];
  }

  /**
   * Ends the threads that the scenario's own files started in the last execution; none of their events are passed on. Those of
   * packages stay, as their module state does.
   */
  reset(): void {
    for (const worker of [...this.#own, ...[...this.#ofPackages].slice(keptForPackages.threads)]) {
      this.#released.add(worker);
      void worker.terminate();
    }
  }
}
