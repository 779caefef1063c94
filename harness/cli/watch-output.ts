import type { EventEmitter } from 'node:events';

type Stream = Pick<EventEmitter, 'on'> & { write(text: string): unknown };

/** Whether everything could be printed. */
export interface OutputWatch {
  /** Something could not be printed although its reader was still there. */
  readonly hasFailed: boolean;
}

/**
 * Keeps the command running when a stream fails, for example because a disk is full or a terminal is gone. The failure is
 * reported once. A reader that stops reading (`| head`) is not a failure.
 */
export function watchOutput(stdout: Stream, stderr: Stream): OutputWatch {
  let hasFailed = false;
  const watch = (stream: Stream, tell: (reason: string) => void): void => {
    let isTold = false;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      hasFailed = true;
      if (isTold) return;
      isTold = true;
      tell(error.message);
    });
  };
  watch(stdout, (reason) => {
    stderr.write(`error: Cannot write to stdout: ${reason}. The rest of the output is lost. Send stdout elsewhere.\n`);
  });
  // There is no place to report this: a program may be reading stdout.
  watch(stderr, () => undefined);
  return {
    get hasFailed() {
      return hasFailed;
    },
  };
}
