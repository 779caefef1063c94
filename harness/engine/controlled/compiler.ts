import { parentPort } from 'node:worker_threads';
import { compileProgram } from '../../instrument/bundle.js';
import { asEvaluated } from '../../instrument/evaluated-text.js';
import type { CompileReply, CompileRequest } from './services-protocol.js';
import { carryThrown } from './thrown-transport.js';

/*
 * The thread of an explorer that compiles the files of workers, when a program first starts them: all agents are threads that
 * sleep meanwhile, and compiling needs an event loop.
 */

async function answer(request: CompileRequest): Promise<CompileReply> {
  const { number, entry, isOffered, projectDirectory, freshPackages, program, firstSite } = request;
  try {
    const compiled = await compileProgram({
      entry: asEvaluated(entry),
      isOffered,
      projectDirectory,
      freshPackages,
      bundleName: `threadmill-worker-${program}`,
      firstSite,
    });
    return { number, compiled };
  } catch (error) {
    return { number, thrown: carryThrown(error) };
  }
}

parentPort?.on('message', (request: CompileRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
