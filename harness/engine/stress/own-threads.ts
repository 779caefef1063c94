import { Worker } from 'node:worker_threads';
import { keptForPackages, madeByPackages } from './made-by-packages.js';

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

  /** @param onChange called with the number of live threads whenever it changes */
  constructor(onChange: (alive: number) => void) {
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

      constructor(...values: ConstructorParameters<typeof Worker>) {
        super(...values);
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
