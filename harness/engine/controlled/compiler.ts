import { parentPort } from 'node:worker_threads';
import { UnresolvedImport, UsageError } from '../../errors.js';
import { compileProgram } from '../../instrument/bundle.js';
import { asEvaluated } from '../../instrument/evaluated-text.js';
import type { CompileReply, CompileRequest } from './services-protocol.js';
import { carryThrown } from './thrown-transport.js';

/*
 * The thread of an explorer that compiles the files of workers, when a program first starts them: all agents are threads that
 * sleep meanwhile, and compiling needs an event loop.
 */

/** What Node throws when it loads such a file; the message stays, since it says more. */
function asNodeThrows(error: unknown): unknown {
  if (error instanceof UnresolvedImport)
    return Object.assign(new Error(error.message), { code: 'ERR_MODULE_NOT_FOUND' });
  return error instanceof UsageError ? new SyntaxError(error.message) : error;
}

async function answer(request: CompileRequest): Promise<CompileReply> {
  const { number, entry, isOffered, projectDirectory, freshPackages, external, program, firstSite } = request;
  try {
    const compiled = await compileProgram({
      entry: asEvaluated(entry),
      isOffered,
      projectDirectory,
      freshPackages,
      external,
      bundleName: `threadmill-worker-${program}`,
      firstSite,
    });
    return { number, compiled };
  } catch (error) {
    return { number, thrown: carryThrown(asNodeThrows(error)) };
  }
}

parentPort?.on('message', (request: CompileRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
