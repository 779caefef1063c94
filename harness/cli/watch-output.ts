import type { EventEmitter } from 'node:events';

type Stream = Pick<EventEmitter, 'on'> & { write(text: string): unknown };

/** Whether everything could be printed. */
export interface OutputWatch {
  /** Some of it could not be, though there was somebody to read it. */
  readonly hasFailed: boolean;
}

/**
 * Keeps a stream that takes no more, because a disk is full or a terminal gone, from taking the work down with it: that is
 * said once, and the work goes on. Whoever reads may also stop reading (`| head`), which is no failure at all.
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
  // There is nowhere to say so: stdout may be for a program to read.
  watch(stderr, () => undefined);
  return {
    get hasFailed() {
      return hasFailed;
    },
  };
}
