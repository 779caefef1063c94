import type { MessagePort } from 'node:worker_threads';
import type { ProgramEntry } from '../../instrument/program-options.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { CodePlaces } from './known-code.js';
import type { CarriedThrown } from './thrown-transport.js';

/** A compiled program, as threads keep it. */
export interface LoadedProgram {
  readonly compiled: CompiledScenario;
  readonly places: CodePlaces;
}

/** What an agent asks of the watchdog, which owns the threads, while it waits. */
export type ServiceRequest =
  | { readonly kind: 'compile'; readonly entry: ProgramEntry; readonly isOffered: boolean }
  | { readonly kind: 'fetch'; readonly program: number }
  /** Starts a thread, unless it has been started, and gives it the other end of a channel. */
  | { readonly kind: 'connect'; readonly thread: number; readonly port: MessagePort }
  /** Lets Node itself check options of a thread. */
  | { readonly kind: 'check'; readonly execArgv: readonly string[]; readonly nodeOptions: string | undefined };

/** What it answers. */
export type ServiceReply =
  | { readonly kind: 'compiled'; readonly program: number }
  | { readonly kind: 'failed'; readonly thrown: CarriedThrown }
  | { readonly kind: 'program'; readonly program: LoadedProgram }
  | { readonly kind: 'done' };

/** What a thread receives without having asked. */
export type ServiceNotice =
  /** The channel to the agent that starts workers in this thread. */
  | { readonly kind: 'pipe'; readonly from: number; readonly port: MessagePort }
  /** The channels to the main agent of a thread that is a writer. */
  | { readonly kind: 'writer'; readonly controlPort: MessagePort; readonly messagePort: MessagePort }
  /** More code has been compiled: for the main agent, which reads results. */
  | { readonly kind: 'code'; readonly places: CodePlaces };

/** What the watchdog sends to the thread that compiles. */
export interface CompileRequest {
  readonly number: number;
  readonly entry: ProgramEntry;
  /** Whether code outside it asks for its modules. */
  readonly isOffered: boolean;
  readonly projectDirectory: string;
  readonly freshPackages: readonly string[];
  readonly external: readonly string[];
  /** The number of the program, for the names of its bundles. */
  readonly program: number;
  readonly firstSite: number;
}

/** What that thread answers. */
export type CompileReply =
  | { readonly number: number; readonly compiled: CompiledScenario }
  | { readonly number: number; readonly thrown: CarriedThrown };
