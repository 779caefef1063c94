import { build, stop, type BuildOptions, type BuildResult } from 'esbuild';
import { HarnessError } from '../errors.js';

/**
 * Builds as esbuild does. Its work is done by a process of its own, which somebody or something may kill, such as a system
 * that is out of memory: then it is started again, once.
 *
 * @throws BuildFailure if the sources are to blame
 * @throws HarnessError if the process does not live long enough
 */
export async function buildSteadily<Options extends BuildOptions>(options: Options): Promise<BuildResult<Options>> {
  try {
    return await build<Options>(options as never);
  } catch (error) {
    if (!isEndOfService(error)) throw error;
    // All builds that were under way hear of the end at once: none has begun anew by now.
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

/** What it says of sources comes with `errors`; of its own end there are only words. */
function isEndOfService(error: unknown): boolean {
  return (
    error instanceof Error &&
    !('errors' in error) &&
    /^The service (?:was stopped|is no longer running)/.test(error.message)
  );
}
