import { build, stop, type BuildOptions, type BuildResult } from 'esbuild';
import { HarnessError } from '../errors.js';

/**
 * Builds with esbuild. esbuild works in a separate process, which may be killed, for example by a system that is out of memory:
 * then it is started again, once.
 *
 * @throws BuildFailure if the sources are to blame
 * @throws HarnessError if the process does not live long enough
 */
export async function buildSteadily<Options extends BuildOptions>(options: Options): Promise<BuildResult<Options>> {
  try {
    return await build<Options>(options as never);
  } catch (error) {
    if (!isEndOfService(error)) throw error;
    // All running builds learn of the end at the same time: none has started again yet.
    await stop();
  }
  try {
    return await build<Options>(options as never);
  } catch (error) {
    if (!isEndOfService(error)) throw error;
    throw new HarnessError(
      'The esbuild process, which compiles scenarios, was killed or failed to start twice. Run again.',
      {
        cause: error,
      },
    );
  }
}

/** Errors in sources come with `errors`; the end of its own process comes with a message only. */
function isEndOfService(error: unknown): boolean {
  return (
    error instanceof Error &&
    !('errors' in error) &&
    /^The service (?:was stopped|is no longer running)/.test(error.message)
  );
}
